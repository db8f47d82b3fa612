/**
 * The words of the worked examples: a problem, a place, the terms of a step.
 *
 * @module
 */

import { show } from "../spec/numerics/number_text.ts";
import { predictStep } from "../spec/oracle.ts";
import type { Rows } from "../spec/problem.ts";
import { stepSizes } from "../spec/rule.ts";
import type { Task } from "./example_problems.ts";

/** An example of a clause. */
export interface Example {
  /** The problem in words. */
  readonly problem: string;
  /** What the rule does, with the terms of the step. */
  readonly rule: string;
  /** What a sampler with the defect does instead. */
  readonly wrong: { readonly defect: string; readonly does: string };
}

/** A coordinate of an example. */
export interface Place {
  readonly row: number;
  readonly axis: number;
}

/** A number of an example. */
export const digits = (value: number): string => show(value, 6);
const list = (values: readonly number[]): string =>
  values.length === 1 ? digits(values[0]!) : `(${values.map(digits).join(", ")})`;

/** So many rows are told one by one. */
const mostRows = 4;

const rowsInWords = (rows: number): string =>
  rows > mostRows ? `${rows.toLocaleString("en-US")} rows ` : rows > 1 ? "every row " : "";

/** A problem in words. */
export function wordsOf({ problem }: Task): string {
  const { settings, initial, noise, groups, observations } = problem;
  const { bounds, schedule, steps } = settings;
  const constant = schedule.kind === "polynomial" && schedule.init === schedule.final;
  const sizes = stepSizes(schedule, steps);
  const parts = [
    `energy \`${problem.energy}\``,
    `box ${bounds.min.map((low, i) => `[${digits(low)}, ${digits(bounds.max[i]!)}]`).join(" × ")}`,
    steps === 1 ? "one step" : `${steps} steps`,
    constant || steps === 1
      ? `step size ${digits(sizes[0]!)}`
      : schedule.kind === "exponential"
      ? `step sizes from ${schedule.init}, decay ${schedule.decay}`
      : `step sizes from ${schedule.init} to ${schedule.final}, power ${schedule.power}`,
    `delta clip ${digits(settings.deltaClip)}`,
  ];
  if (settings.gradClip !== null) parts.push(`gradient clip ${digits(settings.gradClip)}`);
  if (settings.applyExp) parts.push("`apply_exp`");
  if (noise.kind === "own") parts.push("noise of the sampler's own");
  else if (settings.noiseScale === 0) parts.push("no noise");
  else {
    const draws = noise.draws.map((rows) => rows.map(list).join(" and "));
    const said = initial.length > mostRows ? "seeded draws" : `draws ${draws.join("; then ")}`;
    parts.push(`noise scale ${digits(settings.noiseScale)}, ${said}`);
  }
  if (groups > 1) {
    parts.push(`observations ${observations.map(list).join(" and ")}, 2 samples each`);
  }
  const starts = new Set(initial.map(list));
  parts.push(
    starts.size === 1
      ? `${rowsInWords(initial.length)}from ${[...starts][0]}`
      : `rows from ${[...starts].join(" and ")}`,
  );
  const text = parts.join(", ");
  return text[0]!.toUpperCase() + text.slice(1);
}

/** Which coordinate, where there are several. */
export function placeOf({ problem }: Task, { row, axis }: Place): string {
  const parts = [
    ...(problem.initial.length > 1 ? [`row ${row}`] : []),
    ...(problem.axes > 1 ? [`axis ${axis}`] : []),
  ];
  return parts.length === 0 ? "" : ` ${parts.join(", ")}`;
}

/** The terms of one step of the rule, from the points where the rule is. */
export function termsOf({ problem }: Task, points: Rows, step: number, at: Place): string {
  const predictions = predictStep(problem, step, points);
  const { terms } = predictions[at.row]![at.axis]!;
  const { settings } = problem;
  const eta = stepSizes(settings.schedule, settings.steps)[step]!;
  const text = [
    `gradient ${digits(terms.gradient)}`,
    ...(settings.gradClip === null ? [] : [`clipped ${digits(terms.clippedGradient)}`]),
    `drift ${digits(terms.drift)}`,
    ...(settings.noiseScale === 0 ? [] : [`noise ${digits(terms.noise)}`]),
    `step ${digits(eta)} × ${digits(terms.drift + terms.noise)} = ${digits(terms.step)}`,
    `limit ${digits(terms.limit)}`,
  ].join(", ");
  const spoiled = predictions.findIndex((row) => row.some((p) => Number.isNaN(p.terms.gradient)));
  return spoiled < 0 || spoiled === at.row
    ? text
    : `in row ${spoiled} the gradient is not a number; row ${at.row} has ${text}`;
}

/** Where the rule goes in a step, in words. */
export function goes(from: number, where: string, to: number): string {
  if (from !== to) return `moves${where} to ${digits(to)}`;
  return where === "" ? `stays at ${digits(to)}` : `leaves${where} at ${digits(to)}`;
}
