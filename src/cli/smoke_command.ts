/**
 * `smoke`: tests the harness of a process.
 *
 * @module
 */

import {
  type Arguments,
  type Command,
  formatOf,
  formatOption,
  type Io,
  print,
  timeoutOf,
  timeoutOption,
} from "./command.ts";

import { processTargetOf, pythonOption } from "./target.ts";

/** The command `smoke`. */
export const command: Command = {
  name: "smoke",
  usage: "[options] ./target.py | [options] -- COMMAND …",
  summary: "try whether a target speaks the protocol, before anything is judged",
  options: { format: formatOption, timeout: timeoutOption, python: pythonOption },
  details:
    "It tries messages, floats, the noise tape, log lines and the end, and says nothing about the rule: check does. Exit codes: 0 it works, 1 it has faults, 2 it did not start.",
  run,
};

async function run(args: Arguments, io: Io): Promise<number> {
  const process = processTargetOf(command, args);
  formatOf(args); // a format that there is not is told before the process is started
  const timeout = timeoutOf(args);
  const [{ smoke, smokeExitCodes }, { prettySmoke }] = await Promise.all([
    import("../run/smoke.ts"),
    import("../report/smoke_page.ts"),
  ]);
  const report = await smoke(process, { timeout });
  print(args, io, report, (report) => prettySmoke(report, io));
  return smokeExitCodes[report.verdict];
}
