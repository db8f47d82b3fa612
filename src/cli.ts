/**
 * The command line.
 *
 * ```sh
 * deno run -A src/cli.ts check ./my_sampler.ts
 * ```
 *
 * @module
 */

import { type Command, type Io, readArguments, UsageError } from "./cli/command.ts";
import { nearest } from "../spec/nearest.ts";
import { plainText } from "./report/plain_text.ts";

export type { Io } from "./cli/command.ts";

const commands: Readonly<Record<string, () => Promise<{ readonly command: Command }>>> = {
  check: () => import("./cli/check.ts"),
  demo: () => import("./cli/demo.ts"),
  explain: () => import("./cli/explain.ts"),
  clauses: () => import("./cli/clauses_command.ts"),
  defects: () => import("./cli/defects_command.ts"),
  identify: () => import("./cli/identify_command.ts"),
  rules: () => import("./cli/rules.ts"),
  record: () => import("./cli/record_command.ts"),
  power: () => import("./cli/power_command.ts"),
  init: () => import("./cli/init.ts"),
  smoke: () => import("./cli/smoke_command.ts"),
  adapter: () => import("./cli/adapter.ts"),
  schema: () => import("./cli/schema_command.ts"),
};

/**
 * Runs the program.
 *
 * @param args what stands behind the program's name
 * @param io what it writes to
 * @returns the exit code: 0 conforms, 1 violates, 2 incomplete or not run
 */
export async function main(args: readonly string[], io: Io = processIo()): Promise<number> {
  try {
    const [name, ...rest] = args;
    if (name === "--version" || name === "version") return await version(io);
    if (name === undefined || name === "help" || name === "--help" || name === "-h") {
      io[name === undefined ? "err" : "out"](await help(helpSubject(rest), io));
      return name === undefined ? 2 : 0;
    }
    const { command } = await commandOf(name);
    const own = rest.includes("--") ? rest.slice(0, rest.indexOf("--")) : rest;
    if (own.includes("--help") || own.includes("-h")) {
      io.out(await help(name, io));
      return 0;
    }
    return await command.run(readArguments(command, rest), io);
  } catch (error) {
    if (error instanceof OutputLost) {
      io.err(`Standard output took no more: ${error.message}\n`);
      return 2;
    }
    io.err(error instanceof UsageError ? usageText(error) : crashText(error));
    return 2;
  }
}

function usageText({ found, wanted }: UsageError): string {
  return `Cannot run this command:\n  found   ${found}\n  wanted  ${wanted}\n`;
}

/** Standard output is closed or full: what was found has not been told. */
class OutputLost extends Error {}

/** An error of the suite itself is no verdict: the exit code of a violation would be a lie. */
function crashText(error: unknown): string {
  const stack = error instanceof Error ? error.stack ?? error.message : String(error);
  return `ulaspec itself failed, so there is no verdict; please report this error:\n${
    plainText(stack)
  }\n`;
}

/** The command that help is asked for: `help help`, `help version` and `help --help` ask for that of the program. */
function helpSubject(words: readonly string[]): string | undefined {
  const asked = (word: string) => word === "--help" || word === "-h";
  const [name, ...others] = words.filter((word) => !asked(word));
  if (others.length > 0) {
    throw new UsageError(`the argument ${others[0]} after help ${name}`, "help or help COMMAND");
  }
  return name === "help" || name === "version" ? undefined : name;
}

async function commandOf(name: string): Promise<{ readonly command: Command }> {
  if (Object.hasOwn(commands, name)) return await commands[name]!();
  const names = [...Object.keys(commands), "help", "version"];
  const near = nearest(name, names);
  throw new UsageError(
    `the command ${name}`,
    `one of ${names.join(", ")}${near === undefined ? "" : `; did you mean ${near}?`}`,
  );
}

async function help(name: string | undefined, io: Io): Promise<string> {
  const { commandHelp, programHelp } = await import("./cli/help.ts");
  if (name !== undefined) return commandHelp((await commandOf(name)).command, io);
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  return programHelp(all.map(({ command }) => command), io);
}

async function version(io: Io): Promise<number> {
  const { version } = await import("./version.ts");
  io.out(`ulaspec ${version}\n`);
  return 0;
}

/** The input and output of this process. */
export function processIo(): Io {
  const encoder = new TextEncoder();
  const write = (stream: { writeSync(bytes: Uint8Array): number }, text: string) => {
    let bytes = encoder.encode(text);
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  };
  const out = (text: string) => {
    try {
      write(Deno.stdout, text);
    } catch (error) {
      throw new OutputLost(error instanceof Error ? error.message : String(error));
    }
  };
  const err = (text: string) => {
    try {
      write(Deno.stderr, text);
    } catch {
      // There is nobody left to tell.
    }
  };
  const terminal = Deno.stdout.isTerminal();
  return {
    out,
    err,
    color: terminal && !Deno.noColor,
    width: terminal ? columns() : 100,
    progress: Deno.stderr.isTerminal(),
    program: programName(),
  };
}

function columns(): number {
  try {
    return Math.max(40, Deno.consoleSize().columns || 80);
  } catch {
    // A terminal that does not tell its size.
    return 100;
  }
}

/** The words with which a person starts this program, as far as they can be told. */
function programName(): string {
  const variable = "ULASPEC_PROGRAM"; // set by the command that a package installs
  const named = granted({ name: "env", variable }) ? Deno.env.get(variable) : undefined;
  if (named) return named;
  const module = Deno.mainModule;
  if (!module.startsWith("file:")) return `deno run -A ${module}`;
  const start = folderBeforeTask();
  // A task is found from its folder and those below it.
  if (start !== undefined && isWithin(start, packageFolder()!)) return "deno task ulaspec";
  const path = decodeURIComponent(new URL(module).pathname);
  const folder = `${start ?? Deno.cwd()}/`;
  return `deno run -A ${path.startsWith(folder) ? path.slice(folder.length) : path}`;
}

/**
 * Where the person stands who started a task of this package: `deno task` goes to the folder of
 * deno.json. `undefined` if this is no such task, like one of a project that uses this package, whose
 * paths are meant from where it was started.
 */
function folderBeforeTask(): string | undefined {
  const variable = "INIT_CWD"; // set by `deno task`
  if (!Deno.mainModule.startsWith("file:") || !granted({ name: "env", variable })) return undefined;
  const folder = Deno.env.get(variable);
  if (
    !folder || !granted({ name: "read", path: folder }) || !granted({ name: "read", path: "." })
  ) {
    return undefined;
  }
  return Deno.cwd() === packageFolder() ? folder : undefined;
}

function granted(permission: Deno.PermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}

/** The folder of deno.json; `undefined` if it is not on this machine. */
function packageFolder(): string | undefined {
  return import.meta.dirname?.replace(/[/\\]src$/, "");
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || (path.startsWith(folder) && /[/\\]/.test(path.charAt(folder.length)));
}

/** Goes to where the person stands, so that paths are meant from there. */
function returnToPerson(): void {
  const folder = folderBeforeTask();
  if (folder === undefined) return;
  try {
    Deno.chdir(folder);
  } catch {
    // A variable that names no folder was not set by `deno task`.
  }
}

if (import.meta.main) {
  const io = processIo();
  returnToPerson();
  Deno.exit(await main(Deno.args, io));
}
