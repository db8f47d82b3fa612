/**
 * A problem in a few words: what plays a part, and nothing else.
 *
 * @module
 */

import { officialDefaults } from "../../spec/problem.ts";
import { type Float, rough, shown } from "./layout.ts";
import type { Counterexample } from "./report.ts";

type Problem = Counterexample["problem"];

/** Label and text of every part of a counterexample's problem that matters. */
export function problemWords(found: Counterexample): [string, string][] {
  const { problem, step, row } = found;
  const { settings } = problem;
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
  words.push(["noise", noise(found)]);
  if (settings.gradClip !== null) words.push(["gradient clip", shown(settings.gradClip)]);
  if (clipMatters(found)) words.push(["delta clip", shown(settings.deltaClip)]);
  if (settings.applyExp) words.push(["apply exp", "yes"]);
  if (settings.gradNorm !== officialDefaults.gradNorm && found.ledger.length === 0) {
    words.push(["gradient norm", settings.gradNorm ?? "none"]);
  }
  const at = row ?? (rows === 1 ? 0 : null);
  const observation = at === null
    ? undefined
    : problem.observations[Math.floor(at / problem.samples)];
  if (observation && observation.length > 0 && /\bo\d/.test(problem.energy)) {
    words.push(["observation", vector(observation)]);
  }
  if (at !== null) words.push(["initial action", vector(problem.initial[at] ?? [])]);
  else if (rows <= 4) words.push(["initial actions", problem.initial.map(vector).join(", ")]);
  if (step === null && rows > 1) words.push(["axes", String(problem.axes)]);
  return words;
}

/**
 * Where a counterexample is: step, row and axis, as far as there is more than one of them; `null` if
 * there's nothing to say.
 */
export function placeWords(found: Counterexample): string | null {
  const { step, row, axis, problem } = found;
  const rows = problem.groups * problem.samples;
  if (step === null && row === null && axis === null) return "the whole chain";
  const part = (name: string, at: number | null, count: number) =>
    at === null || (count === 1 && at === 0) ? [] : [`${name} ${at} of ${count}`];
  const parts = [
    ...part("step", step, problem.settings.steps),
    ...part("row", row, rows),
    ...part("axis", axis, problem.axes),
  ];
  return parts.length === 0 ? null : `${parts.join(", ")} (counted from 0)`;
}

/**
 * How far what was found is from what was expected, or `null` where that has no meaning. Only a
 * number of a row is a float of the sampler; a count or a share has no units in the last place.
 */
export function distanceWords(found: Counterexample): string | null {
  const apart = Math.abs(Number(found.actual) - Number(found.expected));
  if (!Number.isFinite(apart) || apart === 0) return null;
  const finite = (value: Float) => Number.isFinite(Number(value));
  return [
    shown(apart, 4),
    ...(finite(found.distance) ? [`${rough(found.distance)} tolerances`] : []),
    ...(found.row !== null && finite(found.ulps) ? [`${rough(found.ulps)} ulps`] : []),
  ].join(" = ");
}

function box({ settings: { bounds }, axes }: Problem): string {
  const sides = bounds.min.map((min, i) => `[${shown(min)}, ${shown(bounds.max[i]!)}]`);
  if (axes > 1 && new Set(sides).size === 1) return `${sides[0]} on ${axes} axes`;
  return sides.join(" × ");
}

function stepSizes({ schedule, steps }: Problem["settings"]): string {
  const init = shown(schedule.init);
  if (steps === 1) return init;
  if (schedule.kind === "exponential") return `${init}, times ${shown(schedule.decay)} a step`;
  if (schedule.init === schedule.final) return `${init}, constant`;
  return `${init} → ${shown(schedule.final)}, power ${shown(schedule.power)}`;
}

function noise({ problem, step, row, axis }: Counterexample): string {
  const { noise, settings } = problem;
  if (Number(settings.noiseScale) === 0) return "none";
  const scale = Number(settings.noiseScale) === officialDefaults.noiseScale
    ? ""
    : `, noise scale ${shown(settings.noiseScale)}`;
  if (noise.kind === "own") return `the sampler's own${scale}`;
  const values = noise.draws.flat(2);
  if (values.every((value) => Number(value) === 0)) return "draws of zero";
  const here = step === null || row === null || axis === null
    ? undefined
    : noise.draws[step]?.[row]?.[axis];
  if (values.length === 1) return `${shown(values[0]!)}${scale}`;
  if (here !== undefined) return `${shown(here)} here${scale}`;
  return `injected${scale}`;
}

function clipMatters({ problem, ledger }: Counterexample): boolean {
  if (ledger.length === 0) {
    return Number(problem.settings.deltaClip) !== officialDefaults.deltaClip;
  }
  const first = ledger.find((line) => line.differs)?.term;
  if (first === "limit" || first === "clippedStep") return true;
  const expected = (term: string) => Number(ledger.find((line) => line.term === term)?.expected);
  return !(Math.abs(expected("step")) < expected("limit"));
}

function vector(values: readonly Float[]): string {
  if (values.length === 1) return shown(values[0]!);
  return `(${values.map((value) => shown(value)).join(", ")})`;
}
