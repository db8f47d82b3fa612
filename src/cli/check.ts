/**
 * `check`: judges a target.
 *
 * @module
 */

import type { Accepted } from "../run/verdicts/accepted.ts";
import { variable } from "../environment.ts";
import { didYouMean } from "../../spec/nearest.ts";
import { faceOf, formats } from "../report/formats.ts";
import { exitCodes, profiles } from "../report/report.ts";
import type { Report } from "../report/report.ts";
import { supervise } from "../run/supervise.ts";
import {
  type Arguments,
  type Command,
  type Io,
  numberWithin,
  oneOf,
  timeoutOf,
  timeoutOption,
  UsageError,
} from "./command.ts";
import { ruleOf } from "./asked_rule.ts";
import { standardOutput, tryOutputs, writeOutput } from "./output.ts";
import { permissionOptions, permissionsOf } from "./permissions.ts";
import { plainLine } from "../report/plain_text.ts";
import { pythonOption, targetForms, targetOf } from "./target.ts";
import { addStepSummary } from "./step_summary.ts";
import { progressLine } from "./progress_line.ts";
import { falseAlarmLimits, helpOf, pathForm, seedLimits } from "../run/options.ts";

/** The command `check`. */
export const command: Command = {
  name: "check",
  usage: "[options] TARGET | [options] -- COMMAND … | --trace FILE",
  summary: `judge ${targetForms}`,
  options: {
    clause: {
      value: "ID",
      repeatable: true,
      group: "What is judged",
      help: helpOf("clauses"),
    },
    path: { value: "PATH", group: "What is judged", help: helpOf("path") },
    rule: {
      value: "NAME|FILE",
      group: "What is judged",
      help:
        "judge by this rule instead: ula, ula+temperature, my_rule.json (ulaspec rules lists them)",
    },
    golden: {
      value: "DIR",
      group: "What is judged",
      help: "replay the traces of a folder instead of the official ones",
    },
    trace: {
      value: "FILE",
      group: "What is judged",
      help: "judge a recorded real run, as ulaspec.watch saves it, instead of a target",
    },
    python: pythonOption,
    ...permissionOptions,
    profile: { value: "PROFILE", group: "How it is judged", help: helpOf("profile") },
    seed: { value: "N", group: "How it is judged", help: helpOf("seed") },
    "false-alarm": { value: "P", group: "How it is judged", help: helpOf("falseAlarm") },
    accept: {
      value: "FILE",
      group: "How it is judged",
      help:
        "a JSON file of clauses that may be broken, each with the reason; an entry that isn't needed makes the run incomplete",
    },
    timeout: timeoutOption,
    jobs: {
      value: "N",
      group: "How it is judged",
      help:
        "1 or 2; with 2, a second process of the target replays the official traces (default 1; only with --)",
    },
    format: {
      value: "FORMAT",
      group: "What comes out",
      help: `${formats.join(", ")} (default pretty)`,
    },
    output: {
      value: "FILE",
      group: "What comes out",
      help: "write the report to a file; the terminal gets the short one",
    },
    repro: {
      value: "FILE",
      group: "What comes out",
      help: "write the first violation as a script in the target's own language",
    },
    verbose: { group: "What comes out", help: "every clause, and every violation in full" },
  },
  examples: {
    "./my_sampler.ts": "a sampler in TypeScript",
    "my_target.py": "a target in Python, run by the active Python",
    "-- node my_target.js": "a process in any language that speaks the protocol",
    "defect:half-missing": "a known defect, to see what a report looks like",
    "my_target.py --format html --output report.html": "a page to share",
    "my_target.py --clause delta-clip --repro repro.py": "one group of clauses, and a script",
  },
  page: "README.md",
  details:
    "Exit codes: 0 conforms (every clause that binds the target was judged, by itself or by whole steps, and holds), 1 violates, 2 incomplete or not run.",
  run: check,
};

async function check(args: Arguments, io: Io): Promise<number> {
  if (args.has("trace")) return await (await import("./watched_command.ts")).judgeTrace(args, io);
  const { target, typed, options } = targetOf(command, args);
  const format = oneOf("the format", args.value("format") ?? "pretty", formats);
  const profile = oneOf("the profile", args.value("profile") ?? "standard", profiles);
  const seed = numberWithin("the seed", args.value("seed") ?? "1", seedLimits);
  const timeout = timeoutOf(args);
  const falseAlarm = chanceOf(args.value("false-alarm"));
  const jobs = oneOf("the number of jobs", args.value("jobs") ?? "1", ["1", "2"]) === "2" ? 2 : 1;
  if (jobs === 2 && typeof target === "string") {
    throw new UsageError(
      `--jobs 2 for the target ${target}`,
      "it with the command of a process only: check --jobs 2 -- COMMAND …",
    );
  }
  const rule = await ruleOf(args.value("rule"));
  const accepted = await acceptedIn(args.value("accept"));
  const clauses = args.has("clause") ? await clauseIds(args.values("clause")) : undefined;
  const path = args.value("path");
  if (path !== undefined) {
    if (!pathForm.test(path)) {
      throw new UsageError(`the path ${path}`, "a path as a report names it, like 3:0:1");
    }
    if (clauses?.length !== 1) {
      throw new UsageError(
        `--path with ${clauses === undefined ? "no" : clauses.length} clauses`,
        "it with exactly one --clause",
      );
    }
  }
  const permissions = permissionsOf(args, target);
  const output = args.value("output"), script = args.value("repro");
  if (script === standardOutput) {
    throw new UsageError("--repro on standard output", "a file: the report goes there");
  }
  await tryOutputs({ "--output": output, "--repro": script });
  const name = plainLine(typeof typed === "string" ? typed : typed.join(" "));
  const line = progressLine(name, io);
  const task = {
    seed,
    profile,
    clauses,
    path,
    golden: args.value("golden"),
    rule,
    timeout,
    falseAlarm,
    accepted,
    program: [io.program, "check", ...options, ...permissions].join(" "),
    typed: variable("ULASPEC_TYPED") ?? typed, // set by the plugin of pytest
    onProgress: line.show,
  };
  const judging = (io.judge ?? supervise)({ ...task, target, jobs, permissions });
  const [found, write] = await Promise.all([judging, faceOf(format)]);
  const report = { ...found, command: [io.program, "check", ...args.typed].join(" ") };
  line.erase();
  const extent = { verbose: args.has("verbose") };
  if (output === undefined || output === standardOutput) io.out(write(report, io, extent));
  else {
    const { pretty } = await import("../report/pretty.ts");
    const text = write(report, { color: false, width: 100 });
    const written = await isWritten(output, text, io);
    io.out(written ? pretty(report, io, extent) : text);
    if (written) io.err(`The report is in ${plainLine(output)}\n`);
  }
  await addStepSummary(report, io);
  if (script !== undefined) await writeRepro(script, report, target, io);
  return exitCodes[report.verdict];
}

/** The deviations that a file lists. */
async function acceptedIn(file: string | undefined): Promise<Accepted | undefined> {
  if (file === undefined) return undefined;
  const wanted = "--accept and a JSON file of clauses, each with the reason why it may be broken";
  const text = await Deno.readTextFile(file).catch((error) => {
    throw new UsageError(`the file ${file}, which cannot be read: ${error.message}`, wanted);
  });
  const { z } = await import("zod");
  try {
    const listed = z.record(z.string(), z.string().min(1)).parse(JSON.parse(text));
    await clauseIds(Object.keys(listed));
    return listed;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`the file ${file}, which has something else`, wanted);
  }
}

/** Writes a file; what stands in the way changes no verdict. */
async function isWritten(file: string, text: string, io: Io): Promise<boolean> {
  try {
    await writeOutput(file, text);
    return true;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.err(`Cannot write: found ${error.found}, wanted ${error.wanted}\n`);
    return false;
  }
}

function chanceOf(text: string | undefined): number | undefined {
  return text === undefined
    ? undefined
    : numberWithin("the chance of a false alarm", text, falseAlarmLimits);
}

async function writeRepro(
  file: string,
  report: Report,
  target: string | readonly string[],
  io: Io,
): Promise<void> {
  const { reproOf } = await import("../report/repro/repro.ts");
  const repro = reproOf(report, target);
  if (repro.kind === "none") {
    io.err(`No script was written to ${plainLine(file)}: ${repro.reason}\n`);
  } else if (await isWritten(file, repro.text, io)) {
    io.err(`${repro.clause}: the script is in ${plainLine(file)}\n`);
  } else io.err(repro.text);
}

/**
 * Clause ids and names of groups → clause ids.
 *
 * @throws {UsageError} if there is no such clause or group
 */
async function clauseIds(words: readonly string[]): Promise<string[]> {
  const ids: string[] = (await import("../../properties/clauses.ts")).clauses.map((clause) =>
    clause.id
  );
  const groups = new Set(ids.map((id) => id.split("/")[0]!));
  const chosen = words.flatMap((word) => {
    if (ids.includes(word)) return [word];
    if (groups.has(word)) return ids.filter((id) => id.startsWith(`${word}/`));
    throw new UsageError(
      `the clause ${word}`,
      `a clause or a group of clauses, as ulaspec clauses lists them${
        didYouMean(word, [...ids, ...groups])
      }`,
    );
  });
  return ids.filter((id) => chosen.includes(id));
}
