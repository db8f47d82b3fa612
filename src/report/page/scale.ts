/**
 * From numbers to places in a figure.
 *
 * @module
 */

/** A range of numbers that is spread over a range of places. */
export interface Scale {
  /** The least number that is shown. */
  readonly low: number;
  /** The greatest number that is shown. */
  readonly high: number;
  /** The place of a number. */
  at(value: number): number;
}

/** A scale; a range of no width is widened. */
export function scale(low: number, high: number, from: number, to: number): Scale {
  const spare = high > low ? 0 : 0.5 * Math.abs(low) || 1;
  const [least, greatest] = [low - spare, high + spare];
  const slope = (to - from) / (greatest - least);
  return { low: least, high: greatest, at: (value) => from + (value - least) * slope };
}

/** Round numbers within a scale, at most about `count`. */
export function ticks({ low, high }: Pick<Scale, "low" | "high">, count: number): number[] {
  const rough = (high - low) / Math.max(1, count);
  if (!(rough > 0) || !Number.isFinite(rough)) return [];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough * 0.999)!;
  const first = Math.ceil(low / step - 1e-9), last = Math.floor(high / step + 1e-9);
  return Array.from(
    { length: Math.max(0, last - first + 1) },
    (_, i) => Number(((first + i) * step).toPrecision(12)) + 0,
  );
}

/** A number beside a mark: four digits, a true minus. */
export function markText(value: number): string {
  return written(value, 4);
}

/** A number beside a tick: as many digits as tell it from the next one. */
export function tickText(value: number): string {
  return written(value, 8);
}

function written(value: number, digits: number): string {
  if (!Number.isFinite(value)) return String(value);
  const short = Number(value.toPrecision(digits));
  const size = Math.abs(short);
  const text = short !== 0 && (size >= 1e5 || size < 1e-4)
    ? short.toExponential().replace("e+", "e")
    : String(short);
  return text.replaceAll("-", "−");
}

/** A coordinate in the text of a drawing. */
export function place(value: number): string {
  return String(Math.round(value * 10) / 10 + 0);
}

/** Points as the data of a path; what is no number breaks the line. */
export function lineThrough(points: readonly (readonly [number, number])[]): string {
  let pen = "M";
  return points.map(([x, y]) => {
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      pen = "M";
      return "";
    }
    const part = `${pen}${place(x)} ${place(y)}`;
    pen = "L";
    return part;
  }).join("");
}
