/**
 * Feeds what the suite reads from outside with nonsense: whatever comes, it is refused with a message
 * of ours or read, and nothing hangs.
 *
 * ```sh
 * deno task fuzz [SECONDS [SEED]]
 * ```
 *
 * @module
 */

import fc from "fast-check";
import { readTrace } from "../golden/read.ts";
import { TraceError } from "../golden/trace.ts";
import { traceFiles } from "../golden/traces/index.ts";
import { energy } from "../spec/energy.ts";
import { FormulaError } from "../spec/formula/parse.ts";
import { observe } from "../spec/observe.ts";
import { officialDefaults, type Problem } from "../spec/problem.ts";
import { type Sampler, TargetFault } from "../spec/sampler.ts";
import { RuleError } from "../spec/rules/document.ts";
import { documentOf } from "../spec/rules/family.ts";
import { main } from "../src/cli.ts";
import { plainText } from "../src/report/plain_text.ts";
import { readRule } from "../src/run/rule_file.ts";
import { moduleDialect } from "../src/targets/module_wire.ts";
import { readAnswer } from "../src/targets/protocol.ts";
import { ProtocolFault } from "../src/targets/protocol_fault.ts";

/** What is fed, by its name: a property that must hold for every input. */
export interface Fuzzed {
  readonly name: string;
  readonly property: fc.IAsyncProperty<[unknown]>;
}

/** Lets errors of the given kinds pass: those are messages to a person. */
async function refusedOrRead(
  work: () => unknown,
  ...kinds: readonly (new (...given: never[]) => Error)[]
): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!kinds.some((kind) => error instanceof kind)) throw error;
    if (error instanceof Error && error.message.length > 50_000) {
      throw new Error(`a message of ${error.message.length} characters`, { cause: error });
    }
  }
}

const of = <T>(
  name: string,
  input: fc.Arbitrary<T>,
  check: (input: T) => Promise<void>,
): Fuzzed => ({
  name,
  property: fc.asyncProperty<[unknown]>(input, (given) => check(given as T)),
});

/** A text that was whole once: cut, with pieces replaced, doubled or moved. */
function damaged(texts: readonly string[]): fc.Arbitrary<string> {
  const change = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(40), piece);
  return fc.tuple(fc.constantFrom(...texts), fc.array(change, { maxLength: 6 })).map(
    ([text, changes]) =>
      changes.reduce((before, [where, length, instead]) => {
        const at = Math.floor(where * before.length);
        return before.slice(0, at) + instead + before.slice(at + length);
      }, text),
  );
}

const piece = fc.oneof(
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.constantFrom(
    ...["", "null", "1e999", "-0", '"NaN"', "[", "]", "{", "}", ",", '"', "\\ud800", "\u0000"],
    ...[
      "[[[[[[[[[[[[[[[[[[",
      "9".repeat(400),
      '"__proto__":',
      '"constructor":{},',
      "\ufeff",
      "\u202e",
    ],
  ),
);

const answers = [
  {
    id: 0,
    type: "ready",
    protocol: 1,
    name: "a",
    networkReturns: "energy",
    unsupported: [],
    noise: "tape",
  },
  {
    id: 0,
    type: "ready",
    name: "a",
    networkReturns: "logits",
    unsupported: ["grad-clip"],
    changed: [],
  },
  { id: 1, type: "prepared", prepared: 0 },
  {
    id: 2,
    type: "results",
    results: [{
      final: [[0, 1]],
      evaluations: [{ kind: "gradient", points: [[0, "NaN"]] }],
      draws: 1,
      initialAfter: [[0, 1]],
      chain: { outputs: [[1]] },
    }],
  },
  { id: 3, type: "failed", message: "no", trace: "a\nb" },
  { id: 3, type: "fault", kind: "throws", found: "a", wanted: "b", place: "c" },
].map((answer) => JSON.stringify(answer));

const problem: Problem = {
  energy: "a1^2 + a2",
  settings: { ...officialDefaults, steps: 2, bounds: { min: [-1, -1], max: [1, 1] } },
  groups: 1,
  samples: 2,
  axes: 2,
  observations: [[]],
  initial: [[0, 0.5], [0.25, 0]],
  noise: { kind: "own" },
  seed: 1,
};

/** A sampler of which nothing is as it should be. */
async function observed(parts: Readonly<Record<string, unknown>>, result: unknown): Promise<void> {
  const sampler = {
    name: "fuzzed",
    networkReturns: "energy",
    prepare: () => () => result,
    ...parts,
  } as unknown as Sampler;
  const prepared = await observe(sampler).prepare(problem.settings);
  const { final } = await prepared.sample(problem);
  if (final.length !== 2 || final.some((row) => row.length !== 2)) throw new Error("a wrong shape");
}

const anything = fc.anything({
  ...{ withBigInt: true, withDate: true, withMap: true, withSet: true, withSparseArray: true },
  ...{ withTypedArray: true, withNullPrototype: true, withObjectString: true, maxDepth: 4 },
});

/** Words of a command line that lead to no run: the only target there does not exist. */
const word = fc.oneof(
  fc.constantFrom(
    ...["check", "explain", "clauses", "schema", "help", "refrence", "--", "--seed", "--path=0:0"],
    ...["--clause", "steps", "--format", "json", "--output", "/nowhere/x", "--constructor", "-x"],
    ...["--timeout=1e999", "--allow-read", "__proto__", "--profile=quick", "--rule", "ula"],
  ),
  fc.string({ unit: "binary", maxLength: 12 }).filter((text) => !/[./\\]/.test(text)),
);

/** A command whose exit code is one of ours; a target that there is not never conforms. */
async function told(words: readonly string[]): Promise<void> {
  if (words.includes("--")) return; // what follows is started
  let text = "";
  const write = (more: string) => void (text += more);
  const io = {
    out: write,
    err: write,
    color: false,
    width: 80,
    progress: false,
    program: "ulaspec",
  };
  const code = await main(words, io);
  const judges = words[0] === "check" && !words.includes("--help") && !words.includes("-h");
  if (code !== 2 && (code !== 0 || judges)) throw new Error(`exit code ${code}: ${text}`);
  if (text.includes("ulaspec itself failed")) throw new Error(text);
  if (plainText(text.slice(0, 10_000)) !== text.slice(0, 10_000)) throw new Error("unfit text");
}

/** All that is fed. */
export const fuzzed: readonly Fuzzed[] = [
  of(
    "lines of a process",
    damaged(answers),
    (line) => refusedOrRead(() => readAnswer(line), ProtocolFault),
  ),
  of(
    "lines of a module's process",
    damaged(answers),
    (line) => refusedOrRead(() => moduleDialect("a.ts", () => {}).read(line), ProtocolFault),
  ),
  of(
    "golden files",
    damaged(Object.values(traceFiles).slice(0, 4).map((file) => JSON.stringify(file))),
    (text) => refusedOrRead(() => readTrace(text, "a.json"), TraceError),
  ),
  of(
    "rule files",
    damaged([JSON.stringify(documentOf("ula"))]),
    (text) => refusedOrRead(() => readRule(text, "a.json"), RuleError),
  ),
  of(
    "formulas",
    damaged(["1.5*(a1 - 0.2)^2 + exp(-a2*o1)", "where(a1, min(a2, 3), -a1^-2)"]),
    (text) => refusedOrRead(() => energy(text, 2, 1).gradient([0.5, 1], [2]), FormulaError),
  ),
  of("results", anything, (result) => refusedOrRead(() => observed({}, result), TargetFault)),
  of(
    "samplers",
    fc.dictionary(
      fc.constantFrom("name", "unsupported", "noise", "reveals", "rule", "prepare"),
      anything,
    ),
    (parts) => refusedOrRead(() => observed(parts, problem.initial), TargetFault),
  ),
  of("arguments", fc.array(word, { maxLength: 6 }), told),
];

/**
 * Feeds one kind.
 *
 * @throws {Error} with the smallest input that is neither read nor refused
 */
export async function feed(
  { name, property }: Fuzzed,
  seed: number,
  numRuns: number,
): Promise<void> {
  const result = await fc.check(property, { seed, numRuns });
  if (!result.failed) return;
  const { counterexample, errorInstance, counterexamplePath } = result;
  throw new Error(
    `${name}, seed ${seed}, path ${counterexamplePath}: ${
      JSON.stringify(counterexample)?.slice(0, 2000)
    }`,
    { cause: errorInstance },
  );
}

/** Milliseconds after which a round of one kind is taken to hang. */
const patience = 60_000;

async function watched(seconds: number, seed: number): Promise<void> {
  const worker = new Worker(import.meta.url, { type: "module" });
  let last = "the start";
  const end = performance.now() + 1000 * seconds;
  const outcome = new Promise<string>((resolve) => {
    let timer = setTimeout(() => resolve(`It hangs: ${last}`), patience);
    worker.onmessage = ({ data }: MessageEvent<{ round: string; failed?: string }>) => {
      clearTimeout(timer);
      last = data.round;
      if (data.failed !== undefined) return resolve(data.failed);
      if (performance.now() > end) return resolve("");
      timer = setTimeout(() => resolve(`It hangs after ${last}`), patience);
    };
  });
  worker.postMessage({ seed });
  const failed = await outcome;
  worker.terminate();
  console.log(failed === "" ? `Nothing found; the last round was ${last}` : failed);
  Deno.exit(failed === "" ? 0 : 1);
}

async function rounds(seed: number): Promise<never> {
  for (let round = seed;; round++) {
    for (const kind of fuzzed) {
      const name = `${kind.name}, seed ${round}`;
      try {
        await feed(kind, round, 200);
        self.postMessage({ round: name });
      } catch (error) {
        const cause = error instanceof Error && error.cause instanceof Error
          ? error.cause.stack
          : "";
        self.postMessage({ round: name, failed: `${error}\n${cause}` });
      }
    }
  }
}

declare const self: {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent<{ readonly seed: number }>) => void) | null;
};

// In a thread this is the main module, too.
if ("WorkerGlobalScope" in globalThis) self.onmessage = ({ data }) => void rounds(data.seed);
else if (import.meta.main) {
  await watched(Number(Deno.args[0] ?? 60), Number(Deno.args[1] ?? Date.now() % 1e6));
}
