/**
 * Names what is wrong with a sampler that shows its returned actions alone: known defects, alone, in
 * twos and in threes, and figures, are held against the probes.
 *
 * @module
 */

import { stepSizes as askedStepSizes } from "../../spec/rule.ts";
import type { Target } from "../../spec/sampler.ts";
import type { Change } from "../defects/defects.ts";
import type { NamedDefectReport } from "../report/report.ts";
import type { Dialect, Figures, MeasuredRule } from "./measured_rule.ts";
import { negated } from "./naming.ts";
import { observeProbes } from "./observations.ts";
import { driftRuler, type Probe } from "./probes.ts";
import { type Hypothesis, Search } from "./search.ts";
import { knownSuspects, type Suspect } from "./suspects.ts";
import { firstDifferenceWords } from "./unexplained_words.ts";

/** What the probes tell. */
export interface ProbeNames {
  readonly defects: readonly NamedDefectReport[];
  readonly unexplained?: string;
}

/**
 * Runs probes on a target and names what explains them.
 *
 * @throws {TargetFault} if the target's process fails
 */
export async function nameByProbes(
  target: Target,
  probes: readonly Probe[],
  measured: MeasuredRule | undefined,
): Promise<ProbeNames> {
  const seen = await observeProbes(target, probes);
  const figures = measured?.figures;
  const observations = figures?.noiseSign === -1 ? seen.map(negated) : seen;
  const search = new Search<Suspect>(observations, {
    points: false,
    returns: target.networkReturns,
  });
  if (search.ruleExplains()) return { defects: [] };
  const explanations = explain(search, figures, measured?.dialect);
  if (explanations.length > 0) return { defects: namesOf(explanations) };
  const difference = firstDifferenceWords([], observations, target.networkReturns, false);
  const partial = search.partial();
  if (partial === undefined) {
    return {
      defects: [],
      unexplained: `No known defect, and no two or three of them, explains this: ${difference}`,
    };
  }
  return {
    defects: namesOf([partial.hypothesis]).map((name) => ({ ...name, certain: false })),
    unexplained: `What is named does not explain everything. By the rule without it, ${difference}`,
  };
}

/** The fewest suspects that explain all; known defects come before measured numbers. */
function explain(
  search: Search<Suspect>,
  figures: Figures | undefined,
  dialect: Dialect | undefined,
): readonly Hypothesis<Suspect>[] {
  const defects = knownSuspects;
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
    hypothesis.filter((suspect) => suspect.id === null).length;
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
  ): Suspect => ({ key: id, id: null, title, fix, change });
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
    key: "measured-powers",
    id: null,
    title: dialect
      ? `Drift and noise are those of ${dialect.name}`
      : "Drift and noise are not both proportional to the step size",
    fix: "Multiply the sum of half the gradient and the noise by the step size.",
    change: {
      step: `${2 * drift.factor} * eta ^ ${drift.exponent} * drift + ` +
        `${Math.abs(noise.factor)} * eta ^ ${noise.exponent} * noise`,
    },
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
    key: "measured-step-sizes",
    id: null,
    title: `The step sizes are ${list(stepSizes)} where ${list(asked)} are asked for`,
    fix: "Use (init - final) · (1 - k / (N - 1)) ^ power + final.",
    change: { polynomial: table, polynomialFirst: String(stepSizes[0]!) },
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

/**
 * The names of an explanation: what all explanations share is certain, the rest has alternatives.
 */
function namesOf(explanations: readonly Hypothesis<Suspect>[]): NamedDefectReport[] {
  const inAll = (suspect: Suspect) =>
    explanations.every((hypothesis) => hypothesis.some(({ key }) => key === suspect.key));
  const others = [...new Map(
    explanations.slice(1).flat().filter((suspect) => !inAll(suspect)).map((s) => [s.key, s]),
  ).values()];
  return explanations[0]!.map((suspect) => {
    const certain = inAll(suspect);
    const alternatives = certain
      ? []
      : others.filter(({ key }) => explanations[0]!.every((other) => other.key !== key)).map((
        other,
      ) => ({ id: other.id, title: other.title }));
    return {
      id: suspect.id,
      title: suspect.title,
      fix: suspect.fix,
      ...(suspect.seen === undefined ? {} : { seen: suspect.seen }),
      certain,
      ...(alternatives.length > 0 ? { alternatives } : {}),
    };
  });
}
