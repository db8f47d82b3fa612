/**
 * Numbers as places in a picture: scales, their ticks, and numbers as they stand beside marks.
 *
 * @module
 */

// @ts-types="@types/d3-scale"
import { type ScaleLinear, scaleLinear } from "d3-scale";
import { show } from "../../../spec/numerics/number_text.ts";

/** From a number to its place in pixels; what is no number has the place NaN. */
export type Scale = ScaleLinear<number, number, number>;

/** Two ends; the first may be the greater one. */
export type Range = readonly [from: number, to: number];

/** A number of an axis and how it is written. */
export type Tick = readonly [value: number, text: string];

/** A scale from numbers to pixels; a range of no width is widened. */
export function scaleOf([from, to]: Range, pixels: Range): Scale {
  const size = Math.max(Math.abs(from), Math.abs(to));
  // Below this width numbers cannot be told apart, and ticks have no step.
  const spare = Math.abs(to - from) > 1e-12 * size + 1e-300 ? 0 : 0.5 * size || 1;
  return scaleLinear().domain([from - spare, to + spare]).range(pixels).unknown(NaN);
}

/** The least and the greatest of the values that are finite; 0 to 1 where there are none. */
export function extentOf(values: readonly number[]): Range {
  const finite = values.filter(Number.isFinite);
  return finite.length === 0 ? [0, 1] : [Math.min(...finite), Math.max(...finite)];
}

/** A range with some of its width added at both ends. */
export function widened([low, high]: Range, share: number): Range {
  const spare = share * (high - low || Math.abs(low) || 1);
  return [low - spare, high + spare];
}

/** The number of a range that is nearest to a number. */
export function clampedTo([from, to]: Range, value: number): number {
  return Math.min(Math.max(value, Math.min(from, to)), Math.max(from, to));
}

/** Whether a number lies in a range. */
export function isWithin(range: Range, value: number): boolean {
  return clampedTo(range, value) === value;
}

/** Numbers from one to another, both included. */
export function spread([from, to]: Range, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + (to - from) * i / (count - 1));
}

/**
 * Round numbers of a scale with as many digits as tell them apart: the most that are clear of each
 * other.
 *
 * @param most about how many at most
 * @param clear whether the labels of some ticks stand clear of each other
 */
export function ticksOf(
  scale: Scale,
  most: number,
  clear: (ticks: readonly Tick[]) => boolean = () => true,
): readonly Tick[] {
  const [from, to] = scale.domain();
  if (!Number.isFinite(to! - from!)) return [];
  for (let count = Math.floor(most); count > 0; count--) {
    const values = scale.ticks(count);
    const write = writerOf(scale, count, values);
    const ticks = values.map((value): Tick => [value, write(value)]);
    if (ticks.length <= most + 1 && clear(ticks)) return ticks;
  }
  return [];
}

function writerOf(scale: Scale, count: number, [first = 0, second = 0]: readonly number[]) {
  const size = Math.max(...scale.domain().map(Math.abs));
  const powers = size >= 1e5 || Math.abs(second - first) < 1e-4;
  const write = scale.tickFormat(count, powers ? "~e" : "~f");
  return (value: number) => value === 0 ? "0" : write(value).replace("e+", "e").replace("-", "−");
}

/** A number beside a mark or in the words about a picture: short, with a true minus. */
export function markText(value: number, digits = 4): string {
  return show(value, digits).replace("Infinity", "∞").replace("e+", "e").replaceAll("-", "−");
}
