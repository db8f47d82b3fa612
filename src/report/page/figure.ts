/**
 * A counterexample as a picture: the energy, the box, the reach of a step, the way of the rule and
 * that of the sampler.
 *
 * The rule is drawn solid, with filled circles; the sampler dashed, with open diamonds, so that
 * colour is never the only difference.
 *
 * @module
 */

import { energyAt } from "../../../spec/oracle.ts";
import type { Rows } from "../../../spec/problem.ts";
import { levelsOf, regionBelow } from "./isolines.ts";
import { joined, type Markup, markup, trusted } from "./markup.ts";
import { lineThrough, markText, place, type Scale, scale, ticks, tickText } from "./scale.ts";
import type { Scene } from "./scene.ts";

/** The figure with its legend. */
export function problemFigure(scene: Scene, id: string): Markup {
  const drawing = scene.problem.axes === 2 ? plane(scene, id) : line(scene, id);
  return markup`<figure class="figure">
${drawing.svg}
<figcaption>
<ul class="legend">${joined(legend(scene, drawing))}</ul>
${joined(drawing.notes.map((note) => markup`<p>${note}</p>`))}
</figcaption>
</figure>`;
}

interface Drawing {
  readonly svg: Markup;
  /** What the picture leaves out. */
  readonly notes: readonly string[];
  readonly band: boolean;
  readonly chain: boolean;
  readonly walls: boolean;
}

const width = 440;
const left = 50, right = 14;

function legend(scene: Scene, drawing: Drawing): (Markup | null)[] {
  const item = (drawn: Markup, text: string) =>
    markup`<li><svg viewBox="-10 -7 20 14" aria-hidden="true">${drawn}</svg>${text}</li>`;
  const k = scene.step;
  return [
    item(startMark(0, 0), k === 0 ? "start" : `before step ${k}`),
    item(joined([stroke("expected", [[-10, 0], [10, 0]]), expectedMark(0, 0)]), "the rule"),
    scene.actual === undefined
      ? null
      : item(joined([stroke("actual", [[-10, 0], [10, 0]]), actualMark(0, 0)]), "this sampler"),
    drawing.band
      ? item(trusted(`<rect class="band" x="-9" y="-5" width="18" height="10"/>`), "delta clip")
      : null,
    drawing.walls
      ? item(
        trusted(
          `<rect class="outside" x="0" y="-7" width="10" height="14"/>` +
            `<line class="wall" x1="0" x2="0" y1="-7" y2="7"/>`,
        ),
        "edge of the box",
      )
      : null,
    drawing.chain
      ? item(stroke("expected faint", [[-10, 0], [10, 0]]), "the rule from the start")
      : null,
  ];
}

/** A range of an axis, and what lies outside of it. */
interface Range {
  readonly low: number;
  readonly high: number;
  /** The box, if it is wider. */
  readonly box: string | null;
  /** Where the sampler's step ends, if that is outside. */
  readonly end: string | null;
}

/** The range of an axis that is shown: where something happens, and the box if it is not far. */
function rangeOf(scene: Scene, axis: number): Range {
  const { bounds } = scene.problem.settings;
  const min = bounds.min[axis]!, max = bounds.max[axis]!;
  const from = scene.from[axis]!, limit = scene.limits[axis]!;
  const box = max - min;
  const ways = [scene.from, scene.expected, scene.actual, ...scene.ruleChain]
    .flatMap((point) => point?.[axis] ?? []);
  const near = [...ways, ...(scene.samplerChain ?? []).map((point) => point[axis]!)]
    .filter((x) => Number.isFinite(x) && x >= min - 0.75 * box && x <= max + 0.75 * box);
  const moved = extent([...near, from]);
  // A clip or a box that is far away from all that happens would shrink it to a dot.
  const reach = moved.high - moved.low;
  const shown = [...near, from];
  if (limit <= 4 * reach || reach === 0) shown.push(from - limit, from + limit);
  const happens = extent(shown.filter(Number.isFinite));
  if (box <= 5 * (happens.high - happens.low)) shown.push(min, max);
  const all = extent(shown.filter(Number.isFinite));
  const spare = 0.07 * (all.high - all.low || Math.abs(all.low) || 1);
  const low = all.low - spare, high = all.high + spare;
  const ends = scene.actual?.[axis];
  return {
    low,
    high,
    box: min < low || max > high ? `${markText(min)} to ${markText(max)}` : null,
    end: ends !== undefined && !(ends >= low && ends <= high) ? markText(ends) : null,
  };
}

/** What lies outside of the picture, in words. */
function outsideNotes(
  ranges: readonly { readonly axis: number; readonly range: Range }[],
  axes: number,
): string[] {
  const listed = (which: "box" | "end") =>
    ranges.flatMap(({ axis, range }) =>
      range[which] === null ? [] : [`${range[which]}${axes > 1 ? ` on axis ${axis}` : ""}`]
    ).join(", ");
  const box = listed("box"), end = listed("end");
  return [
    ...(box === "" ? [] : [`The box is wider than the picture: ${box}.`]),
    ...(end === "" ? [] : [`This sampler’s step ends outside of the picture, at ${end}.`]),
  ];
}

function extent(values: readonly number[]): { low: number; high: number } {
  return { low: Math.min(...values), high: Math.max(...values) };
}

/** One axis: the energy along it, and below it the steps, one after the other. */
function line(scene: Scene, id: string): Drawing {
  const { axis, problem, step } = scene;
  const range = rangeOf(scene, axis);
  const { low, high } = range;
  const x = scale(low, high, left, width - right);
  const top = 14;
  const at = (action: number) =>
    energyAt(problem, 0, scene.from.map((value, i) => i === axis ? action : value));
  const samples = Array.from({ length: 161 }, (_, i) => {
    const action = x.low + i / 160 * (x.high - x.low);
    return [action, at(action)] as const;
  });
  const values = samples.map(([, value]) => value).filter(Number.isFinite);
  const known = values.length > 0 ? extent(values) : { low: 0, high: 1 };
  // A flat energy needs no room.
  const middle = known.high > known.low ? 186 : 84;
  const room = 0.12 * (known.high - known.low);
  const y = scale(known.low - room, known.high + room, middle, top);
  // The steps around the one that is looked at.
  const first = Math.max(0, step - 4), last = Math.min(problem.settings.steps, step + 3);
  const rowHeight = last - first > 3 ? 24 : 36;
  const stepTop = middle + 44;
  const rowOf = (k: number) => stepTop + (k - first) * rowHeight;
  const bottom = rowOf(last) + (last === step + 1 ? 32 : 16);
  const height = bottom + 52;
  const { min, max } = {
    min: problem.settings.bounds.min[axis]!,
    max: problem.settings.bounds.max[axis]!,
  };
  const walls = [min, max].filter((wall) => wall >= x.low && wall <= x.high);
  const from = scene.from[axis]!, expected = scene.expected[axis]!, actual = scene.actual?.[axis];
  const limit = scene.limits[axis]!;
  const within = (value: number | undefined): value is number =>
    value !== undefined && value >= x.low && value <= x.high;
  const bandLeft = x.at(Math.max(from - limit, x.low)),
    bandRight = x.at(Math.min(from + limit, x.high));
  const band = (from - limit > x.low || from + limit < x.high) && limit > 0;
  const way = (chain: Rows) =>
    chain.slice(first, last + 1).map((point, i): [number, number] => [
      clamped(x, point[axis]!),
      rowOf(first + i),
    ]);
  const chainDiffers = first < last &&
    scene.ruleChain.slice(first, last + 1).some((point, i) =>
      first + i <= step &&
      Math.abs(point[axis]! - (scene.samplerChain ?? scene.ruleChain)[first + i]![axis]!) > 1e-6
    );
  const energyMarks = joined([
    within(from) ? startMark(x.at(from), y.at(at(from))) : null,
    within(actual) ? actualMark(x.at(actual), y.at(at(actual))) : null,
    within(expected) ? expectedMark(x.at(expected), y.at(at(expected))) : null,
  ]);
  const arrival = rowOf(step + 1);
  const parts: (Markup | null)[] = [
    outside(x, min, max, top, bottom),
    band
      ? trusted(
        `<rect class="band" x="${place(bandLeft)}" y="${top}" width="${
          place(bandRight - bandLeft)
        }" height="${middle - top}"/>` +
          `<rect class="band" x="${place(bandLeft)}" y="${place(rowOf(step))}" width="${
            place(bandRight - bandLeft)
          }" height="${rowHeight}"/>`,
      )
      : null,
    trusted(
      `<path class="energy" d="${lineThrough(samples.map(([a, v]) => [x.at(a), y.at(v)]))}"/>`,
    ),
    ...walls.map((wall) =>
      trusted(
        `<line class="wall" x1="${place(x.at(wall))}" x2="${place(x.at(wall))}" y1="${top}" y2="${
          place(bottom)
        }"/>`,
      )
    ),
    energyMarks,
    ...Array.from(
      { length: last - first + 1 },
      (_, i) =>
        trusted(
          `<line class="rung" x1="${left}" x2="${width - right}" y1="${
            place(rowOf(first + i))
          }" y2="${place(rowOf(first + i))}"/>` +
            text(left - 8, rowOf(first + i) + 4, String(first + i), "end"),
        ),
    ),
    chainDiffers ? stroke("expected faint", way(scene.ruleChain)) : null,
    scene.samplerChain ? stroke("actual", way(scene.samplerChain)) : null,
    !scene.samplerChain && actual !== undefined
      ? stroke("actual", [[clamped(x, from), rowOf(step)], [clamped(x, actual), arrival]])
      : null,
    stroke("expected", [[clamped(x, from), rowOf(step)], [clamped(x, expected), arrival]]),
    ...(scene.samplerChain ?? []).slice(first, last + 1).map((point, i) =>
      first + i !== step + 1 && first + i !== step && within(point[axis])
        ? trusted(`<g class="past">${actualMark(x.at(point[axis]!), rowOf(first + i)).markup}</g>`)
        : null
    ),
    startMark(clamped(x, from), rowOf(step)),
    within(actual) ? actualMark(x.at(actual), arrival) : null,
    within(expected) ? expectedMark(x.at(expected), arrival) : null,
    trusted(
      text(left - 8, top + 10, "E", "end", "name") +
        text(8, stepTop - 14, "steps taken", "start", "name"),
    ),
    arrivals(x, arrival, [
      { side: "expected", value: expected },
      ...(actual === undefined ? [] : [{ side: "actual" as const, value: actual }]),
    ], last === step + 1),
    horizontalTicks(x, bottom, problem.axes > 1 ? `axis ${axis}` : "action"),
  ];
  const sliced = problem.axes > 1
    ? [`The energy is that along axis ${axis}, the other ${problem.axes - 1} held where they were.`]
    : [];
  return {
    svg: svg(id, height, titleOf(scene), description(scene), parts),
    notes: [...sliced, ...outsideNotes([{ axis, range }], problem.axes)],
    band,
    chain: chainDiffers,
    walls: walls.length > 0,
  };
}

/** The values at which the step arrives, beneath their marks and clear of each other. */
function arrivals(
  x: Scale,
  y: number,
  marks: readonly { readonly side: "expected" | "actual"; readonly value: number }[],
  below: boolean,
): Markup | null {
  if (!below) return null;
  const labels = marks.filter(({ value }) => Number.isFinite(value))
    .map(({ side, value }) => ({ side, text: markText(value), at: clamped(x, value) }))
    .sort((a, b) => a.at - b.at);
  const half = (label: { text: string }) => 3.6 * label.text.length;
  const [first, second] = labels;
  if (first && second && second.at - half(second) < first.at + half(first) + 8) {
    const lack = first.at + half(first) + 8 - (second.at - half(second));
    first.at -= lack / 2;
    second.at += lack / 2;
  }
  return joined(labels.map((label) => {
    const at = Math.min(Math.max(label.at, left + half(label)), width - right - half(label));
    return trusted(text(at, y + 20, label.text, "middle", `value ${label.side}`));
  }));
}

/** Two axes: the energy as contours. */
function plane(scene: Scene, id: string): Drawing {
  const { problem } = scene;
  const across = rangeOf(scene, 0), up = rangeOf(scene, 1);
  const top = 14, bottom = 316, height = bottom + 40;
  const x = scale(across.low, across.high, left, width - right);
  const y = scale(up.low, up.high, bottom, top);
  const cells = 56;
  // One cell more on every side, so that rings are closed out of sight.
  const value = (share: number, s: Scale) =>
    s.low + (share * (cells + 2) - 1) / cells * (s.high - s.low);
  const grid = Array.from(
    { length: cells + 1 },
    (_, j) =>
      Array.from(
        { length: cells + 1 },
        (_, i) => energyAt(problem, 0, [value(i / cells, x), value(j / cells, y)]),
      ),
  );
  const layers = levelsOf(grid, 10).reverse().map((level) => {
    const d = regionBelow(grid, level).map((ring) =>
      `${
        lineThrough(ring.map(([i, j]) => [x.at(value(i / cells, x)), y.at(value(j / cells, y))]))
      }Z`
    ).join("");
    return trusted(`<path class="contour" d="${d}"/>`);
  });
  const { min, max } = problem.settings.bounds;
  const [low0, high0, low1, high1] = [min[0]!, max[0]!, min[1]!, max[1]!];
  const edge = {
    left: clamped(x, low0),
    right: clamped(x, high0),
    top: clamped(y, high1),
    bottom: clamped(y, low1),
  };
  const shade = (x0: number, x1: number, y0: number, y1: number) =>
    x1 - x0 > 0.5 && y1 - y0 > 0.5
      ? `<rect class="outside" x="${place(x0)}" y="${place(y0)}" width="${
        place(x1 - x0)
      }" height="${place(y1 - y0)}"/>`
      : "";
  const end = width - right;
  const [limit0, limit1] = [scene.limits[0]!, scene.limits[1]!];
  const reach = {
    left: clamped(x, scene.from[0]! - limit0),
    right: clamped(x, scene.from[0]! + limit0),
    top: clamped(y, scene.from[1]! + limit1),
    bottom: clamped(y, scene.from[1]! - limit1),
  };
  const band = reach.right - reach.left < end - left || reach.bottom - reach.top < bottom - top;
  const at = (point: readonly number[]): [number, number] => [
    clamped(x, point[0]!),
    clamped(y, point[1]!),
  ];
  const seen = (point: readonly number[] | undefined): point is readonly number[] =>
    point !== undefined && point[0]! >= x.low && point[0]! <= x.high &&
    point[1]! >= y.low && point[1]! <= y.high;
  const chainDiffers = scene.step > 0 && scene.samplerChain !== undefined &&
    scene.ruleChain.slice(0, scene.step + 1).some((point, k) =>
      point.some((v, i) => Math.abs(v - scene.samplerChain![k]![i]!) > 1e-6)
    );
  // Only the edges that lie within the picture.
  const walls = [
    ...[edge.left, edge.right].filter((at) => at > left + 0.5 && at < end - 0.5)
      .map((at) => ({ x1: at, x2: at, y1: edge.top, y2: edge.bottom })),
    ...[edge.top, edge.bottom].filter((at) => at > top + 0.5 && at < bottom - 0.5)
      .map((at) => ({ x1: edge.left, x2: edge.right, y1: at, y2: at })),
  ];
  const past = (scene.samplerChain ?? []).filter((point, k) =>
    k !== scene.step && k !== scene.step + 1 && seen(point)
  );
  const parts: (Markup | null)[] = [
    markup`<clipPath id="${id}-clip"><rect x="${left}" y="${top}" width="${end - left}" height="${
      bottom - top
    }"/></clipPath>`,
    markup`<g clip-path="url(#${id}-clip)">${layers}</g>`,
    trusted(
      shade(left, edge.left, top, bottom) + shade(edge.right, end, top, bottom) +
        shade(edge.left, edge.right, top, edge.top) +
        shade(edge.left, edge.right, edge.bottom, bottom),
    ),
    ...walls.map(({ x1, x2, y1, y2 }) =>
      trusted(
        `<line class="wall" x1="${place(x1)}" x2="${place(x2)}" y1="${place(y1)}" y2="${
          place(y2)
        }"/>`,
      )
    ),
    band
      ? trusted(
        `<rect class="band" x="${place(reach.left)}" y="${place(reach.top)}" width="${
          place(reach.right - reach.left)
        }" height="${place(reach.bottom - reach.top)}"/>`,
      )
      : null,
    chainDiffers ? stroke("expected faint", scene.ruleChain.map(at)) : null,
    scene.samplerChain
      ? stroke("actual", scene.samplerChain.map(at))
      : scene.actual
      ? stroke("actual", [at(scene.from), at(scene.actual)])
      : null,
    stroke("expected", [at(scene.from), at(scene.expected)]),
    ...past.map((point) => trusted(`<g class="past">${actualMark(...at(point)).markup}</g>`)),
    startMark(...at(scene.from)),
    seen(scene.actual) ? actualMark(...at(scene.actual)) : null,
    seen(scene.expected) ? expectedMark(...at(scene.expected)) : null,
    horizontalTicks(x, bottom, "axis 0"),
    trusted(
      ticks(y, 5).map((tick) =>
        `<line class="tick" x1="${left - 5}" x2="${left}" y1="${place(y.at(tick))}" y2="${
          place(y.at(tick))
        }"/>` +
        text(left - 8, y.at(tick) + 4, tickText(tick), "end")
      ).join("") + text(4, top - 2, "axis 1", "start", "name"),
    ),
  ];
  return {
    svg: svg(id, height, titleOf(scene), description(scene), parts),
    notes: [
      ...(layers.length === 0 ? [] : ["The denser the shading, the lower the energy."]),
      ...outsideNotes([{ axis: 0, range: across }, { axis: 1, range: up }], 2),
    ],
    band,
    chain: chainDiffers,
    walls: walls.length > 0,
  };
}

function titleOf({ step, problem: { axes }, axis }: Scene): string {
  return `Step ${step}${
    axes > 1 ? `, axis ${axis}` : ""
  }: where the rule leads, and where this sampler went`;
}

function description(scene: Scene): string {
  const point = (values: readonly number[]) =>
    values.length === 1 ? markText(values[0]!) : `(${values.map(markText).join(", ")})`;
  const parts = [
    `From ${point(scene.from)} the rule leads to ${point(scene.expected)}`,
    ...(scene.actual === undefined ? [] : [`this sampler went to ${point(scene.actual)}`]),
  ];
  const { min, max } = scene.problem.settings.bounds;
  return `${parts.join("; ")}. The delta clip allows ${
    scene.limits.map(markText).join(", ")
  } on each side; the box is ${
    min.map((low, i) => `${markText(low)} to ${markText(max[i]!)}`).join(" by ")
  }.`;
}

/** A drawing with a name and a description for those who do not see it. */
export function svg(
  id: string,
  height: number,
  title: string,
  description: string,
  parts: readonly (Markup | null)[],
): Markup {
  return markup`<svg class="plot" viewBox="0 0 ${width} ${
    place(height)
  }" role="img" aria-labelledby="${id}-title ${id}-desc">
<title id="${id}-title">${title}</title>
<desc id="${id}-desc">${description}</desc>
${joined(parts, "\n")}
</svg>`;
}

/** A text in a drawing; digits and words of our own only. */
export function text(
  x: number,
  y: number,
  words: string,
  anchor: "start" | "middle" | "end",
  kind = "",
): string {
  return markup`<text${trusted(kind === "" ? "" : ` class="${kind}"`)} x="${place(x)}" y="${
    place(y)
  }" text-anchor="${anchor}">${words}</text>`.markup;
}

/** The ticks of a horizontal axis, with its name at the right. */
export function horizontalTicks(x: Scale, y: number, name: string): Markup {
  return trusted(
    `<line class="axis" x1="${left}" x2="${width - right}" y1="${place(y)}" y2="${place(y)}"/>` +
      ticks(x, 6).map((tick) =>
        `<line class="tick" x1="${place(x.at(tick))}" x2="${place(x.at(tick))}" y1="${
          place(y)
        }" y2="${place(y + 5)}"/>` + text(x.at(tick), y + 19, tickText(tick), "middle")
      ).join("") + text(width - right, y + 35, name, "end", "name"),
  );
}

function clamped(s: Scale, value: number): number {
  return s.at(Math.min(Math.max(value, s.low), s.high));
}

function outside(x: Scale, min: number, max: number, top: number, bottom: number): Markup {
  const shade = (from: number, to: number) =>
    to - from > 0.5
      ? `<rect class="outside" x="${place(from)}" y="${top}" width="${place(to - from)}" height="${
        place(bottom - top)
      }"/>`
      : "";
  return trusted(shade(left, clamped(x, min)) + shade(clamped(x, max), width - right));
}

function stroke(kind: string, points: readonly (readonly [number, number])[]): Markup {
  return trusted(`<path class="way ${kind}" d="${lineThrough(points)}"/>`);
}

/** The mark of a point, if it lies anywhere. */
function mark(x: number, y: number, text: string): Markup {
  return trusted(Number.isFinite(x) && Number.isFinite(y) ? text : "");
}

function startMark(x: number, y: number): Markup {
  return mark(x, y, `<circle class="mark from" cx="${place(x)}" cy="${place(y)}" r="3.2"/>`);
}

/** The mark of what the rule gives: a filled circle. */
export function expectedMark(x: number, y: number, radius = 4.6): Markup {
  return mark(
    x,
    y,
    `<circle class="mark expected" cx="${place(x)}" cy="${place(y)}" r="${radius}"/>`,
  );
}

/** The mark of what the sampler gave: an open diamond. */
export function actualMark(x: number, y: number, radius = 6): Markup {
  const r = radius;
  return mark(
    x,
    y,
    `<path class="mark actual" d="M${place(x)} ${
      place(y - r)
    }l${r} ${r}l-${r} ${r}l-${r} -${r}Z"/>`,
  );
}

/** The frame that all drawings share. */
export const frame = { width, left, right } as const;
