/**
 * Coordinates that the bounds move though nothing asks for it: whichever clause they seem to break, it
 * is one of the bounds.
 *
 * @module
 */

import { calmProblem, linearEnergy } from "../../../properties/arbitraries.ts";
import { type Finding, plainFinding } from "../../../properties/finding.ts";
import type { Observer } from "../../../properties/observer.ts";
import { show } from "../../../spec/numerics/number_text.ts";
import { officialRule } from "../../../spec/rule.ts";
import { partsOf, problemFor } from "../../../spec/rule_parts.ts";

/**
 * A chain without gradient and noise that ends on a wall though it starts within the bounds.
 *
 * @param found ends on a wall, of whichever axis, where the rule doesn't lead to, or in no number
 * @returns nothing if there's another reason for that
 * @throws {TargetFault} if the target fails
 */
export async function pinnedByBounds(found: Finding, observer: Observer): Promise<Finding | null> {
  const { problem: given, row, axis, actual, expected } = found, { facts } = observer;
  if (row === null || axis === null || actual === expected) return null;
  if (!partsOf(facts.rule ?? officialRule).has("box")) return null;
  const { bounds } = given.settings, start = given.initial[row], { min, max } = bounds;
  if (!start?.every((x, i) => min[i]! < x && x < max[i]!)) return null;
  const walls = [...min, ...max];
  if (!walls.includes(actual) && Number.isFinite(actual)) return null;
  const problem = problemFor(
    given,
    calmProblem({
      energy: linearEnergy(start.map(() => 0)),
      steps: facts.leastSteps,
      stepSize: 0.25,
      bounds,
      initial: [start],
    }),
  );
  const action = start[axis]!, end = (await observer.run(problem)).final[0]?.[axis];
  if (end === undefined || end === action || !walls.includes(end)) return null;
  const where = given.axes > 1 ? "that of another axis, or on the other side" : "on the other side";
  const message = `Without gradient and noise, axis ${axis} goes from ${show(action)} to ${
    show(end)
  }: the wall is ${where}`;
  const at = { step: facts.leastSteps - 1, row: 0, axis, expected: action, actual: end };
  return plainFinding(problem, message, at);
}
