/**
 * The page `docs/traces.md`: the traces of the official code, how they were made and what they show.
 *
 * @module
 */

import { officialTraces } from "../golden/load.ts";
import { type Replay, replaySpec } from "../golden/replay.ts";
import { traceJsonSchema } from "../golden/trace_file.ts";
import type { Trace } from "../golden/trace.ts";
import { predictStep } from "../spec/oracle.ts";
import { officialDefaults } from "../spec/problem.ts";
import { stepSizes } from "../spec/rule.ts";
import { type PartOfSchema, partsOfSchema } from "./schema_parts.ts";
import { clauseLink, counted, defectLink, math, table } from "./page_parts.ts";
import { printed } from "./printed.ts";

const digits = (value: number, count = 4): string => {
  const short = Number(value.toPrecision(count));
  return short === 0 ? "0" : Math.abs(short) < 1e-3 ? plainly(short) : String(short);
};

/** A small number without an exponent, as long as that is readable. */
function plainly(value: number): string {
  return Math.abs(value) >= 1e-6
    ? value.toFixed(12).replace(/0+$/, "")
    : value.toExponential().replace("e-", "e−");
}

function scheduleWords({ settings }: Trace["problem"]): string {
  const { schedule } = settings, usual = officialDefaults.schedule;
  const like = (a: number, b: number) => Math.abs(a - b) <= 1e-7 * b;
  if (
    schedule.kind === "polynomial" && usual.kind === "polynomial" &&
    like(schedule.init, usual.init) && like(schedule.final, usual.final) &&
    schedule.power === usual.power
  ) return "defaults";
  return schedule.kind === "exponential"
    ? `${digits(schedule.init)}, decay ${digits(schedule.decay)}`
    : schedule.init === schedule.final
    ? `${digits(schedule.init)}, constant`
    : `${digits(schedule.init)} → ${digits(schedule.final)}, power ${digits(schedule.power)}`;
}

function traceRow(trace: Trace, replay: Replay): (string | number)[] {
  const { problem } = trace;
  const { settings } = problem;
  const worst = replay.worst!.distance.toFixed(2);
  return [
    `[\`${trace.id}\`](../golden/traces/${trace.id}.json)`,
    trace.title,
    [settings.steps, problem.initial.length, problem.axes].join("×"),
    scheduleWords(problem),
    digits(settings.noiseScale),
    settings.gradClip === null ? "" : digits(settings.gradClip),
    digits(settings.deltaClip),
    trace.deviation === undefined ? worst : `${worst}*`,
  ];
}

/** How many numbers of the traces are compared, and how many traces there are of each kind. */
function totals(traces: readonly Trace[], replays: readonly Replay[]) {
  const sum = (of: (trace: Trace) => number) => traces.reduce((total, t) => total + of(t), 0);
  return {
    numbers: replays.reduce((total, { comparisons }) => total + comparisons, 0),
    steps: sum(({ problem }) => problem.settings.steps * problem.initial.length),
    deviating: traces.filter(({ deviation }) => deviation !== undefined).length,
  };
}

/** The first steps of the deviating trace by three readings. */
function deviationTable(trace: Trace): string {
  const { problem, recorded } = trace;
  const { schedule, steps } = problem.settings;
  if (schedule.kind !== "exponential") throw new Error(`${trace.id} has no exponential schedule`);
  const closed = stepSizes(schedule, steps);
  const frozen = closed.map((_, k) => k === 0 ? schedule.init : schedule.init * schedule.decay);
  const points = [problem.initial, ...recorded.actions];
  const apart = (sizes: readonly number[], k: number) => {
    const predicted = predictStep(problem, k, points[k]!, { stepSizes: sizes });
    const distances = predicted.flatMap((row, r) =>
      row.map(({ terms, tolerance }, i) =>
        Math.abs(points[k + 1]![r]![i]! - terms.result) / tolerance
      )
    );
    return Math.max(...distances);
  };
  const far = (distance: number) =>
    distance < 10 ? distance.toFixed(2) : Math.round(distance).toLocaleString("en-US");
  return table(
    [
      "#step",
      "#closed form $\\eta_k$",
      "#frozen $\\eta_k$",
      "#distance from the closed form",
      "#from the frozen one",
    ],
    [0, 1, 2, 3, 5, 10, steps - 1].map((k) => [
      k,
      digits(closed[k]!),
      digits(frozen[k]!),
      far(apart(closed, k)),
      far(apart(frozen, k)),
    ]),
  );
}

function schemaTable(parts: readonly PartOfSchema[]): string {
  return table(
    ["field", "type", "meaning"],
    parts.map(({ path, type, description }) => [`\`${path}\``, type, description]),
  );
}

/** A short trace as its file begins and ends. */
async function excerpt(id: string): Promise<string> {
  const text = await Deno.readTextFile(new URL(`../golden/traces/${id}.json`, import.meta.url));
  const file = JSON.parse(text) as Record<string, unknown>;
  return `{\n${
    Object.entries(file).filter(([key]) => key !== "source").map(([key, value]) =>
      `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`
    ).join(",\n")
  }\n}`;
}

/** What `record` prints, without the name of a folder that is made for it. */
async function recording(target: string): Promise<{ record: string; files: number }> {
  const folder = await Deno.makeTempDir();
  try {
    const record = (await printed("record", "--output", folder, target)).replaceAll(
      folder,
      "my_traces",
    );
    return { record, files: [...Deno.readDirSync(folder)].length };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The text of `docs/traces.md`. */
export async function tracesPage(): Promise<string> {
  const traces = await officialTraces();
  const replays = traces.map(replaySpec);
  const { numbers, steps, deviating } = totals(traces, replays);
  const bent = traces.find(({ deviation }) => deviation !== undefined)!;
  const { source } = bent;
  const runtimes = Map.groupBy(traces, (trace) => trace.source.runtime);
  const unrolled = traces.filter(({ source: { runtime } }) => runtime !== source.runtime);
  const worst = Math.max(...replays.map((replay) => replay.worst!.distance));
  const median = [...replays].sort((a, b) => a.worst!.distance - b.worst!.distance)[
    Math.floor(replays.length / 2)
  ]!.worst!.distance;
  const { deviation: _, ...undeclared } = bent;
  const asRule = replaySpec(undeclared);
  const demo = await printed("demo");
  const reference = /\d+ of \d+ traces agree/.exec(demo)?.[0];
  if (reference === undefined) throw new Error("Cannot read the demo: found no line about traces");
  const { record, files } = await recording("defect:exponential-frozen");
  return `<!-- Generated by \`deno task docs\` from golden/traces/. Do not edit. -->

# The official traces and how they were made

The rule of this project is not read off a paper; it is what the official code does. ${traces.length} chains of
that code were recorded, with everything that went into them and everything that came out, and lie in
[\`golden/traces/\`](../golden/traces/index.ts). They are evidence for the specification and for the
reference alike, and every sampler that is judged runs their problems too.

## What was run

| | |
|---|---|
| repository | \`${source.repository}\` |
| commit | \`${source.commit}\` |
| function | \`${source.function}\` |
${
    [...runtimes].map(([runtime, members]) =>
      `| runtime of ${members.length} traces | ${runtime} |`
    ).join("\n")
  }

How the loop is run matters to the exponential schedule; see
[the known deviation](#the-known-deviation). The traces with the unrolled loop are
${unrolled.map(({ id }) => `\`${id}\``).join(" and ")}.

## How a trace was recorded

- **The network is a formula.** The official function asks a network object for outputs and
  differentiates them. In its place stood a stub that evaluates a formula $E(o, a)$ in tensor
  operations and returns $-E$, as the official networks return logits. TensorFlow's own automatic
  differentiation ran through it, so the gradient is the official code's gradient.
- **The noise is a tape.** Every normal draw of the call was replaced by the next table of a list that
  was fixed beforehand, steps × rows × axes. Nothing random is left, and a trace holds no seed.
- **The chain is the code's own report.** \`chain.actions\` are the points *after* each step;
  \`chain.networkOutputs\` the raw outputs and \`chain.gradNorms\` the norms of the unclipped gradients
  *before* each step. \`final\` is what the function returned, and equals the last of the chain.
- **Numbers are float32.** Each is written as the shortest decimal that rounds back to the same
  float32; \`"NaN"\`, \`"Infinity"\`, \`"-Infinity"\` and \`"-0"\` stand for what JSON has no number for.
- **Nothing was smoothed over.** The official code selects a step of its report by multiplying with
  ones and zeros, so that one output or norm that is not finite turns its row's whole column into NaN.
  The traces show it. It concerns the report alone, and no sampler need imitate it.

The whole of \`one-step\`, its source left out:

\`\`\`json
${await excerpt("one-step")}
\`\`\`

## The traces

${numbers.toLocaleString("en-US")} recorded numbers of ${
    steps.toLocaleString("en-US")
  } steps of single rows. The last column is the largest distance of a recorded number from what the specification gives, in tolerances;
more than 1 would disagree. The shape is steps × rows × axes. The default step sizes are those of [the rule](rule.md#one-step); γ is the gradient clip, σ the noise scale, c the delta clip.

${
    table(
      [
        "trace",
        "what it shows",
        "#shape",
        "step sizes",
        "#σ",
        "#γ",
        "#c",
        "#distance",
      ],
      traces.map((trace, i) => traceRow(trace, replays[i]!)),
    )
  }

\\* from the deviating rule that the trace declares.

## How close they are

Each step is judged teacher-forced: it is predicted in float64 from the recorded point before it, so
that errors do not add up, and compared with the recorded point after it. The tolerance is what float32
arithmetic explains in any order of evaluation, and nothing else: for each coordinate, with the unit
roundoff $u = 2^{-24}$,

${
    math(
      "\\begin{aligned}",
      "& u\\,(|a| + |a'|) + 4u\\ell + \\frac{\\eta}{2}\\,\\mathit{err}_g \\\\",
      "& + 3u\\eta\\left(\\frac{|\\tilde g|}{2} + \\sigma|\\xi|\\right) \\\\",
      "& + \\mathit{err}_\\eta\\,\\left|\\frac{\\tilde g}{2} + \\sigma\\xi\\right|",
      "\\end{aligned}",
    )
  }

where $\\mathit{err}_g$ bounds the rounding of the gradient, followed through its formula, and
$\\mathit{err}_\\eta$ that of the step size. The second term counts only where the limit can act, the
others only as far as the limit lets them. Over all traces the largest distance is ${
    worst.toFixed(2)
  } tolerances and the
median of the traces' largest is ${
    median.toFixed(2)
  }: the tolerance is neither exceeded nor wide. A wrong rule is
thousands away.

The reference, tensors and automatic differentiation in float32, runs the problems by itself:
${reference}.

## The known deviation

\`${bent.id}\` records what the official code does with the exponential schedule in its
default mode: ${bent.deviation}.
The schedule object changes its own state when it is asked for the next
step size; under \`tf.function\` with \`tf.range\` the loop body is traced once, the state changes once,
and every later step has the same size. With the loop unrolled in Python the same code follows its
documentation, as \`exponential\` and \`exponential-slow\` record.

Distances in tolerances, the largest of each step:

${deviationTable(bent)}

Compared with the closed form without its note, the trace disagrees by up to
${
    Math.round(asRule.worst!.distance).toLocaleString("en-US")
  } tolerances. With the note it must follow the frozen form exactly, within the same
tolerance: a trace that names a deviation and departs in any other way is refused, and so is one that
names a deviation and follows the rule. The clause ${
    clauseLink("schedule/exponential")
  } follows the documented
closed form; a sampler that freezes is told so as ${defectLink("exponential-frozen")}.

## How a check replays them

\`check\` hands the problem of each trace to the sampler: energy, box, settings, initial actions and
tape. It then holds every step of the sampler against the rule, from the sampler's own points. The
recorded numbers are not asked of the sampler, so a float64 sampler is not punished for being more
exact than float32. The verdict is the clause ${
    clauseLink("golden/traces")
  }, which is judged last, because it builds on all others. A trace that
needs a feature the sampler lacks is skipped.

The pytest snippet of [In your own CI](ci.md) runs the same problems without Deno. It holds the whole
chain against the recorded numbers instead, with a tolerance that allows for rounding along it.

## Record your own

\`record\` runs the ${traces.length} problems through any target and writes traces of it, in the same format. Two
recordings can be compared by \`diff -r\`: of two machines, or before and after a sampler is rewritten.
The traces of a sampler that departs from the rule say so by themselves.

\`\`\`console
$ deno task ulaspec record --output my_traces defect:exponential-frozen
${record}
\`\`\`

${files} files. \`check --golden my_traces TARGET\` replays them instead of the official ones. That takes
their problems alone: the steps of \`TARGET\` are compared with the rule, as above, and not with the
recorded numbers, so it does not pin a sampler. (To pin one, let the pytest snippet read them: \`ULASPEC_TRACES=my_traces\`.)
The recorded numbers are themselves compared with the rule when the folder is read: one that the rule
does not give, in a trace that declares no deviation, is refused with its place.

## The format

One JSON object a file. \`ulaspec schema golden\` prints the schema that readers of other languages can
use; this table is made from it.

${schemaTable(partsOfSchema(traceJsonSchema()))}

${counted(deviating)[0]!.toUpperCase()}${
    counted(deviating).slice(1)
  } of the official traces has a \`deviation\`.
`;
}
