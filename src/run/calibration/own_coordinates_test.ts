import { assert, assertEquals } from "@std/assert";
import { officialTraces } from "../../../golden/load.ts";
import { replayTarget } from "../../../golden/replay.ts";
import { observe } from "../../../spec/observe.ts";
import { uniform } from "../../../spec/numerics/random.ts";
import type { Sampler } from "../../../spec/sampler.ts";
import type { OwnCoordinates } from "../../../spec/tolerance.ts";
import { diagnose } from "../../diagnosis/diagnose.ts";
import { clamp, correctSamplers, loop, plainly } from "../../fixtures/correct_samplers.ts";
import {
  charts,
  inChart,
  inOtherCoordinates,
  thereAndBack,
} from "../../fixtures/other_coordinates.ts";
import { lightRun } from "../../fixtures/sweep.ts";
import { calibrate } from "./calibrate.ts";
import { judge } from "../judge.ts";
import { aboutCoordinates } from "./own_coordinates.ts";

const found = async (style: Omit<Sampler, "name">): Promise<OwnCoordinates | undefined> =>
  (await calibrate(observe({ name: "sampler", ...style }))).target.coordinates;

Deno.test("how coordinates round is told from a chain that rests, with numbers of the box or of its own", async () => {
  for (const [name, style] of Object.entries(inOtherCoordinates)) {
    const coordinates = await found(style), ofOwn = name.includes("deviation of its data");
    assertEquals([coordinates !== undefined, coordinates!.ofOwn > 0], [true, ofOwn], name);
    assertEquals(aboutCoordinates({ coordinates: coordinates! }).length, 1);
  }
});

Deno.test("samplers that keep actions as they are have no coordinates of their own", async () => {
  for (
    const { name, ...style } of correctSamplers.filter(({ name }) => /float|tensor/.test(name))
  ) {
    assertEquals(await found(style), undefined, name);
  }
});

/** The rule, after every step of which each action is moved a little; how much may depend on the call. */
function nudged(by: (a: number, next: () => number) => number) {
  let call = 0;
  return loop({
    draws: ({ noise }) => {
      call++;
      return () => noise.draw();
    },
    move: (a, g, xi, at) => Math.fround(plainly(a, g, xi, at) + by(a, uniform(call * 1e6 + a))),
  });
}

Deno.test("what a fault does to a chain that rests is not taken for rounding", async () => {
  const faults: Readonly<Record<string, Parameters<typeof nudged>[0]>> = {
    "a constant": () => 1e-6,
    "a constant of a few last digits": () => 3e-7,
    "a decay of actions": (a) => -4e-7 * a,
    "noise that stays on": (_, next) => 2e-6 * (next() - 0.5),
    "rounding to a coarse grid": (a) => Math.round(a * 512) / 512 - a,
    "rounding down to a fine one": (a) => Math.floor(a * 2 ** 18) / 2 ** 18 - a,
  };
  for (const [name, by] of Object.entries(faults)) {
    assertEquals(await found(nudged(by)), undefined, name);
  }
});

const box = charts["places from -1 to 1"];

Deno.test("wrong bounds move some axes far, and the others tell how it rounds", async () => {
  const inUnitBox = loop({
    move: (a, g, xi, at) => clamp(thereAndBack(plainly(a, g, xi, at), at.low, at.high), -1, 1),
  });
  assertEquals((await found(inUnitBox))?.ofBounds, 16);
  assertEquals(await found(inChart(box, { walls: 0 })), undefined);
});

Deno.test("a sampler in other coordinates agrees with the official traces", async () => {
  const { target } = await calibrate(observe({ name: "box", ...inChart(box) }));
  const few = (await officialTraces()).filter((_, j) => j % 6 === 0);
  const replays = await Promise.all(few.map((trace) => replayTarget(trace, target)));
  assertEquals(replays.filter(({ verdict }) => verdict === "disagrees"), []);
});

Deno.test("a fault in other coordinates is found and named as in plain ones", async () => {
  const limited = observe({ name: "limit", ...inChart(box, { limit: 1.01 }) });
  const { clauses } = await judge(limited, { ...lightRun, clauses: ["delta-clip/limits-step"] });
  const violated = clauses.filter(({ verdict }) => verdict === "violated").map(({ id }) => id);
  assertEquals(violated, ["delta-clip/limits-step"]);
  const { defects } = await diagnose((await calibrate(limited)).target);
  assertEquals(defects.map(({ title }) => title), [
    "The limit of a step is 1.01 times what it should be",
  ]);
  const wider = observe({ name: "walls", ...inChart(box, { walls: 1.5 }) });
  const named = await diagnose((await calibrate(wider)).target);
  assert(named.defects.length > 0 && named.unexplained === undefined);
});

Deno.test("figures of a sampler in other coordinates are those of the rule", async () => {
  for (const [name, chart] of Object.entries(charts)) {
    const { target } = await calibrate(observe({ name, ...inChart(chart) }));
    const { defects, influences, measured, unexplained } = await diagnose(target);
    const off = measured?.terms.filter(({ deviates }) => deviates !== false);
    assertEquals([defects, influences, unexplained, off], [[], [], undefined, []], name);
  }
});
