/**
 * What tests of recovered noise have found, in words and numbers.
 *
 * @module
 */

import { energy as compileEnergy } from "../spec/energy.ts";
import { upperQuantile } from "../spec/numerics/normal.ts";
import { show } from "../spec/numerics/number_text.ts";
import type { Problem } from "../spec/problem.ts";
import { noiseTests, type TestResult } from "./battery.ts";
import { type Finding, plainFinding } from "./finding.ts";
import type { AtEnd } from "./recovered_noise.ts";
import { confirmationLevel } from "./sequential.ts";

/** The most telling test of some draws. */
export interface Tested {
  readonly strongest: TestResult | null;
  readonly problem: Problem;
  readonly pValue: number;
  /** Whether the draws are the sums of whole chains. */
  readonly whole?: boolean;
  /** The step of the first draws; 0 by default. */
  readonly firstStep?: number;
  /** The coordinates that end at the limit or on a wall, where these are what was looked at. */
  readonly ends?: readonly AtEnd[] | undefined;
}

/** So many deviations are no accident. */
const beyondChance = 6;

/**
 * What fresh draws have confirmed: the tolerance is what they would have been accepted with.
 *
 * @param draws that the probability rests on
 */
export function statisticalFinding(
  look: Tested,
  draws: number,
): Finding {
  const { strongest, problem, pValue, ends = [] } = look;
  const ending = chanceWords(pValue, draws);
  const off = ({ found, expected, variance }: AtEnd) =>
    Math.abs(found - expected) / Math.sqrt(variance);
  const [apart] = ends.filter((one) => off(one) > beyondChance).toSorted((a, b) => off(b) - off(a));
  if (apart) {
    const { end, found: actual } = apart, expected = Math.round(apart.expected);
    const message = `${actual} coordinates end a step exactly ${end}, where draws lead there ` +
      `or beyond about ${expected} times; ${ending}`;
    return plainFinding(problem, message, { expected, actual });
  }
  if (strongest === null) {
    return plainFinding(problem, `The recovered noise is scaled or shifted; ${ending}`, {
      expected: 1,
      actual: NaN,
    });
  }
  const { found, expected } = strongest;
  // In deviations of a normal law with the same probabilities.
  const deviations = (p: number) => upperQuantile(Math.max(p, 1e-300) / 2);
  const exceeded = deviations(pValue) / deviations(confirmationLevel);
  return plainFinding(problem, `${measured(strongest, look)}; ${ending}`, {
    expected,
    actual: found,
    tolerance: Math.abs(found - expected) / exceeded,
  });
}

/** What a test measured, in words. */
function measured(
  { test, found, expected, place }: TestResult,
  { whole: isWhole = false, problem, firstStep = 0 }: Tested,
): string {
  const digits = (x: number) => show(Number(x.toPrecision(4)));
  const percent = (x: number) => `${digits(100 * x)} %`;
  const value = digits(found);
  const where = test.endsWith("a step")
    ? ` in step ${firstStep + place!}`
    : test.endsWith("an axis")
    ? ` on axis ${place}${axisWords(problem, place!)}`
    : "";
  if (test.startsWith("mean")) return `The recovered noise has mean ${value} instead of 0${where}`;
  if (test === "variance" && place === undefined && isWhole) {
    return `Over a whole chain the noise adds up to ${value} times what independent draws add up to`;
  }
  if (test.startsWith("variance")) {
    // About 0: with a mean it is no deviation.
    return `The recovered noise has a root mean square of ${value} instead of 1${where}`;
  }
  switch (test) {
    case "sign":
      return `${percent(found)} of the recovered draws are positive, instead of half of them`;
    case "tails":
    case "middle": {
      const range = test === "tails" ? "beyond ±2" : "within ±½";
      return `${percent(found)} of the recovered draws are ${range}, instead of ${
        percent(expected)
      }`;
    }
    case "largest":
      return `The largest recovered draw is ${value}, where about ${digits(expected)} is usual`;
    case "distribution":
      return `The distribution function of the recovered noise is ${value} away from the normal one`;
    case "drift":
      return `The recovered noise leans along the gradient, by ${value} of the drift`;
    default:
      return `${noiseTests[test].replace("are independent", "are not independent")}: their sums ` +
        `spread ${value} times as far as they should`;
  }
}

/** What is apart on an axis of a problem, if anything is: its slope, and where rows start on it. */
function axisWords(
  { energy, initial, observations, axes, settings }: Problem,
  axis: number,
): string {
  const [start] = initial as [readonly number[]], { min, max } = settings.bounds;
  const slopes = compileEnergy(energy, axes, observations[0]?.length ?? 0)
    .gradient(start, observations[0] ?? []);
  const isApart = (numbers: readonly number[]) => numbers.some((x) => x !== numbers[0]);
  if (!isApart(slopes) && !isApart(start)) return "";
  return `, where the gradient is ${show(slopes[axis]!)} and rows start at ${
    show(start[axis]!)
  } in ` +
    `[${show(min[axis]!)}, ${show(max[axis]!)}]`;
}

/** How likely something is under the rule, in words. */
export function chanceWords(pValue: number, draws: number): string {
  const chance = pValue < 1e-300 ? "below 1e-300" : pValue.toExponential(1);
  return `under the rule the probability of that is ${chance} (${draws} draws seen)`;
}
