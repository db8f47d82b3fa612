/**
 * Means of a sampler's own draws that are not 0, as two calls of the same problem show them.
 *
 * @module
 */

import type { NamedDefectReport } from "../../report/report.ts";
import type { Expected } from "./expected_noise.ts";
import type { NoiseFit } from "./noise_fit.ts";
import {
  addDraw,
  added,
  beyond,
  type Estimate,
  hasShape,
  isOne,
  lawsOfNoise,
  meanOf,
  noSums,
  shownEstimate,
  sizeOf,
  type Sums,
  usual,
} from "./noise_statistics.ts";
import { flatLanes } from "./own_noise_runs.ts";

/** Normal draws about means of their own. */
export interface Leaning {
  /** The mean, or that there are several, as it stands in the measured rule. */
  readonly text: string;
  /** What a name says of the means. */
  readonly words: string;
  /** The deviation of the draws from them. */
  readonly size: Estimate;
}

/** The draws of a step on an axis. */
interface Column {
  readonly step: number;
  readonly axis: number;
  readonly sums: Sums;
}

const isZero = ({ value, error }: Estimate) => Math.abs(value) <= error * beyond / usual;

/** The means of draws that are normal but for them; nothing if they have none. */
export function leaningIn(fit: NoiseFit, [expected]: readonly Expected[]): Leaning | undefined {
  if (!fit.leans) return undefined;
  const [one, other] = fit.runs.flatMap((run) => [run, ...run.again ?? []]);
  const columns: Column[] = [], between = noSums();
  for (const [step, rows] of one!.moves.entries()) {
    for (const axis of flatLanes) {
      const shift = expected!.shift[step]?.[axis] ?? NaN,
        scale = expected!.scale[step]?.[axis] ?? 0;
      if (!(Math.abs(scale) > 1e-9) || one!.walled[step]![axis] || other!.walled[step]![axis]) {
        continue;
      }
      const sums = noSums();
      for (const [r, row] of rows.entries()) {
        const z = (row[axis]! - shift) / scale;
        const w = (other!.moves[step]![r]![axis]! - shift) / scale;
        addDraw(sums, z);
        addDraw(sums, w);
        addDraw(between, (z - w) / Math.SQRT2);
      }
      columns.push({ step, axis, sums });
    }
  }
  const size = sizeOf(between), unit = noSums();
  for (const [step, rows] of one!.moves.entries()) {
    for (const [r, row] of rows.entries()) {
      for (const { axis } of columns.filter((column) => column.step === step)) {
        const off = row[axis]! - other!.moves[step]![r]![axis]!;
        addDraw(unit, off / expected!.scale[step]![axis]! / Math.SQRT2 / size.value);
      }
    }
  }
  if (!hasShape(unit, lawsOfNoise()[0]!)) return undefined;
  const told = toldBy(columns, size.value);
  return { ...told, size };
}

/** So many errors tell that rows have means of their own, where it is known that there are means. */
const rowsApart = 4;

/** The means by the fewest figures that give those of all columns. */
function toldBy(columns: readonly Column[], size: number): Pick<Leaning, "text" | "words"> {
  const several = "means other than 0";
  // Rows that lean each in its own way spread further about the mean of their column.
  const far = rowsApart * Math.sqrt(2 / drawsIn(columns));
  const rowsDiffer = spreadOf(columns) / size ** 2 - 1 > far;
  if (rowsDiffer) return { text: several, words: `${several} that go with the row` };
  const all = meanOf(added(columns.map(({ sums }) => sums)));
  const gives = (means: ReadonlyMap<number, Estimate>, keyOf: (column: Column) => number) =>
    columns.every((column) => {
      const own = meanOf(column.sums), told = means.get(keyOf(column))!;
      return isZero({
        value: own.value - told.value,
        error: Math.hypot(own.error, told.error),
      });
    });
  if (gives(new Map([[0, all]]), () => 0)) {
    const text = shownEstimate(all);
    return { text, words: `a mean of ${text} instead of 0` };
  }
  const kinds = [
    ["on axis", ({ axis }: Column) => axis],
    ["in step", ({ step }: Column) => step],
  ] as const;
  for (const [where, keyOf] of kinds) {
    const keys = [...new Set(columns.map(keyOf))];
    const means = new Map(keys.map((key) =>
      [
        key,
        meanOf(added(columns.filter((column) => keyOf(column) === key).map(({ sums }) => sums))),
      ] as const
    ));
    if (!gives(means, keyOf)) continue;
    const others = [...means].filter(([, mean]) => !isZero(mean));
    const list = others.map(([key, mean]) => `${shownEstimate(mean)} ${where} ${key}`);
    return { text: several, words: `a mean of ${list.join(", ")} instead of 0` };
  }
  return { text: several, words: `${several} that go with the step and the axis` };
}

const drawsIn = (columns: readonly Column[]) =>
  columns.reduce((count, { sums }) => count + sums.count, 0);

/** The mean square about the means of columns. */
function spreadOf(columns: readonly Column[]): number {
  const squares = columns.reduce(
    (total, { sums: { count, sum, squares } }) => total + squares - sum ** 2 / count,
    0,
  );
  return squares / (drawsIn(columns) - columns.length);
}

/** Means as a name, and the size about them if that is wrong, too. */
export function leaningNames(
  { words, size }: Leaning,
  sizeFix: string,
  certain: boolean,
): readonly NamedDefectReport[] {
  const mean = {
    title: `The draws have ${words}`,
    fix: "Draw from the standard normal law, the mean of which is 0.",
  };
  const wrong = isOne(size) ? [] : [{
    title: `The noise is ${shownEstimate(size)} times what it should be, about its mean`,
    fix: sizeFix,
  }];
  return [mean, ...wrong].map((name) => ({ id: null, ...name, certain }));
}
