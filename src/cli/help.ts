/**
 * `help`: what there is, and how a command is used.
 *
 * @module
 */

import { labelled } from "../report/layout.ts";
import type { Command, Io } from "./command.ts";

/** The help text of the program. */
export function programHelp(commands: readonly Command[], io: Io): string {
  const column = 2 + Math.max(...commands.map(({ name }) => name.length), 4) + 2;
  const lines = [
    "ulaspec judges whether a sampler follows the Langevin update rule of Implicit Behavioral Cloning.",
    "",
    `Usage: ${io.program} COMMAND …`,
    "",
    ...commands.flatMap(({ name, summary }) =>
      labelled(name, summary, { indent: 2, column, style: { ...io, color: false } })
    ),
    ...labelled("help", "this text, or help COMMAND", {
      indent: 2,
      column,
      style: { ...io, color: false },
    }),
  ];
  return `${lines.join("\n")}\n`;
}

/** The help text of a command. */
export function commandHelp(command: Command, io: Io): string {
  const { name, usage, summary, options, details } = command;
  const entries = Object.entries(options).map(([option, { value, help }]) =>
    [`--${option}${value === undefined ? "" : ` ${value}`}`, help] as const
  );
  const column = 2 + Math.max(0, ...entries.map(([option]) => option.length)) + 2;
  const lines = [
    `Usage: ${io.program} ${name} ${usage}`.trimEnd(),
    "",
    `${summary[0]!.toUpperCase()}${summary.slice(1)}.`,
    ...(entries.length > 0 ? [""] : []),
    ...entries.flatMap(([option, help]) =>
      labelled(option, help, { indent: 2, column, style: { ...io, color: false } })
    ),
    ...(details === undefined ? [] : ["", details]),
  ];
  return `${lines.join("\n")}\n`;
}
