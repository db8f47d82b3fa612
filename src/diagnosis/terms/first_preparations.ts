/**
 * The settings for which a target was prepared first: what it keeps of them for all later ones.
 *
 * @module
 */

import type { Settings } from "../../../spec/problem.ts";
import type { Target } from "../../../spec/sampler.ts";
import { byAxis } from "../figures/figures.ts";
import type { MeasuredRule } from "../figures/measured_rule.ts";
import { type Hypothesis, type Suspect, suspectsOf } from "./suspects.ts";

/** A target that notes for what it is prepared first, with each number of axes. */
export function remembering(target: Target): Target {
  if (target.firsts !== undefined) return target;
  const firsts: Settings[] = [];
  return {
    ...target,
    firsts,
    async prepare(settings) {
      const axes = settings.bounds.min.length;
      if (!firsts.some(({ bounds }) => bounds.min.length === axes)) firsts.push(settings);
      return await target.prepare(settings);
    },
  };
}

/** That all settings of the first preparation hold for all later ones. */
export const firstSettingsHold: readonly Suspect[] = suspectsOf(["settings"])
  .filter(({ change }) => change.settings === "of-first");

/** Whether something is said of settings that other calls have left. */
export function isOfFirst({ key, change }: Suspect): boolean {
  return change.settings !== undefined || key.startsWith("measured number first");
}

/** The bounds of an axis: those of the first box that has it. */
function boundsOf(firsts: readonly Settings[], axes: number): Settings["bounds"] {
  const sides = (side: "min" | "max") =>
    Array.from(
      { length: axes },
      (_, i) => firsts.find(({ bounds }) => bounds.min.length > i)?.bounds[side][i] ?? NaN,
    );
  return { min: sides("min"), max: sides("max") };
}

/** That one setting of the first preparation holds for all later ones. */
function cachedSuspect(what: string): Suspect {
  return {
    key: `measured number first ${what}`,
    id: null,
    title: `The ${what} of the first preparation holds for all later ones`,
    fix: "Read it anew in every preparation: keep nothing in the module, a class or a cache.",
    change: {},
  };
}

/** Settings with one that is kept from the first preparation. */
export function cachedSettings(firsts: readonly Settings[]): readonly {
  readonly suspect: Suspect;
  readonly of: (settings: Settings) => Settings;
}[] {
  const [first] = firsts;
  if (first === undefined) return [];
  const { schedule, noiseScale, gradClip, deltaClip } = first;
  const kept = (what: string, of: (settings: Settings) => Partial<Settings>) => ({
    suspect: cachedSuspect(what),
    of: (settings: Settings) => ({ ...settings, ...of(settings) }),
  });
  return [
    kept("box", ({ bounds }) => ({ bounds: boundsOf(firsts, bounds.min.length) })),
    kept("schedule", () => ({ schedule })),
    kept("noise scale", () => ({ noiseScale })),
    kept("gradient clip", () => ({ gradClip })),
    kept("delta clip", () => ({ deltaClip })),
  ];
}

/** What may be that of the first preparation, by the part of the rule that it changes. */
export interface FirstSettings {
  readonly limits: readonly Suspect[];
  readonly walls: readonly Suspect[];
  readonly schedules: readonly Suspect[];
}

/** Suspects that a target goes by settings of its first preparation. */
export function firstSettings(firsts: readonly Settings[]): FirstSettings {
  const [first] = firsts;
  if (first === undefined) return { limits: [], walls: [], schedules: [] };
  const axes = Math.max(...firsts.map(({ bounds }) => bounds.min.length)),
    { min: lows, max: highs } = boundsOf(firsts, axes);
  const range = byAxis(highs.map((hi, i) => hi - lows[i]!));
  const suspect = (title: string, change: Suspect["change"], written?: string): Suspect => ({
    ...cachedSuspect(title),
    title,
    change,
    known: ({ axes: count }) => count <= axes,
    ...(written === undefined ? {} : { written: () => written }),
  });
  const { deltaClip, schedule } = first, ofBox = "range of the first box";
  const ofCount = (of: (settings: Settings) => readonly number[]) => byCount(firsts, of);
  const count = "with as many axes";
  return {
    limits: [
      suspect(`Limits go by the range of the first box ${count} that was prepared`, {
        limit: `c / 2 * ${ofCount(({ bounds: { min, max } }) => max.map((hi, i) => hi - min[i]!))}`,
      }, `±1.000·c·½·(${ofBox} ${count})`),
      suspect("Limits go by the range of the first box that was prepared", {
        limit: `c / 2 * ${range}`,
      }, `±1.000·c·½·(${ofBox})`),
      suspect("The delta clip of the first preparation holds for all later ones", {
        limit: `${deltaClip} / 2 * (hi - lo)`,
      }, `±${deltaClip}·½·range`),
      suspect(
        "Limits go by the delta clip and the box of the first preparation",
        { limit: `${deltaClip} / 2 * ${range}` },
        `±${deltaClip}·½·(${ofBox})`,
      ),
    ],
    walls: [
      suspect(`Chains end at the walls of the first box ${count} that was prepared`, {
        result: `min(max(a - move, ${ofCount(({ bounds }) => bounds.min)}), ${
          ofCount(({ bounds }) => bounds.max)
        })`,
      }, `bounds of the first box ${count}`),
      suspect(
        "Chains end at the walls of the first box that was prepared",
        { result: `min(max(a - move, ${byAxis(lows)}), ${byAxis(highs)})` },
        "bounds of the first preparation",
      ),
    ],
    schedules: schedule.kind === "exponential" ? [] : [scheduleOf(schedule, suspect)],
  };
}

/** A figure of each axis, another one for each number of axes. */
function byCount(
  firsts: readonly Settings[],
  of: (settings: Settings) => readonly number[],
): string {
  const [first, ...others] = [...firsts].sort((a, b) => a.bounds.min.length - b.bounds.min.length);
  return others.reduce(
    (rest, one) => `where(axes - ${one.bounds.min.length - 0.5}, ${byAxis(of(one))}, ${rest})`,
    byAxis(of(first!)),
  );
}

/** The parts of the measured rule that a setting is in, and how they are written with the first one. */
const cachedParts: Readonly<
  Record<string, readonly (readonly [part: string, plain: string, first: string])[]>
> = {
  "box": [["bounds", "bounds", "the first bounds"], ["limit", "range", "(first range)"]],
  "noise scale": [["noise", "σ", "(first σ)"]],
  "gradient clip": [["drift", "∇E", "(∇E, by the first clip)"]],
  "delta clip": [["limit", "c·", "(first c)·"]],
};

/** A measured rule with what is kept of the first preparation in it, where a setting is. */
export function withCached(rule: MeasuredRule, hypothesis: Hypothesis): MeasuredRule {
  const cached = hypothesis.flatMap(({ key }) =>
    cachedParts[/^measured number first (.*)$/.exec(key)?.[1] ?? ""] ?? []
  );
  const schedule = hypothesis.some(({ key }) => key === "measured number first schedule");
  let { text } = rule;
  const terms = rule.terms.map((term) => {
    const part = cached.find(([name]) => name === term.name);
    if (term.name === "schedule" && schedule) {
      return { ...term, deviates: true, text: `${term.text}, as first prepared` };
    }
    if (part === undefined || !term.text.includes(part[1])) return term;
    const written = term.text.replace(part[1], part[2]);
    text = text.replace(term.text, () => written);
    return { ...term, deviates: true, text: written };
  });
  return { ...rule, text, terms, schedule: terms.at(-1)!.text };
}

function scheduleOf(
  { init, final, power }: Extract<Settings["schedule"], { kind: "polynomial" }>,
  suspect: (title: string, change: Suspect["change"]) => Suspect,
): Suspect {
  const later = `${init - final} * (1 - k / (N - 1)) ^ ${power} + ${final}`;
  return suspect("The schedule of the first preparation holds for all later ones", {
    polynomial: later,
    polynomialFirst: `${init}`,
    singleStep: `${init}`,
    exponential: `where(k - 0.5, ${later}, ${init})`,
  });
}
