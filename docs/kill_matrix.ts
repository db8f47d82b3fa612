/**
 * Tries every known defect: which clauses catch it, what the diagnosis says, of a sampler in this
 * process and of one in Python behind the wire, and what the official repository's own test says.
 * Writes `docs/kill-matrix.json`, from which `docs/kill-matrix.md` is generated.
 *
 *     deno task matrix        some minutes; needs Python 3.9 for the figures through the adapter
 *
 * @module
 */

import { type Clause, clauses } from "../properties/clauses.ts";
import { type Defect, defectOf, defects, equivalents, ruleOf } from "../src/defects/defects.ts";
import { observe } from "../spec/observe.ts";
import { officialDefaults, type Problem } from "../spec/problem.ts";
import { seedFor, uniform } from "../spec/numerics/random.ts";
import { type Rule, ruleSampler } from "../spec/rule.ts";
import { judge } from "../src/run/judge.ts";
import { diagnose, type Diagnosis } from "../src/diagnosis/diagnose.ts";
import {
  compoundDefects,
  type CompoundOutcome,
  compoundSampler,
  outcomeOf,
} from "../src/fixtures/compound.ts";
import { findPython, type Python, pythonDiagnosis } from "../src/fixtures/python_rule.ts";

/** What one defect looks like from outside. */
export interface MatrixRow {
  /** The defect. */
  readonly id: string;
  /** The clauses that are violated, in the order of the catalogue. */
  readonly clauses: readonly string[];
  /** What the diagnosis names, with its alternatives in brackets. */
  readonly named: readonly string[];
  /** How often the official repository's own test fails. */
  readonly officialTestFails: number;
}

/** How diagnoses of several defects at once come out. */
export interface CompoundFigures {
  /** Sets of defects that were tried. */
  readonly tried: number;
  /** Those in which anything was found. */
  readonly detected: number;
  /** How often so many of them were named: index 0 for none. */
  readonly named: readonly number[];
  /** Sets of which a wrong name was given as certain. */
  readonly wrong: readonly string[];
}

/** How the diagnoses of the same defects come out when the samplers are written in Python. */
export interface PythonFigures {
  /** The version of Python. */
  readonly version: string;
  /** Defects that were tried. */
  readonly tried: number;
  /** Those that are named alone and for certain. */
  readonly alone: number;
  /** What is said of the others. */
  readonly others: readonly PythonOutcome[];
}

/** What is said of a defect in Python that is not named alone and for certain. */
export interface PythonOutcome {
  /** The defect. */
  readonly id: string;
  /** What the diagnosis names, with its alternatives in brackets. */
  readonly named: readonly string[];
  /** What the diagnosis cannot explain. */
  readonly unexplained?: string;
}

/** All figures of the matrix. */
export interface KillMatrix {
  /** The day on which they were measured. */
  readonly date: string;
  /** What the figures depend on; see {@linkcode catalogueKey}. */
  readonly catalogue: string;
  /** One entry per defect. */
  readonly rows: readonly MatrixRow[];
  /** Repetitions of the official repository's own test. */
  readonly officialTestRuns: number;
  /** Two defects at once. */
  readonly pairs: CompoundFigures;
  /** Three defects at once. */
  readonly triples: CompoundFigures;
  /** The defects in Python, through the adapter; null if the machine had no Python. */
  readonly python: PythonFigures | null;
}

/** A short key of the catalogue of defects and clauses: it changes when they do. */
export async function catalogueKey(): Promise<string> {
  const text = JSON.stringify([
    defects.map(({ id, change }) => [id, change]),
    clauses.map(({ id }) => id),
  ]);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest)].slice(0, 8).map((b) => b.toString(16).padStart(2, "0")).join(
    "",
  );
}

/** Judges and diagnoses one defect; its own generator is judged as well as its tape. */
export async function matrixRow(defect: Defect, officialTestRuns: number): Promise<MatrixRow> {
  const sampler = ruleSampler(ruleOf(defect), { name: defect.id, noise: "both" });
  const report = await judge(observe(sampler), { golden: [] });
  const violated = report.clauses.filter((clause) => clause.verdict === "violated");
  return {
    id: defect.id,
    clauses: violated.map((clause) => clause.id),
    named: namesIn(await diagnose(observe(sampler))),
    officialTestFails: await officialTestFailures(ruleOf(defect), officialTestRuns),
  };
}

/** What a diagnosis names, with its alternatives in brackets. */
function namesIn(diagnosis: Diagnosis): string[] {
  return diagnosis.defects.map(({ id, title, alternatives = [] }) =>
    [id ?? title, ...alternatives.map((other) => `(${other.id ?? other.title})`)].join(" ")
  );
}

/**
 * Diagnoses defects in Python: each is a sampler of its own process, driven by the defect's record,
 * whose draws come from the tape through the adapter.
 *
 * @param chosen all known defects by default
 */
export async function pythonFigures(
  { command, version }: Python,
  chosen: readonly Defect[] = defects,
): Promise<PythonFigures> {
  const others: PythonOutcome[] = [];
  for (const defect of chosen) {
    const { id } = defect;
    const diagnosis = await pythonDiagnosis(command, defect.change);
    const [first, ...more] = diagnosis.defects, { unexplained } = diagnosis;
    if (first?.id === id && first.certain && more.length === 0 && unexplained === undefined) {
      continue;
    }
    const named = namesIn(diagnosis);
    others.push({ id, named, ...(unexplained === undefined ? {} : { unexplained }) });
  }
  return { version, tried: chosen.length, alone: chosen.length - others.length, others };
}

/**
 * The one assertion of the official repository's own test: after 25 steps with the defaults on
 * `(100 · |a - (0.3, 0.4)|)²` in the unit square, the first of 256 rows is within 0.1 of the minimum.
 *
 * @returns how often it fails
 */
export async function officialTestFailures(rule: Rule, runs: number): Promise<number> {
  let failures = 0;
  for (let run = 0; run < runs; run++) {
    const start = uniform(seedFor(run, "official test"));
    const problem: Problem = {
      energy: "10000*((a1 - 0.3)^2 + (a2 - 0.4)^2)",
      settings: { ...officialDefaults, bounds: { min: [0, 0], max: [1, 1] } },
      groups: 2,
      samples: 128,
      axes: 2,
      observations: [[], []],
      initial: Array.from({ length: 256 }, () => [start(), start()].map(Math.fround)),
      noise: { kind: "own" },
      seed: run,
    };
    try {
      const prepared = await observe(ruleSampler(rule)).prepare(problem.settings);
      const [a = NaN, b = NaN] = (await prepared.sample(problem)).final[0]!;
      if (!(Math.hypot(a - 0.3, b - 0.4) < 0.1)) failures++;
    } catch {
      failures++;
    }
  }
  return failures;
}

/** Diagnoses random sets of defects. */
export async function compoundFigures(
  size: number,
  count: number,
  seed: number,
): Promise<CompoundFigures> {
  const outcomes: { name: string; outcome: CompoundOutcome }[] = [];
  for (const chosen of compoundDefects(seed, size, count)) {
    const sampler = compoundSampler(chosen);
    const outcome = outcomeOf(chosen, await diagnose(observe(sampler)));
    outcomes.push({ name: sampler.name, outcome });
  }
  const wrong = outcomes.filter(({ outcome }) => outcome.wrong.length > 0);
  return {
    tried: count,
    detected: outcomes.filter(({ outcome }) => outcome.detected).length,
    named: Array.from(
      { length: size + 1 },
      (_, n) => outcomes.filter(({ outcome }) => outcome.named === n).length,
    ),
    wrong: wrong.map(({ name, outcome }) => `${name}: named ${outcome.wrong.join(", ")}`),
  };
}

const file = new URL("kill-matrix.json", import.meta.url);

/** The figures as they were measured last. */
export async function readMatrix(): Promise<KillMatrix> {
  return JSON.parse(await Deno.readTextFile(file));
}

/** The totals of a matrix, for the page and the README. */
export interface MatrixTotals {
  /** All of them. */
  readonly defects: number;
  /** Defects that break a clause. */
  readonly caught: number;
  /** Defects that the diagnosis names, alone or in a class. */
  readonly named: number;
  /** Defects that it names alone. */
  readonly alone: number;
  /** Those that the official test always catches. */
  readonly officialAlways: number;
  /** Those that it catches now and then. */
  readonly officialSometimes: number;
  /** Those that it never catches. */
  readonly officialNever: number;
}

/** Adds a matrix up. */
export function totalsOf({ rows, officialTestRuns }: KillMatrix): MatrixTotals {
  const count = (holds: (row: MatrixRow) => boolean) => rows.filter(holds).length;
  return {
    defects: rows.length,
    caught: count((row) => row.clauses.length > 0),
    named: count(({ id, named }) => named.length === 1 && named[0]!.split(/[ ()]+/).includes(id)),
    alone: count(({ id, named }) => named.length === 1 && named[0] === id),
    officialAlways: count((row) => row.officialTestFails === officialTestRuns),
    officialSometimes: count((row) =>
      row.officialTestFails > 0 && row.officialTestFails < officialTestRuns
    ),
    officialNever: count((row) => row.officialTestFails === 0),
  };
}

/** The page `docs/kill-matrix.md`. */
export function killMatrixPage(matrix: KillMatrix): string {
  const totals = totalsOf(matrix);
  const { rows, pairs, triples, officialTestRuns, date } = matrix;
  const catching = new Set(rows.flatMap((row) => row.clauses));
  const idle = (clauses as readonly Clause[]).filter((clause) => !catching.has(clause.id));
  const official = ({ officialTestFails: fails }: MatrixRow) =>
    fails === 0
      ? "never"
      : fails === officialTestRuns
      ? "always"
      : `${fails} of ${officialTestRuns}`;
  const missed = rows.filter((row) => row.clauses.length === 0);
  const unnamed = rows.filter(({ id, named }) => named.length !== 1 || named[0] !== id);
  return [
    "<!-- Generated by `deno task docs` from docs/kill-matrix.json, which `deno task matrix` measures. -->",
    "",
    "# Every known defect, and what finds it",
    "",
    `${totals.defects} defects, each a small wrong sampler. The suite catches ${totals.caught} of ` +
    `them; the diagnosis names ${totals.named} (${totals.alone} of them as the only explanation). ` +
    `The official repository's own test, one assertion on one row, was run ${officialTestRuns} ` +
    `times on each: it catches ${totals.officialAlways} always, ${totals.officialSometimes} ` +
    `sometimes and ${totals.officialNever} never.`,
    "",
    "| several at once | tried | detected | named | a wrong name given as certain |",
    "|---|---|---|---|---|",
    compoundRow("two defects of different parts", pairs),
    compoundRow("three", triples),
    "",
    `Measured on ${date}. A defect that another one hides (no noise is added: then nothing is wrong ` +
    "with its law) cannot be named before that one is mended.",
    "",
    ...pairs.wrong.concat(triples.wrong).map((line) => `- ${line}`),
    "",
    ...pythonLines(matrix.python),
    "",
    "## By defect",
    "",
    "| defect | clauses that catch it | the diagnosis | the official test |",
    "|---|---|---|---|",
    ...rows.map((row) =>
      `| [\`${row.id}\`](defects.md#${row.id}) | ${
        row.clauses.map((id) => `\`${id}\``).join(", ") || "none"
      } | ${
        row.named.length === 1 && row.named[0] === row.id
          ? "names it"
          : row.named.join(" and ") || "names nothing"
      } | ${official(row)} |`
    ),
    "",
    "## What catches nothing",
    "",
    idle.length === 0
      ? "Every clause catches a defect that no clause before it does."
      : "A defect is counted for the first clause that it breaks, because clauses that build on a " +
        "violated one are not judged. These clauses are first for none of the known defects; they " +
        "are there for those that nobody has thought of yet:",
    "",
    ...idle.map((clause) => `- \`${clause.id}\`: ${clause.sentence}`),
    "",
    "## What is no defect, and what cannot be told apart",
    "",
    ...equivalents.map(({ id, title, reason }) => `- \`${id}\`: ${title}. ${reason}`),
    "- `noise-same-every-call`: a tape of draws takes the place of the generator, so it shows on " +
    "samplers that draw their own noise. There, laws and sharings that fail the same test are " +
    "named as a class.",
    ...missed.map(({ id }) => `- \`${id}\` is caught by nothing: ${defectOf(id)!.title}.`),
    ...unnamed.map(({ id, named }) =>
      `- \`${id}\`: the diagnosis says ${named.join(" and ") || "nothing"}.`
    ),
    "",
  ].join("\n").replace(/\n{3,}/g, "\n\n");
}

function pythonLines(figures: PythonFigures | null): string[] {
  if (figures === null) {
    return [
      "The same defects in Python, through the adapter: not measured, because the machine had no " +
      "Python.",
    ];
  }
  const { version, tried, alone, others } = figures;
  return [
    `The same defects in Python ${version}: a sampler of plain lists, a process for each defect, ` +
    "that follows the defect's record and takes its noise from the tape through the adapter. The " +
    `diagnosis names ${alone} of ${tried}, alone and for certain` +
    (others.length === 0 ? "." : "; of the others it says:"),
    "",
    ...others.map(({ id, named, unexplained }) =>
      [`- \`${id}\`: ${named.join(" and ") || "nothing is named"}.`, unexplained ?? ""].join(" ")
        .trim()
    ),
  ];
}

function compoundRow(what: string, { tried, detected, named, wrong }: CompoundFigures): string {
  const all = named.at(-1)!;
  const some = tried - named[0]!;
  return `| ${what} | ${tried} | ${detected} | all in ${all}, at least one in ${some} | ${wrong.length} |`;
}

if (import.meta.main) {
  const officialTestRuns = 10;
  const rows: MatrixRow[] = [];
  for (const defect of defects) {
    rows.push(await matrixRow(defect, officialTestRuns));
    console.error(`${rows.length} of ${defects.length}: ${rows.at(-1)!.id}`);
  }
  const pairs = await compoundFigures(2, 500, 1);
  console.error(`pairs: ${JSON.stringify(pairs)}`);
  const triples = await compoundFigures(3, 100, 2);
  console.error(`triples: ${JSON.stringify(triples)}`);
  const python = await findPython();
  if (python === undefined) {
    console.error(
      "Found no Python (python3, python or ULASPEC_PYTHON), wanted 3.9 or newer: " +
        "the matrix is written without the figures through the Python adapter",
    );
  }
  const throughPython = python === undefined ? null : await pythonFigures(python);
  console.error(`in Python: ${JSON.stringify(throughPython)}`);
  const matrix: KillMatrix = {
    date: new Date().toISOString().slice(0, 10),
    catalogue: await catalogueKey(),
    officialTestRuns,
    rows,
    pairs,
    triples,
    python: throughPython,
  };
  await Deno.writeTextFile(file, `${JSON.stringify(matrix, null, 2)}\n`);
}
