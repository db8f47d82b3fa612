/**
 * Lists of float64 numbers.
 *
 * @module
 */

/**
 * So many zeros in a plain list: engines make and copy short ones far faster than typed arrays, and
 * store the numbers unboxed once one of them was no whole one.
 */
export function zeros(count: number): number[] {
  return new Array(count).fill(0.5).fill(0);
}
