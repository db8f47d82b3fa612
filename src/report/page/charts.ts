/**
 * Curves and histograms of a run.
 *
 * @module
 */

import { density, lowerTail } from "../../../spec/numerics/normal.ts";
import { fromNumberText, type NumberText } from "../../../spec/numerics/number_text.ts";
import { joined, type Markup, markup } from "../markup.ts";
import { legend, type LegendEntry, legendPlot, pictureIn } from "../plot/picture.ts";
import {
  area,
  axisBelow,
  axisLeft,
  between,
  line,
  mark,
  type Plot,
  plotOf,
  type Point,
} from "../plot/plot.ts";
import { extentOf, markText, type Range, spread, ticksOf, widened } from "../plot/scales.ts";
import type { NoiseShapeText } from "../report.ts";
import { margins } from "./step_figure.ts";

/** The mean energy before every step and after the last one. */
export function energyChart(steps: readonly NumberText[], id: string): Markup | null {
  const values = steps.map(fromNumberText);
  if (values.length < 2 || !values.some(Number.isFinite)) return null;
  const [least, greatest] = extentOf(values), last = values.length - 1;
  const floor = least > 0 && least < 0.4 * greatest ? 0 : least;
  const plot = chartPlot(widened([0, last], 0.02), widened([floor, greatest], 0.04));
  const points = sequence(values);
  return chart(
    id,
    "Mean energy along the chain",
    `From ${markText(values[0]!)} before the first step to ${
      markText(values[last]!)
    } after the last one, over ${last} steps.`,
    [
      axisLeft(plot, { lines: "grid" }),
      countBelow(plot, "steps taken"),
      line(plot, points, "plain"),
      ...points.map((point) => mark(plot, point, "plain", 0.7)),
    ],
  );
}

/** Step sizes as they were measured, against the closed form. */
export function stepSizeChart(
  expected: readonly number[],
  measured: readonly number[],
  id: string,
): Markup | null {
  const all = [...expected, ...measured];
  if (!all.some(Number.isFinite) || expected.length < 2) return null;
  const last = Math.max(expected.length, measured.length) - 1;
  const plot = chartPlot(widened([0, last], 0.02), widened(extentOf([0, ...all]), 0.04));
  const list = (values: readonly number[]) => values.map((value) => markText(value)).join(", ");
  return chart(
    id,
    "Step sizes, measured against the closed form",
    `The rule asks for ${list(expected)}; measured are ${list(measured)}.`,
    [
      axisLeft(plot, { lines: "grid" }),
      countBelow(plot, "step"),
      line(plot, sequence(expected), "expected"),
      line(plot, sequence(measured), "actual"),
      ...sequence(measured).map((point) => mark(plot, point, "actual", 1.3)),
      // Last, so that a dot in a diamond says that both agree.
      ...sequence(expected).map((point) => mark(plot, point, "expected", 0.8)),
    ],
    [
      entry("the closed form", stroke("expected"), mark(legendPlot, [0, 0], "expected", 0.8)),
      entry("measured", stroke("actual"), mark(legendPlot, [0, 0], "actual")),
    ],
  );
}

/** A histogram of recovered noise under the density of the standard normal law. */
export function histogramChart(shape: NoiseShapeText, id: string): Markup | null {
  const { histogram: { from, to, counts, below, above }, draws } = shape;
  if (draws === 0 || counts.length === 0) return null;
  const wide = (to - from) / counts.length;
  const heights = counts.map((count) => count / draws / wide);
  const plot = chartPlot([from, to], [0, Math.max(density(0), ...heights) * 1.06]);
  // A gap of one pixel between bars.
  const gap = plot.x.invert(0.5) - plot.x.invert(0);
  const bars = heights.map((tall, i) => {
    const left = from + i * wide;
    return tall === 0 ? null : area(plot, [left + gap, left + wide - gap], [0, tall], "bar");
  });
  return chart(
    id,
    "Histogram of the recovered noise",
    `${draws} draws in ${counts.length} bins from ${markText(from)} to ${
      markText(to)
    }, beside the density of the standard normal law; ${below + above} lie outside.`,
    [
      ...bars,
      line(plot, spread([from, to], 97).map((z): Point => [z, density(z)]), "expected"),
      axisBelow(plot, { lines: "ticks", name: "recovered draw" }),
    ],
    [
      entry("recovered draws", area(legendPlot, [-9, 9], [-6, 6], "bar")),
      entry("standard normal law", stroke("expected")),
    ],
  );
}

/** Quantiles of recovered noise against those of the standard normal law. */
export function quantileChart(shape: NoiseShapeText, id: string): Markup | null {
  const pairs = shape.quantiles.map((pair) => pair.map(fromNumberText))
    .filter((pair): pair is [number, number] => pair.length === 2 && pair.every(Number.isFinite));
  const first = pairs[0], last = pairs.at(-1);
  if (first === undefined || last === undefined || pairs.length < 2) return null;
  const widest = Math.max(...pairs.map(([z]) => Math.abs(z)));
  const reach = 1.05 * widest;
  const shown = 1.05 * Math.min(Math.max(...pairs.flat().map(Math.abs), 1), 3.5 * widest);
  const plot = chartPlot([-reach, reach], [-shown, shown]);
  // The band of one quantile by itself: z ± 2.576 times its standard deviation.
  const margin = (z: number) => {
    const p = lowerTail(z);
    return 2.576 * Math.sqrt(p * (1 - p) / Math.max(1, shape.draws)) / density(z);
  };
  const edge = (side: 1 | -1) => pairs.map(([z]): Point => [z, z + side * margin(z)]);
  return chart(
    id,
    "Quantiles of the recovered noise",
    `Quantiles of ${shape.draws} draws against those of the standard normal law. On the diagonal they agree; ${
      markText(first[0])
    } is met by ${markText(first[1])} and ${markText(last[0])} by ${markText(last[1])}.`,
    [
      between(plot, edge(-1), edge(1), "margin"),
      line(plot, [[-reach, -reach], [reach, reach]], "expected"),
      ...pairs.map((pair) => mark(plot, pair, "found", 0.8)),
      axisLeft(plot, { lines: "grid" }),
      axisBelow(plot, { lines: "ticks", name: "standard normal quantile" }),
    ],
    [
      entry("recovered draws", mark(legendPlot, [0, 0], "found")),
      entry("standard normal law", stroke("expected")),
      entry(
        "99 in 100 correct samplers, quantile by quantile",
        area(legendPlot, [-9, 9], [-6, 6], "margin"),
      ),
    ],
  );
}

const sequence = (values: readonly number[]) => values.map((value, k): Point => [k, value]);

const bottom = 206;

function chartPlot(across: Range, up: Range): Plot {
  const { left, right, top } = margins;
  return plotOf({ left, top, width: right - left, height: bottom - top, across, up });
}

/** An axis that counts. */
function countBelow(plot: Plot, name: string): Markup {
  const whole = ticksOf(plot.x, 6).filter(([value]) => Number.isInteger(value));
  return axisBelow(plot, { lines: "ticks", ticks: whole, name });
}

function chart(
  id: string,
  title: string,
  description: string,
  parts: readonly (Markup | null)[],
  entries: readonly LegendEntry[] = [],
): Markup {
  return markup`<figure class="figure">
<p class="chart-title" aria-hidden="true">${title}</p>
${pictureIn({ title, description, width: margins.width, height: bottom + 46 }, id, parts)}
${entries.length === 0 ? null : markup`<figcaption>${legend(entries)}</figcaption>`}
</figure>`;
}

function entry(words: string, ...drawn: readonly (Markup | null)[]): LegendEntry {
  return { words, drawn: joined(drawn) };
}

function stroke(kind: string): Markup {
  return line(legendPlot, [[-10, 0], [10, 0]], kind);
}
