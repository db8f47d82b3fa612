/**
 * Step sizes η_0 … η_{N-1} (`mcmc.py: PolynomialSchedule, ExponentialSchedule`).
 *
 * The polynomial schedule starts at `init` and reaches `final` at step N-1. With one step only,
 * its step size is `init`. The exponential schedule follows its documented closed form
 * `init · decay^k`.
 *
 * @module
 */

import type { Schedule } from "./problem.ts";
import { officialRule, type Rule } from "./rule.ts";
import { compileRule, Slots } from "./step.ts";

/**
 * The step sizes of a schedule.
 *
 * @param schedule init, final and power, or init and decay
 * @param steps number of steps N, at least 1
 * @param rule whose formulas are used
 * @returns N step sizes, float64
 */
export function stepSizes(
  schedule: Schedule,
  steps: number,
  rule: Rule = officialRule,
): number[] {
  const compiled = compileRule(rule);
  const values = scratch;
  setSchedule(values, schedule);
  values.set("N", steps);
  const taken = Math.max(0, Math.round(compiled.steps(values)));
  return Array.from({ length: taken }, (_, k) => {
    values.set("k", k);
    if (schedule.kind === "exponential") return compiled.exponential(values);
    if (taken === 1 && steps === 1) return compiled.singleStep(values);
    return k === 0 ? compiled.polynomialFirst(values) : compiled.polynomial(values);
  });
}

const scratch = new Slots();

/** Sets the parameters of a schedule. */
export function setSchedule(values: Slots, schedule: Schedule): void {
  values.set("init", schedule.init);
  if (schedule.kind === "exponential") return values.set("decay", schedule.decay);
  values.set("final", schedule.final);
  values.set("power", schedule.power);
}
