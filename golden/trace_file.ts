/**
 * What a trace file holds: one chain of a sampler, with everything that went into it.
 *
 * @module
 */

import { type NumberText, numberWords } from "../spec/numerics/number_text.ts";

/** A trace file as JSON has it: numbers as decimals or words. */
export interface TraceFile {
  /** The version of the format. */
  format: "golden-trace/1";
  /** Lower-case words joined by hyphens. */
  id: string;
  /** What the trace shows. */
  title: string;
  /** What was recorded. */
  source: TraceSource;
  /** E as a formula, and what it stands for. */
  energy: { formula: string; convention: typeof energyConvention };
  /** Number of axes of an action. */
  dimension: number;
  /** One number per axis. */
  bounds: { min: FiniteText[]; max: FiniteText[] };
  /** Rows × features, or null for an energy that needs none. */
  observations: FiniteText[][] | null;
  /** Rows × axes. */
  initial: FiniteText[][];
  /** The settings of the sampler. */
  config: {
    steps: number;
    schedule:
      | { kind: "polynomial"; init: number; final: number; power: number }
      | { kind: "exponential"; init: number; decay: number };
    noiseScale: number;
    gradClip: number | null;
    deltaActionClip: number;
    gradNormType: "1" | "2" | "inf" | null;
    applyExp?: boolean | undefined;
  };
  /** Steps × rows × axes. */
  noise: FiniteText[][][];
  /** What the sampler reported of its steps. */
  chain: {
    /** Steps × rows × axes, after each step. */
    actions: NumberText[][][];
    /** Steps × rows, before each step. */
    networkOutputs: NumberText[][];
    /** Steps × rows, before each step. */
    gradNorms: NumberText[][];
  };
  /** Rows × axes. */
  final: NumberText[][];
  /** In which known way the trace departs from the rule. */
  deviation?: string | undefined;
}

/** What was recorded. */
export interface TraceSource {
  /** Where the code of the sampler lives. */
  readonly repository: string;
  /** The version of that code. */
  readonly commit: string;
  /** The function that was run. */
  readonly function: string;
  /** How it was run. */
  readonly runtime: string;
}

/** A finite float in JSON. */
export type FiniteText = number | "-0";

/** What the formula of a trace stands for. */
export const energyConvention =
  "E is low for good actions; the official network was given as -E" as const;

/** What a table of a trace may hold, in words. */
export const wantedNumber = {
  any: `a float32 number or one of ${numberWords.map((word) => `"${word}"`).join(", ")}`,
  finite: "a finite float32 number",
} as const;
