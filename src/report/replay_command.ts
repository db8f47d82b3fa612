/**
 * The command that judges one case of one clause again.
 *
 * @module
 */

import type { Profile } from "./report.ts";

/** What a run was about, as far as a command has to say it. */
export interface Judged {
  /** The words that the command starts with. */
  readonly program: string;
  /** The target: a specifier, or the command of a process. */
  readonly target: string | readonly string[];
  readonly seed: number;
  readonly profile: Profile;
  /** The folder of traces that was replayed. */
  readonly golden?: string | undefined;
  /** The rule that was asked for. */
  readonly rule?: string | undefined;
  readonly falseAlarm?: number | undefined;
}

/** The command that judges one case of one clause again, for a shell. */
export function replayCommand(judged: Judged, clause: string, path: string | null): string {
  const { program, target, seed, profile, golden, falseAlarm, rule } = judged;
  const words = [program];
  if (typeof target === "string") words.push(quoted(target));
  words.push("--clause", clause, "--seed", `${seed}`);
  if (path !== null) words.push("--path", shortPath(path));
  if (profile !== "standard") words.push("--profile", profile);
  if (falseAlarm !== undefined) words.push("--false-alarm", `${falseAlarm}`);
  if (rule !== undefined) words.push("--rule", quoted(rule));
  if (golden !== undefined) words.push("--golden", quoted(golden));
  if (typeof target !== "string") words.push("--", ...target.map(quoted));
  return words.join(" ");
}

/** The least number of equal choices in a row that are counted. */
const mostListed = 5;

/** A path in which many equal choices in a row are counted: `0:0:0:0:0:0:1` is `0x6:1`. */
export function shortPath(path: string): string {
  return path.replace(/(?<![\d:])(\d+)(?::\1)+(?!\d)|(?<=:)(\d+)(?::\2)+(?!\d)/g, (run) => {
    const choices = run.split(":");
    return choices.length > mostListed ? `${choices[0]}x${choices.length}` : run;
  });
}

/** The same path with every choice by itself. */
export function longPath(path: string): string {
  return path.replace(
    /(\d+)x(\d+)/g,
    (_, choice: string, count: string) => Array(Number(count)).fill(choice).join(":"),
  );
}

/** A word for a shell. */
export function quoted(word: string): string {
  return /^[\w./:#@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
