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
import { ruleOf } from "./asked_rule.ts";
import { pythonOption, targetOf } from "./target.ts";

/** The command `identify`. */
export const command: Command = {
  name: "identify",
  usage: "TARGET | -- COMMAND … [--rule FILE]",
  summary: "find out which rule of the family a target follows, with its figures",
  options: {
    rule: {
      value: "FILE",
      group: "What is judged",
      help: "a rule in a JSON file, tried before those of the family",
    },
    timeout: timeoutOption,
    python: pythonOption,
    format: formatOption,
  },
  details: "Exit codes: 0 it follows one, 1 it follows none, 2 not run.",
  run: identify,
};

async function identify(args: Arguments, io: Io): Promise<number> {
  const { target, typed, options } = targetOf(command, args), timeout = timeoutOf(args);
  const { superviseIdentification } = await import("../run/supervise.ts");
  const own = await ruleOf(args.value("rule"));
  const found = await superviseIdentification({ target, timeout, permissions: [], rule: own });
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
  const named = own && rule === [own.document.name, ...own.options].join("+") ? own.typed : rule;
  const words = typeof typed === "string" ? typed : `-- ${typed.join(" ")}`;
  print(args, io, found, () =>
    `${
      [
        paint(io, `${name}: ${rule ?? "none of the family"}`, "bold"),
        ...inner("", text),
        ...inner("measured", measured),
        ...stationary === null ? [] : inner("settles", stationaryWords(stationary)),
        ...named === null || named === "ibc"
          ? []
          : inner("judge it", [io.program, "check", ...options, "--rule", named, words].join(" ")),
      ].join("\n")
    }\n`);
  return rule === null ? 1 : 0;
}
