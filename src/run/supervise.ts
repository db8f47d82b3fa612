/**
 * Judges a target in a thread of its own and keeps watch: whatever stands still, dies or eats up the
 * memory, the target or the suite itself, the run ends in a report with what was found, and no
 * process is left behind.
 *
 * @module
 */

import { isModule } from "../module_specifier.ts";
import type { Report } from "../report/report.ts";
import { keepChildren, noChildren } from "../targets/children.ts";
import { type Beat, heartbeatMemory, readBeat } from "../targets/watched.ts";
import { endedEarly, type Fault, notRun } from "./verdicts/not_run.ts";
import { type Progress, wantsOfficialTraces } from "./options.ts";
import type { Task } from "./perform.ts";
import type { Identified } from "./identify.ts";
import type { Recording } from "./traces/record.ts";
import type { ElsewhereMessage, Message, Order } from "./worker.ts";

/** What to judge, and how. */
export interface Supervision
  extends Omit<Task, "config" | "part" | "permissions" | "replaysElsewhere"> {
  /** Permissions that a module has, as options of Deno; none by default. */
  readonly permissions?: readonly string[];
  /** 2: a second process of a command finds out a part of it meanwhile. */
  readonly jobs?: 1 | 2;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** How a watch is kept. */
export interface Watching {
  /** Seconds for which a run may stand still, beside those that a call of the target may take. */
  readonly stillness: number;
  /** The module of the thread. */
  readonly worker: URL;
}

const usual: Watching = { stillness: 300, worker: new URL("./worker.ts", import.meta.url) };
const pollMs = 100;
// The engine gives up, and the process with it, when its heap is full: at 4 GB on most machines.
const memoryLimit = 3.4e9;

/**
 * Judges a target in a worker; for a built-in or a module, a second one finds out a part of it
 * meanwhile. Never throws for a faulty target: the report says what happened.
 */
export function supervise(
  supervision: Supervision,
  watching: Watching = usual,
): Promise<Report> {
  const { onProgress, jobs = 1, permissions = [], ...rest } = supervision;
  const task = { ...rest, permissions, config: configuration() };
  const { seed, profile, target } = task;
  const started = performance.now();
  const elapsedMs = () => Math.round(performance.now() - started);
  const replaysElsewhere = wantsOfficialTraces(task) && (typeof target === "string" || jobs === 2);
  return within(target, watching, (start) =>
    new Promise((resolve) => {
      let found: Report | undefined;
      const judge = start({ ...task, part: "clauses", replaysElsewhere }, {
        fail: (fault) =>
          resolve(
            found
              ? endedEarly({ ...found, elapsedMs: elapsedMs() }, fault)
              : notRun(nameOf(task.typed ?? target), fault, {
                seed,
                profile,
                elapsedMs: elapsedMs(),
              }),
          ),
        receive: (message) => {
          if (message.kind === "progress") onProgress?.(message);
          else if (message.kind === "found") found = message.report;
          else if (message.kind === "report") resolve(message.report);
        },
      });
      if (!replaysElsewhere) return;
      const tell = (message: ElsewhereMessage) => judge.postMessage(message);
      start({ ...task, part: "traces", replaysElsewhere: false }, {
        fail: (fault) => tell({ elsewhereFault: fault }),
        receive: (message) => {
          if (message.kind === "elsewhere") tell({ elsewhere: message.elsewhere });
        },
      });
    }));
}

function nameOf(target: Task["target"]): string {
  return typeof target === "string" ? target : target.join(" ");
}

/**
 * Records traces of a target in a worker.
 *
 * @returns what was recorded, or why the target cannot be observed
 */
export function superviseRecording(asked: Elsewise): Promise<Recording | Fault> {
  return superviseOnly<Recording>(
    "record",
    asked,
    (message) => message.kind === "recorded" ? message.recording : null,
  );
}

/**
 * Finds out in a worker which rule a target follows.
 *
 * @param asked with a rule of a person's own to try beside those of the family
 * @returns what was found, or why the target cannot be observed
 */
export function superviseIdentification(
  asked: Elsewise,
): Promise<(Identified & { readonly name: string }) | Fault> {
  return superviseOnly<Identified & { readonly name: string }>(
    "identify",
    asked,
    (message) => message.kind === "identified" ? message.identified : null,
  );
}

/** What a part of a worker's work that judges nothing needs to know. */
type Elsewise = Pick<Task, "target" | "timeout" | "permissions" | "rule">;

/**
 * Has a worker do one thing.
 *
 * @param resultIn its result, if a message is that
 */
function superviseOnly<Result>(
  part: Task["part"],
  asked: Elsewise,
  resultIn: (message: Message) => Result | null,
): Promise<Result | Fault> {
  const task: Task = {
    ...asked,
    ...onlyForJudging,
    config: configuration(),
    part,
    replaysElsewhere: false,
  };
  return within(task.target, usual, (start) =>
    new Promise((resolve) => {
      start(task, {
        fail: resolve,
        receive(message) {
          const result = resultIn(message);
          if (result !== null) resolve(result);
        },
      });
    }));
}

const onlyForJudging = { seed: 1, profile: "standard", program: "" } as const;

interface Receiver {
  fail(fault: Fault): void;
  receive(message: Message): void;
}

type Start = (task: Task, receiver: Receiver) => Worker;

/** Lets `work` start workers under watch; they have ended, with all children, when it has. */
async function within<T>(
  target: Task["target"],
  watching: Watching,
  work: (start: Start) => Promise<T>,
): Promise<T> {
  const children = typeof target === "string" && !isModule(target) ? noChildren : keepChildren();
  const ends: (() => void)[] = [];
  try {
    return await work((task, { fail, receive }) => {
      const { worker, end } = start({ ...task, mark: children.mark }, watching, {
        fail,
        receive: (message) =>
          message.kind === "child" ? children.hear(message.child) : receive(message),
      });
      ends.push(end);
      return worker;
    });
  } finally {
    for (const end of ends) end();
    await children.end();
  }
}

/** Starts a worker and keeps watch over it. */
function start(
  task: Omit<Order, "heartbeat">,
  { stillness, worker: module }: Watching,
  receiver: Receiver,
): { readonly worker: Worker; readonly end: () => void } {
  const heartbeat = heartbeatMemory();
  const worker = new Worker(module, { type: "module" });
  const end = () => {
    clearInterval(timer);
    worker.terminate();
  };
  const fail = (fault: Fault) => {
    end();
    receiver.fail(fault);
  };
  worker.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.kind === "fault") fail(data.fault);
    else receiver.receive(data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    fail({
      kind: "suite",
      found: `an error of ulaspec's own: ${event.message}`,
      wanted: "a suite without errors; please report this one",
    });
  };
  const patience = task.timeout + stillness;
  let beat: Beat = { count: -1, about: "" };
  let since = performance.now();
  // What others of this process hold, such as the tests of a project, is no part of the run.
  const before = Deno.memoryUsage().rss;
  const timer = setInterval(() => {
    const now = performance.now();
    const next = readBeat(heartbeat);
    if (next.count !== beat.count) {
      beat = next;
      since = now;
    } else if (now - since > 1000 * patience) {
      return fail(standstill(beat, patience));
    }
    if (Deno.memoryUsage().rss - before > memoryLimit) fail(outOfMemory(beat));
  }, pollMs);
  worker.postMessage({ ...task, heartbeat } satisfies Order);
  return { worker, end };
}

function standstill({ about }: Beat, seconds: number): Fault {
  return {
    kind: "suite",
    found: `a suite that has stood still for ${seconds} s during ${about}`,
    wanted: "a suite that moves on; please report this",
  };
}

function outOfMemory({ about }: Beat): Fault {
  const limit = `${memoryLimit / 1e9} GB`;
  return {
    kind: "memory",
    found: `more than ${limit} of memory taken by ulaspec during ${about}`,
    wanted: `at most ${limit}`,
  };
}

/**
 * The configuration of Deno that this program runs with, as Deno looks for it. The process of a
 * module is no file, so it has to be told.
 */
function configuration(): string | undefined {
  const main: string | undefined = Deno.mainModule; // there is none in a worker
  if (!main?.startsWith("file:")) return undefined;
  for (let folder = new URL(".", main);; folder = new URL("..", folder)) {
    for (const name of ["deno.json", "deno.jsonc"]) {
      const file = new URL(name, folder);
      try {
        if (Deno.statSync(file).isFile) return file.href;
      } catch {
        // There is none, or it may not be read: Deno then looks from the working folder.
      }
    }
    if (folder.pathname === "/" || new URL("..", folder).href === folder.href) return undefined;
  }
}
