/**
 * `record`: writes golden traces of a target.
 *
 * @module
 */

import type { Trace } from "../../golden/trace.ts";
import { writeOutput } from "./output.ts";
import { plainText, plainTexts } from "../report/plain_text.ts";
import { permissionOptions, permissionsOf } from "./permissions.ts";
import { pythonOption, targetOf } from "./target.ts";
import {
  type Arguments,
  type Command,
  type Io,
  messageOf,
  timeoutOf,
  timeoutOption,
  UsageError,
} from "./command.ts";

/** The command `record`. */
export const command: Command = {
  name: "record",
  usage: "--output DIR TARGET | --output DIR -- COMMAND …",
  summary: "record traces of a target, on the problems of the official ones",
  options: {
    output: { value: "DIR", help: "the folder that the traces are written to; made if missing" },
    timeout: timeoutOption,
    python: pythonOption,
    ...permissionOptions,
  },
  details: "check --golden DIR replays them.",
  run: record,
};

async function record(args: Arguments, io: Io): Promise<number> {
  const folder = args.value("output");
  if (folder === undefined) throw new UsageError("no --output", "--output and a folder");
  const { target } = targetOf(command, args), timeout = timeoutOf(args);
  const { superviseRecording } = await import("../run/supervise.ts");
  const recording = await superviseRecording({
    target,
    timeout,
    permissions: permissionsOf(args, target),
  });
  if ("found" in recording) {
    const { faultLines } = await import("../report/fault_lines.ts");
    const lines = faultLines(plainTexts(recording), { indent: 2, column: 10, style: io });
    io.err(`Cannot record this target:\n${lines.join("\n")}\n`);
    return 2;
  }
  const { name, traces, skipped } = recording;
  await write(traces, folder);
  io.out(`${plainText(name)}: ${traces.length} traces are in ${folder}\n`);
  for (const { id, reason } of skipped) io.out(`  ${id} was not recorded: ${reason}\n`);
  for (const { id, deviation } of traces) {
    if (deviation !== undefined) io.out(`  ${id} departs from the rule: ${deviation}\n`);
  }
  return 0;
}

async function write(traces: readonly Trace[], folder: string): Promise<void> {
  const { writeTrace } = await import("../../golden/write.ts");
  try {
    await Deno.mkdir(folder, { recursive: true });
    for (const trace of traces) {
      await writeOutput(`${folder}/${trace.id}.json`, writeTrace(trace));
    }
  } catch (error) {
    throw new UsageError(
      `the folder ${folder}, which cannot be written: ${messageOf(error)}`,
      "--output and a folder that can be written",
    );
  }
}
