/**
 * What a known defect is.
 *
 * @module
 */

import type { ClauseId } from "../../properties/clauses.ts";
import type { Formulas } from "../../spec/rule.ts";
import type { Change } from "./change.ts";

/** The parts of the rule in which defects are found, in the order of the catalogue. */
export const factors = {
  "gradient": "which gradient is used, and how much of it",
  "exp": "the gradient of the exponentiated output",
  "grad-clip": "the clip of the gradient",
  "noise": "the size of the noise",
  "noise-law": "the distribution of a single draw",
  "noise-sharing": "draws that are not independent",
  "order": "the order of noise and clips",
  "delta-clip": "the limit of a step",
  "bounds": "the box and its walls",
  "schedule": "the step sizes",
  "steps": "the number of steps",
  "settings": "which settings a call goes by",
  "result": "what is returned, and what is left alone",
  "report": "what is reported of each step",
  "precision": "the number format",
} as const;

/** A part of the rule. */
export type Factor = keyof typeof factors;

/** One way to get the rule wrong. */
export interface Defect {
  /** Words, stable. */
  readonly id: string;
  /** The part of the rule that it is in. */
  readonly factor: Factor;
  /** What is wrong, in half a sentence. */
  readonly title: string;
  /** What a user sees of it. */
  readonly symptom: string;
  /** What to change. */
  readonly fix: string;
  /** A public example. */
  readonly seen?: string;
  /** Where the rule of this sampler differs from the official one. */
  readonly change: Change;
  /** The same in formulas, where the change is a step of the loop that formulas can say. */
  readonly inFormulas?: Partial<Formulas>;
  /** The clause that it breaks. */
  readonly clause: ClauseId;
  /** Clauses that it breaks independently of the first. */
  readonly alsoBreaks?: readonly ClauseId[];
  /** Its id in the numerical experiments, if it has been part of them. */
  readonly experiment?: string;
}

/** The defects of some factors. */
export type Entries<Of extends Factor> = Readonly<Record<Of, readonly Omit<Defect, "factor">[]>>;

/** A rule that is written differently and gives the same law. */
export interface Equivalent {
  /** Words, stable. */
  readonly id: string;
  /** What is different, in half a sentence. */
  readonly title: string;
  /** Why it is no defect. */
  readonly reason: string;
  /** Where the formulas differ from the official ones. */
  readonly change: Change;
}
