/**
 * Noise that is mixed of several draws: by a rotation of those of a row, say, or of two draws for
 * each step. If the mixture is an isometry, its law is that of the draws themselves.
 *
 * @module
 */

/** The most numbers of a tape of which a mixture is told: each takes a call. */
const mostMixed = 64;

/** How far a product of rows may lie from that of an isometry, and a movement from linear. */
const slack = 1e-3;

/** How movements are made of draws, so that their law is that of the draws. */
export type FairMixture = "one draw each" | "several draws each";

/**
 * How movements are made of the numbers of a tape by a linear isometry: J Jᵀ = 1, so that independent
 * standard normal numbers give independent standard normal movements.
 *
 * @param movesOn the movements that a tape gives, over the noise's factor; `null` if they can't be told
 * @param tape numbers that are all different
 * @returns `null` where they aren't made like this, where that can't be told, and where each is its own
 *   number of the tape, all with one sign: then nothing is mixed, and it's the size that is another one
 */
export async function fairMixture(
  movesOn: (tape: readonly number[]) => Promise<readonly number[] | null>,
  tape: readonly number[],
): Promise<FairMixture | null> {
  if (tape.length > mostMixed) return null;
  const plain = await movesOn(tape), columns: number[][] = [];
  if (plain === null) return null;
  for (let j = 0; j < tape.length; j++) {
    const changed = await movesOn(tape.with(j, tape[j]! + 1));
    if (changed === null) return null;
    columns.push(changed.map((move, c) => move - plain[c]!));
  }
  const dot = (one: number, other: number) =>
    columns.reduce((sum, column) => sum + column[one]! * column[other]!, 0);
  const isFair = plain.every((move, c) => {
    const linear = columns.reduce((sum, column, j) => sum + column[c]! * tape[j]!, 0);
    if (Math.abs(linear - move) > slack) return false;
    return plain.every((_, d) => Math.abs(dot(c, d) - (c === d ? 1 : 0)) <= slack);
  });
  const plainly = (sign: 1 | -1) =>
    plain.every((_, c) => Math.abs(columns[c]![c]! - sign) <= slack);
  if (!isFair || plainly(1) || plainly(-1)) return null;
  const sources = plain.map((_, c) =>
    columns.filter((column) => Math.abs(column[c]!) > slack).length
  );
  return sources.every((count) => count === 1) ? "one draw each" : "several draws each";
}
