/**
 * What the playground shows: an energy, settings and a defect, and how they travel in a link.
 *
 * @module
 */

import { defectOf } from "../../src/defects/defects.ts";
import { energy as readEnergy } from "../../spec/energy.ts";
import { FormulaError } from "../../spec/formula/parse.ts";
import {
  officialDefaults,
  type Problem,
  type Schedule,
  type Settings,
} from "../../spec/problem.ts";
import { normalDraws } from "../../spec/numerics/random.ts";

/** Everything that a person chooses. Lists have one entry per axis. */
export interface Setup {
  /** E as a formula in `a1` and, with two axes, `a2`. */
  readonly energy: string;
  /** Coordinates of an action. */
  readonly axes: 1 | 2;
  /** Lower bounds. */
  readonly low: readonly number[];
  /** Upper bounds. */
  readonly high: readonly number[];
  /** Number of steps N. */
  readonly steps: number;
  /** Which schedule. */
  readonly schedule: Schedule["kind"];
  /** Initial step size. */
  readonly init: number;
  /** Final step size, of the polynomial schedule. */
  readonly final: number;
  /** Power of the polynomial schedule. */
  readonly power: number;
  /** Decay of the exponential schedule. */
  readonly decay: number;
  /** σ */
  readonly noiseScale: number;
  /** c */
  readonly deltaClip: number;
  /** γ, or `null` for none. */
  readonly gradClip: number | null;
  /** Whether the network's output is exponentiated. */
  readonly applyExp: boolean;
  /** Number of chains. */
  readonly rows: number;
  /** Seed of the draws. */
  readonly seed: number;
  /** Id of the defect, or `null` for the rule itself. */
  readonly defect: string | null;
  /** Step that is shown, from 0 to N. */
  readonly step: number;
  /** Chain that is looked at closely, from 0. */
  readonly row: number;
  /** These settings, or the smallest problem on which the defect breaks its clause. */
  readonly stage: "own" | "smallest";
}

/** An energy to choose from. */
export interface Preset {
  /** Words. */
  readonly title: string;
  /** The formula. */
  readonly energy: string;
  /** Coordinates of an action. */
  readonly axes: 1 | 2;
  /** Lower bounds. */
  readonly low: readonly number[];
  /** Upper bounds. */
  readonly high: readonly number[];
}

const square = { low: [-1, -1], high: [1, 1] } as const;

/** Energies to choose from. */
export const presets: readonly Preset[] = [
  { title: "Two wells", energy: "8*(a1^2 - 0.4)^2 + 0.6*a1", axes: 1, low: [-1], high: [1] },
  { title: "Bowl", energy: "3*(a1 - 0.25)^2", axes: 1, low: [-1], high: [1] },
  { title: "Slope against a wall", energy: "-2*a1", axes: 1, low: [-1], high: [1] },
  {
    title: "Rugged valley",
    energy: "2*a1^2 + 0.3*sin(12*a1)",
    axes: 1,
    low: [-1.5],
    high: [1],
  },
  { title: "Long valley", energy: "1.5*(a1 - 0.2)^2 + 6*(a2 + 0.3)^2", axes: 2, ...square },
  {
    title: "Four wells",
    energy: "6*(a1^2 - 0.35)^2 + 6*(a2^2 - 0.35)^2 + 0.4*a1",
    axes: 2,
    ...square,
  },
  {
    title: "Bent valley",
    energy: "4*(a2 - a1^2 + 0.4)^2 + 0.6*(a1 - 0.3)^2",
    axes: 2,
    ...square,
  },
  {
    title: "A wide box",
    energy: "2*(a1 - 0.5)^2 + 2*a2^2 + a1*a2",
    axes: 2,
    low: [-3, -0.5],
    high: [2, 1],
  },
];

const first = presets[4]!;
const { schedule } = officialDefaults;

/** The first page: a valley, the official defaults, and noise that never settles. */
export const firstSetup: Setup = {
  energy: first.energy,
  axes: first.axes,
  low: first.low,
  high: first.high,
  steps: officialDefaults.steps,
  schedule: "polynomial",
  init: schedule.init,
  final: schedule.kind === "polynomial" ? schedule.final : 0,
  power: schedule.kind === "polynomial" ? schedule.power : 0,
  decay: 0.8,
  noiseScale: officialDefaults.noiseScale,
  deltaClip: officialDefaults.deltaClip,
  gradClip: officialDefaults.gradClip,
  applyExp: officialDefaults.applyExp,
  rows: 6,
  seed: 3,
  defect: "noise-root-of-step",
  step: 0,
  row: 0,
  stage: "own",
};

/** The most steps and chains that are drawn. */
export const most = { steps: 200, rows: 24 } as const;

/** The setup as the fragment of a link, without what is as on the first page. */
export function toFragment(setup: Setup): string {
  const words = new URLSearchParams();
  for (const [key, value] of Object.entries(setup)) {
    const usual = firstSetup[key as keyof Setup];
    if (JSON.stringify(value) !== JSON.stringify(usual)) words.set(key, String(value ?? "none"));
  }
  // Commas and slashes read better as they are; both are allowed in a fragment.
  return words.toString().replaceAll("%2C", ",").replaceAll("%2F", "/");
}

/** The setup of a link's fragment; what it lacks, or what makes no sense, is as on the first page. */
export function fromFragment(fragment: string): Setup {
  const words = new URLSearchParams(fragment.replace(/^#/, ""));
  const number = (key: keyof Setup, least: number, greatest: number): number => {
    const text = words.get(key);
    const value = text === null || text === "" ? NaN : Number(text);
    return value >= least && value <= greatest ? value : firstSetup[key] as number;
  };
  const whole = (key: keyof Setup, least: number, greatest: number) =>
    Math.round(number(key, least, greatest));
  const list = (key: "low" | "high", axes: number, usual: number): number[] => {
    const values = words.get(key)?.split(",").map(Number) ?? firstSetup[key];
    return Array.from({ length: axes }, (_, i) => {
      const value = values[i];
      return value !== undefined && Number.isFinite(value) ? value : usual;
    });
  };
  const axes = words.get("axes") === "1" ? 1 : 2;
  const low = list("low", axes, -1), high = list("high", axes, 1);
  const sound = low.every((value, i) => value <= high[i]!);
  const gradClip = Number(words.get("gradClip") ?? NaN);
  const steps = whole("steps", 1, most.steps);
  const rows = whole("rows", 1, most.rows);
  const defect = words.get("defect");
  return {
    energy: words.get("energy") ?? firstSetup.energy,
    axes,
    low: sound ? low : low.map(() => -1),
    high: sound ? high : high.map(() => 1),
    steps,
    schedule: words.get("schedule") === "exponential" ? "exponential" : "polynomial",
    init: number("init", 0, 1e6),
    final: number("final", 0, 1e6),
    power: number("power", 0, 100),
    decay: number("decay", 0, 100),
    noiseScale: number("noiseScale", 0, 1e6),
    deltaClip: number("deltaClip", 0, 1e6),
    gradClip: words.has("gradClip") && gradClip >= 0 ? gradClip : null,
    applyExp: words.get("applyExp") === "true",
    rows,
    seed: whole("seed", 0, 2 ** 31),
    defect: defect === "none" ? null : defectOf(defect ?? "") ? defect : firstSetup.defect,
    step: whole("step", 0, most.steps),
    row: Math.min(whole("row", 0, most.rows), rows - 1),
    stage: words.get("stage") === "smallest" ? "smallest" : "own",
  };
}

/**
 * Why a text is no energy, or `null` if it is one.
 *
 * @returns the parser's own message: a sentence, then two lines with a caret
 */
export function energyFault(text: string, axes: number): string | null {
  try {
    readEnergy(text, axes, 0);
    return null;
  } catch (error) {
    if (error instanceof FormulaError) return error.message;
    throw error;
  }
}

/** What the sampler is configured with. */
export function settingsOf(setup: Setup): Settings {
  return {
    ...officialDefaults,
    bounds: { min: setup.low.map(Math.fround), max: setup.high.map(Math.fround) },
    steps: setup.steps,
    schedule: setup.schedule === "polynomial"
      ? { kind: "polynomial", init: setup.init, final: setup.final, power: setup.power }
      : { kind: "exponential", init: setup.init, decay: setup.decay },
    noiseScale: setup.noiseScale,
    deltaClip: setup.deltaClip,
    gradClip: setup.gradClip,
    applyExp: setup.applyExp,
  };
}

/** The task that both samplers are given: the same start and the same draws. */
export function problemOf(setup: Setup): Problem {
  const { rows, axes, low, high } = setup;
  const next = normalDraws(setup.seed);
  return {
    energy: setup.energy,
    settings: settingsOf(setup),
    groups: 1,
    samples: rows,
    axes,
    observations: [[]],
    initial: Array.from(
      { length: rows },
      (_, row) =>
        Array.from({ length: axes }, (_, axis) => {
          // A low-discrepancy sequence fills the middle nine tenths of the box evenly.
          const share = axes === 1 ? 0.6180339887 : [0.7548776662, 0.5698402910][axis]!;
          const place = 0.05 + 0.9 * ((0.1 + (row + 1) * share) % 1);
          return Math.fround(low[axis]! + place * (high[axis]! - low[axis]!));
        }),
    ),
    noise: {
      kind: "tape",
      draws: Array.from(
        { length: setup.steps },
        () => Array.from({ length: rows }, () => Array.from({ length: axes }, next)),
      ),
    },
    seed: setup.seed,
  };
}
