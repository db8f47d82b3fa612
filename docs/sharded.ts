/**
 * Sweeps in parts: each outcome is a line of a file as soon as it is known, and those that the file has
 * are not tried again, so that a sweep may be stopped, and several may go side by side.
 *
 * @module
 */

/** An outcome, with the number of what was tried. */
export interface Numbered {
  /** Its number. */
  readonly number: number;
}

/** A sweep over numbers. */
export interface Sweep<Outcome extends Numbered> {
  /** How many numbers there are by default. */
  readonly count: number;
  /** Tries one. */
  try(number: number): Promise<Outcome>;
  /** What is written of all outcomes, and said of them in one line. */
  sum(outcomes: readonly Outcome[]): { readonly figures: unknown; readonly line: string };
  /** Where that is written. */
  readonly file: URL;
}

/**
 * Runs a sweep by the arguments of a script: `run FILE [FROM] [TO]`, or `join FILE …`.
 *
 * @throws {RangeError} if the arguments are others
 */
export async function sweepBy<Outcome extends Numbered>(
  [task, ...rest]: readonly string[],
  sweep: Sweep<Outcome>,
): Promise<void> {
  if (task === "run" && rest[0] !== undefined) {
    const [file, from = "0", to = `${sweep.count}`] = rest;
    const known = new Set((await outcomesIn(file)).map(({ number }) => number));
    for (let number = Number(from); number < Number(to); number++) {
      if (known.has(number)) continue;
      const line = JSON.stringify(await sweep.try(number));
      await Deno.writeTextFile(file, `${line}\n`, { append: true });
    }
  } else if (task === "join" && rest.length > 0) {
    const all = (await Promise.all(rest.map((file) => outcomesIn<Outcome>(file)))).flat();
    const { figures, line } = sweep.sum(all.sort((a, b) => a.number - b.number));
    await Deno.writeTextFile(sweep.file, `${JSON.stringify(figures, null, 2)}\n`);
    console.error(line);
  } else {
    throw new RangeError(
      `Found the arguments ${JSON.stringify([task, ...rest])}, ` +
        "wanted run FILE [FROM] [TO], or join FILE …",
    );
  }
}

async function outcomesIn<Outcome extends Numbered>(file: string): Promise<Outcome[]> {
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
  return text.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}
