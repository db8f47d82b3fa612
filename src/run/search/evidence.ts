/**
 * Findings and figures as a report carries them.
 *
 * @module
 */

import { noTest } from "../../../properties/noise_check.ts";
import type { ClauseId } from "../../../properties/clauses.ts";
import type { Finding } from "../../../properties/finding.ts";
import type { NoiseStatistics } from "../../../properties/noise_law.ts";
import { toNumberText } from "../../../spec/numerics/number_text.ts";
import { ulps } from "../../../spec/numerics/floats.ts";
import type { Problem, Rows } from "../../../spec/problem.ts";
import { stepSizesOf } from "../../../spec/rule_parts.ts";
import type { Counterexample, ProblemText, StatisticsText } from "../../report/report.ts";
import { settingsText } from "../../../spec/settings_text.ts";

/**
 * A finding for a report.
 *
 * @param points x_0 … x_N of every row, where they were seen
 * @param tape as the target was given it, if that is another order than the problem's
 */
export function counterexampleOf(
  finding: Finding,
  points: readonly Rows[] | null = null,
  tape?: readonly Rows[],
): Counterexample {
  const { message, step, row, axis, expected, actual, tolerance } = finding;
  const apart = Math.abs(actual - expected);
  return {
    message,
    problem: problemText(finding.problem),
    step,
    row,
    axis,
    expected: toNumberText(expected),
    actual: toNumberText(actual),
    tolerance: toNumberText(tolerance),
    distance: toNumberText(apart === 0 ? 0 : apart / tolerance),
    ulps: toNumberText(ulps(actual, expected)),
    ledger: finding.ledger.map((line) => ({
      ...line,
      expected: toNumberText(line.expected),
      actual: line.actual === null ? null : toNumberText(line.actual),
    })),
    ...(points === null || row === null ? {} : {
      path: points.map((rows) => rows[row]!.map(toNumberText)),
    }),
    ...(finding.askedIn === undefined ? {} : { askedIn: finding.askedIn }),
    ...(tape === undefined ? {} : {
      tape: tape.map((draw) => draw.map((row) => row.map(toNumberText))),
    }),
  };
}

/** A problem with its floats as JSON carries them. */
export function problemText(problem: Problem): ProblemText {
  const { energy, settings, groups, samples, axes, observations, initial, noise, seed } = problem;
  const table = (rows: Rows) => rows.map((row) => row.map(toNumberText));
  return {
    energy,
    settings: settingsText(
      settings.own === undefined ? settings : { ...settings, stepSizes: stepSizesOf(problem) },
    ),
    groups,
    samples,
    axes,
    observations: table(observations),
    initial: table(initial),
    noise: noise.kind === "own" ? { kind: "own" } : { kind: "tape", draws: noise.draws.map(table) },
    seed,
  };
}

/** What stands beside a statistical verdict. */
export function statisticsText(
  { level, draws, smallestEffect, pValue, test, shape }: NoiseStatistics,
): StatisticsText {
  return {
    level: toNumberText(level),
    draws,
    smallestEffect,
    pValue: toNumberText(pValue),
    test: test ?? noTest,
    ...(shape === null ? {} : {
      shape: {
        draws: shape.draws,
        histogram: { ...shape.histogram, counts: [...shape.histogram.counts] },
        quantiles: shape.quantiles.map((pair) => pair.map(toNumberText)),
      },
    }),
  };
}

/** A finding on the way to a verdict that breaks another clause. */
export interface Instead {
  readonly clause: ClauseId;
  readonly finding: Finding;
}
