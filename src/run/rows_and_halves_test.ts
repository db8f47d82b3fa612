/** What is wrong with some rows only, or with the precision of draws, is told by a clause that fits. */

import { assertEquals, assertMatch } from "@std/assert";
import { clauses } from "../../properties/clauses.ts";
import { calmProblem } from "../../properties/arbitraries.ts";
import { plainFinding } from "../../properties/finding.ts";
import { roundedFinding } from "../../properties/steps.ts";
import type { Rows } from "../../spec/problem.ts";
import { observe } from "../../spec/observe.ts";
import type { Sampler, Target } from "../../spec/sampler.ts";
import { few, loop, plainly, stepped } from "../fixtures/correct_samplers.ts";
import type { Trajectory } from "../../spec/trajectory.ts";
import { judge } from "./judge.ts";

const empty: Trajectory = { evaluations: [], final: [], draws: 0, initialAfter: [] };

async function violatedBy(style: Omit<Sampler, "name">) {
  const report = await judge(observe({ name: "a style", ...style }), {
    profile: "quick",
    diagnosis: "none",
    golden: [],
    clauses: clauses.map(({ id }) => id).filter((id) => !id.startsWith("energy/")),
  });
  return report.clauses.filter(({ verdict }) => verdict === "violated")
    .map(({ id, counterexample }) => [id, counterexample?.message ?? ""] as const);
}

for (const size of [8, 12]) {
  Deno.test(`rows that are left over of blocks of ${size} do not move, and that is told`, async () => {
    const [[id, message] = ["", ""], ...others] = await violatedBy({
      networkReturns: "energy",
      unsupported: few,
      prepare: (s) => ({ initial, network, noise }) => {
        const whole = Math.max(size, initial.length - initial.length % size);
        let x: Rows = initial;
        for (let k = 0; k < s.steps; k++) {
          const next = stepped(s, k, x, network.gradient(x), noise.draw(), plainly);
          x = next.map((row, r) => r < whole ? row : initial[r]!);
        }
        return x;
      },
    });
    assertEquals([id, others], ["drift/own-row", []]);
    assertMatch(message, /does not move; alone it moves to/);
  });
}

/** A sampler whose network is asked in bfloat16, and that says so, as an adapter does. */
function askedInBfloat16(factor: number): Target {
  const coarse = (x: number) => {
    const unit = x === 0 ? 1 : 2 ** (Math.floor(Math.log2(Math.abs(x))) - 7);
    return Math.round(x / unit) * unit;
  };
  const target = observe({
    name: "a style",
    networkReturns: "energy",
    unsupported: few,
    prepare: (s) => ({ initial, network, noise }) => {
      let x: Rows = initial;
      for (let k = 0; k < s.steps; k++) {
        const gradient = network.gradient(x.map((row) => row.map(coarse)));
        const g = gradient.map((row) => row.map((slope) => factor * coarse(slope)));
        x = stepped(s, k, x, g, noise.draw(), plainly);
      }
      return x;
    },
  });
  return {
    ...target,
    async prepare(settings) {
      const { sample } = await target.prepare(settings);
      return { sample: async (problem) => ({ ...await sample(problem), coarse: "bfloat16" }) };
    },
  };
}

for (const clause of ["drift/half", "step/exact", "steps/precision"] as const) {
  Deno.test(`a network that is asked in bfloat16 breaks steps/precision, and not ${clause}`, async () => {
    const options = { profile: "quick", golden: [], clauses: [clause] } as const;
    const report = await judge(askedInBfloat16(1), options);
    const violated = report.clauses.filter(({ verdict }) => verdict === "violated");
    assertEquals(violated.map(({ id }) => id), ["steps/precision"]);
    assertEquals(report.diagnosis?.defects.map(({ title }) => title), [
      "The network is asked in bfloat16",
    ]);
  });
}

Deno.test("what deviates by more than rounding in bfloat16 stays what it is", () => {
  const problem = calmProblem({ energy: [0.5], steps: 1, stepSize: 0.5, initial: [[0.5]] });
  const runs = [{ problem, trajectory: { ...empty, coarse: "bfloat16" } }];
  const found = (actual: number) =>
    roundedFinding(plainFinding(problem, "", { expected: 0.375, actual }), runs).instead;
  assertEquals([found(0.376), found(NaN), found(0.25)], [
    "steps/precision",
    "steps/precision",
    undefined,
  ]);
});

Deno.test("draws in half precision break the clause on precision", async () => {
  const half = (x: number) => {
    const unit = x === 0 ? 1 : 2 ** (Math.floor(Math.log2(Math.abs(x))) - 10);
    return Math.round(x / unit) * unit;
  };
  const found = await violatedBy(loop({
    draws: ({ noise }) => () => noise.draw().map((row) => row.map(half)),
  }));
  assertEquals(found.map(([id]) => id), ["steps/precision"]);
  assertMatch(found[0]![1], /The noise of step \d+, row \d+, axis \d+ is .* in half precision/);
});
