/**
 * The records that the rule is written in: a rule itself, one call being answered, one step.
 *
 * @module
 */

import type { CompiledRule, Slots, Symbols } from "./compiled_rule.ts";
import type { Rows, Settings } from "./problem.ts";
import type { Call, Sampler } from "./sampler.ts";

/** The formulas of a rule, as text. */
export interface Formulas {
  /** ∂E/∂a → the gradient that is used. */
  readonly gradient: string;
  /** The same when the network's output is exponentiated. */
  readonly gradientOfExp: string;
  /** When a gradient clip is set. */
  readonly gradClip: string;
  /** When none is set. */
  readonly noGradClip: string;
  /** gt → the drift. */
  readonly drift: string;
  /** xi → the noise. */
  readonly noise: string;
  /** drift and noise → the step before the delta clip. */
  readonly step: string;
  /** The largest movement of an axis. */
  readonly limit: string;
  /** delta → the step after the delta clip. */
  readonly clippedStep: string;
  /** move → the action after the step. */
  readonly result: string;
  /** η_k for k = 1 … N-1. */
  readonly polynomial: string;
  /** η_0 of the polynomial schedule. */
  readonly polynomialFirst: string;
  /** The step size when there is only one step. */
  readonly singleStep: string;
  /** η_k for k = 0 … N-1. */
  readonly exponential: string;
  /** Number of steps taken, in N. */
  readonly steps: string;
}

/** A rule: its formulas, the symbols that they may use, and the steps of its loop. */
export interface Rule extends Formulas {
  /** What the formulas are written in. */
  readonly symbols: Symbols;
  /** The steps of the loop, made for every prepared sampler. */
  readonly loop: () => Loop;
  /** What people call it; absent for the official rule, and for one with a change. */
  readonly about?: AboutRule;
  /** η_k for k = 0 … N-1 of a schedule of the rule's own, a formula; it replaces the others. */
  readonly stepSize?: string;
  /** Settings that it has besides those of the official rule. */
  readonly own?: readonly OwnSetting[];
}

/** What people are told of a rule. */
export interface AboutRule {
  /** Its name, with the options that were chosen. */
  readonly name: string;
  /** What it is, in one sentence. */
  readonly sentence: string;
  /** Where it comes from. */
  readonly source: string;
}

/** A setting of a rule's own: a symbol of its formulas. */
export interface OwnSetting {
  /** As the formulas spell it. */
  readonly symbol: string;
  /** What it stands for. */
  readonly meaning: string;
  /** The least value that is tried. */
  readonly from: number;
  /** The greatest value that is tried. */
  readonly to: number;
  /** Whether only whole numbers make sense. */
  readonly whole?: boolean;
}

/** The terms of one step in the order in which they are computed. */
export const termNames = [
  "gradient",
  "clippedGradient",
  "drift",
  "noise",
  "step",
  "limit",
  "clippedStep",
  "result",
] as const;

/** One term of a step. */
export type TermName = (typeof termNames)[number];

/** The value of every term of one coordinate's step. */
export type Terms = Readonly<Record<TermName, number>>;

/** What one coordinate's step depends on when rows and axes do not mix. */
export interface CoordinateInput {
  /** a */
  readonly action: number;
  /** ∂E/∂a, already that of exp(-E) where that is asked. */
  readonly gradient: number;
  /** γ, or `null` for none. */
  readonly gradClip: number | null;
  /** σ */
  readonly noiseScale: number;
  /** ξ */
  readonly draw: number;
  /** η */
  readonly stepSize: number;
  /** c */
  readonly deltaClip: number;
  /** lo */
  readonly lower: number;
  /** hi */
  readonly upper: number;
}

/** Settings that limit a step. */
export type Limited = Pick<Settings, "deltaClip" | "bounds" | "own">;

/** One call while it is answered. */
export interface Run {
  /** What the sampler was given. */
  readonly call: Call;
  /** What it was prepared for. */
  readonly settings: Settings;
  /** The rule's formulas. */
  readonly formula: CompiledRule;
  /** 1 where the network returns energies, -1 where it returns logits. */
  readonly sign: 1 | -1;
  /** A copy of the initial actions, rows × axes. */
  readonly initial: Rows;
  /** What the network is asked with. */
  readonly observations: Rows;
  /** The symbols of each axis; what does not change during a call is set. */
  readonly coordinates: readonly Slots[];
  /** The steps taken so far. */
  readonly steps: Step[];
}

/** A step before the network is asked; tables are rows × axes. */
export interface Begun {
  /** From 0. */
  readonly k: number;
  /** η_k */
  readonly stepSize: number;
  /** x_k */
  readonly from: Rows;
  /** ξ_k */
  readonly draws: Rows;
}

/** A step whose gradients are known. */
export interface Asked extends Begun {
  /** Where they were taken. */
  readonly at: Rows;
  /** ∂E/∂a, as the network told it. */
  readonly slopes: Rows;
  /** One per row. */
  readonly energies: readonly number[];
}

/** A step that was taken. */
export interface Step extends Asked {
  /** rows × axes */
  readonly terms: readonly (readonly Terms[])[];
  /** x_{k+1} */
  readonly to: Rows;
}

/** The named steps of the loop; the run is told to each. */
export interface Loop {
  /** What a call goes by, of a sampler that is prepared for some settings. */
  keep(settings: Settings): () => Settings;
  /** What the network is asked with: observations of the groups, or of the rows. */
  observations(call: Call): Rows;
  /** η_0 …; as many steps are taken. Each is asked for after the step before it. */
  stepSizes(run: Run): Iterable<number>;
  /** x_0, rows × axes. */
  start(run: Run): Rows;
  /** ξ_k, rows × axes, for the step that follows those taken so far. */
  draws(run: Run): Rows;
  /** Where gradients are taken, rows × axes. */
  gradientAt(run: Run, begun: Begun): Rows;
  /** What the network tells of these points. */
  ask(run: Run, at: Rows): Pick<Asked, "slopes" | "energies">;
  /** All terms of the step, rows × axes. */
  move(run: Run, asked: Asked): Step["terms"];
  /** What is reported of the step. */
  report(run: Run, step: Step): StepReport;
  /** What is returned, from the points after the last step. */
  result(run: Run, last: Rows): Rows;
}

/** What is reported of a step. */
export interface StepReport {
  /** rows × axes */
  readonly actions: Rows;
  /** Outputs of the network, one per row. */
  readonly outputs: readonly number[];
  /** Norms of gradients, one per row. */
  readonly gradNorms: readonly number[];
}

/** What a call is answered with. */
export interface Answer {
  /** rows × axes */
  readonly final: Rows;
  /** What is reported, step by step. */
  readonly chain: {
    readonly actions: readonly Rows[];
    readonly outputs: Rows;
    readonly gradNorms: Rows;
  };
}

/** A sampler that answers at once. */
export interface RuleSampler extends Sampler {
  /** Prepares the sampler for some settings. */
  prepare(settings: Settings): (call: Call) => Answer;
}

/** How a rule sampler presents itself: `rule`, whose network returns energies, by default. */
export type RuleSamplerOptions = Partial<
  Pick<Sampler, "name" | "networkReturns" | "unsupported" | "noise">
>;
