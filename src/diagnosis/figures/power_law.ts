/**
 * Numbers that are proportional to a power of the step size.
 *
 * @module
 */

/** A factor times a power of the step size. */
export interface PowerLaw {
  /** The factor. */
  readonly factor: number;
  /** The power of the step size. */
  readonly exponent: 0 | 0.5 | 1 | 2;
}

/** The power of the step size to which numbers are proportional. */
export function powerLaw(
  values: readonly number[],
  eta: readonly number[],
  tolerance: number,
): PowerLaw | undefined {
  if (values.length === 0 || values.length > eta.length) return undefined;
  for (const exponent of [1, 0.5, 0, 2] as const) {
    // Nothing of nothing says nothing.
    const ratios = values.flatMap((value, k) =>
      Math.abs(value) < 1e-9 && Math.abs(eta[k]!) < 1e-9 ? [] : value / eta[k]! ** exponent
    );
    const factor = median(ratios);
    if (Math.abs(factor) < 1e-9) return undefined;
    if (ratios.every((ratio) => near(ratio, factor, tolerance))) return { factor, exponent };
  }
  return undefined;
}

/**
 * A multiple of the step sizes, where numbers are rounded so coarsely that small ones show no more.
 *
 * @param reach how far each value may be off; empty where nothing is rounded coarsely
 */
export function coarseLaw(
  values: readonly number[],
  eta: readonly number[],
  reach: readonly number[],
): PowerLaw | undefined {
  const largest = eta.indexOf(Math.max(...eta)), factor = values[largest]! / eta[largest]!;
  const short = Number(factor.toPrecision(2));
  const fits = values.every((value, k) => Math.abs(value - short * eta[k]!) <= (reach[k] ?? 0));
  return reach.length > 0 && fits && Math.abs(short) > 1e-9
    ? { factor: short, exponent: 1 }
    : undefined;
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Whether two numbers agree up to a part of the second. */
export function near(actual: number, expected: number, part: number): boolean {
  return Math.abs(actual - expected) <= part * Math.abs(expected);
}
