/**
 * Builds the playground into one page that needs nothing else: no network, no server.
 *
 * @module
 */

import { plotStyle } from "../../src/report/plot/colours.ts";
import { bundle } from "../site/bundle.ts";
import { palette } from "../site/palette.ts";

/**
 * The text of the page.
 *
 * @throws {BundleError} if `deno bundle` fails
 */
export async function playgroundPage(): Promise<string> {
  const [template, verdict, style, program] = await Promise.all([
    text("./index.html"),
    text("./verdict.css"),
    text("./style.css"),
    // The traces are as large as the program, and the playground does not replay them.
    bundle(new URL("main.ts", import.meta.url), ["*/traces/index.ts"]),
  ]);
  // A replacement function, because a program may contain what `replace` takes for a reference.
  return template
    .replace("/* style */", () => `\n${palette}${plotStyle}${verdict}${style}`)
    .replace("/* program */", () => inScript(program));
}

const text = (path: string) => Deno.readTextFile(new URL(path, import.meta.url));

/** A program that may stand between script tags. */
export function inScript(program: string): string {
  return program.replace(/<\/(script)/gi, "<\\/$1").replaceAll("<!--", "<\\!--");
}
