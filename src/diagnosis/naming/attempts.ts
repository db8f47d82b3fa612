/**
 * Ways to explain the terms one after the other, and what they cost.
 *
 * @module
 */

import type { Settings } from "../../../spec/problem.ts";
import type { NetworkReturns } from "../../../spec/sampler.ts";
import type { Observation } from "../experiments/observations.ts";
import { keepsNoise } from "../terms/kept_noise.ts";
import type { Plan } from "./stages.ts";
import type { Whole } from "./completion.ts";
import type { Hypothesis, Suspect } from "../terms/suspects.ts";
import type { TermsFit } from "../terms/terms_fit.ts";
import type { Source, WindowFit } from "../terms/window_fit.ts";

/** What a target has shown. */
export interface Seen {
  /** Of all experiments and probes. */
  readonly observations: readonly Observation[];
  /** How they are explained. */
  readonly plan: Plan;
  /** What the target's network returns. */
  readonly returns: NetworkReturns;
  /** Half the step sizes, where they were read off returned actions. */
  readonly rungs?: readonly number[];
  /** What the target was prepared for first. */
  readonly firsts?: readonly Settings[] | undefined;
}

/** A way to explain the terms one after the other. */
export interface Attempt {
  readonly starts: readonly Hypothesis[];
  readonly open: readonly Source[];
  readonly ended: Whole;
  readonly fit: WindowFit | undefined;
}

/** Drift, noise and step sizes as they were fitted. */
export interface FittedTerms {
  readonly fit: WindowFit;
  readonly terms: TermsFit;
}

/** Whether known defects give all terms. */
export function isKnown({ fit, terms }: FittedTerms): boolean {
  return terms.open.length === 0 &&
    [...fit.base, ...terms.hypotheses[0]!].every(({ id }) => id !== null);
}

/**
 * Whether nothing else need be tried beside a suspect: figures that are known at some settings alone
 * explain nothing elsewhere, and noise that keeps its last one may do so together with the drift.
 */
export function isSettled(suspect: Suspect): boolean {
  return suspect.known === undefined && !keepsNoise(suspect);
}

/** What an explanation of the terms costs: terms without a figure most of all. */
export function costOf({ terms, fit }: FittedTerms): number {
  return 100 * terms.open.length + Number(!fit.how.lastCounts) / 10 +
    [...fit.base, ...terms.hypotheses[0]!].reduce(
      (sum, { id }) => sum + (id === null ? 2.2 : 1),
      0,
    );
}

/** Whether a suspect acts in every experiment: another number of steps, another number format. */
export function actsEverywhere({ change }: Suspect): boolean {
  return (["steps", "gradientAt", "precision"] as const).some((part) =>
    Object.hasOwn(change, part)
  );
}

/** Whether what is returned is another point than the last, or none of the chain. */
export function returnsOther({ change }: Suspect): boolean {
  return change.returns !== undefined;
}
