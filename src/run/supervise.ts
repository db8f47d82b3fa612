/**
 * Judges a target in a thread of its own and keeps watch: a target that never returns, dies or
 * eats up the memory ends in a report, not in a process that hangs.
 *
 * @module
 */

import type { Recording } from "./record.ts";
import { endedEarly, type Fault, notRun } from "./not_run.ts";
import type { Report } from "../report/report.ts";
import { type Beat, heartbeatMemory, readBeat } from "../targets/watched.ts";
import { type Progress, wantsOfficialTraces } from "./options.ts";
import type { ElsewhereMessage, Message, Task } from "./worker.ts";

/** What to judge, and how long a single call of the target may take. */
export interface Supervision extends Omit<Task, "heartbeat" | "part" | "replaysElsewhere"> {
  /** Seconds that loading the target or one of its calls may take. */
  readonly timeout: number;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

const pollMs = 100;

/**
 * Judges a target in a worker; a second one replays the official traces meanwhile. Never throws for
 * a faulty target: the report says what happened.
 */
export function supervise(supervision: Supervision): Promise<Report> {
  const { timeout, onProgress, ...task } = supervision;
  const started = performance.now();
  const wantsTraces = wantsOfficialTraces(task);
  return new Promise((resolve) => {
    const watches: Watch[] = [];
    let found: Report | undefined;
    const settle = (report: Report) => {
      for (const watch of watches) watch.end();
      resolve(report);
    };
    const fail = (fault: Fault) => {
      const elapsedMs = Math.round(performance.now() - started);
      const { seed, profile, specifier } = task;
      settle(
        found
          ? endedEarly({ ...found, elapsedMs }, fault)
          : notRun(specifier, fault, { seed, profile, elapsedMs }),
      );
    };
    const judge = start({ ...task, part: "clauses", replaysElsewhere: wantsTraces }, timeout, {
      fail,
      receive: (message) => {
        if (message.kind === "progress") onProgress?.(message);
        else if (message.kind === "found") found = message.report;
        else if (message.kind === "report") settle(message.report);
      },
    });
    watches.push(judge);
    if (!wantsTraces) return;
    watches.push(start({ ...task, part: "traces", replaysElsewhere: false }, timeout, {
      fail: (fault) => {
        // Silence and death are the run's; what a sampler makes of one trace is for the judge.
        if (deadly.has(fault.kind)) {
          setTimeout(() => fail(fault), fault.kind === "dies" ? graceMs : 0);
        } else judge.worker.postMessage({ elsewhereFault: fault } satisfies ElsewhereMessage);
      },
      receive: (message) => {
        if (message.kind === "elsewhere") {
          const { elsewhere } = message;
          judge.worker.postMessage({ elsewhere } satisfies ElsewhereMessage);
        }
      },
    }));
  });
}

/**
 * Records traces of a module's sampler, or of a built-in one, in a worker.
 *
 * @param timeout seconds that loading the target or one of its calls may take
 * @returns what was recorded, or why the target cannot be observed
 */
export function superviseRecording(
  specifier: string,
  timeout: number,
): Promise<Recording | Fault> {
  const task = { specifier, part: "record", replaysElsewhere: false, ...unused } as const;
  return new Promise((resolve) => {
    const watch = start(task, timeout, {
      fail: resolve,
      receive: (message) => {
        if (message.kind !== "recorded") return;
        watch.end();
        resolve(message.recording);
      },
    });
  });
}

/** What only a judgement asks for. */
const unused = { seed: 1, profile: "standard", program: "" } as const;

/** Faults of the thread, not of a call. */
const deadly: ReadonlySet<string> = new Set(["time-out", "memory", "dies", "suite"]);

/** How long the judging thread has to find by itself what the other one has died of. */
const graceMs = 2000;

interface Watch {
  readonly worker: Worker;
  end(): void;
}

interface Receiver {
  fail(fault: Fault): void;
  receive(message: Message): void;
}

/** Starts a worker and keeps watch over it. */
function start(task: Omit<Task, "heartbeat">, timeout: number, receiver: Receiver): Watch {
  const heartbeat = heartbeatMemory();
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
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
      kind: "dies",
      found: `a worker that died: ${event.message}`,
      wanted: "a run to its end",
    });
  };
  let beat: Beat = { call: 0, phase: "nothing", about: "" };
  let since = performance.now();
  const watch = () => {
    const now = performance.now();
    const next = readBeat(heartbeat);
    if (next.call !== beat.call) {
      beat = next;
      since = now;
    } else if (beat.phase !== "nothing" && now - since > timeout * 1000) {
      return fail(timeOut(beat, timeout));
    }
    if (Deno.memoryUsage().rss > memoryLimit) fail(outOfMemory(beat));
  };
  const timer = setInterval(watch, Math.min(pollMs, timeout * 100));
  worker.postMessage({ ...task, heartbeat } satisfies Task);
  return { worker, end };
}

function timeOut(beat: Beat, timeout: number): Fault {
  const seconds = `${timeout} s`;
  return {
    kind: "time-out",
    found: beat.phase === "loading"
      ? `${beat.about} still loading after ${seconds}`
      : `${beat.phase} still running after ${seconds} (${beat.about})`,
    wanted: `an end within ${seconds}; --timeout S allows more`,
  };
}

// The engine gives up, and the process with it, when its heap is full: at 4 GB on most machines.
const memoryLimit = 3.4e9;

function outOfMemory(beat: Beat): Fault {
  const limit = `${memoryLimit / 1e9} GB`;
  const about = beat.phase === "nothing" ? "" : ` during ${beat.phase} (${beat.about})`;
  return {
    kind: "memory",
    found: `more than ${limit} of memory in use${about}`,
    wanted: `at most ${limit}`,
  };
}
