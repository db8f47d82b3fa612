/**
 * A violation as a script of its own, for samplers written in TypeScript or JavaScript.
 *
 * @module
 */

import { comments, energySource, literal, quoted, symbols, type Violation } from "./source.ts";

/** What a script is about. */
export interface ReproInput extends Violation {
  /** Where the sampler is: a module's address, or a file. */
  readonly location: string;
  /** The name of its export; null: the one that is a sampler. */
  readonly exportName: string | null;
}

const value = (item: unknown) => literal("typescript", item);

/** A TypeScript program that runs the smallest problem and prints expected and actual. */
export function typescriptRepro(input: ReproInput): string {
  const { clause, sentence, counterexample, networkReturns, location, exportName } = input;
  const { problem, step, row, axis, expected, message } = counterexample;
  const energy = energySource("typescript", problem);
  const columns = `[${symbols("a", problem.axes).join(", ")}]: any, [${
    symbols("o", problem.observations[0]?.length ?? 0).join(", ")
  }]: any`;
  const sign = networkReturns === "energy" ? "" : "-";
  const draws = problem.noise.kind === "tape" ? value(problem.noise.draws) : "[]";
  const place = step === null || row === null || axis === null
    ? "final"
    : `points[${step + 1}]?.[${row}]?.[${axis}]`;
  return `${comments("typescript", `${clause}: ${sentence}\n${message}.`)}
//
//     deno run -A THIS_FILE
//
// deno-lint-ignore-file
import * as module from ${quoted(location)};

const sampler = ${
    exportName === null
      ? "[(module as any).default, (module as any).sampler, ...Object.values(module as any)]\n" +
        "  .find((value: any) => value?.prepare) as any"
      : `(module as any)[${quoted(exportName)}]`
  };
const settings = ${value(problem.settings)};
const initial: number[][] = ${value(problem.initial)};
const observations: number[][] = ${value(problem.observations)};
const draws: number[][][] = ${draws};
const samples = ${problem.samples};

${
    comments(
      "typescript",
      `The energy E = ${problem.energy} and its gradient; the network returns ${sign}E.`,
    )
  }
function energy(${columns}): number {
  return ${energy.value};
}
function gradient(${columns}): number[] {
  return [${energy.gradient.join(", ")}];
}

const rows = (actions: any): number[][] => Array.isArray(actions[0]?.[0]) ? actions.flat(1) : actions;
const inGroups = (table: number[][]) =>
  Array.from({ length: table.length / samples }, (_, g) => table.slice(g * samples, (g + 1) * samples));
const observationOf = (given: number[][], row: number) =>
  given.length === initial.length ? given[row]! : given[Math.floor(row / samples)]!;

const asked: number[][][] = [];
const network = {
  returns: ${quoted(networkReturns)},
  energy: ${quoted(problem.energy)},
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
console.log("expected", ${value(expected)});
console.log("actual  ", ${place});
`;
}
