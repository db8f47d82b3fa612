/**
 * The thread in which a target is judged. `supervise.ts` starts it and ends it.
 *
 * @module
 */

import { TargetFault } from "../../spec/sampler.ts";
import type { Report } from "../report/report.ts";
import { type ChildNews, markChildren, tellOfChildren } from "../targets/child.ts";
import { Heart } from "../targets/watched.ts";
import { type Fault, suiteFault } from "./verdicts/not_run.ts";
import type { Progress } from "./options.ts";
import { type Done, perform, type Task } from "./perform.ts";
import type { Elsewhere } from "./traces/elsewhere.ts";

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

if ("WorkerGlobalScope" in globalThis && "postMessage" in globalThis) {
  // Standard output belongs to the report.
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
