/**
 * The fewest suspects that give drift, noise and step sizes at all settings, known defects before
 * figures; and figures where no known defect does.
 *
 * @module
 */

import type { Problem } from "../../../spec/problem.ts";
import { boundedFrames } from "./bounded_sizes.ts";
import { byStep, runsOf } from "./by_step.ts";
import { groupedBy } from "../../grouped_by.ts";
import { rounded, shown } from "../figures/figures.ts";
import {
  bentShapes,
  decimal,
  formedSchedules,
  formSuspect,
  guarded,
  hasRange,
  numberSuspect,
  partShapes,
  scaledSchedule,
} from "./varying_factors.ts";
import { type FormCell, formOf } from "../figures/forms.ts";
import { keptNoises } from "./kept_noise.ts";
import {
  decaying,
  otherSchedules,
  roundedSchedules,
  steppedSchedules,
  wholePowers,
} from "./other_schedules.ts";
import { stepSizesTitle } from "./step_size_words.ts";
import { halfSizes, type Hypothesis, type Suspect, suspectsOf } from "./suspects.ts";
import {
  type Coefficients,
  type Frame,
  framesWith,
  settingsOf,
  type Source,
  suspectsIn,
  type WindowFit,
} from "./window_fit.ts";

/** What explains the windows. */
export interface TermsFit {
  /** Sets of suspects that give all of them, all of the least cost. */
  readonly hypotheses: readonly Hypothesis[];
  /** Terms that are no multiple of what they should be, so that they have no figure. */
  readonly open: readonly Source[];
}

/** What a figure costs where a known defect costs 1: less is told by a figure. */
const costs = { bound: 1.2, power: 1.4, law: 2.1, number: 2.2, part: 2.2, table: 2.4 } as const;

interface Found {
  readonly hypothesis: Hypothesis;
  readonly cost: number;
}

/**
 * Fits all terms of the windows.
 *
 * @param mostOfTerm the most defects of one term that are looked for
 */
export function fitTerms(fit: WindowFit, mostOfTerm: number): TermsFit {
  const seen = (["drift", "noise"] as const).filter((source) => fit.sees(source));
  const depth = { drift: 0, noise: 0 };
  const shaped: Record<Source, Hypothesis[]> = { drift: [], noise: [] };
  let best: readonly Found[] = [];
  // One defect of a term is looked for first; more of those terms that one does not give.
  for (let deeper: readonly Source[] = seen; deeper.length > 0;) {
    for (const source of deeper) {
      if (depth[source] === 0 && fit.hasShape(source, [])) shaped[source].push([]);
      const more = fit.candidates(source, ++depth[source]);
      shaped[source].push(...more.filter((h) => fit.hasShape(source, h)));
      // What is no multiple everywhere may be one in some rows and another one in others.
      // A known factor of the range may have another number beside it.
      const ranged = shaped[source].some((set) => set.some(hasRange));
      if (shaped[source].length === 0 || ranged) shaped[source].push(...partShapes(fit, source));
      if (shaped[source].length === 0) {
        shaped[source].push(...source === "drift" ? bentShapes(fit) : keptNoises(fit));
      }
    }
    const told = seen.filter((source) => shaped[source].length > 0);
    best = explain(fit, told, shaped);
    const known = best.some(({ hypothesis }) => hypothesis.every(({ id }) => id !== null));
    if (known && told.length === seen.length) break;
    const missing = seen.filter((source) => !fit.matched.has(source));
    const most = Math.min(
      mostOfTerm,
      told.length === seen.length ? mostWorthwhile(best) : Infinity,
    );
    deeper = (missing.length > 0 ? missing : seen).filter((source) => depth[source] < most);
  }
  // What no frame gives has a figure neither for the term nor for the step sizes.
  const open = seen.filter((source) => best.length === 0 || shaped[source].length === 0);
  return { hypotheses: best.length === 0 ? [[]] : best.map(({ hypothesis }) => hypothesis), open };
}

/** So many defects of a term at most can cost less than what has been found. */
function mostWorthwhile(found: readonly Found[]): number {
  // Where a term is a table for want of a frame, more defects may still find one.
  const isTable = found.some(({ hypothesis }) =>
    hypothesis.some(({ key }) => factorTable.test(key))
  );
  return found.length === 0 || isTable ? Infinity : Math.floor(found[0]!.cost + 1e-9);
}

const factorTable = /^measured table (drift|noise) factors$/;

/** The least costly sets of suspects that give some terms: known defects, and figures without them. */
function explain(fit: WindowFit, told: readonly Source[], shaped: Shaped): readonly Found[] {
  if (told.length === 0) return [];
  const { single, schedules = [] } = fit.how;
  const oneStep = [...single ? suspectsOf(["singleStep"]) : [], ...schedules];
  const known = within(fit, told, shaped, framesWith(oneStep), false);
  const knownCost = known[0]?.cost ?? Infinity;
  const scaled = fittedScale(fit, told, shaped);
  if (knownCost <= costs.law && scaled.length === 0) return known;
  const power = [
    ...oneStep,
    ...single ? [] : [
      ...fittedPower(fit, told, shaped),
      ...wholePowers,
      ...otherSchedules,
      ...proportional(fit, told, shaped),
    ],
    ...scaled,
    ...halfSizes,
  ];
  const laws = powerLaws(fit, told, shaped).map((step): Frame => ({ schedule: null, step }));
  if (!single) laws.push(...bounded(fit, told, shaped), ...formed(fit, told, shaped));
  let frames = [...framesWith(power), ...laws];
  let measured = within(fit, told, shaped, frames, true);
  if (measured.some(({ hypothesis }) => hypothesis.some(({ key }) => /^measured law/.test(key)))) {
    // A known way to put the step together says more than a law, even beside a figure of a term.
    const named = within(fit, told, shaped, framesWith(power), true).filter((
      { hypothesis, cost },
    ) =>
      cost <= measured[0]!.cost + 1.2 &&
      hypothesis.some(({ id, change }) => id !== null && change.step !== undefined)
    );
    if (named.length > 0) measured = named;
  }
  // Tables cost most, in time too. A single step tells no schedule.
  const isNamed = measured.some(({ hypothesis }) => hypothesis.some(({ change }) => change.step));
  if (!single && !isNamed && !((measured[0]?.cost ?? Infinity) < costs.table - 1e-9)) {
    frames = [...framesWith([...power, ...tables(fit, told, shaped)]), ...laws];
    measured = within(fit, told, shaped, frames, true);
  }
  // Step sizes of any kind give much where one term alone goes with them: a table of that term may
  // cost as little.
  const alone = told.some((source) => !fit.moves(source));
  const isLoose = measured.some(({ hypothesis }) =>
    hypothesis.some(({ key }) => key.startsWith("measured table")) &&
    (alone || hypothesis.some(({ change }) => change.step !== undefined))
  );
  // Two faults that make up for each other in one term cost more than one of the other term.
  const isDear = (measured[0]?.cost ?? 0) > costs.table - 1e-9;
  const byOne = !single && (measured.length === 0 || isLoose || isDear)
    ? byTables(fit, told, shaped, frames)
    : [];
  const [one = Infinity, all = Infinity] = [byOne[0]?.cost, measured[0]?.cost];
  const isFewer = byOne.some(({ hypothesis }) =>
    measured.every((other) => hypothesis.length < other.hypothesis.length)
  );
  const found = Math.abs(one - all) <= 1e-9 && !isFewer
    ? [...byOne, ...measured]
    : one < all + 1e-9
    ? byOne
    : measured;
  return known.length > 0 && knownCost <= (found[0]?.cost ?? Infinity) ? known : found;
}

/** @param free whether a term may be any multiple of what it should be */
function within(
  fit: WindowFit,
  told: readonly Source[],
  shaped: Shaped,
  frames: readonly Frame[],
  free: boolean,
): readonly Found[] {
  let best: Found[] = [];
  const least = () => best[0]?.cost ?? Infinity;
  for (const frame of frames) {
    const base = costOf(suspectsIn(frame));
    if (base > least()) continue;
    const parts: (readonly Found[])[] = [];
    for (const source of told) {
      const found = matchesOf(fit, source, frame, shaped[source], free);
      if (found.length === 0) break;
      parts.push(found);
    }
    if (parts.length < told.length) continue;
    for (const found of productOf(parts)) {
      const cost = base + found.cost;
      if (cost > least() + 1e-9) continue;
      if (cost < least() - 1e-9) best = [];
      best.push({ hypothesis: [...suspectsIn(frame), ...found.hypothesis], cost });
    }
  }
  return best;
}

function costOf(hypothesis: Hypothesis): number {
  return hypothesis.reduce((sum, { key }) => sum + costOfSuspect(key), 0);
}

function costOfSuspect(key: string): number {
  const kind = /^measured (bound|number|part|power|law|table)/.exec(key)?.[1];
  return kind === undefined ? 1 : costs[kind as keyof typeof costs];
}

function matchesOf(
  fit: WindowFit,
  source: Source,
  frame: Frame,
  shapes: readonly Hypothesis[],
  free: boolean,
): readonly Found[] {
  const exact = fit.exact(source, frame, shapes)
    .map((hypothesis) => ({ hypothesis, cost: costOf(hypothesis) }));
  if (exact.length > 0 && suspectsIn(frame).every(({ id }) => id !== null)) fit.matched.add(source);
  if (exact.length > 0 || !free) return exact;
  const part = shapes.find(([one, ...more]) => one?.scaled && more.length === 0);
  const times = part && fit.match(source, frame, part, true)?.factor;
  if (times !== undefined) {
    const hypothesis = [part![0]!.scaled!(times)];
    return [{ hypothesis, cost: costOf(hypothesis) }];
  }
  const plain = shapes.find((h) => h.length === 0);
  const match = plain && fit.match(source, frame, plain, true);
  if (!match) return [];
  const hypothesis = [numberSuspect(source, match.factor)];
  return [{ hypothesis, cost: costOf(hypothesis) }];
}

function productOf(parts: readonly (readonly Found[])[]): readonly Found[] {
  return parts.reduce<readonly Found[]>(
    (all, found) =>
      all.flatMap((one) =>
        found.map((other) => ({
          hypothesis: [...one.hypothesis, ...other.hypothesis],
          cost: one.cost + other.cost,
        }))
      ),
    [{ hypothesis: [], cost: 0 }],
  );
}

type Shaped = Readonly<Record<Source, readonly Hypothesis[]>>;

/** The schedule with a power of its own, if that is what the plain terms show. */
function fittedPower(fit: WindowFit, told: readonly Source[], shaped: Shaped): readonly Suspect[] {
  for (const source of told) {
    for (const shape of shaped[source]) {
      const table = fit.coefficients(source, shape)?.find(({ window }) => window === 0);
      const problem = fit.seen[0]?.[source]?.problem;
      if (!table || problem?.settings.schedule.kind !== "polynomial") continue;
      const { schedule: { init, final, power: asked }, steps } = problem.settings;
      const ratio = (table.values[1]! - final) / (init - final);
      const power = rounded(Math.log(ratio) / Math.log(1 - 1 / (steps - 1)));
      if (!(power > 0) || Math.abs(power - asked) < 1e-3) continue;
      return [{
        key: `measured power ${power}`,
        id: null,
        title: `The power of the schedule is ${shown(power)}, whatever is asked for`,
        fix: "Use the power that is asked for.",
        change: { polynomial: `(init - final) * (1 - k / (N - 1)) ^ ${power} + final` },
      }];
    }
  }
  return [];
}

/** Schedules of many kinds to which a term is proportional. */
function proportional(fit: WindowFit, told: readonly Source[], shaped: Shaped): readonly Suspect[] {
  return told.flatMap((source) => {
    const table = shaped[source][0] && fit.coefficients(source, shaped[source][0]);
    if (table === undefined) return [];
    return [...steppedSchedules, ...roundedSchedules, ...fittedDecay(table)].filter((schedule) => {
      let factor: number | undefined;
      return table.every(({ window, values, errors }) => {
        const sizes = fit.sizes(schedule, window);
        return values.every((value, k) => {
          const size = sizes[k] ?? NaN, slack = 4 * errors[k]! + 2e-4 * Math.abs(value);
          if (size === 0) return Math.abs(value) <= slack;
          factor ??= value / size;
          return Math.abs(value - factor * size) <= slack;
        });
      });
    });
  });
}

/** Step sizes that change by a factor in every so many steps, as the longest chain has it. */
function fittedDecay(table: Coefficients): readonly Suspect[] {
  const [longest] = [...table].sort((a, b) => b.values.length - a.values.length);
  const values = longest?.values ?? [], first = values[0] ?? NaN;
  const by = values.findIndex((value) => !(Math.abs(value - first) <= 1e-3 * Math.abs(first)));
  const factor = by < 1 ? NaN : rounded(values[by]! / first);
  return factor > 0 ? [decaying(factor, by)] : [];
}

/** Step sizes that are those that are asked for but for a factor, which drift and noise share. */
function fittedScale(fit: WindowFit, told: readonly Source[], shaped: Shaped): readonly Suspect[] {
  if (told.length < 2) return [];
  const laws = (["drift", "noise"] as const).map((source) => {
    const table = shaped[source][0] && fit.coefficients(source, shaped[source][0]);
    return table && lawOf(fit, table);
  });
  const [drift, noise] = laws;
  const same = drift?.exponent === 1 && noise?.exponent === 1 &&
    Math.abs(drift.factor - noise.factor) <= 1e-4 * Math.abs(noise.factor);
  return same && drift.factor > 0 && Math.abs(drift.factor - 1) > 1e-3
    ? [scaledSchedule(drift.factor)]
    : [];
}

/** Tables of step sizes that a term shows, one for each candidate for it. */
function tables(fit: WindowFit, told: readonly Source[], shaped: Shaped): readonly Suspect[] {
  const found: Suspect[] = [];
  for (const source of told) {
    for (const shape of shaped[source]) {
      const table = fit.coefficients(source, shape);
      if (!table || table.length < fit.seen.length) continue;
      const positive = table.every(({ values }) => values.every((eta) => eta > -1e-6));
      if (!positive) continue;
      const key = `measured table ${source} ${shape.map(({ key }) => key).join(" ")}`;
      table.forEach(({ window, values }) => fit.setSizes(key, window, values));
      found.push({
        key,
        id: null,
        title: stepSizesTitle(fit, table),
        fix: "Use (init - final) · (1 - k / (N - 1)) ^ power + final.",
        change: {
          polynomial: tableFormula(fit, table),
          polynomialFirst: byWindow(fit, table, ({ values }) => String(values[0]!)),
        },
        known: knownIn(fit, "schedule"),
      });
    }
  }
  return found;
}

/** Whether settings are those of a window, as far as a term depends on them. */
function knownIn(fit: WindowFit, of: "schedule" | Source) {
  const measured = fit.seen.map(settingsOf);
  // A drift that is seen beside noise scales is known beside them.
  const drifts = fit.seen.flatMap(({ drift }) => drift?.problem.settings ?? []);
  const isBeside = of === "drift" && drifts.some(({ noiseScale }) => noiseScale > 0);
  return ({ settings }: Problem): boolean =>
    (!isBeside || drifts.some(({ noiseScale }) => noiseScale === settings.noiseScale)) && (
      of === "noise" && settings.noiseScale === 0 || settings.schedule.kind !== "polynomial" ||
      of === "schedule" && settings.steps === 1 ||
      measured.some((other) =>
          other.steps === settings.steps &&
          JSON.stringify(other.schedule) === JSON.stringify(settings.schedule)
        ) && (of !== "noise" || settings.noiseScale === 0 ||
          fit.seen.some(({ noise }) =>
            noise?.problem.settings.noiseScale === settings.noiseScale &&
            noise.problem.settings.steps === settings.steps
          ))
    );
}

/** A formula that is another one for each number of steps. */
function byWindow(
  fit: WindowFit,
  table: Coefficients,
  of: (found: Coefficients[number]) => string,
): string {
  const sorted = [...table].map((found) => ({
    steps: settingsOf(fit.seen[found.window]!).steps,
    formula: of(found),
  })).sort((a, b) => a.steps - b.steps);
  return sorted.slice(1).reduce(
    (rest, { steps, formula }) => `where(N - ${steps - 0.5}, ${formula}, ${rest})`,
    sorted[0]!.formula,
  );
}

function tableFormula(fit: WindowFit, table: Coefficients): string {
  return byWindow(fit, table, ({ values }) => byStep(values.map(String)));
}

const exponents = [0, 0.5, 1, 2] as const;

/** Drift and noise that follow powers of the step size of their own. */
function powerLaws(fit: WindowFit, told: readonly Source[], shaped: Shaped): readonly Suspect[] {
  if (told.length < 2) return [];
  // The first window refutes most of them.
  const mayDiffer = (source: Source) =>
    shaped[source].some((shape) => {
      const table = fit.coefficients(source, shape, 1);
      return table && lawsOf(fit, table).some(({ exponent }) => exponent !== 1);
    });
  if (!mayDiffer("drift") && !mayDiffer("noise")) return [];
  const laws = (source: Source) =>
    shaped[source].flatMap((shape) => {
      const table = fit.coefficients(source, shape);
      const law = table && lawOf(fit, table);
      return law ? [law] : [];
    });
  const found = new Map<string, Suspect>();
  for (const drift of laws("drift")) {
    for (const noise of laws("noise")) {
      if (drift.exponent === 1 && noise.exponent === 1) continue;
      const title = "Drift and noise are not both proportional to the step size";
      const step = `${decimal(drift.factor)} * eta ^ ${drift.exponent} * drift + ` +
        `${decimal(noise.factor)} * eta ^ ${noise.exponent} * noise`;
      found.set(step, {
        key: `measured law ${step}`,
        id: null,
        title,
        fix: "Multiply the sum of half the gradient and the noise by the step size.",
        change: { step },
      });
    }
  }
  return [...found.values()];
}

/** A multiple of a power of the official step sizes. */
interface Law {
  readonly factor: number;
  readonly exponent: number;
}

/** Step sizes that are bounded, as the first shape of a term shows them. */
function bounded(fit: WindowFit, told: readonly Source[], shaped: Shaped): readonly Frame[] {
  return told.flatMap((source) => {
    const table = shaped[source][0] && fit.coefficients(source, shaped[source][0]);
    return table ? boundedFrames(fit, table) : [];
  });
}

/** Step sizes that are those that are asked for times something, as terms show them. */
function formed(fit: WindowFit, told: readonly Source[], shaped: Shaped): readonly Frame[] {
  return told.flatMap((source) => {
    const table = shaped[source][0] && fit.coefficients(source, shaped[source][0]);
    return table ? formedSchedules(fit, table, source) : [];
  });
}

/** The power of the official step sizes that coefficients are proportional to. */
export function lawOf(fit: WindowFit, table: Coefficients): Law | undefined {
  return lawsOf(fit, table)[0];
}

/** The powers that coefficients are proportional to; several where step sizes are alike. */
function lawsOf(fit: WindowFit, table: Coefficients): readonly Law[] {
  return exponents.flatMap((exponent) => {
    const factor = table[0]!.values[0]! / fit.sizes(null, table[0]!.window)[0]! ** exponent;
    const holds = table.every((found) => {
      const { window, values } = found;
      const sizes = fit.sizes(null, window);
      return sizes.length >= values.length &&
        values.every((value, k) => {
          const beyond = Math.abs(value - factor * sizes[k]! ** exponent) - 2e-4 * Math.abs(value);
          return beyond <= 0 || beyond <= 4 * found.errors[k]!;
        });
    });
    return holds && Math.abs(factor) > 1e-9 ? [{ factor: rounded(factor), exponent }] : [];
  });
}

/**
 * Where no frame gives both terms: the frame that gives one of them, and the other as a table.
 */
function byTables(
  fit: WindowFit,
  told: readonly Source[],
  shaped: Shaped,
  frames: readonly Frame[],
): Found[] {
  let best: Found | undefined;
  for (const [other, source] of [[told[0]!, told[1]], [told[1], told[0]!]] as const) {
    if (other === undefined) continue;
    for (const frame of frames) {
      const base = costOf(suspectsIn(frame));
      if (best && base >= best.cost - costs.table) continue;
      const [match] = [...matchesOf(fit, other, frame, shaped[other], true)]
        .sort((a, b) => a.cost - b.cost);
      if (!match) continue;
      const shape = source && shaped[source][0];
      const table = source && shape && fit.coefficients(source, shape);
      const suspect = table && tableSuspect(fit, source, table, frame);
      if (source && !suspect || shape?.some(({ pieces }) => pieces)) continue;
      const rest = shape && suspect ? [...shape.filter((s) => !clashes(s, suspect)), suspect] : [];
      const hypothesis = [...suspectsIn(frame), ...match.hypothesis, ...rest];
      const cost = costOf(hypothesis);
      if (!best || cost < best.cost) best = { hypothesis, cost };
    }
  }
  return best ? [...guardedIn(best), best] : [];
}

/** The same with what may stand in the place of one over the noise scale where that is 0. */
function guardedIn({ hypothesis, cost }: Found): readonly Found[] {
  const replaced = (of: Suspect, by: Suspect) => hypothesis.map((one) => one === of ? by : one);
  return hypothesis.flatMap((one) =>
    guarded(one).map((other) => ({ hypothesis: replaced(one, other), cost }))
  );
}

function clashes(one: Suspect, other: Suspect): boolean {
  return Object.keys(one.change).some((part) => Object.hasOwn(other.change, part));
}

/** A term with a factor of its own in every step, or at every setting. */
function tableSuspect(
  fit: WindowFit,
  source: Source,
  table: Coefficients,
  { schedule }: Frame,
): Suspect | undefined {
  const inSteps = table.map(({ window, values, errors }) => {
    const sizes = fit.sizes(schedule, window);
    return { window, errors, values: values.map((value, k) => rounded(value / sizes[k]!)) };
  });
  if (inSteps.some(({ values }) => !values.every(Number.isFinite))) return undefined;
  const form = formOf(
    inSteps.flatMap(({ window, values }): FormCell[] =>
      values.map((value, k) => ({ value, k, ...fit.given(window, source) }))
    ),
  );
  if (form !== undefined) return formSuspect(source, form);
  const even = inSteps.every(({ values, errors, window }) => {
    const sizes = fit.sizes(schedule, window);
    return values.every((v, k) =>
      Math.abs(v - values[0]!) <= 1e-4 * Math.abs(values[0]!) + 4 * errors[k]! / sizes[k]!
    );
  });
  const factor = even
    ? byWindow(fit, inSteps, ({ values }) => decimal(values[0]!))
    : byWindow(fit, inSteps, ({ values }) => byStep(values.map(decimal)));
  // The chain that shows it best.
  const off = ({ values }: (typeof inSteps)[number]) =>
    Math.max(...values.map((value) => Math.abs(value - 1))) > 1e-3;
  const shows = inSteps.find(off) ?? inSteps[0]!;
  const asked = runsOf(shows.values.map((v) => shown(source === "drift" ? v / 2 : v)));
  const where = even
    ? bySetting(
      fit,
      source,
      inSteps.map(({ window, values: [value] }) => ({
        value: shown(source === "drift" ? value! / 2 : value!),
        window,
      })),
    )
    : `${asked} of a chain of ${shows.values.length} steps`;
  return source === "drift"
    ? {
      key: "measured table drift factors",
      id: null,
      title: `The drift is this much of the gradient instead of 0.5: ${where}`,
      fix: "Multiply the gradient by one half.",
      change: { drift: `${factor} * gt / 2` },
      known: knownIn(fit, "drift"),
    }
    : {
      key: "measured table noise factors",
      id: null,
      title: `The noise is this many times what it should be: ${where}`,
      fix: "Multiply the draw by the noise scale, without another factor.",
      change: { noise: `${factor} * sigma * xi` },
      known: knownIn(fit, "noise"),
    };
}

/** Numbers by window in words, those of one number together. */
function bySetting(
  fit: WindowFit,
  source: Source,
  told: readonly { readonly value: string; readonly window: number }[],
): string {
  return [...groupedBy(told, ({ value }) => value)].map(([value, windows]) => {
    const settings = windows.map(({ window }) => fit.seen[window]![source]!.problem.settings)
      .sort((a, b) => a.steps - b.steps);
    return `${value} for ${
      source === "noise" || settings.some(({ noiseScale }) => noiseScale > 0)
        ? settings.map(({ noiseScale, steps }) => `σ = ${noiseScale} and N = ${steps}`).join(", ")
        : `N = ${settings.map(({ steps }) => steps).join(", ")}`
    }`;
  }).join("; ");
}
