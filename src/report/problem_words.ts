/**
 * A problem in a few words: what plays a part, and nothing else.
 *
 * @module
 */

import { officialDefaults } from "../../spec/problem.ts";
import { showFloat32 } from "../../spec/numerics/number_text.ts";
import { type Float, rough, shown } from "./layout.ts";
import type { Counterexample } from "./report.ts";

type Problem = Counterexample["problem"];

/** Label and text of every part of a counterexample's problem that matters. */
export function problemWords(found: Counterexample): [string, string][] {
  const { problem, step, row } = found;
  const { settings } = problem, group = row === null ? null : Math.floor(row / problem.samples);
  const words: [string, string][] = [["energy", problem.energy], ["box", box(problem)]];
  const rows = problem.groups * problem.samples;
  if (rows > 1) {
    const groups = problem.groups > 1 && problem.samples > 1
      ? `, ${problem.groups} groups of ${problem.samples}`
      : "";
    words.push(["rows", `${rows}${groups}`]);
  }
  words.push(["steps", String(settings.steps)]);
  words.push([settings.steps === 1 ? "step size" : "step sizes", stepSizes(settings)]);
  const own = Object.entries(settings.own ?? {});
  if (own.length > 0) {
    words.push(["settings", own.map(([name, value]) => `${name} ${given(value)}`).join(", ")]);
  }
  words.push(["noise", noise(found)]);
  if (settings.gradClip !== null) words.push(["gradient clip", given(settings.gradClip)]);
  if (mayClip(found)) words.push(["delta clip", given(settings.deltaClip)]);
  if (settings.applyExp) words.push(["apply exp", "yes"]);
  if (settings.gradNorm !== officialDefaults.gradNorm && found.ledger.length === 0) {
    words.push(["gradient norm", settings.gradNorm ?? "none"]);
  }
  if (/\bo\d/.test(problem.energy)) words.push(listed("observation", problem.observations, group));
  words.push(listed("initial action", problem.initial, row));
  if (step === null && rows > 1) words.push(["axes", String(problem.axes)]);
  return words;
}

/**
 * Whether the delta clip plays a part: a limit of a whole range does not from inside the box, unless
 * that is what goes wrong.
 */
function mayClip({ problem: { settings, initial }, ledger }: Counterexample): boolean {
  const { deltaClip, bounds: { min, max } } = settings;
  const isInside = (x: Float, i: number) =>
    Number(min[i]) <= Number(x) && Number(x) <= Number(max[i]);
  const limits = ({ term, differs }: (typeof ledger)[number]) =>
    differs && (term === "limit" || term === "clippedStep");
  return Number(deltaClip) < 2 || ledger.some(limits) ||
    !initial.every((row) => row.every(isInside));
}

/** Rows of a table that are listed one by one. */
const mostListed = 8;

/** The rows of a table; of a large one those before the one that the finding is about, and that one. */
function listed(
  name: string,
  table: readonly (readonly Float[])[],
  at: number | null,
): [string, string] {
  if (table.length <= 1) return [name, table.map(vector).join()];
  const texts = table.map(vector);
  if (new Set(texts).size === 1) return [`${name}s`, `${texts[0]} in all ${table.length}`];
  const told = (of: readonly string[]) => of.join(table[0]!.length === 1 ? ", " : " ");
  if (table.length <= mostListed) return [`${name}s`, told(texts)];
  const here = at === null ? "" : `, number ${at}: ${texts[at]}`;
  return [
    `${name}s`,
    `${told(texts.slice(0, 2))} … ${texts.at(-1)}, ${table.length} in all${here}`,
  ];
}

/** A number that the problem gives. */
function given(value: Float): string {
  return showFloat32(Number(value));
}

/**
 * Where a counterexample is: step, row and axis, as far as there is more than one of them; `null` if
 * there's nothing to say.
 */
export function placeWords(found: Counterexample): string | null {
  const { step, row, axis, problem } = found;
  const rows = problem.groups * problem.samples;
  const part = (name: string, at: number | null, count: number) =>
    at === null || (count === 1 && at === 0) ? [] : [`${name} ${at} of ${count}`];
  const parts = [
    ...part("step", step, problem.settings.steps),
    ...part("row", row, rows),
    ...part("axis", axis, problem.axes),
  ];
  return parts.length === 0 ? null : `${parts.join(", ")} (counted from 0)`;
}

/** Of more tolerances than this the figure says nothing more: next to 0 a tolerance is next to 0. */
const mostTolerances = 1e12;

/**
 * How far what was found is from what was expected, or `null` where that has no meaning. Only a
 * number of a row is a float of the sampler; a count or a share has no units in the last place, and
 * nor has a distance from 0.
 */
export function distanceWords(found: Counterexample): string | null {
  const apart = Math.abs(Number(found.actual) - Number(found.expected));
  if (!Number.isFinite(apart) || apart === 0) return null;
  const finite = (value: Float) => Number.isFinite(Number(value));
  if (Number(found.distance) > mostTolerances) return shown(apart, 4);
  return [
    shown(apart, 4),
    ...(finite(found.distance) ? [`${rough(found.distance)} tolerances`] : []),
    ...(found.row !== null && finite(found.ulps) ? [`${rough(found.ulps)} ulps`] : []),
  ].join(" = ");
}

function box({ settings: { bounds }, axes }: Problem): string {
  const sides = bounds.min.map((min, i) => `[${given(min)}, ${given(bounds.max[i]!)}]`);
  if (axes > 1 && new Set(sides).size === 1) return `${sides[0]} on ${axes} axes`;
  return sides.join(" × ");
}

function stepSizes({ schedule, steps, stepSizes: own }: Problem["settings"]): string {
  if (own !== undefined) {
    return own.slice(0, mostListed).map(given).join(", ") + (own.length > mostListed ? ", …" : "");
  }
  const init = given(schedule.init);
  if (steps === 1) return init;
  if (schedule.kind === "exponential") return `${init}, times ${given(schedule.decay)} a step`;
  if (schedule.init === schedule.final) return `${init}, constant`;
  return `${init} → ${given(schedule.final)}, power ${given(schedule.power)}`;
}

function noise({ problem, step, row }: Counterexample): string {
  const { noise, settings } = problem;
  const scale = Number(settings.noiseScale) === officialDefaults.noiseScale
    ? ""
    : `, noise scale ${given(settings.noiseScale)}`;
  const off = Number(settings.noiseScale) === 0;
  if (noise.kind === "own") return off ? "none" : `the sampler's own${scale}`;
  const values = noise.draws.flat(2);
  if (values.every((value) => Number(value) === 0)) return off ? "none" : "draws of zero";
  if (values.length === 1) return `${given(values[0]!)}${scale}`;
  if (new Set(values).size === 1) return `${given(values[0]!)} in every draw${scale}`;
  const here = step === null || row === null ? undefined : noise.draws[step]?.[row];
  const place = here === undefined ? "" : `, ${vector(here)} in this step and row`;
  if (values.length <= mostListed) return `${listedDraws(noise.draws)}${scale}`;
  return `${values.length} draws${place}${scale}`;
}

/** A few draws one by one, and what they are told apart by: steps, rows, axes. */
function listedDraws(draws: readonly (readonly (readonly Float[])[])[]): string {
  const [first] = draws, axes = first?.[0]?.length ?? 0, rows = first?.length ?? 0;
  const between = axes > 1 ? " " : ", ";
  if (draws.length > 1) {
    const told = draws.map((draw) => draw.map(vector).join(between));
    return rows > 1 ? `${told.join("; ")} by step and row` : `${told.join(between)} by step`;
  }
  if (rows > 1) return `${first!.map(vector).join(between)} by row`;
  return `${first![0]!.map(given).join(", ")} by axis`;
}

function vector(values: readonly Float[]): string {
  if (values.length === 1) return given(values[0]!);
  return `(${values.map(given).join(", ")})`;
}
