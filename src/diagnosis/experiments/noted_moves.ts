/**
 * A sampler of a rule that notes how far each of its steps moves.
 *
 * @module
 */

import { type Rule, ruleSampler } from "../../../spec/rule.ts";

/** The sampler, and every movement of its steps so far, downwards positive: steps × rows × axes. */
export function notingMoves(
  rule: Rule,
): { readonly sampler: ReturnType<typeof ruleSampler>; readonly moved: readonly number[][][] } {
  const moved: number[][][] = [];
  const watched: Rule = {
    ...rule,
    loop() {
      const loop = rule.loop();
      return {
        ...loop,
        move(run, asked) {
          const terms = loop.move(run, asked);
          moved.push(
            terms.map((row, r) => row.map(({ result }, i) => asked.from[r]![i]! - result)),
          );
          return terms;
        },
      };
    },
  };
  return { sampler: ruleSampler(watched), moved };
}
