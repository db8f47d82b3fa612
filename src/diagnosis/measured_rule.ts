/**
 * The rule that a sampler really follows, in numbers.
 *
 * Two cheap runs measure it. Without noise, linear lanes give the factor of the gradient in every
 * step, steep lanes the limit, a lane at a wall the bounds. With noise, flat lanes give the factor
 * of the draws. Each figure comes from lanes where nothing else acts, so that it is right even if
 * other parts of the rule are wrong.
 *
 * @module
 */

import { driftRuler, noiseRuler } from "./probes.ts";
import type { NoiseSign } from "../../spec/oracle.ts";
import {
  squaredStepTemperature,
  stationaryTemperature,
  textbookTemperature,
} from "../../spec/laws.ts";
import type { Problem, Rows } from "../../spec/problem.ts";
import { stepSizes } from "../../spec/rule.ts";
import { same } from "../../spec/trajectory.ts";
import type { MeasuredRuleReport } from "../report/report.ts";
import { etaPower, fixed, listed, scheduleOf, short } from "./measured_words.ts";
import { isLaw, median, near, type PowerLaw, powerLaw } from "./power_law.ts";
import type { Reading, View } from "./observations.ts";

/** One part of the measured rule. */
export type MeasuredTerm = MeasuredRuleReport["terms"][number];

/** A sampler of another rule. */
export interface Dialect {
  /** Its name. */
  readonly name: string;
  /** What is to be said of the target, in one sentence. */
  readonly text: string;
  /** Temperature of its stationary law on E = ½a² with a step size of 0.1 and a noise scale of 1. */
  readonly temperature: number;
}

/** The rule that a sampler really follows. */
export interface MeasuredRule {
  /** One step, as one line. */
  readonly text: string;
  /** The step sizes, as one line. */
  readonly schedule: string;
  /** Its parts. */
  readonly terms: readonly MeasuredTerm[];
  /** The other rule that it follows, if it is a known one. */
  readonly dialect: Dialect | undefined;
  /** What was measured roughly, for the tests of a sampler's own noise. */
  readonly figures?: Figures;
  /** The step sizes of a chain of five steps, as asked for and as measured. */
  readonly sizes?: { readonly wanted: readonly number[]; readonly measured: readonly number[] };
}

/** Measured numbers; `undefined` where there is no single number. */
export interface Figures {
  /** Factor of the gradient, in step sizes: 0.5. */
  readonly drift: number | undefined;
  /** Factor of the noise, in step sizes and noise scales: 1. */
  readonly noise: number | undefined;
  /** Where the noise is added. */
  readonly noisePlace: NoisePlace;
  /** The size of the noise. */
  readonly noiseLaw: PowerLaw | undefined;
  /** Drift and noise, if one of them is not proportional to the step size. */
  readonly laws: { readonly drift: PowerLaw; readonly noise: PowerLaw } | undefined;
  /** The limit, in delta clips times half the range: 1. */
  readonly limit: number | undefined;
  /** The limit in delta clips, if it is the same on every axis. */
  readonly absoluteLimit: number | undefined;
  /** Power of the schedule, if it is polynomial from init to final as asked. */
  readonly power: number | undefined;
  /** The step sizes. */
  readonly stepSizes: readonly number[];
  /** The step sizes as the drift shows them, not rounded to those that were asked for. */
  readonly shownStepSizes: readonly number[];
  /** The sign with which draws enter the rule's step. */
  readonly noiseSign: NoiseSign;
}

/**
 * Puts the measured rule together.
 *
 * @param drift what the drift ruler showed
 * @param noise what the noise ruler showed, or nothing if it could not be run
 * @param seen how the target is seen, and whether its draws come from a tape: its own noise is
 * measured within a tenth
 * @param rungs half the step sizes, if they were read off the ladder
 */
export function measureRule(
  drift: Reading,
  noise: Reading | undefined,
  { view, taped }: { readonly view: View; readonly taped: boolean },
  rungs?: readonly number[],
): MeasuredRule & { readonly figures: Figures } {
  const { settings } = driftRuler;
  const loose = taped ? 1e-3 : 0.12;
  const asked = stepSizes(settings.schedule, settings.steps);
  const path = pathOfRuler(drift);
  const steps = driftSteps(path);
  const found = rungs ?? steps.map((step) => step.half);
  const noisePath = noise && pathOfRuler(noise);
  const clipAt = gradientClipIn(path, found);
  // Where the returned actions alone are seen, what is taken for one step must be that of the ladder.
  const isolated = rungs === undefined || near(steps[0]?.half ?? NaN, rungs[0] ?? NaN, 1e-3);
  const limit = !isolated
    ? unknownLimit
    : clipAt === undefined
    ? limitOf(path, found)
    : hiddenLimit;
  const entering = noisePath && drawFactors(noisePath, taped, limit);
  const told = found.length > 0 && entering?.factors.slice(0, found.length).every(Number.isFinite);
  const draws = told && isolated ? entering : undefined;
  const laws = lawsOf(found.slice(0, asked.length), draws?.factors, asked, loose);
  const { eta, slope, scatter, quiet } = laws;

  const gradient = clipAt === undefined ? "∇E" : `clip(∇E, ±${fixed(clipAt)})`;
  const driftShown = laws.half.length > 0 && laws.half.every(Number.isFinite);
  const driftTerm = term(
    "drift",
    !driftShown
      ? `${notMeasured}·∇E`
      : slope
      ? `${fixed(slope.factor)}·${etaPower(slope.exponent, true)}${gradient}`
      : `${listed(laws.half, eta)}·${gradient}`,
    "0.500·∇E",
    driftShown &&
      (!isLaw(slope, 0.5, 1e-3) || clipAt !== undefined || (isolated && steps[0]?.even === false)),
  );
  const bounds = boundsOf(path, found[0] ?? NaN, limit, isolated);
  const place = !noisePath || !draws || quiet ? "inside" : noisePlace(noisePath, limit);
  const symbol = `σξ${draws?.follows === false ? "′" : ""}${draws?.perRange ? "·½·range" : ""}`;
  const sign = draws && draws.factors[0]! < 0 ? "−" : "+";
  const about = taped && draws?.follows !== false ? "" : "≈";
  const noiseTerm = term(
    "noise",
    !draws
      ? `${notMeasured}·σξ`
      : quiet
      ? "0·σξ"
      : scatter
      ? `${about}${fixed(Math.abs(scatter.factor))}·${etaPower(scatter.exponent, true)}${symbol}`
      : draws.follows
      ? `${listed(laws.factors.map(Math.abs), eta)}·${symbol}`
      : `≈${fixed(median(laws.factors.map((q, k) => Math.abs(q) / eta[k]!)))}·${symbol}`,
    "1.000·σξ",
    draws !== undefined && (quiet || !draws.follows || draws.perRange || place !== "inside" ||
      !isLaw(scatter && { ...scatter, factor: Math.abs(scatter.factor) }, 1, loose)),
  );
  const fitted = scheduleOf(eta);
  const count = found.length === asked.length || view === "final actions"
    ? ""
    : `, ${found.length} steps instead of ${asked.length}`;
  const scheduleTerm = term(
    "schedule",
    fitted.text + count,
    scheduleOf(asked).text,
    count !== "" ||
      (eta.every(Number.isFinite) && !eta.every((value, k) => near(value, asked[k]!, 1e-3))),
  );
  return {
    text: lineOf({ driftTerm, noiseTerm, limit: limit.term, bounds, slope, scatter, place, sign }),
    schedule: scheduleTerm.text,
    terms: [driftTerm, noiseTerm, limit.term, bounds.term, scheduleTerm],
    dialect: taped && slope && scatter ? dialectOf(laws.half, laws.factors, asked) : undefined,
    figures: {
      drift: slope?.exponent === 1 ? slope.factor : undefined,
      noise: scatter?.exponent === 1 ? Math.abs(scatter.factor) : undefined,
      noiseLaw: quiet
        ? { factor: 0, exponent: 1 }
        : scatter && { ...scatter, factor: Math.abs(scatter.factor) },
      noisePlace: place,
      laws: slope && scatter && (slope.exponent !== 1 || scatter.exponent !== 1)
        ? { drift: slope, noise: scatter }
        : undefined,
      limit: limit.kind === "range" ? limit.factor : undefined,
      absoluteLimit: limit.kind === "absolute" ? limit.factor : undefined,
      power: fitted.power !== undefined && near(eta[0]!, asked[0]!, 1e-3) &&
          near(eta.at(-1)!, asked.at(-1)!, 1e-3)
        ? fitted.power
        : undefined,
      stepSizes: eta,
      shownStepSizes: laws.half.map((h) =>
        slope && slope.exponent > 0 ? (h / slope.factor) ** (1 / slope.exponent) : 2 * h
      ),
      noiseSign: draws?.follows && draws.factors[0]! < 0 ? -1 : 1,
    },
  };
}

/** The terms as one line: a power of the step size other than one stands outside of the bracket. */
export function lineOf({ driftTerm, noiseTerm, limit, bounds, slope, scatter, place, sign }: {
  readonly driftTerm: Pick<MeasuredTerm, "text">;
  readonly noiseTerm: Pick<MeasuredTerm, "text">;
  readonly limit: Pick<MeasuredTerm, "text">;
  readonly bounds: { readonly term: Pick<MeasuredTerm, "text">; readonly clipped: boolean };
  readonly slope: PowerLaw | undefined;
  readonly scatter: PowerLaw | undefined;
  readonly place: NoisePlace;
  readonly sign: "+" | "−";
}): string {
  const plain = (slope?.exponent ?? 1) === 1 && (scatter?.exponent ?? 1) === 1;
  const outside = (law: PowerLaw | undefined, text: string) =>
    (law?.exponent ?? 1) === 1 ? `η_k·${text}` : text;
  const clipped = (inner: string) => limit.text === "" ? inner : `clip(${inner}, ${limit.text})`;
  const d = driftTerm.text, n = noiseTerm.text;
  const sum = plain
    ? `η_k·(${d} ${sign} ${n})`
    : `${outside(slope, d)} ${sign} ${outside(scatter, n)}`;
  const bound = (inner: string) =>
    bounds.clipped ? `clip(${inner}, ${bounds.term.text})` : `${inner}${bounds.term.text}`;
  if (place === "inside") {
    return `a ← ${bound(`a − ${plain || limit.text !== "" ? clipped(sum) : `(${sum})`}`)}`;
  }
  const drift = `a − ${clipped(outside(slope, d))}`;
  const noise = `${sign === "+" ? "−" : "+"} ${outside(scatter, n)}`;
  return place === "after the limit"
    ? `a ← ${bound(`${drift} ${noise}`)}`
    : `a ← ${bound(drift)} ${noise}`;
}

/** Where the noise is added. */
export type NoisePlace = "inside" | "after the limit" | "after the bounds";

/** What drift and noise say of the step sizes. */
interface Laws {
  readonly eta: readonly number[];
  /** Half the step sizes, as far as they were used. */
  readonly half: readonly number[];
  readonly factors: readonly number[];
  readonly slope: PowerLaw | undefined;
  readonly scatter: PowerLaw | undefined;
  /** Whether there is no noise at all. */
  readonly quiet: boolean;
}

function lawsOf(
  half: readonly number[],
  draws: readonly number[] | undefined,
  asked: readonly number[],
  loose: number,
): Laws {
  const factors = draws?.slice(0, half.length) ?? [];
  const quiet = factors.length > 0 && factors.every((q) => Math.abs(q) < 1e-6);
  const steps = asked.slice(0, half.length);
  const shown = half.map((h) => 2 * h);
  const found = { half, factors, quiet };
  const asRule = powerLaw(half, steps, 1e-3);
  const noiseAsRule = quiet ? undefined : powerLaw(factors, steps, loose);
  if (isLaw(asRule, 0.5, 1e-3) && (quiet || noiseAsRule || !draws)) {
    return { ...found, eta: steps, slope: asRule, scatter: noiseAsRule };
  }
  // Drift and noise that keep their proportion have another step size.
  const together = quiet || !draws ? undefined : powerLaw(factors, shown, loose);
  const same = together && isLaw({ ...together, factor: Math.abs(together.factor) }, 1, loose);
  const alone = (quiet || !draws) && asRule?.exponent !== 1;
  const seemsStep = half[0]! > 1e-9 && half.every((h) => h > -1e-9);
  // The last point may not be what is returned.
  const start = half.length > 3 && !asRule
    ? lawsOf(half.slice(0, -1), draws?.slice(0, half.length - 1), asked, loose)
    : undefined;
  if (start && isLaw(start.slope, 0.5, 1e-3) && start.eta.every((eta, k) => eta === asked[k])) {
    return { ...found, eta: steps, slope: start.slope, scatter: start.scatter ?? noiseAsRule };
  }
  if (seemsStep && (same || alone || (!asRule && together))) {
    return { ...found, eta: shown, slope: { factor: 0.5, exponent: 1 }, scatter: together };
  }
  return { ...found, eta: steps, slope: asRule, scatter: noiseAsRule };
}

function term(
  name: MeasuredTerm["name"],
  text: string,
  wanted: string,
  deviates: boolean,
): MeasuredTerm {
  return { name, text, wanted, deviates };
}

/**
 * The points of a chain: those that are reported, if they end where the sampler does; otherwise
 * those at which gradients were taken.
 */
function pathOfRuler({ points, final, chain }: Reading): readonly Rows[] {
  const { actions } = chain;
  return actions && actions.length === points.length && points.length > 0 &&
      same(actions.at(-1)!, final)
    ? [points[0]!, ...actions]
    : [...points, final];
}

/** Movement of row r on axis i in step k, downwards positive. */
function movement(path: readonly Rows[], k: number, r: number, i: number): number {
  return path[k]![r]![i]! - path[k + 1]![r]![i]!;
}

/** The factor of the gradient in every step, and whether rows and slopes agree on it. */
function driftSteps(path: readonly Rows[]): { half: number; even: boolean }[] {
  return path.slice(1).map((_, k) => {
    const factors = driftRuler.observations.flatMap(([slope], r) => [
      movement(path, k, r, 0) / slope!,
      movement(path, k, r, 1) / (0.5 * slope!),
    ]);
    const half = median(factors);
    return { half, even: factors.every((f) => Math.abs(f - half) <= 1e-3 * Math.abs(half) + 1e-6) };
  });
}

/** How the draws enter the steps. */
interface Draws {
  /** Their factor in every step, in noise scales. */
  readonly factors: readonly number[];
  /** Whether the noise is that factor times the draw of its own row, axis and step. */
  readonly follows: boolean;
  /** Whether it is that factor times half the range of its axis. */
  readonly perRange: boolean;
}

function drawFactors(path: readonly Rows[], taped: boolean, limit: Limit): Draws {
  const problem = noiseRuler(taped ? "tape" : "own");
  const { bounds } = problem.settings;
  const lanes = [0, 1].map((axis) =>
    path.slice(1).map((_, k) => {
      const most = limitOn(limit, bounds.max[axis]! - bounds.min[axis]!);
      return laneFactor(problem, path, k, axis, most);
    })
  );
  // The last point may not be what is returned.
  const follows = lanes.every((lane) =>
    lane.slice(0, Math.max(1, lane.length - 1)).every((step) => step.follows)
  );
  const pairs = lanes[0]!.map((step, k) => [step.factor, lanes[1]![k]!.factor] as const);
  const even = pairs.slice(0, 3).every(([one, other]) =>
    near(one, other, 1e-3) || Math.abs(one - other) < 1e-6
  );
  const half = [0, 1].map((axis) => (bounds.max[axis]! - bounds.min[axis]!) / 2);
  const perRange = taped && follows && !even &&
    pairs.slice(0, 3).every(([one, other]) => near(one / half[0]!, other / half[1]!, 1e-3));
  if (perRange) return { factors: pairs.map(([one]) => one / half[0]!), follows, perRange };
  const last = lanes.every((lane) => lane.at(-1)?.follows) ? pairs.length : pairs.length - 1;
  const factors = pairs.slice(0, follows ? last : undefined).map(([one, other]) =>
    (Math.sign(one) || 1) * Math.sqrt((one ** 2 + other ** 2) / 2)
  );
  return { factors, follows: follows && (even || !taped), perRange };
}

/** The factor of the draws on one axis in one step; movements at the limit tell nothing. */
function laneFactor(
  problem: Problem,
  path: readonly Rows[],
  k: number,
  axis: number,
  limit: number,
): { readonly factor: number; readonly follows: boolean } {
  const { noise, settings: { noiseScale } } = problem;
  const all = problem.initial.map((_, r) => ({
    move: movement(path, k, r, axis),
    draw: noise.kind === "tape" ? noise.draws[k]?.[r]?.[axis] ?? 0 : 0,
  }));
  const free = all.filter(({ move }) => Math.abs(move) < 0.999 * limit);
  const told = free.length > 0 ? free : all;
  const size = Math.sqrt(mean(told.map(({ move }) => move * move)));
  if (noise.kind === "own") return { factor: size / noiseScale, follows: true };
  const power = mean(told.map(({ draw }) => draw * draw)) || 1;
  const factor = mean(told.map(({ move, draw }) => move * draw)) / power;
  const left = Math.sqrt(mean(told.map(({ move, draw }) => (move - factor * draw) ** 2)));
  // Actions are a few hundred: float32 keeps them to 1e-5.
  return left <= 2e-3 * size + 3e-5
    ? { factor: factor / noiseScale, follows: true }
    : { factor: size / Math.sqrt(power) / noiseScale, follows: false };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The gradient clip, if steep lanes move as if their gradient were far smaller. */
function gradientClipIn(path: readonly Rows[], half: readonly number[]): number | undefined {
  const ratios = [0, 1].flatMap((r) =>
    [2, 3].flatMap((axis) =>
      path.slice(1).map((_, k) => Math.abs(movement(path, k, r, axis)) / Math.abs(half[k]!))
    )
  );
  const clip = ratios[0] ?? NaN;
  const varied = path.length > 3 && !near(half[0]!, half[2]!, 0.01);
  return varied && clip < 500 && ratios.every((ratio) => near(ratio, clip, 1e-3))
    ? clip
    : undefined;
}

interface Limit {
  readonly kind: "range" | "absolute" | "none" | "other";
  /** In delta clips times half the range, or in delta clips. */
  readonly factor: number;
  readonly term: MeasuredTerm;
}

/** In the place of a factor that could not be measured. */
const notMeasured = "(not measured)";

const wantedLimit = "±1.000·c·½·range";

/** A limit that nothing shows: the rule's is taken for granted. */
const hiddenLimit: Limit = {
  kind: "range",
  factor: 1,
  term: term("limit", wantedLimit, wantedLimit, false),
};

/** A limit that could not be measured. */
const unknownLimit: Limit = {
  kind: "other",
  factor: Infinity,
  term: term("limit", `±${notMeasured}·c·½·range`, wantedLimit, false),
};

/** The limit of an axis, in its units. */
function limitOn(limit: Limit, range: number): number {
  const { deltaClip } = driftRuler.settings;
  if (limit.kind === "range") return limit.factor * deltaClip * range / 2;
  return limit.kind === "absolute" ? limit.factor * deltaClip : Infinity;
}

/** Where noise is added that is far larger than the limit and the box of its lane. */
function noisePlace(path: readonly Rows[], limit: Limit): NoisePlace {
  // The lane reaches from -1/16 to 1/16, and its rows start in the middle.
  const wall = 0.0625;
  const moves = path[0]!.map((_, r) => Math.abs(movement(path, 0, r, 3)));
  const most = limitOn(limit, 2 * wall);
  if (moves.every((move) => move <= most * 1.001 + 1e-6)) return "inside";
  if (moves.every((move) => move <= wall + 1e-6)) {
    return most >= wall ? "inside" : "after the limit";
  }
  return most === Infinity ? "inside" : "after the bounds";
}

/** The limit, from two steep lanes with boxes of 2.5 and 20. */
function limitOf(path: readonly Rows[], half: readonly number[]): Limit {
  const { bounds, deltaClip } = driftRuler.settings;
  const first = half[0] ?? NaN;
  const direction = first < 0 ? -1 : 1;
  const lanes = [2, 3].map((axis) => {
    const lo = bounds.min[axis]!, hi = bounds.max[axis]!;
    const moves = [0, 1].map((r) =>
      path.slice(1).map((to, k) => {
        const at = to[r]![axis]!;
        // At a wall the limit cannot be told.
        return at <= lo || at >= hi ? Infinity : direction * movement(path, k, r, axis);
      })
    );
    return { unit: deltaClip * (hi - lo) / 2, range: hi - lo, moves };
  });
  const free = (move: number) => Math.abs(move) >= 0.999 * 512 * Math.abs(first);
  const ratio = (r: 0 | 1) =>
    lanes.map(({ unit, moves }) => {
      const move = moves[r]![0] ?? NaN;
      return free(move) ? Infinity : (r === 0 ? move : -move) / unit;
    });
  const down = ratio(0), up = ratio(1), all = [...down, ...up];
  const made = (kind: Limit["kind"], factor: number, text: string, deviates: boolean): Limit => ({
    kind,
    factor,
    term: term("limit", text, wantedLimit, deviates),
  });
  // Without a drift nothing runs into the limit.
  if (!(Math.abs(first) >= 1e-9) || all.some(Number.isNaN)) return unknownLimit;
  if (all.every((r) => r === Infinity)) return made("none", Infinity, "", true);
  if (all.every((r) => near(r, all[0]!, 1e-3))) {
    // The last point may not be what is returned, and walls end every movement.
    const steady = lanes.every(({ moves, range }) =>
      moves.every((lane) =>
        lane.slice(0, Math.max(1, lane.length - 1)).every((move, k) =>
          near(Math.abs(move), Math.min(Math.abs(lane[0]!), 512 * Math.abs(half[k]!)), 1e-3) ||
          (k + 1) * Math.abs(lane[0]!) > 0.45 * range
        )
      )
    );
    const text = `±${fixed(all[0]!)}·c·½·range${steady ? "" : " (first step)"}`;
    return made("range", all[0]!, text, !steady || !near(all[0]!, 1, 1e-3));
  }
  const absolute = [down, up].flatMap((ratios) =>
    ratios.map((r, i) => r * lanes[i]!.unit / deltaClip)
  );
  if (absolute.every((r) => near(r, absolute[0]!, 1e-3))) {
    return made("absolute", absolute[0]!, `±${fixed(absolute[0]!)}·c`, true);
  }
  const sided = (one: readonly number[], other: readonly number[]) =>
    other.every((r) => r === Infinity) && one.every((r) => near(r, one[0]!, 1e-3));
  if (sided(down, up)) return made("other", Infinity, `≤ ${fixed(down[0]!)}·c·½·range`, true);
  if (sided(up, down)) return made("other", Infinity, `≥ −${fixed(up[0]!)}·c·½·range`, true);
  const shown = [...down, ...up].map((r) => Number.isFinite(r) ? short(r) : "∞");
  return made("other", Infinity, `(${shown.join(", ")})·c·½·range`, true);
}

/** The bounds, and whether every step ends within them, as far as can be told. */
interface Bounds {
  readonly term: MeasuredTerm;
  readonly clipped: boolean;
}

/** The bounds, from a lane that runs into its walls, if the drift takes it there. */
function boundsOf(
  path: readonly Rows[],
  half: number,
  limit: Limit,
  isolated: boolean,
): Bounds {
  const { settings } = driftRuler;
  const lo = settings.bounds.min[4]!, hi = settings.bounds.max[4]!;
  const upper = path[1]?.[0]?.[4] ?? NaN, lower = path[1]?.[1]?.[4] ?? NaN;
  const clipped = (text = "bounds"): Bounds => ({
    term: term("bounds", text, "bounds", false),
    clipped: true,
  });
  const beside = (text: string): Bounds => ({
    term: term("bounds", text, "bounds", true),
    clipped: false,
  });
  const above = upper > hi + 1e-6, below = lower < lo - 1e-6;
  const final = path.at(-1)!.every((row) => row[4]! <= hi && row[4]! >= lo);
  if (!Number.isFinite(half + upper + lower)) return clipped("bounds not measured");
  // An eighth away from the wall.
  if (!(Math.min(6 * half, limitOn(limit, hi - lo)) > 0.125)) return clipped();
  if (near(upper, hi, 1e-6) && near(lower, lo, 1e-6)) {
    return final ? clipped() : beside(", not within bounds in the last step");
  }
  if (above && below) return beside(final ? ", bounds at the end" : ", without bounds");
  if (above) return beside(", lower bound only");
  if (below) return beside(", upper bound only");
  // A step that is not the one of the ladder may not have come so far.
  return isolated ? beside(", with other bounds") : clipped("bounds not measured");
}

/**
 * A textbook sampler: noise² = 2 · drift, so that its temperature is one whatever the step size.
 * This rule has the same at no step size but one.
 */
function dialectOf(
  half: readonly number[],
  factors: readonly number[],
  eta: readonly number[],
): Dialect | undefined {
  const same = half.length > 1 && half.every((h, k) => near(factors[k]! ** 2, 2 * h, 1e-3));
  if (!same || half.every((h) => near(h, half[0]!, 1e-3))) return undefined;
  const form = powerLaw(half, eta, 1e-3);
  const drift = form ? `${short(form.factor)}·${etaPower(form.exponent, false)}∇E` : "irregular";
  const step = 0.1;
  const theirs = form?.exponent === 2
    ? squaredStepTemperature(step, 1)
    : textbookTemperature(step * (form?.factor ?? 1), 1);
  const ours = stationaryTemperature(step, 1, 1);
  return {
    name: "textbook ULA",
    text: `Conforms to textbook ULA, not to this rule: drift ${drift}, noise ${
      noiseForm(factors, eta)
    }. On E = ½a², with a step size of ${step}, its temperature is ${
      short(theirs)
    }, that of this rule ${short(ours)}`,
    temperature: theirs,
  };
}

function noiseForm(draws: readonly number[], eta: readonly number[]): string {
  const form = powerLaw(draws.map(Math.abs), eta, 1e-3);
  if (!form) return "irregular";
  if (form.exponent === 0.5) {
    const square = form.factor ** 2;
    return near(square, 1, 1e-3) ? "√η·σξ" : `√(${short(square)}·η)·σξ`;
  }
  const factor = near(form.factor, 1, 1e-3) ? "" : `${short(form.factor)}·`;
  return `${factor}${etaPower(form.exponent, false)}σξ`;
}
