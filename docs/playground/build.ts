/**
 * Builds the playground into one page that needs nothing else: no network, no server.
 *
 * @module
 */

import { palette } from "../site/palette.ts";

/** A bundle that could not be made. */
export class BundleError extends Error {
  override readonly name = "BundleError";
}

/**
 * The text of the page.
 *
 * @throws {BundleError} if `deno bundle` fails
 */
export async function playgroundPage(): Promise<string> {
  const [template, style, program] = await Promise.all([
    text("./index.html"),
    text("./style.css"),
    bundle(),
  ]);
  // A replacement function, because a program may contain what `replace` takes for a reference.
  return template
    .replace("/* style */", () => `\n${palette}${style}`)
    .replace("/* program */", () => inScript(program));
}

const text = (path: string) => Deno.readTextFile(new URL(path, import.meta.url));

async function bundle(): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "-q", "--platform", "browser", "--format", "iife", "--minify", "main.ts"],
    cwd: new URL(".", import.meta.url),
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) {
    throw new BundleError(
      `Cannot bundle the playground: found ${new TextDecoder().decode(stderr)}, wanted a program`,
    );
  }
  return new TextDecoder().decode(stdout);
}

/** A program that may stand between script tags. */
function inScript(program: string): string {
  return program.replace(/<\/(script)/gi, "<\\/$1").replaceAll("<!--", "<\\!--");
}
