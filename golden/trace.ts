/**
 * Reads and writes traces.
 *
 * @module
 */

import { energy } from "../spec/energy.ts";
import { FormulaError } from "../spec/formula/formula.ts";
import {
  fromNumberText,
  type NumberText,
  numberWords,
  toNumberText,
} from "../spec/numerics/number_text.ts";
import {
  featureCount,
  observationOf,
  type Problem,
  rowCount,
  type Rows,
  type Settings,
} from "../spec/problem.ts";
import { locateJsonFault } from "./json_fault.ts";
import { energyConvention, type TraceFile, type TraceSource, wantedNumber } from "./trace_file.ts";

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
 * Reads a trace of this package. Its tables are checked as those of any trace, but the tests
 * have held it against the schema, which would be a third of the time that loading takes.
 *
 * @throws {TraceError} naming file, place, what was found and what was wanted
 */
export function readPackagedTrace(text: string, file: string): Trace {
  return traceOf(parse(text, file) as TraceFile, file);
}

/** A trace from the value of its file. */
export function traceOf(raw: TraceFile, file: string): Trace {
  const { config, dimension: axes } = raw;
  const reader = new Reader(file);
  const rows = reader.length(raw.initial, "initial", "one row or more");
  const bounds = {
    min: reader.row(raw.bounds.min, axes, "axis", "finite", "bounds.min"),
    max: reader.row(raw.bounds.max, axes, "axis", "finite", "bounds.max"),
  };
  bounds.max.forEach((max, axis) => {
    const min = bounds.min[axis]!;
    if (max < min) {
      throw new TraceError(file, `bounds.max[${axis}]`, `${max}`, `at least bounds.min: ${min}`);
    }
  });
  const initial = reader.table(raw.initial, rows, axes, "finite", "initial");
  const observations = raw.observations === null ? null : readObservations(raw, rows, reader);
  const features = observations?.[0]?.length ?? 0;
  // After the tables, which bound the number of axes.
  readFormula(raw.energy.formula, axes, features, file);
  const settings = readSettings(config, bounds, reader);
  const { steps } = config;
  const draws = reader.tables(raw.noise, steps, rows, axes, "finite", "noise");
  const recorded: Recorded = {
    actions: reader.tables(raw.chain.actions, steps, rows, axes, "any", "chain.actions"),
    outputs: reader.perStep(raw.chain.networkOutputs, steps, rows, "chain.networkOutputs"),
    gradNorms: reader.perStep(raw.chain.gradNorms, steps, rows, "chain.gradNorms"),
    final: reader.table(raw.final, rows, axes, "any", "final"),
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

function readSettings(
  config: TraceFile["config"],
  bounds: Settings["bounds"],
  reader: Reader,
): Settings {
  const number = (value: number, name: string) => reader.number(value, "finite", `config.${name}`);
  const { schedule } = config;
  return {
    bounds,
    steps: config.steps,
    schedule: schedule.kind === "polynomial"
      ? {
        kind: "polynomial",
        init: number(schedule.init, "schedule.init"),
        final: number(schedule.final, "schedule.final"),
        power: number(schedule.power, "schedule.power"),
      }
      : {
        kind: "exponential",
        init: number(schedule.init, "schedule.init"),
        decay: number(schedule.decay, "schedule.decay"),
      },
    noiseScale: number(config.noiseScale, "noiseScale"),
    gradClip: config.gradClip === null ? null : number(config.gradClip, "gradClip"),
    deltaClip: number(config.deltaActionClip, "deltaActionClip"),
    gradNorm: config.gradNormType,
    applyExp: config.applyExp ?? false,
  };
}

function readObservations(raw: TraceFile, rows: number, reader: Reader): number[][] {
  const place = "observations";
  reader.length(raw.observations, place, "one observation per row");
  const features = reader.length(raw.observations![0], `${place}[0]`, "one feature or more");
  return reader.table(raw.observations, rows, features, "finite", place);
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
      found ?? shown(formula),
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

type Range = keyof typeof wantedNumber;

/** Reads tables of known shape; every fault names its place. */
class Reader {
  constructor(private readonly file: string) {}

  /** The length of a list that must not be empty. */
  length(value: unknown, place: string, wanted: string): number {
    if (!Array.isArray(value) || value.length === 0) this.refuse(value, place, wanted);
    return value.length;
  }

  number(value: unknown, range: Range, place: string): number {
    const result = float32(value, range);
    if (result === undefined) this.refuse(value, place, wantedNumber[range]);
    return result;
  }

  row(value: unknown, length: number, per: string, range: Range, place: string): number[] {
    return this.list(value, length, per, place).map((item, i) =>
      float32(item, range) ?? this.refuse(item, `${place}[${i}]`, wantedNumber[range])
    );
  }

  table(value: unknown, rows: number, columns: number, range: Range, place: string): number[][] {
    const per = place === "observations" ? "feature" : "axis";
    return this.list(value, rows, "row", place).map((row, r) =>
      this.row(row, columns, per, range, `${place}[${r}]`)
    );
  }

  tables(
    value: unknown,
    steps: number,
    rows: number,
    axes: number,
    range: Range,
    place: string,
  ): number[][][] {
    return this.list(value, steps, "step", place).map((table, k) =>
      this.table(table, rows, axes, range, `${place}[${k}]`)
    );
  }

  perStep(value: unknown, steps: number, rows: number, place: string): number[][] {
    return this.list(value, steps, "step", place).map((row, k) =>
      this.row(row, rows, "row", "any", `${place}[${k}]`)
    );
  }

  private list(value: unknown, length: number, per: string, place: string): unknown[] {
    if (!Array.isArray(value) || value.length !== length) {
      this.refuse(value, place, `a list of ${length}, one entry per ${per}`);
    }
    return value;
  }

  private refuse(value: unknown, place: string, wanted: string): never {
    throw new TraceError(this.file, place, shown(value), wanted);
  }
}

const wordSet: ReadonlySet<unknown> = new Set(numberWords);

function float32(value: unknown, range: Range): number | undefined {
  if (typeof value === "number") {
    const rounded = Math.fround(value);
    return Number.isFinite(rounded) ? rounded : undefined;
  }
  if (!wordSet.has(value) || (range === "finite" && value !== "-0")) return undefined;
  return fromNumberText(value as NumberText);
}

/** The JSON of a trace file. */
export function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { line, column, found, wanted } = locateJsonFault(text);
    throw new TraceError(file, `line ${line}, column ${column},`, found, wanted, { cause: error });
  }
}

/** The value at a path. */
export function at(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    value,
  );
}

/** `noise[3][1][0]` */
export function placeOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (place, key) =>
      typeof key === "number"
        ? `${place}[${key}]`
        : place === ""
        ? String(key)
        : `${place}.${String(key)}`,
    "",
  );
}

/** A value as error messages show it. */
export function shown(value: unknown): string {
  if (value === undefined) return "nothing";
  if (Array.isArray(value)) {
    return value.length === 0 ? "an empty list" : `a list of ${value.length}`;
  }
  if (typeof value === "object" && value !== null) return "an object";
  const text = typeof value === "number" ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/**
 * Writes a trace: the inverse of {@linkcode readTrace}. The observation of a group is written once
 * for each of its rows.
 *
 * @returns one line of JSON; each number is the shortest decimal that rounds to it in float32
 * @throws {TypeError} if the problem has no noise tape
 */
export function writeTrace(trace: Trace): string {
  const { problem, recorded } = trace;
  const { settings, noise } = problem;
  if (noise.kind !== "tape") {
    throw new TypeError(
      `Cannot write the trace ${trace.id}: found noise of the sampler's own, wanted a noise tape`,
    );
  }
  const observations = Array.from(
    { length: rowCount(problem) },
    (_, row) => observationOf(problem, row),
  );
  const file: Record<keyof TraceFile, unknown> = {
    format: "golden-trace/1",
    id: trace.id,
    title: trace.title,
    source: trace.source,
    energy: { formula: problem.energy, convention: energyConvention },
    dimension: problem.axes,
    bounds: settings.bounds,
    observations: featureCount(problem) === 0 ? null : observations,
    initial: problem.initial,
    config: {
      steps: settings.steps,
      schedule: settings.schedule,
      noiseScale: settings.noiseScale,
      gradClip: settings.gradClip,
      deltaActionClip: settings.deltaClip,
      gradNormType: settings.gradNorm,
      applyExp: settings.applyExp ? true : undefined,
    },
    noise: noise.draws,
    chain: {
      actions: recorded.actions,
      networkOutputs: recorded.outputs,
      gradNorms: recorded.gradNorms,
    },
    final: recorded.final,
    deviation: trace.deviation,
  };
  return `${json(file)}\n`;
}

function json(value: unknown): string {
  if (typeof value === "number") return numberJson(value);
  if (Array.isArray(value)) return `[${value.map(json).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => `${JSON.stringify(key)}:${json(inner)}`)
      .join()
  }}`;
}

function numberJson(value: number): string {
  // -0.0 stays a float in every language that reads it
  if (Object.is(value, -0)) return "-0.0";
  return Number.isFinite(value) ? shortest(value) : JSON.stringify(toNumberText(value));
}

/** The shortest decimal that rounds to a float32. */
function shortest(value: number): string {
  for (let digits = 1; digits < 9; digits++) {
    const decimal = Number(value.toPrecision(digits));
    if (Math.fround(decimal) === value) return String(decimal);
  }
  return String(Number(value.toPrecision(9)));
}
