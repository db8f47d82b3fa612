/**
 * Measured numbers: as short as their errors allow, in formulas and in words.
 *
 * @module
 */

/** A factor as a short decimal, if it is one within the errors. */
export function rounded(value: number): number {
  const short = Number(value.toPrecision(3));
  return Math.abs(short - value) <= 2e-5 * Math.abs(value) ? short : Number(value.toPrecision(7));
}

/** Four significant digits. */
export function shown(value: number): string {
  return String(Number(value.toPrecision(4))).replace(/^-/, "−");
}

/** A number with as many digits as it takes to show how far it is from another, to a tenth. */
export function apart(value: number, other: number): string {
  let digits = 3;
  const rounded = (x: number) => Number(x.toPrecision(digits));
  const error = () => Math.abs(rounded(value) - rounded(other) - (value - other));
  while (digits < 9 && error() > 0.1 * Math.abs(value - other)) digits++;
  return String(rounded(value));
}

/** Two numbers that differ, each with as many digits as it takes to show it. */
export function bothShown(one: number, other: number): readonly [string, string] {
  const text = (value: number, beside: number) => apart(value, beside).replace(/^-/, "−");
  return [text(one, other), text(other, one)];
}

/** Whether a number is another one but for rounding. */
export function isNear(value: number, wanted: number): boolean {
  return Math.abs(value - wanted) <= 1e-5 * Math.abs(wanted) + 1e-9;
}

/** Whether all are one finite number but for rounding. */
export function areOne([first = NaN, ...others]: readonly number[]): boolean {
  return Number.isFinite(first) && others.every((value) => isNear(value, first));
}

/** A figure for each axis as one formula. */
export function byAxis(values: readonly number[]): string {
  const [first, ...others] = values.map((value) => `(${rounded(value)})`);
  return others.reduce((rest, value, j) => `where(axis - ${j + 0.5}, ${value}, ${rest})`, first!);
}
