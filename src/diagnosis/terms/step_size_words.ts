/**
 * Step sizes that were measured, in words.
 *
 * @module
 */

import { stepSizes } from "../../../spec/rule.ts";
import { halfFormatOf } from "../figures/half_format.ts";
import { type Coefficients, settingsOf, type WindowFit } from "./window_fit.ts";

/** What step sizes are where others are asked for, in the first chain that was seen. */
export function stepSizesTitle(fit: WindowFit, table: Coefficients): string {
  const first = table.find(({ window }) => window === 0) ?? table[0]!;
  const settings = settingsOf(fit.seen[first.window]!);
  const asked = stepSizes(settings.schedule, settings.steps);
  const list = (values: readonly number[]) =>
    values.slice(0, 6).map((v) => String(Number(v.toPrecision(3)))).join(", ") +
    (values.length > 6 ? ", …" : "");
  const [found, wanted] = [list(first.values), list(asked)];
  const format = halfFormatOf(table);
  if (format) {
    return `The step sizes are ${found}, rounded to ${format}, where ${wanted} are asked for`;
  }
  return found === wanted
    ? furthestTitle(fit, table)
    : `The step sizes are ${found} where ${wanted} are asked for`;
}

/** The step size that is furthest off, where the first ones read alike. */
function furthestTitle(fit: WindowFit, table: Coefficients): string {
  const all = table.flatMap(({ window, values }) => {
    const { schedule, steps } = settingsOf(fit.seen[window]!);
    const asked = stepSizes(schedule, steps);
    return values.map((value, k) => ({ k, steps, value, asked: asked[k]! }));
  });
  const off = ({ value, asked }: (typeof all)[number]) => Math.abs(value - asked) / asked;
  const { k, steps, value, asked } = all.reduce((most, one) => off(one) > off(most) ? one : most);
  const shown = (eta: number) => String(Number(eta.toPrecision(5)));
  return `Step ${k} of ${steps} has the step size ${shown(value)} where ${
    shown(asked)
  } is asked for`;
}
