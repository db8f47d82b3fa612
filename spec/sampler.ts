/**
 * The contract between the suite and a sampler.
 *
 * A person writes a {@linkcode Sampler}: it is prepared once for some settings and then called
 * with one problem after another. The suite wraps it into a {@linkcode Target}, whose calls give
 * back observed {@linkcode Trajectory} records. Nothing else is known about a sampler.
 *
 * @module
 */

import type { Grouped, Problem, Rows, Settings } from "./problem.ts";
import type { Rule } from "./rule_records.ts";
import type { OwnCoordinates } from "./tolerance.ts";
import type { Chain, Trajectory } from "./trajectory.ts";

/** What the network of a sampler returns: an energy (low is good) or logits (high is good). */
export type NetworkReturns = "energy" | "logits";

/** Features that a sampler may lack without breaking the rule. */
export const features = {
  "grad-clip": "clipping of the gradient before it is halved",
  "exponential-schedule": "the exponential schedule",
  "apply-exp": "the gradient of exp(output) instead of the output",
  "chain-actions": "reporting the actions after each step",
  "chain-outputs": "reporting the network outputs before each step",
  "chain-grad-norms": "reporting the gradient norms before each step",
  "noise-tape": "taking its noise from outside",
} as const;

/** The id of an optional feature. */
export type Feature = keyof typeof features;

/** The network as plain arrays. Every question is logged; gradients are exact. */
export interface Network {
  /** Which sign the outputs have: that of the energy, or that of logits. */
  readonly returns: NetworkReturns;
  /** The energy formula behind it. */
  readonly energy: string;
  /**
   * Network outputs, one per row.
   *
   * @param actions rows × axes, or groups × samples × axes
   * @param observations groups × features (each repeated for its samples) or rows × features;
   *   those of the problem by default
   */
  outputs(actions: Rows | Grouped, observations?: Rows): number[];
  /** The gradient of each row's own output with respect to its action, rows × axes. */
  gradient(actions: Rows, observations?: Rows): number[][];
  /** The same for grouped actions, groups × samples × axes. */
  gradient(actions: Grouped, observations?: Rows): number[][][];
  /** Logs a question that was answered by other means (tensor networks use this). */
  log(kind: "outputs" | "gradient", points: Rows): void;
}

/**
 * Where a sampler's noise comes from.
 *
 * - `tape`: every draw is taken from `call.noise`. The suite supplies the draws, so it compares each
 *   step exactly, and nothing is said of their law.
 * - `own`: the sampler has a generator of its own. Its noise is recovered from its steps and judged
 *   by exact statistical tests; `call.seed` is another one in every call.
 * - `both`: the tape where `call.noise.kind` is `tape`, its own generator where it is `own`. Both
 *   views are judged.
 */
export type NoiseOrigin = "tape" | "own" | "both";

/**
 * What a sampler lets the suite see: every step, because it asks the suite's network for gradients;
 * or its final actions alone, because it evaluates the energy formula by itself.
 */
export type Reveals = "every-step" | "final-actions";

/** What a sampler is compiled for: shapes and numbers of steps, or these and every setting. */
export type CompiledFor = "shapes" | "settings";

/** Standard normal draws. */
export interface NoiseSource {
  /** Whether the draws are those of a tape, or the sampler is asked to draw by itself. */
  readonly kind: "tape" | "own";
  /** The next draw, rows × axes. */
  draw(): number[][];
  /** The next draw, groups × samples × axes. */
  drawGrouped(): number[][][];
}

/** What a sampler is given for one problem. The arrays are the caller's: leave them as they are. */
export interface Call {
  /** What the sampler was prepared for. */
  readonly settings: Settings;
  /** Number of observations. */
  readonly groups: number;
  /** Rows per observation. */
  readonly samples: number;
  /** Coordinates of an action. */
  readonly axes: number;
  /** groups × features. */
  readonly observations: number[][];
  /** rows × axes; `grouped(initial, samples)` gives groups × samples × axes. */
  readonly initial: number[][];
  /** The network, every question logged. */
  readonly network: Network;
  /** Standard normal draws. */
  readonly noise: NoiseSource;
  /** For samplers that draw their own noise. */
  readonly seed: number;
}

/** Arrays, or a tensor that gives them. */
export type Arrays<T> = T | { arraySync(): unknown };

/** Final actions alone, or with what the sampler reports of its steps. */
export type Result =
  | Arrays<Rows | Grouped>
  | {
    readonly final: Arrays<Rows | Grouped>;
    readonly chain?: {
      readonly actions?: Arrays<readonly (Rows | Grouped)[]>;
      readonly outputs?: Arrays<Rows | Grouped>;
      /** Of the unclipped gradients; zeros where `settings.gradNorm` is `null`. */
      readonly gradNorms?: Arrays<Rows | Grouped>;
    };
  };

/** What `prepare` gives: it is called at least twice, on different problems. */
export type Sample = (call: Call) => Result | Promise<Result>;

/** A sampler as its author plugs it in. */
export interface Sampler {
  /** Shown in reports. */
  readonly name: string;
  /** What its network is expected to return. */
  readonly networkReturns: NetworkReturns;
  /** Optional features that it lacks. */
  readonly unsupported?: readonly Feature[];
  /** Where its noise comes from: `tape`, or `own` if it lacks `noise-tape`, by default. */
  readonly noise?: NoiseOrigin;
  /** What it lets the suite see; `every-step` by default. */
  readonly reveals?: Reveals;
  /** `scalar` if it takes one interval for all axes; any box by default. */
  readonly bounds?: "scalar";
  /**
   * The rule that it means to follow, by its name (`ula`, `ula+temperature`) or as a JSON file; `ibc`
   * by default.
   */
  readonly rule?: string;
  /** Builds the sampler for some settings; no work on problems yet. */
  prepare(settings: Settings): Sample | Promise<Sample>;
}

/** A sampler under observation. */
export interface Target {
  /** Shown in reports. */
  readonly name: string;
  /** What its network returns. */
  readonly networkReturns: NetworkReturns;
  /** The library that it's written with, as it says itself. */
  readonly framework?: string | undefined;
  /** Optional features that it lacks. */
  readonly unsupported: ReadonlySet<Feature>;
  /** Where its noise comes from; see {@linkcode noiseOrigin}. */
  readonly noise?: NoiseOrigin;
  /** What it lets the suite see; `every-step` by default. */
  readonly reveals?: Reveals;
  /** Set if it takes one interval for all axes. */
  readonly bounds?: "scalar";
  /** What it is compiled for, again and again; absent if for nothing. */
  readonly compiles?: CompiledFor;
  /** Whether it draws its own start: the draw gives the initial actions, up to its rounding. */
  readonly drawsStart?: true;
  /** The name of the rule that it says it follows. */
  readonly declares?: string;
  /** The rule that it is judged by; the official one by default. */
  readonly rule?: Rule;
  /** Set if it rounds like one that keeps its actions in coordinates of its own. */
  readonly coordinates?: OwnCoordinates;
  /** The settings of its first preparation, and of the first for each larger number of axes. */
  readonly firsts?: readonly Settings[];
  /** Steps of the longest chain that it is asked for: short ones, once a long one was too slow. */
  readonly longest?: () => number;
  /**
   * Prepares the sampler for some settings.
   *
   * @throws {TargetFault} if that is not possible
   */
  prepare(settings: Settings): Promise<PreparedTarget>;
}

/** Where the noise of a target comes from: what it says, or what its features imply. */
export function noiseOrigin(target: Pick<Target, "noise" | "unsupported">): NoiseOrigin {
  return target.noise ?? (target.unsupported.has("noise-tape") ? "own" : "tape");
}

/** A target that has been prepared for some settings. */
export interface PreparedTarget {
  /**
   * Runs one problem.
   *
   * @throws {TargetFault} if the sampler throws or returns something unusable
   */
  sample(problem: Problem): Promise<Trajectory>;
}

/**
 * Why a target could not be observed, in a word. From `time-out` on they are faults of its process or
 * harness: they never say anything about the rule.
 */
export type FaultKind =
  | "throws"
  | "shape"
  | "not-finite"
  | "contract"
  | "time-out"
  | "missing"
  | "exit"
  | "dies"
  | "memory"
  | "protocol";

/** Kinds of faults that lie with the target's process. */
const ofProcess: ReadonlySet<string> = new Set<FaultKind>([
  "time-out",
  "missing",
  "exit",
  "dies",
  "memory",
  "protocol",
]);

/** Whether a kind of fault lies with the target's process. */
export function isOfProcess(kind: string): boolean {
  return ofProcess.has(kind);
}

/** The target could not be observed: it threw, or gave something unusable. */
export class TargetFault extends Error {
  /** Always "TargetFault". */
  override readonly name = "TargetFault";
  /** The last lines that the target's process wrote to standard error, if there are any. */
  readonly stderr: string | undefined;
  /** The trace that the target's process gave of what it threw, if there is one. */
  readonly trace: string | undefined;
  /** Where to look in the sampler's files, as `file:line:column`, if that can be told. */
  readonly place: string | undefined;

  /**
   * Builds the message from its parts.
   *
   * @param kind what happened, in a word
   * @param found what was found
   * @param wanted what was wanted; empty if what was thrown says it all
   * @param options the `cause`, and the `place` in its files, and what its
   *   process said beside
   */
  constructor(
    readonly kind: FaultKind,
    readonly found: string,
    readonly wanted: string,
    options: ErrorOptions & {
      readonly stderr?: string | undefined;
      readonly trace?: string | undefined;
      readonly place?: string | undefined;
    } = {},
  ) {
    const { stderr, trace, place, ...rest } = options;
    super(`Cannot judge the sampler: ${faultWords({ found, wanted })}`, rest);
    this.stderr = stderr || undefined;
    this.trace = trace || undefined;
    this.place = place || undefined;
  }

  /** Whether the fault lies with the target's process, so that nothing was learned of the rule. */
  get ofProcess(): boolean {
    return ofProcess.has(this.kind);
  }
}

/** A fault as a clause of a sentence: what was found, and what was wanted. */
export function faultWords(
  { found, wanted }: { readonly found: string; readonly wanted: string },
): string {
  return wanted === "" ? found : `found ${found}, wanted ${wanted}`;
}

/** What {@linkcode Target} implementations build a trajectory's chain from. */
export type { Chain };
