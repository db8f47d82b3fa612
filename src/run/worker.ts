/**
 * The thread in which a target is loaded and judged. `supervise.ts` starts it and ends it.
 *
 * Standard output belongs to the report: whatever the target prints goes to standard error. The
 * target cannot end the process.
 *
 * @module
 */

import { isModule } from "../module_specifier.ts";
import type { Trace } from "../../golden/trace.ts";
import { type FaultKind, TargetFault } from "../../spec/sampler.ts";
import { type Fault, suiteFault, traceFault } from "./not_run.ts";
import type { Recording } from "./record.ts";
import type { Report } from "../report/report.ts";
import type { Progress, RunOptions } from "./options.ts";
import type { Elsewhere } from "./official_traces.ts";

/** What a worker is asked to do. */
export interface Task extends RunOptions {
  /** The target. */
  readonly specifier: string;
  /**
   * Judge the clauses, replay the official traces for the thread that does, or record traces of the
   * target.
   */
  readonly part: "clauses" | "traces" | "record";
  /** Whether another thread replays the official traces. */
  readonly replaysElsewhere: boolean;
  /** The memory of the heartbeat. */
  readonly heartbeat: SharedArrayBuffer;
}

/** What a worker says. */
export type Message =
  | ({ readonly kind: "progress" } & Progress)
  /** The report, if the run ended now; or, in the end, the whole one. */
  | { readonly kind: "found" | "report"; readonly report: Report }
  | { readonly kind: "elsewhere"; readonly elsewhere: Elsewhere }
  | { readonly kind: "recorded"; readonly recording: Recording }
  | { readonly kind: "fault"; readonly fault: Fault };

/** What another thread has found out, or why it could not. */
export type ElsewhereMessage =
  | { readonly elsewhere: Elsewhere }
  | { readonly elsewhereFault: Fault };

interface Scope {
  onmessage: ((event: MessageEvent<Task | ElsewhereMessage>) => void) | null;
  postMessage(message: Message): void;
}

const scope = globalThis as unknown as Scope;
const post = scope.postMessage.bind(scope);

if ("WorkerGlobalScope" in globalThis && "postMessage" in globalThis) {
  secureOutput();
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    void die(event.reason, "a rejected promise that nobody handles");
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    void die(event.error ?? event.message, "an error outside of any call");
  });
  scope.onmessage = ({ data }) => {
    if ("elsewhere" in data) elsewhere.resolve(data.elsewhere);
    else if ("elsewhereFault" in data) {
      const { kind, found, wanted } = data.elsewhereFault;
      elsewhere.reject(new TargetFault(kind as FaultKind, found, wanted));
    } else run(data).then(postLast, (error) => post({ kind: "fault", fault: suiteFault(error) }));
  };
}

const elsewhere = Promise.withResolvers<Elsewhere>();
// Whether anybody waits for it depends on the verdicts before.
elsewhere.promise.catch(() => {});

async function run(task: Task): Promise<Message> {
  // The suite itself is loaded last: a target that cannot be loaded is told at once.
  const [{ checkSampler, observe }, { Heart, watched }, loader] = await Promise.all([
    import("../../spec/observe.ts"),
    import("../targets/watched.ts"),
    import("../targets/module.ts"),
  ]);
  const heart = new Heart(task.heartbeat);
  if (isModule(task.specifier)) await secureNode();
  let lastThrown: unknown;
  let target;
  try {
    const sampler = await heart.during(
      "loading",
      task.specifier,
      () => loader.loadSampler(task.specifier),
    );
    checkSampler(sampler);
    target = observe(watched(sampler, heart, (error) => lastThrown = error));
  } catch (error) {
    const fault = faultOf(error);
    if (fault === undefined) throw error;
    return { kind: "fault", fault };
  }
  let golden: readonly Trace[] | undefined;
  if (task.golden !== undefined) {
    const [{ readTraceFolder }, { TraceError }] = await Promise.all([
      import("../../golden/load.ts"),
      import("../../golden/trace.ts"),
    ]);
    try {
      golden = await readTraceFolder(task.golden);
    } catch (error) {
      if (!(error instanceof TraceError)) throw error;
      return { kind: "fault", fault: traceFault(error) };
    }
  }
  const orFault = async (work: () => Promise<Message>): Promise<Message> => {
    try {
      return await work();
    } catch (error) {
      const fault = faultOf(error);
      if (fault === undefined) throw error;
      const where = fault.kind === "throws" ? loader.placeIn(lastThrown) : undefined;
      return { kind: "fault", fault: { ...fault, ...(where ? { where } : {}) } };
    }
  };
  if (task.part === "record") {
    const { recordTraces } = await import("./record.ts");
    return orFault(async () => ({ kind: "recorded", recording: await recordTraces(target) }));
  }
  if (task.part === "traces") {
    const { replayOfficialTraces } = await import("./official_traces.ts");
    return orFault(async () => ({
      kind: "elsewhere",
      elsewhere: await replayOfficialTraces(target),
    }));
  }
  const [{ judgeWithin }, { judgeOptions }] = await Promise.all([
    import("./judge.ts"),
    import("./options.ts"),
  ]);
  const options = judgeOptions(task, {
    golden,
    target: task.specifier,
    onProgress: (progress) => post({ kind: "progress", ...progress }),
  });
  const report = await judgeWithin(target, options, {
    ...(task.replaysElsewhere ? { elsewhere: () => elsewhere.promise } : {}),
    onFound: (report) => post({ kind: "found", report }),
  });
  const { fault } = report;
  const place = fault?.kind === "throws" ? loader.placeIn(lastThrown) : undefined;
  if (!fault || place === undefined) return { kind: "report", report };
  const where = fault.where === undefined ? place : `${place}, during ${fault.where}`;
  return { kind: "report", report: { ...report, fault: { ...fault, where } } };
}

function faultOf(error: unknown): Fault | undefined {
  if (!(error instanceof Error && "found" in error && "wanted" in error)) return undefined;
  const { kind, found, wanted, where } = error as Error & Fault;
  return { kind, found, wanted, ...(where === undefined ? {} : { where }) };
}

let dying = false;

/** Posts a report, unless an error outside of any call is waiting behind it. */
async function postLast(message: Message): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve));
  if (!dying) post(message);
}

async function die(error: unknown, what: string): Promise<void> {
  dying = true;
  const { placeIn, textOf } = await import("../targets/module.ts");
  const where = placeIn(error);
  const found = `${what}: ${textOf(error)}`;
  const wanted = "a run without errors outside of the sampler's calls";
  post({ kind: "fault", fault: { kind: "dies", found, wanted, ...(where ? { where } : {}) } });
}

function exitRefused(how: string): () => never {
  return () => {
    throw new Error(`${how} called by the target`);
  };
}

/** Keeps the target from writing to standard output and from ending the process. */
function secureOutput(): void {
  for (const name of ["log", "info", "debug", "table", "dir"] as const) {
    console[name] = (...values: unknown[]) => console.error(...values);
  }
  const replace = (object: object, name: string, value: unknown) =>
    Object.defineProperty(object, name, { value, configurable: true, writable: true });
  replace(Deno, "exit", exitRefused("Deno.exit()"));
  replace(globalThis, "close", exitRefused("close()"));
  replace(Deno.stdout, "write", (bytes: Uint8Array) => Deno.stderr.write(bytes));
  replace(Deno.stdout, "writeSync", (bytes: Uint8Array) => Deno.stderr.writeSync(bytes));
}

/** The same for the Node names; apart, because loading them takes time. */
async function secureNode(): Promise<void> {
  const { default: process } = await import("node:process");
  process.exit = exitRefused("process.exit()");
  process.abort = exitRefused("process.abort()");
  Object.defineProperty(process, "stdout", { configurable: true, get: () => process.stderr });
}
