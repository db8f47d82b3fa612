/**
 * The update rule as formulas per coordinate.
 *
 * A {@linkcode Rule} is a record of named choices; {@linkcode officialRule} is the value of it that
 * the official code runs (`ibc/agents/mcmc.py: gradient_wrt_act, langevin_step, PolynomialSchedule,
 * ExponentialSchedule, langevin_actions_given_obs`). A known defect is another value of the same
 * record, so that the rule, its documentation and every wrong sampler of the tests come from one
 * text.
 *
 * @module
 */

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

/** The symbols a term's formula may use, with what they stand for and how they are printed. */
export const ruleSymbols = {
  a: { tex: "a", meaning: "action coordinate before the step" },
  a0: { tex: "a_0", meaning: "action coordinate before the first step" },
  g: { tex: "g", meaning: "gradient of the row's own energy, ∂E/∂a" },
  gt: { tex: "\\tilde g", meaning: "gradient after the gradient clip" },
  gamma: { tex: "\\gamma", meaning: "gradient clip" },
  xi: { tex: "\\xi", meaning: "standard normal draw" },
  sigma: { tex: "\\sigma", meaning: "noise scale" },
  eta: { tex: "\\eta_k", meaning: "step size of step k" },
  drift: { tex: "\\mathit{drift}", meaning: "half the clipped gradient" },
  driftBefore: { tex: "\\mathit{drift}_{k-1}", meaning: "drift of the step before, 0 at first" },
  noise: { tex: "\\mathit{noise}", meaning: "noise scale times the draw" },
  delta: { tex: "\\delta", meaning: "step before the delta clip" },
  c: { tex: "c", meaning: "delta clip" },
  limit: { tex: "\\ell", meaning: "largest movement of this axis in one step" },
  move: { tex: "\\tilde\\delta", meaning: "step after the delta clip" },
  lo: { tex: "\\mathit{lo}", meaning: "lower bound of this axis" },
  hi: { tex: "\\mathit{hi}", meaning: "upper bound of this axis" },
  init: { tex: "\\mathit{init}", meaning: "initial step size" },
  final: { tex: "\\mathit{final}", meaning: "final step size" },
  power: { tex: "p", meaning: "power of the polynomial schedule" },
  decay: { tex: "\\mathit{decay}", meaning: "decay of the exponential schedule" },
  k: { tex: "k", meaning: "step index, from 0" },
  N: { tex: "N", meaning: "number of steps" },
  E: { tex: "E", meaning: "energy of the row at the current point" },
  // What a defect may reach for, though the rule must not.
  gSum: { tex: "\\textstyle\\sum_{j\\le k} g_j", meaning: "gradients of all steps so far, added" },
  gBatch: { tex: "\\bar g", meaning: "gradient averaged over the rows" },
  gFirst: { tex: "g_{\\text{row }0}", meaning: "gradient of the first row" },
  gNorm: { tex: "\\lVert g\\rVert_2", meaning: "Euclidean norm of the row's gradient" },
  gMax: { tex: "\\lVert g\\rVert_\\infty", meaning: "largest component of the row's gradient" },
  gAll: { tex: "\\lVert g\\rVert_{\\text{all}}", meaning: "Euclidean norm over rows and axes" },
  deltaNorm: { tex: "\\lVert\\delta\\rVert_2", meaning: "Euclidean norm of the row's step" },
  unitNorm: { tex: "\\lVert\\delta/\\ell\\rVert_2", meaning: "the same, in units of the limits" },
  loFirst: { tex: "\\mathit{lo}_1", meaning: "lower bound of the first axis" },
  hiFirst: { tex: "\\mathit{hi}_1", meaning: "upper bound of the first axis" },
  loLeast: { tex: "\\min\\mathit{lo}", meaning: "least lower bound of all axes" },
  hiMost: { tex: "\\max\\mathit{hi}", meaning: "greatest upper bound of all axes" },
  rangeMost: { tex: "\\max(\\mathit{hi}-\\mathit{lo})", meaning: "widest range of all axes" },
  rangeLeast: { tex: "\\min(\\mathit{hi}-\\mathit{lo})", meaning: "narrowest range of all axes" },
  rangeMean: { tex: "\\overline{\\mathit{hi}-\\mathit{lo}}", meaning: "mean range of the axes" },
  rowInside: { tex: "\\text{row inside}", meaning: "1 if the moved row lies in the box, else 0" },
  rows: { tex: "R", meaning: "number of rows" },
  samples: { tex: "n", meaning: "rows per observation" },
  axes: { tex: "d", meaning: "number of axes" },
} as const;

/** A symbol of the rule's formulas. */
export type RuleSymbol = keyof typeof ruleSymbols;

/** All symbols, in the order of their slots. */
export const ruleLayout: readonly RuleSymbol[] = Object.keys(ruleSymbols) as RuleSymbol[];

/** A complete rule: what is computed, from what, and what is handed back. */
export interface Rule {
  /** ∂E/∂a → the gradient that is used. */
  readonly gradient: string;
  /** The same when the network's output is exponentiated. */
  readonly gradientOfExp: string;
  /** When a gradient clip is set. */
  readonly gradClip: string;
  /** When none is set. */
  readonly noGradClip: string;
  /** Whether the gradient clip 0 counts as set. */
  readonly zeroGradClip: "value" | "none";
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
  /** The step size when there is only one step; "throws" for a port that divides by zero. */
  readonly singleStep: string;
  /** η_k for k = 0 … N-1. */
  readonly exponential: string;
  /** Number of steps taken, in N. */
  readonly steps: string;
  /** Where the gradient is taken. */
  readonly gradientAt: "current" | "previous" | "initial" | "noised" | "inside-box";
  /** Which observation a row gets. */
  readonly observations: "repeated" | "tiled";
  /** The law of the draws. */
  readonly noiseLaw:
    | "normal"
    | "uniform"
    | "uniform-01"
    | "uniform-11"
    | "truncated"
    | "laplace"
    | "signs"
    | "student-5"
    | "absolute";
  /** Which draws are shared or correlated. */
  readonly noiseSharing:
    | "none"
    | "rows"
    | "axes"
    | "steps"
    | "rows-and-axes"
    | "samples"
    | "groups"
    | "antithetic"
    | "rows-half"
    | "steps-half";
  /** Whether every call draws anew. */
  readonly noiseSource: "fresh" | "same-every-call";
  /** Where the chain starts. */
  readonly start: "initial" | "clipped";
  /** What becomes of the caller's initial actions. */
  readonly callersArray: "untouched" | "overwritten";
  /** Which point is returned. */
  readonly returns: "last" | "best" | "mean" | "before-last" | "sorted";
  /** Which actions are reported for a step. */
  readonly reportedActions: "after" | "before";
  /** Which network outputs are reported for a step. */
  readonly reportedOutputs: "before" | "after" | "negated" | "with-exp" | "without-exp";
  /** Which gradient norm is reported for a step. */
  readonly reportedNorm: "unclipped" | "clipped" | "euclidean" | "over-rows";
  /** What is kept between calls. */
  readonly memory: "none" | "gradient" | "schedule";
  /** Number format of the computation. */
  readonly precision: "float64" | "float32" | "float16";
}

/** The rule as the official code runs it. */
export const officialRule: Rule = {
  gradient: "g",
  gradientOfExp: "exp(-E) * g",
  gradClip: "min(max(g, -gamma), gamma)",
  noGradClip: "g",
  zeroGradClip: "value",
  drift: "gt / 2",
  noise: "sigma * xi",
  step: "eta * (drift + noise)",
  limit: "c / 2 * (hi - lo)",
  clippedStep: "min(max(delta, -limit), limit)",
  result: "min(max(a - move, lo), hi)",
  polynomial: "(init - final) * (1 - k / (N - 1)) ^ power + final",
  polynomialFirst: "init",
  singleStep: "init",
  exponential: "init * decay ^ k",
  steps: "N",
  gradientAt: "current",
  observations: "repeated",
  noiseLaw: "normal",
  noiseSharing: "none",
  noiseSource: "fresh",
  start: "initial",
  callersArray: "untouched",
  returns: "last",
  reportedActions: "after",
  reportedOutputs: "before",
  reportedNorm: "unclipped",
  memory: "none",
  precision: "float64",
};
