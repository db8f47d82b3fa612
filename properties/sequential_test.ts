import { assert, assertEquals } from "@std/assert";
import { normalDraws, uniform } from "../spec/numerics/random.ts";
import {
  drawsForShape,
  drawsForShift,
  leastCount,
  powerTable,
  scalePower,
  shapes,
  sharedDeviation,
  sharePower,
  shiftPower,
  smallestEffect,
} from "./power.ts";
import { gatherEvidence, scaleDivergence, sequentially, stageThresholds } from "./sequential.ts";

Deno.test("stages spend the level evenly, and end clear cases at once", async () => {
  const [first, second, , , last] = stageThresholds({ level: 5e-8 });
  assert(Math.abs(first!.reject / 1e-8 - 1) < 1e-12);
  assert(Math.abs(second!.reject / 3.98e-7 - 1) < 1e-3);
  assert(Math.abs(last!.reject / 2.51e-2 - 1) < 1e-3);
  const at = async (...pValues: number[]) => {
    const { rejected, stages } = await sequentially(
      { level: 5e-8 },
      (stage) => Promise.resolve({ pValue: pValues[stage]! }),
    );
    return [rejected, stages];
  };
  assertEquals(await at(0.4), [false, 1]);
  assertEquals(await at(1e-9), [true, 1]);
  assertEquals(await at(1e-3, 1e-7), [true, 2]);
  assertEquals(await at(0.01, 0.02, 0.5), [false, 3]);
  assertEquals(await at(0.02, 0.02, 0.02, 0.02, 0.03), [false, 5]);
});

Deno.test("uniform p-values are rejected at the level, neither more nor less", async () => {
  const draw = uniform(5), level = 0.05;
  let rejections = 0;
  for (let run = 0; run < 40000; run++) {
    const { rejected } = await sequentially({ level }, () => Promise.resolve({ pValue: draw() }));
    if (rejected) rejections++;
  }
  // 2000 are expected, with a standard deviation of 44.
  assert(rejections > 1800 && rejections < 2200, `${rejections}`);
});

Deno.test("evidence against correct noise rarely grows", () => {
  const draw = normalDraws(11);
  let reached = 0;
  for (let run = 0; run < 1000; run++) {
    const evidence = gatherEvidence();
    for (let n = 0; n < 200; n++) evidence.add(draw());
    if (evidence.most >= Math.log(20)) reached++;
  }
  assert(reached <= 70, `${reached}`);
});

Deno.test("noise scaled by 0.9 is found at 1e-9 with at most 1.25 times the least mean number of draws", () => {
  const draw = normalDraws(12), goal = Math.log(1e9);
  let total = 0;
  const runs = 150;
  for (let run = 0; run < runs; run++) {
    const evidence = gatherEvidence();
    do total++; while (evidence.add(0.9 * draw()) < goal);
  }
  const least = goal / scaleDivergence(0.9);
  assert(Math.abs(least - 2000) < 1);
  assert(total / runs < 1.25 * least, `${total / runs}`);
});

Deno.test("sample sizes are those of the exact tests", () => {
  const level = 1e-9;
  const scaled = [0.5, 0.8, 0.9, 1.1, 2].map((s) => leastCount((n) => scalePower(s, n, level)));
  assertEquals(scaled, [93, 766, 3310, 3809, 62]);
  assertEquals([0.25, 0.5, 1, 2, 4].map((g) => drawsForShift(g / 2, level)), [
    4555,
    1139,
    285,
    72,
    18,
  ]);
  const groups = [16, 256, 1024].map((m) =>
    leastCount((count) => scalePower(sharedDeviation(1, m), count, level))
  );
  assertEquals(groups, [14, 4, 3]);
  const counted = shapes.map((shape) => drawsForShape(shape, level));
  assertEquals(counted.map((c) => c.test), [
    "tails",
    "tails",
    "middle",
    "middle",
    "middle",
    "middle",
  ]);
  const published = [461, 461, 45, 1143, 3524, 9806];
  counted.forEach(({ count }, i) => assert(Math.abs(count / published[i]! - 1) < 0.01, `${count}`));
});

Deno.test("power without an effect is the level, and grows with the effect", () => {
  assert(Math.abs(scalePower(1, 1000, 1e-4) / 1e-4 - 1) < 1e-9);
  assert(Math.abs(shiftPower(0, 1000, 1e-4) / 1e-4 - 1) < 1e-9);
  assert(sharePower(0.5, 0.5, 1000, 1e-2) <= 1e-2);
  const least = smallestEffect((e) => shiftPower(e, 1000, 1e-6), 10)!;
  assert(Math.abs(shiftPower(least, 1000, 1e-6) - 0.99) < 1e-9);
  assertEquals(smallestEffect((e) => shiftPower(e, 2, 1e-9), 0.1), null);
  for (const line of powerTable({ draws: 10240, level: 2e-9 })) {
    assert(line.power >= 0 && line.power <= 1, line.effect);
    assertEquals(line.drawsNeeded <= 10240, line.power >= 0.985, line.effect);
  }
});
