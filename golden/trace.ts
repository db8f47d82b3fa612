/**
 * Traces: recorded chains of a sampler, and how they come from their files.
 *
 * @module
 */

import { energy } from "../spec/energy.ts";
import { FormulaError } from "../spec/formula/parse.ts";
import { fromNumberText, type NumberText, show } from "../spec/numerics/number_text.ts";
import type { Problem, Rows, Settings } from "../spec/problem.ts";
import type { TraceFile } from "./trace_file.ts";

/** One chain of a sampler, with everything that went into it. All numbers are float32. */
export interface Trace {
  /** Lower-case words joined by hyphens. */
  readonly id: string;
  /** What the trace shows. */
  readonly title: string;
  /** The code that was run. */
  readonly source: TraceSource;
  /** With the noise tape. One sample per observation; without observations one group of all rows. */
  readonly problem: Problem;
  /** What the sampler did. */
  readonly recorded: Recorded;
  /** In which known way the trace departs from the rule. */
  readonly deviation?: string;
}

/** What was recorded. */
export interface TraceSource {
  /** Where the code of the sampler lives. */
  readonly repository: string;
  /** The version of that code. */
  readonly commit: string;
  /** The function that was run. */
  readonly function: string;
  /** How it was run. */
  readonly runtime: string;
}

/** What a sampler reported of a chain. */
export interface Recorded {
  /** steps × rows × axes: the actions after each step. */
  readonly actions: readonly Rows[];
  /** steps × rows: the network outputs, -E, before each step. */
  readonly outputs: Rows;
  /** steps × rows: the norms of the unclipped gradients before each step. */
  readonly gradNorms: Rows;
  /** rows × axes: the returned actions. */
  readonly final: Rows;
}

/** A trace that cannot be used. */
export class TraceError extends Error {
  /** Always "TraceError". */
  override readonly name = "TraceError";

  /**
   * Builds the message from its four parts.
   *
   * @param file the file, as it was named to the reader
   * @param place where in it, for example `noise[3][1][0]` or `line 1, column 7`; empty: all of it
   * @param found what was found
   * @param wanted what was wanted
   */
  constructor(
    readonly file: string,
    readonly place: string,
    readonly found: string,
    readonly wanted: string,
    options?: ErrorOptions,
  ) {
    const where = place === "" ? file : `${place} of ${file}`;
    super(`Cannot use ${where}: found ${found}, wanted ${wanted}`, options);
  }
}

/**
 * A trace from what its file holds, once every field is as the schema wants it.
 *
 * @param raw numbers are rounded to float32
 * @param file its name, for error messages
 * @throws {TraceError} if fields do not fit together, or the formula is none
 */
export function traceOf(raw: TraceFile, file: string): Trace {
  const { config, dimension: axes } = raw;
  const rows = raw.initial.length;
  if (rows === 0) throw new TraceError(file, "initial", "an empty list", "one row or more");
  const reader = new Reader(file);
  const bounds = {
    min: reader.row(raw.bounds.min, axes, "axis", "bounds.min"),
    max: reader.row(raw.bounds.max, axes, "axis", "bounds.max"),
  };
  bounds.max.forEach((max, axis) => {
    const min = bounds.min[axis]!;
    if (max < min) {
      throw new TraceError(file, `bounds.max[${axis}]`, `${max}`, `at least bounds.min: ${min}`);
    }
  });
  const initial = reader.table(raw.initial, rows, axes, "initial");
  const observations = raw.observations && readObservations(raw.observations, rows, file);
  const features = observations?.[0]?.length ?? 0;
  // After the tables, which bound the number of axes.
  readFormula(raw.energy.formula, axes, features, file);
  const settings = readSettings(config, bounds);
  const { steps } = config;
  const draws = reader.tables(raw.noise, steps, rows, axes, "noise");
  const perStep = (column: readonly (readonly NumberText[])[], place: string) =>
    reader.table(column, steps, rows, place, ["step", "row"]);
  const recorded: Recorded = {
    actions: reader.tables(raw.chain.actions, steps, rows, axes, "chain.actions"),
    outputs: perStep(raw.chain.networkOutputs, "chain.networkOutputs"),
    gradNorms: perStep(raw.chain.gradNorms, "chain.gradNorms"),
    final: reader.table(raw.final, rows, axes, "final"),
  };
  checkFinal(recorded, file);
  return {
    id: raw.id,
    title: raw.title,
    source: raw.source,
    problem: {
      energy: raw.energy.formula,
      settings,
      groups: observations === null ? 1 : rows,
      samples: observations === null ? rows : 1,
      axes,
      observations: observations ?? [[]],
      initial,
      noise: { kind: "tape", draws },
      seed: 0,
    },
    recorded,
    ...(raw.deviation === undefined ? {} : { deviation: raw.deviation }),
  };
}

function readSettings(config: TraceFile["config"], bounds: Settings["bounds"]): Settings {
  const { schedule } = config;
  return {
    bounds,
    steps: config.steps,
    schedule: schedule.kind === "polynomial"
      ? {
        kind: "polynomial",
        init: float32(schedule.init),
        final: float32(schedule.final),
        power: float32(schedule.power),
      }
      : {
        kind: "exponential",
        init: float32(schedule.init),
        decay: float32(schedule.decay),
      },
    noiseScale: float32(config.noiseScale),
    gradClip: config.gradClip === null ? null : float32(config.gradClip),
    deltaClip: float32(config.deltaActionClip),
    gradNorm: config.gradNormType,
    applyExp: config.applyExp ?? false,
  };
}

function readObservations(
  raw: readonly (readonly NumberText[])[],
  rows: number,
  file: string,
): number[][] {
  const features = raw[0]?.length;
  if (features === 0) {
    throw new TraceError(file, "observations[0]", "an empty list", "one feature or more");
  }
  return new Reader(file).table(raw, rows, features ?? 0, "observations", ["row", "feature"]);
}

function readFormula(formula: string, axes: number, features: number, file: string): void {
  try {
    energy(formula, axes, features);
  } catch (error) {
    if (!(error instanceof FormulaError)) throw error;
    const [, found, wanted] = /: found (.*), wanted (.*)/.exec(error.message) ?? [];
    throw new TraceError(
      file,
      `energy.formula, character ${error.position},`,
      found ?? formula,
      wanted ?? "a formula",
      { cause: error },
    );
  }
}

function checkFinal(recorded: Recorded, file: string): void {
  const last = recorded.actions.at(-1)!;
  recorded.final.forEach((row, r) =>
    row.forEach((value, axis) => {
      const before = last[r]![axis]!;
      if (!Object.is(value + 0, before + 0)) {
        const end = `[${r}][${axis}]`;
        const source = `chain.actions[${recorded.actions.length - 1}]${end}`;
        throw new TraceError(
          file,
          `final${end}`,
          shortest(value),
          `${shortest(before)} as in ${source}`,
        );
      }
    })
  );
}

/** Reads tables of known shape; a list of another length is refused with its place. */
class Reader {
  constructor(private readonly file: string) {}

  row(
    raw: readonly NumberText[],
    length: number,
    per: string,
    place: string,
  ): number[] {
    return this.#entries(raw, length, per, place).map(float32);
  }

  table(
    raw: readonly (readonly NumberText[])[],
    rows: number,
    columns: number,
    place: string,
    [perRow, perColumn]: readonly [string, string] = ["row", "axis"],
  ): number[][] {
    return this.#entries(raw, rows, perRow, place).map((row, r) =>
      this.row(row, columns, perColumn, `${place}[${r}]`)
    );
  }

  tables(
    raw: readonly (readonly (readonly NumberText[])[])[],
    steps: number,
    rows: number,
    axes: number,
    place: string,
  ): number[][][] {
    return this.#entries(raw, steps, "step", place).map((table, k) =>
      this.table(table, rows, axes, `${place}[${k}]`)
    );
  }

  #entries<T>(raw: readonly T[], length: number, per: string, place: string): readonly T[] {
    if (raw.length === length) return raw;
    const found = raw.length === 0 ? "an empty list" : `a list of ${raw.length}`;
    const wanted = `a list of ${length}, one entry per ${per}`;
    throw new TraceError(this.file, place, found, wanted);
  }
}

function float32(raw: NumberText): number {
  return Math.fround(fromNumberText(raw));
}

/** The shortest decimal that rounds to a float32. */
export function shortest(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const decimal = show(value, digits);
    if (Math.fround(Number(decimal)) === value) return decimal;
  }
  return show(value, 9);
}
