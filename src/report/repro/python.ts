/**
 * A violation as a script of its own, for targets written in Python.
 *
 * @module
 */

import { parseFormula } from "../../../spec/formula/parse.ts";
import { treeOf } from "../../../spec/formula/tree.ts";
import { comments, literal, quoted, type Violation } from "./source.ts";

/** What a script is about. */
export interface PythonReproInput extends Violation {
  /** The file of the target and the arguments that follow it. */
  readonly file: string;
  readonly args: readonly string[];
  /** The class of the target, where the file serves none. */
  readonly className?: string | undefined;
}

const value = (item: unknown) => literal("python", item);

/**
 * A Python program, and test of pytest, that runs the smallest problem on the target and compares
 * what was expected with what came. It needs the package `ulaspec`, or a copied adapter beside it.
 */
export function pythonRepro(input: PythonReproInput): string {
  const { clause, sentence, counterexample, file, args, className } = input;
  const { problem, step, row, axis, expected, message, tolerance } = counterexample;
  const { settings, energy, ...rest } = problem;
  const isKnown = (symbol: string) => /^[ao]\d+$/.test(symbol);
  const expression = treeOf(parseFormula(energy, isKnown, "an action a1… or an observation o1…"));
  const lines = Object.entries({ energy: { formula: energy, expression }, ...rest })
    .map(([name, item]) => `    ${quoted(name)}: ${value(item)},`).join("\n");
  const placed = step !== null && row !== null && axis !== null;
  const at = placed
    ? `${step + 1 >= settings.steps ? "final" : `points[${step + 1}]`}[${row}][${axis}]`
    : "final";
  const name = `test_${clause.replaceAll(/\W/g, "_")}`;
  // Python looks for the name of an encoding in the first two lines, so these are ours.
  return `# A violation that ulaspec found, as a script and as a test of pytest: exit code 1 while it is there.
#
${comments("python", `${clause}: ${sentence}\n${message}.`)}
#
#     python3 THIS_FILE

import sys

import ulaspec  # pip install the wheel, or: ulaspec adapter python --output ulaspec.py

TARGET = ${quoted(file)}
ARGUMENTS = ${value(args)}
NAME = ${className === undefined ? "None" : quoted(className)}
SETTINGS = ${value(settings)}
PROBLEM = {
${lines}
}


def ${name}():
    points, final = ulaspec.rerun(TARGET, SETTINGS, PROBLEM, ARGUMENTS, NAME)
    for k, point in enumerate(points):
        print(f"step {k} begins at", point)
    expected, actual = ${value(expected)}, ${at}
    print("returned", final)
    print("expected", expected)
    print("actual  ", actual)
${
    placed
      ? `    assert abs(actual - expected) <= ${value(tolerance)} or expected != expected != actual`
      : "    # No single number shows it: compare what is printed."
  }


if __name__ == "__main__":
    try:
        ${name}()
    except AssertionError:
        sys.exit(1)
`;
}
