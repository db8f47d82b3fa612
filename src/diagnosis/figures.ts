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

/** Three significant digits. */
export function shown(value: number): string {
  return String(Number(value.toPrecision(4))).replace(/^-/, "−");
}
