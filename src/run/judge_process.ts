/**
 * Judges a target in a process of its own.
 *
 * @module
 */

import { readTraceFolder } from "../../golden/load.ts";
import { type Trace, TraceError } from "../../golden/trace.ts";
import { TargetFault } from "../../spec/sampler.ts";
import { judgeWithin } from "./judge.ts";
import { replayOfficialTraces } from "./official_traces.ts";
import { type Fault, faultOf, notRun, suiteFault, traceFault } from "./not_run.ts";
import type { Report } from "../report/report.ts";
import { judgeOptions, type Progress, type RunOptions, wantsOfficialTraces } from "./options.ts";
import { endChildrenOnSignals } from "../targets/child.ts";
import { openProcess } from "../targets/process.ts";

/** What to judge, and how long a single answer may take. */
export interface ProcessTask extends RunOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Seconds that the start and each answer may take. */
  readonly timeout: number;
  /** 2: a second process replays the official traces meanwhile. */
  readonly jobs: 1 | 2;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/**
 * Judges a process. Never throws for a faulty one: the report says what happened. The process has
 * ended when the report is there, with everything that it started.
 */
export async function judgeProcess(task: ProcessTask): Promise<Report> {
  const started = performance.now();
  const fails = (fault: Fault) =>
    notRun(task.command.join(" "), fault, {
      seed: task.seed,
      profile: task.profile,
      elapsedMs: Math.round(performance.now() - started),
    });
  let golden: readonly Trace[] | undefined;
  try {
    golden = task.golden === undefined ? undefined : await readTraceFolder(task.golden);
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    return fails(traceFault(error));
  }
  const forget = endChildrenOnSignals();
  try {
    const target = await openProcess(task.command, { timeout: task.timeout });
    const second = task.jobs === 2 && wantsOfficialTraces(task)
      ? openProcess(task.command, { timeout: task.timeout })
      : undefined;
    const replays = second?.then((other) => replayOfficialTraces(other));
    // Awaited when the traces come up; until then a failure has nobody who could handle it.
    replays?.catch(() => {});
    // A machine may have room for one process only (a port, a licence): then that one replays, too.
    const elsewhere = replays && (() =>
      replays.catch((error) => {
        if (!(error instanceof TargetFault)) throw error;
        return replayOfficialTraces(target);
      }));
    try {
      const options = judgeOptions(task, {
        golden,
        target: task.command,
        onProgress: task.onProgress,
      });
      const report = await judgeWithin(
        target,
        options,
        elsewhere ? { elsewhere } : {},
      );
      await target.close();
      return { ...report, remarks: [...report.remarks, ...target.remarks] };
    } finally {
      await target.close();
      await second?.then((other) => other.close(), () => {});
    }
  } catch (error) {
    return fails(error instanceof TargetFault ? faultOf(error) : suiteFault(error));
  } finally {
    forget();
  }
}
