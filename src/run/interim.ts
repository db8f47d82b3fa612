// deno-lint-ignore-file no-explicit-any
import { checks } from "../../properties/all.ts";
import type { ProblemCheck, Trial } from "../../properties/clause.ts";
import type { Facts } from "../../properties/observer.ts";

/** The check of a clause in its new form. */
export function problemsOf(clause: string): ProblemCheck | undefined {
  const check = checks.find((c) => c.clause === clause) as any;
  if (check === undefined) return undefined;
  const trial = (given: any): Trial => ({
    problem: "problem" in given ? given.problem : given,
    judge: (observer) => check.judge(observer as any, given),
  });
  return {
    random: (facts: Facts) => check.cases(facts).map(trial),
    edges: (facts: Facts) => (check.edges?.(facts) ?? []).map(trial),
    weight: check.weight ?? 1,
    faults: check.faults ?? "stop",
  };
}
