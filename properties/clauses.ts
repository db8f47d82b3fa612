/**
 * The clauses of the rule.
 *
 * A clause is one statement that can be checked by itself: a stable id, a sentence, the formula it
 * is about, where it comes from, what it builds on. Reports, documentation, help texts and checks
 * all take it from here.
 *
 * @module
 */

import { officialRule, type TermName } from "../spec/rule.ts";
import type { Feature } from "../spec/sampler.ts";

/** How binding a clause is. */
export type Level =
  /** Every sampler that follows the rule. */
  | "must"
  /** Only samplers that have the feature; lacking it is not a violation. */
  | "may"
  /** A consequence of the other clauses, proved; checked because it is what users look at. */
  | "theorem";

/** One statement of the rule. */
export interface Clause {
  /** Words, stable: a group and a name. */
  readonly id: string;
  /** Whom it binds. */
  readonly level: Level;
  /** What holds, in one sentence. */
  readonly sentence: string;
  /** A formula of the rule, as it is executed. */
  readonly formula?: string;
  /** The term of a step that the clause is about. */
  readonly term?: TermName;
  /** Where it comes from. */
  readonly source: string;
  /** The optional feature without which it cannot be judged. */
  readonly feature?: Feature;
  /** What it takes beside features: without noise of the sampler's own there is nothing to judge. */
  readonly needs?: "own noise";
  /** Clauses without which this one has no meaning: if one of them is violated, it is not judged. */
  readonly buildsOn: readonly string[];
  /** Why it is there, or what it leaves open. */
  readonly remark?: string;
}

const langevinStep = "mcmc.py: langevin_step";
const gradientFunction = "mcmc.py: gradient_wrt_act";
const loop = "mcmc.py: langevin_actions_given_obs";
const polynomial = "mcmc.py: PolynomialSchedule";
const path: readonly string[] = [
  "steps/count",
  "steps/precision",
  "start/initial-actions",
  "drift/current-point",
];
const drifting = [
  ...path,
  "drift/descends",
  "drift/half",
  "schedule/constant",
  "result/last-point",
];
const moving: readonly string[] = [...drifting, "drift/no-memory"];
const noisy: readonly string[] = [
  ...path,
  "noise/step-size",
  "schedule/constant",
  "result/last-point",
];
const lawOfOneDraw: readonly string[] = [
  ...new Set([...moving, ...noisy]),
  "drift/own-row",
  "drift/own-axis",
  "noise/scale",
  "noise/every-step",
  "noise/own-draw",
];
const everything: readonly string[] = [
  ...new Set([
    ...moving,
    ...noisy,
    "drift/own-row",
    "drift/own-axis",
    "drift/own-observation",
    "grad-clip/none",
    "noise/scale",
    "noise/every-step",
    "noise/own-draw",
    "delta-clip/limits-step",
    "delta-clip/scaled-by-range",
    "delta-clip/per-axis",
    "delta-clip/centred",
    "delta-clip/elementwise",
    "delta-clip/after-noise",
    "delta-clip/every-step",
    "delta-clip/zero",
    "bounds/within",
    "bounds/on-the-wall",
    "bounds/per-axis",
    "bounds/only-the-wall",
    "bounds/every-step",
    "schedule/polynomial",
    "schedule/one-step",
    "grad-clip/limits",
    "grad-clip/elementwise",
    "grad-clip/before-noise",
    "grad-clip/zero",
    "schedule/exponential",
    "state/second-call",
  ]),
];

/** Every clause, foundations first. */
export const clauses = [
  {
    id: "steps/count",
    level: "must",
    sentence: "A chain of N steps asks for exactly N gradients, one before each step.",
    source: loop,
    buildsOn: [],
    remark:
      "Asking again at a point that has not moved, or once more at the final actions, is harmless and passed over.",
  },
  {
    id: "steps/precision",
    level: "must",
    sentence: "Actions are kept with the precision of float32, or better.",
    source: loop,
    buildsOn: ["steps/count"],
    remark: "In float16 or bfloat16 small steps are lost; all other clauses are judged in float32.",
  },
  {
    id: "start/initial-actions",
    level: "must",
    sentence:
      "The first gradient is taken at the initial actions as they are given, even outside the bounds.",
    source: loop,
    buildsOn: ["steps/count"],
  },
  {
    id: "drift/current-point",
    level: "must",
    sentence: "Each gradient is taken at the point that the step before has reached.",
    term: "gradient",
    source: loop,
    buildsOn: ["steps/count", "start/initial-actions"],
  },
  {
    id: "start/caller-unchanged",
    level: "must",
    sentence: "The caller's initial actions are not changed.",
    source: loop,
    buildsOn: [],
  },
  {
    id: "drift/descends",
    level: "must",
    sentence: "Without noise, a small step moves every coordinate down the energy.",
    term: "drift",
    source: gradientFunction,
    buildsOn: path,
    remark:
      "A network that returns logits f is a network of energy E = -f: its sign is turned once. A network that returns an energy is used as it is.",
  },
  {
    id: "drift/half",
    level: "must",
    sentence: "The drift is one half of the gradient.",
    formula: officialRule.drift,
    term: "drift",
    source: langevinStep,
    buildsOn: [...path, "drift/descends"],
  },
  {
    id: "noise/step-size",
    level: "must",
    sentence: "The noise is multiplied by the step size itself, not by its root.",
    formula: officialRule.step,
    term: "step",
    source: langevinStep,
    feature: "noise-tape",
    buildsOn: path,
    remark:
      "The sign of the noise is left open: adding or subtracting a normal draw gives the same law.",
  },
  {
    id: "schedule/constant",
    level: "must",
    sentence: "A final step size equal to the initial one gives a constant step size.",
    formula: officialRule.polynomial,
    term: "step",
    source: polynomial,
    buildsOn: path,
  },
  {
    id: "schedule/polynomial",
    level: "must",
    sentence:
      "The step size starts at init and falls (or rises) polynomially to final, which step N-1 uses.",
    formula: officialRule.polynomial,
    term: "step",
    source: polynomial,
    buildsOn: [...path, "schedule/constant"],
  },
  {
    id: "result/last-point",
    level: "must",
    sentence: "The returned actions are the points after the last step, row for row.",
    source: loop,
    buildsOn: [...path, "schedule/constant"],
  },
  {
    id: "drift/no-memory",
    level: "must",
    sentence: "Nothing of earlier gradients is kept: no momentum, no accumulated gradient.",
    formula: officialRule.drift,
    term: "drift",
    source: loop,
    buildsOn: drifting,
  },
  {
    id: "schedule/one-step",
    level: "must",
    sentence: "A chain of one step gives a result, with the initial step size.",
    source: polynomial,
    buildsOn: [...moving, "schedule/polynomial"],
    remark:
      "In TensorFlow's graph mode the division by N-1 = 0 concerns an unused value; in eager code and in ports it must not be reached.",
  },
  {
    id: "schedule/two-steps",
    level: "must",
    sentence: "A chain of two steps uses init, then final.",
    source: polynomial,
    buildsOn: [...moving, "schedule/polynomial"],
  },
  {
    id: "schedule/exponential",
    level: "may",
    sentence: "The exponential schedule multiplies the step size by decay after every step.",
    formula: officialRule.exponential,
    term: "step",
    source: "mcmc.py: ExponentialSchedule",
    feature: "exponential-schedule",
    buildsOn: moving,
    remark:
      "Traced by tf.function, the official code decays once and then stays constant: a known deviation of the official graph mode from its own documentation.",
  },
  {
    id: "drift/own-row",
    level: "must",
    sentence: "A row moves as it would move alone: rows neither mix nor share a mean.",
    term: "gradient",
    source: gradientFunction,
    buildsOn: path,
  },
  {
    id: "drift/own-axis",
    level: "must",
    sentence: "The drift of an axis depends on its own component of the gradient only.",
    term: "drift",
    source: langevinStep,
    buildsOn: moving,
  },
  {
    id: "drift/own-observation",
    level: "must",
    sentence:
      "Row r belongs to observation floor(r / samples): observations are repeated, not tiled.",
    term: "gradient",
    source: loop,
    buildsOn: [...moving, "drift/own-row"],
  },
  {
    id: "noise/scale",
    level: "must",
    sentence: "The noise is multiplied by the noise scale.",
    formula: officialRule.noise,
    term: "noise",
    source: langevinStep,
    feature: "noise-tape",
    buildsOn: noisy,
  },
  {
    id: "noise/every-step",
    level: "must",
    sentence: "Every step adds noise, the first and the last too.",
    term: "noise",
    source: langevinStep,
    feature: "noise-tape",
    buildsOn: noisy,
  },
  {
    id: "noise/own-draw",
    level: "must",
    sentence: "Every step, row and axis has a draw of its own, of the shape of the actions.",
    formula: officialRule.noise,
    term: "noise",
    source: langevinStep,
    feature: "noise-tape",
    buildsOn: [...noisy, "noise/scale", "noise/every-step"],
  },
  {
    id: "noise/standard-normal",
    level: "must",
    sentence: "Each draw follows the standard normal law, from the middle to the tails.",
    formula: officialRule.noise,
    term: "noise",
    source: langevinStep,
    needs: "own noise",
    buildsOn: lawOfOneDraw,
    remark:
      "Judged by exact tests of the recovered draws. Where the suite supplies the draws, their law is not the sampler's, and there is nothing to judge.",
  },
  {
    id: "noise/independent",
    level: "must",
    sentence:
      "Draws of different rows, axes, steps, observations and samples are independent of each other.",
    formula: officialRule.noise,
    term: "noise",
    source: langevinStep,
    needs: "own noise",
    buildsOn: [...lawOfOneDraw, "noise/standard-normal"],
    remark: "Antithetic or correlated draws have the right law one by one, and break this clause.",
  },
  {
    id: "noise/fresh-each-call",
    level: "must",
    sentence:
      "Every call draws anew: with another seed a second call has other, independent draws.",
    formula: officialRule.noise,
    term: "noise",
    source: langevinStep,
    needs: "own noise",
    buildsOn: [...lawOfOneDraw, "noise/standard-normal"],
    remark:
      "The same seed may give the same draws. A sampler that keeps a generator of its own may ignore the seed, as long as it goes on drawing.",
  },
  {
    id: "grad-clip/none",
    level: "must",
    sentence: "Without a gradient clip, large gradients are used as they are.",
    formula: officialRule.noGradClip,
    term: "clippedGradient",
    source: langevinStep,
    buildsOn: moving,
  },
  {
    id: "grad-clip/limits",
    level: "may",
    sentence: "A gradient clip limits the gradient to ±γ before it is halved.",
    formula: officialRule.gradClip,
    term: "clippedGradient",
    source: langevinStep,
    feature: "grad-clip",
    buildsOn: moving,
  },
  {
    id: "grad-clip/elementwise",
    level: "may",
    sentence: "The gradient clip acts on each component by itself, not on a norm.",
    formula: officialRule.gradClip,
    term: "clippedGradient",
    source: langevinStep,
    feature: "grad-clip",
    buildsOn: [...moving, "grad-clip/limits", "drift/own-axis", "drift/own-row"],
  },
  {
    id: "grad-clip/before-noise",
    level: "may",
    sentence: "The gradient clip does not touch the noise.",
    formula: officialRule.step,
    term: "clippedGradient",
    source: langevinStep,
    feature: "grad-clip",
    buildsOn: [...moving, ...noisy, "grad-clip/limits", "noise/own-draw"],
  },
  {
    id: "grad-clip/zero",
    level: "may",
    sentence: "A gradient clip of zero removes the gradient: zero is a value, not “off”.",
    formula: officialRule.gradClip,
    term: "clippedGradient",
    source: langevinStep,
    feature: "grad-clip",
    buildsOn: [...moving, "grad-clip/limits"],
  },
  {
    id: "bounds/within",
    level: "must",
    sentence: "The returned actions lie within the bounds.",
    formula: officialRule.result,
    term: "result",
    source: loop,
    buildsOn: ["steps/count"],
  },
  {
    id: "bounds/per-axis",
    level: "must",
    sentence: "Each axis has bounds of its own.",
    formula: officialRule.result,
    term: "result",
    source: loop,
    buildsOn: ["steps/count", "bounds/within"],
  },
  {
    id: "bounds/every-step",
    level: "must",
    sentence:
      "The bounds are applied after every step, so every gradient but the first is taken inside.",
    formula: officialRule.result,
    term: "result",
    source: loop,
    buildsOn: [...path, "bounds/within"],
  },
  {
    id: "bounds/on-the-wall",
    level: "must",
    sentence: "A coordinate that would leave the bounds stops on the wall, and the others go on.",
    formula: officialRule.result,
    term: "result",
    source: loop,
    buildsOn: [...moving, "drift/own-row", "drift/own-axis", "bounds/within"],
  },
  {
    id: "bounds/only-the-wall",
    level: "must",
    sentence: "A point that stays within the bounds is not moved by them.",
    formula: officialRule.result,
    term: "result",
    source: loop,
    buildsOn: moving,
  },
  {
    id: "bounds/outside-start",
    level: "must",
    sentence: "A chain that starts outside the bounds is on the wall or inside after one step.",
    formula: officialRule.result,
    term: "result",
    source: loop,
    buildsOn: [
      ...moving,
      "drift/own-row",
      "drift/own-axis",
      "bounds/within",
      "bounds/every-step",
      "bounds/on-the-wall",
    ],
  },
  {
    id: "bounds/zero-width",
    level: "must",
    sentence: "An axis whose box has no width never moves.",
    formula: officialRule.limit,
    term: "limit",
    source: langevinStep,
    buildsOn: [...path, "result/last-point", "bounds/within", "bounds/per-axis"],
  },
  {
    id: "delta-clip/limits-step",
    level: "must",
    sentence: "A step moves a coordinate by at most the limit, and by the limit if it wants more.",
    formula: officialRule.clippedStep,
    term: "clippedStep",
    source: langevinStep,
    buildsOn: [...path, "result/last-point"],
  },
  {
    id: "delta-clip/scaled-by-range",
    level: "must",
    sentence: "The limit is the delta clip times half the range of the axis.",
    formula: officialRule.limit,
    term: "limit",
    source: langevinStep,
    buildsOn: [...path, "result/last-point", "bounds/only-the-wall", "delta-clip/limits-step"],
  },
  {
    id: "delta-clip/centred",
    level: "must",
    sentence: "The limit depends on the width of the box, not on where the box lies.",
    formula: officialRule.limit,
    term: "limit",
    source: langevinStep,
    buildsOn: [
      ...path,
      "result/last-point",
      "bounds/within",
      "bounds/only-the-wall",
      "delta-clip/limits-step",
      "delta-clip/scaled-by-range",
    ],
  },
  {
    id: "delta-clip/elementwise",
    level: "must",
    sentence: "The delta clip acts on each coordinate by itself, not on the length of the step.",
    formula: officialRule.clippedStep,
    term: "clippedStep",
    source: langevinStep,
    buildsOn: [...moving, "drift/own-axis", "delta-clip/limits-step"],
  },
  {
    id: "delta-clip/per-axis",
    level: "must",
    sentence: "Each axis has a limit of its own.",
    formula: officialRule.limit,
    term: "limit",
    source: langevinStep,
    buildsOn: [
      ...path,
      "result/last-point",
      "bounds/only-the-wall",
      "bounds/per-axis",
      "delta-clip/limits-step",
      "delta-clip/scaled-by-range",
      "delta-clip/elementwise",
    ],
  },
  {
    id: "delta-clip/after-noise",
    level: "must",
    sentence: "The delta clip acts on drift and noise together.",
    formula: officialRule.clippedStep,
    term: "clippedStep",
    source: langevinStep,
    feature: "noise-tape",
    buildsOn: [...path, "result/last-point", "noise/own-draw", "delta-clip/limits-step"],
  },
  {
    id: "delta-clip/every-step",
    level: "must",
    sentence: "Every step is limited anew, relative to the point where it starts.",
    formula: officialRule.clippedStep,
    term: "clippedStep",
    source: langevinStep,
    buildsOn: [...path, "delta-clip/limits-step", "delta-clip/scaled-by-range"],
  },
  {
    id: "delta-clip/zero",
    level: "must",
    sentence: "With a delta clip of zero nothing moves.",
    formula: officialRule.clippedStep,
    term: "clippedStep",
    source: langevinStep,
    buildsOn: [
      ...path,
      "result/last-point",
      "delta-clip/limits-step",
      "delta-clip/elementwise",
      "delta-clip/every-step",
    ],
  },
  {
    id: "state/second-call",
    level: "must",
    sentence:
      "A second call of the same prepared sampler on the same problem gives the same chain.",
    source: loop,
    buildsOn: path,
  },
  {
    id: "rows/not-a-number",
    level: "must",
    sentence: "A gradient that is not a number spoils its own row only.",
    source: loop,
    buildsOn: ["steps/count", "drift/own-row", "result/last-point"],
    remark: "What becomes of the spoiled row is left open: frameworks differ in how they clip NaN.",
  },
  {
    id: "delta-clip/infinite-gradient",
    level: "must",
    sentence: "An infinite gradient moves a coordinate by exactly the limit.",
    formula: officialRule.clippedStep,
    term: "clippedStep",
    source: langevinStep,
    buildsOn: [
      ...moving,
      "drift/own-row",
      "grad-clip/none",
      "delta-clip/limits-step",
      "delta-clip/scaled-by-range",
      "delta-clip/elementwise",
    ],
  },
  {
    id: "apply-exp/gradient",
    level: "may",
    sentence: "With apply_exp the gradient is that of exp(-E), negated.",
    formula: officialRule.gradientOfExp,
    term: "gradient",
    source: gradientFunction,
    feature: "apply-exp",
    buildsOn: moving,
  },
  {
    id: "chain/actions",
    level: "may",
    sentence: "The reported actions are the points after each step.",
    source: loop,
    feature: "chain-actions",
    buildsOn: [...path, "result/last-point"],
  },
  {
    id: "chain/outputs",
    level: "may",
    sentence: "The reported energies are the raw network outputs before each step.",
    source: loop,
    feature: "chain-outputs",
    buildsOn: path,
    remark: "With apply_exp they are exp(f); a network that returns an energy reports that energy.",
  },
  {
    id: "chain/outputs-exp",
    level: "may",
    sentence: "With apply_exp the reported outputs are exponentiated.",
    source: loop,
    feature: "chain-outputs",
    buildsOn: [...path, "chain/outputs", "apply-exp/gradient"],
  },
  {
    id: "chain/grad-norms",
    level: "may",
    sentence:
      "The reported gradient norms are those of each row's unclipped gradient before each step, over its axes.",
    source: "mcmc.py: compute_grad_norm",
    feature: "chain-grad-norms",
    buildsOn: [
      ...path,
      "drift/half",
      "drift/no-memory",
      "drift/own-row",
      "drift/own-axis",
    ],
  },
  {
    id: "step/exact",
    level: "must",
    sentence: "Every step follows the whole formula, with everything acting at once.",
    formula: officialRule.result,
    term: "result",
    source: langevinStep,
    buildsOn: everything,
  },
  {
    id: "energy/sure-descent",
    level: "theorem",
    sentence:
      "Without noise, inside the bounds and with step sizes of at most 4/L, no step raises an L-smooth energy.",
    source: "proof: docs/rule.md",
    buildsOn: everything,
  },
  {
    id: "energy/expected-descent",
    level: "theorem",
    sentence:
      "On convex energies the mean energy falls where the exact one-step law says so, and rises near the minimum where it says that.",
    source: "proof: docs/rule.md",
    feature: "noise-tape",
    buildsOn: everything,
    remark:
      "“The energy decreases in expectation” is false near the minimum: in the first step of a default chain on ½a² in [-1, 1], on more than a quarter of the box.",
  },
  {
    id: "golden/traces",
    level: "must",
    sentence: "The official traces are reproduced, step by step.",
    source: "traces of the official code",
    feature: "noise-tape",
    buildsOn: [
      ...everything,
      "delta-clip/infinite-gradient",
      "rows/not-a-number",
      "apply-exp/gradient",
    ],
  },
] as const satisfies readonly Clause[];

/** The id of a clause. */
export type ClauseId = (typeof clauses)[number]["id"];

/** Looks up a clause by its id. */
export function clauseOf(id: string): Clause | undefined {
  return (clauses as readonly Clause[]).find((clause) => clause.id === id);
}
