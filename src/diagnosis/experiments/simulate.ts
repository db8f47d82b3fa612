/**
 * Hypotheses on trial: a rule is run on a probe and compared with what was observed there.
 *
 * @module
 */

import type { Experiment } from "./experiments.ts";
import { slackOf, slackOfReports } from "./near_walls.ts";
import type { Problem, Rows } from "../../../spec/problem.ts";
import { openSession } from "../../../spec/observe.ts";
import { gradNormAt, outputAt } from "../../../spec/oracle.ts";
import { type Answer, type Rule, ruleSampler } from "../../../spec/rule.ts";
import type { Call, NetworkReturns } from "../../../spec/sampler.ts";
import type { Chain } from "../../../spec/trajectory.ts";
import { type CallOutcome, type Observation, type Reading, readingOf } from "./observations.ts";

/** What is compared of a call after its points, in this order. */
const sections = ["count", "final", "caller", "actions", "outputs", "norms"] as const;

/** A part of a reading: the points of a step, or something compared after them. */
export type Section = number | typeof sections[number];

/** The first place where a hypothesis and an observation differ. */
export interface Difference {
  /** Index of the call within the probe. */
  readonly call: number;
  /** Step of the points, or what else differs. */
  readonly section: Section;
  /** Order of the place within the probe: later is better. */
  readonly order: number;
  /** Indices of the numbers that differ, row by row. */
  readonly cells: readonly number[];
}

/** Which parts are compared. */
export interface Comparison {
  /** Whether the points at which gradients are taken are known. */
  readonly points: boolean;
  /**
   * Whether what comes after the points is compared: their number, what is returned and reported;
   * or of it only what is returned.
   */
  readonly rest?: boolean | "final";
  /** What the target's network returns. */
  readonly returns: NetworkReturns;
}

/** Distance up to which numbers are taken as the same: far above float32, far below any defect. */
const tolerance = 3e-5;

/**
 * Whether two numbers are the same but for arithmetic; nothing finite is near what is infinite.
 *
 * @param slack beside what is usual; see {@linkcode slackOf}
 */
export function close(actual: number, expected: number, slack = 0): boolean {
  return Number.isFinite(expected) &&
      Math.abs(actual - expected) <= tolerance * (1 + Math.abs(expected)) + slack ||
    Object.is(actual, expected) || actual === expected;
}

/** Thrown to leave a run; no error, because a stack trace takes longer than the run. */
class Diverged {
  constructor(readonly difference: Omit<Difference, "call" | "order">) {}
}

/** Place of a section in the order of comparison within a probe. */
function orderOf(call: number, section: Section): number {
  return 1000 * call + (typeof section === "number" ? section : 900 + sections.indexOf(section));
}

function restOf({ rest }: Comparison): readonly typeof sections[number][] {
  return rest === false ? [] : rest === "final" ? ["final"] : sections;
}

/** Runs a rule on a probe and compares as it goes: stops at the first difference. */
export function difference(
  rule: Rule,
  observation: Observation,
  comparison: Comparison,
): Difference | null {
  const { probe, calls } = observation;
  const sample = prepare(rule, probe, comparison.returns);
  for (let c = 0; c < calls.length; c++) {
    const observed = calls[c]!;
    const problem = probe.calls[c]!, slack = slackOf(problem);
    const place = (found: Omit<Difference, "call" | "order">): Difference => ({
      ...found,
      call: c,
      order: orderOf(c, found.section),
    });
    let outcome: CallOutcome;
    try {
      outcome = run(sample, problem, comparison.returns, (points, k) => {
        if (!comparison.points || observed === "throws" || k >= observed.points.length) return;
        const cells = cellsApart(observed.points[k]!, points, slack);
        if (cells.length > 0) throw new Diverged({ section: k, cells });
      });
    } catch (error) {
      if (!(error instanceof Diverged)) throw error;
      return place(error.difference);
    }
    if (outcome === "throws" || observed === "throws") {
      if (outcome === observed) continue;
      return place({ section: 0, cells: everyCell(problem) });
    }
    for (const section of restOf(comparison)) {
      if (section === "count" && !comparison.points) continue;
      const cells = sectionApart(problem, observed, outcome, section);
      if (cells.length > 0) return place({ section, cells });
    }
  }
  return null;
}

/** Where two observations of a probe first differ: the same as {@linkcode difference} gives. */
export function differenceFrom(
  expected: Observation,
  observed: Observation,
  comparison: Comparison,
): Difference | null {
  for (let c = 0; c < observed.calls.length; c++) {
    const one = observed.calls[c]!, other = expected.calls[c]!;
    if (one === "throws" || other === "throws") {
      if (one === other) continue;
      return {
        call: c,
        section: 0,
        order: orderOf(c, 0),
        cells: everyCell(observed.probe.calls[c]!),
      };
    }
    const steps = comparison.points ? Math.min(one.points.length, other.points.length) : 0;
    const rest = restOf(comparison);
    const places: Section[] = [...Array(steps).keys(), ...rest];
    for (const section of places) {
      if (section === "count" && !comparison.points) continue;
      const cells = sectionApart(observed.probe.calls[c]!, one, other, section);
      if (cells.length > 0) return { call: c, section, order: orderOf(c, section), cells };
    }
  }
  return null;
}

/** Runs a rule on a probe. */
export function simulate(rule: Rule, probe: Experiment, returns: NetworkReturns): Observation {
  const sample = prepare(rule, probe, returns);
  return { probe, calls: probe.calls.map((problem) => run(sample, problem, returns, () => {})) };
}

/** One number of a reading: rows and columns of the section, row by row. */
export function numberAt(outcome: CallOutcome, section: Section, cell: number): number {
  if (outcome === "throws") return NaN;
  const of = (rows: Rows | undefined) => {
    const width = rows?.[0]?.length ?? 1;
    return rows?.[Math.floor(cell / width)]?.[cell % width] ?? NaN;
  };
  if (typeof section === "number") return of(outcome.points[section]);
  switch (section) {
    case "count":
      return outcome.points.length;
    case "final":
      return of(outcome.final);
    case "caller":
      return of(outcome.initialAfter);
    case "actions":
      return of(outcome.chain.actions?.flat());
    case "outputs":
      return of(outcome.chain.outputs);
    case "norms":
      return of(outcome.chain.gradNorms);
  }
}

function everyCell(problem: Problem): number[] {
  return Array.from({ length: problem.initial.length * problem.axes }, (_, i) => i);
}

function sectionApart(
  problem: Problem,
  observed: Reading,
  expected: Reading,
  section: Section,
): readonly number[] {
  const slack = slackOf(problem), { points } = observed;
  if (typeof section === "number") {
    const one = observed.points[section], other = expected.points[section];
    if (one === undefined || other === undefined) return one === other ? [] : [0];
    return cellsApart(one, other, slack);
  }
  switch (section) {
    case "count":
      return observed.points.length === expected.points.length ? [] : [0];
    case "final":
      return cellsApart(observed.final, expected.final, slack);
    case "caller":
      return cellsApart(observed.initialAfter, expected.initialAfter, slack);
    case "actions":
      return chainApart(observed.chain, expected.chain, slack, (chain) => chain.actions?.flat());
    case "outputs":
      return chainApart(
        observed.chain,
        expected.chain,
        slackOfReports(problem, points, (row, at) => outputAt(problem, row, at, "energy").value),
        (chain) => chain.outputs,
      );
    case "norms":
      return chainApart(
        observed.chain,
        expected.chain,
        slackOfReports(problem, points, (row, at) => gradNormAt(problem, row, at).value),
        (chain) => chain.gradNorms,
      );
  }
}

/** A part that one side does not report is not compared. */
function chainApart(
  observed: Chain,
  expected: Chain,
  slack: Slack,
  part: (chain: Chain) => Rows | undefined,
): readonly number[] {
  const one = part(observed), other = part(expected);
  return one === undefined || other === undefined ? [] : cellsApart(one, other, slack);
}

/** Of all numbers, or of each row and column. */
type Slack = number | ((row: number, column: number) => number);

function cellsApart(observed: Rows, expected: Rows, slack: Slack): number[] {
  if (observed.length !== expected.length) return [0];
  const cells: number[] = [];
  const width = expected[0]?.length ?? 0;
  for (let r = 0; r < expected.length; r++) {
    const one = observed[r]!, other = expected[r]!;
    for (let i = 0; i < width; i++) {
      if (close(one[i]!, other[i]!, typeof slack === "number" ? slack : 0)) continue;
      if (typeof slack === "number" || !close(one[i]!, other[i]!, slack(r, i))) {
        cells.push(r * width + i);
      }
    }
  }
  return cells;
}

type Run = (call: Call) => Answer;

function prepare(rule: Rule, probe: Experiment, returns: NetworkReturns): Run {
  const sampler = ruleSampler(rule, { networkReturns: returns });
  const sample = sampler.prepare(probe.calls[0]!.settings);
  if (probe.beside !== undefined) sampler.prepare(probe.beside);
  return sample;
}

/** One call, watched: every question for a gradient is shown to `watch` before it is answered. */
function run(
  sample: Run,
  problem: Problem,
  returns: NetworkReturns,
  watch: (points: Rows, k: number) => void,
): CallOutcome {
  let asked = 0;
  const session = openSession(problem, returns, ({ kind, points }) => {
    if (kind === "gradient") watch(points, asked++);
  });
  try {
    const answer = sample(session.call);
    return readingOf(problem, { ...session.seen(), ...answer });
  } catch (error) {
    if (error instanceof Diverged) throw error;
    return "throws";
  }
}
