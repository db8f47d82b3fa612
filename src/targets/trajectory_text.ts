/**
 * Reads the result of a problem, as a target in another process gives it.
 *
 * @module
 */

import { shown } from "../../golden/json_place.ts";
import { numberWords, wantedNumber } from "../../spec/numerics/number_text.ts";
import { type Problem, rowCount } from "../../spec/problem.ts";
import { readChain, tableOf } from "../../spec/result_tables.ts";
import { TargetFault } from "../../spec/sampler.ts";
import type { Trajectory } from "../../spec/trajectory.ts";
import type { ResultOnWire } from "./protocol.ts";

/**
 * Reads the result of a problem.
 *
 * @param place where it stands in the answer, for messages
 * @throws {TargetFault} of the kind `shape`, if a table has another shape or holds no numbers
 */
export function trajectoryOf(problem: Problem, result: ResultOnWire, place: string): Trajectory {
  const numbers = (value: unknown, name: string) => numbersIn(value, `${place}.${name}`);
  const actions = (value: unknown, name: string) =>
    tableOf(
      numbers(value, name),
      rowCount(problem),
      problem.axes,
      problem.samples,
      `${place}.${name}`,
    );
  // A question may be about some of the rows.
  const someActions = (value: unknown, name: string) => {
    const { axes } = problem;
    const some = Array.isArray(value) && value.length > 0 && value.length < rowCount(problem);
    return some && !Array.isArray(value[0]?.[0])
      ? tableOf(numbers(value, name), value.length, axes, value.length, `${place}.${name}`)
      : actions(value, name);
  };
  const { chain } = result;
  return {
    evaluations: result.evaluations.map(({ kind, points }, i) => ({
      kind,
      points: someActions(points, `evaluations[${i}].points`),
    })),
    final: actions(result.final, "final"),
    ...(chain === undefined ? {} : {
      chain: readChain(problem, {
        actions: numbers(chain.actions, "chain.actions"),
        outputs: numbers(chain.outputs, "chain.outputs"),
        gradNorms: numbers(chain.gradNorms, "chain.gradNorms"),
      }),
    }),
    draws: result.draws,
    ...(result.served === undefined ? {} : { served: result.served }),
    ...(result.coarse === undefined ? {} : { coarse: result.coarse }),
    initialAfter: actions(result.initialAfter, "initialAfter"),
  };
}

const wordSet: ReadonlySet<unknown> = new Set(numberWords);

/** Nested lists of floats → the same of numbers; `undefined` stays what it is. */
function numbersIn(value: unknown, place: string): unknown {
  return isNumbers(value) ? value : converted(value, place);
}

/** Whether there are numbers only, as nearly always: then nothing needs to be copied. */
function isNumbers(value: unknown, levels = 4): boolean {
  if (typeof value === "number") return true;
  if (!Array.isArray(value) || levels === 0) return false;
  return value.every((inner) => isNumbers(inner, levels - 1));
}

function converted(value: unknown, place: string, levels = 4): unknown {
  if (typeof value === "number" || value === undefined) return value;
  if (Array.isArray(value) && levels > 0) {
    return value.map((item, i) => converted(item, `${place}[${i}]`, levels - 1));
  }
  if (wordSet.has(value)) return Number(value);
  throw new TargetFault("shape", `${shown(value)} as ${place}`, wantedNumber);
}
