/**
 * Pictures of the documentation: panels with a grid, and in them lines of the rule beside lines of
 * defects. Every line is computed by the specification.
 *
 * @module
 */

import { compileRule, slots } from "../spec/compiled_rule.ts";
import { observe } from "../spec/observe.ts";
import type { Problem } from "../spec/problem.ts";
import {
  type FormulaName,
  officialRule,
  type Rule,
  ruleSampler,
  type RuleSymbol,
} from "../spec/rule.ts";
import { pathOf } from "../spec/readings.ts";
import { defectOf, ruleOf } from "../src/defects/defects.ts";
import { joined, type Markup } from "../src/report/markup.ts";
import { type Label, labels, type Side } from "../src/report/plot/labels.ts";
import { pictureFile, type Sheet } from "../src/report/plot/picture.ts";
import {
  type Axis,
  axisBelow,
  axisLeft,
  type Frame,
  line,
  mark,
  type Plot,
  plotOf,
  type Point,
  words,
} from "../src/report/plot/plot.ts";
import { isWithin } from "../src/report/plot/scales.ts";

/** A picture with the words that stand in its place. */
export interface Picture {
  /** Its file in `docs/images/`. */
  readonly file: string;
  /** What it shows, for those who cannot see it. */
  readonly description: string;
  /** The SVG. */
  readonly svg: string;
}

/** The picture of a file, 720 pixels wide. */
export function pictureOf(
  name: string,
  sheet: Omit<Sheet, "width">,
  parts: readonly (Markup | null)[],
): Picture {
  const { description } = sheet;
  return {
    file: `${name}.svg`,
    description,
    svg: pictureFile({ ...sheet, width: 720 }, parts),
  };
}

/** A plot with words above and a grid. */
export interface Panel extends Plot {
  readonly ground: Markup;
}

/** What stands around a panel; its top is the same in most pictures. */
export interface PanelFrame extends Omit<Frame, "top"> {
  readonly top?: number;
  readonly head: string;
  /** Below the numbers of the horizontal axis. */
  readonly name?: string;
  readonly acrossTicks?: Axis["ticks"];
  readonly upTicks?: Axis["ticks"];
}

/** A panel without lines. */
export function panelOf({ head, name, acrossTicks, upTicks, ...frame }: PanelFrame): Panel {
  const plot = plotOf({ top: 44, ...frame });
  const axis = (ticks: Axis["ticks"]): Axis => ({ lines: "grid", ...(ticks ? { ticks } : {}) });
  return {
    ...plot,
    ground: joined([
      axisLeft(plot, axis(upTicks)),
      axisBelow(plot, { ...axis(acrossTicks), ...(name === undefined ? {} : { name }) }),
      words(plot.left, plot.top - 12, head, "head", "start"),
    ]),
  };
}

/** Ticks at some numbers, as they are. */
export function ticksAt(...values: readonly number[]): NonNullable<Axis["ticks"]> {
  return values.map((value) => [value, String(value).replace("-", "−")]);
}

/** The rule, or the rule of a defect. */
export function ruleFor(id: string | null): Rule {
  if (id === null) return officialRule;
  const defect = defectOf(id);
  if (defect === undefined) throw new Error(`Cannot draw the defect ${id}: found none of that id`);
  return ruleOf(defect);
}

/** A line of a panel: that of the rule, or of a defect, with the place of its name. */
export interface RuleLine {
  readonly defect: string | null;
  readonly words: string;
  readonly at: Point;
  readonly side?: Side;
}

/**
 * Lines with their names.
 *
 * @param dotted which of them have a mark at every point
 */
export function ruleLines(
  plot: Plot,
  all: readonly RuleLine[],
  pointsOf: (rule: Rule) => readonly Point[],
  dotted: "none" | "rule" | "all" = "none",
): Markup {
  // The rule lies above what is wrong.
  const ordered = [...all].sort((a, b) => Number(a.defect === null) - Number(b.defect === null));
  const kindOf = ({ defect }: RuleLine) => defect === null ? "expected" : "actual";
  return joined([
    ...ordered.map((one) => {
      const kind = kindOf(one), points = pointsOf(ruleFor(one.defect));
      const marked = dotted === "all" || (dotted === "rule" && kind === "expected");
      return joined([
        line(plot, points, kind),
        ...(marked ? points.map((point) => mark(plot, point, kind, 0.7)) : []),
      ]);
    }),
    labels(plot, ordered.map((one): Label => ({ ...one, kind: kindOf(one) }))),
  ]);
}

/** The first coordinate of the first row along the chains of some lines. */
export async function chainsOf(
  all: readonly RuleLine[],
  problem: Problem,
): Promise<(rule: Rule) => readonly Point[]> {
  const chains = new Map<Rule, readonly Point[]>();
  for (const rule of all.map(({ defect }) => ruleFor(defect))) {
    const prepared = await observe(ruleSampler(rule)).prepare(problem.settings);
    const path = pathOf(problem, await prepared.sample(problem));
    if (path.kind === "unknown") throw new Error("Cannot draw a chain: found none of its points");
    chains.set(rule, inSequence(path.points.map((rows) => rows[0]![0]!)));
  }
  return (rule) => chains.get(rule) ?? [];
}

/** Values over their numbers, counted from 0. */
export function inSequence(values: readonly number[]): Point[] {
  return values.map((value, k) => [k, value]);
}

/** One formula of a rule as a function of one symbol. */
export function termOf(
  rule: Rule,
  name: FormulaName,
  symbol: RuleSymbol,
  given: Readonly<Record<string, number>>,
): (value: number) => number {
  const run = compileRule(rule)[name], values = slots(given, rule);
  return (value) => {
    values[symbol] = value;
    return run(values);
  };
}

/** Points of a line that breaks where it jumps and ends where the plot does. */
export function broken(points: readonly Point[], { up }: Plot): Point[] {
  return points.flatMap((point, i): Point[] => {
    if (!isWithin(up, point[1])) return [[NaN, NaN]];
    const before = points[i - 1]?.[1] ?? point[1];
    return Math.abs(point[1] - before) > 0.2 ? [[NaN, NaN], point] : [point];
  });
}
