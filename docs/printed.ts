/**
 * What the commands print that pages show.
 *
 * @module
 */

import { main } from "../src/cli.ts";

const known = new Map<string, Promise<string>>();

/**
 * What a command prints on standard output, without colour and without times. The same command is
 * run once.
 */
export function printed(...args: readonly string[]): Promise<string> {
  const key = args.join(" ");
  const text = known.get(key) ?? run(args);
  known.set(key, text);
  return text;
}

async function run(args: readonly string[]): Promise<string> {
  let text = "";
  await main(args, {
    out: (part) => {
      text += part;
    },
    err: () => {},
    color: false,
    width: 100,
    progress: false,
    program: "deno task ulaspec",
  });
  return text.replace(/ · \d+\.\d s$/gm, "").trimEnd();
}
