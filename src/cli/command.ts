/**
 * What a command of the command line is, and how its arguments are read.
 *
 * @module
 */

import { isWithin, type Limits, limitsInWords } from "../run/options.ts";
import type { Supervision } from "../run/supervise.ts";
import { parseArgs } from "node:util";
import { plainText } from "../report/plain_text.ts";
import type { Report } from "../report/report.ts";
import { didYouMean, nearest } from "../../spec/nearest.ts";

/** What a command may write to, and what works for it. */
export interface Io {
  /** Writes to standard output. */
  out(text: string): void;
  /** Writes to standard error. */
  err(text: string): void;
  /** Whether standard output shows colours. */
  readonly color: boolean;
  /** Columns of standard output. */
  readonly width: number;
  /** Whether a progress line may be shown on standard error. */
  readonly progress: boolean;
  /** How this program is called, for commands that people copy. */
  readonly program: string;
  /**
   * What judges a target: by default a thread of its own, under watch.
   *
   * @internal
   */
  readonly judge?: (what: Supervision) => Promise<Report>;
}

/** What options are about, in the order of the help text. */
export const optionGroups = [
  "What is judged",
  "How it is judged",
  "What a module may do",
  "What comes out",
] as const;

/** What an option is about. */
export type OptionGroup = (typeof optionGroups)[number];

/** An option of a command. */
export interface Option {
  /** What its value is called in help texts; a switch has none. */
  readonly value?: string;
  /** Whether it may be given more than once. */
  readonly repeatable?: true;
  /** Whether it may stand without its value, which then follows a `=` only. */
  readonly bare?: true;
  /** What it is about; options of one group stand together in the help text. */
  readonly group?: OptionGroup;
  readonly help: string;
}

/** A command. */
export interface Command {
  readonly name: string;
  /** What follows the name in the usage line. */
  readonly usage: string;
  readonly summary: string;
  readonly options: Readonly<Record<string, Option>>;
  /** More for the help text. */
  readonly details?: string;
  /** Arguments that people type, each with what it does. */
  readonly examples?: Readonly<Record<string, string>>;
  /** The page of the documentation that says more. */
  readonly page?: string;
  /** Gives the exit code. */
  run(args: Arguments, io: Io): Promise<number>;
}

/** The arguments of a command. */
export interface Arguments {
  readonly positionals: readonly string[];
  /** Everything that was typed behind the command's name. */
  readonly typed: readonly string[];
  /** What stands behind `--`, or `undefined` if there is none. */
  readonly rest: readonly string[] | undefined;
  /** The last value of an option. */
  value(name: string): string | undefined;
  /** All values of an option. */
  values(name: string): readonly string[];
  /** Whether a switch is set. */
  has(name: string): boolean;
}

/** Arguments that make no sense. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** What was found. */
  readonly found: string;
  /** What was wanted. */
  readonly wanted: string;
  /**
   * @param found what was found
   * @param wanted what was wanted
   */
  constructor(found: string, wanted: string) {
    super(`Cannot run: found ${plainText(found)}, wanted ${plainText(wanted)}`);
    this.found = plainText(found);
    this.wanted = plainText(wanted);
  }
}

/**
 * Reads the arguments of a command.
 *
 * @throws {UsageError} if an option is unknown, lacks its value or has one too many
 */
export function readArguments(command: Command, args: readonly string[]): Arguments {
  const { name: commandName, options } = command;
  const names = [...Object.keys(options), "help"];
  const { tokens, positionals } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    tokens: true,
    options: Object.fromEntries(
      names.map((name) =>
        [name, {
          type: options[name]?.value && !options[name].bare ? "string" : "boolean",
        }] as const
      ),
    ),
  });
  const values = new Map<string, string[]>();
  let end: number | undefined;
  for (const token of tokens) {
    if (token.kind === "option-terminator") end = token.index;
    if (token.kind !== "option") continue;
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined;
    if (option === undefined && token.name !== "help") {
      const near = nearest(token.name, names);
      throw new UsageError(
        `the option ${token.rawName}`,
        `an option of ${commandName}${
          near === undefined
            ? `: ${names.map((n) => `--${n}`).join(", ")}`
            : `; did you mean --${near}?`
        }`,
      );
    }
    const known = values.get(token.name) ?? [];
    if (option?.value !== undefined && !(option.bare && token.value === undefined)) {
      if (typeof token.value !== "string" || token.value === "") {
        throw new UsageError(
          `${token.rawName} without a value`,
          `${token.rawName} ${option.value}`,
        );
      }
      if (known.length > 0 && !option.repeatable) {
        throw new UsageError(`${token.rawName} more than once`, `it at most once`);
      }
      values.set(token.name, [...known, token.value]);
    } else {
      if (token.value !== undefined) {
        throw new UsageError(`a value for ${token.rawName}`, `${token.rawName} alone`);
      }
      values.set(token.name, []);
    }
  }
  const rest = end === undefined ? undefined : args.slice(end + 1);
  return {
    positionals: rest ? positionals.slice(0, positionals.length - rest.length) : positionals,
    rest,
    typed: args,
    value: (name) => values.get(name)?.at(-1),
    values: (name) => values.get(name) ?? [],
    has: (name) => values.has(name),
  };
}

/**
 * One of some words.
 *
 * @throws {UsageError} if it is none of them
 */
export function oneOf<Word extends string>(
  what: string,
  found: string,
  words: readonly Word[],
): Word {
  const word = words.find((w) => w === found);
  if (word !== undefined) return word;
  throw new UsageError(
    `${what} ${found}`,
    `${words.slice(0, -1).join(", ")} or ${words.at(-1)}${didYouMean(found, words)}`,
  );
}

/**
 * A number within limits.
 *
 * @throws {UsageError} if it is not
 */
export function numberWithin(what: string, found: string, limits: Limits): number {
  const value = Number(found);
  if (found.trim() === "" || !isWithin(value, limits)) {
    throw new UsageError(`${what} ${found}`, limitsInWords(limits));
  }
  return value;
}

/** The option `--format` of commands that print one table. */
export const formatOption: Option = { value: "FORMAT", help: "pretty or json (default pretty)" };

/**
 * Prints what a command has found: as JSON or as a page, as `--format` says.
 *
 * @throws {UsageError} if there is no such format
 */
export function print<T>(args: Arguments, io: Io, value: T, page: (value: T) => string): void {
  io.out(formatOf(args) === "json" ? `${JSON.stringify(value, null, 2)}\n` : page(value));
}

/**
 * The format that `--format` names.
 *
 * @throws {UsageError} if there is no such format
 */
export function formatOf(args: Arguments): "pretty" | "json" {
  return oneOf("the format", args.value("format") ?? "pretty", ["pretty", "json"]);
}

/** The option `--timeout`. */
export const timeoutOption: Option = {
  value: "S",
  group: "How it is judged",
  help: "seconds that the start or one call of the target may take (default 30)",
};

/**
 * The seconds of the option `--timeout`; 30 by default.
 *
 * @throws {UsageError} if it is no such number
 */
export function timeoutOf(args: Arguments): number {
  const limits = { min: 0.1, max: 86400, whole: false };
  return numberWithin("the time-out", args.value("timeout") ?? "30", limits);
}

/**
 * The only argument of a command.
 *
 * @throws {UsageError} if there is none, or more than one
 */
export function onlyArgument(args: Arguments, what: string, wanted: string): string {
  const [first, ...others] = args.positionals;
  if (first === undefined) throw new UsageError(`no ${what}`, wanted);
  if (others.length > 0) {
    throw new UsageError(
      `${args.positionals.length} ${what}s: ${args.positionals.join(", ")}`,
      wanted,
    );
  }
  return first;
}

/** The message of an error, without the number and the call that the system adds. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/ \(os error \d+\)(: [a-z]\w* .*)?$/, "");
}

/**
 * Refuses arguments where a command takes none.
 *
 * @throws {UsageError} if there is one
 */
export function noArguments(command: Command, args: Arguments): void {
  if (args.positionals.length > 0) {
    throw new UsageError(
      `the argument ${args.positionals[0]}`,
      `${command.name} without arguments`,
    );
  }
}
