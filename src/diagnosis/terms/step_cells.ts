/**
 * Coordinates of steps one by one, and figures that give what one of them was seen to do.
 *
 * @module
 */

import { officialRule } from "../../../spec/rule.ts";
import type { Problem } from "../../../spec/problem.ts";
import { boundedSchedule } from "./bounded_sizes.ts";
import { rounded, shown } from "../figures/figures.ts";
import type { ForcedCall } from "../experiments/forced.ts";
import { close } from "../experiments/simulate.ts";
import type { Suspect } from "./suspects.ts";

/** A coordinate of a step as a rule has it and as it was seen. */
export interface Cell {
  readonly call: ForcedCall;
  readonly number: number;
  readonly k: number;
  readonly row: number;
  readonly axis: number;
  readonly seen: number;
  readonly end: number;
}

/** The same numbers of all coordinates. */
export interface CellNumbers {
  readonly seen: readonly number[];
  readonly ends: readonly number[];
}

/** Whether a limit or a wall ends a step. */
export function isLimited({ call, k, row, axis }: Cell): boolean {
  const { terms, from } = call.steps[k]!;
  const { step, limit, clippedStep, result } = terms[row]![axis]!;
  const { min, max } = call.problem.settings.bounds;
  // A step that ends just there would end there if it were longer.
  return Math.abs(step) >= limit || close(Math.abs(step), limit) ||
    !close(from[row]![axis]! - clippedStep, result) || result === min[axis] || result === max[axis];
}

/** How many of the first steps of a chain count, and of the last. */
const firstSteps = 8, lastSteps = 2;

/** The steps of a call that count. */
function toldSteps({ chain, ends, problem }: ForcedCall): readonly number[] {
  // A chain that rests at first may look like one of late gradients.
  if (chain.points.length !== problem.settings.steps + 1) return [];
  const last = ends.length - 1;
  return Array.from(ends.keys()).filter((k) =>
    (k < last || k === 0 || chain.sure) && (k < firstSteps || k > last - lastSteps)
  );
}

export function cellsOf(call: ForcedCall, number: number): readonly Cell[] {
  const { chain, ends } = call;
  return toldSteps(call).flatMap((k) =>
    ends[k]!.flatMap((ofRow, row) =>
      ofRow.map((end, axis) => ({
        call,
        number,
        k,
        row,
        axis,
        seen: chain.points[k + 1]![row]![axis]!,
        end,
      }))
    )
  );
}

/** The numbers of the coordinates of calls, in the same order. */
export function numbersOf(calls: readonly ForcedCall[]): CellNumbers {
  const seen: number[] = [], ends: number[] = [];
  for (const call of calls) {
    for (const k of toldSteps(call)) {
      const to = call.chain.points[k + 1]!;
      call.ends[k]!.forEach((ofRow, row) => {
        ends.push(...ofRow);
        seen.push(...ofRow.map((_, axis) => to[row]![axis]!));
      });
    }
  }
  return { seen, ends };
}

/** Figures of one term that give a coordinate. */
export function figuresOf({ call, k, row, axis, seen }: Cell): readonly Suspect[] {
  const { terms, from, stepSize } = call.steps[k]!, term = terms[row]![axis]!;
  const a = from[row]![axis]!, move = a - seen, sum = term.drift + term.noise;
  const added = move / stepSize - sum, size = move / sum;
  const { drift, noise, limit, step } = officialRule;
  const { bounds: { min, max } } = call.problem.settings, range = max[axis]! - min[axis]!;
  const figures = [
    // Where nothing moves, a limit of 0 would do as well: nobody sees it.
    ...move === 0 ? [["step", 0, () => "0 * (drift + noise)", "times the step"] as const] : [],
    ["drift", 1 + added / term.drift, (f: number) => `${f} * ${drift}`, "times the drift"],
    ["noise", 1 + added / term.noise, (f: number) => `${f} * ${noise}`, "times the noise"],
    ["limit", Math.abs(move) / term.limit, (f: number) => `${f} * ${limit}`, "times the limit"],
    ["step", move / term.step, (f: number) => `${f} * ${step}`, "times the step"],
    ["limit", Math.abs(move) / range, (f: number) => `${f} * (hi - lo)`, "{} times the range"],
    [
      "drift",
      added / a,
      (f: number) => `${drift} + (${f}) * a`,
      "that of the rule and {} times the action",
    ],
    ["drift", added, (f: number) => `${drift} + (${f})`, "that of the rule and {}"],
    [
      "step",
      Math.log(size) / Math.log(stepSize),
      (f: number) => `eta ^ (${f}) * (drift + noise)`,
      "the step size to the power {} times drift plus noise",
    ],
  ] as const;
  const bounds = (["min", "max"] as const).flatMap((of) => boundedTo(of, size, call.problem));
  const limits = move === 0 || !Number.isFinite(move)
    ? []
    : (["min", "max"] as const).map((of) => boundedLimit(of, rounded(Math.abs(move))));
  const suspects = figures.flatMap(([part, value, formula, words]): Suspect[] => {
    if (!Number.isFinite(value) || Math.abs(value) > 1e4) return [];
    const told = words.includes("{}")
      ? words.replace("{}", shown(value))
      : `${shown(value)} ${words} of the rule`;
    return [{
      key: `measured number ${part} ${words} ${rounded(value)}`,
      id: null,
      title: `The ${part} is ${told}`,
      fix: `Take the ${part} of the rule: ${officialRule[part]}.`,
      change: { [part]: formula(rounded(value)) },
    }];
  });
  return [...bounds, ...limits, ...suspects];
}

/** Step sizes that are never above a number, or a multiple of a setting, or never below. */
function boundedTo(of: "min" | "max", size: number, { settings }: Problem): readonly Suspect[] {
  const { schedule } = settings;
  const units = schedule.kind === "polynomial" ? (["init", "final"] as const) : [];
  return !Number.isFinite(size) || size === 0 ? [] : [
    boundedSchedule(of, rounded(size)),
    ...units.flatMap((unit) => {
      const by = size / (schedule as Record<typeof unit, number>)[unit], short = rounded(by);
      // A setting of 0 bounds nothing.
      return Number.isFinite(by) && short === Number(by.toPrecision(3)) && short !== 1
        ? [boundedSchedule(of, short, unit)]
        : [];
    }),
  ];
}

/** A limit that is never above a number, or never below one. */
function boundedLimit(of: "min" | "max", size: number): Suspect {
  const { limit } = officialRule;
  return {
    key: `measured number limit ${of} ${size}`,
    id: null,
    title: `The limit of a step is never ${of === "min" ? "above" : "below"} ${shown(size)}`,
    fix: `Take the limit of the rule: ${limit}.`,
    change: { limit: `${of}(${limit}, ${size})` },
  };
}
