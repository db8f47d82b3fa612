/**
 * `help`: what there is, and how a command is used.
 *
 * @module
 */

import { labelled, wrap } from "../report/layout.ts";
import { type Command, type Io, type Option, optionGroups } from "./command.ts";

/** The help text of the program. */
export function programHelp(commands: readonly Command[], io: Io): string {
  const more = [
    { name: "help", summary: "this text, or help COMMAND" },
    { name: "version", summary: "the version of this program" },
  ];
  return page([
    ...paragraph(
      "ulaspec judges whether a sampler follows a Langevin update rule, by default that of Implicit " +
        "Behavioral Cloning. It names the clause it breaks and the bug, and measures the rule it " +
        "really follows.",
      io,
    ),
    "",
    `Usage: ${io.program} COMMAND …`,
    "",
    ...table([...commands, ...more].map(({ name, summary }) => [name, summary]), io),
    "",
    "Start here:",
    ...table([
      [`${io.program} demo`, "the reference and a faulty port, side by side"],
      [`${io.program} init my_file.py:Sampler`, "write a target for your sampler in Python"],
      [`${io.program} check ./my_sampler.ts`, "judge your sampler"],
      [`${io.program} help check`, "all options, with examples"],
    ], io),
  ]);
}

/** The help text of a command. */
export function commandHelp(command: Command, io: Io): string {
  const { name, usage, summary, options, details, examples, page: more } = command;
  const typed = Object.entries(examples ?? {}).map(([args, what]) =>
    [`${io.program} ${name} ${args}`.trimEnd(), what] as const
  );
  return page([
    `Usage: ${io.program} ${name} ${usage}`.trimEnd(),
    "",
    ...paragraph(`${summary[0]!.toUpperCase()}${summary.slice(1)}.`, io),
    ...optionLines(options, io),
    ...(typed.length > 0 ? ["", "Examples:", ...below(typed)] : []),
    ...(details === undefined ? [] : ["", ...paragraph(details, io)]),
    ...(more === undefined ? [] : ["", `Read more: ${more}`]),
  ]);
}

/** Options without a group first, then group by group. */
function optionLines(options: Command["options"], io: Io): readonly string[] {
  const entries = Object.entries(options);
  const column = 4 + Math.max(0, ...entries.map(([name, option]) => flag(name, option).length));
  const of = (group: Option["group"]) =>
    entries.filter(([, option]) => option.group === group)
      .map(([name, option]) => [flag(name, option), option.help] as const);
  return [undefined, ...optionGroups].flatMap((group) => {
    const rows = of(group);
    if (rows.length === 0) return [];
    return ["", ...group === undefined ? [] : [`${group}:`], ...table(rows, io, column)];
  });
}

const flag = (name: string, { value, bare }: Option) =>
  `--${name}${value === undefined ? "" : bare ? `[=${value}]` : ` ${value}`}`;

/** Text in lines that the terminal has room for. */
const paragraph = (text: string, io: Io) => wrap(text, Math.min(io.width, 100));

/** Names with their texts beside them. */
function table(
  rows: readonly (readonly [string, string])[],
  io: Io,
  column: number = 4 + Math.max(...rows.map(([name]) => name.length)),
): readonly string[] {
  const style = { ...io, color: false };
  return rows.flatMap(([name, text]) => labelled(name, text, { indent: 2, column, style }));
}

/** Names with their texts below them: commands are too long for a column. */
function below(rows: readonly (readonly [string, string])[]): readonly string[] {
  return rows.flatMap(([name, text]) => [`  ${name}`, `      ${text}`]);
}

function page(lines: readonly string[]): string {
  return `${lines.join("\n")}\n`;
}
