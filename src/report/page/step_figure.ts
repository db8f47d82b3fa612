/**
 * The step of a counterexample as a picture: the energy, the box, the reach of the step, the way of
 * the rule and that of the sampler.
 *
 * @module
 */

import { energyAt } from "../../../spec/oracle.ts";
import type { Rows } from "../../../spec/problem.ts";
import { joined, type Markup, markup } from "../markup.ts";
import { landscapeOf } from "../plot/contours.ts";
import { apart } from "../plot/labels.ts";
import { boxIn, energyPoints, reachOf, showsBox } from "../plot/landscape.ts";
import { legend, type LegendEntry, legendPlot, pictureIn } from "../plot/picture.ts";
import {
  area,
  axisBelow,
  axisLeft,
  framed,
  line,
  mark,
  type Meaning,
  type Plot,
  plotOf,
  type Point,
  widthOf,
  words,
} from "../plot/plot.ts";
import {
  clampedTo,
  extentOf,
  isWithin,
  markText,
  type Range,
  spread,
  widened,
} from "../plot/scales.ts";
import type { SeenStep } from "./seen_step.ts";

/** The edges of every picture of the report, in pixels. */
export const margins = { width: 440, left: 50, right: 426, top: 14 } as const;

/** The figure with its legend. */
export function stepFigure(seen: SeenStep, id: string): Markup {
  const drawing = seen.problem.axes === 2 ? fromAbove(seen) : alongAxis(seen);
  const { step, axis, problem: { axes } } = seen;
  const sheet = {
    title: `Step ${step}${
      axes > 1 ? `, axis ${axis}` : ""
    }: where the rule leads, and where this sampler went`,
    description: description(seen),
    width: margins.width,
    height: drawing.height,
  };
  return markup`<figure class="figure">
${pictureIn(sheet, id, drawing.parts)}
<figcaption>
${legend(entries(seen, drawing))}
${joined(drawing.notes.map((note) => markup`<p>${note}</p>`))}
</figcaption>
</figure>`;
}

interface Drawing {
  readonly parts: readonly (Markup | null)[];
  readonly height: number;
  /** What the picture leaves out. */
  readonly notes: readonly string[];
  /** What of the legend is to be seen. */
  readonly shows: { readonly band: boolean; readonly chain: boolean; readonly box: boolean };
}

function entries(seen: SeenStep, { shows }: Drawing): (LegendEntry | null)[] {
  const key = legendPlot;
  const stroke = (kind: string) => line(key, [[-10, 0], [10, 0]], kind);
  const entry = (words: string, ...drawn: readonly (Markup | null)[]) => ({
    words,
    drawn: joined(drawn),
  });
  const before = seen.step === 0 ? "start" : `before step ${seen.step}`;
  return [
    entry(before, mark(key, [0, 0], "from")),
    entry("the rule", stroke("expected"), mark(key, [0, 0], "expected")),
    seen.actual === undefined
      ? null
      : entry("this sampler", stroke("actual"), mark(key, [0, 0], "actual")),
    shows.band ? entry("delta clip", area(key, [-9, 9], [-5, 5], "band")) : null,
    shows.box
      ? entry(
        "edge of the box",
        area(key, [0, 10], null, "outside"),
        area(key, [-20, 0], null, "wall"),
      )
      : null,
    shows.chain ? entry("the rule from the start", stroke("expected faint")) : null,
  ];
}

/** The range of an axis that is shown: where something happens, and the box if it is not far. */
function shownOf(seen: SeenStep, axis: number): Range {
  const { bounds } = seen.problem.settings;
  const min = bounds.min[axis]!, max = bounds.max[axis]!, box = max - min;
  const from = seen.from[axis]!, limit = seen.limits[axis]!;
  const ways = [seen.from, seen.expected, seen.actual ?? [], ...seen.ruleChain]
    .concat(seen.samplerChain ?? []).flatMap((point) => point[axis] ?? []);
  const near = ways.filter((x) => x >= min - 0.75 * box && x <= max + 0.75 * box).concat(from);
  const width = ([low, high]: Range) => high - low;
  // A clip or a box that is far away from all that happens would shrink it to a dot.
  const moved = width(extentOf(near));
  if (limit <= 4 * moved || moved === 0) near.push(from - limit, from + limit);
  if (box <= 5 * width(extentOf(near))) near.push(min, max);
  return widened(extentOf(near), 0.07);
}

/** What lies outside of the picture, in words. */
function outsideNotes(seen: SeenStep, shown: ReadonlyMap<number, Range>): string[] {
  const { axes, settings: { bounds } } = seen.problem;
  const onAxis = (axis: number) => axes > 1 ? ` on axis ${axis}` : "";
  const boxes: string[] = [], ends: string[] = [];
  for (const [axis, range] of shown) {
    const min = bounds.min[axis]!, max = bounds.max[axis]!, end = seen.actual?.[axis];
    if (!isWithin(range, min) || !isWithin(range, max)) {
      boxes.push(`${markText(min)} to ${markText(max)}${onAxis(axis)}`);
    }
    if (end !== undefined && !isWithin(range, end)) ends.push(`${markText(end)}${onAxis(axis)}`);
  }
  return [
    ...(boxes.length === 0 ? [] : [`The box is wider than the picture: ${boxes.join(", ")}.`]),
    ...(ends.length === 0
      ? []
      : [`This sampler’s step ends outside of the picture, at ${ends.join(", ")}.`]),
  ];
}

/** Whether the sampler had left the chain of the rule before it took the step. */
function leftEarlier({ step, ruleChain, samplerChain }: SeenStep, axes: readonly number[]) {
  return samplerChain !== undefined &&
    ruleChain.slice(0, step + 1).some((point, k) =>
      axes.some((axis) => Math.abs(point[axis]! - samplerChain[k]![axis]!) > 1e-6)
    );
}

/** One axis: the energy along it, and below it the steps, one after the other. */
function alongAxis(seen: SeenStep): Drawing {
  const { axis, problem, step, from, limits, samplerChain } = seen;
  const { bounds, steps } = problem.settings;
  const across = shownOf(seen, axis);
  const energy = (action: number) => energyAt(problem, 0, from.with(axis, action));
  const landscape = energyPoints(energy, across);
  const heights = extentOf(landscape.map(([, height]) => height));
  const { left, top } = margins, width = margins.right - left;
  const upper = plotOf({
    left,
    top,
    width,
    // A flat energy needs no room.
    height: heights[0] === heights[1] ? 70 : 172,
    across,
    up: widened(heights, 0.12),
  });
  // The steps around the one that is looked at.
  const first = Math.max(0, step - 4), last = Math.min(steps, step + 3);
  const rowHeight = last - first > 3 ? 24 : 36;
  const ladder = plotOf({
    left,
    top: upper.bottom + 44,
    width,
    height: (last - first) * rowHeight,
    across,
    up: [last, first],
  });
  const arrivalsBelow = last === step + 1;
  const bottom = ladder.bottom + (arrivalsBelow ? 32 : 16);
  const whole = plotOf({ left, top, width, height: bottom - top, across, up: [0, 1] });
  const at = (point: readonly number[]) => clampedTo(across, point[axis]!);
  const way = (chain: Rows) =>
    chain.slice(first, last + 1).map((point, i): Point => [at(point), first + i]);
  const marks: readonly { kind: Meaning; point: readonly number[]; row: number }[] = [
    { kind: "from", point: from, row: step },
    ...(seen.actual === undefined
      ? []
      : [{ kind: "actual" as const, point: seen.actual, row: step + 1 }]),
    { kind: "expected", point: seen.expected, row: step + 1 },
  ];
  const present = marks.filter(({ point }) => isWithin(across, point[axis]!));
  const past = way(samplerChain ?? []).filter(([, k]) => k !== step && k !== step + 1);
  const [reach] = reachOf([from[axis]!], [limits[axis]!]);
  const band = limits[axis]! > 0 && reach!.some((edge) => isWithin(across, edge));
  const chain = first < last && leftEarlier(seen, [axis]);
  const departure: Point = [at(from), step];
  return {
    parts: [
      boxIn(whole, bounds, [axis]),
      band ? framed(upper, [area(upper, reach!, null, "band")]) : null,
      band ? framed(whole, [area(ladder, reach!, [step, step + 1], "band")]) : null,
      framed(upper, [line(upper, landscape, "energy")]),
      ...present.map(({ kind, point }) => mark(upper, [point[axis]!, energy(point[axis]!)], kind)),
      axisLeft(ladder, {
        lines: "rungs",
        ticks: spread([first, last], last - first + 1).map((k) => [k, String(k)]),
      }),
      chain ? line(ladder, way(seen.ruleChain), "expected faint") : null,
      samplerChain
        ? line(ladder, way(samplerChain), "actual")
        : seen.actual && line(ladder, [departure, [at(seen.actual), step + 1]], "actual"),
      line(ladder, [departure, [at(seen.expected), step + 1]], "expected"),
      ...past.map((point) => mark(ladder, point, "actual", 1, "past")),
      ...present.map(({ kind, point, row }) => mark(ladder, [point[axis]!, row], kind)),
      words(left - 8, top + 10, "E", "name", "end"),
      words(8, ladder.top - 14, "steps taken", "name", "start"),
      arrivalsBelow ? arrivals(seen, ladder) : null,
      axisBelow(whole, { lines: "ticks", name: problem.axes > 1 ? `axis ${axis}` : "action" }),
    ].map((part) => part ?? null),
    height: bottom + 50,
    notes: [
      ...(problem.axes > 1
        ? [
          `The energy is that along axis ${axis}, the other ${
            problem.axes - 1
          } held where they were.`,
        ]
        : []),
      ...outsideNotes(seen, new Map([[axis, across]])),
    ],
    shows: { band, chain, box: showsBox(whole, bounds, [axis]) },
  };
}

/** The values at which the step arrives, beneath their marks and clear of each other. */
function arrivals({ axis, expected, actual }: SeenStep, ladder: Plot): Markup {
  const values = [
    { kind: "expected", value: expected[axis]! },
    { kind: "actual", value: actual?.[axis] ?? NaN },
  ].filter(({ value }) => Number.isFinite(value)).sort((a, b) => a.value - b.value);
  const places = apart(
    values.map(({ value }) => ladder.x(clampedTo(ladder.across, value))),
    values.map(({ value }) => widthOf(markText(value))),
    [ladder.left, ladder.right],
  );
  return joined(
    values.map(({ kind, value }, i) =>
      words(places[i]!, ladder.bottom + 20, markText(value), `value ${kind}`, "middle")
    ),
  );
}

/** Two axes: the energy as contours. */
function fromAbove(seen: SeenStep): Drawing {
  const { problem, step, from, samplerChain } = seen;
  const { bounds } = problem.settings;
  const { left, top } = margins;
  const across = shownOf(seen, 0), up = shownOf(seen, 1);
  const plot = plotOf({ left, top, width: margins.right - left, height: 302, across, up });
  const at = ([x, y]: readonly number[]): Point => [clampedTo(across, x!), clampedTo(up, y!)];
  const shown = (point: readonly number[] | undefined) =>
    point !== undefined && isWithin(across, point[0]!) && isWithin(up, point[1]!) ? point : null;
  const marked = (
    point: readonly number[] | null,
    kind: "from" | "expected" | "actual",
    look = "",
  ) => point && mark(plot, at(point), kind, 1, look);
  const past = (samplerChain ?? []).filter((_, k) => k !== step && k !== step + 1);
  const [reachAcross, reachUp] = reachOf(from, seen.limits);
  const band = reachAcross!.some((edge) => isWithin(across, edge)) ||
    reachUp!.some((edge) => isWithin(up, edge));
  const chain = leftEarlier(seen, [0, 1]);
  const regions = landscapeOf(plot, (x, y) => energyAt(problem, 0, [x, y]), 10);
  return {
    parts: [
      framed(plot, regions),
      boxIn(plot, bounds, [0, 1]),
      band ? framed(plot, [area(plot, reachAcross!, reachUp!, "band")]) : null,
      chain ? line(plot, seen.ruleChain.map(at), "expected faint") : null,
      samplerChain
        ? line(plot, samplerChain.map(at), "actual")
        : seen.actual
        ? line(plot, [at(from), at(seen.actual)], "actual")
        : null,
      line(plot, [at(from), at(seen.expected)], "expected"),
      ...past.map((point) => marked(shown(point), "actual", "past")),
      marked(from, "from"),
      marked(shown(seen.actual), "actual"),
      marked(shown(seen.expected), "expected"),
      axisBelow(plot, { lines: "ticks", name: "axis 0" }),
      axisLeft(plot, { lines: "ticks", name: "axis 1" }),
    ],
    height: plot.bottom + 46,
    notes: [
      ...(regions.length > 0 ? ["The denser the shading, the lower the energy."] : []),
      ...outsideNotes(seen, new Map([[0, across], [1, up]])),
    ],
    shows: { band, chain, box: showsBox(plot, bounds, [0, 1]) },
  };
}

function description({ problem, from, expected, actual, limits }: SeenStep): string {
  const point = (values: readonly number[]) =>
    values.length === 1 ? markText(values[0]!) : `(${values.map((v) => markText(v)).join(", ")})`;
  const { min, max } = problem.settings.bounds;
  const sides = min.map((low, i) => `${markText(low)} to ${markText(max[i]!)}`);
  const went = actual === undefined ? "" : `; this sampler went to ${point(actual)}`;
  return `From ${point(from)} the rule leads to ${point(expected)}${went}. The delta clip allows ${
    limits.map((limit) => markText(limit)).join(", ")
  } on each side; the box is ${sides.join(" by ")}.`;
}
