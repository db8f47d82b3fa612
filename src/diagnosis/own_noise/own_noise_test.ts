import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Change, defectOf, samplerWith } from "../../defects/defects.ts";
import { observe } from "../../../spec/observe.ts";
import { normalDraws } from "../../../spec/numerics/random.ts";
import type { Rows } from "../../../spec/problem.ts";
import { ruleSampler } from "../../../spec/rule.ts";
import { fewOf, isWhole, sweep } from "../../fixtures/sweep.ts";
import type { Target } from "../../../spec/sampler.ts";
import { diagnose } from "../diagnose.ts";
import { shownEstimate as shown } from "./noise_statistics.ts";
import { fitOwnNoise, type OwnNoise } from "./own_noise.ts";
import { observeOwnNoise } from "./own_noise_runs.ts";

/** Rows that tell bugs as large as most; all that a run takes tell smaller ones. */
const fewRows = isWhole ? undefined : 512;

/** A sampler with its own generator, seeded as is said. */
function drawing(change: Change, seed = 0): Target {
  return reseeded(observe(samplerWith(change, { noise: "own" })), seed);
}

function reseeded(target: Target, seed: number): Target {
  return {
    ...target,
    async prepare(settings) {
      const { sample } = await target.prepare(settings);
      return { sample: (problem) => sample({ ...problem, seed: problem.seed + 1000 * seed }) };
    },
  };
}

/** A sampler of the rule whose own draws are changed before it takes them. */
function handed(change: (draws: Rows) => Rows): Target {
  const inner = ruleSampler(), next = normalDraws(5);
  return observe({
    ...inner,
    noise: "own",
    async prepare(settings) {
      const sample = await inner.prepare(settings);
      return (call) =>
        sample({
          ...call,
          noise: {
            ...call.noise,
            draw: () => change(call.initial.map((row) => row.map(next))).map((row) => [...row]),
          },
        });
    },
  });
}

async function fitted(
  change: Change,
  rows?: number,
  seed?: number,
  varying = rows === undefined,
): Promise<OwnNoise> {
  const runs = await observeOwnNoise(drawing(change, seed), {
    ...(rows === undefined ? {} : { rows }),
    varying,
  });
  return fitOwnNoise(runs!, { changes: [], complete: true });
}

const namesIn = ({ named }: OwnNoise) =>
  named.map(({ id, title, certain }) => `${id ?? title}${certain ? "" : "?"}`);

const known = [
  "textbook-noise",
  "noise-times-range",
  "noise-missing",
  "noise-not-last",
  "noise-nine-tenths",
  "noise-truncated",
  "noise-uniform-positive",
  "noise-student",
  "noise-shared-by-groups",
  "noise-correlated-steps",
  "noise-same-every-call",
  "noise-after-delta-clip",
  "noise-after-bounds",
  "gradient-at-noised-point",
];

for (const id of fewOf(known, 1)) {
  Deno.test(`of a sampler's own noise ${id} is named, alone and for certain`, async () => {
    const found = await fitted(defectOf(id)!.change, fewRows, 0, true);
    assertEquals(namesIn(found), [id]);
    assertEquals(found.unexplained, undefined);
  });
}

Deno.test("two and three defects of the noise are named together", async () => {
  const change: Change = { step: "eta * (drift + noise / 2)", noiseLaw: "uniform" };
  const both = await fitted(change, fewRows, 0, true);
  assertEquals(namesIn(both), ["noise-halved", "noise-uniform"]);
  if (!isWhole) return;
  const three = await fitted({
    step: "eta * drift + sqrt(eta) * noise",
    noiseLaw: "laplace",
    noiseSharing: "antithetic",
  });
  assertEquals(namesIn(three), ["noise-root-of-step", "noise-laplace", "noise-antithetic"]);
});

Deno.test("three hundredths too much noise are measured, and no known defect is suspected", async () => {
  const { term, size, named } = await fitted({ noise: "1.03 * sigma * xi" }, 1536);
  assert(Math.abs(size!.value - 1.03) < 1.5 * size!.error && size!.error < 0.0045);
  assert(term.deviates);
  assertEquals(term.text, `(${shown(size!)})·σξ`);
  assertEquals(named.map(({ id, certain }) => [id, certain]), [[null, true]]);
  assertStringIncludes(named[0]!.title, `The noise is ${shown(size!)} times`);
});

sweep("too much noise is a number and no noise that depends on its axis", async () => {
  const { term, named, unexplained } = await fitted({ noise: "1.4 * sigma * xi" });
  assert(/^\(1\.\d+ ± 0\.0\d+\)·σξ$/.test(term.text), term.text);
  assertEquals([named.length, named[0]!.id, unexplained], [1, null, undefined]);
});

Deno.test("noise of no known form is told step by step, and unexplained", async () => {
  const { term, named, unexplained, influences } = await fitted(
    {
      noise: "sigma * xi * (1 + k ^ 3 / 8)",
    },
    fewRows,
    0,
    true,
  );
  assertEquals(named, []);
  assertStringIncludes(unexplained!, "its size depends on the step");
  assertMatch(
    influences[0]!.text,
    /times what it should be in step 0, 1\.1\d+ ± 0\.0\d+ in step 1,/,
  );
  const entries = term.value.kind === "table" ? term.value.entries : [];
  assertEquals(entries.length, 5);
  for (const [k, { value, error }] of entries.entries()) {
    assert(Math.abs(value - (1 + k ** 3 / 8)) < 2.5 * error, `${value} ± ${error}`);
  }
});

const dependent: readonly (readonly [Change, about: string, words: RegExp])[] = [
  [
    { noise: "sigma ^ where(sigma - 1, 2, 1) * xi" },
    "the noise scale",
    /and 0\.9\d+ .* for 0\.25$|and 1\.0\d* .* for 0\.25$/,
  ],
  [
    { noise: "sigma * where(axis - 0.5, 1.1, 1) * xi" },
    "the axis",
    /1\.(09|1)\d* ± 0\.0\d+ on axis 2/,
  ],
  [
    { noise: "sigma * where(k - 9.5, 0.8, 1) * xi" },
    "the step",
    /0\.[78]\d+ ± 0\.0\d+ from step 10 on/,
  ],
];

for (const [change, what, words] of dependent) {
  sweep(`of noise whose size depends on ${what} no one figure is given`, async () => {
    const { named, unexplained, influences, term } = await fitted(change, fewRows, 0, true);
    assertEquals([named, influences.length, term.value?.kind], [[], 1, "table"]);
    assertStringIncludes(unexplained!, `its size depends on ${what}`);
    assertMatch(influences[0]!.text, words);
  }, what === "the axis");
}

const gradual: readonly (readonly [noise: string, words: RegExp])[] = [
  ["sigma * xi * gt", /^\((1\.0|0\.9)\d* ± 0\.0\d+\)·\|∇E\|·σξ$/],
  ["sigma * xi * (0.5 + 0.25 * gt ^ 2)", /^\(\(0\.[45]\d* .*\) \+ \(0\.2\d* ± 0\.0\d+\)·∇E²\)·σξ$/],
  ["sigma * xi * abs(a)", /^\((1\.0|0\.9)\d* ± 0\.0\d+\)·\|a\|·σξ$/],
  ["sigma * xi * where(a, 2, 1)", /^\(\((1\.9|2\.0).*·\[a > 0\] \+ .*·\[a ≤ 0\]\)·σξ$/],
];

for (const [noise, words] of fewOf(gradual, 1)) {
  Deno.test(`noise that goes with slope or action has a law, and no certain name: ${noise}`, async () => {
    const { named, influences, term, unexplained } = await fitted({ noise });
    assertEquals([named.length, named[0]!.certain, unexplained], [1, false, undefined]);
    assertEquals(influences.length, 1);
    assertMatch(term.text, words);
  });
}

const compound: readonly (readonly [Change, names: readonly RegExp[]])[] = [
  [
    { step: "eta * drift + sqrt(eta) * noise", noise: "sigma ^ 2 * xi" },
    [/^noise-root-of-step$/, /^noise-scale-squared$/],
  ],
  [
    { noise: "where(N - 1 - k, 2 * sigma * xi, 0)" },
    [/^noise-not-last$/, /^The noise is (2\.0|1\.9)\d* ± 0\.0\d+ times/],
  ],
  [{ noise: "sigma * xi * (hi - lo)" }, [/^noise-times-range$/, /^The noise is 2\.0/]],
  [
    { noise: "0.8 * sigma * xi", noiseSharing: "antithetic" },
    [/^noise-antithetic$/, /^The noise is 0\.(8|79)/],
  ],
  [{ noise: "sigma ^ 2 * xi", noiseSharing: "rows" }, [/^noise-scale-squared$/, /rows$/]],
];

for (const [change, names] of fewOf(compound, 1)) {
  Deno.test(`two faults of the noise are named: ${Object.values(change).join(", ")}`, async () => {
    const found = await fitted(change), all = namesIn(found);
    assertEquals(all.length, names.length, all.join());
    for (const [j, name] of names.entries()) assertMatch(all[j]!, name);
    assertEquals(found.unexplained, undefined);
  });
}

sweep("a known fault is named beside a size that goes with the axis", async () => {
  const { named, influences } = await fitted({
    noise: "sigma * where(axis - 0.5, 1.5, 1) * xi",
    noiseSharing: "rows",
  });
  assertEquals(named.map(({ id }) => id), ["noise-shared-by-rows"]);
  assertEquals(influences.length, 1);
  assertMatch(influences[0]!.text, /depends on the axis: .* 1\.[45]\d* ± 0\.0\d+ on axis 3$/);
});

Deno.test("noise by the number of axes or of rows is told by its formula", async () => {
  const factors = [["sqrt(axes)", "√axes"], ["2 / sqrt(rows)", "(1/√rows)"]] as const;
  for (const [factor, words] of fewOf(factors, 1)) {
    const found = await fitted({ noise: `sigma * ${factor} * xi` }, fewRows, 0, true);
    assertMatch(
      namesIn(found).join(),
      new RegExp(`^The noise is .*${words.replace(/[()]/g, "\\$&")}·σξ instead of σξ$`),
    );
    assertEquals([found.influences, found.unexplained], [[], undefined]);
  }
});

Deno.test("draws that depend on each other row by row have a size with an honest error", async () => {
  const inPairs = handed((z) => z.map((row, r) => r % 2 ? z[r - 1]!.map((v) => -v) : row));
  const { named, unexplained } = fitOwnNoise((await observeOwnNoise(inPairs))!, {
    changes: [],
    complete: true,
  });
  assertEquals(named, []);
  assertMatch(
    unexplained!,
    /^No known bug gives this noise: draws depend on each other, those of a row and of the one after it; its size is (1\.0|0\.9)/,
  );
});

Deno.test("rows in chunks that share a seed are no groups that share their noise", async () => {
  const chunked = () => handed((z) => z.map((_, r) => z[r % 4]!));
  // Of 12 rows every four are a group.
  const few = (await observeOwnNoise(chunked(), { rows: 12 }))!;
  const wide = (await observeOwnNoise(chunked(), { rows: 96 }))!.runs.slice(0, 2);
  const { named } = fitOwnNoise({ ...few, wide }, { changes: [], complete: true });
  assertEquals(named.map(({ title }) => title), [
    "Every 4 rows the same draws come again: row r + 4 has those of row r",
  ]);
});

Deno.test("draws with a mean are told with it, and depend on nothing", async () => {
  const leaning = handed((z) => z.map((row) => row.map((v) => 0.3 + 1.1 * v)));
  const { named, term, unexplained } = fitOwnNoise((await observeOwnNoise(leaning))!, {
    changes: [],
    complete: true,
  });
  assertMatch(
    named.map(({ title }) => title).join(),
    /^The draws have a mean of (0\.3|0\.29)\d* .*,The noise is 1\.(1|09)\d* ± .* about its mean$/,
  );
  assertMatch(term.text, /^σ\((0\.3|0\.29)\d* ± 0\.0\d+ \+ \(1\.(1|09)\d* ± 0\.0\d+\)·ξ\)$/);
  assertEquals(unexplained, undefined);
});

const leanings: readonly (readonly [string, (z: Rows) => Rows, words: RegExp])[] = [
  [
    "an axis",
    (z) => z.map(([first, ...rest]) => [first! + 0.4, ...rest]),
    /^The draws have a mean of 0\.(4|3[89])\d* ± 0\.0\d+ on axis 0 instead of 0$/,
  ],
  [
    "every second row",
    (z) => z.map((row, r) => row.map((v) => r % 2 ? v : v + 0.5)),
    /^The draws have means other than 0 that go with the row$/,
  ],
];

for (const [where, lean, words] of leanings) {
  Deno.test(`draws with a mean on ${where} depend on nothing, and have their size`, async () => {
    const seen = await observeOwnNoise(handed(lean), { varying: true });
    const found = fitOwnNoise(seen!, { changes: [], complete: true });
    assertEquals([found.named.length, found.influences, found.unexplained], [1, [], undefined]);
    assertMatch(found.named[0]!.title, words);
    assertMatch(found.term.text, /\((1\.0|0\.99)\d* ± 0\.0\d+\)·ξ\)$/);
  });
}

Deno.test("rounded draws are told with the distance of their values", async () => {
  const rounded = handed((z) => z.map((row) => row.map((v) => Math.round(8 * v) / 8)));
  const { named, unexplained } = fitOwnNoise((await observeOwnNoise(rounded))!, {
    changes: [],
    complete: true,
  });
  assertEquals([named.length, unexplained], [1, undefined]);
  assertMatch(named[0]!.title, /rounded: .* 0\.125 apart$/);
});

Deno.test("draws that every call repeats count once", async () => {
  const target = drawing({});
  const seeded: Target = {
    ...target,
    async prepare(settings) {
      const { sample } = await target.prepare(settings);
      return { sample: (problem) => sample({ ...problem, seed: 7 }) };
    },
  };
  const runs = (await observeOwnNoise(seeded, { varying: true }))!;
  const { named, size, unexplained } = fitOwnNoise(runs, { changes: [], complete: true });
  assertEquals([named.map(({ id }) => id), unexplained], [["noise-same-every-call"], undefined]);
  assert(size!.error > 0.008, `${size!.error}`);
});

Deno.test("draws that keep most of those of the step before are not the same in every step", async () => {
  let kept: Rows = [];
  const keeping = handed((z) =>
    kept = z.map((row, r) => row.map((v, i) => 0.995 * (kept[r]?.[i] ?? v) + 0.1 * v))
  );
  const { named } = fitOwnNoise((await observeOwnNoise(keeping))!, {
    changes: [],
    complete: true,
  });
  assertEquals(named.filter(({ id }) => id !== null), []);
});

/** What the size of noise is said to depend on, where it has a factor. */
async function saidToDepend(noise: string): Promise<readonly string[]> {
  const { influences } = await fitted({ noise }, fewRows, 0, true);
  return influences.map(({ text }) => text.replace(/^.* depends on (.*?): .*$/, "$1"));
}

const causes: readonly (readonly [factor: string, what: string])[] = [
  ["(1 + abs(E) / 8)", "the energy"],
  ["where(axis - (axes - 1.5), 1.5, 1)", "the axis"],
];

for (const [factor, what] of causes) {
  Deno.test(`noise that goes with ${what} is said to depend on nothing that goes with it`, async () => {
    assertEquals(await saidToDepend(`sigma * xi * ${factor}`), [what]);
  });
}

Deno.test("noise of rows whose size grows is told by halves of them, not by the first", async () => {
  const { influences } = await fitted({ noise: "sigma * xi * (1 + row / rows)" }, fewRows, 0, true);
  assertMatch(influences.map(({ text }) => text).join(), /in the first half of the rows/);
});

Deno.test("draws that are cut on one side are told with that side, and have no other size", async () => {
  const capped = handed((z) => z.map((row) => row.map((v) => Math.min(v, 2))));
  const { named, unexplained } = fitOwnNoise((await observeOwnNoise(capped))!, {
    changes: [],
    complete: true,
  });
  assertEquals(named, []);
  assertMatch(unexplained!, /none of \d+ draws is (above 2\.0\d*|below −2\.0\d*)$/);
});

Deno.test("draws that are never negative are told with 0", async () => {
  const squares = handed((z) => z.map((row) => row.map((v) => v * v)));
  const seen = (await observeOwnNoise(squares))!;
  const { unexplained } = fitOwnNoise(seen, { changes: [], complete: true });
  assertMatch(unexplained!, /is below 0$/);
});

Deno.test("a row that moves otherwise without noise has no noise there", async () => {
  const resting = drawing({ step: "where(row - (rows - 1.5), 0, eta * (drift + noise))" });
  const { honoursZero, runs } = (await observeOwnNoise(resting, { rows: 12 }))!;
  assert(honoursZero && runs.every(({ still }) => still!.some((row) => row.some((a) => a !== 0))));
  const noisy = await observeOwnNoise(drawing({ noise: "where(sigma, sigma, 1) * xi" }), {
    rows: 12,
  });
  assertEquals(noisy!.honoursZero, false);
});

Deno.test("the size of the noise is told by its law in step size and noise scale", async () => {
  const text = async (change: Change) => (await fitted(change, 192)).term.text;
  assert((await text({ noise: "xi" })).endsWith("·ξ"));
  assert((await text({ noise: "sigma ^ 2 * xi" })).endsWith("·σ²·ξ"));
  assert((await text({ step: "eta * drift + sqrt(eta) * noise" })).endsWith("·√η_k·σξ"));
  assert((await text({ noise: "sigma * xi * (hi - lo) / 2" })).endsWith("·½·range·σξ"));
  assert((await text({ noiseLaw: "laplace" })).endsWith("·σξ′"));
  assertEquals(await text({ noise: "0" }), "0·σξ");
});

Deno.test("intervals hold the truth 95 times in 100, and are no wider than the draws allow", async () => {
  const seeds = isWhole ? 60 : 7, rows = 48, size = 1.25;
  // Four lanes; five steps twice, and three, and four.
  const draws = 4 * rows * (5 + 5 + 3 + 4), least = 1.96 * size / Math.sqrt(2 * draws);
  // Two lanes with a slope of 1; half of it over the noise, at each noise scale.
  const signal = (noiseScale: number) => 2 * rows * (0.5 / (size * noiseScale)) ** 2;
  const leastDrift = 1.96 / Math.sqrt(10 * signal(0.75) + 3 * signal(2) + 4 * signal(0.25));
  let holding = 0, drifts = 0;
  for (let seed = 1; seed <= seeds; seed++) {
    const found = await fitted({ noise: `${size} * sigma * xi` }, rows, seed);
    assert(found.size!.error <= 1.3 * least, `${found.size!.error} and ${least}`);
    assert(found.drift!.error <= 1.3 * leastDrift, `${found.drift!.error} and ${leastDrift}`);
    if (Math.abs(found.size!.value - size) <= found.size!.error) holding++;
    if (Math.abs(found.drift!.value - 1) <= found.drift!.error) drifts++;
  }
  for (const held of [holding, drifts]) assert(held >= 0.85 * seeds, `${holding}, ${drifts}`);
});

Deno.test("the noise of the rule is right whatever the seed", async () => {
  for (let seed = 1; seed <= (isWhole ? 24 : 2); seed++) {
    const { named, term, unexplained } = await fitted({}, 96, seed);
    assertEquals([named, term.deviates, unexplained], [[], false, undefined], `seed ${seed}`);
  }
});

Deno.test("few draws of one row that happen to be alike are no noise that depends on the row", async () => {
  const target = observe({ ...ruleSampler(), noise: "own", reveals: "final-actions" });
  for (const seed of [111, 231]) {
    const runs = await observeOwnNoise(reseeded(target, seed));
    const { influences, term } = fitOwnNoise(runs!, { changes: [], complete: true });
    assertEquals([influences, term.deviates], [[], false], `seed ${seed}`);
  }
});

Deno.test("defects of the noise are named beside those of other terms, in the latter's units", async () => {
  const change: Change = { drift: "gt", noise: "0.9 * sigma * xi" };
  const { view, defects, measured } = await diagnose(drawing(change));
  assertEquals(view, "points");
  assertEquals(defects.map(({ id, certain }) => [id, certain]), [
    ["half-missing", true],
    ["noise-nine-tenths", true],
  ]);
  const [drift, noise] = measured!.terms;
  assertEquals(drift!.text, "1.000·∇E");
  assert(/^\(0\.(89|9)\d* ± 0\.00\d+\)·σξ$/.test(noise!.text), noise!.text);
  assertStringIncludes(measured!.text, noise!.text);
});

Deno.test("where a noise scale of 0 is not honoured the drift is estimated, and limits are not", async () => {
  const { defects, measured } = await diagnose(drawing(defectOf("noise-scale-ignored")!.change));
  assertEquals(defects.map(({ id, certain }) => [id, certain]), [["noise-scale-ignored", false]]);
  const [drift, noise, limit, bounds, schedule] = measured!.terms;
  assert(/^\(0\.(5|49)\d* ± 0\.0\d+\)·∇E$/.test(drift!.text), drift!.text);
  assert(!drift!.deviates && noise!.deviates);
  for (const term of [limit, bounds, schedule]) {
    assertEquals([term!.value?.kind, term!.deviates], ["not measured", null]);
  }
});

Deno.test("a test that fails where the figures are right is told", async () => {
  const runs = await observeOwnNoise(drawing({}));
  const failed = { clause: "noise/independent", test: "next row" };
  const { named, unexplained } = fitOwnNoise(runs!, { changes: [], complete: true }, [failed]);
  assertEquals(named, []);
  assertStringIncludes(unexplained!, "The noise fails the test next row");
});

Deno.test("a figure is shown to the digits that its error leaves", () => {
  assertEquals(shown({ value: 1.0312, error: 0.0042 }), "1.031 ± 0.004");
  assertEquals(shown({ value: 13.04, error: 0.31 }), "13.0 ± 0.3");
  assertEquals(shown({ value: 0.57666, error: 0.0022 }), "0.5767 ± 0.0022");
  assertEquals(shown({ value: 1, error: 0 }), "1.000");
});
