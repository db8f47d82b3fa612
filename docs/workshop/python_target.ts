/**
 * A target from the text of a Python script: the packaged adapter and Python itself run in the page,
 * and speak the protocol of processes without a process.
 *
 * @module
 */

import type { PyodideAPI } from "pyodide";
import { settingsText } from "../../spec/settings_text.ts";
import { type Feature, type Target, TargetFault } from "../../spec/sampler.ts";
import {
  type Answer,
  type AnswerOf,
  problemOnWire,
  protocolVersion,
  readAnswer,
  type Request,
} from "../../src/targets/protocol.ts";
import { trajectoryOf } from "../../src/targets/trajectory_text.ts";
import { SourceFault } from "./sampler_source.ts";

type Body<T> = T extends unknown ? Omit<T, "id"> : never;

/** Python, with a function that answers a line of the protocol. */
export interface PythonRuntime {
  /** Starts Python; each start is a fresh one. */
  start(): Promise<PyodideAPI>;
  /** The source of the packaged adapter. */
  readonly adapter: string;
}

/** Instead of reading standard input, `serve` keeps the target for the page to ask. */
const served = `
import ulaspec, json
def _serve(target):
    global _server
    if isinstance(target, type) and issubclass(target, ulaspec.Target):
        target = target()
    _server = ulaspec._Server(target)
_server = None
ulaspec.serve = _serve
def _answer(line):
    return ulaspec._line(_server, line.encode()).decode()
`;

/**
 * Runs the script, and takes the target that it serves.
 *
 * @param source a script that ends with `ulaspec.serve(Target())`; the standard library is there
 * @throws {SourceFault} if it throws or serves nothing
 * @throws {TargetFault} if its target says that it can't be judged
 */
export async function pythonTarget(source: string, runtime: PythonRuntime): Promise<Target> {
  const python = await runtime.start();
  python.FS.writeFile("/home/pyodide/ulaspec.py", runtime.adapter);
  python.runPython(served);
  try {
    python.runPython(source, { filename: "my_target.py" });
  } catch (error) {
    throw new SourceFault(lastLine(error), "a script that runs with the standard library alone");
  }
  if (python.globals.get("_server") === undefined) {
    throw new SourceFault("a script that serves nothing", "ulaspec.serve(Target()) at its end");
  }
  const answer: (line: string) => string = python.globals.get("_answer");
  let id = 0;
  const ask = <Type extends Answer["type"]>(body: Body<Request>, wanted: Type) =>
    answered(readAnswer(answer(JSON.stringify({ id: id++, ...body }))), wanted, body.type);
  const ready = ask({ type: "start", protocol: protocolVersion }, "ready");
  return targetOf(ready, ask);
}

function targetOf(
  { name, networkReturns, unsupported, noise }: AnswerOf<"ready">,
  ask: <Type extends Answer["type"]>(body: Body<Request>, wanted: Type) => AnswerOf<Type>,
): Target {
  const lacking = new Set<Feature>([
    ...unsupported,
    ...noise === "own" ? ["noise-tape"] as const : [],
  ]);
  return {
    name,
    networkReturns,
    unsupported: lacking,
    prepare(settings) {
      const { prepared } = ask({ type: "prepare", settings: settingsText(settings) }, "prepared");
      return Promise.resolve({
        sample(problem) {
          const asked = lacking.has("noise-tape")
            ? { ...problem, noise: { kind: "own" } } as const
            : problem;
          const problems = [problemOnWire(asked)];
          const { results } = ask({ type: "sample", prepared, problems }, "results");
          return Promise.resolve(trajectoryOf(problem, results[0]!, "results[0]"));
        },
      });
    },
  };
}

function answered<Type extends Answer["type"]>(
  answer: Answer,
  wanted: Type,
  words: string,
): AnswerOf<Type> {
  if (isOf(answer, wanted)) return answer;
  const found = answer.type === "failed"
    ? `${answer.message}, thrown in ${words}`
    : `the answer ${answer.type} to ${words}`;
  throw answer.type === "failed"
    ? new TargetFault("throws", found, "")
    : new TargetFault("contract", found, `a ${wanted}`);
}

function isOf<Type extends Answer["type"]>(answer: Answer, type: Type): answer is AnswerOf<Type> {
  return answer.type === type;
}

/** What Python says at the end of a traceback. */
function lastLine(error: unknown): string {
  const lines = String(error instanceof Error ? error.message : error).trim().split("\n");
  const place = lines.findLast((line) => /File "my_target\.py", line \d+/.test(line));
  const at = /line \d+/.exec(place ?? "")?.[0];
  return `${lines.at(-1)}${at === undefined ? "" : ` in ${at}`}`;
}
