/**
 * The mean of any function of the point after one step, by quadrature over its exact law.
 *
 * Given the point before a step, the coordinates after it are independent normal laws clipped to an
 * interval ({@linkcode oneStepLaw}). So a mean is a sum over the atoms at the ends and an integral
 * over what lies between them, axis by axis; energies need not be separable or quadratic.
 *
 * @module
 */

import { atomLower, atomUpper, type OneStepLaw } from "./laws.ts";
import { density } from "./numerics/normal.ts";

/** A node of a quadrature with its weight. */
interface Node {
  readonly at: number;
  readonly weight: number;
}

/** Standard deviations beyond which a normal law has no mass that matters: 1e-22 of it. */
const farthest = 9.75;
/** Axes up to which every combination of nodes is tried. */
const mostAxes = 3;
/** Nodes on each piece of an axis: the more the closer. */
export type NodesPerPiece = 6 | 12;
/** The length of a piece of an axis in standard deviations, at most. */
const pieceLength = 3.25;

/**
 * The mean of a function of the point after one step.
 *
 * Between the atoms the integral is taken by Gauss–Legendre quadrature on pieces of at most 3.25
 * standard deviations, so many nodes each. Every combination of the nodes of all axes is tried; 12
 * nodes give an analytic function to about ten digits, 6 to about five.
 *
 * @param laws the law of each axis, three at most
 * @param value of a point, axes
 * @throws RangeError if there are more than three axes
 */
export function meanAfterStep(
  laws: readonly OneStepLaw[],
  value: (point: readonly number[]) => number,
  nodesPerPiece: NodesPerPiece = 12,
): number {
  if (laws.length > mostAxes) {
    throw new RangeError(
      `Cannot take the mean: found ${laws.length} axes, wanted at most ${mostAxes}`,
    );
  }
  const axes = laws.map((law) => nodesOf(law, legendre[nodesPerPiece]));
  const point = new Array<number>(laws.length).fill(0);
  const sumOver = (axis: number): number => {
    const nodes = axes[axis];
    if (nodes === undefined) return value(point);
    let sum = 0;
    for (const { at, weight } of nodes) {
      point[axis] = at;
      sum += weight * sumOver(axis + 1);
    }
    return sum;
  };
  return sumOver(0);
}

/** The atoms of a law and the nodes between them. */
function nodesOf(law: OneStepLaw, unit: readonly Node[]): readonly Node[] {
  const { lower, upper, mean, deviation } = law;
  if (lower === upper) return [{ at: lower, weight: 1 }];
  if (deviation === 0) return [{ at: Math.min(Math.max(mean, lower), upper), weight: 1 }];
  const atoms: readonly Node[] = [
    { at: lower, weight: atomLower(law) },
    { at: upper, weight: atomUpper(law) },
  ];
  const from = Math.max((lower - mean) / deviation, -farthest);
  const to = Math.min((upper - mean) / deviation, farthest);
  if (from >= to) return atoms.filter(({ weight }) => weight > 0);
  const pieces = Math.ceil((to - from) / pieceLength), half = (to - from) / pieces / 2;
  const inner = Array.from({ length: pieces }, (_, piece) => {
    const middle = from + (2 * piece + 1) * half;
    return unit.map(({ at, weight }): Node => {
      const z = middle + half * at;
      return { at: mean + deviation * z, weight: weight * half * density(z) };
    });
  }).flat();
  return [...atoms.filter(({ weight }) => weight > 0), ...inner];
}

/** Gauss–Legendre nodes on [-1, 1]: the roots of the Legendre polynomial, by Newton's method. */
function gaussLegendre(count: number): readonly Node[] {
  return Array.from({ length: count }, (_, index) => {
    let x = Math.cos(Math.PI * (index + 0.75) / (count + 0.5)), slope = 1;
    for (let round = 0; round < 8; round++) {
      let before = 1, value = x;
      for (let n = 2; n <= count; n++) {
        [before, value] = [value, ((2 * n - 1) * x * value - (n - 1) * before) / n];
      }
      slope = count * (x * value - before) / (x * x - 1);
      x -= value / slope;
    }
    return { at: x, weight: 2 / ((1 - x * x) * slope * slope) };
  });
}

const legendre = { 6: gaussLegendre(6), 12: gaussLegendre(12) };

/**
 * How far a convex energy can vary over the points that one step can reach.
 *
 * A convex function takes its largest value in a corner, and lies above its tangent plane.
 *
 * @param action the point before the step
 * @param gradient of the energy there, not clipped
 */
export function convexRange(
  laws: readonly OneStepLaw[],
  action: readonly number[],
  gradient: readonly number[],
  value: (point: readonly number[]) => number,
): number {
  const corners = laws.reduce<readonly (readonly number[])[]>(
    (points, { lower, upper }) => points.flatMap((point) => [[...point, lower], [...point, upper]]),
    [[]],
  );
  const least = laws.reduce((sum, { lower, upper }, i) => {
    const g = gradient[i]!;
    return sum + Math.min(g * (lower - action[i]!), g * (upper - action[i]!));
  }, value(action));
  return Math.max(...corners.map(value)) - least;
}
