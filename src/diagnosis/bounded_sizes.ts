/**
 * Step sizes of a known schedule that never fall below a number, or never rise above one.
 *
 * @module
 */

import { officialRule } from "../../spec/rule.ts";
import { ruleOf } from "../defects/change.ts";
import type { Suspect } from "./suspects.ts";
import { type Coefficients, type Frame, scheduleSuspects, type WindowFit } from "./window_fit.ts";

const scheduleParts = ["polynomial", "polynomialFirst", "singleStep", "exponential"] as const;

/** Frames in which a schedule has such a number; it is read off the coefficients of a term. */
export function boundedFrames(fit: WindowFit, table: Coefficients): readonly Frame[] {
  return [null, ...scheduleSuspects.filter(isFormula)].flatMap((beneath) =>
    (["max", "min"] as const).flatMap((formula): readonly Frame[] => {
      const bound = boundOf(fit, table, beneath, formula === "max" ? 1 : -1);
      if (bound === undefined) return [];
      const schedule = boundedSchedule(formula, bound, beneath);
      return [{ schedule, step: null, ...(beneath === null ? {} : { beneath }) }];
    })
  );
}

/** The step sizes of a schedule, the official one by default, that never fall below or rise above one. */
export function boundedSchedule(
  formula: "max" | "min",
  bound: number,
  beneath: Suspect | null = null,
): Suspect {
  const rule = beneath === null ? officialRule : ruleOf(beneath);
  const key = `measured bound ${formula} ${bound} ${beneath?.key}`;
  return {
    key,
    id: null,
    title: `The step size is ${boundInWords({ key })}`,
    fix: "Use the step size that is asked for, however small or large.",
    change: Object.fromEntries(
      scheduleParts.map((part) => [part, `${formula}(${rule[part]}, ${bound})`]),
    ),
  };
}

/** Such a suspect, as it stands behind the step sizes: `never below 0.01`. */
export function boundInWords({ key }: Pick<Suspect, "key">): string {
  const [, formula, bound] = /^measured bound (max|min) (\S+) /.exec(key)!;
  return `never ${formula === "max" ? "below" : "above"} ${Number(Number(bound).toPrecision(4))}`;
}

function isFormula({ change }: Suspect): boolean {
  return Object.keys(change).every((part) => (scheduleParts as readonly string[]).includes(part));
}

/**
 * The one size of all steps that a schedule does not give.
 *
 * @param side 1 if they are larger than the schedule's, -1 if they are smaller
 */
function boundOf(
  fit: WindowFit,
  table: Coefficients,
  schedule: Suspect | null,
  side: 1 | -1,
): number | undefined {
  const steps = table.flatMap(({ window, values, errors }) => {
    const sizes = fit.sizes(schedule, window);
    return values.map((value, k) => ({ value, asked: sizes[k] ?? NaN, error: errors[k]! }));
  });
  // The term may have a factor: the step that a bound reaches last tells it.
  const plain = steps.reduce((most, one) => side * (one.asked - most.asked) > 0 ? one : most);
  const factor = plain.value / plain.asked;
  const off = steps.map(({ value, asked, error }) => ({
    size: value / factor,
    asked,
    slack: 4 * Math.abs(error / factor) + 2e-4 * Math.abs(asked),
  }));
  const bounded = off.filter(({ size, asked, slack }) => !(Math.abs(size - asked) <= slack));
  if (bounded.length < 2) return undefined;
  const best = bounded.reduce((least, one) => one.slack < least.slack ? one : least);
  const bound = Number(best.size.toPrecision(3));
  const size = Math.abs(bound - best.size) <= best.slack ? bound : best.size;
  const holds = off.every((step) => {
    const wanted = side > 0 ? Math.max(step.asked, size) : Math.min(step.asked, size);
    return Math.abs(step.size - wanted) <= step.slack + 2e-4 * size;
  });
  return holds ? size : undefined;
}
