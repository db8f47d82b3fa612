/**
 * Whether figures were rounded to half precision.
 *
 * @module
 */

import { roundToBfloat16, roundToFloat16 } from "../../../spec/numerics/floats.ts";

/** The formats of half the size, with the binary digits of their significands. */
const formats = [
  { name: "bfloat16", digits: 8, round: roundToBfloat16 },
  { name: "float16", digits: 11, round: roundToFloat16 },
] as const;

/** So many figures must need the last digit of the format: those of a plain schedule need few. */
const leastInFull = 4;

/** Figures with their errors. */
type Figures = readonly {
  readonly values: readonly number[];
  readonly errors: readonly number[];
}[];

/**
 * The number format of half the size that figures were rounded to, if they were: it holds all of them,
 * and a fourth of them or more, each counted once, need its last digit, as half of all numbers do.
 */
export function halfFormatOf(table: Figures): string | undefined {
  const all = table.flatMap(({ values, errors }) =>
    values.map((value, k) => ({ value, error: errors[k]! + 4e-6 * Math.abs(value) }))
  );
  if (all.length <= 20) return undefined;
  return formats.find(({ round, digits }) => {
    if (!all.every(({ value, error }) => Math.abs(round(value) - value) <= error)) return false;
    const different = new Set(all.map(({ value }) => round(value)));
    const inFull = [...different].filter((value) => needsLastOf(digits, value)).length;
    return inFull >= Math.max(leastInFull, different.size / 4);
  })?.name;
}

/** Whether a number that so many binary digits hold needs the last of them. */
function needsLastOf(digits: number, value: number): boolean {
  if (value === 0) return false;
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(value))) - digits + 1);
  return Math.abs(Math.round(value / unit)) % 2 === 1;
}
