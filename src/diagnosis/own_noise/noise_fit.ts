/**
 * What gives the noise that a sampler draws by itself: a size, a law of single draws and a sharing of
 * draws, each the rule's or a known defect's.
 *
 * @module
 */

import { officialRule, type Rule } from "../../../spec/rule.ts";
import { type Change, compatible, type Defect, defects, ruleUnder } from "../../defects/defects.ts";
import { hasMeaning } from "../../defects/meaning.ts";
import type { Rows } from "../../../spec/problem.ts";
import { type NoiseSharing, sharedNoise } from "../../defects/noise_laws.ts";
import { type Expected, expectedIn, movementsWith } from "./expected_noise.ts";
import {
  addDraw,
  added,
  areIndependent,
  type Estimate,
  goesWithSharing,
  hasMoments,
  hasShape,
  inUnits,
  isDependent,
  isNearSquare,
  isOne,
  type LawMoments,
  lawsOfNoise,
  noSums,
  pairings,
  pairingWords,
  sizeOf,
  type Sums,
} from "./noise_statistics.ts";
import {
  correlationsIn,
  firstStepOf,
  flatLanes,
  haveMeans,
  type OwnRun,
  type Variation,
} from "./own_noise_runs.ts";
import { type SizeForm, sizeForms } from "./own_noise_forms.ts";

/** What the size of the noise is multiplied by, beside what it should be. */
interface Factor {
  /** Runs × steps × axes. */
  readonly times: Times;
}

/** A formula as such a factor. */
export interface FormFactor extends Factor {
  readonly form: SizeForm;
}

/** A known defect or a formula as such a factor. */
export interface SizeFactor extends Factor {
  readonly defect: Defect | undefined;
  /** What gives a known defect but for a number; absent if nothing does. */
  readonly like: FormFactor | undefined;
}

type Times = readonly (readonly (readonly number[])[])[];

/** What gives noise: up to two factors of its size and a number, a law and a sharing of draws. */
export interface NoiseHypothesis {
  readonly factors: readonly SizeFactor[];
  readonly law: LawMoments;
  readonly sharing: Defect | undefined;
  /** The number that the size is multiplied by, beside all factors. */
  readonly number: Estimate;
  /** Whether that is 1. */
  readonly isPlain: boolean;
}

/** How many things a hypothesis says are wrong. */
function partsIn({ factors, law, sharing, isPlain }: NoiseHypothesis): number {
  return factors.length + Number(law.law !== null) + Number(sharing !== undefined) +
    Number(!isPlain);
}

/** The defects of a hypothesis. */
export function defectsIn({ factors, law, sharing }: NoiseHypothesis): readonly Defect[] {
  const ofLaw = lawDefects.find(({ change }) => change.noiseLaw === law.law);
  return [...factors.map(({ defect }) => defect), ofLaw, sharing].filter((d) => d !== undefined);
}

/** Whether all that a hypothesis is made from is known: no number, and no formula. */
export function isKnown({ factors, isPlain }: NoiseHypothesis): boolean {
  return isPlain && factors.every(({ defect }) => defect !== undefined);
}

/** The draws of one step on one axis, in units of what is expected. */
interface Cell {
  readonly run: number;
  readonly step: number;
  readonly axis: number;
  readonly sums: Sums;
}

/** A draw in units of what is expected, and where it was made. */
export interface SeenDraw {
  readonly run: number;
  /** The call of the run. */
  readonly call: number;
  readonly step: number;
  readonly axis: number;
  readonly row: number;
  readonly rows: number;
  readonly samples: number;
  readonly z: number;
}

const sizeDefects = defects.filter(({ factor }) => factor === "noise");
const lawDefects = defects.filter(({ factor }) => factor === "noise-law");
/** Things that are wrong with noise at once, at most. */
const mostParts = 3;

const sharingDefects = defects.filter(({ change }) => change.noiseSharing !== undefined);

/** Fits hypotheses to runs of one target. */
export class NoiseFit {
  readonly #expected = new Map<string, readonly Expected[]>();
  readonly #cells = new Map<NoiseSharing | undefined, readonly Cell[] | undefined>();
  #factors: readonly SizeFactor[] | undefined;
  readonly #sharings: readonly (Defect | undefined)[];
  /** The rule that the target is judged by. */
  readonly rule: Rule;
  /** The runs, as far as their noise can be told from all else. */
  readonly runs: readonly OwnRun[];
  /** Whether something moves flat lanes without noise that is not known. */
  readonly freed: boolean;

  /** Whether draws have means other than 0. */
  readonly leans: boolean;
  /** Those in which one thing is another one than in the first. */
  readonly varied: readonly Variation[];
  readonly #plain: readonly OwnRun[];
  readonly #wide: readonly OwnRun[];

  /**
   * @param runs of the target
   * @param base what is known to be wrong beside the noise
   * @param varied runs in which one thing is another one than in the first
   * @param repeats whether every run has the same draws: they count once
   * @param wide more of the first runs, of more rows: some ways to share are one with few
   */
  constructor(
    runs: readonly OwnRun[],
    readonly base: readonly Change[],
    varied: readonly Variation[] = [],
    readonly repeats: boolean = false,
    wide: readonly OwnRun[] = [],
  ) {
    this.rule = runs[0]!.problem.rule ?? officialRule;
    const rule = ruleUnder(this.rule, ...base);
    // A drift that depends on the action is another one in every row: all begin at the same point.
    const wanders =
      base.some((change) =>
        Object.values(change).some((part) => typeof part === "string" && /\ba\b/.test(part))
      ) && base.every(({ result, clippedStep }) =>
        result === undefined && clippedStep === undefined
      );
    const known = runs.map((run) => !wanders && !drifts(run, movementsWith(rule, run, () => 0)));
    this.freed = known.includes(false);
    this.#plain = runs.map((run, j) => known[j] ? run : firstStepOf(run));
    this.#wide = this.freed ? [] : wide;
    // What moves lanes without noise was seen in the plain runs alone.
    this.varied = this.freed ? varied.filter(({ run }) => run.freed) : varied;
    this.runs = [...this.#plain, ...this.varied.map(({ run }) => run)];
    this.leans = !repeats && haveMeans(this.#plain);
    this.#sharings = this.#possibleSharings();
  }

  /** Sharings of draws that go with the correlations that were seen; `undefined` for none. */
  #possibleSharings(): readonly (Defect | undefined)[] {
    const counted = this.repeats ? this.#plain.slice(0, 1) : this.#plain;
    if (areIndependent(correlationsIn(counted)) || this.leans) return [undefined];
    return sharingDefects.filter(({ change: { noiseSharing } }) =>
      noiseSharing !== undefined && goesWith(this.#plain, noiseSharing, counted) &&
      (this.#wide.length === 0 || goesWith(this.#wide, noiseSharing))
    );
  }

  /** Whether draws are independent as far as can be told. */
  get independent(): boolean {
    return this.#sharings.includes(undefined);
  }

  /** How draws are shared, if that is known: some are independent then. */
  get sharing(): Defect | undefined {
    return this.#sharings[0];
  }

  /** All ways in which draws may be shared; `undefined` for none. */
  get sharings(): readonly (Defect | undefined)[] {
    return this.#sharings;
  }

  /** Which draws depend on each other, in words. */
  get dependence(): string {
    const found = correlationsIn(this.#plain);
    const dependent = pairings.filter((name) => isDependent(found[name]));
    // Rows that have the draws of others, a step later, seem to depend in other ways, too.
    const shifted = dependent.filter((name) =>
      name.endsWith("row before") && Math.abs(found[name].value) > 0.9
    );
    const words = (shifted.length > 0 ? shifted : dependent).map((name) => pairingWords[name]);
    return words.length === 0 ? "as far as can be told" : words.join(", ");
  }

  /** All factors that the size of the noise may have: known ones, and formulas that are no known one. */
  get factors(): readonly SizeFactor[] {
    return this.#factors ??= this.#allFactors();
  }

  #allFactors(): readonly SizeFactor[] {
    const plain = this.expectedOf([]);
    const timesOf = (expected: readonly Expected[]): Times =>
      expected.map(({ scale }, run) =>
        scale.map((row, k) => row.map((size, i) => size / plain[run]!.scale[k]![i]!))
      );
    const forms = sizeForms.map((form): FormFactor => ({
      form,
      times: this.runs.map(({ problem }, run) =>
        plain[run]!.scale.map((row, k) =>
          row.map((size, i) =>
            form.of(problem, { k, i, eta: Math.abs(size) / problem.settings.noiseScale })
          )
        )
      ),
    }));
    const known = sizeDefects.filter((defect) =>
      hasMeaning(defect, this.rule) &&
      this.base.every((one) => compatible(one, defect.change))
    ).map((defect) => {
      const times = timesOf(this.expectedOf([defect.change]));
      return {
        defect,
        like: forms.find((form) => ratioOf(times, form.times) !== undefined),
        times,
      };
    });
    const others = forms.filter(({ times }) =>
      ratioOf(times) === undefined && !known.some((one) => ratioOf(one.times, times) === 1)
    );
    return [
      ...known,
      ...others.map((like) => ({ defect: undefined, like, times: like.times })),
    ];
  }

  /**
   * The simplest hypotheses within whose law everything lies that was seen: those of known defects
   * alone, if there are some among them.
   */
  explain(): readonly NoiseHypothesis[] {
    const known = () => this.factors.filter(({ defect }) => defect !== undefined);
    const stages: readonly (() => readonly (readonly SizeFactor[])[])[] = [
      () => [[]],
      () => this.factors.map((one) => [one]),
      () => known().flatMap((one, at) => this.factors.slice(at + 1).map((other) => [one, other])),
    ];
    let found: readonly NoiseHypothesis[] = [];
    for (const [size, sets] of stages.entries()) {
      // What has more factors is no simpler.
      if (found.some((one) => partsIn(one) < size)) break;
      found = this.#simplest([...found, ...sets().flatMap((factors) => this.#fitting(factors))]);
    }
    const told = found.filter(isKnown);
    return told.length > 0 ? told : found;
  }

  /** Hypotheses with some factors whose sizes are what was seen. */
  #fitting(factors: readonly SizeFactor[]): readonly NoiseHypothesis[] {
    return this.#sharings.flatMap((sharing) => {
      const sums = this.commonFactor(factors, sharing);
      if (sums?.count === 0) {
        const number = { value: 1, error: 0 };
        return [{ factors, sharing, law: lawsOfNoise()[0]!, number, isPlain: true }];
      }
      return sums === undefined ? [] : lawsOfNoise().map((law) => {
        const { value, error } = sizeOf(sums), unit = Math.sqrt(law.square);
        const number = { value: value / unit, error: error / unit };
        return { factors, sharing, law, number, isPlain: isOne(number) };
      });
    });
  }

  /** Those with the fewest parts within whose law everything lies. */
  #simplest(all: readonly NoiseHypothesis[]): readonly NoiseHypothesis[] {
    const found: NoiseHypothesis[] = [];
    for (const one of all.toSorted((a, b) => partsIn(a) - partsIn(b))) {
      if (partsIn(one) > (found[0] === undefined ? mostParts : partsIn(found[0]))) break;
      if (this.#holds(one)) found.push(one);
    }
    return found;
  }

  /** What a hypothesis expects. */
  expectedUnder({ factors, isPlain, number }: NoiseHypothesis): readonly Expected[] {
    return this.#times(factors, isPlain ? 1 : number.value);
  }

  /** What is expected with a factor of the size; nothing if something moves that should not. */
  expectedWith(factor: SizeFactor): readonly Expected[] | undefined {
    const allows = this.cells()?.every(({ run, step, axis, sums }) =>
      factor.times[run]![step]![axis] !== 0 || sums.squares < 1e-9 * sums.count
    );
    return allows ? this.#times([factor], 1) : undefined;
  }

  #times(factors: readonly SizeFactor[], number: number): readonly Expected[] {
    const plain = this.expectedOf([]);
    if (factors.length === 0 && number === 1) return plain;
    return plain.map(({ shift, scale }, run) => ({
      shift,
      scale: scale.map((row, k) =>
        row.map((size, i) =>
          factors.reduce((product, { times }) => product * times[run]![k]![i]!, number * size)
        )
      ),
    }));
  }

  /** What the rule with some changes makes of draws in every run. */
  expectedOf(changes: readonly Change[]): readonly Expected[] {
    const key = JSON.stringify(changes);
    let known = this.#expected.get(key);
    if (!known) {
      const rule = ruleUnder(this.rule, ...this.base, ...changes);
      known = this.runs.map((run) => {
        const expected = expectedIn(rule, run);
        return this.freed || run.freed
          ? { ...expected, shift: expected.shift.map((row) => row.map(() => 0)) }
          : expected;
      });
      this.#expected.set(key, known);
    }
    return known;
  }

  /** Whether what was seen lies within the law of a hypothesis. */
  #holds(hypothesis: NoiseHypothesis): boolean {
    const { sharing, law } = hypothesis;
    const cells = this.#cellsOf(this.expectedUnder(hypothesis), sharing?.change.noiseSharing);
    if (cells === undefined) return false;
    return hasShape(added(this.#once(cells).map(({ sums }) => sums)), law) &&
      this.#groupsOf(cells).every((group) => hasMoments(group, law));
  }

  /** The draws of all cells, of each, of each run and of each axis. */
  #groupsOf(cells: readonly Cell[]): readonly Sums[] {
    const once = this.#once(cells);
    return [
      once,
      ...cells.map((cell) => [cell]),
      ...this.runs.map((_, run) => cells.filter((cell) => cell.run === run)),
      ...flatLanes.map((axis) => once.filter((cell) => cell.axis === axis)),
    ].filter(({ length }) => length > 0).map((group) => added(group.map(({ sums }) => sums)));
  }

  /** The cells whose draws are no others' again. */
  #once(cells: readonly Cell[]): readonly Cell[] {
    return this.repeats ? cells.filter(({ run }) => run === 0) : cells;
  }

  /** Independent draws in units of what the rule expects; nothing if something moves that should not. */
  cells(sharing = this.sharing): readonly Cell[] | undefined {
    const way = sharing?.change.noiseSharing;
    if (!this.#cells.has(way)) this.#cells.set(way, this.#cellsOf(this.expectedOf([]), way));
    return this.#cells.get(way);
  }

  /** Every independent draw that was seen, in units of what is expected. */
  draws(expected: readonly Expected[]): readonly SeenDraw[] {
    const way = this.sharing?.change.noiseSharing;
    return this.runs.flatMap((run, j) =>
      [run, ...run.again ?? []].flatMap(({ moves, walled, problem: { samples } }, call) =>
        moves.flatMap((rows, step) =>
          flatLanes.flatMap((axis) => {
            const shift = expected[j]!.shift[step]?.[axis] ?? NaN;
            const scale = expected[j]!.scale[step]?.[axis] ?? NaN;
            if (walled[step]![axis] || !(Math.abs(scale) > 1e-9) || !isOwn(way, step, axis)) {
              return [];
            }
            const of = { run: j, call, step, axis, rows: rows.length, samples };
            return rows.flatMap((moved, row) =>
              isOwnRow(way, row, rows.length, samples)
                ? [{ ...of, row, z: (moved[axis]! - shift) / scale }]
                : []
            );
          })
        )
      )
    );
  }

  #cellsOf(
    expected: readonly Expected[],
    sharing: NoiseSharing | undefined,
  ): readonly Cell[] | undefined {
    const found: Cell[] = [];
    const returnsOther = this.base.some(({ returns }) => returns !== undefined);
    for (const [j, run] of this.runs.entries()) {
      const calls = [run, ...run.again ?? []];
      for (const step of run.moves.keys()) {
        // What is returned is another point than the last.
        if (returnsOther && !run.sure && step === run.moves.length - 1) continue;
        for (const axis of flatLanes) {
          if (!isOwn(sharing, step, axis)) continue;
          const shift = expected[j]!.shift[step]?.[axis], scale = expected[j]!.scale[step]?.[axis];
          if (shift === undefined || scale === undefined) return undefined;
          const still = Math.abs(scale) < 1e-9, sums = noSums();
          for (const { moves, walled, problem: { samples } } of calls) {
            const rows = moves[step] ?? [];
            if (walled[step]?.[axis]) continue;
            for (const [r, row] of rows.entries()) {
              if (!isOwnRow(sharing, r, rows.length, samples)) continue;
              const moved = row[axis]! - shift;
              if (!still) addDraw(sums, moved / scale);
              else if (Math.abs(moved) > 1e-5) return undefined;
            }
          }
          if (!still && sums.count > 0) found.push({ run: j, step, axis, sums });
        }
      }
    }
    return found;
  }

  /**
   * A factor that is the same in every cell, in units of what is expected; of no draws where nothing
   * is expected, and nothing moves.
   *
   * @param factors what is expected is so much larger
   */
  commonFactor(
    factors: readonly Factor[] = [],
    sharing = this.sharing,
  ): Sums | undefined {
    if (sharing === undefined && !this.independent) return undefined;
    const all = this.cells(sharing) ?? [];
    const units = all.map(({ run, step, axis }) =>
      factors.reduce((unit, { times }) => unit * times[run]![step]![axis]!, 1)
    );
    const square = squareIn(all, units), fourth = fourthIn(all, units);
    const spread = Math.max(0, fourth - square ** 2);
    const isNear = (sums: Sums, unit = 1) =>
      isNearSquare(sums, square * unit ** 2, spread * unit ** 4, 1e-5 * square * unit ** 2);
    const isNone = all.length > 0 && units.every(isStill);
    const fits = (isNone || square > 1e-12) &&
      all.every(({ sums }, j) =>
        isStill(units[j]!) ? sums.squares <= 1e-9 * sums.count : isNear(sums, units[j])
      );
    if (!fits) return undefined;
    const cells = all.flatMap((cell, j) =>
      isStill(units[j]!) ? [] : [{ ...cell, sums: inUnits(cell.sums, units[j]!) }]
    );
    return this.#groupsOf(cells).every((sums) => isNear(sums))
      ? added(this.#once(cells).map(({ sums }) => sums))
      : undefined;
  }

  /** How far the sizes of cells are from one another with a factor. */
  spreadWith({ times }: Factor): number {
    const cells = this.cells() ?? [];
    const units = cells.map(({ run, step, axis }) => times[run]![step]![axis]!);
    const square = squareIn(cells, units);
    return cells.reduce(
      (sum, { sums: { squares, count } }, j) =>
        isStill(units[j]!) ? sum : sum + (squares / count / units[j]! ** 2 / square - 1) ** 2,
      0,
    );
  }
}

const isStill = (unit: number) => Math.abs(unit) < 1e-9;

function meanOver(
  cells: readonly Cell[],
  units: readonly number[],
  of: (sums: Sums, unit: number) => number,
): number {
  let sum = 0, count = 0;
  for (const [j, { sums }] of cells.entries()) {
    if (isStill(units[j]!)) continue;
    sum += of(sums, units[j]!);
    count += sums.count;
  }
  return count === 0 ? 0 : sum / count;
}

const squareIn = (cells: readonly Cell[], units: readonly number[]) =>
  meanOver(cells, units, ({ squares }, unit) => squares / unit ** 2);

const fourthIn = (cells: readonly Cell[], units: readonly number[]) =>
  meanOver(cells, units, ({ fourths }, unit) => fourths / unit ** 4);

/** A number that all numbers are, or that they are times others; nothing if there is none. */
function ratioOf(all: Times, by?: Times): number | undefined {
  let ratio: number | undefined;
  for (const [run, steps] of all.entries()) {
    for (const [k, axes] of steps.entries()) {
      for (const i of flatLanes) {
        const one = axes[i]! / (by?.[run]?.[k]?.[i] ?? 1);
        ratio ??= one;
        if (!(Math.abs(one - ratio) <= 1e-2 * Math.abs(ratio))) return undefined;
      }
    }
  }
  return ratio !== undefined && Math.abs(ratio - 1) < 1e-2 ? 1 : ratio;
}

/** Whether a draw of a step and an axis is not that of another one. */
function isOwn(sharing: NoiseSharing | undefined, step: number, axis: number): boolean {
  switch (sharing) {
    case "axes":
    case "rows-and-axes":
      return axis === 0;
    case "steps":
    case "steps-half":
      return step === 0;
    default:
      return true;
  }
}

/** Whether a draw of a row is not that of another one. */
function isOwnRow(
  sharing: NoiseSharing | undefined,
  r: number,
  rows: number,
  samples: number,
): boolean {
  switch (sharing) {
    case "rows":
    case "rows-half":
    case "rows-and-axes":
      return r === 0;
    case "samples":
      return r % samples === 0;
    case "groups":
      return r < samples;
    case "antithetic":
      return r < Math.floor(rows / 2);
    default:
      return true;
  }
}

/** Draws of a step on the flat lanes, in units of the root mean square of each. */
function inOwnUnits(rows: Rows): Rows {
  const sizes = flatLanes.map((i) =>
    Math.sqrt(rows.reduce((sum, row) => sum + row[i]! ** 2, 0) / rows.length)
  );
  return rows.map((row) => flatLanes.map((i) => sizes[i]! > 1e-9 ? row[i]! / sizes[i]! : 0));
}

/** Whether draws go with a sharing: by their correlations, and number for number. */
function goesWith(runs: readonly OwnRun[], sharing: NoiseSharing, counted = runs): boolean {
  const { groups, samples } = runs[0]!.problem;
  const steps = runs.flatMap((run) => [run, ...run.again ?? []].map(({ moves }) => moves.length));
  const shape = { steps, groups, samples, axes: flatLanes.length };
  return goesWithSharing(correlationsIn(counted), sharing, shape) && sharesExactly(runs, sharing);
}

/** Whether draws that would be copies of others are; those that would have but a part of them pass. */
function sharesExactly(runs: readonly OwnRun[], sharing: NoiseSharing): boolean {
  if (sharing.endsWith("-half")) return true;
  let count = 0, wrong = 0;
  for (
    const { moves, walled, problem: { samples } } of runs.flatMap((
      run,
    ) => [run, ...run.again ?? []])
  ) {
    const steps = moves.map(inOwnUnits);
    for (const [k, draws] of steps.entries()) {
      const copies = sharedNoise(sharing, draws, k === 0 ? undefined : steps[0], samples);
      for (const [r, row] of draws.entries()) {
        for (const i of flatLanes) {
          if (walled[k]![i] || row[i] === 0) continue;
          count++;
          if (Math.abs(row[i]! - copies[r]![i]!) > 0.02 * (1 + Math.abs(row[i]!))) wrong++;
        }
      }
    }
  }
  return wrong <= 0.02 * count;
}

/** Whether flat lanes move at a noise scale of 0 other than a rule has it. */
function drifts({ still }: OwnRun, expected: readonly (readonly number[])[]): boolean {
  return still?.some((row, k) =>
    flatLanes.some((i) => !(Math.abs(row[i]! - (expected[k]?.[i] ?? NaN)) <= 1e-5))
  ) ?? false;
}
