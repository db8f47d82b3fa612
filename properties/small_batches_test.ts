import { assert, assertEquals } from "@std/assert";
import { fewOf, isWhole } from "../src/fixtures/sweep.ts";
import { drawingItself, tableFrom } from "../src/fixtures/own_draws.ts";
import { observe } from "../spec/observe.ts";
import { normalDraws } from "../spec/numerics/random.ts";
import type { Sampler } from "../spec/sampler.ts";
import { noiseClauses } from "./clauses.ts";
import type { View } from "./noise_check.ts";
import { drawsPerClause, judgeNoise } from "./noise_law.ts";
import { defaultFalseAlarm } from "./sequential.ts";

/** What becomes of the draws of a step: rows × axes. */
type Spoiling = (draws: number[][]) => number[][];

/** A sampler with a generator of its own whose draws are spoilt. */
const spoilt = (spoil: Spoiling): Sampler =>
  drawingItself((call) => {
    const draw = normalDraws(call.seed);
    return () => spoil(tableFrom(call, draw));
  });

/** The first of the clauses about noise that is broken, and how. */
async function firstBroken(spoil: Spoiling, { view = "every-step", seed = 1 }: {
  readonly view?: View;
  readonly seed?: number;
} = {}): Promise<readonly [id: string, message: string] | null> {
  const target = observe(spoilt(spoil));
  const observer = {
    view,
    compared: () => {},
    async open({ settings }: { readonly settings: Parameters<typeof target.prepare>[0] }) {
      const prepared = await target.prepare(settings);
      return (problem: Parameters<typeof prepared.sample>[0]) => prepared.sample(problem);
    },
  };
  for (const clause of noiseClauses.filter(({ noise }) => noise.smallBatches !== undefined)) {
    const level = defaultFalseAlarm / noiseClauses.length, draws = drawsPerClause.quick;
    const { finding } = await judgeNoise(clause, observer, { level, draws, seed });
    if (finding !== null) return [clause.id, finding.message];
  }
  return null;
}

const last = <T>(all: readonly T[]): T => all.at(-1)!;
const withLast = (draws: number[][], row: readonly number[]) => [...draws.slice(0, -1), [...row]];
const isOdd = ({ length }: readonly unknown[]) => length % 2 === 1 && length > 1;

const faults: Readonly<Record<string, readonly [Spoiling, clause: string, words: RegExp]>> = {
  "the last row of an odd batch takes the draws of the first": [
    (draws) => isOdd(draws) ? withLast(draws, draws[0]!) : draws,
    "noise/own-draw",
    /^Among 3 rows on 1 axis, row 2 has the draws of row 0$/,
  ],
  "a fifth axis has the draws of the first, turned": [
    (draws) => draws.map((row) => row.length > 4 ? [...row.slice(0, 4), -row[0]!] : row),
    "noise/own-draw",
    /^Among 1 row on 5 axes, axis 4 has the draws of axis 0$/,
  ],
  "the last row of an odd batch leans on the first": [
    (draws) =>
      isOdd(draws)
        ? withLast(draws, last(draws).map((z, i) => (z + draws[0]![i]!) * Math.SQRT1_2))
        : draws,
    "noise/independent",
    /the draws of row 0 and row \d are not independent/,
  ],
  "the last row of an odd batch has too much noise": [
    (draws) => isOdd(draws) ? withLast(draws, last(draws).map((z) => 1.5 * z)) : draws,
    "noise/every-step",
    /the noise of row \d has a root mean square of 1\.\d+ instead of 1/,
  ],
};

for (const [name, [spoil, clause, words]] of Object.entries(faults)) {
  Deno.test(`small batches show that ${name}`, async () => {
    for (const view of fewOf(["every-step", "final-actions"] as const, 1)) {
      const found = await firstBroken(spoil, { view });
      assertEquals(found?.[0], clause, `${view}: ${found?.[1]}`);
      assert(words.test(found![1]), found![1]);
    }
  });
}

Deno.test("small batches accuse no sampler with draws of its own, rounded ones and turned ones too", async () => {
  const rounded: Spoiling = (draws) =>
    draws.map((row) => row.map((z) => Math.round(z * 1024) / 1024));
  const turned: Spoiling = (draws) =>
    draws.map((row, r) => row.map((z, i) => (r + i) % 2 ? z : -z));
  for (const [at, spoil] of [rounded, turned].entries()) {
    for (let seed = 1; seed <= (isWhole ? 3 : 1); seed++) {
      assertEquals(await firstBroken(spoil, { seed: seed + at }), null);
    }
  }
});
