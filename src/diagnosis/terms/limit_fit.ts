/**
 * The limit of a step as figures, where no known defect gives them.
 *
 * @module
 */

import type { Observation } from "../experiments/observations.ts";
import { chainOf } from "../experiments/response.ts";
import { piecesAsTimes } from "../figures/figures_by_place.ts";
import type { Suspect } from "./suspects.ts";
import { type FormCell, formOf, isAmong, shapeOf } from "../figures/forms.ts";
import { areOne, rounded, shown } from "../figures/figures.ts";

/** The limits of one axis that were seen at one delta clip: the first step of a steep chain. */
export interface SeenLimit {
  readonly deltaClip: number;
  readonly noiseScale: number;
  /** Half the range of the axis. */
  readonly half: number;
  /** The largest movements, downwards and upwards; not a number at a wall, infinite beyond it. */
  readonly moves: readonly [number, number];
}

/** Reads limits off the first steps of steep chains, whose first two rows go down and up. */
export function seenLimits(observations: readonly Observation[]): readonly SeenLimit[] {
  return observations.flatMap(({ probe, calls: [call] }) => {
    const problem = probe.calls[0]!;
    const chain = call === undefined || call === "throws" ? undefined : chainOf(problem, call);
    const from = chain?.points[0], to = chain?.points[1];
    if (!from || !to) return [];
    const { bounds: { min, max }, deltaClip, noiseScale } = problem.settings;
    return min.map((lo, i): SeenLimit => {
      const half = (max[i]! - lo) / 2;
      const moved = (r: number) => {
        const at = to[r]![i]!, move = Math.abs(at - from[r]![i]!);
        return at === lo || at === max[i] ? NaN : at < lo || at > max[i]! ? Infinity : move;
      };
      return { deltaClip, noiseScale, half, moves: [moved(0), moved(1)] };
    });
  });
}

/** Slopes beyond this one are steep. */
const steep = 1000;

/** Limits of all steps of steep chains, in what they should be; those at a wall tell nothing. */
export function limitCells(observations: readonly Observation[]): readonly FormCell[] {
  return observations.flatMap(({ probe, calls: [call] }) => {
    const problem = probe.calls[0]!, { settings } = problem, { min, max } = settings.bounds;
    const chain = call === undefined || call === "throws" ? undefined : chainOf(problem, call);
    const points = chain?.points ?? [];
    const isSteep = (r: number, i: number) =>
      Math.abs(problem.observations[Math.floor(r / problem.samples)]![i]!) > steep;
    return points.slice(1).flatMap((to, k) =>
      to.flatMap((row, r) =>
        row.flatMap((at, i): FormCell[] => {
          if (at <= min[i]! || at >= max[i]! || !isSteep(r, i)) return [];
          const wanted = settings.deltaClip * (max[i]! - min[i]!) / 2;
          return [{
            value: Math.abs(at - points[k]![r]![i]!) / wanted,
            error: 1.2e-7 / wanted,
            k,
            row: r,
            axis: i,
            settings,
            shape: shapeOf(problem),
          }];
        })
      )
    );
  });
}

/** A limit that changes along the chain, or with a setting. */
export function limitForms(observations: readonly Observation[]): readonly Suspect[] {
  const cells = limitCells(observations), form = cells.length < 8 ? undefined : formOf(cells);
  if (form === undefined) return [];
  const { factor, formula, wordsOf, pieces } = form, times = wordsOf(factor);
  return [{
    key: `measured number limit ${formula}`,
    id: null,
    title: pieces
      ? `The limit of a step is ${piecesAsTimes(pieces, "what it should be", factor)}`
      : `The limit of a step is ${times} times what it should be`,
    fix: "Limit steps to the delta clip times half the range of the axis.",
    change: { limit: `${factor} * (${formula}) * c / 2 * (hi - lo)` },
    times,
    ...(pieces ? { pieces, known: isAmong(form) } : {}),
  }];
}

/** Axes that are limited by the range of another one, in every box in which both are seen. */
export function rangesSwapped(
  observations: readonly Observation[],
): readonly { readonly axis: number; readonly by: number }[] {
  const all = observations.map((seen) => seenLimits([seen]));
  const most = Math.max(0, ...all.map((limits) => limits.length));
  const axes = Array.from({ length: most }, (_, axis) => axis);
  const goesBy = (axis: number, by: number) => {
    const told = all.filter((limits) => limits.length > Math.max(axis, by));
    return told.length > 0 && told.every((limits) => {
      const { deltaClip, half } = limits[by]!, wanted = deltaClip * half;
      return limits[axis]!.moves.every((move) => Math.abs(move - wanted) <= 1e-5 * wanted);
    });
  };
  return axes.flatMap((axis) => {
    const by = goesBy(axis, axis) ? [] : axes.filter((other) => goesBy(axis, other));
    return by.length === 1 ? [{ axis, by: by[0]! }] : [];
  });
}

/** Whether all that are not hidden by a wall are one number. */
function same(values: readonly number[]): boolean {
  return areOne(values.filter((value) => !Number.isNaN(value)));
}

const one = (values: readonly number[]) => rounded(values.find((value) => !Number.isNaN(value))!);

/** Figures for the limit that give everything that was seen of it. */
export function limitSuspects(seen: readonly SeenLimit[]): readonly Suspect[] {
  const ratios = seen.flatMap(({ moves, ...given }) => moves.map((move) => ({ ...given, move })));
  const found: Suspect[] = [];
  const fix = "Limit steps to the delta clip times half the range of the axis.";
  const add = (title: string, limit: string, known?: readonly number[]) =>
    found.push({
      key: `measured number limit ${limit}`,
      id: null,
      title,
      fix,
      change: { limit },
      ...(known ? { known: ({ settings }) => known.includes(settings.deltaClip) } : {}),
    });
  const relative = ratios.map(({ deltaClip, half, move }) => move / (deltaClip * half));
  const absolute = ratios.map(({ deltaClip, move }) => move / deltaClip);
  const constant = ratios.map(({ move }) => move);
  if (same(relative)) {
    const factor = one(relative);
    add(
      `The limit of a step is ${shown(factor)} times what it should be`,
      `${factor} * c / 2 * (hi - lo)`,
    );
  }
  if (same(absolute)) {
    const factor = one(absolute);
    add(
      `The limit of a step is ${shown(factor)} times the delta clip on every range`,
      `${factor} * c`,
    );
  }
  if (same(constant)) {
    const limit = one(constant);
    add(
      `The limit of a step is ${shown(limit)} on every axis, whatever the delta clip`,
      `${limit}`,
    );
  }
  const byScale = ratios.map(({ deltaClip, noiseScale, half, move }) =>
    move / (deltaClip * noiseScale * half)
  );
  if (ratios.every(({ noiseScale }) => noiseScale > 0) && same(byScale)) {
    const factor = one(byScale);
    add(
      `The limit of a step is multiplied by ${
        factor === 1 ? "" : `${shown(factor)} times `
      }the noise scale`,
      `${factor} * sigma * c / 2 * (hi - lo)`,
    );
  }
  const side = (which: 0 | 1) =>
    seen.map(({ deltaClip, half, moves }) => moves[which] / (deltaClip * half));
  const down = side(0), up = side(1);
  const free = (values: readonly number[]) => values.every((value) => !Number.isFinite(value));
  const factorOf = one;
  const sided = same(down) && same(up)
    ? `min(max(delta, -${factorOf(up)} * limit), ${factorOf(down)} * limit)`
    : same(down) && free(up)
    ? `min(delta, ${factorOf(down)} * limit)`
    : same(up) && free(down)
    ? `max(delta, -${factorOf(up)} * limit)`
    : undefined;
  if (sided !== undefined) {
    const of = (values: readonly number[]) =>
      free(values) ? "no limit" : `${shown(one(values))} times what it should be`;
    found.push({
      key: `measured number limit ${sided}`,
      id: null,
      title: `The limit of a step downwards is ${of(down)}, and upwards ${of(up)}`,
      fix: "Clip to both sides: min(max(δ, -limit), limit).",
      change: { clippedStep: sided },
    });
  }
  const clips = [...new Set(ratios.map(({ deltaClip }) => deltaClip))].sort((a, b) => a - b);
  const byClip = clips.map((clip) =>
    ratios.filter(({ deltaClip }) => deltaClip === clip).map(({ half, move }) => move / half)
  );
  if (found.length === 0 && clips.length > 1 && byClip.every(same)) {
    found.push(...ofClips(clips, byClip.map(one), fix));
  }
  return found;
}

/** One of both terms that is limited while the other one is not. */
export const limitsOfOne: readonly Suspect[] = [["noise", "drift"], ["drift", "noise"]].map((
  [one, other],
) => ({
  key: `measured number limit of the ${one}`,
  id: null,
  title: `The delta clip acts on the ${one} alone, not on the ${other}`,
  fix: "Add drift and noise first, then clip their sum.",
  change: {
    clippedStep: `delta - eta * ${one} + min(max(eta * ${one}, -limit), limit)`,
  },
  written: () => `±1.000·c·½·range on the ${one} alone`,
}));

/** Both terms limited by themselves: no step of one term alone shows it. */
export const limitsOfEach: Suspect = {
  key: "measured number limit of each term",
  id: null,
  title: "The delta clip acts on the drift and on the noise, each by itself, not on their sum",
  fix: "Add drift and noise first, then clip their sum.",
  change: {
    clippedStep: "min(max(eta * drift, -limit), limit) + min(max(eta * noise, -limit), limit)",
  },
  written: () => "±1.000·c·½·range on drift and noise, each by itself",
};

/** A limit that is relative to the range, and follows the delta clip in a way of its own. */
function ofClips(
  clips: readonly number[],
  limits: readonly number[],
  fix: string,
): readonly Suspect[] {
  const most = limits.at(-1)!;
  const capped = clips.every((c, j) => limits[j] === Math.min(c, most));
  const least = limits[0]!;
  const floored = clips.every((c, j) => limits[j] === Math.max(c, least));
  if (capped || floored) {
    const value = capped ? most : least, word = capped ? "most" : "least";
    return [{
      key: `measured number limit ${word} ${value}`,
      id: null,
      title: `The delta clip counts as at ${word} ${shown(value)}`,
      fix: "Use the delta clip that is asked for.",
      change: { limit: `${capped ? "min" : "max"}(c, ${value}) / 2 * (hi - lo)` },
    }];
  }
  const formula = clips.slice(1).reduce(
    (rest, c, j) => `where(c - ${(c + clips[j]!) / 2}, ${limits[j + 1]}, ${rest})`,
    String(limits[0]),
  );
  const list = clips.map((c, j) => `${shown(limits[j]!)} at the delta clip ${c}`).join(", ");
  return [{
    key: `measured number limit ${formula}`,
    id: null,
    title: `The limit of a step, in half ranges, is ${list}`,
    fix,
    change: { limit: `(${formula}) / 2 * (hi - lo)` },
    times: "(by delta clip)",
    known: ({ settings }) => clips.includes(settings.deltaClip),
  }];
}

/** Limits by the range of another axis. */
export const otherRanges: readonly Suspect[] = ([
  ["before", "(hiBefore - loBefore)"],
  ["before", "where(axis - 0.5, hiBefore - loBefore, hi - lo)"],
  ["after", "(hiNext - loNext)"],
  ["after", "where(axes - 1.5 - axis, hiNext - loNext, hi - lo)"],
  ["as far from the end", "(hiOpposite - loOpposite)"],
  ["that is the last one", "(hiLast - loLast)"],
] as const).map(([which, range]) => ({
  key: `measured number limit of the axis ${range}`,
  id: null,
  title: `The limit of an axis goes by the range of the axis ${which}`,
  fix: "Limit each axis by half of its own range.",
  change: { limit: `c / 2 * ${range}` },
  written: () => `±c·½·(range of the axis ${which})`,
}));
