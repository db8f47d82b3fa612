/**
 * The target of a command, as a person names it.
 *
 * @module
 */

import { type Arguments, type Command, onlyArgument, type Option, UsageError } from "./command.ts";
import { variable } from "../environment.ts";
import { didYouMean } from "../../spec/nearest.ts";

/** What a target may be, for help texts and messages. */
export const targetForms =
  "a target: reference, defect:ID, ./module.ts[#export], ./target.py[#Class] or -- and the command of a process";

/** The option `--python`. */
export const pythonOption: Option = {
  value: "PROGRAM",
  group: "What is judged",
  help: "the Python that runs ./target.py (default: the one of the active environment)",
};

/** A target, and how a person writes it. */
export interface NamedTarget {
  /** A specifier, or the command of a process. */
  readonly target: string | readonly string[];
  /** The words that name it in a command, without those of `--python`. */
  readonly typed: string | readonly string[];
  /** Words that belong to it and stand before it: `--python PROGRAM`. */
  readonly options: readonly string[];
}

const pythonProgram = /(?:^|[/\\])python(?:\d+(?:\.\d+)?)?(?:\.exe)?$/;
const pythonFile = /\.py(?:#[\w.]+)?$/;

/**
 * The target of a command: a specifier, a file in Python, or the command of a process, usually
 * behind `--`.
 *
 * @throws {UsageError} if there is none, or more than one
 */
export function targetOf(command: Command, args: Arguments): NamedTarget {
  const python = args.value("python");
  const { positionals, rest } = args, [first = "", second] = positionals;
  if (rest === undefined && pythonFile.test(first)) return scriptOf(positionals, python);
  if (python !== undefined) {
    throw new UsageError("--python without a file in Python", `${command.name} my_target.py`);
  }
  if (rest !== undefined) return asTyped(processOf(command, args));
  if (pythonProgram.test(first) && second !== undefined) return asTyped(positionals);
  const script = positionals.slice(1).find((word) => pythonFile.test(word));
  if (script !== undefined) {
    const found = `the words ${positionals.join(" ")} and no --`;
    throw new UsageError(
      found,
      `${command.name} ${script}, or ${command.name} -- ${positionals.join(" ")}`,
    );
  }
  return asTyped(onlyArgument(args, "target", targetForms));
}

function asTyped(target: NamedTarget["target"]): NamedTarget {
  return { target, typed: target, options: [] };
}

/** A file in Python is run as a script; of `FILE.py#NAME` the target NAME is served. */
function scriptOf(words: readonly string[], named: string | undefined): NamedTarget {
  const [first = "", ...others] = words;
  const [file = "", name] = first.split("#");
  requireFile(file);
  const start = name !== undefined
    ? ["-c", servesClass, file, name]
    : others.length === 0
    ? ["-c", servesFile, file]
    : [file];
  const target = [named ?? activePython(), ...start, ...others];
  return {
    target,
    typed: others.length === 0 ? first : target,
    options: named === undefined || others.length > 0 ? [] : ["--python", named],
  };
}

// Arguments are for a script that serves by itself.
const servesFile = "import sys, ulaspec; ulaspec._serve_file(sys.argv[1])";
const servesClass = "import sys, ulaspec; ulaspec._serve_class(*sys.argv[1:3])";

function requireFile(file: string): void {
  try {
    if (Deno.statSync(file).isFile) return;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) return; // Python will say what is the matter.
    throw new UsageError(`the file ${file}, which does not exist`, `a file in Python${near(file)}`);
  }
  throw new UsageError(`${file}, which is no file`, "a file in Python");
}

function near(file: string): string {
  const cut = Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1;
  try {
    const names = [...Deno.readDirSync(file.slice(0, cut) || ".")]
      .filter((entry) => entry.isFile && entry.name.endsWith(".py"))
      .map((entry) => file.slice(0, cut) + entry.name);
    return didYouMean(file, names.sort());
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) return "";
    return `; its folder ${file.slice(0, cut)} does not exist either`;
  }
}

/** The Python of the active environment, of the one that started this program, or of the path. */
export function activePython(): string {
  const windows = Deno.build.os === "windows";
  const started = variable("ULASPEC_ACTIVE_PYTHON"); // set by the command that pip installs
  if (started) return started;
  for (const name of ["VIRTUAL_ENV", "CONDA_PREFIX"]) {
    const folder = variable(name);
    if (folder) return `${folder}${windows ? "\\Scripts\\python.exe" : "/bin/python"}`;
  }
  return windows ? "python" : "python3";
}

/**
 * The command of a process.
 *
 * @throws {UsageError} if the target is none
 */
export function processTargetOf(command: Command, args: Arguments): readonly string[] {
  const { target } = targetOf(command, args);
  if (typeof target !== "string") return target;
  throw new UsageError(`the target ${target}`, `my_target.py, or ${processForm(command)}`);
}

function processOf(command: Command, { positionals, rest = [] }: Arguments): readonly string[] {
  const wanted = processForm(command);
  if (!rest[0]) throw new UsageError("nothing after --", wanted);
  if (positionals.length > 0) {
    const found = `the target ${positionals.join(" ")} and the command ${rest.join(" ")}`;
    throw new UsageError(found, wanted);
  }
  return rest;
}

const processForm = ({ name }: Command) =>
  `the command of a process after --: ${name} -- python3 my_target.py`;
