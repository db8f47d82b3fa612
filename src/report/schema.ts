/**
 * The schema of a report: what a report has, and what each part of it means.
 *
 * The types of `report.ts` say the same for the type checker. They can't be inferred from here:
 * neither the documentation nor a published package shows inferred types. So the checker holds the
 * two against each other, in both directions.
 *
 * @module
 */

import { z } from "zod";
import { clauses } from "../../properties/clauses.ts";
import { type Feature, features } from "../../spec/sampler.ts";
import { termNames } from "../../spec/rule.ts";
import { float, settings } from "../../spec/settings_json.ts";
import {
  bases,
  diagnosisViews,
  influences,
  levels,
  measuredParts,
  profiles,
  type Report,
  reportFormat,
  runVerdicts,
  verdicts,
} from "./report.ts";

const table = z.array(z.array(float));
const count = z.int().min(0);
const feature = z.literal(Object.keys(features) as Feature[]);
const clauseId: z.ZodType<string> = z.literal(clauses.map(({ id }) => id));

const problem = z.object({
  energy: z.string(),
  settings,
  groups: count,
  samples: count,
  axes: count,
  observations: table,
  initial: table,
  noise: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("tape"), draws: z.array(table) }),
    z.object({ kind: z.literal("own") }),
  ]),
  seed: z.int(),
});

const ledgerLine = z.object({
  term: z.enum(termNames),
  formula: z.string().describe("The formula that was executed; for the gradient, what it is"),
  expected: float,
  actual: float.nullable().describe("null: cannot be told from what was observed"),
  basis: z.enum(bases),
  differs: z.boolean().describe("True on the first term that differs, and on no other"),
});

const counterexample = z.object({
  message: z.string().describe("What went wrong, in one sentence"),
  problem: problem.describe("The smallest problem that was found"),
  step: count.nullable(),
  row: count.nullable(),
  axis: count.nullable(),
  expected: float,
  actual: float,
  tolerance: float,
  distance: float.describe("|actual - expected| / tolerance"),
  ulps: float.describe("Distance in float32 units in the last place"),
  ledger: z.array(ledgerLine),
  path: table.optional().describe("Where the row really went: steps + 1 × axes"),
  askedIn: z.string().optional().describe("The type in which the network was asked, if too coarse"),
  tape: z.array(table).optional().describe(
    "The draws in the order in which the sampler takes them, where that is one of its own",
  ),
});

const shape = z.object({
  draws: count,
  histogram: z.object({
    from: z.number(),
    to: z.number(),
    counts: z.array(count),
    below: count,
    above: count,
  }),
  quantiles: table.describe("Pairs: a quantile of the standard normal law, that of the draws"),
});

const statistics = z.object({
  level: float.describe("The clause's share of the run's chance of a false alarm"),
  draws: count.describe("Draws that were recovered and tested"),
  smallestEffect: z.string().describe("What the first stage sees with a power of 0.99"),
  pValue: float.describe("The smallest of the last stage, corrected for the number of tests"),
  test: z.string().describe("The test that gave it"),
  shape: shape.optional().describe("The law of the recovered draws of the last stage"),
});

const reason = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("foundation"), clause: clauseId }).describe("It builds on this one"),
  z.object({ kind: z.literal("lacks"), feature }),
  z.object({ kind: z.literal("noise stays on"), clause: clauseId }),
  z.object({ kind: z.literal("suite's draws") }),
  z.object({ kind: z.literal("noise is always on") }),
  z.object({ kind: z.literal("hidden steps") }),
  z.object({ kind: z.literal("compiled") }),
  z.object({ kind: z.literal("one interval") }),
  z.object({ kind: z.literal("accepted"), why: z.string() }),
  z.object({ kind: z.literal("on accepted"), clause: clauseId }),
  z.object({ kind: z.literal("without"), clause: clauseId }),
  z.object({ kind: z.literal("untold chain") }),
  z.object({ kind: z.literal("nothing compared") }),
  z.object({ kind: z.literal("no traces") }),
  z.object({ kind: z.literal("no trace runs"), features: z.array(feature) }),
  z.object({ kind: z.literal("target failed"), found: z.string(), wanted: z.string() }),
  z.object({ kind: z.literal("run ended") }),
  z.object({ kind: z.literal("bug on the probes"), title: z.string() }),
  z.object({ kind: z.literal("unexplained on the probes"), what: z.string() }),
]);

const tried = z.object({
  tried: count,
  total: count.describe("Those that the target can be given"),
});

const clause = z.object({
  id: clauseId,
  level: z.enum(levels),
  sentence: z.string(),
  formula: z.string().optional().describe("Only where the rule is another one than the default"),
  verdict: z.enum(verdicts).describe(
    "unsupported: it is about a feature that the target lacks; not binding: it asks nothing of it; " +
      "accepted: it is violated, or rests on what is, and the person accepts that",
  ),
  defect: z.string().optional().describe("The named defect that breaks it"),
  docs: z.string().optional().describe("The page that explains it, where it is violated"),
  reason: z.string().optional().describe("Why it has this verdict, where no problem shows it"),
  because: reason.optional().describe("The same reason as data"),
  cases: count.describe("Problems on which it was checked"),
  comparisons: count.describe("Numbers that were compared"),
  statistics: statistics.optional().describe("Beside verdicts that rest on statistical tests"),
  counterexample: counterexample.optional(),
  replay: z.string().optional().describe("The command that replays exactly this case"),
  replays: z.string().optional().describe(
    "The clause of which that is a case, if it is another one",
  ),
});

const golden = z.object({
  replayed: count,
  agreed: count,
  worst: z.object({ trace: z.string(), distance: float }).nullable().describe(
    "The trace with the largest distance, in tolerances",
  ),
  disagreed: z.array(z.string()).describe("Ids of the traces that were not reproduced"),
  reason: z.string().optional().describe("Why none was replayed, or not all"),
});

const incomplete = z.object({
  clauses: z.array(clauseId).describe("Clauses that bind the target and were not judged"),
  terms: z.array(z.enum(measuredParts)).describe(
    "Parts of the measured rule that deviate while every clause holds",
  ),
  reason: z.string().describe("Why there is no verdict"),
});

const fault = z.object({
  kind: z.string(),
  found: z.string(),
  wanted: z.string().describe("What was wanted; empty where what was thrown says it all"),
  where: z.string().optional(),
  trace: z.string().optional().describe("The last lines of the trace of what a process threw"),
  stderr: z.string().optional().describe("The last lines that a process wrote to standard error"),
});

const namedDefect = z.object({
  id: z.string().nullable().describe("The id of a known defect; null for a measured number"),
  title: z.string(),
  fix: z.string(),
  seen: z.string().optional(),
  certain: z.boolean().describe("Whether every explanation has it"),
  change: z.record(z.string(), z.string()).optional()
    .describe("What it puts in the place of parts of the rule, by their names"),
  alternatives: z.array(z.object({ id: z.string().nullable(), title: z.string() })).optional()
    .describe("Other defects that explain the same"),
});

const figure = { factor: z.number(), error: z.number() };

const measuredValue = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("formula"),
    formula: z.string(),
    defect: z.string().nullable().describe("The known defect whose formula it is"),
  }),
  z.object({ kind: z.literal("number"), ...figure, of: z.string() }),
  z.object({
    kind: z.literal("table"),
    of: z.string(),
    entries: z.array(z.object({ at: z.string(), value: z.number(), error: z.number() })),
  }),
  z.object({
    kind: z.literal("regimes"),
    regimes: z.array(z.object({ where: z.string(), ...figure })),
    of: z.string(),
  }),
  z.object({ kind: z.literal("not measured"), reason: z.string() }),
]).describe("What is known of a term");

const influence = z.object({
  on: z.enum(influences),
  text: z.string(),
  coefficient: z.number().optional(),
  error: z.number().optional().describe("How far the coefficient may be off"),
});

const measuredRule = z.object({
  text: z.string().describe("One step"),
  schedule: z.string(),
  terms: z.array(z.object({
    name: z.enum(measuredParts),
    text: z.string(),
    wanted: z.string(),
    deviates: z.boolean().nullable().describe("null: it was not measured"),
    value: measuredValue.optional(),
    primedBy: z.array(z.string()).optional().describe(
      "Titles of the bugs that a prime in its text stands for",
    ),
  })),
  stepSizes: z.object({ wanted: z.array(float), measured: z.array(float) }).optional().describe(
    "The step sizes of a chain without noise, as the drift shows them",
  ),
});

const diagnosis = z.object({
  view: z.enum(diagnosisViews),
  defects: z.array(namedDefect).describe("The fewest defects that explain what was seen"),
  influences: z.array(influence).optional().describe(
    "What steps depend on that the rule forbids, or do not depend on that it demands",
  ),
  unexplained: z.string().optional().describe("What no known defect explains, with the figures"),
  unexplainedClauses: z.array(z.string()).optional().describe(
    "Clauses whose counterexamples neither the names nor the measured rule explain",
  ),
  measuredRule: measuredRule.optional().describe("The rule that the target really follows"),
  dialect: z.object({ name: z.string(), text: z.string(), temperature: float }).optional().describe(
    "Another rule that the target follows",
  ),
});

const report = z.object({
  format: z.literal(reportFormat),
  verdict: z.enum(runVerdicts).describe(
    "conforms: every clause that binds the target was judged, by itself or by whole steps, and holds",
  ),
  incomplete: incomplete.optional().describe("What is missing; only with the verdict incomplete"),
  tool: z.string().optional().describe("What made it: the program and its version"),
  command: z.string().optional().describe("The command that made it, as the person typed it"),
  target: z.object({
    name: z.string(),
    networkReturns: z.enum(["energy", "logits"]).optional(),
    framework: z.string().optional().describe("The library that it's written with"),
    unsupported: z.array(feature),
    coordinates: z.object({
      ofBounds: z.number().describe("In units of 2^-24 times the larger bound of an axis"),
      ofOwn: z.number().describe("The same in every box, in action units"),
    }).optional().describe(
      "How much is taken as rounding of a sampler that keeps its actions in coordinates of its own",
    ),
  }),
  rule: z.object({
    name: z.string(),
    sentence: z.string(),
    source: z.string(),
    formulas: z.record(z.string(), z.string()),
  }).optional().describe("The rule that it was judged by, if it is another one than the default"),
  seed: z.int(),
  profile: z.enum(profiles),
  falseAlarm: z.number().optional().describe(
    "The chance that this run rejects a correct sampler; absent where nothing is random",
  ),
  clauses: z.array(clause),
  coverage: z.object({
    pairs: tried,
    triples: tried,
    untried: z.record(z.string(), z.array(z.string())).describe(
      "The values of each thing that can vary that were in no problem",
    ),
  }).optional().describe(
    "Pairs and triples of values of what a problem can vary that step/exact was tried on",
  ),
  remarks: z.array(z.string()).describe("What the run found out besides the clauses, in words"),
  golden,
  energy: z.object({
    first: float,
    last: float,
    change: float,
    steps: z.array(float).optional().describe("Before every step and after the last one"),
  }).nullable().describe("Mean energy along a chain with the official defaults"),
  diagnosis: diagnosis.optional().describe(
    "What is wrong, as far as it can be named, and the rule that the target really follows",
  ),
  fault: fault.optional().describe("Why the target could not be judged"),
  elapsedMs: z.number(),
}).meta({ title: "ulaspec report" });

type Assignable<From extends To, To> = From;
/** Breaks if the schema has a field that the type lacks, or one of another type; and the reverse. */
type Checked =
  | Assignable<z.output<typeof report>, Report>
  | Assignable<Report, z.output<typeof report>>;

/** The schema of a report. */
export const reportSchema: z.ZodType<Report> = report satisfies z.ZodType<Checked>;

/** The JSON schema of a report. */
export function reportJsonSchema(): unknown {
  return z.toJSONSchema(reportSchema);
}
