/**
 * How a sampler answers an experiment: its chain as far as it was seen, and what a rule makes of
 * every step of that chain.
 *
 * @module
 */

import { beginRun, compileRule } from "../../../spec/compiled_rule.ts";
import { openSession } from "../../../spec/observe.ts";
import type { Problem, Rows } from "../../../spec/problem.ts";
import type { Loop, Rule, Run, Step, Terms } from "../../../spec/rule.ts";
import type { NetworkReturns } from "../../../spec/sampler.ts";
import { same } from "../../../spec/trajectory.ts";
import type { Reading } from "./observations.ts";

/** A chain as far as it was seen. */
export interface SeenChain {
  /** x_0, x_1, …: as many as were seen. */
  readonly points: readonly Rows[];
  /**
   * Whether the last of them was seen by itself: else it is what was returned, which may be another
   * point.
   */
  readonly sure: boolean;
}

/**
 * The chain of a reading: what is reported, if it goes with the questions for gradients or with what
 * is returned; else the points of the questions, and what is returned.
 *
 * @param mayBeLate whether gradients may be taken at the point before; else one that stays at its
 *   first point has not moved
 * @returns nothing if the questions are not those of a chain
 */
export function chainOf(
  problem: Problem,
  reading: Reading,
  mayBeLate = true,
): SeenChain | undefined {
  const { points, final, chain: { actions } } = reading;
  const first = points[0];
  if (first === undefined) return undefined;
  if (actions && isNoChain(actions, points, problem)) {
    return { points: [...points, final], sure: false };
  }
  if (actions && isShuffled(actions, reading)) {
    return { points: [...points, final], sure: true };
  }
  if (actions && startsElsewhere(actions, reading, problem)) {
    return { points: [first, ...actions], sure: true };
  }
  // More questions than steps are at points beside the chain.
  const whole = actions !== undefined && actions.length > 0 && points.length > actions.length &&
    actions.length === problem.settings.steps && same(actions.at(-1)!, final);
  if (actions && actions.length > 0 && (whole || reportGoes(actions, reading))) {
    return { points: [problem.initial, ...actions], sure: true };
  }
  const isSeldom = actions !== undefined && points.length < actions.length &&
    actions.length === problem.settings.steps && same(actions.at(-1)!, final) &&
    points.every((at) => [problem.initial, ...actions].some((seen) => same(seen, at)));
  if (isSeldom) return { points: [problem.initial, ...actions], sure: true };
  const stays = points.length > 2 && same(first, points[1]!);
  if (stays && points.every((at) => same(at, first)) && same(first, final)) {
    return { points: [...points, final], sure: true };
  }
  if (stays && mayBeLate) {
    // Gradients are taken at the point before; the last point but one was not seen.
    // Gradients that are seldom taken anew show few points of the chain.
    const rests = points.slice(2).some((at, j) => same(at, points[j + 1]!));
    return rests ? undefined : { points: points.slice(1), sure: true };
  }
  if (points.length === 1 && same(first, problem.initial)) {
    return { points: [first, final], sure: true };
  }
  if (!same(first, problem.initial) && problem.settings.noiseScale > 0) return undefined;
  return { points: [...points, final], sure: false };
}

/**
 * Whether a report is of points that the questions refute: one array that is reported for every step
 * and overwritten by each, or points as they are before the bounds.
 */
function isNoChain(
  actions: readonly Rows[],
  points: readonly Rows[],
  { settings: { bounds: { min, max } } }: Problem,
): boolean {
  const moves = points.some((at) => !same(at, points[0]!));
  if (!moves || actions.length < 2 || points.length !== actions.length) return false;
  if (actions.every((at) => same(at, actions[0]!))) return true;
  const next = points.slice(1), told = actions.slice(0, -1);
  const inBox = (at: Rows) =>
    at.map((row) => row.map((a, i) => Math.min(Math.max(a, min[i]!), max[i]!)));
  return !told.every((at, k) => same(at, next[k]!)) &&
    told.every((at, k) => same(inBox(at), next[k]!));
}

/** Whether a report has the points of the questions and what is returned, but in another order. */
function isShuffled(actions: readonly Rows[], { points, final }: Reading): boolean {
  const chain = [...points.slice(1), final];
  const flat = (all: readonly Rows[]) => inOrder(all.map((at) => at.flat()));
  return actions.length === chain.length && !actions.every((at, k) => same(at, chain[k]!)) &&
    same(flat(actions), flat(chain));
}

/** Whether a chain begins elsewhere than at the initial actions, and is as it is reported. */
function startsElsewhere(
  actions: readonly Rows[],
  { points, final }: Reading,
  { initial }: Problem,
) {
  return points.length > 1 && actions.length === points.length && !same(points[0]!, initial) &&
    same(actions.at(-1)!, final) && points.slice(1).every((at, k) => same(at, actions[k]!));
}

/** Rows in an order of their own, whatever their order was. */
function inOrder(rows: Rows): Rows {
  const differing = (one: readonly number[], other: readonly number[]) =>
    one.findIndex((a, i) => a !== other[i]);
  return [...rows].sort((one, other) => {
    const at = differing(one, other);
    return at < 0 ? 0 : one[at]! - other[at]!;
  });
}

function reportGoes(actions: readonly Rows[], { points, final }: Reading): boolean {
  if (actions.length !== points.length) return false;
  if (same(actions.at(-1)!, final)) return true;
  if (same(inOrder(actions.at(-1)!), inOrder(final))) return true;
  // What is reported before each step is no chain of the points after it.
  if (points.length > 1 && actions.every((at, k) => same(at, points[k]!))) return false;
  // Gradients may be taken elsewhere, and another point than the last be returned.
  if (actions.length > 2 && actions.slice(0, -1).some((at) => same(at, final))) return true;
  return points.length > 1 && points.slice(1).every((at, k) => same(at, actions[k]!));
}

/** The step sizes with which a rule would answer a problem; none if it fails. */
export function sizesOfRule(rule: Rule, problem: Problem, returns: NetworkReturns): number[] {
  const loop = rule.loop(), { call } = openSession(problem, returns);
  try {
    const run = beginRun(compileRule(rule), loop, problem.settings, call, returns);
    return [...loop.stepSizes(run)];
  } catch {
    return [];
  }
}

/** Whether a rule answers a problem with some step sizes. */
export function givesSizes(
  rule: Rule,
  problem: Problem,
  returns: NetworkReturns,
  sizes: readonly number[],
): boolean {
  const given = sizesOfRule(rule, problem, returns);
  return given.length >= sizes.length &&
    sizes.every((eta, k) => Math.abs(eta - given[k]!) <= 1e-4 * Math.abs(given[k]!) + 1e-6);
}

/** Every term of every step of a chain, as a rule has them from the points that were seen. */
export type ForcedTerms = readonly (readonly (readonly Terms[])[])[];

/**
 * What a rule makes of every step, each from where the sampler really was.
 *
 * @returns as many steps as both have; nothing if the rule fails
 */
export function forcedTerms(
  rule: Rule,
  problem: Problem,
  points: readonly Rows[],
  returns: NetworkReturns,
): ForcedTerms | undefined {
  const loop = rule.loop(), { call } = openSession(problem, returns);
  const run = beginRun(compileRule(rule), loop, problem.settings, call, returns);
  try {
    return [...forcedSteps(loop, run, points)].map(({ terms }) => terms);
  } catch {
    return undefined;
  }
}

/**
 * The steps of a rule along points that were seen, one by one; those taken are in the run.
 *
 * @throws whatever the rule throws
 */
export function* forcedSteps(loop: Loop, run: Run, points: readonly Rows[]): Generator<Step> {
  for (const stepSize of loop.stepSizes(run)) {
    const k = run.steps.length, from = points[k], to = points[k + 1];
    if (from === undefined || to === undefined) return;
    const begun = { k, stepSize, from, draws: loop.draws(run) };
    const at = loop.gradientAt(run, begun);
    const asked = { ...begun, at, ...loop.ask(run, at) };
    const step = { ...asked, terms: loop.move(run, asked), to };
    run.steps.push(step);
    yield step;
  }
}
