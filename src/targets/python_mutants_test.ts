/**
 * The known defects once more, as samplers in Python behind the wire. All of them are tried by
 * `deno task matrix`; here it is one or two of each part of the rule.
 */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { problemOf } from "../../properties/arbitraries.ts";
import { type Change, defectOf, equivalents, factors, samplerWith } from "../defects/defects.ts";
import { observe } from "../../spec/observe.ts";
import { officialDefaults, type Problem } from "../../spec/problem.ts";
import { normalDraws } from "../../spec/numerics/random.ts";
import type { Target } from "../../spec/sampler.ts";
import type { Trajectory } from "../../spec/trajectory.ts";
import { testNeeding } from "../fixtures/needing.ts";
import { fewOf } from "../fixtures/sweep.ts";
import { findPython, openRule, pythonDiagnosis } from "../fixtures/python_rule.ts";

/** What goes over the wire in ways of its own: failures, NaN, memory, arrays, reports, formats. */
const sample = [
  "gradient-averaged-over-rows",
  "gradient-accumulates-over-calls",
  "observations-tiled",
  "exp-of-energy",
  "grad-clip-zero-is-none",
  "textbook-noise",
  "noise-student",
  "noise-antithetic",
  "noise-same-every-call",
  "noise-after-delta-clip",
  "delta-clip-by-unit-norm",
  "bounds-reject-row",
  "exponential-keeps-state",
  "one-step-throws",
  "one-step-not-a-number",
  "steps-one-more",
  "caller-overwritten",
  "returns-sorted",
  "grad-norm-over-rows",
  "float16",
];

const python = await findPython();

/** A test that needs an interpreter. */
function testInPython(name: string, body: (python: string) => Promise<void>): void {
  testNeeding("Python 3.9", python, name, ({ command }) => body(command));
}

/** What a diagnosis names, and whether that is certain. */
async function namedIn(python: string, change: Change): Promise<unknown> {
  const { defects, unexplained } = await pythonDiagnosis(python, change);
  return { unexplained, defects: defects.map(({ id, certain }) => ({ id, certain })) };
}

Deno.test("the sample of defects in Python has one of every part of the rule that is measured", () => {
  // Which settings a call goes by is seen by sequences of calls, and not by the measurement.
  const measured = Object.keys(factors).filter((factor) => factor !== "settings");
  assertEquals(new Set(sample.map((id) => defectOf(id)!.factor)), new Set(measured));
});

testInPython("a defect in Python is named, alone and for certain", async (python) => {
  const found: Record<string, unknown> = {}, wanted: Record<string, unknown> = {};
  for (const id of fewOf(sample, 1)) {
    found[id] = await namedIn(python, defectOf(id)!.change);
    wanted[id] = { unexplained: undefined, defects: [{ id, certain: true }] };
  }
  assertEquals(found, wanted);
});

testInPython("nothing is said of the rule in Python, nor of its equivalents", async (python) => {
  for (const change of fewOf([{}, ...equivalents.map(({ change }) => change)], 1)) {
    const found = await namedIn(python, change);
    assertEquals(found, { unexplained: undefined, defects: [] }, JSON.stringify(change));
  }
});

async function run(target: Target, problem: Problem): Promise<Trajectory> {
  return await (await target.prepare(problem.settings)).sample(problem);
}

testInPython(
  "a sampler in Python runs on the tape, and behind its end on the seed",
  async (python) => {
    const draws = [[[1, -0.5]], [[0.25, 2]]];
    const problem = problemOf({
      energy: "0*a1 + 0*a2",
      settings: {
        ...officialDefaults,
        steps: 6,
        schedule: { kind: "polynomial", init: 1, final: 1, power: 1 },
        bounds: { min: [-1000, -1000], max: [1000, 1000] },
        deltaClip: 1,
      },
      initial: [[0, 0]],
      noise: { kind: "tape", draws },
      seed: 2 ** 40 - 11,
    });
    await using target = await openRule(python, {});
    const trajectory = await run(target, problem);
    const points = [[0, 0], ...trajectory.chain!.actions!.map(([row]) => row!)];
    const own = normalDraws(problem.seed);
    const wanted = [...draws.flat(), ...Array.from({ length: 4 }, () => [own(), own()])];
    for (const [k, row] of wanted.entries()) {
      const step = row.map((_, i) => points[k]![i]! - points[k + 1]![i]!);
      assertAlmostEquals(step[0]!, row[0]!, 1e-12);
      assertAlmostEquals(step[1]!, row[1]!, 1e-12);
    }
    assertEquals(trajectory.draws, 6);
    const served = [{ shape: [1, 2], what: "problem.noise()", times: 6 }];
    assertEquals(trajectory.served, served);
  },
);

/** Formulas that leave the domain of a function somewhere on the grid of a0 and hi. */
const edges = [
  "a0 / hi",
  "a0 ^ hi",
  "a0 ^ 2 + a0 ^ 3 + a0 ^ 4",
  "0 ^ a0",
  "sqrt(a0)",
  "log(a0)",
  "exp(a0)",
  "cosh(a0) + cosh(hi)",
  "sinh(a0)",
  "tanh(a0)",
  "sin(a0) + cos(hi)",
  "floor(a0)",
  "sign(a0)",
  "abs(a0)",
  "-a0 - hi",
  "a0 * hi",
  "min(a0, hi)",
  "max(a0, hi, 1)",
  "where(a0, hi, 3)",
];

testInPython(
  "a formula is the same number in Python, NaN and infinity included",
  async (python) => {
    const values = [-Infinity, -1000, -2, -1, -0.5, -0, 0, 0.5, 1, 3, 401, Infinity, NaN];
    const pick = edges.slice(0, -1).reduceRight(
      (rest, formula, k) => `where(k - ${k}.5, ${rest}, ${formula})`,
      edges.at(-1)!,
    );
    const problem = problemOf({
      energy: "0*a1",
      settings: {
        ...officialDefaults,
        steps: edges.length,
        bounds: { min: values.map(() => 0), max: values },
      },
      initial: values.map((a) => values.map(() => a)),
    });
    const change = { result: pick };
    await using target = await openRule(python, change);
    const found = (await run(target, problem)).chain!.actions!;
    const wanted = (await run(observe(samplerWith(change)), problem)).chain!.actions!;
    for (const [k, formula] of edges.entries()) {
      for (const [r, a0] of values.entries()) {
        for (const [i, hi] of values.entries()) {
          const one = found[k]![r]![i]!, other = wanted[k]![r]![i]!;
          const near = Number.isFinite(other) && Math.abs(one - other) <= 1e-15 * Math.abs(other);
          assert(
            Object.is(one + 0, other + 0) || near,
            `${formula} with a0 = ${a0}, hi = ${hi}: ${one} and ${other}`,
          );
        }
      }
    }
  },
);
