/**
 * Programs for the browser, each as one script.
 *
 * @module
 */

/** A bundle that could not be made. */
export class BundleError extends Error {
  /** Always "BundleError". */
  override readonly name = "BundleError";
}

/**
 * A module and all that it imports, as one classic script.
 *
 * @param without imports that the program never comes to, as `deno bundle --external` wants them
 * @throws {BundleError} if `deno bundle` fails
 */
export async function bundle(module: URL, without: readonly string[] = []): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["bundle", "-q", "--platform", "browser", "--format", "iife", "--minify"],
      ...without.map((specifier) => `--external=${specifier}`),
      module.href,
    ],
    cwd: new URL(".", module),
    stdout: "piped",
    stderr: "piped",
  }).output();
  if (!success) {
    throw new BundleError(
      `Cannot bundle ${module.pathname.split("/").at(-1)}: found ${
        new TextDecoder().decode(stderr).trim()
      }, wanted a program`,
    );
  }
  return new TextDecoder().decode(stdout);
}
