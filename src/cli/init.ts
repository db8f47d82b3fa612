/**
 * `init`: writes a target for a sampler in Python from the names of its parameters.
 *
 * @module
 */

import { labelled } from "../report/layout.ts";
import { type Arguments, type Command, type Io, onlyArgument, UsageError } from "./command.ts";
import { activePython, pythonOption } from "./target.ts";

const wanted =
  "my_module:Sampler or my_file.py:Sampler, a class or a function, or my_file.py:Policy.method";

/** The command `init`. */
export const command: Command = {
  name: "init",
  usage: "[options] my_file.py:Sampler | my_module:Sampler",
  summary: "write a target for your sampler in Python, from the names of its parameters",
  options: {
    output: { value: "FILE", help: "where it is written (default: target_NAME.py)" },
    python: pythonOption,
  },
  details:
    "It says what it guessed and what you have to fill in, and runs smoke. Exit codes: 0 the target can be judged, 1 it was written, but you have to complete it, 2 nothing was written.",
  page: "docs/python.md",
  run: init,
};

/** What the adapter says of the target that it wrote. */
type Written =
  | {
    readonly guessed: readonly string[];
    /** Parameters that must be filled in. */
    readonly unknown: readonly string[];
    /** Parameters that keep their defaults. */
    readonly left: readonly string[];
  }
  | {
    readonly error: string;
    /** Whether the sampler's own module raised it. */
    readonly raised?: boolean;
  };

async function init(args: Arguments, io: Io): Promise<number> {
  const reference = onlyArgument(args, "sampler", wanted);
  const name = /:([A-Za-z_]\w*)(?:\.[A-Za-z_]\w*)?$/.exec(reference)?.[1];
  if (name === undefined) throw new UsageError(reference, wanted);
  const file = args.value("output") ?? `target_${name.toLowerCase()}.py`;
  if (await Deno.stat(file).then(() => true, () => false)) {
    throw new UsageError(`the file ${file}, which is there already`, "--output and another file");
  }
  const python = args.value("python") ?? activePython();
  const written = await write(python, reference, file);
  if ("error" in written) {
    const importable = `a module that ${python} can import; --python names another Python`;
    throw new UsageError(written.error, written.raised ? importable : wanted);
  }
  const { guessed, unknown, left } = written;
  const line = (label: string, words: string) =>
    labelled(label, words, { indent: 2, column: 12, style: io }).join("\n");
  io.out(
    `${file}\n${guessed.map((words, at) => line(at === 0 ? "guessed" : "", words)).join("\n")}\n`,
  );
  if (left.length > 0) {
    io.out(`${line("left", `${left.map((kept) => `${kept} (default)`).join(", ")}`)}\n`);
  }
  if (unknown.length > 0) {
    io.out(
      `${line("fill in", `${unknown.join(", ")}: look for TODO in ${file}`)}\n`,
    );
    return 1;
  }
  const [{ smoke, smokeExitCodes }, { prettySmoke }] = await Promise.all([
    import("../run/smoke.ts"),
    import("../report/smoke_page.ts"),
  ]);
  const report = await smoke([python, file], { timeout: 30 });
  io.out(`\n${prettySmoke(report, io)}`);
  if (smokeExitCodes[report.verdict] === 0) io.out(`\nJudge it: ${io.program} check ${file}\n`);
  return smokeExitCodes[report.verdict] === 0 ? 0 : 1;
}

async function write(python: string, reference: string, file: string): Promise<Written> {
  const { adapterPath } = await import("../targets/python_adapter.ts");
  const { env, remove } = await adapterPath();
  // The sampler's module may print what it likes: no line of it has this mark.
  const mark = `ulaspec ${crypto.randomUUID()} `;
  const program = "import sys, ulaspec; ulaspec._write_target(*sys.argv[1:4])";
  try {
    const run = new Deno.Command(python, { args: ["-c", program, reference, file, mark], env });
    const { code, stdout, stderr } = await run.output();
    const [text, problems] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    const answer = text!.split("\n").find((line) => line.includes(mark));
    if (answer !== undefined) return JSON.parse(answer.slice(answer.indexOf(mark) + mark.length));
    const last = problems!.trimEnd().split("\n").at(-1)!;
    return { error: `${python}, which ended with code ${code}${last && `: ${last}`}` };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return { error: `the program ${python}, which does not exist` };
  } finally {
    await remove();
  }
}
