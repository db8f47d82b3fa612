/**
 * Curves and histograms of a run.
 *
 * @module
 */

import { density, lowerTail } from "../../../spec/numerics/normal.ts";
import { fromNumberText, type NumberText } from "../../../spec/numerics/number_text.ts";
import type { NoiseShapeText } from "../report.ts";
import { actualMark, expectedMark, frame, horizontalTicks, svg, text } from "./figure.ts";
import { joined, type Markup, markup, trusted } from "./markup.ts";
import { lineThrough, markText, place, type Scale, scale, ticks, tickText } from "./scale.ts";

const top = 16, bottom = 206, height = bottom + 40;

/** The mean energy before every step and after the last one. */
export function energyChart(steps: readonly NumberText[], id: string): Markup | null {
  const values = steps.map(fromNumberText);
  const known = values.filter(Number.isFinite);
  if (values.length < 2 || known.length === 0) return null;
  const least = Math.min(...known), greatest = Math.max(...known);
  const x = scale(0, values.length - 1, frame.left + 8, frame.width - frame.right - 4);
  const y = scale(least > 0 && least < 0.4 * greatest ? 0 : least, greatest, bottom - 8, top + 8);
  const points = values.map((value, k): [number, number] => [x.at(k), y.at(value)]);
  return chart(
    id,
    "Mean energy along the chain",
    `From ${markText(values[0]!)} before the first step to ${
      markText(values.at(-1)!)
    } after the last one, over ${values.length - 1} steps.`,
    [
      verticalTicks(y),
      horizontalTicks(x, bottom, "steps taken"),
      trusted(`<path class="curve plain" d="${lineThrough(points)}"/>`),
      trusted(
        points.filter(([, at]) => Number.isFinite(at)).map(([at, up]) =>
          `<circle class="dot" cx="${place(at)}" cy="${place(up)}" r="2.2"/>`
        ).join(""),
      ),
    ],
  );
}

/** Step sizes as they were measured, against the closed form. */
export function stepSizeChart(
  expected: readonly number[],
  measured: readonly number[],
  id: string,
): Markup | null {
  const known = [...expected, ...measured].filter(Number.isFinite);
  if (known.length === 0 || expected.length < 2) return null;
  const x = scale(
    0,
    Math.max(expected.length, measured.length) - 1,
    frame.left + 8,
    frame.width - frame.right - 8,
  );
  const y = scale(Math.min(0, ...known), Math.max(...known), bottom - 8, top + 8);
  const points = (values: readonly number[]) =>
    values.map((value, k): [number, number] => [x.at(k), y.at(value)]);
  return chart(
    id,
    "Step sizes, measured against the closed form",
    `The rule asks for ${expected.map(markText).join(", ")}; measured are ${
      measured.map(markText).join(", ")
    }.`,
    [
      verticalTicks(y),
      horizontalTicks(x, bottom, "step"),
      trusted(`<path class="way expected" d="${lineThrough(points(expected))}"/>`),
      trusted(`<path class="way actual" d="${lineThrough(points(measured))}"/>`),
      joined(points(measured).map(([at, up]) => actualMark(at, up, 8))),
      // Last, so that a dot in a diamond says that both agree.
      joined(points(expected).map(([at, up]) => expectedMark(at, up, 3.6))),
    ],
    joined([
      legendItem(
        '<path class="way expected" d="M-10 0H10"/><circle class="mark expected" r="3.6"/>',
        "the closed form",
      ),
      legendItem(
        '<path class="way actual" d="M-10 0H10"/><path class="mark actual" d="M0 -6l6 6l-6 6l-6 -6Z"/>',
        "measured",
      ),
    ]),
  );
}

/** A histogram of recovered noise under the density of the standard normal law. */
export function histogramChart(shape: NoiseShapeText, id: string): Markup | null {
  const { histogram: { from, to, counts, below, above }, draws } = shape;
  if (draws === 0 || counts.length === 0) return null;
  const wide = (to - from) / counts.length;
  const heights = counts.map((count) => count / draws / wide);
  const x = scale(from, to, frame.left, frame.width - frame.right);
  const y = scale(0, Math.max(density(0), ...heights) * 1.06, bottom, top);
  const bars = heights.map((tall, i) =>
    tall === 0
      ? ""
      : `<rect class="bar" x="${place(x.at(from + i * wide) + 0.5)}" y="${
        place(y.at(tall))
      }" width="${place(Math.max(0.5, x.at(wide) - x.at(0) - 1))}" height="${
        place(bottom - y.at(tall))
      }"/>`
  ).join("");
  const curve = Array.from({ length: 97 }, (_, i): [number, number] => {
    const z = from + i / 96 * (to - from);
    return [x.at(z), y.at(density(z))];
  });
  const outside = below + above;
  return chart(
    id,
    "Histogram of the recovered noise",
    `${draws} draws in ${counts.length} bins from ${markText(from)} to ${
      markText(to)
    }, beside the density of the standard normal law; ${outside} lie outside.`,
    [
      trusted(bars),
      trusted(`<path class="way expected" d="${lineThrough(curve)}"/>`),
      horizontalTicks(x, bottom, "recovered draw"),
    ],
    joined([
      legendItem('<rect class="bar" x="-9" y="-6" width="18" height="12"/>', "recovered draws"),
      legendItem('<path class="way expected" d="M-10 0H10"/>', "standard normal law"),
    ]),
  );
}

/** Quantiles of recovered noise against those of the standard normal law. */
export function quantileChart(shape: NoiseShapeText, id: string): Markup | null {
  const pairs = shape.quantiles.map((pair) => pair.map(fromNumberText))
    .filter((pair): pair is [number, number] => pair.length === 2 && pair.every(Number.isFinite));
  if (pairs.length < 2) return null;
  const most = Math.max(...pairs.flat().map(Math.abs), 1);
  const shown = Math.min(most, 3.5 * Math.max(...pairs.map(([z]) => Math.abs(z))));
  const reach = Math.max(...pairs.map(([z]) => Math.abs(z))) * 1.05;
  const x = scale(-reach, reach, frame.left, frame.width - frame.right);
  const y = scale(-shown * 1.05, shown * 1.05, bottom, top);
  // The band of one quantile by itself: z ± 2.576 times its standard deviation.
  const spread = (z: number) => {
    const p = lowerTail(z);
    return 2.576 * Math.sqrt(p * (1 - p) / Math.max(1, shape.draws)) / density(z);
  };
  const upper = pairs.map(([z]): [number, number] => [x.at(z), y.at(z + spread(z))]);
  const lower = pairs.map(([z]): [number, number] => [x.at(z), y.at(z - spread(z))]).reverse();
  return chart(
    id,
    "Quantiles of the recovered noise",
    `Quantiles of ${shape.draws} draws against those of the standard normal law. On the diagonal they agree; ${
      markText(pairs[0]![0])
    } is met by ${markText(pairs[0]![1])} and ${markText(pairs.at(-1)![0])} by ${
      markText(pairs.at(-1)![1])
    }.`,
    [
      trusted(`<path class="margin" d="${lineThrough([...upper, ...lower])}Z"/>`),
      trusted(
        `<path class="way expected" d="${
          lineThrough([[x.at(-reach), y.at(-reach)], [x.at(reach), y.at(reach)]])
        }"/>`,
      ),
      trusted(
        pairs.map(([z, found]) =>
          `<circle class="quantile" cx="${place(x.at(z))}" cy="${place(y.at(found))}" r="2.6"/>`
        ).join(""),
      ),
      verticalTicks(y),
      horizontalTicks(x, bottom, "standard normal quantile"),
    ],
    joined([
      legendItem('<circle class="quantile" r="4"/>', "recovered draws"),
      legendItem('<path class="way expected" d="M-10 0H10"/>', "standard normal law"),
      legendItem(
        '<rect class="margin" x="-9" y="-6" width="18" height="12"/>',
        "99 in 100 correct samplers, quantile by quantile",
      ),
    ]),
  );
}

function chart(
  id: string,
  title: string,
  description: string,
  parts: readonly (Markup | null)[],
  caption: Markup | null = null,
): Markup {
  return markup`<figure class="figure">
<p class="chart-title" aria-hidden="true">${title}</p>
${svg(id, height, title, description, parts)}
${caption === null ? null : markup`<figcaption><ul class="legend">${caption}</ul></figcaption>`}
</figure>`;
}

function legendItem(drawn: string, words: string): Markup {
  return markup`<li><svg viewBox="-10 -7 20 14" aria-hidden="true">${
    trusted(drawn)
  }</svg>${words}</li>`;
}

function verticalTicks(y: Scale): Markup {
  return joined(
    ticks(y, 4).map((tick) =>
      trusted(
        `<line class="grid" x1="${frame.left}" x2="${frame.width - frame.right}" y1="${
          place(y.at(tick))
        }" y2="${place(y.at(tick))}"/>` +
          text(frame.left - 8, y.at(tick) + 4, tickText(tick), "end"),
      )
    ),
  );
}
