/**
 * Runs the guide to writing a target, so that what it shows is what happens.
 *
 *     deno run -A docs/guide.ts            write the outputs into docs/targets.md
 *
 * In the guide, a block `python FILE` is a file, a block `diff FILE` changes it, and a block
 * `console` holds a command and its output. Everything happens in a folder of its own.
 *
 * @module
 */

const cli = new URL("../src/cli.ts", import.meta.url).href;
const examples = new URL("examples/process/", import.meta.url);

/** The guide. */
export const guide: URL = new URL("targets.md", import.meta.url);

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
 * @throws {Error} if a change does not fit the file that it is meant for
 */
export async function runGuide(text: string): Promise<Outcome> {
  const folder = await Deno.makeTempDir();
  const files = new Map<string, string>();
  const write = async (name: string, text: string) => {
    files.set(name, text);
    await Deno.writeTextFile(`${folder}/${name}`, text);
  };
  try {
    await Deno.copyFile(new URL("formula.py", examples), `${folder}/formula.py`);
    const parts = text.split(/^(```(?:python|diff|console)(?: \S+)?\n[^]*?^```\n)/m);
    for (const [i, part] of parts.entries()) {
      const [, kind, name = "", body] = /^```(python|diff|console)(?: (\S+))?\n([^]*?)^```\n/m
        .exec(part) ?? [];
      if (kind === undefined || body === undefined) continue;
      if (kind === "python" && name !== "") await write(name, body);
      if (kind === "diff") await write(name, changed(files.get(name) ?? "", body));
      if (kind === "console") parts[i] = `\`\`\`console\n${await session(body, folder)}\`\`\`\n`;
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

/** A command with its output. Times are left as the guide has them. */
async function session(body: string, folder: string): Promise<string> {
  const [line = "", ...shown] = body.split("\n");
  const [, ...args] = line.replace(/^\$ /, "").split(" ");
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
  const time = /\d+\.\d s$/m;
  const known = time.exec(shown.join("\n"))?.[0];
  return `${line}\n${
    known === undefined ? output : output.replace(time, known)
  }exit code ${code}\n`;
}

if (import.meta.main) {
  const { text } = await runGuide(await Deno.readTextFile(guide));
  await Deno.writeTextFile(guide, text);
}
