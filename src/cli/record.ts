/**
 * `record`: writes golden traces of a target.
 *
 * @module
 */

import type { Trace } from "../../golden/trace.ts";
import type { Recording } from "../run/record.ts";
import type { Fault } from "../run/not_run.ts";
import { type Arguments, type Command, type Io, timeoutOf, UsageError } from "./command.ts";

/** The command `record`. */
export const command: Command = {
  name: "record",
  usage: "--output DIR TARGET | --output DIR -- COMMAND …",
  summary: "write golden traces of a target, on the problems of the official traces",
  options: {
    output: { value: "DIR", help: "the folder that the traces are written to; made if missing" },
    timeout: { value: "S", help: "seconds that one answer of a process may take (default 30)" },
  },
  details: "check --golden DIR replays what was written.",
  run: record,
};

async function record(args: Arguments, io: Io): Promise<number> {
  const folder = args.value("output");
  if (folder === undefined) throw new UsageError("no --output", "--output and a folder");
  const recording = await recordingOf(args, timeoutOf(args));
  if ("found" in recording) {
    io.err(`Cannot record this target:\n${linesOf(recording)}`);
    return 2;
  }
  const { name, traces, skipped } = recording;
  await write(traces, folder);
  io.out(`${name}: ${traces.length} traces are in ${folder}\n`);
  for (const { id, reason } of skipped) io.out(`  ${id} was not recorded: ${reason}\n`);
  const deviating = traces.filter((trace) => trace.deviation !== undefined);
  for (const { id, deviation } of deviating) {
    io.out(`  ${id} departs from the rule: ${deviation}\n`);
  }
  return 0;
}

function linesOf({ found, wanted, where, stderr }: Fault): string {
  return Object.entries({ found, wanted, where, stderr }).map(([name, text]) =>
    text === undefined
      ? ""
      : `  ${name.padEnd(6)}  ${text.replaceAll("\n", `\n${" ".repeat(10)}`)}\n`
  ).join("");
}

async function write(traces: readonly Trace[], folder: string): Promise<void> {
  const { writeTrace } = await import("../../golden/trace.ts");
  try {
    await Deno.mkdir(folder, { recursive: true });
    for (const trace of traces) {
      await Deno.writeTextFile(`${folder}/${trace.id}.json`, writeTrace(trace));
    }
  } catch (error) {
    throw new UsageError(
      `the folder ${folder}, which cannot be written: ${(error as Error).message}`,
      "--output and a folder that can be written",
    );
  }
}

async function recordingOf(args: Arguments, timeout: number): Promise<Recording | Fault> {
  if (args.rest !== undefined) {
    const [
      { openProcess },
      { endChildrenOnSignals },
      { recordTraces },
      { faultOf },
      { TargetFault },
    ] = await Promise.all([
      import("../targets/process.ts"),
      import("../targets/child.ts"),
      import("../run/record.ts"),
      import("../run/not_run.ts"),
      import("../../spec/sampler.ts"),
    ]);
    const forget = endChildrenOnSignals();
    try {
      await using target = await openProcess(args.rest, { timeout });
      return await recordTraces(target);
    } catch (error) {
      if (!(error instanceof TargetFault)) throw error;
      return faultOf(error);
    } finally {
      forget();
    }
  }
  const [specifier] = args.positionals;
  if (specifier === undefined || args.positionals.length > 1) {
    throw new UsageError(
      `${args.positionals.length} targets`,
      "one: reference, defect:ID, ./module.ts[#export] or -- and the command of a process",
    );
  }
  const { superviseRecording } = await import("../run/supervise.ts");
  return await superviseRecording(specifier, timeout);
}
