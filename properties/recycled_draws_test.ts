import { assert, assertEquals } from "@std/assert";
import { drawingItself, tableFrom } from "../src/fixtures/own_draws.ts";
import { observe } from "../spec/observe.ts";
import { normalDraws } from "../spec/numerics/random.ts";
import type { Sampler } from "../spec/sampler.ts";
import { noiseClauses } from "./clauses.ts";
import type { View } from "./noise_check.ts";
import { drawsPerClause, judgeNoise } from "./noise_law.ts";
import { recycled } from "./recycled_draws.ts";
import { defaultFalseAlarm } from "./sequential.ts";

type Generator = (seed: number) => () => number;

/** A sampler whose own draws come from a generator. */
const drawing = (generator: Generator): Sampler =>
  drawingItself((call) => {
    const draw = generator(call.seed);
    return () => tableFrom(call, draw);
  });

/** A table of draws, gone through again and again from its first one. */
function cycled(table: readonly number[]): () => number {
  let at = 0;
  return () => table[at++ % table.length]!;
}

const tableOf = (seed: number, length: number) => Array.from({ length }, normalDraws(seed));
const rounded = (unit: number): Generator => (seed) => {
  const draw = normalDraws(seed);
  return () => Math.round(draw() / unit) * unit;
};

async function firstBroken(generator: Generator, view: View) {
  const target = observe(drawing(generator));
  const observer = {
    view,
    compared: () => {},
    async open({ settings }: { readonly settings: Parameters<typeof target.prepare>[0] }) {
      const prepared = await target.prepare(settings);
      return (problem: Parameters<typeof prepared.sample>[0]) => prepared.sample(problem);
    },
  };
  for (const clause of noiseClauses.filter(({ id }) => id.startsWith("noise/"))) {
    const level = defaultFalseAlarm / noiseClauses.length, draws = drawsPerClause.quick;
    const { finding } = await judgeNoise(clause, observer, { level, draws, seed: 1 });
    if (finding !== null) return [clause.id, finding.message] as const;
  }
  return null;
}

const faults: Readonly<Record<string, readonly [Generator, clause: string, words: RegExp]>> = {
  "a table gone through again and again": [
    (seed) => cycled(tableOf(seed, 997)),
    "noise/own-draw",
    /^A draw comes again 997 draws later, in a call of \d+ draws$/,
  ],
  "places of a table that are drawn at random": [
    (seed) => {
      const table = tableOf(seed, 4096), place = normalDraws(seed + 1);
      return () => table[Math.floor(Math.abs(place()) * 1e6) % 4096]!;
    },
    "noise/own-draw",
    /^The \d+ draws of a call take only about \d+ different values$/,
  ],
  "draws that are rounded to quarters": [
    rounded(1 / 4),
    "noise/standard-normal",
    /^\d+ draws take \d+ different values, all 0\.25 apart$/,
  ],
  "draws that are rounded to eighths": [
    rounded(1 / 8),
    "noise/standard-normal",
    /^\d+ draws take \d+ different values, all 0\.125 apart$/,
  ],
};

for (const [name, [generator, clause, words]] of Object.entries(faults)) {
  Deno.test(`${name} is told in every view`, async () => {
    for (const view of ["every-step", "final-actions"] as const) {
      const found = await firstBroken(generator, view);
      assertEquals(found?.[0], clause, `${view}: ${found?.[1]}`);
      assert(words.test(found![1]), found![1]);
    }
  });
}

Deno.test("draws of 23 bits, of half precision or rounded to thousandths come again by accident alone", () => {
  const half = (z: number) => {
    const unit = 2 ** (Math.floor(Math.log2(Math.abs(z))) - 7);
    return Math.round(z / unit) * unit;
  };
  const few = (z: number) => Math.round(z * 2 ** 21) / 2 ** 21;
  const thousandths = (z: number) => Math.round(z * 1000) / 1000;
  for (const become of [few, half, thousandths, (z: number) => z]) {
    for (let seed = 1; seed <= 5; seed++) {
      const noise = [tableOf(seed, 10240).map((z) => [become(z)])];
      assertEquals(recycled(noise), null);
    }
  }
});
