import { assertEquals } from "@std/assert";
import { boxOf, problemOf } from "../../../properties/arbitraries.ts";
import { officialDefaults } from "../../../spec/problem.ts";
import { valuesIn } from "./condition_variables.ts";
import { type Case, conditionsOf } from "./conditions.ts";

/** Problems of so many groups and samples, in which a fault acts or does not. */
function casesOf(acts: (groups: number, samples: number) => boolean): readonly Case[] {
  const counts = [1, 2, 3, 4, 5, 6];
  return counts.flatMap((groups) =>
    counts.map((samples): Case => {
      const problem = problemOf({
        energy: "a1",
        settings: { ...officialDefaults, bounds: boxOf(1, -1, 1) },
        groups,
        initial: Array.from({ length: groups * samples }, () => [0]),
      });
      return { values: valuesIn(problem), acts: acts(groups, samples) };
    })
  );
}

const told = (acts: (groups: number, samples: number) => boolean) =>
  conditionsOf(casesOf(acts)).slice(0, 1).map(({ words }) => words);

Deno.test("groups, samples and rows are told from one another", () => {
  assertEquals(told((groups) => groups > 1), ["with 2 observations or more"]);
  assertEquals(told((_, samples) => samples > 2), ["with 3 samples or more"]);
  assertEquals(told((groups, samples) => groups * samples === 1), ["with 1 row alone"]);
});

Deno.test("a threshold, a parity, a multiple, one number and a range are told from one another", () => {
  assertEquals(told((groups) => groups % 2 === 0), ["with an even number of observations"]);
  assertEquals(told((groups) => groups % 3 === 0), [
    "where the number of observations is a multiple of 3",
  ]);
  assertEquals(told((groups) => groups === 3), ["with exactly 3 observations"]);
  assertEquals(told((groups) => groups > 1 && groups < 5), ["with 2 to 4 observations"]);
});

Deno.test("two conditions at once are told, and nothing where neither one nor two tell it", () => {
  assertEquals(told((groups, samples) => groups > 1 && samples > 2), [
    "with 2 observations or more and with 3 samples or more",
  ]);
  assertEquals(told((groups, samples) => (groups + samples) % 3 === 0), []);
  assertEquals(told(() => true), []);
});

Deno.test("products are told from their factors, and thresholds as between what was tried", () => {
  const cases = (acts: (rows: number, axes: number) => boolean) =>
    [1, 2, 3, 4, 8, 16].flatMap((rows) =>
      [1, 2, 3, 4, 8].map((axes): Case => {
        const problem = problemOf({
          energy: "a1",
          settings: { ...officialDefaults, bounds: boxOf(axes, -1, 1) },
          groups: 1,
          initial: Array.from({ length: rows }, () => new Array<number>(axes).fill(0)),
        });
        return { values: valuesIn(problem), acts: acts(rows, axes) };
      })
    );
  const told = (acts: (rows: number, axes: number) => boolean) =>
    conditionsOf(cases(acts))[0]?.words;
  assertEquals(
    told((rows, axes) => rows * axes > 24),
    "from some number of coordinates between 25 and 32 on",
  );
  assertEquals(told((rows) => rows > 9), "from some number of rows between 9 and 16 on");
  assertEquals(told((rows, axes) => rows === axes && rows > 0), "with as many rows as axes");
});
