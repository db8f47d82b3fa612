import { assert } from "@std/assert";
import { officialTraces } from "../golden/load.ts";
import { defects, samplerWith } from "../src/defects/defects.ts";
import { predictEnd } from "./chain_end.ts";
import { observe } from "./observe.ts";
import { type Problem, type Rows } from "./problem.ts";

const traces = (await officialTraces()).filter(({ deviation }) => deviation === undefined);

/** The largest distance from the predicted end, in tolerances. */
function distance(problem: Problem, final: Rows): number {
  const distances = predictEnd(problem).flatMap((row, r) =>
    row.map(({ value, tolerance }, axis) =>
      Number.isNaN(value) ? 0 : Math.abs(final[r]![axis]! - value) / tolerance
    )
  );
  return Math.max(...distances);
}

Deno.test("every official chain ends where it must, well within the tolerance of a whole chain", () => {
  for (const { id, problem, recorded } of traces) {
    assert(distance(problem, recorded.final) < 0.5, id);
  }
});

Deno.test("the tolerance of a whole chain stays small, that of steep energies too", () => {
  for (const { id, problem } of traces) {
    if (id === "nan-gradient") continue; // Where that one ends is left open.
    const { min, max } = problem.settings.bounds;
    for (const row of predictEnd(problem)) {
      row.forEach(({ value, tolerance }, axis) => {
        const range = max[axis]! - min[axis]!;
        assert(Number.isNaN(value) || tolerance < 1e-3 * (range + Math.abs(value)), id);
      });
    }
  }
});

Deno.test("a chain with a defect that shows ends elsewhere", async () => {
  const trace = traces.find(({ id }) => id === "default-coupled-2d")!;
  for (const id of ["half-missing", "noise-nine-tenths", "schedule-linear"]) {
    const defect = defects.find((defect) => defect.id === id)!;
    const sampler = observe(samplerWith(defect.change, { name: id }));
    const sample = await sampler.prepare(trace.problem.settings);
    const { final } = await sample.sample(trace.problem);
    assert(distance(trace.problem, final) > 100, id);
  }
});
