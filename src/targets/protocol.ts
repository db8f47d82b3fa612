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
import { at, placeOf, shown } from "../../golden/json_place.ts";
import { energy as readEnergy } from "../../spec/energy.ts";
import { functionNames } from "../../spec/formula/expression.ts";
import { type Tree, treeOf } from "../../spec/formula/tree.ts";
import { didYouMean } from "../../spec/nearest.ts";
import { numberWords, toNumberText } from "../../spec/numerics/number_text.ts";
import { featureCount, type Problem } from "../../spec/problem.ts";
import { type Feature, features } from "../../spec/sampler.ts";
import { float, object, settings } from "../../spec/settings_json.ts";
import { excerpt } from "./excerpt.ts";
import { ProtocolFault } from "./protocol_fault.ts";

/** The version of the protocol that this suite speaks. */
export const protocolVersion = 1;
/** Bytes that a line may have: 16 MiB. */
export const longestLine = 16 * 2 ** 20;
/** Levels of lists and objects that an answer may have; the deepest needs eight. */
const deepestNesting = 16;

export { type Tree, treeOf } from "../../spec/formula/tree.ts";

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
  error: ({ input }) =>
    `a feature that ulaspec knows: ${Object.keys(features).join(", ")}` +
    (typeof input === "string" ? didYouMean(input, Object.keys(features)) : ""),
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
});

const problem = object({
  energy: object({ formula: z.string(), expression: tree }).describe("Low is good"),
  groups: count.describe("Number of observations"),
  samples: count.describe("Rows per observation"),
  axes: count.describe("Coordinates of an action"),
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
  seed: z.int().describe("For targets that draw their own noise"),
});

const message = <Type extends string, Shape extends z.ZodRawShape>(
  type: Type,
  description: string,
  shape: Shape,
) =>
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
    draws: count.describe("Draws of rows × axes that were taken; one that was begun counts"),
    served: list(
      object({ shape: list(count, "sizes"), what: words, times: count }),
      "draws: shape, what and times",
    ).optional().describe("What took numbers of the tape, in order: equal draws in a row as one"),
    initialAfter: tables.table.describe("The initial actions after the call"),
    compiling: z.number({ error: "seconds" }).min(0).optional().describe(
      "Seconds of the call that went into compiling",
    ),
    coarse: words.optional().describe(
      "The type of the actions at which the network was asked, if it is less than float32",
    ),
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
      reveals: z.enum(["every-step", "final-actions"], {
        error: '"every-step" or "final-actions"',
      }).optional()
        .describe("final-actions if nobody can tell where the network was asked: no evaluations"),
      bounds: z.literal("scalar", { error: '"scalar"' }).optional()
        .describe("Set if the sampler takes one interval for all axes"),
      compiles: z.enum(["shapes", "settings"], { error: '"shapes" or "settings"' }).optional()
        .describe("What it is compiled for, again and again: shapes, or every setting as well"),
      drawsStart: z.literal(true, { error: "true" }).optional()
        .describe("Set if the sampler draws its own start, which is right within rounding then"),
      rule: words.optional().describe("The rule that it means to follow, by name or as a file"),
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
const readResult = resultSchema({
  table: unread,
  actions: unread,
  steps: unread,
  numbers: unread,
});
const readAnswers = answersWith(readResult);
const answer = z.discriminatedUnion("type", readAnswers);

/** A problem, as the wire carries it; its settings are those that were prepared. */
export type ProblemOnWire = z.infer<typeof problem>;
/** What a target calls a sampler that it has prepared. */
export type Handle = z.infer<typeof handle>;
/** What the suite says. */
export type Request = z.infer<typeof requests[number]>;
/** What a target says. */
export type Answer = z.infer<typeof answer>;
/** An answer of one type. */
export type AnswerOf<Type extends Answer["type"]> = Extract<Answer, { type: Type }>;
/** What was observed of one problem; the tables are unchecked. */
export type ResultOnWire = z.infer<typeof readResult>;

/** The JSON schema of every message. */
export function protocolJsonSchema(): unknown {
  return z.toJSONSchema(
    z.union([
      z.union(requests).meta({ id: "request", description: "What ulaspec says" }),
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

/**
 * Reads a line of a target.
 *
 * @throws {ProtocolFault} if it is no answer
 */
export function readAnswer(line: string): Answer {
  if (depthOf(line) > deepestNesting) {
    throw new ProtocolFault(
      `lists in lists more than ${deepestNesting} deep in ${excerpt(line)}`,
      `an answer of the protocol`,
    );
  }
  const value = readObject(line);
  const { data, error } = answer.safeParse(value);
  if (data !== undefined) return data;
  const issue = error.issues[0]!;
  const found = shown(at(value, issue.path)), place = placeOf(issue.path);
  if (place === "type") {
    throw new ProtocolFault(
      `${found} as the type of ${excerpt(line)}`,
      `an answer: ${readAnswers.map((schema) => schema.shape.type.value).join(", ")}`,
    );
  }
  const of = `the answer ${value["type"]}`;
  if (issue.code === "unrecognized_keys") {
    const place = placeOf([...issue.path, issue.keys[0]!]);
    throw new ProtocolFault(`a field ${place} in ${of}`, "only the fields of the protocol");
  }
  throw new ProtocolFault(`${found} as ${place} in ${of}`, issue.message);
}

function readObject(line: string): Readonly<Record<string, unknown>> {
  const belongs = "one JSON object a line; what else a target prints belongs to standard error";
  if (!line.trimStart().startsWith("{")) {
    const found = line.trim() === "" ? "an empty line" : `the line ${excerpt(line)}`;
    throw new ProtocolFault(`${found} on standard output`, belongs);
  }
  try {
    return JSON.parse(line);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { column, found, wanted } = locateJsonFault(line);
    const word = /^"(NaN|[+-]?Inf(?:inity)?|nan|[+-]?inf)\b/.exec(found)?.[1];
    const before = JSON.stringify(line.slice(Math.max(0, column - 31), column - 1));
    throw new ProtocolFault(
      `${found} after ${before}, which isn't JSON`,
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
