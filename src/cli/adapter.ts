/**
 * `adapter`: copies the file with which samplers of another language are plugged in.
 *
 * @module
 */

import { type Arguments, type Command, type Io, onlyArgument, UsageError } from "./command.ts";
import { writeOutput } from "./output.ts";

const wanted = "a language that has an adapter: python";

/** The command `adapter`. */
export const command: Command = {
  name: "adapter",
  usage: "python [--output FILE]",
  summary: "print the Python adapter, which is one file",
  options: { output: { value: "FILE", help: "write it to a file (default: standard output)" } },
  details:
    "check puts the adapter on the path of every process it starts. You need a copy only to run a target by hand, or to pin a version.",
  run: adapter,
};

async function adapter(args: Arguments, io: Io): Promise<number> {
  const language = onlyArgument(args, "language", wanted);
  if (language !== "python") throw new UsageError(`the language ${language}`, wanted);
  const { pythonAdapter } = await import("../targets/python_adapter.ts");
  const text = await pythonAdapter();
  const file = args.value("output");
  if (file === undefined) {
    io.out(text);
    return 0;
  }
  await writeOutput(file, text);
  io.err(`The adapter is in ${file}\n`);
  return 0;
}
