/**
 * Opens a target and does with it what a task asks, in whatever thread this is.
 *
 * @module
 */

import type { Trace } from "../../golden/trace.ts";
import { RuleError } from "../../spec/rules/document.ts";
import { type Target, TargetFault } from "../../spec/sampler.ts";
import { isModule } from "../module_specifier.ts";
import type { Report } from "../report/report.ts";
import type { Opened } from "../targets/reopened.ts";
import { type Heart, watched } from "../targets/watched.ts";
import { type Fault, faultOf, traceFault } from "./verdicts/not_run.ts";
import { suitedToProfile } from "./calibration/few_shapes.ts";
import type { Progress, RunOptions } from "./options.ts";
import type { Identified } from "./identify.ts";
import type { Recording } from "./traces/record.ts";
import type { Elsewhere, Meanwhile, TracesReplayed } from "./traces/elsewhere.ts";

/** What to do with a target. */
export interface Task extends RunOptions {
  /** `reference`, `defect:ID` or a module; or the command of a process. */
  readonly target: string | readonly string[];
  /** Seconds that loading the target or one of its calls may take. */
  readonly timeout: number;
  /** Permissions that a module has, as options of Deno. */
  readonly permissions: readonly string[];
  /** The URL of the configuration of Deno that the imports of a module are read with. */
  readonly config?: string | undefined;
  /**
   * Judge the clauses, replay the official traces for who does, record traces of the target, or find
   * out which rule it follows.
   */
  readonly part: "clauses" | "traces" | "record" | "identify";
  /** Whether another thread replays the official traces, and looks at the whole step. */
  readonly replaysElsewhere: boolean;
}

/** What came of a task. */
export type Done =
  | { readonly kind: "report"; readonly report: Report }
  | { readonly kind: "elsewhere"; readonly elsewhere: Elsewhere }
  | { readonly kind: "recorded"; readonly recording: Recording }
  | { readonly kind: "identified"; readonly identified: Identified & { readonly name: string } }
  | { readonly kind: "fault"; readonly fault: Fault };

/** What a task has around it. */
export interface Around {
  readonly heart: Heart;
  /** What another thread finds out; fails if it cannot. */
  readonly elsewhere: Promise<Elsewhere>;
  readonly onProgress: (progress: Progress) => void;
  /** Told of every violation: the report, if the run ended now. */
  readonly onFound: (report: Report) => void;
}

/**
 * Does a task. The target has ended when it is done, with everything that it started.
 *
 * @throws what is an error of the suite
 */
export async function perform(task: Task, around: Around): Promise<Done> {
  around.heart.beat("the start of the target");
  let opened: Opened | undefined;
  try {
    // What is needed next is loaded while the target starts.
    const [{ target, close }, work] = await Promise.all([
      openTarget(task).then((target) => opened = target),
      workOf(task),
    ]);
    const done = await work(watched(target, around.heart), around);
    const remarks = await close();
    if (done.kind !== "report") return done;
    const { report } = done;
    return { ...done, report: { ...report, remarks: [...report.remarks, ...remarks] } };
  } catch (error) {
    if (error instanceof RuleError) {
      const { kind, found, wanted, place: where } = error;
      return { kind: "fault", fault: { kind, found, wanted, where } };
    }
    if (!(error instanceof TargetFault)) throw error;
    return { kind: "fault", fault: faultOf(error) };
  } finally {
    await opened?.close();
  }
}

async function openTarget(
  { target, timeout, permissions, config, part, rule }: Task,
): Promise<Opened> {
  if (typeof target === "string" && !isModule(target)) {
    const [{ observe }, { builtInSampler }] = await Promise.all([
      import("../../spec/observe.ts"),
      import("../targets/built_in.ts"),
    ]);
    return {
      target: observe(await builtInSampler(target, rule)),
      close: () => Promise.resolve([]),
    };
  }
  const { reopened } = await import("../targets/reopened.ts");
  return await reopened(async () =>
    typeof target === "string"
      ? await (await import("../targets/module_process.ts")).openModule(target, {
        timeout,
        permissions,
        config,
        // What it prints where the traces are replayed, it prints elsewhere, too.
        ...(part === "traces" ? {} : { onPrint: printed }),
      })
      : await (await import("../targets/process.ts")).openProcess(target, { timeout })
  );
}

/** Whether a target has a process of its own: a built-in remembers nothing. */
function isOfProcess(target: Task["target"]): boolean {
  return typeof target !== "string" || isModule(target);
}

/** The same target once more, without what it prints. */
async function openedAnew(task: Task, heart: Heart): Promise<Opened> {
  heart.beat("the start of the target in a fresh process");
  const opened = await openTarget({ ...task, part: "traces" });
  return { ...opened, target: watched(opened.target, heart) };
}

function printed(text: string): void {
  try {
    Deno.stderr.writeSync(new TextEncoder().encode(text));
  } catch {
    // Nobody reads standard error: that says nothing of the target.
  }
}

type Work = (target: Target, around: Around) => Promise<Done>;

async function workOf(task: Task): Promise<Work> {
  switch (task.part) {
    case "clauses":
      return await judging(task);
    case "record": {
      const { recordTraces } = await import("./traces/record.ts");
      return async (target) => ({ kind: "recorded", recording: await recordTraces(target) });
    }
    case "identify": {
      const [{ identify }, { judge }, { askedFor }] = await Promise.all([
        import("./identify.ts"),
        import("./judge.ts"),
        import("./rule_given.ts"),
      ]);
      const more = task.rule === undefined ? [] : [await askedFor(task.rule)];
      return async (target) => ({
        kind: "identified",
        identified: {
          name: target.name,
          ...await identify(
            target,
            (of, rule) => judge(of, { rule, profile: "quick", diagnosis: "none" }),
            { more },
          ),
        },
      });
    }
    case "traces": {
      const { findOutElsewhere } = await import("./traces/elsewhere.ts");
      return async (target) => ({
        kind: "elsewhere",
        elsewhere: await findOutElsewhere(suitedToProfile(target, task.profile), task),
      });
    }
  }
}

async function judging(task: Task): Promise<Work> {
  const [{ judgeWithin }, { judgeOptions }, { replayOfficialTraces }] = await Promise.all([
    import("./judge.ts"),
    import("./options.ts"),
    import("./traces/elsewhere.ts"),
  ]);
  const golden = await tracesOf(task);
  if (golden !== undefined && "found" in golden) {
    return () => Promise.resolve({ kind: "fault", fault: golden });
  }
  return async (target, { heart, elsewhere, onProgress, onFound }) => {
    const options = judgeOptions(task, {
      golden,
      target: task.target,
      onProgress: (progress) => {
        heart.beat(progress.clause ?? "the measured rule");
        onProgress(progress);
      },
    });
    const wait = () => waitFor(elsewhere, heart);
    // A machine may have room for one process only (a port, a licence), and what goes wrong
    // elsewhere goes wrong here, too: at its place in the order.
    let replayed: Promise<TracesReplayed> | undefined;
    const meanwhile: Meanwhile = {
      traces: () =>
        replayed ??= wait().catch((error) => {
          if (!(error instanceof TargetFault)) throw error;
          return replayOfficialTraces(target);
        }),
      wholeStep: () => wait().then(({ whole }) => whole, () => undefined),
    };
    const report = await judgeWithin(target, options, {
      ...(task.replaysElsewhere ? { meanwhile } : {}),
      ...(isOfProcess(task.target) ? { anew: () => openedAnew(task, heart) } : {}),
      onFound,
    });
    return { kind: "report", report };
  };
}

/** Waits for another thread, over which a watch is kept, too. */
async function waitFor<T>(other: Promise<T>, heart: Heart): Promise<T> {
  const timer = setInterval(() => heart.beat("what another thread does"), 1000);
  try {
    return await other;
  } finally {
    clearInterval(timer);
  }
}

/** The traces of the folder that a task names, or why they cannot be read. */
async function tracesOf({ golden }: Task): Promise<readonly Trace[] | Fault | undefined> {
  if (golden === undefined) return undefined;
  const [{ readTraceFolder }, { TraceError }] = await Promise.all([
    import("../../golden/folder.ts"),
    import("../../golden/trace.ts"),
  ]);
  try {
    return await readTraceFolder(golden);
  } catch (error) {
    if (!(error instanceof TraceError)) throw error;
    return traceFault(error);
  }
}
