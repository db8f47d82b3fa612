/** What a sampler is given, and what is refused of what it gives. */

import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { describe, shapeOf } from "./describe.ts";
import { observe } from "./observe.ts";
import { readChain, tableOf } from "./result_tables.ts";
import { grouped, officialDefaults, type Problem } from "./problem.ts";
import { type Call, type Sampler, TargetFault } from "./sampler.ts";

const problem: Problem = {
  energy: "a1*o1 + 2*a2*o2",
  settings: { ...officialDefaults, bounds: { min: [-1, -2], max: [1, 2] }, steps: 2 },
  groups: 2,
  samples: 3,
  axes: 2,
  observations: [[1, 2], [3, 4]],
  initial: [[0, 1], [1, 0], [1, 1], [0, 0], [2, 1], [1, 2]],
  noise: { kind: "tape", draws: [0, 1].map((k) => [1, 2, 3, 4, 5, 6].map((r) => [k + r, -r])) },
  seed: 7,
};

const sampler = (sample: (call: Call) => unknown, more: Partial<Sampler> = {}): Sampler => ({
  name: "test",
  networkReturns: "energy",
  prepare: () => sample as never,
  ...more,
});

async function run(sample: (call: Call) => unknown, of = problem) {
  return await (await observe(sampler(sample)).prepare(of.settings)).sample(of);
}

/** What a call gives, looked at from inside. */
async function seen<T>(look: (call: Call) => T, of = problem): Promise<T> {
  let found: T | undefined;
  await run((call) => {
    found = look(call);
    return of.initial;
  }, of);
  return found!;
}

Deno.test("a call has the shape, the settings, the seed and the kind of noise of its problem", async () => {
  const call = await seen((call) => call);
  const { settings, groups, samples, axes, observations, seed } = problem;
  assertEquals([call.groups, call.samples, call.axes, call.seed], [groups, samples, axes, seed]);
  assertEquals([call.settings, call.observations], [settings, [[1, 2], [3, 4]]]);
  assertEquals(call.observations, observations);
  assertEquals(call.initial, problem.initial);
  assertEquals([call.network.energy, call.network.returns], [problem.energy, "energy"]);
  assertEquals(call.noise.kind, "tape");
});

Deno.test("draws come from the tape one after another, by row or by group, each a copy", async () => {
  const { noise } = problem;
  if (noise.kind !== "tape") throw new Error("wanted a tape");
  const draws = await seen(({ noise }) => [noise.draw(), grouped(noise.draw(), 3)] as const);
  assertEquals(draws[0], noise.draws[0]);
  assertEquals(draws[1], grouped(noise.draws[1]!, 3));
  assertEquals(await seen(({ noise }) => noise.drawGrouped()), grouped(noise.draws[0]!, 3));
  const written = await seen(({ noise }) => {
    const draw = noise.draw();
    draw[0]![0] = 99;
    return draw;
  });
  assertEquals([written[0]![0], noise.draws[0]![0]![0]], [99, 1]);
});

Deno.test("draws beyond the tape, and those of no tape, come from the seed, in the shape of the rows", async () => {
  const beyond = await seen(({ noise }) => [noise.draw(), noise.draw(), noise.draw()][2]!);
  assertEquals([beyond.length, beyond[0]!.length], [6, 2]);
  assert(beyond.flat().every((z) => Number.isFinite(z) && Math.abs(z) < 6));
  const own: Problem = { ...problem, noise: { kind: "own" } };
  const first = await seen(({ noise }) => noise.draw(), own);
  assertEquals(await seen(({ noise }) => noise.draw(), own), first);
  assert((await seen(({ noise }) => noise.draw(), { ...own, seed: 8 }))[0]![0] !== first[0]![0]);
  assertEquals((await run(({ noise, initial }) => (noise.draw(), noise.draw(), initial))).draws, 2);
});

Deno.test("outputs and gradients of a row are those of its observation, or of the one that is given", async () => {
  const outputs = await seen(({ network, initial }) => network.outputs(initial));
  assertEquals(outputs, [4, 1, 5, 0, 14, 19]);
  const gradient = await seen(({ network, initial }) => network.gradient(initial));
  assertEquals(gradient, [[1, 4], [1, 4], [1, 4], [3, 8], [3, 8], [3, 8]]);
  const turned = [[3, 4], [1, 2]];
  assertEquals(
    await seen(({ network, initial }) => network.gradient(initial, turned)),
    [[3, 8], [3, 8], [3, 8], [1, 4], [1, 4], [1, 4]],
  );
  const perRow = problem.initial.map((_, r) => [r, 0]);
  assertEquals(
    await seen(({ network, initial }) => network.gradient(initial, perRow)),
    perRow.map(([r]) => [r, 0]),
  );
});

Deno.test("every question is written down in its order, with the points as they were", async () => {
  const { evaluations } = await run(({ network, initial }) => {
    network.gradient(grouped(initial, 3));
    initial[0]![0] = 5;
    network.outputs(initial);
    network.log("gradient", [[9, 9], [9, 9], [9, 9], [9, 9], [9, 9], [9, 9]]);
    return initial;
  });
  assertEquals(evaluations.map(({ kind }) => kind), ["gradient", "outputs", "gradient"]);
  assertEquals(evaluations.map(({ points }) => points[0]), [[0, 1], [5, 1], [9, 9]]);
});

Deno.test("the traits of a sampler are those of its target; own noise lacks the tape", () => {
  const target = observe(sampler(() => [], { unsupported: ["apply-exp"], noise: "own" }));
  assertEquals([...target.unsupported], ["apply-exp", "noise-tape"]);
  assertEquals([target.noise, target.reveals], ["own", undefined]);
  const both = observe(sampler(() => [], { noise: "both", reveals: "final-actions" }));
  assertEquals([...both.unsupported], []);
  assertEquals([both.noise, both.reveals], ["both", "final-actions"]);
});

Deno.test("a sampler that says it takes a tape and lacks it is refused", () => {
  for (const noise of ["tape", "both"] as const) {
    const wrong = sampler(() => [], { noise, unsupported: ["noise-tape"] });
    assertThrows(() => observe(wrong), TargetFault, "lacks noise-tape");
  }
  observe(sampler(() => [], { noise: "own", unsupported: ["noise-tape"] }));
  observe(sampler(() => [], { unsupported: ["noise-tape"] }));
});

Deno.test("what prepare or sample throws is a fault that says where, a fault stays as it is", async () => {
  const failing = sampler(() => [], {
    prepare: () => {
      throw new RangeError("no such step");
    },
  });
  const early = await assertRejects(
    () => observe(failing).prepare(problem.settings) as Promise<unknown>,
    TargetFault,
    "prepare(settings)",
  );
  assertEquals(early.kind, "throws");
  const late = await assertRejects(
    () =>
      run(() => {
        throw "just a text";
      }),
    TargetFault,
    "sample(call)",
  );
  assert(late.found.includes("just a text"));
  const own = new TargetFault("protocol", "something", "something else");
  assertEquals(
    await assertRejects(() =>
      run(() => {
        throw own;
      }), TargetFault),
    own,
  );
});

Deno.test("a table is rows × axes or groups × samples × axes, of arrays, views or tensors", () => {
  const rows = [[1, 2], [3, 4], [5, 6], [7, 8]];
  const given: readonly unknown[] = [
    rows,
    grouped(rows, 2),
    rows.map((row) => Float32Array.from(row)),
    { arraySync: () => rows },
    rows.map((row) => ({ arraySync: () => row })),
  ];
  for (const value of given) assertEquals(tableOf(value, 4, 2, 2, "actions"), rows);
  const copy = tableOf(rows, 4, 2, 2, "actions");
  assert(copy[0] !== rows[0]);
  const wrong: readonly unknown[] = [
    grouped(rows, 1),
    grouped(rows, 4),
    rows.slice(1),
    rows.map((row) => row.slice(1)),
    [[1, 2], [3, 4], [5, 6], [7, "8"]],
    [[1, 2], [3, 4], [5, 6], 7],
    "text",
    undefined,
  ];
  for (const value of wrong) {
    assertThrows(() => tableOf(value, 4, 2, 2, "actions"), TargetFault, "actions");
  }
});

Deno.test("what is reported of a chain is read step by step, and left out where nothing is reported", () => {
  const actions = [problem.initial, grouped(problem.initial, 3)];
  const column = [1, 2, 3, 4, 5, 6];
  const grid = [[1, 2, 3], [4, 5, 6]];
  assertEquals(readChain(problem, {}), {});
  assertEquals(readChain(problem, { actions }), { actions: [problem.initial, problem.initial] });
  assertEquals(readChain(problem, { outputs: [column, grid], gradNorms: [grid, column] }), {
    outputs: [column, column],
    gradNorms: [column, column],
  });
  for (const wrong of [[[1, 2]], [["1", 2, 3, 4, 5, 6]], [7], 7]) {
    assertThrows(() => readChain(problem, { outputs: wrong }), TargetFault, "chain.outputs");
    assertThrows(() => readChain(problem, { gradNorms: wrong }), TargetFault, "chain.gradNorms");
  }
});

Deno.test("values are described by what they are, and arrays by their shape", () => {
  const words: readonly (readonly [unknown, string])[] = [
    [null, "null"],
    [undefined, "undefined"],
    [() => 1, "a function"],
    [[[1, 2]], "an array of shape 1×2"],
    [{}, "an empty object"],
    [{ a: 1, b: 2, c: 3, d: 4, e: 5, f: 6 }, "an object with a, b, c, d, e"],
    [true, "true"],
    ["x", '"x"'],
    [Symbol.for("s"), "Symbol(s)"],
  ];
  for (const [value, text] of words) assertEquals(describe(value), text);
  assertEquals([shapeOf([]), shapeOf([[]]), shapeOf([[1], []])], ["0", "1×0", "2×ragged"]);
  assertEquals(shapeOf([1, [2]]), "2");
});
