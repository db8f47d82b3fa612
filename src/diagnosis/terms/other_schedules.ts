/**
 * Schedules that people take for the polynomial one, as suspects.
 *
 * @module
 */

import { officialRule } from "../../../spec/rule.ts";
import type { Change } from "../../defects/change.ts";
import type { Suspect } from "./suspects.ts";

/** The parts of the rule that give step sizes. */
export const scheduleParts = [
  "polynomial",
  "polynomialFirst",
  "singleStep",
  "exponential",
] as const;

/** Powers of the schedule that are made whole numbers. */
export const wholePowers: readonly Suspect[] = ["floor(power)", "floor(power + 0.5)"].map((
  power,
) => ({
  key: `measured power ${power}`,
  id: null,
  title: `The power of the schedule is ${
    power.includes("+") ? "rounded" : "cut"
  } to a whole number`,
  fix: "Use the power that is asked for.",
  change: { polynomial: `(init - final) * (1 - k / (N - 1)) ^ ${power} + final` },
}));

/** Schedules that people take for the polynomial one. */
export const otherSchedules: readonly Suspect[] = ([
  ["init * (1 - k / N) ^ power", "init·(1 − k/N)^power, as PolynomialLR of PyTorch has it"],
  ["(init - final) * (1 - k / N) + final", "linear, over N instead of N − 1"],
  [
    "final + (init - final) * (1 + cos(3.141592653589793 * k / N)) / 2",
    "half a cosine, over N instead of N − 1",
  ],
  ["init * (final / init) ^ (k / N)", "geometric, over N instead of N − 1"],
  ["init / sqrt(k + 1)", "init/√(k + 1)"],
  ["init / (k + 1)", "init/(k + 1)"],
  [
    "(init - final) * (1 - floor(k / (N - 1))) ^ power + final",
    "init until the last step and final there, as k // (N − 1) has it",
  ],
  ["where(N / 2 - k, init, final)", "init in the first half of the chain and final in the second"],
  [
    "where((N - 1) / 2 - k, init, final)",
    "init before the middle of the chain and final from it on",
  ],
  ["init * 0.5 ^ floor(k / 2)", "halved in every second step"],
] as const).map(([polynomial, words]) => ({
  key: `measured power schedule ${polynomial}`,
  id: null,
  title: `The schedule is ${words}`,
  fix: "Use (init - final) · (1 - k / (N - 1)) ^ power + final.",
  change: { polynomial },
}));

/** The schedule as if each step were another one. */
function ofOtherSteps(step: string, words: string): readonly Suspect[] {
  const change = { polynomial: officialRule.polynomial.replace("k /", `${step} /`) };
  const exponential = officialRule.exponential.replace("k", step);
  return [{ ...change, exponential }, change].map((change: Change): Suspect => ({
    key: `measured power schedule ${Object.keys(change).length} ${step}`,
    id: null,
    title: `The step size of step k is that of step ${words}`,
    fix: "Compute the step size of every step from its own k.",
    change,
    written: () => `η: that of step ${words}`,
  }));
}

/** In every so many steps the step size changes. */
const strides = [2, 3, 4, 5, 6, 8, 10, 20, 25, 50];

/** Step sizes that stay for some steps. */
export const steppedSchedules: readonly Suspect[] = strides.flatMap((by) => [
  ...ofOtherSteps(`(${by} * floor((k + 0.25) / ${by}))`, `${by}⌊k/${by}⌋`),
  ...ofOtherSteps(
    `min(${by} * floor((k + ${by - 0.25}) / ${by}), N - 1)`,
    `${by}⌈k/${by}⌉, or of the last one`,
  ),
]);

/** Step sizes that are rounded to a few decimals, or cut. */
export const roundedSchedules: readonly Suspect[] = [0, 1, 2, 3, 4, 5].flatMap((digits) =>
  ([["rounded", 0.5], ["cut", 0]] as const).map(([how, more]): Suspect => {
    const unit = 10 ** digits;
    const to = digits === 0 ? "whole numbers" : `${digits} decimal${digits === 1 ? "" : "s"}`;
    return {
      key: `measured power schedule ${how} ${digits}`,
      id: null,
      title: `The step sizes are ${how} to ${to}`,
      fix: "Use the step sizes as they are.",
      change: Object.fromEntries(
        scheduleParts.map((part) => [
          part,
          `floor((${officialRule[part]}) * ${unit} + ${more || 1e-6}) / ${unit}`,
        ]),
      ),
    };
  })
);

/** Step sizes that are multiplied by a number in every so many steps. */
export function decaying(factor: number, by: number): Suspect {
  const each = by === 1 ? "every step" : `every ${by} steps`;
  return {
    key: `measured power schedule decaying ${factor} ${by}`,
    id: null,
    title: `The step size is multiplied by ${factor} after ${each}, whatever is asked for`,
    fix: "Use (init - final) · (1 - k / (N - 1)) ^ power + final.",
    change: { polynomial: `init * ${factor} ^ floor((k + 0.25) / ${by})` },
    ...(by === 1 ? {} : { written: () => `η: times ${factor} after ${each}` }),
  };
}
