/**
 * The update rule, whole: its formulas, the step sizes, one coordinate's step, the loop over N steps
 * and what is reported. It is what the official code runs (`ibc/agents/mcmc.py: gradient_wrt_act,
 * langevin_step, PolynomialSchedule, ExponentialSchedule, langevin_actions_given_obs`).
 *
 * @module
 */

import { beginRun, type CompiledRule, compileRule, type Slots, slots } from "./compiled_rule.ts";
import { norm } from "./numerics/norm.ts";
import type { Schedule } from "./problem.ts";
import type { Answer, CoordinateInput, Formulas, Limited, Loop, Rule } from "./rule_records.ts";
import type { RuleSampler, RuleSamplerOptions, Run, StepReport, Terms } from "./rule_records.ts";

export * from "./rule_records.ts";

/** The symbols of the formulas, with what they stand for and how they are printed. */
export const ruleSymbols = {
  a: { tex: "a", meaning: "action coordinate before the step" },
  g: { tex: "g", meaning: "gradient of the row's own energy, ∂E/∂a" },
  gt: { tex: "\\tilde g", meaning: "gradient after the gradient clip" },
  gamma: { tex: "\\gamma", meaning: "gradient clip" },
  xi: { tex: "\\xi", meaning: "standard normal draw" },
  sigma: { tex: "\\sigma", meaning: "noise scale" },
  eta: { tex: "\\eta_k", meaning: "step size of step k" },
  drift: { tex: "\\mathit{drift}", meaning: "half the clipped gradient" },
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
} as const;

/** A symbol of the formulas. */
export type RuleSymbol = keyof typeof ruleSymbols;

const formulas: Formulas = {
  gradient: "g", // ∂E/∂a → the gradient that is used
  gradientOfExp: "exp(-E) * g", // the same where the network's output is exponentiated
  gradClip: "min(max(g, -gamma), gamma)", // where a gradient clip is set; 0 is one
  noGradClip: "g", // where none is set
  drift: "gt / 2",
  noise: "sigma * xi",
  step: "eta * (drift + noise)",
  limit: "c / 2 * (hi - lo)",
  clippedStep: "min(max(delta, -limit), limit)",
  result: "min(max(a - move, lo), hi)",
  polynomial: "(init - final) * (1 - k / (N - 1)) ^ power + final", // η_1 … η_{N-1}
  polynomialFirst: "init", // η_0
  singleStep: "init", // η_0 where it is the only one
  exponential: "init * decay ^ k", // η_0 … η_{N-1}
  steps: "N", // steps that are taken
};

/** A field of a rule that is a formula. */
export type FormulaName = keyof Formulas;

/** All formulas, in the order in which they are printed. */
export const formulaNames: readonly FormulaName[] = Object.keys(formulas) as FormulaName[];

/** The step sizes η_0 … of a schedule over N = `steps` steps, float64; `own` of the rule's own. */
export function stepSizes(schedule: Schedule, steps: number, rule = officialRule, own = {}) {
  const formula = compileRule(rule), { kind, ...parameters } = schedule;
  const s = slots({ ...parameters, N: steps, ...own }, rule);
  const taken = Math.max(0, Math.round(formula.steps(s)));
  return Array.from({ length: taken }, (_, k) => {
    s.k = k;
    if (formula.stepSize) return formula.stepSize(s);
    if (kind === "exponential") return formula.exponential(s);
    if (taken === 1 && steps === 1) return formula.singleStep(s);
    return k === 0 ? formula.polynomialFirst(s) : formula.polynomial(s);
  });
}

/** ℓ, the largest movement of an axis in one step. */
export function limitOf(of: Limited, axis: number, rule: Rule = officialRule): number {
  const { deltaClip: c, bounds: { min, max } } = of;
  return compileRule(rule).limit(slots({ c, lo: min[axis]!, hi: max[axis]!, ...of.own }, rule));
}

/** One step of the official rule on one coordinate: every term, float64. */
export function stepCoordinate(input: CoordinateInput): Terms {
  const { action: a, gradient: g, draw: xi, stepSize: eta, lower: lo, upper: hi } = input;
  const { noiseScale: sigma, deltaClip: c, gradClip } = input;
  const s = slots({ a, g, gamma: gradClip ?? 0, sigma, xi, eta, c, lo, hi }, officialRule);
  return termsOf(compileRule(officialRule), s, gradClip !== null);
}

/** Every term of one coordinate's step by its name, in the order in which they are computed. */
export function termsOf(formula: CompiledRule, s: Slots, clips: boolean): Terms {
  const gradient = s.g;
  const clippedGradient = s.gt = clips ? formula.gradClip(s) : formula.noGradClip(s);
  const drift = s.drift = formula.drift(s);
  const noise = s.noise = formula.noise(s);
  const step = s.delta = formula.step(s);
  const limit = s.limit = formula.limit(s);
  const clippedStep = s.move = formula.clippedStep(s);
  const result = formula.result(s);
  return { gradient, clippedGradient, drift, noise, step, limit, clippedStep, result };
}

/** The named steps of the loop; `run` holds what is given and the steps taken so far. */
const officialLoop: Loop = {
  /** Each prepared sampler goes by the settings that it is prepared for. */
  keep: (settings) => () => settings,
  /** The observations of the groups; the network repeats each for its rows. */
  observations: (call) => call.observations,
  /** η_0 … η_{N-1}. */
  stepSizes: ({ settings: { schedule, steps, own }, formula }) =>
    stepSizes(schedule, steps, formula.rule, own),
  /** x_0: the initial actions as they are, even outside the box. The caller's are a copy. */
  start: (run) => run.initial,
  /** ξ_k: fresh standard normal draws, one for every row and axis. */
  draws: (run) => run.call.noise.draw(),
  /** Where gradients are taken: at the current points. */
  gradientAt: (_run, { from }) => from,
  /** The gradient of every row's own energy there, and the energies. */
  ask: ({ call, observations, sign }, at) => ({
    slopes: call.network.gradient(at, observations).map((row) => row.map((g) => sign * g)),
    energies: call.network.outputs(at, observations).map((output) => sign * output),
  }),
  /** Moves every row and axis by itself. */
  move: ({ settings, formula, coordinates }, asked) => {
    const gradient = settings.applyExp ? formula.gradientOfExp : formula.gradient;
    return asked.from.map((row, r) =>
      row.map((action, i) => {
        const s = coordinates[i]!;
        s.k = asked.k;
        s.eta = asked.stepSize;
        s.a = action;
        s.xi = asked.draws[r]![i]!;
        s.E = asked.energies[r]!;
        s.g = asked.slopes[r]![i]!;
        s.g = gradient(s);
        return termsOf(formula, s, settings.gradClip !== null);
      })
    );
  },
  /** What is reported: actions after the step, outputs before it, norms of unclipped gradients. */
  report: ({ settings, sign }, { to, energies, terms }) => ({
    actions: to,
    outputs: energies.map((energy) => settings.applyExp ? Math.exp(-energy) : sign * energy),
    gradNorms: terms.map((row) => norm(row.map(({ gradient }) => gradient), settings.gradNorm)),
  }),
  /** What is returned: the points after the last step. */
  result: (_run, last) => last,
};

/** The rule as the official code runs it. */
export const officialRule: Rule = { symbols: ruleSymbols, ...formulas, loop: () => officialLoop };

/** A sampler that follows a rule to the letter. */
export function ruleSampler(rule = officialRule, options: RuleSamplerOptions = {}): RuleSampler {
  const { networkReturns = "energy" } = options, { keep } = rule.loop();
  return {
    name: "rule",
    unsupported: [],
    ...options,
    networkReturns,
    prepare: (settings) => {
      const loop = rule.loop(), formula = compileRule(rule), kept = keep(settings);
      return (call) => answer(loop, beginRun(formula, loop, kept(), call, networkReturns));
    },
  };
}

/** Answers one call: the loop over N steps. */
function answer(loop: Loop, run: Run): Answer {
  const reports: StepReport[] = [];
  let x = loop.start(run);
  for (const stepSize of loop.stepSizes(run)) {
    const begun = { k: run.steps.length, stepSize, from: x, draws: loop.draws(run) };
    const at = loop.gradientAt(run, begun);
    const asked = { ...begun, at, ...loop.ask(run, at) };
    const terms = loop.move(run, asked);
    x = terms.map((row) => row.map(({ result }) => result));
    const step = { ...asked, terms, to: x };
    run.steps.push(step);
    reports.push(loop.report(run, step));
  }
  return {
    final: loop.result(run, x),
    chain: {
      actions: reports.map(({ actions }) => actions),
      outputs: reports.map(({ outputs }) => outputs),
      gradNorms: reports.map(({ gradNorms }) => gradNorms),
    },
  };
}
