import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { calmSettings, problemOf } from "../properties/arbitraries.ts";
import { charts, inChart } from "../src/fixtures/other_coordinates.ts";
import { predictEnd } from "./chain_end.ts";
import { observe } from "./observe.ts";
import { agrees, gradientAt, gradNormAt, outputAt, predictStep } from "./oracle.ts";
import type { GradNorm, Problem } from "./problem.ts";
import { isAt, pathOf } from "./readings.ts";

const normOf = (energy: string, point: readonly number[], gradNorm: GradNorm) =>
  gradNormAt(
    problemOf({
      energy,
      settings: calmSettings(2, { gradNorm }),
      initial: [[...point]],
    }),
    0,
    point,
  ).value;

Deno.test("the norm of a gradient is that of its order", () => {
  const found = ([null, "1", "2", "inf"] as const).map((order) =>
    normOf("3*a1 - 4*a2", [0, 0], order)
  );
  assertEquals(found, [0, 7, 5, 4]);
});

Deno.test("of an infinity and a NaN the norm is NaN, of an infinity infinite", () => {
  for (const order of ["1", "2"] as const) {
    assertEquals(normOf("1/a1 + sqrt(a2)", [0, -1], order), NaN);
    assertEquals(normOf("1/a1 + a2", [0, 1], order), Infinity);
  }
});

Deno.test("the norm of a gradient whose square is too large for a number is finite", () => {
  assertAlmostEquals(normOf("3e200*a1 + 4e200*a2", [0, 0], "2") / 5e200, 1, 1e-12);
});

/** Three quarters of a, and exp(-3a/4) where that is asked for: nothing rounds but the exponential. */
const exponentiated = (applyExp: boolean) =>
  problemOf({
    energy: "0.75*a1",
    settings: calmSettings(1, { applyExp }),
    initial: [[1]],
  });

const unit = 2 ** -24;

Deno.test("the gradient of exp(-E) is -exp(-E) times that of E, to a few roundings", () => {
  const [plain] = gradientAt(exponentiated(false), 0, [1]);
  assertEquals(plain!.value, 0.75);
  const [gradient] = gradientAt(exponentiated(true), 0, [1]);
  assertAlmostEquals(gradient!.value, 0.75 * Math.exp(-0.75), 1e-15);
  const roundings = gradient!.tolerance / (unit * gradient!.value);
  assert(roundings >= 2 && roundings <= 16, `${roundings} roundings`);
});

Deno.test("an output is the energy, its negative or its exponential, to a few roundings", () => {
  const energy = outputAt(exponentiated(false), 0, [1], "energy");
  const logits = outputAt(exponentiated(false), 0, [1], "logits");
  assertEquals([energy.value, logits.value], [0.75, -0.75]);
  for (const returns of ["energy", "logits"] as const) {
    const { value, tolerance } = outputAt(exponentiated(true), 0, [1], returns);
    assertAlmostEquals(value, Math.exp(-0.75), 1e-15);
    for (const [size, slack] of [[value, tolerance], [0.75, energy.tolerance]] as const) {
      const roundings = slack / (unit * size);
      assert(roundings >= 1 && roundings <= 16, `${roundings} roundings`);
    }
  }
});

const coordinates = { ofBounds: 16, ofOwn: 1e-6 };
/** Small steps in a wide box. */
const inWideBox: Problem = {
  ...problemOf({
    energy: "0.375*(a1 - 1)^2 - 0.25*a2",
    settings: calmSettings(2, { steps: 4, bounds: { min: [-47.5, 3], max: [80, 900] } }),
    initial: [[0.3, 5.7], [-11.3, 83.1], [41.7, 800.3]].map((row) => row.map(Math.fround)),
  }),
  coordinates,
};

/** Whether every step of a chart, its start and its end are within the tolerances of a problem. */
async function follows(problem: Problem, chart: keyof typeof charts) {
  const target = observe({ name: chart, ...inChart(charts[chart]) });
  const seen = await (await target.prepare(problem.settings)).sample(problem);
  const path = pathOf(problem, seen), end = predictEnd(problem);
  if (path.kind !== "known") return { steps: false, start: false, end: false };
  const near = (found: readonly (readonly number[])[], step: number) =>
    predictStep(problem, step, path.points[step]!).every((row, r) =>
      row.every(({ terms, tolerance }, i) => agrees(found[r]![i]!, terms.result, tolerance))
    );
  return {
    steps: path.points.slice(1).every((found, step) => near(found, step)),
    start: isAt(path.points[0]!, problem.initial, problem),
    end: end.every((row, r) =>
      row.every(({ value, tolerance }, i) => agrees(seen.final[r]![i]!, value, tolerance))
    ),
  };
}

Deno.test("chains in other coordinates stay within the tolerances of a problem that says so, and of no other", async () => {
  const { coordinates: _, ...plain } = inWideBox;
  for (const chart of Object.keys(charts) as (keyof typeof charts)[]) {
    assertEquals(await follows(inWideBox, chart), { steps: true, start: true, end: true }, chart);
    const without = await follows(plain, chart);
    assertEquals(without.start && without.steps, false, chart);
  }
});
