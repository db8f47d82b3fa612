import { assert, assertEquals } from "@std/assert";
import { allNoiseTests } from "../properties/battery.ts";
import { calibrate, sequentialFigures, simulatePower, smallTests } from "./calibration.ts";

Deno.test("the calibration page reports no false alarm, and every test of the battery", async () => {
  const page = await Deno.readTextFile(new URL("calibration.md", import.meta.url));
  assert(page.includes("10,000 seeded runs"));
  assert(page.includes("**False alarms: 0**"));
  for (const test of [...allNoiseTests, ...smallTests]) {
    assert(page.includes(`\n| ${test} | `), test);
  }
});

Deno.test("a few runs of the calibration find nothing on correct samplers", async () => {
  const { combined, pValues, outside, atoms } = await calibrate(20);
  assertEquals([combined.length, outside], [20, 0]);
  assertEquals([...pValues.keys()], [...allNoiseTests, ...smallTests]);
  assert(Math.min(...combined) > 1e-4);
  assert(atoms > 0.2 && atoms < 0.6);
});

Deno.test("the simulated power is 0 without a defect and 1 for a gross one", () => {
  const power = simulatePower(1, [128]);
  const of = (defect: string) => power.find((p) => p.defect === defect)!.power[0]!;
  assertEquals(of("none"), [0, 0]);
  assertEquals(of("shared by all rows"), [1, 1]);
  assertEquals(of("no noise in the last step"), [1, 1]);
});

Deno.test("the sequential figures stay near the least mean number of draws", () => {
  for (const { limit, mean, effect } of sequentialFigures(40, [0.5, 0.8])) {
    assert(mean > 0.8 * limit && mean < 1.5 * limit, effect);
  }
});
