/**
 * Limits of a step that go by where the action is: by its size, or by the room that is left to a
 * wall.
 *
 * @module
 */

import type { Settings } from "../../../spec/problem.ts";
import { areOne, rounded, shown } from "../figures/figures.ts";
import type { Observation } from "../experiments/observations.ts";
import { chainOf } from "../experiments/response.ts";
import type { Suspect } from "./suspects.ts";

/** A step that a limit stopped. */
interface Stopped {
  /** How far it went. */
  readonly move: number;
  /** Whether it went down. */
  readonly down: boolean;
  /** Where it began, and where the chain did. */
  readonly a: number;
  readonly a0: number;
  readonly lo: number;
  readonly hi: number;
  readonly settings: Settings;
}

/** Something that a limit may be a multiple of. */
interface Measure {
  readonly of: (step: Stopped) => number;
  /** Downwards, and upwards where that is another one. */
  readonly formulas: readonly [string, string?];
  readonly words: string;
}

const measures: readonly Measure[] = [
  {
    of: ({ a, lo, hi }) => Math.min(a - lo, hi - a),
    formulas: ["min(a - lo, hi - a)"],
    words: "the room to the nearer wall",
  },
  {
    of: ({ a, lo, hi }) => Math.max(a - lo, hi - a),
    formulas: ["max(a - lo, hi - a)"],
    words: "the room to the farther wall",
  },
  {
    of: ({ a, lo, hi, down }) => down ? a - lo : hi - a,
    formulas: ["(a - lo)", "(hi - a)"],
    words: "the room to the wall ahead",
  },
  {
    of: ({ a, lo, hi, down }) => down ? hi - a : a - lo,
    formulas: ["(hi - a)", "(a - lo)"],
    words: "the distance from the wall behind",
  },
  { of: ({ a, lo }) => a - lo, formulas: ["(a - lo)"], words: "the distance from the lower wall" },
  { of: ({ a, hi }) => hi - a, formulas: ["(hi - a)"], words: "the distance from the upper wall" },
  { of: ({ a }) => Math.abs(a), formulas: ["abs(a)"], words: "the size of the action" },
  {
    of: ({ a }) => 1 + Math.abs(a),
    formulas: ["(1 + abs(a))"],
    words: "1 + the size of the action",
  },
  {
    of: ({ a }) => Math.max(1, Math.abs(a)),
    formulas: ["max(1, abs(a))"],
    words: "the size of the action, at least 1",
  },
  {
    of: ({ a, lo, hi }) => Math.abs(a - (lo + hi) / 2),
    formulas: ["abs(a - (lo + hi) / 2)"],
    words: "the distance from the middle of the box",
  },
  { of: ({ a0 }) => Math.abs(a0), formulas: ["abs(a0)"], words: "the size of the first action" },
];

/** What the measure is multiplied by beside a number. */
const units = [
  {
    of: ({ settings }: Stopped) => settings.deltaClip,
    formula: "c * ",
    words: "the delta clip times ",
  },
  { of: () => 1, formula: "", words: "" },
] as const;

/** Slopes beyond this one are steep: no limit lets their steps pass. */
const steep = 1000;

/** The steps of steep chains, but for those that end at a wall. */
function stoppedSteps(observations: readonly Observation[]): readonly Stopped[] {
  return observations.flatMap(({ probe, calls: [call] }) => {
    const problem = probe.calls[0]!, { settings, settings: { bounds: { min, max } } } = problem;
    const chain = call === undefined || call === "throws" ? undefined : chainOf(problem, call);
    const points = chain?.points ?? [];
    return points.slice(1).flatMap((to, k) =>
      to.flatMap((row, r) =>
        row.flatMap((at, i): Stopped[] => {
          const lo = min[i]!, hi = max[i]!, a = points[k]![r]![i]!;
          const slope = problem.observations[Math.floor(r / problem.samples)]![i]!;
          if (Math.abs(slope) <= steep || at <= lo || at >= hi) return [];
          const a0 = points[0]![r]![i]!;
          return [{ move: Math.abs(at - a), down: slope > 0, a, a0, lo, hi, settings }];
        })
      )
    );
  });
}

/** Limits that are multiples of a measure of where the action is. */
export function limitsByAction(observations: readonly Observation[]): readonly Suspect[] {
  const steps = stoppedSteps(observations);
  if (new Set(steps.map(({ a }) => a)).size < 4) return [];
  return measures.flatMap((measure) =>
    units.flatMap((unit) => {
      const told = steps.map((step) => step.move / (unit.of(step) * measure.of(step)));
      if (!areOne(told) || told[0] === 0) return [];
      return suspectsOf(measure, rounded(told[0]!), unit);
    })
  );
}

function suspectsOf(
  { formulas: [down, up], words }: Measure,
  factor: number,
  unit: (typeof units)[number],
): readonly Suspect[] {
  const times = factor === 1 ? "" : `${shown(factor)} times `;
  const of = (formula: string) => `${factor} * ${unit.formula}${formula}`;
  // Beyond a wall there is no room, or less than none.
  return [(formula: string) => of(formula), (formula: string) => `max(0, ${of(formula)})`]
    .map((limit) => ({
      key: `measured number limit ${limit(down)} ${up ?? ""}`,
      id: null,
      title: `The limit of a step is ${times}${unit.words}${words}`,
      fix: "Limit steps to the delta clip times half the range of the axis.",
      change: up === undefined
        ? { limit: limit(down) }
        : { clippedStep: `min(max(delta, -(${limit(up)})), ${limit(down)})` },
      written: () =>
        `±${factor === 1 ? "" : `${shown(factor)}·`}${unit.formula === "" ? "" : "c·"}(${words})`,
    }));
}
