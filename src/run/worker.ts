/**
 * The thread in which a target is judged. `supervise.ts` starts it and ends it.
 *
 * @module
 */

import { TargetFault } from "../../spec/sampler.ts";
import type { Report } from "../report/report.ts";
import { type ChildNews, markChildren, tellOfChildren } from "../targets/child.ts";
import { Heart } from "../targets/watched.ts";
import { type Fault, suiteFault } from "./not_run.ts";
import type { Progress } from "./options.ts";
import { type Done, perform, type Task } from "./perform.ts";
import type { Elsewhere } from "./official_traces.ts";

/** What a worker is asked to do. */
export interface Order extends Task {
  /** What its children are marked with. */
  readonly mark: string;
  /** The memory of the heartbeat. */
  readonly heartbeat: SharedArrayBuffer;
}

/** What a worker says. */
export type Message =
  | Done
  | ({ readonly kind: "progress" } & Progress)
  /** The report, if the run ended now. */
  | { readonly kind: "found"; readonly report: Report }
  | { readonly kind: "child"; readonly child: ChildNews };

/** What another thread has found out, or why it could not. */
export type ElsewhereMessage =
  | { readonly elsewhere: Elsewhere }
  | { readonly elsewhereFault: Fault };

interface Scope {
  onmessage: ((event: MessageEvent<Order | ElsewhereMessage>) => void) | null;
  postMessage(message: Message): void;
}

const scope = globalThis as unknown as Scope;
const post = (message: Message) => scope.postMessage(message);
const elsewhere = Promise.withResolvers<Elsewhere>();
// Whether anybody waits for it depends on the verdicts before.
elsewhere.promise.catch(() => {});

<<<<<<< HEAD
if ("WorkerGlobalScope" in globalThis && "postMessage" in globalThis) {
  // Standard output belongs to the report.
=======
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
      () => loader.loadSampler(task.specifier, task.rule),
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
>>>>>>> 42c4cf9 (check --rule judges by any rule of the family, or by one in a JSON file)
  for (const name of ["log", "info", "debug", "table", "dir"] as const) {
    console[name] = (...values: unknown[]) => console.error(...values);
  }
  tellOfChildren((child) => post({ kind: "child", child }));
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    fail(event.reason);
  });
  scope.onmessage = ({ data }) => {
    if ("elsewhere" in data) elsewhere.resolve(data.elsewhere);
    else if ("elsewhereFault" in data) {
      const { found, wanted } = data.elsewhereFault;
      elsewhere.reject(new TargetFault("exit", found, wanted));
    } else void run(data).then(post, fail);
  };
}

function run({ heartbeat, mark, ...task }: Order): Promise<Done> {
  markChildren(mark);
  return perform(task, {
    heart: new Heart(heartbeat),
    elsewhere: elsewhere.promise,
    onProgress: (progress) => post({ kind: "progress", ...progress }),
    onFound: (report) => post({ kind: "found", report }),
  });
}

function fail(error: unknown): void {
  post({ kind: "fault", fault: suiteFault(error) });
}
