/**
 * What can be judged all the same once a foundation is violated.
 *
 * A drift that has another factor or sign, or a schedule of a known formula, is taken as it was found;
 * what is remembered, and step sizes that go wrong later, leave first steps alone; a wrong result leaves the steps before the last alone. Each is
 * tried first, on the problems of the clause that it spares, or of the next one: only if nothing is
 * wrong there any more are other clauses judged so.
 *
 * @module
 */

import { boxOf, calmProblem, constantSchedule, decimal } from "../../../properties/arbitraries.ts";
import { stepsFollow } from "../../../properties/compare.ts";
import { type ClauseId, clauseOf } from "../../../properties/clauses.ts";
import { factorCase, measureFactors } from "../../../properties/factors.ts";
import type { Problem, Schedule } from "../../../spec/problem.ts";
import { defectsThatBreak, ruleUnder } from "../../defects/defects.ts";
import { officialRule, type Rule } from "../../../spec/rule.ts";
import { problemFor } from "../../../spec/rule_parts.ts";
import { stepFactors } from "../../../spec/rule_slopes.ts";
import { TargetFault } from "../../../spec/sampler.ts";
import { sharesOf } from "../options.ts";
import { factsFor, type Judging } from "../outcome.ts";
import type { Knowledge } from "./run_report.ts";
import { search } from "../search/search.ts";
import { watchCase } from "../calibration/target_observer.ts";
import type { Allowances } from "./verdicts.ts";

/** An allowance, the clauses whose problems it is tried on, and what is to be said of it. */
interface Attempt {
  readonly allowances: Allowances;
  readonly triedOn: readonly ClauseId[];
  readonly remark: string;
}

/**
 * What the run knows once it is seen whether other clauses can be judged though this one is violated.
 *
 * @throws {TargetFault} if the target's process fails
 */
export async function allowing(run: Judging, known: Knowledge, id: ClauseId): Promise<Knowledge> {
  const { calibration: { rule, target, hidden } } = known;
  const isViolated = known.verdicts.get(id)?.verdict === "violated";
  if (!isViolated || rule !== officialRule || hidden || target.compiles !== undefined) return known;
  try {
    for await (const attempt of attemptsFor(known, id)) {
      if (!await holdsUp(run, known, attempt)) continue;
      const { allowances, remark } = attempt;
      return { ...known, allowances, remarks: [...known.remarks, remark] };
    }
    return known;
  } catch (error) {
    if (error instanceof TargetFault && !error.ofProcess) return known;
    throw error;
  }
}

async function* attemptsFor(known: Knowledge, id: ClauseId): AsyncGenerator<Attempt> {
  const { allowances } = known, { steps } = allowances;
  const without = [...allowances.without, id];
  const judged = (how: string) => `Clauses that build on ${id} were judged ${how}.`;
  switch (id) {
    case "drift/descends":
    case "drift/half": {
      const rule = await ruleAsFound(known);
      if (rule === null) return;
      return yield {
        allowances: { ...allowances, replaced: [id, "drift/half"], rule },
        triedOn: ["drift/half"],
        remark: judged(`with the drift that was found, ${rule.drift}`),
      };
    }
    case "schedule/constant": {
      const { rule: base = officialRule, replaced = [] } = allowances;
      for (const rule of schedulesUnder(base)) {
        yield {
          allowances: { ...allowances, replaced: [...replaced, id], rule },
          triedOn: ["schedule/constant", "schedule/polynomial", "drift/no-memory"],
          remark: judged(`with the step sizes that were found, ${rule.polynomial}`),
        };
      }
      return yield {
        allowances: {
          ...allowances,
          without: [...without, "drift/no-memory"],
          steps: { last: "too", ...steps, first: "alone" },
        },
        triedOn: ["drift/no-memory"],
        remark: judged("on first steps, whose step size is the right one"),
      };
    }
    case "drift/no-memory":
      return yield {
        allowances: { ...allowances, without, steps: { last: "too", ...steps, first: "alone" } },
        triedOn: [id],
        remark: judged("on first steps, which have nothing to remember"),
      };
    case "result/last-point":
      return yield {
        allowances: {
          ...allowances,
          without,
          steps: { first: "and others", ...steps, last: "left out" },
        },
        triedOn: ["drift/no-memory"],
        remark: judged("on the steps before the last"),
      };
  }
}

/** The rule with the schedule of every known defect that changes nothing but formulas of that. */
function schedulesUnder(base: Rule): readonly Rule[] {
  return defectsThatBreak("schedule/constant")
    .filter(({ change }) => Object.keys(change).every((part) => ofSchedule.has(part)))
    .map(({ change }) => ruleUnder(base, change));
}

const ofSchedule: ReadonlySet<string> = new Set(
  ["polynomial", "polynomialFirst", "singleStep", "exponential"],
);

/** The official rule with the factor that the drift was found to have; `null` if it has none. */
async function ruleAsFound(known: Knowledge): Promise<Rule | null> {
  const { observer } = watchCase(
    known.calibration.target,
    factsFor(known, clauseOf("drift/half")!),
  );
  const schedule = constantSchedule(0.25);
  const given = factorCase({ steps: 3, schedule, slope: 0.5, draw: 0.25, start: 0 });
  const factors = await measureFactors(observer, given, { parts: "drift" });
  const found = factors?.drift[0], wanted = factors?.formula[0];
  if (!found || !wanted) return null;
  const half = stepFactors(officialRule, wanted.value).drift / wanted.value;
  const exact = half * found.value / wanted.value, off = half * found.tolerance / wanted.value;
  const short = Math.round(1024 * exact) / 1024;
  const factor = Math.abs(short - exact) <= off ? short : exact;
  return factor !== 0 ? { ...officialRule, drift: factor === 1 ? "gt" : `${factor} * gt` } : null;
}

/** Whether nothing is wrong any more. */
async function holdsUp(
  { target, plan }: Judging,
  known: Knowledge,
  { allowances, triedOn }: Attempt,
): Promise<boolean> {
  const facts = (id: ClauseId) => factsFor({ ...known, allowances }, clauseOf(id)!);
  for (const id of triedOn) {
    const asked = { clause: id, seed: plan.seed, ...sharesOf(target, plan.profile) };
    const check = clauseOf(id)!.problems!;
    const { found, lost, comparisons } = await search(check, target, facts(id), asked);
    if (lost !== null) throw lost;
    if (found !== null || comparisons === 0) return false;
  }
  const follows = stepsFollow(), { observer } = watchCase(target, facts(triedOn[0]!));
  const noisy = !observer.facts.unsupported.has("noise-tape");
  for (const problem of otherPlaces(noisy ? [0, 0.5] : [0])) {
    const suited = problemFor(observer.facts, problem);
    if (await follows({ ...observer, suspect: "drift" }, suited) !== null) return false;
  }
  return true;
}

/** Other settings and shapes than those of the clauses that were tried: what is found may differ there. */
function otherPlaces(draws: readonly number[]): readonly Problem[] {
  const places = [[-1, 1, 4, 2], [-3, 1, 2, 0.5], [4, 20, 9, 0.5]] as const;
  return places.flatMap(([low, high, steps, deltaClip]) => {
    const at = (share: number) => low + share * (high - low), width = high - low;
    const place = {
      energy: `0.5*(a1 - ${decimal(at(0.5))})^2 - ${decimal(width / 8)}*a2`,
      steps,
      deltaClip,
      bounds: boxOf(2, low, high),
      initial: [0.375, 0.5, 0.625, 0.4375].map((share) => [at(share), at(1 - share)]),
      groups: 2,
    };
    return otherSchedules.flatMap((schedule) =>
      draws.map((draw) => calmProblem({ ...place, schedule, ...draw !== 0 && { draws: draw } }))
    );
  });
}

/** As small and as large as the step sizes that clauses take, and a falling one. */
const otherSchedules: readonly Schedule[] = [
  ...[1 / 512, 1 / 32, 2].map(constantSchedule),
  { kind: "polynomial", init: 0.25, final: 1 / 64, power: 3 },
];
