/**
 * The schema of a trace file: one chain of a sampler, with everything that went into it.
 *
 * A trace file holds no random seed: its noise is a tape. Numbers are float32, written as the
 * shortest decimals that round-trip; `"NaN"`, `"Infinity"`, `"-Infinity"` and `"-0"` stand for what
 * JSON has no number for. The schema describes single fields; that they fit together is checked by
 * `readTrace`.
 *
 * @module
 */

import { z } from "zod";
import { numberWords } from "../spec/numerics/number_text.ts";
import { energyConvention, type TraceFile, wantedNumber } from "./trace_file.ts";

// The error of a schema says what was wanted; what was found is told by the reader.
const any = z.union([z.number(), z.enum(numberWords)], { error: wantedNumber.any });
const finite = z.union([z.number(), z.literal("-0")], { error: wantedNumber.finite });
const least0 = () => {
  const error = "a number of at least 0";
  return z.number({ error }).min(0, { error });
};
const count = (of: string) => {
  const error = "a whole number of at least 1";
  return z.int({ error }).min(1, { error }).describe(of);
};
const words = (of: string) => {
  const error = "a text that is not empty";
  return z.string({ error }).min(1, { error }).describe(of);
};
const object = <T extends z.ZodRawShape>(shape: T) =>
  z.strictObject(shape, { error: `an object with ${Object.keys(shape).join(", ")}` });
const list = <T extends z.ZodType>(item: T, items: string) =>
  z.array(item, { error: `a list of ${items}` });

const perAxis = <T extends z.ZodType>(number: T) => list(number, "one number per axis");
const perRow = <T extends z.ZodType>(item: T) => list(item, "one entry per row");
const perStep = <T extends z.ZodType>(item: T) => list(item, "one entry per step");
const actions = <T extends z.ZodType>(number: T) => perRow(perAxis(number));
const hyphenated = "lower-case words joined by hyphens";
const poisoned = "; if one of a row is not finite, all of that row may be NaN";

const config = object({
  steps: count("Number of steps N"),
  schedule: z.discriminatedUnion("kind", [
    object({
      kind: z.literal("polynomial"),
      init: least0().describe("Step size of the first step"),
      final: least0().describe("Step size of the last step, if there is more than one"),
      power: least0().describe("Power of the decay from init to final"),
    }),
    object({
      kind: z.literal("exponential"),
      init: least0().describe("Step size of the first step"),
      decay: least0().describe("Factor from one step size to the next"),
    }),
  ], { error: '"polynomial" or "exponential"' }).describe("The step sizes"),
  noiseScale: least0().describe("Factor of the noise"),
  gradClip: least0().nullable().describe(
    "Largest size of a gradient component, in energy per action unit; null: not clipped; 0 is a value",
  ),
  deltaActionClip: least0().describe("Largest movement of an axis in one step, in half ranges"),
  gradNormType: z.enum(["1", "2", "inf"], { error: '"1", "2", "inf" or null' }).nullable()
    .describe("Order of chain.gradNorms; null: they are zeros"),
  applyExp: z.boolean({ error: "true or false" }).optional().describe(
    "Whether the gradient is that of the exponential of the network output; false by default",
  ),
});

const file = object({
  format: z.literal("golden-trace/1", { error: '"golden-trace/1"' }),
  id: z.string({ error: hyphenated }).regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, { error: hyphenated })
    .describe(`Name of the trace: ${hyphenated}`),
  title: words("What the trace shows, in words"),
  source: object({
    repository: words("Where the code of the sampler lives"),
    commit: words("The version of that code"),
    function: words("The function that was run"),
    runtime: words("How it was run"),
  }).describe("What was recorded"),
  energy: object({
    formula: words("E as a formula in a1… (action) and o1… (observation)"),
    convention: z.literal(energyConvention, { error: `"${energyConvention}"` }),
  }).describe("The energy whose negative is the network output"),
  dimension: count("Number of axes of an action"),
  bounds: object({
    min: perAxis(finite).describe("axes numbers: the lower bounds"),
    max: perAxis(finite).describe("axes numbers: the upper bounds"),
  }).describe("The box that the actions are kept in"),
  observations: perRow(list(finite, "one number per feature")).nullable().describe(
    "rows × features: the observation of each row; null: the energy needs none",
  ),
  initial: actions(finite).describe("rows × axes: the actions before the first step"),
  config: config.describe("The settings of the sampler"),
  noise: perStep(actions(finite)).describe(
    "steps × rows × axes: standard normal draws, before any scaling",
  ),
  chain: object({
    actions: perStep(actions(any)).describe("steps × rows × axes: the actions after each step"),
    networkOutputs: perStep(perRow(any)).describe(
      `steps × rows: the network outputs, -E (or exp(-E)), before each step${poisoned}`,
    ),
    gradNorms: perStep(perRow(any)).describe(
      `steps × rows: the norms of the unclipped gradients before each step${poisoned}`,
    ),
  }).describe("What the sampler reported of its steps"),
  final: actions(any).describe("rows × axes: the returned actions, equal to the last of the chain"),
  deviation: words("In which known way the trace departs from the rule").optional(),
}).meta({ title: "golden trace" }) satisfies z.ZodType<TraceFile>;

// The official traces hold 28 000 numbers; a union of schemas for each would treble the time to check them.
const unread = z.unknown().optional();
const head = file.extend({
  observations: unread,
  initial: unread,
  noise: unread,
  chain: object({ actions: unread, networkOutputs: unread, gradNorms: unread }),
  final: unread,
});

/** A field that is not as the schema wants it. */
export interface SchemaFault {
  /** Keys and indices that lead to it from the top. */
  readonly path: readonly PropertyKey[];
  /** A key that should not be there. */
  readonly surplus?: string;
  /** What is wanted instead. */
  readonly wanted: string;
}

/**
 * Holds a value against the schema of a trace file.
 *
 * @param value parsed JSON
 * @param part `whole`, or `all but tables` where the tables are checked as they are read
 * @returns the first fault, if there is one
 */
export function schemaFault(
  value: unknown,
  part: "whole" | "all but tables",
): SchemaFault | undefined {
  const issue = (part === "whole" ? file : head).safeParse(value).error?.issues[0];
  if (issue === undefined) return undefined;
  if (issue.code !== "unrecognized_keys") return { path: issue.path, wanted: issue.message };
  const surplus = issue.keys[0]!;
  return { path: issue.path, surplus, wanted: "only the fields of the schema" };
}

/** The JSON schema of a trace file. */
export function traceJsonSchema(): unknown {
  return z.toJSONSchema(file);
}
