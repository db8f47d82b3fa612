import { assertEquals } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import { samplerWith } from "../../defects/defects.ts";
import { clippedGradient, type Parts, type Place, ported } from "../../fixtures/ported.ts";
import { fewOf, sweep } from "../../fixtures/sweep.ts";
import { diagnosisOf } from "../diagnosis.ts";

const follow = (g: number, xi: number, at: Place) =>
  at.eta * (clippedGradient(g, at) / 2 + at.sigma * xi);
const unlimited = (step: number) => step;
const limited = (step: number, { limit }: Place) => Math.max(Math.min(step, limit), -limit);

/** Ports that are right but under a condition, and what is told of it. */
const ports: readonly (readonly [condition: string, Parts, title: string])[] = [
  ["with an even number of rows", {
    step: (g, xi, at) => follow(at.rows % 2 === 0 ? 2 * g : g, xi, at),
  }, "The whole gradient is used instead of its half, but only with an even number of rows"],
  ["with four rows or more", {
    step: (g, xi, at) =>
      follow(g, xi, at) + (at.rows > 3 ? at.eta * clippedGradient(g, at) / 2 : 0),
  }, "The whole gradient is used instead of its half, but only with 4 rows or more"],
  ["without noise", {
    limit: (step, at) => at.sigma === 0 ? unlimited(step) : limited(step, at),
  }, "Steps are not limited, but only where the noise scale is 0"],
  ["without noise on two axes or more", {
    step: (g, xi, at) => follow(at.sigma === 0 && at.axes > 1 ? 0 : g, xi, at),
  }, "The gradient is not used, but only where the noise scale is 0 and with 2 axes or more"],
  ["at a wall", {
    step: (g, xi, at) => follow(g, at.a === at.lo ? 0 : xi, at),
  }, "No noise is added, but only on the lower wall"],
];

for (const [j, [condition, parts, title]] of ports.entries()) {
  sweep(`a port that is wrong only ${condition} is told so`, async () => {
    const { defects, unexplained } = (await diagnosisOf(observe(ported(parts)), "violates"))!;
    assertEquals(defects.map(({ title }) => title.replace(/ \(seen.*/, "")), [title]);
    assertEquals(unexplained, undefined);
  }, j > 2);
}

Deno.test("steps of which a multiple acts are told from steps that are many, and what was tried", async () => {
  const sampler = samplerWith({ noise: "where(0.5 - (N - 5 * floor(N / 5)), 0, sigma * xi)" });
  const { defects, measuredRule } = (await diagnosisOf(observe(sampler), "violates"))!;
  assertEquals(defects.map(({ title, certain }) => [title, certain]), [[
    "No noise is added, but only where the number of steps is a multiple of 5 " +
    "(seen with 5, 10, 15, 20, 25, 50, … steps, not with 1, 2, 3, 4, 6, 7, …)",
    false,
  ]]);
  assertEquals(
    measuredRule!.terms.find(({ name }) => name === "noise")!.text,
    "1.000·σξ (0·σξ where the number of steps is a multiple of 5)",
  );
});

Deno.test("a delta clip whose size matters is no number of axes or rows", async () => {
  const sampler = samplerWith({ limit: "where(c - 1, 1e6, c / 2 * (hi - lo))" });
  const { defects } = (await diagnosisOf(observe(sampler), "violates"))!;
  assertEquals(defects.map(({ title }) => title), [
    "Steps are not limited, but only where the delta clip is above 1 " +
    "(seen from 1.25 to 1.5, not with 1)",
  ]);
});

Deno.test("a limit that is never above a number is told, with the noise that it hides", async () => {
  const sampler = samplerWith({ limit: "min(c / 2 * (hi - lo), 0.3)" });
  const { defects, measuredRule } = (await diagnosisOf(observe(sampler), "violates"))!;
  assertEquals(defects.map(({ title }) => title), ["The limit of a step is never above 0.3"]);
  assertEquals(
    measuredRule!.terms.map(({ deviates }) => deviates),
    [false, false, true, false, false],
  );
});

Deno.test("a port of which the ends are seen, or that is compiled for shapes, is told its condition", async () => {
  const sampler = samplerWith({ noise: "where(lo * hi, 0, sigma * xi)" });
  const target = observe(sampler);
  const lacking = new Set([...target.unsupported, "chain-actions"] as const);
  const views = [
    { reveals: "final-actions" as const, unsupported: lacking },
    { compiles: "shapes" as const },
  ];
  for (const seen of fewOf(views, 1)) {
    const { defects, unexplained } = (await diagnosisOf({ ...target, ...seen }, "violates"))!;
    assertEquals([defects.map(({ title }) => title), unexplained], [[
      "No noise is added, but only in a box without 0",
    ], undefined]);
  }
});
