/**
 * Runs the guides, so that what they show is what happens.
 *
 *     deno run -A docs/guide.ts            write the outputs into targets.md and tutorial.md
 *
 * In a guide, a block `python FILE` or `typescript FILE` is a file, a block `diff FILE` changes it,
 * and a block `console` holds a command and its output, of which `| head -n N` or `| tail -n N` keeps
 * a part. Everything happens in a folder of its own.
 *
 * @module
 */

import { main } from "../src/cli.ts";

const cli = new URL("../src/cli.ts", import.meta.url).href;
const examples = new URL("examples/process/", import.meta.url);

/** The guide to writing a target. */
export const guide: URL = new URL("targets.md", import.meta.url);
/** The tutorial. */
export const tutorial: URL = new URL("tutorial.md", import.meta.url);

/** What came of running a guide. */
export interface Outcome {
  /** The guide, with the outputs of its commands as they are. */
  readonly text: string;
  /** The files as they are at the end. */
  readonly files: ReadonlyMap<string, string>;
}

/**
 * Runs every block of a guide in order.
 *
 * @param text the guide
 * @param runs whether a command is run, by its number; others keep the output that the guide has
 * @throws {Error} if a change does not fit the file that it is meant for
 */
export async function runGuide(
  text: string,
  runs: (command: number) => boolean = () => true,
): Promise<Outcome> {
  const folder = await Deno.makeTempDir();
  const files = new Map<string, string>();
  const write = async (name: string, text: string) => {
    files.set(name, text);
    await Deno.writeTextFile(`${folder}/${name}`, text);
  };
  let commands = 0;
  try {
    await Deno.copyFile(new URL("formula.py", examples), `${folder}/formula.py`);
    const parts = text.split(/^(```(?:python|typescript|diff|console)(?: \S+)?\n[^]*?^```\n)/m);
    for (const [i, part] of parts.entries()) {
      const [, kind, name = "", body] =
        /^```(python|typescript|diff|console)(?: (\S+))?\n([^]*?)^```\n/m.exec(part) ?? [];
      if (kind === undefined || body === undefined) continue;
      if ((kind === "python" || kind === "typescript") && name !== "") await write(name, body);
      if (kind === "diff") await write(name, changed(files.get(name) ?? "", body));
      if (kind === "console") {
        const number = commands++;
        if (!runs(number)) continue;
        const shown = await session(body, { folder, files, number });
        parts[i] = `\`\`\`console\n${shown}\`\`\`\n`;
      }
    }
    return { text: parts.join(""), files };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A file with the changes of a diff: each of its pieces must occur once. */
function changed(file: string, diff: string): string {
  return diff.split(/^@@.*\n/m).filter((piece) => piece !== "").reduce((file, piece) => {
    const lines = piece.split("\n").slice(0, -1);
    const side = (sign: string) =>
      lines.filter((line) => line[0] !== sign).map((line) => `${line.slice(1)}\n`).join("");
    const before = side("+"), after = side("-");
    if (file.split(before).length !== 2) {
      throw new Error(
        `Cannot change the file: found ${
          file.split(before).length - 1
        } places, wanted one for\n${before}`,
      );
    }
    return file.replace(before, () => after);
  }, file);
}

/** Where a command runs. */
interface Place {
  readonly folder: string;
  readonly files: ReadonlyMap<string, string>;
  /** Of the command in its guide. */
  readonly number: number;
}

/** A command with its output. Times are left as the guide has them. */
async function session(body: string, place: Place): Promise<string> {
  const [line = "", ...shown] = body.split("\n");
  const [command = "", pipe] = line.replace(/^\$ ulaspec /, "").split(" | ");
  const args = command.split(" ");
  const { output, code } = await (args.includes("--") ? inProcess : here)(args, place);
  const time = /\d+\.\d s$/m;
  const known = time.exec(shown.join("\n"))?.[0];
  const text = known === undefined ? output : output.replace(time, known);
  return `${line}\n${pipe === undefined ? `${text}exit code ${code}\n` : piped(text, pipe)}`;
}

/** The part of an output that a pipe lets through. */
function piped(output: string, pipe: string): string {
  const [, side, count] = /^(head|tail) -n (\d+)$/.exec(pipe) ?? [];
  if (side === undefined) {
    throw new Error(`Cannot pipe the output: found ${pipe}, wanted head -n N or tail -n N`);
  }
  const lines = output.split("\n").slice(0, -1);
  const kept = side === "head" ? lines.slice(0, Number(count)) : lines.slice(-Number(count));
  return kept.map((kept) => `${kept}\n`).join("");
}

/** What a command did. */
interface Done {
  readonly output: string;
  readonly code: number;
}

/** A command whose target is a process, run in a process of its own. */
async function inProcess(args: readonly string[], { folder }: Place): Promise<Done> {
  const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", "--no-check", cli, ...args],
    cwd: folder,
    env: { NO_COLOR: "1", PYTHONUNBUFFERED: "" },
    stdin: "null",
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const output = `${text(stdout)}${text(stderr)}`
    .replaceAll(/(replay +).*? (check|--clause)/g, "$1ulaspec check")
    .replaceAll(`${folder}/`, "");
  return { output, code };
}

/** A command whose target is a module, run in this process on a copy that was never loaded. */
async function here(args: readonly string[], place: Place): Promise<Done> {
  const folder = `${place.folder}/${place.number}`;
  await Deno.mkdir(folder);
  for (const [name, text] of place.files) await Deno.writeTextFile(`${folder}/${name}`, text);
  let output = "";
  const write = (text: string) => {
    output += text;
  };
  const code = await main(args.map((arg) => arg.replace(/^\.\//, `${folder}/`)), {
    out: write,
    err: write,
    color: false,
    width: 100,
    progress: false,
    program: "ulaspec",
  });
  return { output: output.replaceAll(`${folder}/`, "./"), code };
}

if (import.meta.main) {
  for (const url of [guide, tutorial]) {
    const shown = await Deno.readTextFile(url);
    const { text } = await runGuide(shown);
    if (text !== shown) await Deno.writeTextFile(url, text);
  }
}
