/**
 * Step sizes of a known schedule that never fall below a number, or never rise above one.
 *
 * @module
 */

import { officialRule } from "../../../spec/rule.ts";
import { ruleOf } from "../../defects/change.ts";
import { scheduleParts } from "./other_schedules.ts";
import type { Suspect } from "./suspects.ts";
import {
  type Coefficients,
  type Frame,
  scheduleSuspects,
  settingsOf,
  type WindowFit,
} from "./window_fit.ts";

/** What a bound is a multiple of. */
const units = ["1", "init", "final"] as const;
type Unit = typeof units[number];

const unitWords: Readonly<Record<Unit, string>> = {
  1: "",
  init: " times the initial one",
  final: " times the final one",
};

/** Frames in which a schedule has such a number; it is read off the coefficients of a term. */
export function boundedFrames(fit: WindowFit, table: Coefficients): readonly Frame[] {
  return [null, ...scheduleSuspects.filter(isFormula)].flatMap((beneath) =>
    (["max", "min"] as const).flatMap((formula) =>
      units.flatMap((unit): readonly Frame[] => {
        const bound = boundOf(fit, table, beneath, { side: formula === "max" ? 1 : -1, unit });
        if (bound === undefined) return [];
        const schedule = boundedSchedule(formula, bound, unit, beneath);
        return [{ schedule, step: null, ...(beneath === null ? {} : { beneath }) }];
      })
    )
  );
}

/** The step sizes of a schedule, the official one by default, that never fall below or rise above one. */
export function boundedSchedule(
  formula: "max" | "min",
  bound: number,
  unit: Unit = "1",
  beneath: Suspect | null = null,
): Suspect {
  const rule = beneath === null ? officialRule : ruleOf(beneath);
  const key = `measured bound ${formula} ${bound} ${unit} ${beneath?.key}`;
  const most = unit === "1" ? bound : `${bound} * ${unit}`;
  return {
    key,
    id: null,
    title: `The step size is ${boundInWords({ key })}`,
    fix: "Use the step size that is asked for, however small or large.",
    change: Object.fromEntries(
      scheduleParts.map((part) => [part, `${formula}(${rule[part]}, ${most})`]),
    ),
  };
}

/** Such a suspect, as it stands behind the step sizes: `never below 0.01`. */
export function boundInWords({ key }: Pick<Suspect, "key">): string {
  const [, formula, bound, unit] = /^measured bound (max|min) (\S+) (1|init|final) /.exec(key)!;
  const side = formula === "max" ? "below" : "above";
  return `never ${side} ${Number(Number(bound).toPrecision(4))}${unitWords[unit as Unit]}`;
}

function isFormula({ change }: Suspect): boolean {
  return Object.keys(change).every((part) => (scheduleParts as readonly string[]).includes(part));
}

/**
 * The one size of all steps that a schedule does not give, in units of a setting.
 *
 * @param side 1 if they are larger than the schedule's, -1 if they are smaller
 */
function boundOf(
  fit: WindowFit,
  table: Coefficients,
  schedule: Suspect | null,
  { side, unit }: { readonly side: 1 | -1; readonly unit: Unit },
): number | undefined {
  const steps = table.flatMap(({ window, values, errors }) => {
    const sizes = fit.sizes(schedule, window), one = unitOf(fit, window, unit);
    return values.map((value, k) => ({
      value: value / one,
      asked: (sizes[k] ?? NaN) / one,
      error: errors[k]! / one,
    }));
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
  // A unit of 0 measures nothing.
  if (bounded.length < 2 || !steps.every(({ value }) => Number.isFinite(value))) return undefined;
  const best = bounded.reduce((least, one) => one.slack < least.slack ? one : least);
  const bound = Number(best.size.toPrecision(3));
  const isShort = Math.abs(bound - best.size) <= best.slack;
  if (!isShort && unit !== "1") return undefined;
  const size = isShort ? bound : best.size;
  const holds = off.every((step) => {
    const wanted = side > 0 ? Math.max(step.asked, size) : Math.min(step.asked, size);
    return Math.abs(step.size - wanted) <= step.slack + 2e-4 * size;
  });
  return holds ? size : undefined;
}

/** What a unit is in a window. */
function unitOf(fit: WindowFit, window: number, unit: Unit): number {
  const { schedule } = settingsOf(fit.seen[window]!);
  if (unit === "1") return 1;
  return schedule.kind === "polynomial" ? schedule[unit] : NaN;
}
