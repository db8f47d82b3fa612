/**
 * `help`: what there is, and how a command is used.
 *
 * @module
 */

import { labelled } from "../report/layout.ts";
import type { Command, Io } from "./command.ts";

/** The help text of the program. */
export function programHelp(commands: readonly Command[], io: Io): string {
  const help = { name: "help", summary: "this text, or help COMMAND" };
  return page([
    "ulaspec judges whether a sampler follows the Langevin update rule of Implicit Behavioral Cloning.",
    "",
    `Usage: ${io.program} COMMAND …`,
    "",
    ...table([...commands, help].map(({ name, summary }) => [name, summary]), io),
  ]);
}

/** The help text of a command. */
export function commandHelp(command: Command, io: Io): string {
  const { name, usage, summary, options, details } = command;
  const entries = Object.entries(options).map(([option, { value, help }]) =>
    [`--${option}${value === undefined ? "" : ` ${value}`}`, help] as const
  );
  return page([
    `Usage: ${io.program} ${name} ${usage}`.trimEnd(),
    "",
    `${summary[0]!.toUpperCase()}${summary.slice(1)}.`,
    ...(entries.length > 0 ? ["", ...table(entries, io)] : []),
    ...(details === undefined ? [] : ["", details]),
  ]);
}

/** Names with their texts beside them. */
function table(rows: readonly (readonly [string, string])[], io: Io): readonly string[] {
  const column = 2 + Math.max(...rows.map(([name]) => name.length)) + 2;
  const style = { ...io, color: false };
  return rows.flatMap(([name, text]) => labelled(name, text, { indent: 2, column, style }));
}

function page(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
