/**
 * A problem with given values of everything that a problem can vary.
 *
 * @module
 */

import { type Uniform, uniform } from "../spec/numerics/random.ts";
import { energy as compileEnergy } from "../spec/energy.ts";
import {
  type GradNorm,
  observationOf,
  type Problem,
  type Rows,
  type Schedule,
  type Settings,
} from "../spec/problem.ts";
import { officialRule, type Rule } from "../spec/rule.ts";
import { settingsFor, stepSizesOf } from "../spec/rule_parts.ts";
import { powerOf, stepFactors } from "../spec/rule_slopes.ts";
import { calmSettings, decimal, normalTape } from "./arbitraries.ts";
import type { Assignment } from "./covering.ts";

/** A float32 near a number, of few binary digits. */
function short(value: number): number {
  if (value === 0) return 0;
  const unit = 2 ** (Math.floor(Math.log2(Math.abs(value))) - 5);
  return Math.fround(Math.round(value / unit) * unit);
}

/** Beyond the seeds of the assignments. */
const otherSeeds = 10_000;

function between(u: Uniform, low: number, high: number): number {
  return low + (high - low) * u();
}

function signedBetween(u: Uniform, low: number, high: number): number {
  return (u() < 0.5 ? -1 : 1) * between(u, low, high);
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

/**
 * A problem with these values.
 *
 * Slopes and step sizes go with the box, so that steps come to about the limit: some are limited,
 * most are not, and drift and noise can both be seen. An energy that is exponentiated stays small.
 *
 * @param seed chooses what the assignment leaves open
 * @param rule whose steps are meant; settings that it lacks are there all the same
 */
export function problemOfAssignment(
  assignment: Assignment,
  seed: number,
  rule: Rule = officialRule,
): Problem {
  return problemWith({ assignment, seed, rule });
}

/**
 * Another problem for the same prepared sampler, of the same shapes and values: another network,
 * observations, start and noise.
 */
export function otherInputs(
  assignment: Assignment,
  seed: number,
  rule: Rule = officialRule,
): Problem {
  const { settings } = problemOfAssignment(assignment, seed, rule);
  return { ...problemWith({ assignment, seed, rule, other: seed + otherSeeds }), settings };
}

/** What a problem is made from. */
interface Origin {
  readonly assignment: Assignment;
  readonly seed: number;
  readonly rule: Rule;
  /** The seed of all but settings and shapes, if it is another. */
  readonly other?: number;
}

function problemWith({ assignment, seed, rule, other }: Origin): Problem {
  const u = uniform(seed);
  const inputs = other === undefined ? u : uniform(other), tape = other ?? seed;
  const axes = assignment.axes === "5 to 8" ? 5 + Math.floor(4 * u()) : Number(assignment.axes);
  const features = assignment.features === "3 to 12"
    ? 3 + Math.floor(10 * u())
    : Number(assignment.features);
  const many = (value: string) => value === "many" ? 5 : Number(value);
  const groups = many(assignment.groups), samples = many(assignment.samples);
  const rows = groups * samples, steps = Number(assignment.steps);
  const noiseScale = noiseScales[assignment["noise scale"]], loud = Math.max(1, noiseScale);
  const usual = boxOf(assignment.box, axes, u);
  const widest = Math.max(...usual.max.map((high, i) => high - usual.min[i]!), 0.125);
  const tiny = assignment["delta clip"] === "tiny" ? 1 / 64 : 1;
  const wanted = 2 ** Math.round(Math.log2(noiseSize(rule, widest / 16 * tiny / loud, widest)));
  const schedule = scheduleOf(assignment, wanted), given = { schedule, steps };
  const { first: stepSize, drift, noise } = firstStep(rule, given, widest);
  // Where the rule chooses the step size by itself, the box goes with it.
  const own = stepSize === wanted ? undefined : 16 * noise * loud / tiny / widest;
  const bounds = own === undefined ? usual : {
    min: usual.min.map((x) => short(x * own)),
    max: usual.max.map((x) => short(x * own)),
  };
  const reach = own === undefined ? widest / 16 : noise * loud / tiny, move = reach * tiny;
  const gentle = assignment["apply exp"] === "yes" ? 0.5 / (reach * axes) : Infinity;
  const slope = Math.min(move / drift, gentle);
  const observations = times(groups, () => times(features, () => short(between(inputs, -1, 1))));
  const energy = energyOf(assignment.energy, { axes, features, bounds, slope, reach }, inputs);
  const initial = startOf(assignment.start, { rows, bounds, reach: 8 * reach }, inputs);
  const steepest = () => steepestOf({ energy, axes, observations, samples, initial });
  return {
    energy,
    settings: {
      bounds,
      steps,
      schedule,
      noiseScale,
      deltaClip: deltaClips[assignment["delta clip"]],
      gradClip: gradClipOf(assignment["gradient clip"], slope, steepest),
      gradNorm: gradNorms[assignment["gradient norm"]],
      applyExp: assignment["apply exp"] === "yes",
    },
    groups,
    samples,
    axes,
    observations,
    initial,
    noise: { kind: "tape", draws: normalTape(tape, steps, rows, axes) },
    seed: tape,
  };
}

/** The step size at which a draw moves as far as is wanted, in a box so wide. */
function noiseSize(rule: Rule, wanted: number, range: number): number {
  const given = { ...inBox(range), ...settingsFor(rule, anySettings).own };
  const factors = stepFactors(rule, 1, given), part = factors.noise === 0 ? "drift" : "noise";
  const at = factors[part] || 1, power = powerOf(rule, part, 1, given);
  return power === 0 ? wanted : (wanted / Math.abs(at)) ** (1 / power);
}

/** The first step size of a chain, and what gradient and draw are multiplied by there. */
function firstStep(rule: Rule, asked: Pick<Settings, "schedule" | "steps">, range: number) {
  const settings = settingsFor(rule, { ...anySettings, ...asked });
  const first = stepSizesOf({ rule, settings })[0]!;
  const { drift, noise } = stepFactors(rule, first, { ...inBox(range), ...settings.own });
  // Where one has no factor in the first step, the size of the other brings both out.
  const [slope, draw] = [Math.abs(drift), Math.abs(noise)];
  return { first, drift: slope || draw || 1, noise: draw || slope || 1 };
}

const inBox = (range: number) => ({ sigma: 1, T: 1, lo: -range / 2, hi: range / 2 });

const anySettings = calmSettings(1);

const noiseScales = { "0": 0, "1": 1, "tiny": 2 ** -10, "above 1": 2.5 } as const;
const deltaClips = { "usual": Math.fround(0.1), "above 1": 1.5, "tiny": 2 ** -9, "0": 0 } as const;
const gradNorms: Readonly<Record<Assignment["gradient norm"], GradNorm>> = {
  "none": null,
  "1": "1",
  "2": "2",
  "inf": "inf",
};

function boxOf(kind: Assignment["box"], axes: number, u: Uniform): Settings["bounds"] {
  const sides = times(axes, (axis) => {
    const width = short(between(u, 1, 2)) * (kind === "narrow" ? 0.125 : kind === "wide" ? 64 : 2);
    switch (kind) {
      case "wide":
      case "narrow":
        return { low: -width / 2, high: width / 2 };
      case "asymmetric":
        return { low: -width / 8, high: width };
      case "negative":
        return { low: -width - 3, high: -3 };
      case "degenerate":
        return axis === axes - 1 ? { low: 0.5, high: 0.5 } : { low: -width / 2, high: width / 2 };
      // A bound that counts as false is easily taken for one that isn't given.
      case "0 to 1":
        return { low: 0, high: 1 };
      case "up to 0":
        return { low: -width, high: 0 };
    }
  });
  return { min: sides.map(({ low }) => low), max: sides.map(({ high }) => high) };
}

function scheduleOf({ power, schedule }: Assignment, init: number): Schedule {
  if (power === "exponential, decay below 1") return { kind: "exponential", init, decay: 0.875 };
  if (power === "exponential, decay above 1") return { kind: "exponential", init, decay: 1.015625 };
  const finals = {
    "constant": init,
    "falling": init / 16,
    "rising": 2 * init,
    "falling to 0": 0,
  } as const;
  const powers = { "1": 1, "below 1": 0.5, "2": 2, "3": 3, "above 3": 4.5 } as const;
  return { kind: "polynomial", init, final: finals[schedule], power: powers[power] };
}

/** A small clip acts at the start. */
function gradClipOf(
  kind: Assignment["gradient clip"],
  slope: number,
  steepestOf: () => number,
): number | null {
  if (kind !== "small") return { "none": null, "large": 64 * short(slope), "0": 0 }[kind];
  const steepest = steepestOf();
  return short(steepest > 0 ? Math.min(slope / 4, steepest / 2) : slope / 4);
}

/** The largest component of a gradient at the start. */
function steepestOf(
  { energy, axes, observations, samples, initial }: Pick<
    Problem,
    "energy" | "axes" | "observations" | "samples" | "initial"
  >,
): number {
  const { gradient } = compileEnergy(energy, axes, observations[0]!.length);
  const slopes = initial.flatMap((row, r) =>
    gradient(row, observationOf({ observations, samples }, r)).map(Math.abs)
  );
  return Math.max(...slopes);
}

function startOf(
  kind: Assignment["start"],
  { rows, bounds: { min, max }, reach }: {
    readonly rows: number;
    readonly bounds: Settings["bounds"];
    readonly reach: number;
  },
  u: Uniform,
): Rows {
  return times(rows, () =>
    min.map((low, axis) => {
      const high = max[axis]!;
      switch (kind) {
        case "inside": {
          const margin = (high - low) / 16;
          return inside(short(between(u, low + margin, high - margin)), low, high);
        }
        case "on the wall":
          return u() < 0.5 ? low : high;
        case "outside":
          return u() < 0.5
            ? short(low - between(u, 0.25, 0.75) * reach)
            : short(high + between(u, 0.25, 1) * reach);
      }
    }));
}

function inside(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** What an energy is made for. */
interface Place {
  readonly axes: number;
  readonly features: number;
  readonly bounds: Settings["bounds"];
  /** A gradient whose drift is about as long as the usual limit. */
  readonly slope: number;
  /** A length about the usual limit. */
  readonly reach: number;
}

function energyOf(kind: Assignment["energy"], place: Place, u: Uniform): string {
  const { axes, features, bounds, slope, reach } = place;
  // Each axis is measured from a place in the box, moved by an observation.
  const from = times(axes, (i) => {
    const centre = short(between(u, bounds.min[i]!, bounds.max[i]!));
    const moved = observationsOf(i, axes, features).map((j) =>
      ` - ${decimal(short(signedBetween(u, 0.5, 1) * reach))}*o${j}`
    );
    return `(a${i + 1} - ${decimal(centre)}${moved.join("")})`;
  });
  const signedSize = () => decimal(short(signedBetween(u, 0.25, 1.5) * slope));
  const bowl = (factor: number) =>
    from.map((x) => `${decimal(short(factor * between(u, 0.25, 1) * slope / (16 * reach)))}*${x}^2`)
      .join(" + ");
  const height = () => decimal(short(between(u, 2, 6) * slope * reach));
  const rate = () => decimal(short(between(u, 0.0625, 0.25) / reach));
  switch (kind) {
    case "linear":
      return from.map((x) => `${signedSize()}*${x}`).join(" + ");
    case "quadratic":
      return bowl(1);
    case "coupled":
      return [
        bowl(1),
        ...from.slice(1).map((x, i) =>
          `${decimal(short(signedBetween(u, 0.25, 0.5) * slope / (16 * reach)))}*${x}*${from[i]!}`
        ),
      ].join(" + ");
    case "rugged":
      return from.map((x) =>
        `${height()}*cos(${rate()}*${x}) + ${height()}*log(cosh(${rate()}*${x}))`
      ).join(" + ");
    case "network": {
      const unit = () => {
        const weights = from.map((x) =>
          `${decimal(short(signedBetween(u, 0.125, 0.5) / (reach * Math.sqrt(axes))))}*${x}`
        );
        return `${decimal(short(2 * slope * reach))}*tanh(${weights.join(" + ")})`;
      };
      return [unit(), unit(), unit(), bowl(0.5)].join(" + ");
    }
    case "large":
      return bowl(4096);
  }
}

/** The features that move an axis: each feature moves one axis at least. */
function observationsOf(axis: number, axes: number, features: number): readonly number[] {
  if (features === 0) return [];
  const own = times(features, (j) => j + 1).filter((j) => (j - 1) % axes === axis);
  return own.length > 0 ? own : [1 + axis % features];
}
