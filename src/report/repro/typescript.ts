/**
 * A violation as a script of its own, for samplers written in TypeScript or JavaScript.
 *
 * @module
 */

import { derivative } from "../../../spec/formula/derivative.ts";
import { toInfix } from "../../../spec/formula/infix.ts";
import { parseFormula } from "../../../spec/formula/parse.ts";
import { fromNumberText, type NumberText } from "../../../spec/numerics/number_text.ts";
import type { NetworkReturns } from "../../../spec/sampler.ts";
import type { Counterexample } from "../report.ts";

/** What a script is about. */
export interface ReproInput {
  /** The clause's id and sentence. */
  readonly clause: string;
  readonly sentence: string;
  readonly counterexample: Counterexample;
  readonly networkReturns: NetworkReturns;
  /** Where the sampler is: a module's address, or a file. */
  readonly location: string;
  /** The name of its export; null: the one that is a sampler. */
  readonly exportName: string | null;
}

/** A TypeScript program that runs the smallest problem and prints expected and actual. */
export function typescriptRepro(input: ReproInput): string {
  const { clause, sentence, counterexample, networkReturns, location, exportName } = input;
  const { problem, step, row, axis, expected, message } = counterexample;
  const formula = parseFormula(
    problem.energy,
    (symbol) => /^[ao]\d+$/.test(symbol),
    "an action a1… or an observation o1…",
  );
  const features = problem.observations[0]?.length ?? 0;
  const names = (letter: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${letter}${i + 1}`).join(", ");
  const gradient = Array.from(
    { length: problem.axes },
    (_, i) => toInfix(derivative(formula, `a${i + 1}`), "typescript"),
  );
  const sign = networkReturns === "energy" ? "" : "-";
  const draws = problem.noise.kind === "tape" ? literal(problem.noise.draws) : "[]";
  const place = step === null || row === null || axis === null
    ? "final"
    : `points[${step + 1}]?.[${row}]?.[${axis}]`;
  return `// ${clause}: ${sentence}
// ${message}.
//
//     deno run -A THIS_FILE
//
// deno-lint-ignore-file
import * as module from ${JSON.stringify(location)};

const sampler = ${
    exportName === null
      ? "Object.values(module as any).find((value: any) => value?.prepare) as any"
      : `(module as any)[${JSON.stringify(exportName)}]`
  };
const settings = ${literal(problem.settings)};
const initial: number[][] = ${literal(problem.initial)};
const observations: number[][] = ${literal(problem.observations)};
const draws: number[][][] = ${draws};
const samples = ${problem.samples};

// The energy E = ${problem.energy} and its gradient; the network returns ${
    networkReturns === "energy" ? "E" : "-E"
  }.
function energy([${names("a", problem.axes)}]: any, [${names("o", features)}]: any): number {
  return ${toInfix(formula, "typescript")};
}
function gradient([${names("a", problem.axes)}]: any, [${names("o", features)}]: any): number[] {
  return [${gradient.join(", ")}];
}

const rows = (actions: any): number[][] => Array.isArray(actions[0]?.[0]) ? actions.flat(1) : actions;
const inGroups = (table: number[][]) =>
  Array.from({ length: table.length / samples }, (_, g) => table.slice(g * samples, (g + 1) * samples));
const observationOf = (given: number[][], row: number) =>
  given.length === initial.length ? given[row]! : given[Math.floor(row / samples)]!;

const asked: number[][][] = [];
const network = {
  returns: ${JSON.stringify(networkReturns)},
  energy: ${JSON.stringify(problem.energy)},
  outputs: (actions: any, given = observations) =>
    rows(actions).map((a, r) => ${sign}energy(a, observationOf(given, r))),
  gradient(actions: any, given = observations) {
    asked.push(structuredClone(rows(actions)));
    const result = rows(actions).map((a, r) =>
      gradient(a, observationOf(given, r)).map((g) => ${sign}g)
    );
    return Array.isArray(actions[0]?.[0]) ? inGroups(result) : result;
  },
  log: (kind: string, points: number[][]) => {
    if (kind === "gradient") asked.push(points);
  },
};
let drawn = 0;
const draw = () => structuredClone(draws[drawn++ % draws.length]!);

const sample = await sampler.prepare(settings);
const result = await sample({
  settings,
  groups: ${problem.groups},
  samples,
  axes: ${problem.axes},
  observations: structuredClone(observations),
  initial: structuredClone(initial),
  network,
  noise: { draw, drawGrouped: () => inGroups(draw()) },
  seed: ${problem.seed},
});
const returned = result.final ?? result;
const final = rows(returned.arraySync?.() ?? returned);
const points = [...asked.slice(0, settings.steps), final];

points.forEach((point, k) => console.log(k < settings.steps ? \`before step \${k}\` : "returned", point));
console.log("expected", ${literal(expected)});
console.log("actual  ", ${place});
`;
}

/** A value as a literal; the words of floats become floats. */
function literal(value: unknown): string {
  return JSON.stringify(value, null, 1).replace(/\n\s*/g, " ")
    .replace(
      /"(NaN|-?Infinity|-0)"/g,
      (_, word: NumberText) => `${word === "-0" ? "-0" : fromNumberText(word)}`,
    );
}
