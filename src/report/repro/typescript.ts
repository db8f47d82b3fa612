/**
 * A violation as a script of its own, for samplers written in TypeScript or JavaScript.
 *
 * @module
 */

import { comparedBy, expectedChains } from "./chains.ts";
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
  const { problem, message, tape } = counterexample;
  const { row, chains, slack } = expectedChains(counterexample);
  const energy = energySource("typescript", problem);
  const columns = `[${symbols("a", problem.axes).join(", ")}]: any, [${
    symbols("o", problem.observations[0]?.length ?? 0).join(", ")
  }]: any`;
  const sign = networkReturns === "energy" ? "" : "-";
  const draws = problem.noise.kind === "tape" ? value(tape ?? problem.noise.draws) : "[]";
  return `${comments("typescript", `${clause}: ${sentence}\n${message}.`)}
//
//     deno run -A THIS_FILE        exit code 1 while it is there, 0 once it is mended
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

const start: number[][] = structuredClone(initial);
const sample = await sampler.prepare(settings);
const result = await sample({
  settings,
  groups: ${problem.groups},
  samples,
  axes: ${problem.axes},
  observations: structuredClone(observations),
  initial: start,
  network,
  noise: { draw, drawGrouped: () => inGroups(draw()) },
  seed: ${problem.seed},
});
const returned = result.final ?? result;
const final = rows(returned.arraySync?.() ?? returned);

// Where the rule leads row ${row}, from its start to what is returned (with its draws added or
// subtracted), and how far float32 may be from it.
const chains: number[][][] = ${value(chains)};
const slack: number[][] = ${value(slack)};
const near = (x: number, wanted: number, off: number) =>
  Number.isNaN(wanted) || Math.abs(x - wanted) <= off || x === wanted;
const isAt = (x: number[], wanted: number[], k: number) =>
  wanted.every((value, i) => near(x[i]!, value, slack[k]![i]!));
// A sampler may ask more often than it steps: the chain's questions come in their order.
const leaves = (chain: number[][]): number | null => {
  let from = 0;
  for (let k = 0; k < settings.steps; k++) {
    const found = asked.findIndex((points, j) => j >= from && isAt(points[${row}]!, chain[k]!, k));
    if (found < 0) return k;
    from = found + 1;
  }
  return isAt(final[${row}]!, chain[settings.steps]!, settings.steps) ? null : settings.steps;
};
asked.forEach((points, j) => console.log(\`gradient \${j} at\`, points));
console.log("returned", final);
${comparison(input)}`;
}

/** What decides, and what is printed of it. */
function comparison({ clause, counterexample }: ReproInput): string {
  const { step, row, axis, expected, tolerance } = counterexample;
  const compared = comparedBy(clause);
  switch (compared.kind) {
    case "caller":
      return `console.log("the caller's actions after the call", start);
if (JSON.stringify(start) !== JSON.stringify(initial)) Deno.exit(1);
`;
    case "report": {
      const at = row === null
        ? ".length"
        : `[${step}]?.flat(2)[${
          compared.part === "actions" ? row * counterexample.problem.axes + axis! : row
        }]`;
      return `const reported = result.chain?.${compared.part};
const actual = (reported?.arraySync?.() ?? reported)?.map((of: any) => of.arraySync?.() ?? of)${at};
console.log("expected", ${value(expected)});
console.log("actual  ", actual);
if (!near(actual, ${value(expected)}, ${value(tolerance)})) Deno.exit(1);
`;
    }
    case "chain":
      return `const left = chains.map(leaves);
if (!left.includes(null)) {
  const k = left.reduce((most, at) => Math.max(most!, at!), 0)!;
  console.log("expected", k < settings.steps ? \`gradient after step \${k - 1} at\` : "in the end", chains[left.indexOf(k)]![k]);
  console.log("actual  ", k < settings.steps ? "no such gradient" : final[${row ?? 0}]);
  Deno.exit(1);
}
console.log("The chain of row ${row ?? 0} follows the rule.");
`;
  }
}
