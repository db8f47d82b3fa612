/**
 * Mutations that passed every test once, all together. Each must be killed now.
 *
 * A place is found by its text, in whichever file of its folder it stands, so that moved code is
 * found again. Whoever rewords such a line rewords it here; several wordings may have one name, as
 * long as one of them is found.
 *
 * @module
 */

import type { Mutant } from "./operators.ts";

/** A mutation that a person named. */
export interface NamedMutation {
  /** What it breaks. */
  readonly name: string;
  /** How the path of its file begins. */
  readonly below: string;
  /** The text in which something is changed; it occurs once below the folder. */
  readonly before: string;
  /** The text after the change. */
  readonly after: string;
}

/** The mutations. */
export const namedMutations: readonly NamedMutation[] = [
  {
    name: "the tolerance of exp a hundred times too wide",
    below: "spec/",
    before:
      '    case "cosh":\n      return round(to, value, inheritedAtEnds(name, value, x), 4, unit);',
    after:
      '    case "cosh":\n      return round(to, value, inheritedAtEnds(name, value, x), 400, unit);',
  },
  {
    name: "the tolerance of the gradient of exp a hundred times too wide",
    below: "spec/",
    before: "(error + Math.abs(value) * (energy.error + 6 * unit))",
    after: "(error + Math.abs(value) * (energy.error + 600 * unit))",
  },
  {
    name: "the tolerance of an exponentiated output a hundred times too wide",
    below: "spec/",
    before: "weight * (error + 6 * unit)",
    after: "weight * (error + 600 * unit)",
  },
  {
    name: "the start tolerance of a replay",
    below: "spec/",
    before: "const slack = 3 * float32Unit * scale",
    after: "const slack = 300 * float32Unit * scale",
  },
  {
    name: "what follows the rule: 3 tolerances become 300",
    below: "golden/",
    before: "worst.distance <= 3",
    after: "worst.distance <= 300",
  },
  {
    name: "a replay agrees at 2 tolerances",
    below: "golden/",
    before: "worst.distance <= 1 ?",
    after: "worst.distance <= 2 ?",
  },
  {
    name: "the level of a confirmation",
    below: "properties/",
    before: "confirmationLevel = 1e-3",
    after: "confirmationLevel = 1e-1",
  },
  {
    name: "the level of the energy test",
    below: "properties/",
    before: "const level = 1e-10",
    after: "const level = 1e-1",
  },
  {
    name: "the level at which draws count as shared",
    below: "properties/",
    before: "const sharingLevel = 1e-6",
    after: "const sharingLevel = 1e-1",
  },
  {
    name: "the degrees of freedom of a sharing test",
    below: "properties/",
    before: "varianceOutcome(squares, last + 1)",
    after: "varianceOutcome(squares, last + 2)",
  },
  {
    name: "the ledger's gradient without its factor",
    below: "properties/",
    before: "inferred(drift.actual! / factors.gradient)",
    after: "inferred(drift.actual!)",
  },
  {
    name: "the worst trace is the best",
    below: "src/run/",
    before: "replay.worst.distance > worst.distance",
    after: "replay.worst.distance < worst.distance",
  },
  {
    name: "the worst trace is the best",
    below: "src/run/",
    before: "distanceOf(replay) > distanceOf(worst)",
    after: "distanceOf(replay) < distanceOf(worst)",
  },
  {
    name: "observations are handed out without a copy",
    below: "spec/",
    before: "observations: copyRows(problem.observations)",
    after: "observations: problem.observations",
  },
  {
    name: "settings are handed out without a copy",
    below: "spec/",
    before: "prepare(copySettings(settings))",
    after: "prepare(settings)",
  },
  {
    name: "the settings of a call are handed out without a copy",
    below: "spec/",
    before: "settings: copySettings(settings),",
    after: "settings,",
  },
  {
    name: "JUnit counts what holds as a failure",
    below: "src/report/",
    before: 'failures: count("violated")',
    after: 'failures: count("violated", "holds")',
  },
  {
    name: "the limit of a typo",
    below: "spec/",
    before: "Math.floor(found.length / 3)",
    after: "Math.floor(found.length / 2)",
  },
];

/** Where the named mutations are, and the names of those whose place is not found, or not once. */
export function namedMutants(
  sources: ReadonlyMap<string, string>,
): { readonly mutants: readonly Mutant[]; readonly lost: readonly string[] } {
  const found = namedMutations.flatMap((mutation) =>
    [...sources].flatMap(([path, text]) => placesOf(mutation, path, text))
  );
  const names = [...new Set(namedMutations.map(({ name }) => name))];
  const placesByName = (name: string) => found.filter(({ before }) => before === name);
  return {
    mutants: names.map(placesByName).filter(({ length }) => length === 1).flat(),
    lost: names.filter((name) => placesByName(name).length !== 1),
  };
}

function placesOf(
  { name, below, before, after }: NamedMutation,
  file: string,
  text: string,
): Mutant[] {
  if (!file.startsWith(below) || file.endsWith("_test.ts")) return [];
  const parts = text.split(before);
  let start = 0;
  return parts.slice(0, -1).map((part, i) => {
    start += part.length + (i === 0 ? 0 : before.length);
    const line = text.slice(0, start).split("\n").length;
    const range = { start, end: start + before.length, replacement: after };
    return { file, line, operator: "named", before: name, after, occurrence: 1, ...range };
  });
}
