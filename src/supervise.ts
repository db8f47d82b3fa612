/**
 * Judges a target in a thread of its own and keeps watch: a target that never returns, dies or
 * eats up the memory ends in a report, not in a process that hangs.
 *
 * @module
 */

import { type Fault, notRun } from "./report/not_run.ts";
import type { Report } from "./report/report.ts";
import { type Beat, heartbeatMemory, readBeat } from "./targets/watched.ts";
import type { Message, Progress, Task } from "./worker.ts";

/** What to judge, and how long a single call of the target may take. */
export interface Supervision extends Omit<Task, "heartbeat"> {
  /** Seconds that loading the target or one of its calls may take. */
  readonly timeout: number;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

const pollMs = 100;

/** Judges a target in a worker. Never throws for a faulty target: the report says what happened. */
export function supervise(supervision: Supervision): Promise<Report> {
  const { timeout, onProgress, ...task } = supervision;
  const started = performance.now();
  const heartbeat = heartbeatMemory();
  const worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  return new Promise((resolve) => {
    const settle = (report: Report) => {
      clearInterval(timer);
      worker.terminate();
      resolve(report);
    };
    const fail = (fault: Fault) =>
      settle(notRun(task.specifier, fault, {
        seed: task.seed,
        profile: task.profile,
        elapsedMs: Math.round(performance.now() - started),
      }));
    worker.onmessage = ({ data }: MessageEvent<Message>) => {
      if (data.kind === "progress") onProgress?.(data);
      else if (data.kind === "report") settle(data.report);
      else fail(data.fault);
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
    let since = started;
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
  });
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
