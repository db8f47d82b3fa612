/**
 * Least squares with the errors of the coefficients.
 *
 * @module
 */

/** Coefficients of columns, with how far each may be off. */
export interface Regression {
  /** One per column; 0 for a column that is zero. */
  readonly coefficients: readonly number[];
  /** Standard errors, one per column. */
  readonly errors: readonly number[];
  /** The largest part of a value that is left, relative to the largest value. */
  readonly left: number;
}

/**
 * Fits values by columns: modified Gram–Schmidt, twice, on columns of length one.
 *
 * @param columns each as long as the values
 * @param noise how far a value may be off by rounding alone
 * @returns nothing if the columns can't be told apart
 */
export function regress(
  columns: readonly (readonly number[])[],
  values: readonly number[],
  noise: number,
): Regression | undefined {
  const scales = columns.map((column) => Math.sqrt(dot(column, column)));
  const used = columns.map((_, j) => j).filter((j) => scales[j]! > 0);
  if (used.length >= values.length) return undefined;
  const basis: number[][] = [], upper: number[][] = [];
  for (const j of used) {
    const vector = columns[j]!.map((v) => v / scales[j]!);
    const above = basis.map(() => 0);
    for (let pass = 0; pass < 2; pass++) {
      basis.forEach((b, l) => {
        const part = dot(b, vector);
        above[l]! += part;
        b.forEach((v, r) => vector[r]! -= part * v);
      });
    }
    const length = Math.sqrt(dot(vector, vector));
    // What is left of the column would be its rounding.
    if (length < 1e-4) return undefined;
    basis.push(vector.map((v) => v / length));
    upper.push([...above, length]);
  }
  const rest = [...values],
    projected = basis.map((b) => {
      const part = dot(b, rest);
      b.forEach((v, r) => rest[r]! -= part * v);
      return part;
    });
  const inverse = inverseOf(upper);
  const freedom = values.length - used.length;
  const spread = Math.max(Math.sqrt(dot(rest, rest) / freedom), noise);
  const coefficients = columns.map(() => 0), errors = columns.map(() => 0);
  used.forEach((j, at) => {
    const row = inverse[at]!;
    coefficients[j] = row.reduce((sum, v, l) => sum + v * projected[l]!, 0) / scales[j]!;
    errors[j] = spread * Math.sqrt(dot(row, row)) / scales[j]!;
  });
  const largest = Math.max(...values.map(Math.abs));
  const left = Math.max(0, Math.max(...rest.map(Math.abs)) - 4 * noise) / (largest || 1);
  return { coefficients, errors, left };
}

/** The inverse of an upper triangular matrix that is given column by column. */
function inverseOf(upper: readonly (readonly number[])[]): number[][] {
  const n = upper.length, inverse = upper.map(() => new Array<number>(n).fill(0));
  for (let j = 0; j < n; j++) {
    inverse[j]![j] = 1 / upper[j]![j]!;
    for (let i = j - 1; i >= 0; i--) {
      let sum = 0;
      for (let l = i + 1; l <= j; l++) sum += upper[l]![i]! * inverse[l]![j]!;
      inverse[i]![j] = -sum / upper[i]![i]!;
    }
  }
  return inverse;
}

function dot(a: readonly number[], b: readonly number[]): number {
  let sum = 0;
  for (let r = 0; r < a.length; r++) sum += a[r]! * b[r]!;
  return sum;
}

/** How far two lists go along with each other, whatever their means: between -1 and 1. */
export function correlation(one: readonly number[], other: readonly number[]): number {
  return dot(one, other) / Math.sqrt(dot(one, one) * dot(other, other));
}
