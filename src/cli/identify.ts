/**
 * `identify`: which rule of the family a target follows.
 *
 * @module
 */

import { labelled, paint } from "../report/layout.ts";
import {
  type Arguments,
  type Command,
  formatOption,
  type Io,
  print,
  timeoutOf,
  timeoutOption,
} from "./command.ts";
import { pythonOption, targetOf } from "./target.ts";

/** The command `identify`. */
export const command: Command = {
  name: "identify",
  usage: "TARGET | -- COMMAND …",
  summary: "find out which rule of the family a target follows, with its figures",
  options: { timeout: timeoutOption, python: pythonOption, format: formatOption },
  details: "Exit codes: 0 it follows one, 1 it follows none of them, 2 it was not run.",
  run: identify,
};

async function identify(args: Arguments, io: Io): Promise<number> {
  const { target, typed, options } = targetOf(command, args), timeout = timeoutOf(args);
  const { superviseIdentification } = await import("../run/supervise.ts");
  const found = await superviseIdentification({ target, timeout, permissions: [] });
  if ("wanted" in found) {
    const { faultLines } = await import("../report/fault_lines.ts");
    const lines = faultLines(found, { indent: 2, column: 10, style: io });
    io.err(`Cannot identify this target:\n${lines.join("\n")}\n`);
    return 2;
  }
  const { stationaryWords } = await import("../run/identify.ts");
  const { name, rule, text, measured, stationary } = found;
  const inner = (label: string, words: string) =>
    labelled(label, words, { indent: 2, column: 14, style: io });
  const words = typeof typed === "string" ? typed : `-- ${typed.join(" ")}`;
  print(args, io, found, () =>
    `${
      [
        paint(io, `${name}: ${rule ?? "none of the family"}`, "bold"),
        ...inner("", text),
        ...inner("measured", measured),
        ...stationary === null ? [] : inner("settles", stationaryWords(stationary)),
        ...rule === null || rule === "ibc"
          ? []
          : inner("judge it", [io.program, "check", ...options, "--rule", rule, words].join(" ")),
      ].join("\n")
    }\n`);
  return rule === null ? 1 : 0;
}
