/**
 * Names the bug of a sampler and measures the rule that it really follows.
 *
 * The target runs the probes. The known defects, alone, in twos and in threes, are run on the same
 * probes; those that give exactly what was observed are the explanation, the fewest first. What
 * nothing explains is said to be unexplained.
 *
 * @module
 */

import {
  driftRuler,
  finalActionProbes,
  isolatedStep,
  ladder,
  noiseRuler,
  type Probe,
  probesFor,
} from "./probes.ts";
import type { Change, Defect } from "../defects/defects.ts";
import type { Problem } from "../../spec/problem.ts";
import { stepSizes as askedStepSizes } from "../../spec/rule.ts";
import { type Feature, noiseOrigin, type Target, TargetFault } from "../../spec/sampler.ts";
import {
  type Dialect,
  type Figures,
  ladderSteps,
  type MeasuredRule,
  measureRule,
} from "./measured_rule.ts";
import {
  type Observation,
  observeProbes,
  type Reading,
  readingOf,
  type View,
} from "./observations.ts";
import type { NamedDefectReport } from "../report/report.ts";
import { type Beside, type FailedTest, fitOwnNoise, type OwnNoise } from "./own_noise.ts";
import { withOwnNoise } from "./own_noise_rule.ts";
import { observeOwnNoise, type OwnRuns } from "./own_noise_runs.ts";
import type { Candidate, Hypothesis, Search } from "./search.ts";

/** What is wrong with a target, as far as it can be told. */
export interface Diagnosis {
  /** How much of the target was seen. */
  readonly view: View;
  /** The fewest defects that explain what was seen; empty if nothing is wrong or nothing is known. */
  readonly defects: readonly NamedDefectReport[];
  /** What no known defect explains, with the figures, in one sentence. */
  readonly unexplained?: string;
  /** The rule that the target follows; absent if it fails on the rulers. */
  readonly measured: MeasuredRule | undefined;
}

/** How much of a target can be seen. */
export function viewOf(target: Target): View {
  if (target.reveals === "final-actions") return "final actions";
  return noiseOrigin(target) === "own" ? "points" : "points and tape";
}

/** What a sampler lacks for the probes. */
function lackingOf(target: Target): ReadonlySet<Feature> {
  return noiseOrigin(target) === "own"
    ? new Set([...target.unsupported, "noise-tape" as const])
    : target.unsupported;
}

/**
 * Measures the rule that a target follows, in two short runs (one more if only its returned actions
 * are seen).
 *
 * @returns nothing if the target fails on them
 * @throws {TargetFault} if the target's process fails
 */
export async function measure(target: Target): Promise<MeasuredRule | undefined> {
  const rule = await measureRoughly(target);
  const runs = viewOf(target) === "points" ? await observeOwnNoise(target) : undefined;
  if (rule === undefined || runs === undefined) return rule;
  return withOwnNoise(rule, fitOwnNoise(runs, { changes: [], complete: false }), runs.honoursZero);
}

async function measureRoughly(target: Target): Promise<MeasuredRule | undefined> {
  const view = viewOf(target);
  const taped = noiseOrigin(target) !== "own";
  const hidden = view === "final actions";
  const read = async (problem: Problem): Promise<Reading | undefined> => {
    const asked = taped ? problem : { ...problem, noise: { kind: "own" as const } };
    const shown = hidden ? isolatedStep(asked) : asked;
    try {
      const prepared = await target.prepare(shown.settings);
      const trajectory = await prepared.sample(shown);
      if (!hidden) return readingOf(shown, trajectory);
      // The one step that was isolated begins at the initial actions.
      return { ...readingOf(shown, trajectory), points: [shown.initial] };
    } catch (error) {
      if (!(error instanceof TargetFault) || error.ofProcess) throw error;
      return undefined;
    }
  };
  const drift = await read(driftRuler);
  if (drift === undefined) return undefined;
  // Noise that is drawn by itself is measured by its law, if its steps are seen.
  const noise = taped || hidden ? await read(noiseRuler(taped ? "tape" : "own")) : undefined;
  if (!hidden) return measureRule(drift, noise, { view, taped });
  const rungs = await observeProbes(target, [{ name: "ladder", purpose: "", calls: [ladder] }]);
  const climbed = rungs[0]!.calls[0]!;
  return measureRule(
    drift,
    noise,
    { view, taped },
    climbed === "throws" ? [] : ladderSteps(climbed.final),
  );
}

/**
 * Names what is wrong with a target.
 *
 * @param failedTests tests of its own noise that failed
 * @throws {TargetFault} if the target's process fails
 */
export async function diagnose(
  target: Target,
  failedTests: readonly FailedTest[] = [],
): Promise<Diagnosis> {
  const view = viewOf(target);
  const runs = view === "points" ? await observeOwnNoise(target) : undefined;
  const measured = await measureRoughly(target);
  if (runs !== undefined && !runs.honoursZero) {
    // What is seen at a noise scale of 0 is noise.
    return withNoise({ view, defects: [], measured }, runs, { changes: [], complete: false });
  }
  const { changes, ...found } = await diagnoseWithoutNoise(target, measured);
  const diagnosis = { view, measured, ...found };
  if (runs === undefined) return diagnosis;
  const complete = found.unexplained === undefined;
  return withNoise(diagnosis, runs, { changes, complete }, failedTests);
}

/** A diagnosis with what a sampler's own noise shows beside it. */
function withNoise(
  diagnosis: Diagnosis,
  runs: OwnRuns,
  beside: Beside,
  failedTests: readonly FailedTest[] = [],
): Diagnosis {
  const own: OwnNoise = fitOwnNoise(runs, beside, failedTests);
  const unexplained = diagnosis.unexplained ??
    (diagnosis.defects.length > 0 && own.named.length > 0 ? undefined : own.unexplained);
  return {
    view: diagnosis.view,
    defects: [...diagnosis.defects, ...own.named],
    ...(unexplained === undefined ? {} : { unexplained }),
    measured: diagnosis.measured && withOwnNoise(diagnosis.measured, own, runs.honoursZero),
  };
}

/** What was found where nothing is random. */
type Found = Pick<Diagnosis, "defects" | "unexplained"> & { readonly changes: readonly Change[] };

async function diagnoseWithoutNoise(
  target: Target,
  measured: MeasuredRule | undefined,
): Promise<Found> {
  const lacking = lackingOf(target), view = viewOf(target);
  const probes = view === "final actions" ? finalActionProbes(lacking) : probesFor(lacking);
  const seen = await observeProbes(target, probes);
  const sign = measured?.figures.noiseSign ?? 1;
  const observations = sign === 1 ? seen : seen.map(negated);
  const [{ Search }, { defects }] = await Promise.all([
    import("./search.ts"),
    import("../defects/defects.ts"),
  ]);
  const search = new Search<Suspect>(observations, {
    points: view !== "final actions",
    returns: target.networkReturns,
  });
  if (search.ruleExplains()) return { defects: [], changes: [] };
  const explanations = explain(search, defects, measured ?? {});
  if (explanations.length > 0) {
    return {
      defects: namesOf(explanations),
      changes: explanations[0]!.map(({ change }) => change),
    };
  }
  const partial = search.partial();
  const difference = differenceWords(search, target);
  if (partial === undefined) {
    return {
      defects: [],
      changes: [],
      unexplained: `No known defect, and no two or three of them, explains this: ${difference}`,
    };
  }
  return {
    defects: namesOf([partial.hypothesis]).map((name) => ({ ...name, certain: false })),
    changes: partial.hypothesis.map(({ change }) => change),
    unexplained: `Nothing known explains the probe ${partial.left}; what is named explains ${
      partial.explained.join(", ")
    }. ${difference[0]!.toUpperCase()}${difference.slice(1)}`,
  };
}

/** A known defect, or a number that was measured. */
interface Suspect extends Candidate {
  readonly title: string;
  readonly fix: string;
  readonly seen?: string;
  /** Whether it stands for a measured number and not for a known defect. */
  readonly measured?: true;
}

/** The fewest suspects that explain all; known defects come before measured numbers. */
function explain(
  search: Search<Suspect>,
  defects: readonly Defect[],
  { figures, dialect }: Partial<Pick<MeasuredRule, "figures" | "dialect">>,
): readonly Hypothesis<Suspect>[] {
  const numbers = figures ? measuredNumbers(figures) : [];
  const table = figures ? [...measuredPowers(figures, dialect), ...measuredSteps(figures)] : [];
  const attempts = [
    () => search.singles(defects),
    () => search.singles(numbers),
    () => search.pairs(defects),
    () => search.singles(table),
    () => search.pairs([...defects, ...numbers, ...table], [...numbers, ...table]),
    () => search.triples(defects),
    () => search.triples([...defects, ...numbers, ...table]),
  ];
  for (const attempt of attempts) {
    const found = attempt();
    if (found.length > 0) return mostKnown(found);
  }
  return [];
}

/** Of explanations of the same size, those with the fewest measured numbers. */
function mostKnown(
  explanations: readonly Hypothesis<Suspect>[],
): readonly Hypothesis<Suspect>[] {
  const measured = (hypothesis: Hypothesis<Suspect>) =>
    hypothesis.filter((suspect) => suspect.measured).length;
  const least = Math.min(...explanations.map(measured));
  return explanations.filter((hypothesis) => measured(hypothesis) === least);
}

/** Parameters of the rule that are merely other, as the rulers measured them. */
function measuredNumbers(figures: Figures): Suspect[] {
  const suspect = (
    id: string,
    title: string,
    fix: string,
    change: Change,
  ): Suspect => ({ id, title, fix, change, measured: true });
  const found: Suspect[] = [];
  const { drift, noise, limit, absoluteLimit, power } = figures;
  if (drift !== undefined && !same(drift, 0.5)) {
    found.push(suspect(
      "measured-drift",
      `The drift is ${shown(drift)} of the gradient instead of 0.5, where measured`,
      "Multiply the gradient by one half.",
      { drift: `${drift} * gt` },
    ));
  }
  if (noise !== undefined && !same(noise, 1)) {
    found.push(suspect(
      "measured-noise",
      `The noise is ${shown(noise)} times what it should be, where measured`,
      "Multiply the draw by the noise scale, without another factor.",
      { noise: `${noise} * sigma * xi` },
    ));
  }
  if (limit !== undefined && Number.isFinite(limit) && !same(limit, 1)) {
    found.push(suspect(
      "measured-limit",
      `The limit of a step is ${shown(limit)} times what it should be, where measured`,
      "Limit steps to the delta clip times half the range of the axis.",
      { limit: `${limit} * c / 2 * (hi - lo)` },
    ));
  }
  if (absoluteLimit !== undefined && Number.isFinite(absoluteLimit)) {
    found.push(suspect(
      "measured-absolute-limit",
      `The limit of a step is ${shown(absoluteLimit)} times the delta clip on every range measured`,
      "Limit steps to the delta clip times half the range of the axis.",
      { limit: `${absoluteLimit} * c` },
    ));
  }
  if (power !== undefined && !same(power, driftPower())) {
    found.push(suspect(
      "measured-power",
      `The power of the schedule is ${shown(power)} where ${driftPower()} is asked for`,
      "Use the power that is asked for.",
      { polynomial: `(init - final) * (1 - k / (N - 1)) ^ ${power} + final` },
    ));
  }
  return found;
}

/** Drift and noise that follow the step size in ways of their own. */
function measuredPowers({ laws }: Figures, dialect: Dialect | undefined): Suspect[] {
  if (laws === undefined) return [];
  const { drift, noise } = laws;
  return [{
    id: "measured-powers",
    title: dialect
      ? `Drift and noise are those of ${dialect.name}`
      : "Drift and noise are not both proportional to the step size",
    fix: "Multiply the sum of half the gradient and the noise by the step size.",
    change: {
      step: `${2 * drift.factor} * eta ^ ${drift.exponent} * drift + ` +
        `${Math.abs(noise.factor)} * eta ^ ${noise.exponent} * noise`,
    },
    measured: true,
  }];
}

/** Step sizes of any kind, as a table. */
function measuredSteps({ stepSizes }: Figures): Suspect[] {
  if (stepSizes.length < 2 || !stepSizes.every((eta) => Number.isFinite(eta) && eta >= 0)) {
    return [];
  }
  const { schedule, steps } = driftRuler.settings;
  const asked = askedStepSizes(schedule, steps);
  const list = (values: readonly number[]) => values.map(shown).join(", ");
  const table = stepSizes.slice(1, -1).reduceRight(
    (rest, eta, j) => `where(k - ${j + 1.5}, ${rest}, ${eta})`,
    String(stepSizes.at(-1)!),
  );
  return [{
    id: "measured-step-sizes",
    title: `The step sizes are ${list(stepSizes)} where ${list(asked)} are asked for`,
    fix: "Use (init - final) · (1 - k / (N - 1)) ^ power + final.",
    change: { polynomial: table, polynomialFirst: String(stepSizes[0]!) },
    measured: true,
  }];
}

function driftPower(): number {
  const { schedule } = driftRuler.settings;
  return schedule.kind === "polynomial" ? schedule.power : NaN;
}

function same(actual: number, expected: number): boolean {
  return Math.abs(actual - expected) <= 1e-3 * expected;
}

function shown(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** A number with as many digits as it takes to tell it from another. */
function apart(value: number, other: number): string {
  let digits = 3;
  while (digits < 9 && value.toPrecision(digits) === other.toPrecision(digits)) digits++;
  return String(Number(value.toPrecision(digits)));
}

/**
 * The names of an explanation: what all explanations share is certain, the rest has alternatives.
 */
function namesOf(explanations: readonly Hypothesis<Suspect>[]): NamedDefectReport[] {
  const inAll = (suspect: Suspect) =>
    explanations.every((hypothesis) => hypothesis.some(({ id }) => id === suspect.id));
  const others = [...new Map(
    explanations.slice(1).flat().filter((suspect) => !inAll(suspect)).map((s) => [s.id, s]),
  ).values()];
  return explanations[0]!.map((suspect) => {
    const certain = inAll(suspect);
    const alternatives = certain
      ? []
      : others.filter(({ id }) => explanations[0]!.every((other) => other.id !== id)).map((
        other,
      ) => ({ id: idOf(other), title: other.title }));
    return {
      id: idOf(suspect),
      title: suspect.title,
      fix: suspect.fix,
      ...(suspect.seen === undefined ? {} : { seen: suspect.seen }),
      certain,
      ...(alternatives.length > 0 ? { alternatives } : {}),
    };
  });
}

function idOf(suspect: Suspect): string | null {
  return suspect.measured ? null : suspect.id;
}

/** The first number that is not what the rule gives. */
function differenceWords(search: Search<Suspect>, target: Target): string {
  const { observation, difference, found, wanted } = search.firstNumbers(target.networkReturns)!;
  const { probe } = observation;
  const { call, section, cells } = difference;
  const axes = probe.calls[call]!.axes;
  const cell = cells[0]!;
  const place = `row ${Math.floor(cell / axes)}, axis ${cell % axes}`;
  const where = `in the probe ${probe.name}${call > 0 ? ", second call" : ""}`;
  if (Number.isNaN(found) && Number.isNaN(wanted)) return `${where} the sampler fails`;
  const numbers = (what: string) =>
    `${where} ${what} is ${apart(found, wanted)}, and ${apart(wanted, found)} by the rule`;
  if (section === 0) return numbers(`the point of the first gradient, ${place},`);
  if (typeof section === "number") return numbers(`the point after step ${section - 1}, ${place},`);
  switch (section) {
    case "count":
      return numbers("the number of gradients");
    case "final":
      return numbers(`the returned action of ${place}`);
    case "caller":
      return numbers(`the caller's initial action of ${place} after the call`);
    case "actions":
      return numbers("a reported action");
    case "outputs":
      return numbers("a reported output");
    case "norms":
      return numbers("a reported gradient norm");
  }
}

/** The same observation, for a sampler that turns the sign of its draws. */
function negated(observation: Observation): Observation {
  return { ...observation, probe: negatedProbe(observation.probe) };
}

const negatives = new WeakMap<Probe, Probe>();

function negatedProbe(probe: Probe): Probe {
  const known = negatives.get(probe);
  if (known) return known;
  const calls = probe.calls.map((problem): Problem =>
    problem.noise.kind === "own" ? problem : {
      ...problem,
      noise: {
        kind: "tape",
        draws: problem.noise.draws.map((draw) => draw.map((row) => row.map((z) => -z))),
      },
    }
  );
  const made = { ...probe, calls };
  negatives.set(probe, made);
  return made;
}
