/**
 * Tries whether the tests bite: changes one thing in the sources at a time, and sees whether a test
 * fails. Writes `docs/mutation.json`, from which `docs/mutation.md` is generated.
 *
 *     deno task mutate                     200 mutants of seed 1, at most an hour on two cores
 *     deno task mutate --count 60 --seed 2 others
 *     deno task mutate --only spec/laws    only files whose path begins so; prints, writes no page
 *     deno task mutate --list              what there is to try, without trying it
 *     deno task mutate --again             only those of the last run that survived or are new
 *     deno task mutate --named             the mutations that once passed every test
 *     deno task mutate --near              only the nearest tests, for writing more of them; prints
 *
 * The tests of the mutated folders run once as they are; all must pass. Then each mutant is tried in
 * a copy of the sources in a temporary folder, on the tests that reach its file through imports,
 * nearest and cheapest first, up to the first that fails. Trials are kept in `.mutation/`: a run that
 * was interrupted goes on where it stopped, as long as neither sources nor tests have changed.
 *
 * Mutants are drawn by a hash of what they are, so that another line elsewhere changes the sample
 * little. What survives for a good reason gets an entry in `docs/mutation_survivors.json`, with the
 * file and the lines before and after as `docs/mutation.json` has them. Afterwards `deno task docs`
 * writes the page.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { seedFor } from "../spec/numerics/random.ts";
import { isProduction } from "./mutation/concerned.ts";
import { namedMutants } from "./mutation/named.ts";
import { type Mutant, mutantsOf } from "./mutation/operators.ts";
import {
  explanationOf,
  readExplanations,
  readRun,
  scoreOf,
  writeRun,
} from "./mutation/score_page.ts";
import { Laboratory, sourcesKey, sourcesOf, type Trial } from "./mutation/mutant_trials.ts";
import { checkoutFiles } from "./mutation/workspace.ts";

const root = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
/** Groups of tests that count as near: a start of a second or two. */
const nearGroups = 1;
const progressFolder = `${root}/.mutation`;

/** What is kept of a run while it goes on. */
interface Progress {
  /** The sources and tests that it is about; see {@linkcode sourcesKey}. */
  readonly key: string;
  /** Seconds by test file. */
  readonly timings: Readonly<Record<string, number>>;
  /** What was tried. */
  readonly trials: readonly Trial[];
  /** Seconds that the trials took. */
  readonly seconds: number;
}

/** Every mutant of the production sources. */
export function allMutants(sources: ReadonlyMap<string, string>): Mutant[] {
  return [...sources].flatMap(([path, text]) => isProduction(path) ? mutantsOf(path, text) : []);
}

/** Draws mutants: another seed gives others, a change of another line gives nearly the same. */
export function drawn(mutants: readonly Mutant[], seed: number, count: number): Mutant[] {
  const rank = new Map(mutants.map((mutant) => [mutant, seedFor(seed, keyOf(mutant))]));
  return mutants.toSorted((a, b) => rank.get(a)! - rank.get(b)!).slice(0, count);
}

/** What a mutant is, wherever its line has moved. */
function keyOf({ file, before, after, occurrence }: Mutant | Trial): string {
  return [file, before, after, occurrence].join("\n");
}

/** What was kept last. */
async function readProgress(): Promise<Progress | undefined> {
  const text = await Deno.readTextFile(`${progressFolder}/progress.json`).catch(() => null);
  return text === null ? undefined : JSON.parse(text);
}

async function writeProgress(progress: Progress): Promise<void> {
  await Deno.mkdir(progressFolder, { recursive: true });
  const path = `${progressFolder}/progress.json`;
  await Deno.writeTextFile(`${path}.new`, `${JSON.stringify(progress, null, 2)}\n`);
  await Deno.rename(`${path}.new`, path);
}

/** How mutants are tried. */
interface Manner {
  /** The sources and tests; see {@linkcode sourcesKey}. */
  readonly key: string;
  /** Workers. */
  readonly jobs: number;
  /** Trials that need not be repeated. */
  readonly known?: readonly Trial[];
}

/** Tries mutants, keeping what comes of them; gives the trials in the order of the mutants. */
async function tried(
  mutants: readonly Mutant[],
  { key, jobs, known = [] }: Manner,
): Promise<{ readonly trials: readonly Trial[]; readonly seconds: number }> {
  const kept = await readProgress();
  let progress = kept?.key === key ? kept : undefined;
  const results = new Map([...known, ...progress?.trials ?? []].map((one) => [keyOf(one), one]));
  const left = mutants.filter((mutant) => !results.has(keyOf(mutant)));
  const finished = mutants.length - left.length;
  if (left.length > 0) {
    await inLaboratory(jobs, progress?.timings, async (laboratory) => {
      progress ??= { key, timings: laboratory.timings, trials: [], seconds: 0 };
      const before = progress;
      const started = performance.now();
      // One writer at a time: several workers report.
      let written = writeProgress(before);
      await laboratory.try(left, async (trial, done) => {
        results.set(keyOf(trial), trial);
        progress = {
          ...before,
          trials: [...before.trials, ...done],
          seconds: before.seconds + (performance.now() - started) / 1000,
        };
        const now = progress;
        written = written.then(() => writeProgress(now));
        console.error(`${finished + done.length} of ${mutants.length}: ${wordsOf(trial)}`);
        await written;
      });
    });
  }
  return {
    trials: mutants.map((mutant) => results.get(keyOf(mutant))!),
    seconds: progress?.seconds ?? 0,
  };
}

/**
 * Tries mutants on the nearest tests alone. How long tests take is taken from the last run, whatever
 * its sources; nothing is kept.
 */
async function triedNear(mutants: readonly Mutant[], jobs: number): Promise<readonly Trial[]> {
  const timings = (await readProgress())?.timings;
  return await inLaboratory(
    jobs,
    timings,
    (laboratory) =>
      laboratory.try(mutants, (trial, { length }) => {
        console.error(`${length} of ${mutants.length}: ${wordsOf(trial)}`);
        return Promise.resolve();
      }, nearGroups),
  );
}

/** Opens a laboratory, and leaves no copies of the sources behind, interrupted or not. */
async function inLaboratory<T>(
  jobs: number,
  timings: Laboratory["timings"] | undefined,
  body: (laboratory: Laboratory) => Promise<T>,
): Promise<T> {
  const laboratory = await Laboratory.open(root, jobs, timings);
  const leave = async () => {
    await laboratory.close();
    Deno.exit(130);
  };
  Deno.addSignalListener("SIGINT", leave);
  Deno.addSignalListener("SIGTERM", leave);
  try {
    return await body(laboratory);
  } finally {
    Deno.removeSignalListener("SIGINT", leave);
    Deno.removeSignalListener("SIGTERM", leave);
    await laboratory.close();
  }
}

function wordsOf({ file, line, outcome, before, after, by }: Trial): string {
  const change = outcome === "survived" ? `: ${before} → ${after}` : ` by ${by}`;
  return `${file}:${line} ${outcome}${change}`;
}

/** The processor and the versions, for a page. */
async function machineWords(jobs: number): Promise<string> {
  const info = await Deno.readTextFile("/proc/cpuinfo").catch(() => "");
  const model = /^model name\s*:\s*(.+)$/m.exec(info)?.[1] ?? Deno.build.arch;
  return `${jobs} of ${navigator.hardwareConcurrency} cores of ${model}, Deno ${Deno.version.deno}`;
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string", default: "1" },
      count: { type: "string", default: "200" },
      jobs: { type: "string", default: String(navigator.hardwareConcurrency) },
      only: { type: "string", multiple: true },
      list: { type: "boolean", default: false },
      again: { type: "boolean", default: false },
      named: { type: "boolean", default: false },
      near: { type: "boolean", default: false },
    },
  });
  const seed = Number(values.seed), count = Number(values.count), jobs = Number(values.jobs);
  const sources = await sourcesOf(root, await checkoutFiles(root));
  const key = await sourcesKey(sources);
  if (values.named) return await tryNamed(sources, key, jobs);

  const { only } = values;
  const wanted = (file: string) => only?.some((prefix) => file.startsWith(prefix)) ?? true;
  const all = allMutants(sources).filter(({ file }) => wanted(file));
  const chosen = drawn(all, seed, count);
  if (values.list) {
    for (const { file, line, before, after } of chosen) {
      console.log(`${file}:${line}\n  - ${before}\n  + ${after}`);
    }
    console.error(`${chosen.length} of ${all.length} mutants`);
    return 0;
  }
  if (values.near) {
    await summarise(await triedNear(chosen, jobs));
    return 0;
  }
  const before = values.again ? await readRun() : undefined;
  const known = before?.trials.filter(({ outcome }) => outcome !== "survived");
  const { trials, seconds } = await tried(chosen, { key, jobs, ...(known ? { known } : {}) });
  if (only === undefined) {
    await writeRun({
      date: new Date().toISOString().slice(0, 10),
      machine: await machineWords(jobs),
      seed,
      possible: all.length,
      seconds: Math.round(seconds + (before?.seconds ?? 0)),
      trials,
    });
  }
  await summarise(trials);
  return 0;
}

async function summarise(trials: readonly Trial[]): Promise<void> {
  const explanations = await readExplanations();
  for (const trial of trials.filter(({ outcome }) => outcome === "survived")) {
    const why = explanationOf(trial, explanations);
    console.log(`${wordsOf(trial)}${why === undefined ? "" : `\n  ${why}`}`);
  }
  console.log(`Score: ${(100 * scoreOf(trials)).toFixed(1)} % of ${trials.length}`);
}

/** Tries the named mutations: each must have its place, and be killed. */
async function tryNamed(
  sources: ReadonlyMap<string, string>,
  key: string,
  jobs: number,
): Promise<number> {
  const { mutants, lost } = namedMutants(sources);
  const { trials } = await tried(mutants, { key, jobs });
  const alive = trials.filter(({ outcome }) => outcome === "survived");
  for (const name of lost) console.error(`The place of “${name}” isn't found, or not once`);
  for (const trial of alive) console.error(wordsOf(trial));
  console.log(`${trials.length - alive.length} of ${trials.length + lost.length} killed`);
  return lost.length + alive.length === 0 ? 0 : 1;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
