/**
 * `record`: writes golden traces of a target.
 *
 * @module
 */

import { type Arguments, type Command, type Io, UsageError } from "./command.ts";

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
  const [{ recordTraces }, { writeTrace }, { default: { version } }] = await Promise.all([
    import("../record.ts"),
    import("../../golden/trace.ts"),
    import("../../deno.json", { with: { type: "json" } }),
  ]);
  try {
    const { target, close } = await open(args);
    try {
      const { traces, skipped } = await recordTraces(target, version);
      await Deno.mkdir(folder, { recursive: true });
      for (const trace of traces) {
        await Deno.writeTextFile(`${folder}/${trace.id}.json`, writeTrace(trace));
      }
      io.out(`${target.name}: ${traces.length} traces are in ${folder}\n`);
      for (const { id, reason } of skipped) io.out(`  ${id} was not recorded: ${reason}\n`);
      const deviating = traces.filter((trace) => trace.deviation !== undefined);
      for (const { id, deviation } of deviating) {
        io.out(`  ${id} departs from the rule: ${deviation}\n`);
      }
      return 0;
    } finally {
      await close();
    }
  } catch (error) {
    if (!(error instanceof Error && "found" in error) || error instanceof UsageError) throw error;
    const { found, wanted } = error as Error & { found: string; wanted: string };
    io.err(`Cannot record this target:\n  found   ${found}\n  wanted  ${wanted}\n`);
    return 2;
  }
}

async function open(args: Arguments) {
  if (args.rest !== undefined) {
    const { openProcess } = await import("../targets/process.ts");
    const target = await openProcess(args.rest, { timeout: Number(args.value("timeout") ?? 30) });
    return { target, close: async () => void await target.close() };
  }
  const [specifier] = args.positionals;
  if (specifier === undefined || args.positionals.length > 1) {
    throw new UsageError(
      `${args.positionals.length} targets`,
      "one: reference, defect:ID, ./module.ts[#export] or -- and the command of a process",
    );
  }
  const [{ loadSampler }, { observe }] = await Promise.all([
    import("../targets/module.ts"),
    import("../../spec/observe.ts"),
  ]);
  return { target: observe(await loadSampler(specifier)), close: () => Promise.resolve() };
}
