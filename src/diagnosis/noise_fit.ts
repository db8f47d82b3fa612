/**
 * What gives the noise that a sampler draws by itself: a size, a law of single draws and a sharing of
 * draws, each the rule's or a known defect's.
 *
 * @module
 */

import type { Rows } from "../../spec/problem.ts";
import { openSession } from "../../spec/observe.ts";
import { type Rule, ruleSampler } from "../../spec/rule.ts";
import { type Change, compatible, type Defect, defects, ruleWith } from "../defects/defects.ts";
import type { NoiseSharing } from "../defects/noise_laws.ts";
import {
  addDraw,
  added,
  areIndependent,
  beyond,
  correlationsOf,
  goesWithSharing,
  hasMoments,
  hasShape,
  inUnits,
  isDependent,
  type LawMoments,
  lawsOfNoise,
  noSums,
  pairings,
  pairingWords,
  type Sums,
} from "./noise_statistics.ts";
import { flatLanes, type OwnRun, type Variation } from "./own_noise_runs.ts";

/** What a rule makes of a draw in every step and on every axis of a run. */
export interface Expected {
  /** The movement without a draw. */
  readonly shift: readonly (readonly number[])[];
  /** What a draw of 1 adds to it. */
  readonly scale: readonly (readonly number[])[];
}

/** Up to three defects of the noise. */
export interface NoiseHypothesis {
  readonly defects: readonly Defect[];
  readonly law: LawMoments;
  readonly sharing: NoiseSharing | undefined;
  readonly expected: readonly Expected[];
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
  readonly step: number;
  readonly axis: number;
  readonly row: number;
  readonly rows: number;
  readonly samples: number;
  readonly z: number;
}

const sizeDefects = defects.filter(({ factor }) => factor === "noise");
const lawDefects = defects.filter(({ factor }) => factor === "noise-law");
const sharingDefects = defects.filter(({ change }) => change.noiseSharing !== undefined);

/** Fits hypotheses to runs of one target. */
export class NoiseFit {
  readonly #expected = new Map<string, readonly Expected[]>();
  readonly #cells = new Map<readonly Expected[], Map<string, readonly Cell[] | undefined>>();
  readonly #sharings: readonly (Defect | undefined)[];
  /** The runs, as far as their noise can be told from all else. */
  readonly runs: readonly OwnRun[];
  /** Whether something moves flat lanes without noise that is not known. */
  readonly freed: boolean;

  /** Those in which one thing is another one than in the first. */
  readonly varied: readonly Variation[];
  readonly #plain: readonly OwnRun[];

  /**
   * @param runs of the target
   * @param base what is known to be wrong beside the noise
   * @param varied runs in which one thing is another one than in the first
   */
  constructor(
    runs: readonly OwnRun[],
    readonly base: readonly Change[],
    varied: readonly Variation[] = [],
  ) {
    const rule = ruleWith(...base);
    // A drift that depends on the action is another one in every row: all begin at the same point.
    const wanders =
      base.some((change) =>
        Object.values(change).some((part) => typeof part === "string" && /\ba\b/.test(part))
      ) && base.every(({ result, clippedStep }) =>
        result === undefined && clippedStep === undefined
      );
    const known = runs.map((run) => !wanders && !drifts(run, movementsWith(rule, run, 0)));
    this.freed = known.includes(false);
    this.#plain = runs.map((run, j) => known[j] ? run : firstStepOf(run));
    // What moves lanes without noise was seen in the plain runs alone.
    this.varied = this.freed ? [] : varied;
    this.runs = [...this.#plain, ...this.varied.map(({ run }) => run)];
    this.#sharings = this.#possibleSharings();
  }

  /** Sharings of draws that go with the correlations that were seen; `undefined` for none. */
  #possibleSharings(): readonly (Defect | undefined)[] {
    const runs = this.#plain, { groups, samples } = runs[0]!.problem;
    const draws = runs.map(({ moves }) => moves.map(flat));
    if (areIndependent(correlationsOf(draws, samples))) return [undefined];
    const shape = {
      steps: draws.map((call) => call.length),
      groups,
      samples,
      axes: flatLanes.length,
    };
    const found = correlationsOf(draws, samples);
    return sharingDefects.filter(({ change: { noiseSharing } }) =>
      noiseSharing !== undefined && goesWithSharing(found, noiseSharing, shape)
    );
  }

  /** Whether draws are independent as far as can be told. */
  get independent(): boolean {
    return this.#sharings.includes(undefined);
  }

  /** Which draws depend on each other, in words. */
  get dependence(): string {
    const runs = this.#plain, { samples } = runs[0]!.problem;
    const found = correlationsOf(runs.map(({ moves }) => moves.map(flat)), samples);
    const dependent = pairings.filter((name) => isDependent(found[name]));
    // Rows that have the draws of others, a step later, seem to depend in other ways, too.
    const shifted = dependent.filter((name) =>
      name.endsWith("row before") && Math.abs(found[name].value) > 0.9
    );
    const words = (shifted.length > 0 ? shifted : dependent).map((name) => pairingWords[name]);
    return words.length === 0 ? "as far as can be told" : words.join(", ");
  }

  /** All smallest sets of noise defects within whose law everything lies that was seen. */
  explain(): readonly NoiseHypothesis[] {
    const laws = lawsOfNoise();
    const sizes: readonly (Defect | undefined)[] = [
      undefined,
      ...sizeDefects.filter((defect) =>
        this.base.every((change) => compatible(change, defect.change))
      ),
    ];
    const hypotheses = sizes.flatMap((size) =>
      laws.flatMap((law) =>
        this.#sharings.map((sharing) => {
          const ofLaw = lawDefects.find(({ change }) => change.noiseLaw === law.law);
          return {
            law,
            sharing,
            size,
            defects: [size, ofLaw, sharing].filter((d) => d !== undefined),
          };
        })
      )
    ).sort((a, b) => a.defects.length - b.defects.length);
    const found: NoiseHypothesis[] = [];
    for (const { law, sharing, size, defects } of hypotheses) {
      if (found.length > 0 && defects.length > found[0]!.defects.length) break;
      const expected = this.expectedOf(size ? [size.change] : []);
      const given = { defects, law, sharing: sharing?.change.noiseSharing, expected };
      if (this.holds(given)) found.push(given);
    }
    return found;
  }

  /** What the rule with some changes makes of draws in every run. */
  expectedOf(changes: readonly Change[]): readonly Expected[] {
    const key = JSON.stringify(changes);
    let known = this.#expected.get(key);
    if (!known) {
      const rule = ruleWith(...this.base, ...changes);
      known = this.runs.map((run) => {
        const expected = expectedIn(rule, run);
        return this.freed
          ? { ...expected, shift: expected.shift.map((row) => row.map(() => 0)) }
          : expected;
      });
      this.#expected.set(key, known);
    }
    return known;
  }

  /** Whether what was seen lies within the law of a hypothesis. */
  holds(hypothesis: NoiseHypothesis): boolean {
    // Most are refuted by the plain runs alone.
    if (this.varied.length > 0 && !this.#holdsIn(hypothesis, this.#plain.length)) return false;
    return this.#holdsIn(hypothesis, this.runs.length);
  }

  #holdsIn(hypothesis: NoiseHypothesis, runs: number): boolean {
    const cells = this.cells(hypothesis, runs), { law } = hypothesis;
    if (cells === undefined) return false;
    return hasShape(added(cells.map(({ sums }) => sums)), law) &&
      this.#groupsOf(cells).every((group) => hasMoments(group, law));
  }

  /** The draws of all cells, of each, of each run and of each axis. */
  #groupsOf(cells: readonly Cell[]): readonly Sums[] {
    return [
      cells,
      ...cells.map((cell) => [cell]),
      ...this.runs.map((_, run) => cells.filter((cell) => cell.run === run)),
      ...flatLanes.map((axis) => cells.filter((cell) => cell.axis === axis)),
    ].filter(({ length }) => length > 0).map((group) => added(group.map(({ sums }) => sums)));
  }

  /**
   * Independent draws of a hypothesis, in units of what it expects.
   *
   * @param runs of the first so many runs
   * @returns nothing if something moves that should not, or the other way round
   */
  cells(
    { expected, sharing }: Pick<NoiseHypothesis, "expected" | "sharing">,
    runs = this.runs.length,
  ): readonly Cell[] | undefined {
    let known = this.#cells.get(expected);
    if (!known) this.#cells.set(expected, known = new Map());
    const key = `${sharing} ${runs}`;
    if (!known.has(key)) known.set(key, this.#cellsOf(expected, sharing, runs));
    return known.get(key);
  }

  /** Every draw that was seen, in units of what is expected. */
  draws(expected: readonly Expected[]): readonly SeenDraw[] {
    return this.runs.flatMap(({ moves, walled, problem: { samples } }, run) =>
      moves.flatMap((rows, step) =>
        flatLanes.flatMap((axis) => {
          const shift = expected[run]!.shift[step]?.[axis] ?? NaN;
          const scale = expected[run]!.scale[step]?.[axis] ?? NaN;
          if (walled[step]![axis] || !(Math.abs(scale) > 1e-9)) return [];
          const of = { run, step, axis, rows: rows.length, samples };
          return rows.map((moved, row) => ({ ...of, row, z: (moved[axis]! - shift) / scale }));
        })
      )
    );
  }

  #cellsOf(
    expected: readonly Expected[],
    sharing: NoiseSharing | undefined,
    runs: number,
  ): readonly Cell[] | undefined {
    const found: Cell[] = [];
    const returnsOther = this.base.some(({ returns }) => returns !== undefined);
    for (const [run, { moves, walled, problem, sure }] of this.runs.slice(0, runs).entries()) {
      for (const [step, rows] of moves.entries()) {
        // What is returned is another point than the last.
        if (returnsOther && !sure && step === moves.length - 1) continue;
        for (const axis of flatLanes) {
          if (!isOwn(sharing, step, axis) || walled[step]![axis]) continue;
          const shift = expected[run]!.shift[step]?.[axis],
            scale = expected[run]!.scale[step]?.[axis];
          if (shift === undefined || scale === undefined) return undefined;
          const still = Math.abs(scale) < 1e-9, sums = noSums();
          for (const [r, row] of rows.entries()) {
            if (!isOwnRow(sharing, r, rows.length, problem.samples)) continue;
            const moved = row[axis]! - shift;
            if (!still) addDraw(sums, moved / scale);
            else if (Math.abs(moved) > 1e-5) return undefined;
          }
          if (!still) found.push({ run, step, axis, sums });
        }
      }
    }
    return found;
  }

  /**
   * A factor that is the same in every cell, in units of what is expected.
   *
   * @param times what is expected is so much larger in a cell
   */
  commonFactor(
    expected: readonly Expected[],
    times?: (cell: Pick<Cell, "run" | "step" | "axis">) => number,
  ): Sums | undefined {
    const plain = this.independent ? this.cells({ expected, sharing: undefined }) : undefined;
    const cells = times && plain
      ? plain.map((cell) => ({ ...cell, sums: inUnits(cell.sums, times(cell)) }))
      : plain;
    if (cells === undefined || cells.length === 0) return undefined;
    const whole = added(cells.map(({ sums }) => sums));
    const square = whole.squares / whole.count;
    const fourth = whole.fourths / whole.count;
    const same = square > 1e-12 &&
      this.#groupsOf(cells).every(({ squares, count }) =>
        Math.abs(squares / count - square) <=
          beyond * Math.sqrt(Math.max(0, fourth - square ** 2) / count) + 1e-5 * square
      );
    return same ? whole : undefined;
  }
}

const flat = (rows: Rows): Rows => rows.map((row) => flatLanes.map((lane) => row[lane]!));

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

/** Whether flat lanes move at a noise scale of 0 other than a rule has it. */
function drifts({ still }: OwnRun, expected: readonly (readonly number[])[]): boolean {
  return still?.some((row, k) =>
    flatLanes.some((i) => !(Math.abs(row[i]! - (expected[k]?.[i] ?? NaN)) <= 1e-5))
  ) ?? false;
}

/** The first step, which all rows begin at the same point, without what moves them without noise. */
function firstStepOf(run: OwnRun): OwnRun {
  const moved = run.still?.[0] ?? [];
  return {
    ...run,
    moves: run.moves.slice(0, 1).map((rows) =>
      rows.map((row) => row.map((move, i) => move - (moved[i] ?? 0)))
    ),
    walled: run.walled.slice(0, 1),
    sure: true,
  };
}

/** What a rule makes of draws: in a batch of few rows, because rows do not matter to it. */
function expectedIn(rule: Rule, run: OwnRun): Expected {
  const [still, drawn] = [0, 1].map((draw) => movementsWith(rule, run, draw));
  return {
    shift: still!,
    scale: drawn!.map((row, k) => row.map((move, i) => move - (still![k]?.[i] ?? NaN))),
  };
}

/** The movements of the first row after draws that are all the same, from - to: steps × axes. */
export function movementsWith(rule: Rule, { problem, moves }: OwnRun, draw: number): number[][] {
  const samples = 2, rows = problem.groups * samples, { settings } = problem;
  const draws = Array.from(
    { length: moves.length + 2 },
    () => Array.from({ length: rows }, () => Array.from({ length: problem.axes }, () => draw)),
  );
  const { call } = openSession({
    ...problem,
    samples,
    initial: problem.initial.slice(0, rows),
    noise: { kind: "tape", draws },
  }, "energy");
  const moved: number[][] = [];
  const watched: Rule = {
    ...rule,
    loop() {
      const loop = rule.loop();
      return {
        ...loop,
        move(run, asked) {
          const terms = loop.move(run, asked);
          moved.push(terms[0]!.map(({ result }, i) => asked.from[0]![i]! - result));
          return terms;
        },
      };
    },
  };
  try {
    ruleSampler(watched).prepare(settings)(call);
  } catch {
    // What a rule did before it failed is seen.
  }
  return moved;
}
