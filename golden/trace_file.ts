/**
 * What a trace file holds: one chain of a sampler, with everything that went into it.
 *
 * A trace file has no random seed: its noise is a tape. Numbers are float32, written as the shortest
 * decimals that round-trip; `"NaN"`, `"Infinity"`, `"-Infinity"` and `"-0"` stand for what JSON has
 * no number for. The schema describes single fields; that they fit together is checked by
 * `traceOf`.
 *
 * @module
 */

import { z } from "zod";
import { numberWords } from "../spec/numerics/number_text.ts";
import type { TraceSource } from "./trace.ts";
import { wantedNumber } from "../spec/numerics/number_text.ts";
import { count, object, settingsShape } from "../spec/settings_json.ts";

/** What the formula of a trace stands for. */
export const energyConvention =
  "E is low for good actions; the official network was given as -E" as const;

// The error of a schema says what was wanted; what was found is told by the reader.
const float32 = (error: string) =>
  z.number({ error }).refine((value) => Number.isFinite(Math.fround(value)), { error });
const wantedAny = wantedNumber.replace("a number", "a float32 number");
const wantedFinite = "a finite float32 number";
const any = z.union([float32(wantedAny), z.enum(numberWords)], { error: wantedAny });
const finite = z.union([float32(wantedFinite), z.literal("-0")], { error: wantedFinite });
const least0 = float32("a number of at least 0").min(0, { error: "a number of at least 0" });
const words = (of: string) => {
  const error = "a text that is not empty";
  return z.string({ error }).min(1, { error }).describe(of);
};
const list = <T extends z.ZodType>(item: T, items: string) =>
  z.array(item, { error: `a list of ${items}` });

const perAxis = <T extends z.ZodType>(number: T) => list(number, "one number per axis");
const perRow = <T extends z.ZodType>(item: T) => list(item, "one entry per row");
const perStep = <T extends z.ZodType>(item: T) => list(item, "one entry per step");
const actions = <T extends z.ZodType>(number: T) => perRow(perAxis(number));
const hyphenated = "lower-case words joined by hyphens";
const poisoned = "; if one of a row is not finite, all of that row may be NaN";

const { deltaClip, gradNorm, applyExp, ...otherSettings } = settingsShape(least0);
const config = object({
  ...otherSettings,
  deltaActionClip: deltaClip,
  gradNormType: gradNorm,
  applyExp: applyExp.optional().describe(`${applyExp.description}; false by default`),
});

const source: z.ZodType<TraceSource> = object({
  repository: words("Where the code of the sampler lives"),
  commit: words("The version of that code"),
  function: words("The function that was run"),
  runtime: words("How it was run"),
});

/** The schema of a trace file. */
export const traceFile = object({
  format: z.literal("golden-trace/1", { error: '"golden-trace/1"' }),
  id: z.string({ error: hyphenated }).regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, { error: hyphenated })
    .describe(`Name of the trace: ${hyphenated}`),
  title: words("What the trace shows, in words"),
  source: source.describe("What was recorded"),
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
}).meta({ title: "golden trace" });

/** A trace file as JSON has it: numbers as decimals or words. */
export type TraceFile = z.infer<typeof traceFile>;

/** The JSON schema of a trace file. */
export function traceJsonSchema(): unknown {
  return z.toJSONSchema(traceFile);
}
