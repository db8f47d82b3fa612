/**
 * The noise of a sampler that draws it by itself, as figures with their intervals, and the defects
 * within whose law everything lies that was seen of it.
 *
 * A size is estimated from the mean square of all draws, which no estimate from as many draws
 * betters. Every interval is one of 95 %; what is said to differ differs by more than chance gives
 * once in three million times.
 *
 * @module
 */

import { noTest, smallBatchTest } from "../../properties/noise_check.ts";
import { lowerTail } from "../../spec/numerics/normal.ts";
import {
  type Change,
  compatible,
  type Defect,
  defectOf,
  defects,
  ruleWith,
} from "../defects/defects.ts";
import type { NamedDefectReport } from "../report/report.ts";
import type { TermMeasurement } from "./measurement.ts";
import { type Expected, movementsWith, NoiseFit, type NoiseHypothesis } from "./noise_fit.ts";
import {
  addDraw,
  added,
  beyond,
  type Estimate,
  lawsOfNoise,
  meanOf,
  noSums,
  shownEstimate,
  sizeOf,
  type Sums,
  usual,
} from "./noise_statistics.ts";
import { factorForms, shapeOf } from "./forms.ts";
import type { Influence } from "./measurement.ts";
import {
  clusteredSize,
  type Dependence,
  dependencesIn,
  influenceOf,
} from "./own_noise_dependence.ts";
import { repeatedDraws } from "./own_noise_repeats.ts";
import { flatLanes, type OwnRun, type OwnRuns, slopeOf } from "./own_noise_runs.ts";

/** A statistical test of a sampler's own noise that failed. */
export interface FailedTest {
  /** The clause that it speaks for. */
  readonly clause: string;
  /** As a report names it. */
  readonly test: string;
}

/** What is said where a test fails and no figure of the noise is wrong. */
function failedWords({ clause, test }: FailedTest): string {
  if (test === smallBatchTest) {
    return "The noise is as it should be in large batches, where it is measured; batches of a few rows show what is wrong";
  }
  return test === noTest
    ? `The noise is as it should be where it is measured, but ${clause} shows what chance can't give`
    : `The noise fails the test ${test}, and where it is measured it is as it should be`;
}

/** What is known of a sampler's own noise. */
export interface OwnNoise {
  /** As the measured rule has it. */
  readonly term: TermMeasurement;
  /** Its root mean square, in units of what it should be; absent if that is no single number. */
  readonly size: Estimate | undefined;
  /** The size of every step of the first run. */
  readonly sizes: readonly Estimate[];
  /** Its mean, in units of the size that it should have. */
  readonly shift: Estimate | undefined;
  /** The drift, in units of what it should be: exact where noise can be turned off. */
  readonly drift: Estimate | undefined;
  /** What is wrong. */
  readonly named: readonly NamedDefectReport[];
  /** What its size depends on, where no formula tells it. */
  readonly influences: readonly Influence[];
  /** What nothing explains, in one sentence without a full stop. */
  readonly unexplained?: string;
}

/** What is known of the rest of the rule. */
export interface Beside {
  /** Its changes. */
  readonly changes: readonly Change[];
  /** Whether they explain everything that was seen without noise. */
  readonly complete: boolean;
}

/** Fits what a target has shown of its noise. */
export function fitOwnNoise(
  seen: OwnRuns,
  { changes, complete }: Beside,
  failedTests: readonly FailedTest[] = [],
): OwnNoise {
  const repeats = sameDraws(seen.runs[0]!, seen.runs[1]!);
  const runs = repeats ? seen.runs.filter((_, run) => run !== 1) : seen.runs;
  const fit = new NoiseFit(runs, changes, seen.varied);
  const hypotheses = fit.explain(), plain = fit.expectedOf([]);
  const isKnown = (hypotheses[0]?.defects.length ?? 0) > 0;
  const depends = isKnown ? [] : dependencesIn(fit, plain);
  const right = hypotheses.length > 0 && !isKnown && depends.length === 0;
  const common = depends.length > 0 ? undefined : fit.commonFactor(plain);
  const drift = seen.noisedStart ? undefined : driftOf(fit, plain);
  const drifts = drift === undefined || seen.honoursZero ||
    Math.abs(drift.value - 1) <= drift.error * beyond / usual;
  const sure = complete && drifts;
  const elsewhere = [
    ...repeats ? ["noise-same-every-call"] : [],
    ...seen.noisedStart ? ["gradient-at-noised-point"] : [],
    ...complete && !seen.noisedStart ? placeOf(seen, changes) : [],
  ].map((id) => nameOf(defectOf(id)!, sure && hypotheses.length > 0));
  const numbers = hypotheses.length > 0 || depends.length > 0
    ? []
    : numbersOf(fit, plain, common, sure);
  const forms = right || common !== undefined ? [] : formsIn(fit, plain);
  const again = isKnown || right ? [] : repeatedDraws(fit.runs[0]!, plain[0]!);
  const first = isKnown || right
    ? namesOf(hypotheses, sure)
    : numbers.length > 0
    ? numbers
    : forms.length > 0
    ? formName(forms, sure)
    : sizeAlone(fit, common);
  const used = again.map((title) => ({
    id: null,
    title,
    fix: "Draw anew for every step, row and axis.",
    certain: sure,
  }));
  const named = [...used, ...first, ...elsewhere, ...zeroScale(seen, fit, first)];
  const sizes = sizesOf(fit, plain), influences = forms.length > 0 ? [] : depends.map(influenceOf);
  const unexplained = isKnown || right || numbers.length > 0 || forms.length > 0
    ? failedTests.length > 0 && named.length === 0 ? failedWords(failedTests[0]!) : undefined
    : again.length > 0
    ? besideRepeats(fit, plain, depends)
    : `No known bug gives this noise${whyUnknown({ fit, plain, depends, common, sizes })}`;
  const law = hypotheses[0]?.law.law ?? null;
  const primes = law === null
    ? []
    : hypotheses[0]!.defects.filter(({ change }) => change.noiseLaw !== undefined);
  const symbol = law === null ? "ξ" : "ξ′";
  const term = termOf(fit, plain, { right, common, sizes, symbol, forms, depends });
  return {
    term: primes.length === 0 ? term : { ...term, primedBy: primes.map(({ title }) => title) },
    size: common && sizeOf(common),
    sizes,
    shift: common && meanOf(common),
    drift,
    named,
    influences,
    ...(unexplained === undefined ? {} : { unexplained }),
  };
}

/** What is left to say of noise whose draws are used again; nothing if its size is right. */
function besideRepeats(
  fit: NoiseFit,
  plain: readonly Expected[],
  depends: readonly Dependence[],
): string | undefined {
  if (depends.length > 0) {
    return `The size of the noise depends on ${depends.map(({ what }) => what).join(" and ")}`;
  }
  const size = clusteredSize(fit.draws(plain));
  return Math.abs(size.value - 1) <= size.error * beyond / usual
    ? undefined
    : `The size of the noise is ${shownEstimate(size)} times what it should be`;
}

/** What is known of noise that no bug gives. */
function whyUnknown(
  { fit, plain, depends, common, sizes }: Pick<Made, "depends" | "common" | "sizes"> & {
    readonly fit: NoiseFit;
    readonly plain: readonly Expected[];
  },
): string {
  if (!fit.independent) {
    const size = clusteredSize(fit.draws(plain));
    const all = depends.length > 0
      ? ""
      : `; its size is ${shownEstimate(size)} times what it should be`;
    return `: draws depend on each other, ${fit.dependence}${all}`;
  }
  if (common !== undefined) return `: its law is none that is known${cutWords(common)}`;
  if (depends.length > 0) {
    return `: its size depends on ${depends.map(({ what }) => what).join(" and ")}`;
  }
  return `: its size is ${
    sizes.map(shownEstimate).join(", ")
  } times what it should be in the steps of a chain`;
}

/** Whether two calls have the same draws. */
function sameDraws(one: OwnRun, other: OwnRun): boolean {
  return one.moves.some((rows) => rows.some((row) => flatLanes.some((i) => row[i] !== 0))) &&
    one.moves.every((rows, k) =>
      rows.every((row, r) => flatLanes.every((i) => row[i] === other.moves[k]?.[r]?.[i]))
    );
}

/** The size of the noise in every step of the first run. */
function sizesOf(fit: NoiseFit, expected: readonly Expected[]): readonly Estimate[] {
  const cells = fit.cells({ expected, sharing: undefined }) ?? [];
  return fit.runs[0]!.moves.flatMap((_, step) => {
    const own = cells.filter((cell) => cell.run === 0 && cell.step === step);
    return own.length === 0 ? [] : [sizeOf(added(own.map(({ sums }) => sums)))];
  });
}

/** The movement along two slopes, in units of what is expected; its spread tells its error. */
function driftOf(fit: NoiseFit, expected: readonly Expected[]): Estimate | undefined {
  if (!fit.independent || fit.freed) return undefined;
  let weighted = 0, weight = 0, exact: number | undefined;
  for (const [run, { moves, walled }] of fit.runs.entries()) {
    for (const [step, rows] of moves.entries()) {
      for (const [i, drift] of (expected[run]!.shift[step] ?? []).entries()) {
        if (slopeOf(i) === 0 || drift === 0 || walled[step]![i]) continue;
        const mean = rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length;
        const squares = rows.reduce((sum, row) => sum + (row[i]! - mean) ** 2, 0);
        const variance = squares / (rows.length - 1) / rows.length;
        if (variance > 1e-12) {
          weighted += drift * mean / variance;
          weight += drift ** 2 / variance;
        } else exact ??= mean / drift;
      }
    }
  }
  if (exact !== undefined) return { value: exact, error: 1e-6 };
  return weight > 0 ? { value: weighted / weight, error: usual / Math.sqrt(weight) } : undefined;
}

/** Noise that the noise scale 0 does not turn off, where nothing that is named keeps it on. */
function zeroScale(
  { zero }: OwnRuns,
  fit: NoiseFit,
  named: readonly NamedDefectReport[],
): readonly NamedDefectReport[] {
  const keepsOn = named.some(({ id }) =>
    id !== null && !/sigma/.test(defectOf(id)?.change.noise ?? "sigma")
  );
  const [run] = fit.runs, [expected] = fit.expectedOf([]);
  if (zero === undefined || keepsOn || run === undefined || expected === undefined) return [];
  const { noiseScale } = run.problem.settings, sums = noSums();
  for (const [k, rows] of zero.moves.entries()) {
    for (const i of flatLanes) {
      const size = (expected.scale[k]?.[i] ?? 0) / noiseScale;
      if (size === 0 || zero.walled[k]![i]) continue;
      for (const row of rows) addDraw(sums, row[i]! / size);
    }
  }
  if (sums.count === 0) return [];
  const scale = sizeOf(sums), one = Math.abs(scale.value - 1) <= scale.error * beyond / usual;
  return [{
    id: null,
    title: `The noise scale 0 is taken as ${one ? "1" : shownEstimate(scale)}`,
    fix: "Ask whether the noise scale is set (`is not None`), not whether it is truthy.",
    certain: one && fit.independent,
  }];
}

/** Noise that ends beyond what a step may be, or beyond the box. */
function placeOf({ narrow }: OwnRuns, changes: readonly Change[]): readonly string[] {
  const parts = changes.flatMap((change) => Object.keys(change));
  if (narrow === undefined || parts.some((part) => part === "clippedStep" || part === "result")) {
    return [];
  }
  const { settings } = narrow.problem, rule = ruleWith(...changes);
  const large = [1, -1].map((sign) => movementsWith(rule, narrow, sign * 2 ** 20)[0] ?? []);
  const lanes = flatLanes.map((i) => ({
    most: Math.max(...large.map((moved) => Math.abs(moved[i] ?? Infinity))),
    wall: settings.bounds.max[i]!,
    moves: narrow.moves[0]!.map((row) => Math.abs(row[i]!)),
  }));
  const over = (of: (lane: typeof lanes[number]) => number) =>
    lanes.some((lane) => lane.moves.some((move) => move > of(lane) * 1.001 + 1e-6));
  if (over(({ wall }) => wall)) return ["noise-after-bounds"];
  return over(({ most, wall }) => Math.min(most, wall)) ? ["noise-after-delta-clip"] : [];
}

function nameOf({ id, title, fix, seen }: Defect, certain: boolean): NamedDefectReport {
  return { id, title, fix, ...(seen === undefined ? {} : { seen }), certain };
}

/** What all hypotheses share is certain, if all else is known; the rest has alternatives. */
function namesOf(hypotheses: readonly NoiseHypothesis[], sure: boolean): NamedDefectReport[] {
  const [first, ...others] = hypotheses;
  const inAll = (defect: Defect) => hypotheses.every(({ defects }) => defects.includes(defect));
  const rest = new Set(others.flatMap(({ defects }) => defects).filter((d) => !inAll(d)));
  return first!.defects.map((defect) => {
    const alternatives = inAll(defect)
      ? []
      : [...rest].filter((other) => !first!.defects.includes(other))
        .map(({ id, title }) => ({ id, title }));
    return {
      ...nameOf(defect, sure && inAll(defect)),
      ...(alternatives.length > 0 ? { alternatives } : {}),
    };
  });
}

/** Noise that is right, or of the law of a known defect, but for a factor. */
function numbersOf(
  fit: NoiseFit,
  plain: readonly Expected[],
  common: Sums | undefined,
  sure: boolean,
): readonly NamedDefectReport[] {
  if (common === undefined) return [];
  const all = sizeOf(common);
  for (const law of lawsOfNoise()) {
    const factor = all.value / Math.sqrt(law.square);
    const expected = plain.map(({ shift, scale }) => ({
      shift,
      scale: scale.map((row) => row.map((size) => factor * size)),
    }));
    if (!fit.holds({ defects: [], law, sharing: undefined, expected })) continue;
    const size = { value: factor, error: all.error / Math.sqrt(law.square) };
    const known = defects.find(({ change }) => law.law !== null && change.noiseLaw === law.law);
    return [{
      id: null,
      title: `The noise is ${shownEstimate(size)} times what it should be`,
      fix: "Multiply the draw by the noise scale, without another factor.",
      certain: sure,
    }, ...known ? [nameOf(known, sure)] : []];
  }
  return [];
}

/** Whether draws end where those of a normal law go on, on one side or on both. */
function cutWords(common: Sums | undefined): string {
  if (common === undefined) return "";
  const { count, ends } = common, { value } = sizeOf(common);
  // By chance alone the largest of so many draws is seldom so small.
  const [up, down] = ends.map((end) => count * lowerTail(-end / value) >= 8 ? end : undefined);
  const text = (end: number) => shownEstimate({ value: end, error: 0.005 * end });
  const number = (end: number, sign = "") =>
    end < 1e-3 * value ? "0" : sign + text(end).replace(/ ±.*/, "");
  if (up === undefined && down === undefined) return "";
  const words = up === undefined
    ? `below ${number(down!, "−")}`
    : down === undefined
    ? `above ${number(up)}`
    : `beyond ${number(down, "−")} and ${number(up)}`;
  return `; none of ${count} draws is ${words}`;
}

/** What gives the size of the noise in all steps, where nothing gives its law. */
function sizeAlone(fit: NoiseFit, common: Sums | undefined): readonly NamedDefectReport[] {
  const isOneIn = (sums: Sums | undefined) => {
    const size = sums && sizeOf(sums);
    return size !== undefined && Math.abs(size.value - 1) <= size.error * beyond / usual;
  };
  // Draws that are cut have another size for that.
  if (common === undefined || isOneIn(common) || cutWords(common) !== "") return [];
  const known = defects.filter((defect) =>
    defect.factor === "noise" && fit.base.every((change) => compatible(change, defect.change)) &&
    isOneIn(fit.commonFactor(fit.expectedOf([defect.change])))
  );
  if (known.length === 1) return [nameOf(known[0]!, false)];
  return [{
    id: null,
    title: `The noise is ${shownEstimate(sizeOf(common))} times what it should be`,
    fix: "Multiply the draw by the noise scale, without another factor.",
    certain: false,
  }];
}

/** What the term is made from. */
interface Made {
  readonly right: boolean;
  readonly common: Sums | undefined;
  readonly sizes: readonly Estimate[];
  /** For a draw: primed if it is not normal. */
  readonly symbol: string;
  /** Formulas that give its size everywhere. */
  readonly forms: readonly FoundForm[];
  readonly depends: readonly Dependence[];
}

/** The noise as the measured rule has it. */
function termOf(
  fit: NoiseFit,
  plain: readonly Expected[],
  { right, common, sizes, symbol, forms, depends }: Made,
): TermMeasurement {
  const made = (text: string, value: TermMeasurement["value"]): TermMeasurement => ({
    name: "noise",
    text: text.replace("ξ", symbol),
    wanted: "1.000·σξ",
    deviates: !right && !isOne(value, symbol),
    value,
  });
  if (!fit.independent && depends.length === 0) {
    const size = clusteredSize(fit.draws(plain));
    const [text, value] = numberText(size, "σξ");
    return { ...made(text, value), deviates: isOne(value, "ξ") ? null : true };
  }
  if (!fit.independent) {
    const reason = "the draws depend on each other";
    const value = { kind: "not measured", reason } as const;
    return { ...made("(not measured)·σξ", value), deviates: null };
  }
  const [form] = forms;
  if (common) return made(...numberText(sizeOf(common), "σξ"));
  if (form) return made(...numberText(form.size, form.text));
  if (sizes.length === 0 || sizes.every(({ value }) => value === 0)) {
    return made("0·σξ", { kind: "number", factor: 0, error: 1e-6, of: "σξ" });
  }
  const [{ what, levels } = { what: "the step", levels: stepLevels(sizes) }] = depends;
  const entries = levels.map(({ at, size: { value, error } }) => ({ at, value, error }));
  const { noiseScale } = fit.runs[0]!.problem.settings;
  const of = what === "the noise scale" ? "σξ" : `σξ, for a noise scale of ${noiseScale}`;
  const list = levels.map(({ size }) => shownEstimate(size)).join(", ");
  return made(`(${list} by ${what})·σξ`, { kind: "table", of, entries });
}

const stepLevels = (sizes: readonly Estimate[]) =>
  sizes.map((size, k) => ({ at: `in step ${k}`, size }));

/** Whether a size is the rule's within its error, however the draws are otherwise. */
function isOne(value: TermMeasurement["value"], symbol: string): boolean {
  return value?.kind === "number" && value.of === "σξ" && symbol === "ξ" &&
    Math.abs(value.factor - 1) <= value.error * beyond / usual;
}

function numberText(size: Estimate, of: string): [string, TermMeasurement["value"]] {
  const { value: factor, error } = size;
  return [`(${shownEstimate(size)})·${of}`, { kind: "number", factor, error, of }];
}

/** What the size of noise may be made from. */
interface Given {
  readonly eta: number;
  readonly sigma: number;
  /** Half the range of the axis. */
  readonly half: number;
}

/** Other sizes of the noise, the simplest first, each as it is printed. */
const sizeForms: readonly (readonly [string, (given: Given) => number])[] = [
  ["ξ", ({ eta }) => eta],
  ["√σ·ξ", ({ eta, sigma }) => eta * Math.sqrt(sigma)],
  ["σ²·ξ", ({ eta, sigma }) => eta * sigma ** 2],
  ["√η_k·σξ", ({ eta, sigma }) => Math.sqrt(eta) * sigma],
  ["√η_k·ξ", ({ eta }) => Math.sqrt(eta)],
  ["η_k²·σξ", ({ eta, sigma }) => eta ** 2 * sigma],
  ["σξ, not times η_k", ({ sigma }) => sigma],
  ["ξ, not times η_k", () => 1],
  ["½·range·σξ", ({ eta, sigma, half }) => eta * sigma * half],
  ["√(½·range)·σξ", ({ eta, sigma, half }) => eta * sigma * Math.sqrt(half)],
  ["(½·range)²·σξ", ({ eta, sigma, half }) => eta * sigma * half ** 2],
];

/** A formula that gives the size of the noise everywhere, but for a number. */
interface FoundForm {
  readonly text: string;
  /** The number. */
  readonly size: Estimate;
}

/** All formulas that give the size of the noise in every run, step and axis. */
function formsIn(fit: NoiseFit, plain: readonly Expected[]): readonly FoundForm[] {
  const known = sizeForms.map(([text, form]) => ({
    text,
    of:
      ({ problem: { settings: { noiseScale: sigma, bounds: { min, max } } } }: OwnRun) =>
      (size: number, _k: number, i: number) =>
        form({ eta: Math.abs(size) / sigma, sigma, half: (max[i]! - min[i]!) / 2 }),
  }));
  const factors = factorForms.map(({ words, of }) => ({
    text: `${words}·σξ`,
    of: ({ problem }: OwnRun) => (size: number, k: number) =>
      size * of({ k, settings: problem.settings, shape: shapeOf(problem) }),
  }));
  return [...known, ...factors].flatMap(({ text, of }) => {
    const formed = fit.runs.map((run) => of(run));
    const times = ({ run, step, axis }: { run: number; step: number; axis: number }) => {
      const size = plain[run]!.scale[step]![axis]!;
      return formed[run]!(size, step, axis) / size;
    };
    if (fit.commonFactor(plain, times) === undefined) return [];
    const expected = plain.map(({ shift, scale }, run): Expected => ({
      shift,
      scale: scale.map((row, k) => row.map((size, i) => formed[run]!(size, k, i))),
    }));
    const sums = fit.commonFactor(expected);
    return sums === undefined || dependencesIn(fit, expected).length > 0
      ? []
      : [{ text, size: sizeOf(sums) }];
  });
}

/** The first of the formulas as a name, with the others beside it. */
function formName(
  [first, ...others]: readonly FoundForm[],
  sure: boolean,
): readonly NamedDefectReport[] {
  if (first === undefined) return [];
  const named = ({ text, size }: FoundForm) => {
    const isOne = Math.abs(size.value - 1) <= size.error * beyond / usual;
    return `The noise is ${isOne ? "" : `${shownEstimate(size)} times `}${text} instead of σξ`;
  };
  return [{
    id: null,
    title: named(first),
    fix: "Multiply the draw by the noise scale, without another factor.",
    certain: sure && others.length === 0,
    ...(others.length === 0
      ? {}
      : { alternatives: others.map((other) => ({ id: null, title: named(other) })) }),
  }];
}
