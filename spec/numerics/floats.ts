/**
 * Floats of a given precision: how they round, and how two of them compare.
 *
 * @module
 */

/** Unit roundoff of float32, 2^-24. */
export const float32Unit: number = 2 ** -24;

/** Whether an observed number is within tolerance of the expected one; NaN agrees with NaN. */
export function agrees(actual: number, expected: number, tolerance: number): boolean {
  if (Number.isNaN(expected)) return Number.isNaN(actual);
  if (!Number.isFinite(expected)) return actual === expected;
  return Math.abs(actual - expected) <= tolerance;
}

/**
 * How many float32 steps lie between two numbers, each first rounded to float32: 0 if they round to
 * the same number, 1 for neighbours. 0 and -0 are the same number; infinity is the neighbour of the
 * largest finite number. NaN equals NaN, and is infinitely far from every number.
 */
export function ulps(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) {
    return Number.isNaN(a) && Number.isNaN(b) ? 0 : Infinity;
  }
  return Math.abs(rank(a) - rank(b));
}

/** The position of a float32 among all of them in ascending order; 0 for 0. */
function rank(x: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, Math.abs(x));
  return Math.sign(x) * view.getUint32(0);
}

/**
 * The smallest normal number of the float format with a unit roundoff: float16 (2^-11), float32
 * (2^-24) or float64. Smaller results are rounded absolutely, and may be flushed to 0.
 */
export function smallestNormal(unit: number): number {
  if (unit === 2 ** -11) return 2 ** -14;
  return unit < float32Unit ? 2 ** -1022 : 2 ** -126;
}

/** The nearest float16 (round half to even); infinite from 65520 on. */
export function roundToFloat16(value: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(value))));
  const unit = 2 ** (exponent - 10);
  const scaled = value / unit, floor = Math.floor(scaled), rest = scaled - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
  const result = rounded * unit;
  return Math.abs(result) > 65504 ? Math.sign(value) * Infinity : result;
}

/** The nearest bfloat16 (round half to even): a float32 of 8 significant bits. */
export function roundToBfloat16(value: number): number {
  const near = Math.fround(value);
  if (!Number.isFinite(near) || near === 0) return near;
  const unit = 2 ** (Math.max(-126, Math.floor(Math.log2(Math.abs(near)))) - 7);
  const scaled = near / unit, floor = Math.floor(scaled), rest = scaled - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
  return Math.fround(rounded * unit);
}

/** 2^-b for a number of b significant bits. It is exact in an arithmetic whose unit is no larger. */
export function grainOf(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return 1;
  let mantissa = Math.abs(value);
  while (mantissa >= 2) mantissa /= 2;
  while (mantissa < 1) mantissa *= 2;
  let grain = 0.5;
  while (mantissa !== Math.floor(mantissa)) {
    mantissa *= 2;
    grain /= 2;
  }
  return grain;
}
