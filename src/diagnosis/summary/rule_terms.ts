/**
 * The measured rule, term by term, from what explains the experiments.
 *
 * @module
 */

import { boundInWords } from "../terms/bounded_sizes.ts";
import { stepSizes } from "../../../spec/rule.ts";
import { windows } from "../experiments/experiments.ts";
import { type Change, ruleWith } from "../../defects/change.ts";
import { sizesOfRule } from "../experiments/response.ts";
import { lineOf, type NoisePlace } from "../figures/measured_rule.ts";
import { isNearly, limitedBy, limitWords, sidesOf } from "../figures/limit_words.ts";
import { etaPower, fixed, listed, scheduleOf, short } from "../figures/measured_words.ts";
import { type MeasuredValue, notMeasured, type TermMeasurement } from "../figures/measurement.ts";
import type { Explanation } from "../naming/explanation.ts";
import type { Measured } from "../naming/staging.ts";
import { coarseLaw, type PowerLaw, powerLaw } from "../figures/power_law.ts";
import { changesOf, type Hypothesis, type Suspect, zeroScaleAsOne } from "../terms/suspects.ts";
import type { Source, WindowFit } from "../terms/window_fit.ts";

/** The measured rule in words and as data. */
export interface RuleTerms {
  /** One step. */
  readonly text: string;
  readonly terms: readonly TermMeasurement[];
  /** Step sizes of the first window, as asked and as measured; absent if they were not measured. */
  readonly sizes?: { readonly wanted: readonly number[]; readonly measured: readonly number[] };
}

/** The terms of an explanation. */
export function ruleTerms(explanation: Explanation, measured: Measured): RuleTerms {
  const { hypothesis, fit, open, noiseSign } = explanation;
  if (fit?.standsStill()) return stillTerms(fit);
  const sizes = fit && open.length < 2 && measured.schedule ? sizesOf(hypothesis, fit) : undefined;
  const inChains = !fit?.how.single || measured.schedule;
  const drift = asFar(driftTerm(explanation, sizes), inChains);
  const noise = asFar(noiseTerm(explanation, sizes), inChains);
  const limit = limitTerm(hypothesis, measured.limit);
  const bounds = boundsTerm(hypothesis, measured.bounds);
  const schedule = scheduleTerm(hypothesis, sizes);
  const place = placeOf(hypothesis);
  const text = lineOf({
    driftTerm: drift.term,
    noiseTerm: noise.term,
    limit,
    bounds: { term: bounds, clipped: !bounds.text.startsWith(",") },
    slope: drift.law,
    scatter: noise.law,
    place,
    sign: noiseSign === 1 ? "+" : "−",
  });
  return {
    text,
    terms: [drift.term, noise.term, limit, bounds, schedule],
    ...(sizes ? { sizes } : {}),
  };
}

/** What is known of a single step, where chains do not follow from it. */
function asFar({ term, law }: FittedTerm, inChains: boolean): FittedTerm {
  const { value } = term;
  if (inChains || value.kind === "not measured") return { term, law };
  const entries = value.kind === "number"
    ? [{ at: "a chain of one step", value: value.factor, error: value.error }]
    : [];
  const told: MeasuredValue = value.kind === "number"
    ? { kind: "table", of: value.of, entries }
    : value;
  return { term: { ...term, text: `${term.text} (one step)`, value: told }, law };
}

/** Where nothing moves, nothing else can be measured. */
function stillTerms(fit: WindowFit): RuleTerms {
  const zero = (name: Source, of: string, wanted: string): TermMeasurement => ({
    name,
    text: `0·${of}`,
    wanted,
    deviates: true,
    value: { kind: "number", factor: 0, error: 1e-6, of },
  });
  const hidden = (name: TermMeasurement["name"], text: string, wanted: string) => ({
    name,
    text,
    wanted,
    deviates: null,
    value: notMeasured("nothing moves"),
  });
  const noise = fit.sees("noise")
    ? zero("noise", "σξ", "1.000·σξ")
    : hidden("noise", "(not measured)·σξ", "1.000·σξ");
  return {
    text: `a ← a − (0·∇E + ${noise.text})`,
    terms: [
      zero("drift", "∇E", "0.500·∇E"),
      noise,
      hidden("limit", "±(not measured)·c·½·range", wantedLimit),
      hidden("bounds", "bounds not measured", "bounds"),
      hidden("schedule", "η: not measured", "η as asked for"),
    ],
  };
}

type Sizes = NonNullable<RuleTerms["sizes"]>;

function sizesOf(hypothesis: Hypothesis, fit: WindowFit): Sizes | undefined {
  const { drift, noise } = fit.seen[0]!;
  // Of a single step the problem is one of a chain of several.
  const problem = fit.how.single ? windows[0]!.drift.calls[0]! : (drift ?? noise)!.problem;
  const { schedule, steps } = problem.settings;
  const rule = ruleWith(...changesOf(hypothesis));
  const measured = sizesOfRule(rule, problem, fit.returns);
  return measured.length === 0 ? undefined : { wanted: stepSizes(schedule, steps), measured };
}

interface FittedTerm {
  readonly term: TermMeasurement;
  readonly law: PowerLaw | undefined;
}

const touching = (hypothesis: Hypothesis, parts: readonly (keyof Change)[]) =>
  hypothesis.filter(({ change }) => parts.some((part) => Object.hasOwn(change, part)));

const plainDrift = /^(-|\()*[\d.]*\)? ?(\* )?gt( \/ \d+)?$/;

/** Coefficients of a term with the step sizes that they go with. */
interface Shown {
  readonly values: readonly number[];
  readonly errors: readonly number[];
  readonly eta: readonly number[];
}

/**
 * The coefficient of a term, of the plain one or of what stands in its place: step by step of the
 * first window, or of the single step of every window.
 */
function shownOf(
  { hypothesis, fit, open }: Explanation,
  source: Source,
  instead: Hypothesis,
  sizes: Sizes | undefined,
): Shown | undefined {
  const found = open.includes(source) ? undefined : fit?.coefficients(source, instead);
  if (!fit || !found) return undefined;
  if (!fit.how.single) {
    const { values, errors } = found[0]!;
    return sizes && { values, errors, eta: sizes.measured.slice(0, values.length) };
  }
  const rule = ruleWith(...changesOf(hypothesis));
  return {
    values: found.flatMap(({ values }) => values),
    errors: found.flatMap(({ errors }) => errors),
    eta: found.flatMap(({ window }) =>
      sizesOfRule(rule, fit.seen[window]![source]!.problem, fit.returns).slice(0, 1)
    ),
  };
}

function driftTerm(explanation: Explanation, sizes: Sizes | undefined): FittedTerm {
  const { hypothesis, fit } = explanation;
  const wanted = "0.500·∇E";
  const named = touching(hypothesis, [
    "gradient",
    "drift",
    "noGradClip",
    "gradClip",
    "zeroGradClip",
    "observations",
    "gradientPrecision",
    "gradientAt",
    "gradientAsked",
  ]);
  const instead = named.filter(({ change }) =>
    change.gradient !== undefined || change.observations !== undefined ||
    change.drift !== undefined && !plainDrift.test(change.drift)
  ).filter((suspect) => !suspect.key.startsWith("measured table") && !fit?.base.includes(suspect));
  named.push(...hypothesis.filter(({ keeps, change }) => keeps !== undefined && change.step));
  const found = shownOf(explanation, "drift", instead, sizes);
  if (!found) {
    const reason = fit?.sees("drift")
      ? "the movement is no multiple of the gradient"
      : "the chain could not be seen without noise";
    return missing("drift", "(not measured)·∇E", wanted, reason);
  }
  const half = found.values.map((value) => value / 2);
  const times = stepTimes(hypothesis);
  if (times) return timesTerm("drift", times, "0.500", "∇E", wanted);
  const symbol = named.reduce(driftSymbol, "∇E");
  const { eta } = found, errors = found.errors.map((error) => error / 2);
  const { single, coarse } = fit!.how;
  return fitted("drift", { half, eta, single, coarse, symbol, wanted, errors }, {
    factor: 0.5,
    of: "∇E",
    named,
    primes: named.filter(primesGradient),
  });
}

/** What whole steps are multiplied by, in a formula and in words. */
function stepTimes(hypothesis: Hypothesis): Suspect | undefined {
  return hypothesis.find(({ change, times }) => change.step !== undefined && times !== undefined);
}

/** A term of steps that are multiplied by something. */
function timesTerm(
  name: Source,
  { change, times }: Suspect,
  plain: string,
  of: string,
  wanted: string,
): FittedTerm {
  const text = `${plain}·${times}·${of}`;
  const value: MeasuredValue = { kind: "formula", formula: change.step!, defect: null };
  return { term: { name, text, wanted, deviates: true, value }, law: undefined };
}

/** What stands in the place of the gradient. */
function driftSymbol(symbol: string, { key, change, written }: Suspect): string {
  if (written) return written(symbol);
  const cap = /^min\(max\(g, -([\d.]+)\), \1\)$/.exec(change.noGradClip ?? "");
  if (cap) return `clip(${symbol}, ±${short(Number(cap[1]))})`;
  const norms = /^g \* min\(1, ([\d.]+) \/ max\(g(Norm|All), 1e-12\)\)$/
    .exec(change.noGradClip ?? "");
  if (norms) {
    const of = norms[2] === "All" ? "all ∇E" : symbol;
    return `${symbol}·min(1, ${short(Number(norms[1]))}/‖${of}‖)`;
  }
  if ((change.gradClip ?? change.zeroGradClip) !== undefined && change.noGradClip === undefined) {
    return symbol.endsWith("′") ? symbol : `${symbol}′`;
  }
  const plain = change.drift === undefined || plainDrift.test(change.drift);
  return change.gradient === undefined && change.observations === undefined && plain ||
      key.startsWith("measured")
    ? symbol
    : change.gradient === "(-g)"
    ? `(−${symbol})`
    : symbol.endsWith("′")
    ? symbol
    : `${symbol}′`;
}

/** Whether the measured rule writes the gradient with a prime because of a suspect. */
const primesGradient = (suspect: Suspect) => driftSymbol("", suspect) === "′";

/** Noise that follows the noise scale in a way of its own. */
const noiseSymbols: Readonly<Record<string, string>> = {
  "xi": "ξ",
  "sigma ^ 2 * xi": "σ²ξ",
  "sqrt(sigma) * xi": "√σ·ξ",
};

function noiseTerm(explanation: Explanation, sizes: Sizes | undefined): FittedTerm {
  const { hypothesis, fit } = explanation;
  const wanted = "1.000·σξ";
  const named = touching(hypothesis, [
    "noise",
    "noiseLaw",
    "noiseSharing",
    "noiseSource",
    "drawPrecision",
  ]);
  const ranged = named.some(({ change, times }) =>
    times === undefined && /\(hi - lo\)/.test(change.noise ?? "")
  );
  const bent = named.filter(({ change }) =>
    change.noiseLaw !== undefined || change.noiseSharing !== undefined
  );
  const scaled = named.find(({ change }) => Object.hasOwn(noiseSymbols, change.noise ?? ""));
  const instead = [
    ...bent,
    ...named.filter(({ change, pieces }) =>
      pieces || change.drawPrecision || change.noiseSource?.startsWith("every") ||
      /\(hi - lo\)|(noise|xi)Before/.test(change.noise ?? "")
    ),
    ...(scaled ? [scaled] : []),
  ];
  const found = shownOf(explanation, "noise", instead, sizes);
  if (!found) {
    const reason = fit?.sees("noise")
      ? "the movement is no multiple of the row's own draw"
      : "the chain could not be seen with draws of the suite";
    return missing("noise", "(not measured)·σξ", wanted, reason);
  }
  const onAtZero = named.includes(zeroScaleAsOne);
  const plain = scaled ? noiseSymbols[scaled.change.noise!]! : "σξ";
  const symbol = named.reduce(
    (symbol, { written }) => written ? written(symbol) : symbol,
    `${plain}${bent.length > 0 ? "′" : ""}${ranged ? "·½·range" : ""}`,
  );
  const times = stepTimes(hypothesis);
  if (times) return timesTerm("noise", times, "1.000", "σξ", wanted);
  const varies = named.some(({ key }) => key.startsWith("measured table"));
  const isZero = !varies && found.values.every((value) => Math.abs(value) < 1e-6);
  const [condition] = named.filter(({ change, written }) =>
    written && /^where/.test(change.noise ?? "")
  );
  if (isZero && condition) {
    const value: MeasuredValue = {
      kind: "formula",
      formula: condition.change.noise!,
      defect: null,
    };
    const text = `1.000·${symbol}`;
    return { term: { name: "noise", text, wanted, deviates: true, value }, law: undefined };
  }
  if (isZero) {
    const value: MeasuredValue = { kind: "number", factor: 0, error: 1e-6, of: "σξ" };
    return {
      term: { name: "noise", text: "0·σξ", wanted, deviates: true, value },
      law: undefined,
    };
  }
  const fit_ = fitted("noise", {
    half: found.values,
    eta: found.eta,
    single: fit!.how.single,
    coarse: fit!.how.coarse,
    symbol,
    wanted,
    errors: found.errors,
  }, { factor: 1, of: "σξ", named, primes: bent });
  const term = onAtZero
    ? { ...fit_.term, text: `${fit_.term.text} (σ = 0 taken as 1)`, deviates: true }
    : fit_.term;
  return placeOf(hypothesis) === "inside"
    ? { ...fit_, term }
    : { ...fit_, term: { ...term, wanted: `${wanted}, before the limit`, deviates: true } };
}

function fitted(
  name: Source,
  { half, eta, single, coarse, symbol, wanted, errors }: {
    readonly half: readonly number[];
    readonly eta: readonly number[];
    readonly single: boolean;
    readonly coarse: number;
    readonly symbol: string;
    readonly wanted: string;
    readonly errors: readonly number[];
  },
  { factor, of, named, primes }: {
    readonly factor: number;
    readonly of: string;
    readonly named: Hypothesis;
    /** Those of them that the prime of the symbol stands for. */
    readonly primes: Hypothesis;
  },
): FittedTerm {
  if (half.some((value, k) => !Number.isFinite(value / eta[k]!) && value !== 0)) {
    return missing(name, `(not measured)·${of}`, wanted, "no step size goes with the movement");
  }
  // Where numbers are rounded coarsely, short steps show no more than that.
  const reach = coarse === 0 ? [] : errors.map((error) => Math.max(error, coarse / 2));
  const isOfficial = half.every((value, k) =>
    Math.abs(value - factor * eta[k]!) <= (reach[k] ?? 0)
  );
  const law = isOfficial
    ? { factor, exponent: 1 as const }
    : coarseLaw(half, eta, reach) ?? powerLaw(half, eta, 1e-3);
  if (single && !law) {
    return missing(name, `(not measured)·${of}`, wanted, "it is another one at every setting");
  }
  const table = named.find(({ key }) => /^measured (table|part)/.test(key));
  const still = half.every((value) => Math.abs(value) < 1e-6);
  const text = table?.times !== undefined
    ? `${table.times}·${symbol}`
    : table && (law || still)
    ? `(by setting)·${symbol}`
    : still
    ? `0·${of}`
    : law
    ? `${fixed(law.factor)}·${etaPower(law.exponent, true)}${symbol}`
    : `${listed(half.filter((_, k) => eta[k] !== 0), eta.filter((size) => size !== 0))}·${symbol}`;
  const plain = law?.exponent === 1 && Math.abs(law.factor - factor) <= 1e-3 * factor;
  const added = named.find(({ written }) => written !== undefined);
  const known = added ?? primes[0] ??
    named.find(({ id, times }) => id !== null || times !== undefined);
  const change = known?.change;
  const words = change?.noiseSource && `sigma * xi, draws of ${change.noiseSource} steps`;
  const formula = name === "drift"
    ? change?.gradient ?? change?.drift ?? change?.noGradClip ?? change?.gradClip
    : change?.noise ?? words;
  const value: MeasuredValue = table?.pieces
    ? {
      kind: "regimes",
      of,
      regimes: table.pieces.map(({ value, where }) => ({ where, factor: value, error: 2e-4 })),
    }
    : known && formula
    ? { kind: "formula", formula, defect: known.id }
    : law && law.exponent !== 1
    ? {
      kind: "formula",
      formula: `${law.factor} * eta ^ ${law.exponent} * ${name === "drift" ? "gt" : "sigma * xi"}`,
      defect: null,
    }
    : table && (law || still)
    ? notMeasured("it is another one at every setting; see the name")
    : law
    ? {
      kind: "number",
      factor: law.factor,
      error: (errors[0]! + coarse) / (eta[0]! ** law.exponent || 1),
      of,
    }
    : {
      kind: "table",
      of,
      entries: half.flatMap((value, k) =>
        eta[k] === 0 ? [] : [{
          at: `step ${k}`,
          value: value / eta[k]!,
          error: errors[k]! / eta[k]!,
        }]
      ),
    };
  const deviates = !plain || symbol !== of || table !== undefined;
  const primedBy = primes.length > 0 ? { primedBy: primes.map(({ title }) => title) } : {};
  const asked = law?.exponent === 0 ? `η_k·${wanted}` : wanted;
  return {
    term: { name, text, wanted: asked, deviates, value, ...primedBy },
    law: law ?? undefined,
  };
}

function missing(name: Source, text: string, wanted: string, reason: string): FittedTerm {
  return {
    term: { name, text, wanted, deviates: null, value: notMeasured(reason) },
    law: undefined,
  };
}

const placeFormulas = / [+-] eta \* noise$/;

function placeOf(hypothesis: Hypothesis): NoisePlace {
  const changed = touching(hypothesis, ["clippedStep"]);
  if (changed.some(({ change }) => placeFormulas.test(change.result ?? ""))) {
    return "after the bounds";
  }
  return changed.some(({ change }) => placeFormulas.test(change.clippedStep ?? ""))
    ? "after the limit"
    : "inside";
}

const wantedLimit = "±1.000·c·½·range";

function limitTerm(hypothesis: Hypothesis, measured: boolean): TermMeasurement {
  const base = { name: "limit", wanted: wantedLimit } as const;
  if (!measured) {
    return {
      ...base,
      text: "±(not measured)·c·½·range",
      deviates: null,
      value: notMeasured("no formula gives every step that it limits"),
    };
  }
  const named = touching(hypothesis, ["limit", "clippedStep"])
    .filter(({ change }) =>
      ![change.clippedStep, change.result].some((f) => placeFormulas.test(f ?? ""))
    );
  const [first] = named;
  if (first === undefined) {
    const value: MeasuredValue = { kind: "formula", formula: "c / 2 * (hi - lo)", defect: null };
    return { ...base, text: wantedLimit, deviates: false, value };
  }
  const { limit, clippedStep } = first.change;
  if (first.times !== undefined) {
    const value: MeasuredValue = { kind: "formula", formula: limit!, defect: null };
    return { ...base, text: `±${first.times}·c·½·range`, deviates: true, value };
  }
  const formula = (limit ?? clippedStep)!;
  return {
    ...base,
    text: first.written
      ? first.written("")
      : clippedStep === "delta"
      ? ""
      : limit
      ? `±${limitWords(limit)}`
      : limitedBy[first.id ?? ""] ?? sidesOf(clippedStep!),
    deviates: !isNearly(limit),
    value: { kind: "formula", formula, defect: first.id },
  };
}

function boundsTerm(hypothesis: Hypothesis, measured: boolean): TermMeasurement {
  const base = { name: "bounds", wanted: "bounds" } as const;
  if (!measured) {
    return {
      ...base,
      text: "bounds not measured",
      deviates: null,
      value: notMeasured("no formula gives every step that runs into a wall"),
    };
  }
  const [first] = touching(hypothesis, ["result"])
    .filter(({ change }) => !placeFormulas.test(change.result ?? ""));
  if (first === undefined) {
    const value: MeasuredValue = {
      kind: "formula",
      formula: "min(max(a - move, lo), hi)",
      defect: null,
    };
    return { ...base, text: "bounds", deviates: false, value };
  }
  const texts: Readonly<Record<string, string>> = {
    "bounds-missing": ", without bounds",
    "bounds-at-the-end": ", bounds at the end",
    "bounds-not-last": ", not within bounds in the last step",
    "bounds-upper-only": ", upper bound only",
    "bounds-lower-only": ", lower bound only",
    "bounds-reflect": ", reflected at the bounds",
    "bounds-wrap": ", wrapped round the box",
    "bounds-reject": ", not moved where that leaves the box",
  };
  return {
    ...base,
    text: first.written?.("") ?? texts[first.id ?? ""] ?? ", with other bounds",
    deviates: true,
    value: { kind: "formula", formula: first.change.result!, defect: first.id },
  };
}

function scheduleTerm(hypothesis: Hypothesis, sizes: Sizes | undefined): TermMeasurement {
  const wanted = sizes ? scheduleOf(sizes.wanted).text : "η as asked for";
  const base = { name: "schedule", wanted } as const;
  if (!sizes) {
    return {
      ...base,
      text: "η: not measured",
      deviates: null,
      value: notMeasured("neither drift nor noise shows it"),
    };
  }
  const { measured } = sizes;
  const count = measured.length === sizes.wanted.length
    ? ""
    : `, ${measured.length} steps instead of ${sizes.wanted.length}`;
  const named = touching(hypothesis, [
    "polynomial",
    "polynomialFirst",
    "stepSizes",
    "exponential",
    "singleStep",
  ]);
  // A bound of the step sizes holds the schedule that it bends.
  const bound = named.find(({ key }) => key.startsWith("measured bound"));
  const half = named.map(({ change }) => change.stepSizes).find((word) =>
    /float16$/.test(word ?? "")
  );
  const first = bound ?? named[0];
  const table = first?.key.startsWith("measured table");
  const formula = first?.change.polynomial ?? first?.change.stepSizes ??
    first?.change.exponential ?? first?.change.singleStep;
  const value: MeasuredValue = first && formula && !table
    ? { kind: "formula", formula, defect: first.id }
    : table
    ? {
      kind: "table",
      of: "1",
      entries: measured.map((eta, k) => ({
        at: `step ${k}`,
        value: eta,
        error: 1e-5 * eta + 1e-6,
      })),
    }
    : {
      kind: "formula",
      formula: "(init - final) * (1 - k / (N - 1)) ^ power + final",
      defect: null,
    };
  const polynomial = named.some(({ change }) =>
    change.polynomial !== undefined || change.stepSizes !== undefined
  );
  const other = first === undefined || polynomial ? undefined : elsewhere(first);
  const told = (first?.written?.("η") ?? scheduleOf(measured).text) + count +
    (other ? `; ${other.found}` : "") +
    (bound ? `, ${boundInWords(bound)}` : "") +
    (half ? `, rounded to ${half}` : "");
  const deviates = named.length > 0 || count !== "";
  const text = deviates && told === wanted ? `${told}, but not at every setting` : told;
  return { ...base, ...(other ? { wanted: other.wanted } : {}), text, deviates, value };
}

/** Step sizes that are the rule's in a plain chain, and not elsewhere: as they are, as they should be. */
function elsewhere(
  { change: { exponential, singleStep } }: Suspect,
): { readonly found: string; readonly wanted: string } {
  if (exponential !== undefined) {
    return {
      found: "others where the exponential schedule is asked for",
      wanted: "init·decay^k where it is asked for",
    };
  }
  const found = singleStep === "throws"
    ? "a chain of one step fails"
    : "another one in a chain of one step";
  return { found, wanted: "init in a chain of one step" };
}
