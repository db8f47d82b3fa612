/**
 * A violation as a script of its own, for targets written in Python.
 *
 * @module
 */

import { parseFormula } from "../../../spec/formula/parse.ts";
import { treeOf } from "../../../spec/formula/tree.ts";
import { comparedBy, expectedChains } from "./chains.ts";
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
  const { problem, message, tape } = counterexample;
  const { settings, energy, noise, ...others } = problem;
  const rest = { ...others, noise: tape === undefined ? noise : { ...noise, draws: tape } };
  const { row, chains, slack } = expectedChains(counterexample);
  const isKnown = (symbol: string) => /^[ao]\d+$/.test(symbol);
  const expression = treeOf(parseFormula(energy, isKnown, "an action a1… or an observation o1…"));
  const lines = Object.entries({ energy: { formula: energy, expression }, ...rest })
    .map(([name, item]) => `    ${quoted(name)}: ${value(item)},`).join("\n");
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


# Where the rule leads row ${row}, from its start to what is returned (with its draws added or
# subtracted), and how far float32 may be from it.
CHAINS = ${value(chains)}
SLACK = ${value(slack)}


def near(x, wanted, off):
    return wanted != wanted or abs(x - wanted) <= off or x == wanted


def is_at(x, wanted, k):
    return all(near(a, b, off) for a, b, off in zip(x, wanted, SLACK[k]))


def leaves(chain, points, final):
    """The place of the chain at which a sampler leaves it; None if it does not.

    A sampler may ask more often than it steps: the chain's questions come in their order.
    """
    start = 0
    for k, wanted in enumerate(chain[:-1]):
        found = [j for j in range(start, len(points)) if is_at(points[j][${row}], wanted, k)]
        if not found:
            return k
        start = found[0] + 1
    return None if is_at(final[${row}], chain[-1], -1) else len(chain) - 1


def ${name}():
    seen = ulaspec.rerun(TARGET, SETTINGS, PROBLEM, ARGUMENTS, NAME)
    points, final = seen
    for j, point in enumerate(points):
        print(f"gradient {j} at", point)
    print("returned", final)
${comparison(input)}

if __name__ == "__main__":
    try:
        ${name}()
    except AssertionError:
        sys.exit(1)
`;
}

/** What decides, and what is printed of it. */
function comparison({ clause, counterexample }: PythonReproInput): string {
  const { step, row, axis, expected, tolerance } = counterexample;
  const compared = comparedBy(clause);
  switch (compared.kind) {
    case "caller":
      return `    print("the caller's actions after the call", seen.initial)
    assert seen.initial == PROBLEM["initial"]`;
    case "report": {
      const at = row === null
        ? `len(seen.chain["${compared.part}"])`
        : `seen.chain["${compared.part}"][${step}][${row}]${axis === null ? "" : `[${axis}]`}`;
      return `    expected, actual = ${value(expected)}, ${at}
    print("expected", expected)
    print("actual  ", actual)
    assert near(actual, expected, ${value(tolerance)})`;
    }
    case "chain":
      return `    left = [leaves(chain, points, final) for chain in CHAINS]
    if None not in left:
        k = max(left)
        print("expected", f"gradient after step {k - 1} at" if k < len(SLACK) - 1 else "in the end", CHAINS[left.index(k)][k])
        print("actual  ", "no such gradient" if k < len(SLACK) - 1 else final[${row ?? 0}])
    assert None in left`;
  }
}
