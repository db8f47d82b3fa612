/**
 * Pictures of the documentation: plots as SVG files that stand by themselves, in the colours of the
 * reports, light or dark as the reader's system is.
 *
 * @module
 */

import { joined, type Markup, markup, type Part, trusted } from "../src/report/page/markup.ts";
import {
  lineThrough,
  place,
  type Scale,
  scale,
  ticks,
  tickText,
} from "../src/report/page/scale.ts";
import { dark, light, type } from "../src/report/page/style.ts";

/** A point of a plot: x, y. */
export type Point = readonly [x: number, y: number];

/** How something is drawn: as the rule has it, as a defect has it, or as a mere guide. */
export type Manner = "rule" | "wrong" | "other" | "guide";

const style = `:root{color-scheme:light dark;${light}${type}}
@media (prefers-color-scheme:dark){:root{${dark}}}
.ground{fill:var(--paper)}
text{font:12px var(--sans);fill:var(--soft);paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}
.head{font-size:13px;font-weight:600;fill:var(--ink)}
.rule-text{fill:var(--expected)}
.wrong-text{fill:var(--actual)}
.other-text{fill:var(--holds)}
.guide-text{fill:var(--soft)}
.end{text-anchor:end}
.middle{text-anchor:middle}
.grid{stroke:var(--line);stroke-width:1}
.zero{stroke:var(--strong);stroke-width:1}
.curve{fill:none;stroke-width:1.5;stroke-linejoin:round;stroke-linecap:round}
.rule{stroke:var(--expected);stroke-width:2.6}
.wrong{stroke:var(--actual);stroke-dasharray:5 4;opacity:.85}
.other{stroke:var(--holds);stroke-dasharray:9 3 2 3}
.guide{stroke:var(--strong);stroke-dasharray:2 4}
.dot.rule{fill:var(--expected);stroke:var(--paper);stroke-width:1}
.dot.wrong{fill:var(--paper);stroke:var(--actual);stroke-dasharray:none;stroke-width:1.5}
.dot.other{fill:var(--holds);stroke:var(--paper);stroke-dasharray:none;stroke-width:1}
.dot.guide{fill:var(--ink);stroke:none}
.band{fill:var(--band);opacity:.16}
.under{fill:var(--expected);opacity:.14}
.shade{fill:var(--shade);opacity:.09;fill-rule:evenodd}
.box{fill:none;stroke:var(--ink);stroke-width:1.2}
.tip-rule{fill:var(--expected)}
.tip-wrong{fill:var(--actual)}
.tip-guide{fill:var(--strong)}`;

/** What a picture says of itself to those who cannot see it, and how large it is. */
export interface Sheet {
  /** A few words. */
  readonly title: string;
  /** What is to be seen, in sentences. */
  readonly description: string;
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
}

/** The text of an SVG file. */
export function picture(sheet: Sheet, parts: readonly (Markup | null)[]): string {
  const { title, description, width, height } = sheet;
  const tips = (["rule", "wrong", "guide"] as const).map((manner) =>
    markup`<marker id="tip-${manner}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="tip-${manner}" d="M0 .5 8 4 0 7.5Z"/></marker>`
  );
  return markup`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title description">
<title id="title">${title}</title>
<desc id="description">${description}</desc>
<style>${trusted(style)}</style>
<defs>${joined(tips)}</defs>
<rect class="ground" width="${width}" height="${height}" rx="8"/>
${joined(parts, "\n")}
</svg>
`.markup;
}

/** Where a plot lies and what it shows. */
export interface Frame {
  /** Left edge of the plot, without the labels of its axis. */
  readonly left: number;
  /** Upper edge. */
  readonly top: number;
  readonly width: number;
  readonly height: number;
  /** Least and greatest number from left to right. */
  readonly across: readonly [number, number];
  /** Least and greatest number from bottom to top. */
  readonly up: readonly [number, number];
  /** Above the plot. */
  readonly head?: string;
  /** Below the numbers of the horizontal axis. */
  readonly name?: string;
  /** Ticks across; made from the range by default. */
  readonly acrossTicks?: readonly Tick[];
  /** Ticks up; made from the range by default. */
  readonly upTicks?: readonly Tick[];
}

/** A number of an axis and how it is written. */
export type Tick = readonly [value: number, text: string];

/** A plot that can be drawn into. */
export interface Plot {
  readonly x: Scale;
  readonly y: Scale;
  /** The grid with its numbers. */
  readonly ground: Markup;
}

/** A plot with its grid. */
export function plotOf(frame: Frame): Plot {
  const { left, top, width, height } = frame;
  const x = scale(frame.across[0], frame.across[1], left, left + width);
  const y = scale(frame.up[0], frame.up[1], top + height, top);
  const written = (s: Scale, count: number): Tick[] =>
    ticks(s, count).map((value) => [value, tickText(value)]);
  const acrossTicks = frame.acrossTicks ?? written(x, Math.floor(width / 55));
  const upTicks = frame.upTicks ?? written(y, Math.floor(height / 36));
  const bottom = top + height;
  return {
    x,
    y,
    ground: joined([
      ...upTicks.map(([value, text]) =>
        markup`<path class="${value === 0 ? "zero" : "grid"}" d="M${place(left)} ${
          place(y.at(value))
        }H${place(left + width)}"/><text class="end" x="${place(left - 7)}" y="${
          place(y.at(value) + 4)
        }">${text}</text>`
      ),
      ...acrossTicks.map(([value, text]) =>
        markup`<path class="grid" d="M${place(x.at(value))} ${place(top)}V${
          place(bottom)
        }"/><text class="middle" x="${place(x.at(value))}" y="${place(bottom + 17)}">${text}</text>`
      ),
      frame.head === undefined
        ? null
        : markup`<text class="head" x="${place(left)}" y="${place(top - 12)}">${frame.head}</text>`,
      frame.name === undefined
        ? null
        : markup`<text class="middle" x="${place(left + width / 2)}" y="${
          place(bottom + 35)
        }">${frame.name}</text>`,
    ]),
  };
}

/** A line through points of a plot. */
export function curve({ x, y }: Plot, points: readonly Point[], manner: Manner): Markup {
  const path = lineThrough(points.map(([px, py]) => [x.at(px), y.at(py)]));
  return markup`<path class="curve ${manner}" d="${path}"/>`;
}

/** A line through points of a plot, each with a dot. */
export function chain(plot: Plot, points: readonly Point[], manner: Manner): Markup {
  return joined([curve(plot, points, manner), ...points.map((point) => dot(plot, point, manner))]);
}

/** A point of a plot. */
export function dot({ x, y }: Plot, [px, py]: Point, manner: Manner, radius = 3.2): Markup {
  return markup`<circle class="dot ${manner}" cx="${place(x.at(px))}" cy="${
    place(y.at(py))
  }" r="${radius}"/>`;
}

/** An arrow from one point of a plot to another. */
export function arrow(
  { x, y }: Plot,
  [fromX, fromY]: Point,
  [toX, toY]: Point,
  manner: "rule" | "wrong" | "guide",
): Markup {
  return markup`<path class="curve ${manner}" marker-end="url(#tip-${manner})" d="M${
    place(x.at(fromX))
  } ${place(y.at(fromY))}L${place(x.at(toX))} ${place(y.at(toY))}"/>`;
}

/** An area between two corners of a plot. */
export function area(
  { x, y }: Plot,
  [fromX, fromY]: Point,
  [toX, toY]: Point,
  kind: "band" | "box" | "under",
): Markup {
  const left = Math.min(x.at(fromX), x.at(toX)), top = Math.min(y.at(fromY), y.at(toY));
  return markup`<rect class="${kind}" x="${place(left)}" y="${place(top)}" width="${
    place(Math.abs(x.at(toX) - x.at(fromX)))
  }" height="${place(Math.abs(y.at(toY) - y.at(fromY)))}"/>`;
}

/** The area under a line, down to the bottom of the plot or to a level. */
export function under(plot: Plot, points: readonly Point[], level = plot.y.low): Markup {
  const { x, y } = plot;
  const closed = [[points[0]![0], level], ...points, [points.at(-1)![0], level]] as const;
  const path = lineThrough(closed.map(([px, py]) => [x.at(px!), y.at(py!)]));
  return markup`<path class="under" d="${path}Z"/>`;
}

/** Where a label stands, seen from its point. */
export type Side = "right" | "left" | "above" | "below";

/** Words at a point of a plot. */
export function label(
  { x, y }: Plot,
  [px, py]: Point,
  words: Part,
  manner: Manner,
  side: Side = "right",
): Markup {
  const [dx, dy, anchor] = {
    right: [7, 4, ""],
    left: [-7, 4, " end"],
    above: [0, -8, " middle"],
    below: [0, 17, " middle"],
  }[side] as [number, number, string];
  return markup`<text class="${manner}-text${anchor}" x="${place(x.at(px) + dx)}" y="${
    place(y.at(py) + dy)
  }">${words}</text>`;
}

/** Numbers from one to another, both included. */
export function spread(from: number, to: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + (to - from) * i / (count - 1));
}
