/**
 * Measured numbers in the words of the measured rule.
 *
 * @module
 */

import { near, type PowerLaw } from "./power_law.ts";

/** Numbers in step sizes, one per step. */
export function listed(values: readonly number[], eta: readonly number[]): string {
  return `(${values.map((value, k) => short(value / eta[k]!)).join(", ")})`;
}

/** So many step sizes are listed. */
const mostShown = 6;

/** Step sizes in words: polynomial, geometric, constant, or a list; a long one from a step on. */
export function scheduleOf(eta: readonly number[], from = 0): {
  readonly text: string;
  readonly power: number | undefined;
} {
  if (!eta.some(Number.isFinite)) return { text: "η: not measured", power: undefined };
  const n = eta.length, first = eta[0] ?? NaN, last = eta.at(-1) ?? NaN;
  const ends = `${size(first)} → ${size(last)}`;
  const start = from < mostShown ? 0 : from;
  const list = (start === 0 ? "" : `from step ${start} on `) +
    eta.slice(start, start + mostShown).map(size).join(", ") + (n > start + mostShown ? ", …" : "");
  if (n < 2 || !eta.every(Number.isFinite)) return { text: `η: ${list}`, power: undefined };
  if (eta.every((value) => near(value, first, 1e-3))) {
    return { text: `η: ${size(first)}, constant`, power: undefined };
  }
  const powers = eta.slice(1, -1).map((value, j) =>
    Math.log((value - last) / (first - last)) / Math.log(1 - (j + 1) / (n - 1))
  );
  const power = powers[0];
  const gives = (p: number) =>
    eta.every((value, k) => near(value, (first - last) * (1 - k / (n - 1)) ** p + last, 1e-3));
  if (power !== undefined && power > 0 && gives(power)) {
    return { text: `η: ${ends}, polynomial, power ${power.toFixed(2)}`, power };
  }
  const ratio = eta[1]! / first;
  if (eta.every((value, k) => near(value, first * ratio ** k, 1e-3))) {
    return { text: `η: ${ends}, times ${short(ratio)} in every step`, power: undefined };
  }
  return { text: `η: ${list}`, power: undefined };
}

/** η_k to a power, as a factor; inside of the bracket the first power is left out. */
export function etaPower(exponent: PowerLaw["exponent"], bracketed: boolean): string {
  switch (exponent) {
    case 0:
      return "";
    case 0.5:
      return bracketed ? "√η_k·" : "√η·";
    case 1:
      return bracketed ? "" : "η·";
    case 2:
      return bracketed ? "η_k²·" : "η²·";
  }
}

/** Three digits after the point. */
export function fixed(value: number): string {
  return value.toFixed(3).replace("-", "−");
}

/** Three significant digits. */
export function short(value: number): string {
  return String(Number(value.toPrecision(3))).replace("-", "−");
}

/** A step size: three digits, in the form of ten to a power when small. */
function size(value: number): string {
  if (value === 0) return "0";
  return Math.abs(value) < 1e-3
    ? value.toExponential(1)
    : Math.abs(value) < 0.1
    ? value.toPrecision(3)
    : value.toFixed(3);
}
