/**
 * The wire protocol: what the suite and a target in another process say to each other.
 *
 * JSON lines over the target's standard input and output, UTF-8, one object a line. The suite
 * speaks first; every request has an id that its answer repeats; several requests may be in flight,
 * and answers may come in any order. Floats are shortest decimals that round-trip; `"NaN"`,
 * `"Infinity"`, `"-Infinity"` and `"-0"` stand for what JSON has no number for.
 *
 * Tables of numbers are read by hand: a schema for each number would cost more than the sampling.
 *
 * @module
 */

import { z } from "zod";
import { locateJsonFault } from "../../golden/json_fault.ts";
import { at, placeOf, shown } from "../../golden/trace.ts";
import { energy as readEnergy } from "../../spec/energy.ts";
import { type Expression, functionNames } from "../../spec/formula/formula.ts";
import {
  fromNumberText,
  type NumberText,
  numberWords,
  toNumberText,
} from "../../spec/numerics/number_text.ts";
import { readChain, tableOf } from "../../spec/observe.ts";
import { featureCount, type Problem, rowCount } from "../../spec/problem.ts";
import { type Feature, features, type NetworkReturns, TargetFault } from "../../spec/sampler.ts";
import type { ServedDraws, Trajectory } from "../../spec/trajectory.ts";
import { float, object, settings, wantedNumber } from "../settings_schema.ts";
import type { SettingsText } from "../settings_text.ts";

/** The version of the protocol that this suite speaks. */
export const protocolVersion = 1;
/** Bytes that a line may have: 16 MiB. */
export const longestLine = 16 * 2 ** 20;
/** Levels of lists and objects that an answer may have; the deepest needs eight. */
const deepestNesting = 16;

/** A table of floats: rows × columns. */
export type TableText = NumberText[][];
/** An expression as JSON: a number, a symbol, or an operator with its operands. */
export type Tree = number | string | [string, ...Tree[]];

/** A problem, as the wire carries it; its settings are those that were prepared. */
export interface ProblemOnWire {
  /** The energy: low is good. */
  energy: { formula: string; expression: Tree };
  /** Number of observations. */
  groups: number;
  /** Rows per observation. */
  samples: number;
  /** Coordinates of an action. */
  axes: number;
  /** groups × features. */
  observations: TableText;
  /** rows × axes. */
  initial: TableText;
  /** Draw k, rows × axes, is the noise of step k; or the target draws its own. */
  noise: { kind: "tape"; draws: TableText[] } | { kind: "own" };
  /** For targets that draw their own noise. */
  seed: number;
}

/** What a target calls a sampler that it has prepared. */
export type Handle = string | number;

/** What the suite says. */
export type Request =
  | { id: number; type: "start"; protocol: typeof protocolVersion }
  | { id: number; type: "prepare"; settings: SettingsText }
  | { id: number; type: "sample"; prepared: Handle; problems: ProblemOnWire[] }
  | { id: number; type: "release"; prepared: Handle }
  | { id: number; type: "stop" };

/** The answer to `start`. */
export interface Ready {
  /** The id of the request. */
  id: number;
  /** Always "ready". */
  type: "ready";
  /** The version that the target speaks. */
  protocol: typeof protocolVersion;
  /** Shown in reports. */
  name: string;
  /** What the sampler expects its network to return. */
  networkReturns: NetworkReturns;
  /** Optional features that the sampler lacks. */
  unsupported: Feature[];
  /** The tensor library. */
  framework?: string | undefined;
  /** The programming language. */
  language?: string | undefined;
  /** Whether it takes its noise from the tape. */
  noise: "tape" | "own";
}

/** What was observed of one problem; the tables are unchecked. */
export interface ResultOnWire {
  /** rows × axes, or groups × samples × axes. */
  final: unknown;
  /** The questions put to the network, in order. */
  evaluations: { kind: "gradient" | "outputs"; points: unknown }[];
  /** What the sampler reports of its steps. */
  chain?:
    | { actions?: unknown; outputs?: unknown; gradNorms?: unknown }
    | undefined;
  /** Draws of rows × axes that were taken; a begun one counts. */
  draws: number;
  /** What took numbers of the tape, in order; a target may tell the first kinds only. */
  served?: ServedDraws[] | undefined;
  /** The initial actions after the call, rows × axes. */
  initialAfter: unknown;
  /** What a reader of the report should know. */
  remarks?: string[] | undefined;
}

/** What a target says. */
export type Answer =
  | Ready
  | { id: number; type: "prepared"; prepared: Handle }
  | { id: number; type: "unsupported"; feature: Feature; reason: string }
  | { id: number; type: "results"; results: ResultOnWire[] }
  | { id: number; type: "failed"; message: string; trace?: string | undefined }
  | { id: number; type: "released" }
  | { id: number; type: "stopped" };

/** A line that breaks the protocol. */
export class ProtocolFault extends Error {
  /** Always "ProtocolFault". */
  override readonly name = "ProtocolFault";

  /**
   * Builds the message from its parts.
   *
   * @param found what was found, with its place
   * @param wanted what was wanted
   */
  constructor(readonly found: string, readonly wanted: string, options?: ErrorOptions) {
    super(`Cannot read an answer: found ${found}, wanted ${wanted}`, options);
  }
}

const wordList = numberWords.map((word) => `"${word}"`).join(", ");
const wantedId = "a whole number of at least 0";

const table = z.array(z.array(float)).meta({
  id: "table",
  description: "rows × columns",
});
const grouped = z.union([table, z.array(table)]).meta({
  id: "actions",
  description: "rows × axes, or groups × samples × axes",
});
const count = z.int({ error: wantedId }).min(0, { error: wantedId });
const words = z.string({ error: "a text" });
const nameForm = "a text of 1 to 200 characters on one line";
// deno-lint-ignore no-control-regex
const named = z.string({ error: nameForm }).regex(/^[^\x00-\x1f\x7f-\x9f]{1,200}$/, {
  error: nameForm,
});
const handle = z.union([z.string(), z.int()], { error: "a text or a whole number" });
const feature = z.enum(Object.keys(features) as [Feature, ...Feature[]], {
  error: `a feature that the suite knows: ${Object.keys(features).join(", ")}`,
});

const list = <T extends z.ZodType>(item: T, of: string) =>
  z.array(item, { error: `a list of ${of}` });

const tree: z.ZodType<Tree> = z.lazy(() =>
  z.union([
    z.number(),
    z.string().describe("A symbol: a1… for the action, o1… for the observation"),
    z.tuple([z.enum(["+", "-", "*", "/", "^", "neg", ...functionNames])], tree),
  ])
).meta({
  id: "tree",
  description: "An expression: a number, a symbol, or a list of an operator and its operands",
}) as z.ZodType<Tree>;

const problem = object({
  energy: object({ formula: z.string(), expression: tree }),
  groups: count,
  samples: count,
  axes: count,
  observations: table.describe("groups × features"),
  initial: table.describe("rows × axes; row r belongs to observation floor(r / samples)"),
  noise: z.discriminatedUnion("kind", [
    object({
      kind: z.literal("tape"),
      draws: z.array(table).describe(
        "steps × rows × axes: draw k is the noise of step k; then spare ones, if the target draws more",
      ),
    }),
    object({ kind: z.literal("own") }),
  ]),
  seed: z.int(),
});

const message = <T extends z.ZodRawShape>(type: string, description: string, shape: T) =>
  object({ id: count, type: z.literal(type, { error: `"${type}"` }), ...shape }).meta({
    id: type,
    description,
  });

const requests = [
  message("start", "Comes first", { protocol: z.literal(protocolVersion) }),
  message("prepare", "Build a sampler for some settings", { settings }),
  message("sample", "Run problems, one result for each", {
    prepared: handle,
    problems: z.array(problem),
  }),
  message("release", "A prepared sampler is no longer needed", { prepared: handle }),
  message("stop", "Answer, then end", {}),
] as const;

/** The schema of a result, with what stands for tables of numbers. */
function resultSchema<T extends z.ZodType>(tables: {
  readonly table: T;
  readonly actions: T;
  readonly steps: T;
  readonly numbers: T;
}) {
  return object({
    final: tables.actions,
    evaluations: list(
      object({
        kind: z.enum(["gradient", "outputs"], { error: '"gradient" or "outputs"' }),
        points: tables.actions,
      }),
      "the questions put to the network: kind and points",
    ).describe("The questions put to the network, in order"),
    chain: object({
      actions: tables.steps.optional(),
      outputs: tables.numbers.optional(),
      gradNorms: tables.numbers.optional(),
    }).optional().describe("What the sampler reports of its steps"),
    draws: count.describe("Draws of rows × axes that were taken; a begun one counts"),
    served: list(
      object({ shape: list(count, "sizes"), what: words, times: count }),
      "draws: shape, what and times",
    ).optional().describe("What took numbers of the tape, in order: equal draws in a row as one"),
    initialAfter: tables.table.describe("The initial actions after the call"),
    remarks: list(words, "texts").optional(),
  });
}

const answersWith = <T extends z.ZodType>(result: T) =>
  [
    message("ready", "The answer to start", {
      protocol: z.literal(protocolVersion, { error: `${protocolVersion}` }),
      name: named,
      networkReturns: z.enum(["energy", "logits"], { error: '"energy" or "logits"' }),
      unsupported: list(feature, `features, each of ${Object.keys(features).join(", ")}`),
      framework: words.optional(),
      language: words.optional(),
      noise: z.enum(["tape", "own"], { error: '"tape" or "own"' }),
    }),
    message("prepared", "The answer to prepare", { prepared: handle }),
    message("unsupported", "The sampler lacks a feature", { feature, reason: words }),
    message("results", "One result for each problem of a sample request, in order", {
      results: list(result, "results, one for each problem"),
    }),
    message("failed", "The sampler threw", { message: words, trace: words.optional() }),
    message("released", "The answer to release", {}),
    message("stopped", "The answer to stop", {}),
  ] as const;

const wireResult = resultSchema<z.ZodType>({
  table,
  actions: grouped,
  steps: z.array(grouped).describe("steps × rows × axes: the actions after each step"),
  numbers: table.describe("steps × rows"),
}).meta({ id: "result" });

// What is in a table is found out when it is read.
const unread = z.array(z.unknown(), { error: "a table of numbers" });
const readResult = resultSchema<z.ZodType>({
  table: unread,
  actions: unread,
  steps: unread,
  numbers: unread,
});

const answerSchemas = new Map<string, z.ZodType>(
  answersWith(readResult).map((schema) => [schema.shape.type.value, schema]),
);

/** The JSON schema of every message. */
export function protocolJsonSchema(): unknown {
  return z.toJSONSchema(
    z.union([
      z.union(requests).meta({ id: "request", description: "What the suite says" }),
      z.union(answersWith(wireResult)).meta({ id: "answer", description: "What a target says" }),
    ]).meta({ title: `ulaspec protocol, version ${protocolVersion}` }),
  );
}

/** A problem for the wire. */
export function problemOnWire(problem: Problem): ProblemOnWire {
  const { energy, groups, samples, axes, noise } = problem;
  const { expression } = readEnergy(energy, axes, featureCount(problem));
  const rows = (table: readonly (readonly number[])[]) => table.map((row) => row.map(toNumberText));
  return {
    energy: { formula: energy, expression: treeOf(expression) },
    groups,
    samples,
    axes,
    observations: rows(problem.observations),
    initial: rows(problem.initial),
    noise: noise.kind === "tape" ? { kind: "tape", draws: noise.draws.map(rows) } : { kind: "own" },
    seed: problem.seed,
  };
}

/** An expression as nested lists: the operator first, then its operands. */
export function treeOf(expression: Expression): Tree {
  switch (expression.kind) {
    case "number":
      return expression.value;
    case "symbol":
      return expression.name;
    case "negate":
      return ["neg", treeOf(expression.operand)];
    case "binary":
      return [expression.operator, treeOf(expression.left), treeOf(expression.right)];
    case "call":
      return [expression.name, ...expression.operands.map(treeOf)];
  }
}

/**
 * Reads a line of a target.
 *
 * @throws {ProtocolFault} if it is no answer
 */
export function readAnswer(line: string): Answer {
  const value = readObject(line);
  const type = value["type"];
  const schema = typeof type === "string" ? answerSchemas.get(type) : undefined;
  if (schema === undefined) {
    throw new ProtocolFault(
      `${shown(type)} as the type of ${excerpt(line)}`,
      `an answer: ${[...answerSchemas.keys()].join(", ")}`,
    );
  }
  const issue = schema.safeParse(value).error?.issues[0];
  if (issue === undefined) return value as unknown as Answer;
  const of = `the answer ${type}`;
  if (issue.code === "unrecognized_keys") {
    const place = placeOf([...issue.path, issue.keys[0]!]);
    throw new ProtocolFault(`a field ${place} in ${of}`, "only the fields of the protocol");
  }
  throw new ProtocolFault(
    `${shown(at(value, issue.path))} as ${placeOf(issue.path)} in ${of}`,
    issue.message,
  );
}

function readObject(line: string): Readonly<Record<string, unknown>> {
  const belongs = "one JSON object a line; what else a target prints belongs to standard error";
  if (!line.trimStart().startsWith("{")) {
    const found = line.trim() === "" ? "an empty line" : `the line ${excerpt(line)}`;
    throw new ProtocolFault(`${found} on standard output`, belongs);
  }
  if (depthOf(line) > deepestNesting) {
    throw new ProtocolFault(
      `lists in lists more than ${deepestNesting} deep in ${excerpt(line)}`,
      `an answer of the protocol`,
    );
  }
  try {
    return JSON.parse(line);
  } catch (error) {
    const { column, found, wanted } = locateJsonFault(line);
    const word = /^"(NaN|[+-]?Inf(?:inity)?|nan|[+-]?inf)\b/.exec(found)?.[1];
    const before = JSON.stringify(line.slice(Math.max(0, column - 31), column - 1));
    throw new ProtocolFault(
      `${found} behind ${before}, which is no JSON`,
      word === undefined ? wanted : `floats without a JSON number as texts: ${wordList}`,
      { cause: error },
    );
  }
}

/** The deepest nesting of lists and objects, strings passed over. */
function depthOf(line: string): number {
  let depth = 0, deepest = 0;
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (code === 0x22) {
      for (i++; i < line.length && line.charCodeAt(i) !== 0x22; i++) {
        if (line.charCodeAt(i) === 0x5c) i++;
      }
    } else if (code === 0x5b || code === 0x7b) {
      if (++depth > deepest) deepest = depth;
    } else if (code === 0x5d || code === 0x7d) depth--;
  }
  return deepest;
}

/** The beginning of a text, in quotes. */
export function excerpt(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 57)}...` : text);
}

/**
 * Reads the result of a problem.
 *
 * @param place where it stands in the answer, for messages
 * @throws {TargetFault} of the kind `shape`, if a table has another shape or holds no numbers
 */
export function trajectoryOf(problem: Problem, result: ResultOnWire, place: string): Trajectory {
  const rows = rowCount(problem);
  const actions = (value: unknown, name: string) =>
    tableOf(
      numbersIn(value, `${place}.${name}`),
      rows,
      problem.axes,
      problem.samples,
      `${place}.${name}`,
    );
  const { chain } = result;
  const reported = chain === undefined ? undefined : Object.fromEntries(
    Object.entries(chain).map((
      [key, value],
    ) => [key, numbersIn(value, `${place}.chain.${key}`)]),
  );
  return {
    evaluations: result.evaluations.map(({ kind, points }, i) => ({
      kind,
      points: actions(points, `evaluations[${i}].points`),
    })),
    final: actions(result.final, "final"),
    ...(reported === undefined ? {} : { chain: readChain(problem, reported) }),
    draws: result.draws,
    ...(result.served === undefined ? {} : { served: result.served }),
    initialAfter: actions(result.initialAfter, "initialAfter"),
  };
}

/** Nested lists of floats → the same of numbers. */
function numbersIn(value: unknown, place: string): unknown {
  if (typeof value === "number") return value;
  if (Array.isArray(value)) return value.map((item, i) => numbersIn(item, `${place}[${i}]`));
  if (value === undefined) return value;
  if ((numberWords as readonly unknown[]).includes(value)) {
    return fromNumberText(value as NumberText);
  }
  throw new TargetFault("shape", `${shown(value)} as ${place}`, wantedNumber);
}
