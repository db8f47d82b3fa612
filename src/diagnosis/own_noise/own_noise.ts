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

import { noTest, smallBatchTest } from "../../../properties/noise_check.ts";
import { lowerTail } from "../../../spec/numerics/normal.ts";
import { show } from "../../../spec/numerics/number_text.ts";
import { officialRule, type Rule } from "../../../spec/rule.ts";
import { type Change, type Defect, defectOf, ruleUnder } from "../../defects/defects.ts";
import type { NamedDefectReport } from "../../report/report.ts";
import { type Expected, movementsWith } from "./expected_noise.ts";
import type { Influence, TermMeasurement } from "../figures/measurement.ts";
import {
  defectsIn,
  isKnown,
  NoiseFit,
  type NoiseHypothesis,
  type SizeFactor,
} from "./noise_fit.ts";
import {
  addDraw,
  added,
  type Estimate,
  isOne,
  meanOf,
  noSums,
  shownEstimate,
  sizeOf,
  type Sums,
  usual,
} from "./noise_statistics.ts";
import {
  clusteredSize,
  type Dependence,
  dependencesIn,
  influenceOf,
} from "./own_noise_dependence.ts";
import { type Leaning, leaningIn, leaningNames } from "./own_noise_means.ts";
import { formsText, type SizeLaw } from "./own_noise_forms.ts";
import { commonIn, repeatedDraws, repeatedRows } from "./own_noise_repeats.ts";
import { flatLanes, type OwnRuns, sameDraws, slopeOf } from "./own_noise_runs.ts";
import { redrawnNames } from "./redrawn.ts";

/** The clause on draws that lead beyond the limit or the bounds. */
const notRedrawn = "noise/not-redrawn";

/** Whether it is among the clauses of tests that failed. */
export const leadBeyond = (failed: readonly FailedTest[]) =>
  failed.some(({ clause }) => clause === notRedrawn);

/** A statistical test of a sampler's own noise that failed. */
export interface FailedTest {
  /** The clause that it speaks for. */
  readonly clause: string;
  /** As a report names it. */
  readonly test: string;
}

/** What is said where a test fails and no figure of the noise is wrong. */
function failedWords({ clause, test }: FailedTest): string {
  if (clause === notRedrawn) {
    return "The noise is as it should be where it leads to no limit and no wall, and steps that it takes there don't end there as often as they should";
  }
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
  const fit = new NoiseFit(runs, changes, seen.varied, repeats, seen.wide),
    plain = fit.expectedOf([]);
  const hypotheses = fit.explain().filter((one) =>
    defectsIn(one).length > 0 && isKnown(one) ||
    dependencesIn(fit, fit.expectedUnder(one)).length === 0
  );
  const [told] = hypotheses;
  const right = told !== undefined && isKnown(told) && defectsIn(told).length === 0;
  const together = told === undefined ? commonIn(fit.runs[0]!, plain[0]!) : null;
  const tabled = together?.kind === "again";
  // The few draws of a table have a size of their own by chance.
  const leaning = told === undefined && !tabled ? leaningIn(fit, plain) : undefined;
  const left = told === undefined && !tabled && !leaning
    ? leftIn(fit)
    : { factor: undefined, depends: [] };
  const { factor, depends } = left, laws = depends.filter(({ law }) => law !== undefined);
  const common = depends.length > 0 ? undefined : fit.commonFactor();
  const drift = seen.noisedStart ? undefined : driftOf(fit, plain);
  const sure = complete && (drift === undefined || seen.honoursZero || isOne(drift));
  const elsewhere = [
    ...repeats ? ["noise-same-every-call"] : [],
    ...seen.noisedStart ? ["gradient-at-noised-point"] : [],
    ...complete && !seen.noisedStart ? placeOf(seen, changes) : [],
  ].map((id) => nameOf(defectOf(id)!, sure && hypotheses.length > 0));
  const again = told || fit.sharing ? [] : [
    ...repeatedDraws(fit.runs[0]!, plain[0]!),
    ...repeatedRows(seen.wide?.[0] ?? fit.runs[0]!),
  ];
  const found = told ? namesOf(fit, hypotheses, sure) : [
    ...fit.sharing ? [nameOf(fit.sharing, sure && fit.sharings.length === 1)] : [],
    ...factor?.defect ? [nameOf(factor.defect, false)] : [],
    ...laws.map(({ law }) => lawName(fit, law!)),
    ...leaning ? leaningNames(leaning, fixIn(fit.rule), sure) : [],
    ...depends.length > 0 || tabled || leaning ? [] : sizeAlone(fit, common),
  ];
  const table = tabled && again.length === 0 ? ["Draws of a call come again later in it"] : [];
  const used = [...again, ...table].map((title) => ({
    id: null,
    title,
    fix: "Draw anew for every step, row and axis.",
    certain: sure,
  }));
  const rounded = together?.kind === "lattice" && common !== undefined;
  const named = [
    ...used,
    ...rounded ? [roundedName(together.distance, sure)] : [],
    ...found,
    ...elsewhere,
    ...zeroScale(seen, fit, found),
    ...redrawnNames(seen.led ?? [], sure && right),
  ];
  const sizes = sizesOf(fit), open = depends.filter(({ law }) => law === undefined);
  const unexplained = told
    ? failedTests.length > 0 && named.length === 0 ? failedWords(failedTests[0]!) : undefined
    : used.length > 0
    ? tabled ? undefined : besideRepeats(fit, plain, depends)
    : leaning || rounded || laws.length > 0 && open.length === 0
    ? undefined
    : found.length > 0 && open.length > 0
    ? `The size of the noise depends on ${open.map(({ what }) => what).join(" and ")}`
    : `No known bug gives this noise${whyUnknown({ fit, plain, depends, common, sizes })}`;
  const primes = told === undefined
    ? []
    : defectsIn(told).filter(({ change }) => change.noiseLaw !== undefined);
  const symbol = primes.length === 0 ? "ξ" : "ξ′";
  const term = termOf(fit, plain, { right, told, common, sizes, symbol, depends, leaning });
  return {
    term: primes.length === 0 ? term : { ...term, primedBy: primes.map(({ title }) => title) },
    size: common && sizeOf(common),
    sizes,
    shift: common && meanOf(common),
    drift,
    named,
    influences: depends.map(influenceOf),
    ...(unexplained === undefined ? {} : { unexplained }),
  };
}

/** What the size of the noise depends on, beside the known bug that leaves least of that. */
function leftIn(fit: NoiseFit): {
  readonly factor: SizeFactor | undefined;
  readonly depends: readonly Dependence[];
} {
  const plain = { factor: undefined, depends: dependencesIn(fit, fit.expectedOf([])) };
  if (plain.depends.length < 2) return plain;
  const likely = fit.factors.filter(({ defect }) => defect !== undefined)
    .map((factor) => ({
      factor,
      expected: fit.expectedWith(factor),
      spread: fit.spreadWith(factor),
    }))
    .filter(({ expected }) => expected !== undefined)
    .toSorted((a, b) => a.spread - b.spread).slice(0, 2);
  const found = likely.flatMap(({ factor, expected }) => {
    const depends = dependencesIn(fit, expected!);
    return depends.length > 0 && depends.length < plain.depends.length ? [{ factor, depends }] : [];
  }).toSorted((a, b) => a.depends.length - b.depends.length);
  const isOnly = found[0]?.depends.length !== found[1]?.depends.length;
  return found[0] !== undefined && isOnly ? found[0] : plain;
}

/** Draws that are multiples of a number, as a name. */
function roundedName(distance: number, certain: boolean): NamedDefectReport {
  const title = `The draws are rounded: their values lie ${
    show(Number(distance.toPrecision(4)))
  } apart`;
  return { id: null, title, fix: "Draw floats, and round nothing.", certain };
}

/** Noise whose size goes with gradient or action, as a name: so it was where that was tried. */
function lawName({ rule }: NoiseFit, { text }: SizeLaw): NamedDefectReport {
  const title = rule === officialRule
    ? `The noise is ${text}·σξ instead of σξ`
    : `The noise is ${text} times what it should be`;
  return { id: null, title, fix: fixIn(rule), certain: false };
}

/** How noise of another size is mended. */
function fixIn(rule: Rule): string {
  return rule === officialRule
    ? "Multiply the draw by the noise scale, without another factor."
    : `Use ${rule.noise} as the noise, without another factor.`;
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
  return isOne(size)
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
  if (!fit.independent && !fit.sharing) {
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

/** The size of the noise in every step of the first run. */
function sizesOf(fit: NoiseFit): readonly Estimate[] {
  const cells = fit.cells() ?? [];
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
  const scale = sizeOf(sums), one = isOne(scale);
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
  const { settings } = narrow.problem;
  const rule = ruleUnder(narrow.problem.rule ?? officialRule, ...changes);
  const large = [1, -1].map((sign) => movementsWith(rule, narrow, () => sign * 2 ** 20)[0] ?? []);
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

/** The parts of a hypothesis as names: its defects, and its formulas with its number. */
function partsOf({ rule }: NoiseFit, hypothesis: NoiseHypothesis): readonly NamedDefectReport[] {
  const { factors, number, isPlain } = hypothesis;
  const forms = factors.flatMap(({ defect, like }) => defect || !like ? [] : [like.form]);
  const times = isPlain ? "" : `${shownEstimate(number)} times `;
  return [
    ...defectsIn(hypothesis).map((defect) => nameOf(defect, true)),
    ...isPlain && forms.length === 0 ? [] : [{
      id: null,
      title: forms.length === 0
        ? `The noise is ${times}what it should be`
        : rule === officialRule
        ? `The noise is ${times}${formsText(forms)} instead of σξ`
        : `The noise is ${times}${formsText(forms, "what it should be")}`,
      fix: fixIn(rule),
      certain: true,
    }],
  ];
}

/** What all hypotheses share is certain, if all else is known; the rest has alternatives. */
function namesOf(
  fit: NoiseFit,
  hypotheses: readonly NoiseHypothesis[],
  sure: boolean,
): NamedDefectReport[] {
  const [first, ...others] = hypotheses.map((one) => partsOf(fit, one));
  const isIn = (parts: readonly NamedDefectReport[], { title }: NamedDefectReport) =>
    parts.some((part) => part.title === title);
  const rest = new Map(
    others.flat().filter((part) => !isIn(first!, part)).map((part) => [part.title, part]),
  );
  return first!.map((part) => {
    const inAll = others.every((parts) => isIn(parts, part));
    const alternatives = inAll ? [] : [...rest.values()].map(({ id, title }) => ({ id, title }));
    return {
      ...part,
      certain: sure && inAll,
      ...(alternatives.length > 0 ? { alternatives } : {}),
    };
  });
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
  // Draws that are cut have another size for that.
  if (common && (isOne(sizeOf(common)) || cutWords(common) !== "")) return [];
  const known = fit.factors.flatMap((factor) => {
    const sums = factor.defect && fit.commonFactor([factor]);
    return sums && isOne(sizeOf(sums)) ? [factor.defect!] : [];
  });
  if (known.length === 1) return [nameOf(known[0]!, false)];
  return common === undefined ? [] : [{
    id: null,
    title: `The noise is ${shownEstimate(sizeOf(common))} times what it should be`,
    fix: fixIn(fit.rule),
    certain: false,
  }];
}

/** What the term is made from. */
interface Made {
  readonly right: boolean;
  readonly told: NoiseHypothesis | undefined;
  readonly common: Sums | undefined;
  readonly sizes: readonly Estimate[];
  /** For a draw: primed if it is not normal. */
  readonly symbol: string;
  readonly depends: readonly Dependence[];
  readonly leaning: Leaning | undefined;
}

/** The noise as the measured rule has it. */
function termOf(
  fit: NoiseFit,
  plain: readonly Expected[],
  { right, told, common, sizes, symbol, depends, leaning }: Made,
): TermMeasurement {
  const made = (text: string, value: TermMeasurement["value"]): TermMeasurement => ({
    name: "noise",
    text: text.replace("ξ", symbol),
    wanted: "1.000·σξ",
    deviates: !right && !isOneOf(value, symbol),
    value,
  });
  const isTied = !fit.independent && !fit.sharing;
  if (isTied && depends.length === 0) {
    const size = clusteredSize(fit.draws(plain));
    const [text, value] = numberText(size, "σξ");
    return { ...made(text, value), deviates: isOneOf(value, "ξ") ? null : true };
  }
  if (isTied) {
    const reason = "the draws depend on each other";
    const value = { kind: "not measured", reason } as const;
    return { ...made("(not measured)·σξ", value), deviates: null };
  }
  if (leaning) {
    const { text, size: { value: factor, error } } = leaning;
    const of = `σξ, about ${text}`;
    return made(`σ(${text} + (${shownEstimate(leaning.size)})·ξ)`, {
      kind: "number",
      factor,
      error,
      of,
    });
  }
  // A draw with a law of its own is what is multiplied.
  if (told?.factors.length === 0 && told.number.error > 0) {
    return made(...numberText(told.number, "σξ"));
  }
  if (common) return made(...numberText(sizeOf(common), "σξ"));
  const forms = told?.factors.flatMap(({ like }) => like ?? []) ?? [];
  const formed = told && forms.length === told.factors.length && fit.commonFactor(forms);
  if (formed && formed.count > 0) {
    return made(...numberText(sizeOf(formed), formsText(forms.map(({ form }) => form))));
  }
  if (sizes.length === 0 || sizes.every(({ value }) => value === 0) && depends.length === 0) {
    return made("0·σξ", { kind: "number", factor: 0, error: 1e-6, of: "σξ" });
  }
  const [{ what, levels, law } = { what: "the step", levels: stepLevels(sizes), law: undefined }] =
    depends;
  const entries = levels.map(({ at, size: { value, error } }) => ({ at, value, error }));
  const { noiseScale } = fit.runs[0]!.problem.settings;
  const of = what === "the noise scale" ? "σξ" : `σξ, for a noise scale of ${noiseScale}`;
  const list = levels.map(({ size }) => shownEstimate(size)).join(", ");
  return made(law ? `${law.text}·σξ` : `(${list} by ${what})·σξ`, { kind: "table", of, entries });
}

const stepLevels = (sizes: readonly Estimate[]) =>
  sizes.map((size, k) => ({ at: `in step ${k}`, size }));

/** Whether a size is the rule's within its error, however the draws are otherwise. */
function isOneOf(value: TermMeasurement["value"], symbol: string): boolean {
  return value?.kind === "number" && value.of === "σξ" && symbol === "ξ" &&
    isOne({ value: value.factor, error: value.error });
}

function numberText(size: Estimate, of: string): [string, TermMeasurement["value"]] {
  const { value: factor, error } = size;
  return [`(${shownEstimate(size)})·${of}`, { kind: "number", factor, error, of }];
}
