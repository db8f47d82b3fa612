/**
 * The picture of `docs/rules.md`: the rules of the family side by side.
 *
 * @module
 */

import { calmSettings, constantSchedule } from "../properties/arbitraries.ts";
import { officialDefaults } from "../spec/problem.ts";
import { partsOf, settingsFor, stepSizesOf } from "../spec/rule_parts.ts";
import { stepFactors } from "../spec/rule_slopes.ts";
import type { RuleDocument } from "../spec/rules/document.ts";
import { family, ruleNamed } from "../spec/rules/family.ts";
import { joined } from "../src/report/markup.ts";
import { area, line, type Point } from "../src/report/plot/plot.ts";
import { markText } from "../src/report/plot/scales.ts";
import { panelOf, type Picture, pictureOf, ticksAt } from "./panels.ts";

const steps = 100, start = 3;

/** Step sizes as people usually choose them: of settings of a rule's own the middle ones. */
function usualSizes({ name, defaults = {} }: RuleDocument) {
  const rule = ruleNamed(name), init = defaults.stepSize ?? 0.1;
  const own = Object.fromEntries((rule.own ?? []).map(({ symbol, from, to, whole }) => {
    const middle = (from + to) / 2;
    return [symbol, whole ? Math.round(middle) : middle];
  }));
  const schedule = partsOf(rule).has("schedule")
    ? { ...officialDefaults.schedule, init }
    : constantSchedule(init);
  const asked = calmSettings(1, { steps, schedule, ...rule.own ? { own } : {} });
  const settings = settingsFor(rule, asked);
  return stepSizesOf({ rule, settings })
    .map((size, k) => stepFactors(rule, size, { sigma: 1, T: 1, N: steps, k, ...own }));
}

/** Mean and deviation of a chain on ½a² before each step and after the last one, exactly. */
function lawsAlong(document: RuleDocument) {
  let mean = start, variance = 0;
  const laws = [{ mean, deviation: 0 }];
  for (const { drift, noise } of usualSizes(document)) {
    mean *= 1 - drift;
    variance = (1 - drift) ** 2 * variance + noise ** 2;
    laws.push({ mean, deviation: Math.sqrt(variance) });
  }
  return laws;
}

/** The rules side by side. */
export function familyPicture(): Picture {
  const all = family.map((document) => ({ document, laws: lawsAlong(document) }));
  const panels = all.map(({ document, laws }, i) => {
    const plot = panelOf({
      left: 40 + 232 * (i % 3),
      top: 44 + 200 * Math.floor(i / 3),
      width: 186,
      height: 130,
      across: [0, steps],
      up: [-3, 5],
      upTicks: ticksAt(-2, 0, 2, 4),
      acrossTicks: ticksAt(0, 50, 100),
      head: document.name,
    });
    const along = (of: (law: typeof laws[number]) => number) =>
      laws.map((law, k): Point => [k, of(law)]);
    return joined([
      area(plot, [0, steps], [-1, 1], "band"),
      plot.ground,
      line(plot, along(({ mean, deviation }) => mean + deviation), "guide"),
      line(plot, along(({ mean, deviation }) => mean - deviation), "guide"),
      line(plot, along(({ mean }) => mean), "expected"),
    ]);
  });
  const ends = all.map(({ document: { name }, laws }) => {
    const { mean, deviation } = laws.at(-1)!;
    return `${name} ${markText(mean)} and ${markText(deviation)}`;
  });
  return pictureOf("rules", {
    title: "The rules side by side",
    description:
      `Six small plots, one for each rule: where a chain on the energy ½a² is after k steps with usual step sizes, from ${start} on and without limits. A line shows its mean, two more a deviation above and below; the band is exp(−E), of deviation 1. After ${steps} steps mean and deviation are, of ${
        ends.join("; of ")
      }.`,
    height: 412,
  }, panels);
}
