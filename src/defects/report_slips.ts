/**
 * Numbers that are reported in the place of others: of another row, of the step before, multiples.
 *
 * @module
 */

import type { Run } from "../../spec/rule.ts";

/** What is made of the numbers of a step, one per row. */
type Slip = (values: readonly number[], run: Run) => readonly number[];

const ofRow = (place: (row: number, rows: number) => number): Slip => (values) =>
  values.map((_, r) => values[place(r, values.length)]!);

const multiple = (factor: (run: Run) => number): Slip => (values, run) =>
  values.map((value) => factor(run) * value);

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** What may be reported instead, by words. */
const slips = {
  "half of what it should be": multiple(() => 0.5),
  "twice what it should be": multiple(() => 2),
  "what it should be over the root of the number of axes": multiple(({ call }) =>
    1 / Math.sqrt(call.axes)
  ),
  "that of the next row": ofRow((r, rows) => (r + 1) % rows),
  "that of the row before": ofRow((r, rows) => (r + rows - 1) % rows),
  "that of the row as far from the end": ofRow((r, rows) => rows - 1 - r),
  "that of the first row": ofRow(() => 0),
  "the mean of all rows": (values) => values.map(() => total(values) / values.length),
  "the sum of all rows": (values) => values.map(() => total(values)),
  "that of the step before, and its own in the first step": ofStepBefore(),
} satisfies Readonly<Record<string, Slip>>;

/** What may be reported in the place of an output or of a gradient norm, in words. */
export const reportSlips = Object.keys(slips) as readonly (keyof typeof slips)[];

/** The numbers of one step as a sampler reports them that takes others. */
export function slipped(
  slip: keyof typeof slips,
  run: Run,
  values: readonly number[],
): readonly number[] {
  return slips[slip](values, run);
}

function ofStepBefore(): Slip {
  const last = new WeakMap<Run, readonly number[]>();
  return (values, run) => {
    const before = last.get(run) ?? values;
    last.set(run, values);
    return before;
  };
}
