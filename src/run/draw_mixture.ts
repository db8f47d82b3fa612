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

/**
 * Whether movements are a linear isometry of the numbers of a tape: J Jᵀ = 1, so that independent
 * standard normal numbers give independent standard normal movements.
 *
 * @param movesOn the movements that a tape gives, over the noise's factor; `null` if they can't be told
 * @param tape numbers that are all different
 */
export async function isIsometry(
  movesOn: (tape: readonly number[]) => Promise<readonly number[] | null>,
  tape: readonly number[],
): Promise<boolean> {
  if (tape.length > mostMixed) return false;
  const plain = await movesOn(tape), columns: number[][] = [];
  if (plain === null) return false;
  for (let j = 0; j < tape.length; j++) {
    const changed = await movesOn(tape.with(j, tape[j]! + 1));
    if (changed === null) return false;
    columns.push(changed.map((move, c) => move - plain[c]!));
  }
  const dot = (one: number, other: number) =>
    columns.reduce((sum, column) => sum + column[one]! * column[other]!, 0);
  return plain.every((move, c) => {
    const linear = columns.reduce((sum, column, j) => sum + column[c]! * tape[j]!, 0);
    if (Math.abs(linear - move) > slack) return false;
    return plain.every((_, d) => Math.abs(dot(c, d) - (c === d ? 1 : 0)) <= slack);
  });
}
