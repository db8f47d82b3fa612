import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { samplerWith } from "../src/defects/defects.ts";
import { describe, shapeOf } from "./describe.ts";
import { observe, openSession } from "./observe.ts";
import { grouped, officialDefaults, type Problem } from "./problem.ts";
import { ruleSampler } from "./rule.ts";
import { type Call, type Sampler, TargetFault } from "./sampler.ts";
import { countedPathOf } from "./readings.ts";
import type { Trajectory } from "./trajectory.ts";

const problem: Problem = {
  energy: "(a1 - o1)^2 + a2",
  settings: {
    ...officialDefaults,
    bounds: { min: [-1, -1], max: [1, 1] },
    steps: 3,
    noiseScale: 0,
  },
  groups: 2,
  samples: 2,
  axes: 2,
  observations: [[0.5], [-0.5]],
  initial: [[0, 0], [0.25, 0], [0.5, 0], [0.75, 0]],
  noise: { kind: "tape", draws: Array.from({ length: 3 }, () => [[0, 0], [0, 0], [0, 0], [0, 0]]) },
  seed: 1,
};

const sampler = (sample: (call: Call) => unknown): Sampler => ({
  name: "test",
  networkReturns: "energy",
  prepare: () => sample as never,
});

async function run(sample: (call: Call) => unknown): Promise<Trajectory> {
  const prepared = await observe(sampler(sample)).prepare(problem.settings);
  return prepared.sample(problem);
}

async function fault(sample: (call: Call) => unknown): Promise<TargetFault> {
  return await assertRejects(() => run(sample), TargetFault) as unknown as TargetFault;
}

Deno.test("a chain of the rule asks for one gradient per step and ends at its last point", async () => {
  const prepared = await observe(ruleSampler()).prepare(problem.settings);
  const trajectory = await prepared.sample(problem);
  const path = countedPathOf(problem, trajectory);
  if (path.kind !== "known") throw new Error("unknown path");
  assertEquals(path.points.length, 4);
  assertEquals(path.points[0], problem.initial);
  assertEquals(path.points[3], trajectory.final);
  assertEquals(trajectory.draws, 3);
});

Deno.test("the network repeats observations for the samples of their group", async () => {
  const trajectory = await run((call) => {
    const perGroup = call.network.gradient(call.initial);
    const perRow = call.network.gradient(call.initial, [[0.5], [0.5], [-0.5], [-0.5]]);
    assertEquals(perGroup, perRow);
    assertEquals(perGroup.map((row) => row[0]), [-1, -0.5, 2, 2.5]);
    const byGroup = call.network.gradient(grouped(call.initial, call.samples));
    assertEquals(byGroup, grouped(perRow, 2));
    return call.initial;
  });
  assertEquals(trajectory.evaluations.length, 3);
});

Deno.test("a logits network turns the sign of outputs and gradients", async () => {
  const logits: Sampler = {
    ...sampler(() => []),
    networkReturns: "logits",
    prepare: () => (call) => {
      assertEquals(call.network.outputs([[0, 1], [0, 0], [0, 0], [0, 0]])[0], -1.25);
      assertEquals(call.network.gradient(call.initial)[0], [1, -1]);
      return call.initial;
    },
  };
  await (await observe(logits).prepare(problem.settings)).sample(problem);
});

Deno.test("the caller's array is observed after the call, not shared with the problem", async () => {
  const trajectory = await run((call) => {
    call.initial[0]![0] = 9;
    return call.initial.map((row) => [...row]);
  });
  assertEquals(trajectory.initialAfter[0], [9, 0]);
  assertEquals(problem.initial[0], [0, 0]);
});

/** Writes over every number of a value, in place. */
function overwrite(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === "number") Reflect.set(value, key, 99);
    else overwrite(inner);
  }
}

Deno.test("a sampler may write over all that it is given: it is judged by what it was given", async () => {
  const before = structuredClone(problem);
  const seen: unknown[] = [];
  const scribbler: Sampler = {
    name: "scribbler",
    networkReturns: "energy",
    prepare(prepared) {
      seen.push(structuredClone(prepared));
      overwrite(prepared);
      return ({ network, noise, ...given }) => {
        const x = problem.initial.map((row) => [...row]);
        const draw = noise.draw(), outputs = network.outputs(x), gradient = network.gradient(x);
        seen.push(structuredClone([given, draw, outputs, gradient]));
        for (const value of [given, draw, outputs, gradient, x]) overwrite(value);
        return x;
      };
    },
  };
  const target = observe(scribbler);
  const calls = [];
  for (let call = 0; call < 2; call++) {
    calls.push(await (await target.prepare(problem.settings)).sample(problem));
    assertEquals(problem, before);
  }
  assertEquals(seen.slice(2), seen.slice(0, 2));
  assertEquals(seen[0], before.settings);
  for (const { evaluations, final } of calls) {
    for (const { points } of evaluations) assertEquals(points, before.initial);
    assertEquals(final.flat().every((value) => value === 99), true);
  }
});

Deno.test("what a sampler returned stays, though it writes into the same array again", async () => {
  const x = problem.initial.map((row) => [...row]);
  const actions = [[...x], [...x], [...x]];
  const given: unknown[] = [];
  const { final, chain, initialAfter } = await run(({ initial }) => {
    given.push(initial);
    return { final: x, chain: { actions } };
  });
  overwrite([x, actions, given]);
  assertEquals([final, initialAfter], [problem.initial, problem.initial]);
  assertEquals(chain?.actions, Array(3).fill(problem.initial));
});

Deno.test("grouped, tensor-like and chained results are understood", async () => {
  const flat = problem.initial;
  const results = [
    grouped(flat, 2),
    { arraySync: () => flat },
    { final: flat, chain: { outputs: [[1, 2, 3, 4], [[1, 2], [3, 4]], [1, 2, 3, 4]] } },
  ];
  for (const result of results) assertEquals((await run(() => result)).final, flat);
  const { chain } = await run(() => results[2]);
  assertEquals(chain?.outputs?.[1], [1, 2, 3, 4]);
});

Deno.test("results of a wrong shape are refused with what was found and wanted", async () => {
  const itself: unknown[] = [];
  itself.push(itself);
  const table: readonly (readonly [unknown, string])[] = [
    [undefined, "undefined as final actions"],
    [[1, 2, 3, 4], "final actions of shape 4"],
    [[[1, 2], [3, 4]], "final actions of shape 2×2"],
    [[[1, 2], [3], [4, 5], [6, 7]], "final actions of shape 4×ragged"],
    [[["1", 2], [3, 4], [4, 5], [6, 7]], '"1" as final actions[0][0]'],
    [[[1, 2], , [4, 5], [6, 7]], "a hole as final actions[1]"],
    [[[1, 2], [3, 4], Array(2), [6, 7]], "a hole as final actions[2][0]"],
    [[[1, 2], [3, 4], [5, 10n], [6, 7]], "10n as final actions[2][1]"],
    [new Array(2 ** 32 - 1), "a list of 4294967295 entries in final actions"],
    [itself, "lists more than 3 deep in final actions"],
    [{ final: problem.initial, chain: { actions: 3 } }, "3 as chain.actions"],
    [{ final: problem.initial, chain: { outputs: [[1, 2]] } }, "chain.outputs[0] of shape 2"],
  ];
  for (const [result, found] of table) {
    const error = await fault(() => result);
    assertEquals(error.kind, "shape");
    assert(error.found.startsWith(found), `${error.found} instead of ${found}`);
    assert(error.wanted.length > 0);
  }
});

Deno.test("actions of a wrong shape are refused by the network", async () => {
  assertEquals((await fault((call) => call.network.outputs([[0, 0]]))).kind, "shape");
  assertEquals((await fault((call) => call.network.gradient(call.initial, [[1]]))).kind, "shape");
});

Deno.test("a sampler that throws is a fault that carries its message", async () => {
  const error = await fault(() => {
    throw new TypeError("no such layer");
  });
  assertEquals(error.kind, "throws");
  assert(error.found.includes("TypeError: no such layer"));
});

Deno.test("things that are no sampler are refused when they are plugged in", () => {
  const good = sampler(() => []);
  const bad: readonly unknown[] = [
    null,
    42,
    {},
    { ...good, prepare: 3 },
    { ...good, name: "" },
    { ...good, networkReturns: "loss" },
    { ...good, unsupported: ["gradclip"] },
  ];
  for (const value of bad) assertThrows(() => observe(value as Sampler), TargetFault);
  const typo = { ...good, unsupported: ["gradclip"] } as unknown as Sampler;
  assertThrows(() => observe(typo), TargetFault, "did you mean grad-clip?");
});

Deno.test("prepare must give a function", async () => {
  const target = observe({ ...sampler(() => []), prepare: () => 3 as never });
  await assertRejects(
    () => target.prepare(problem.settings),
    TargetFault,
    "a function that samples",
  );
});

Deno.test("repeated and trailing evaluations leave the count of steps known; missing and extra ones do not", () => {
  const at = (...xs: number[]) => xs.map((x) => ({ kind: "gradient" as const, points: [[x]] }));
  const single = { ...problem, groups: 1, samples: 1, axes: 1 };
  const path = (evaluations: Trajectory["evaluations"], final: number) =>
    countedPathOf(single, { evaluations, final: [[final]], draws: 0, initialAfter: [[0]] });
  const points = [[[0]], [[1]], [[2]], [[3]]];
  assertEquals(path(at(0, 1, 2), 3), { kind: "known", points });
  assertEquals(path(at(0, 1, 2, 3), 3), { kind: "known", points });
  assertEquals(path(at(0, 0, 1, 1, 2, 2), 3), { kind: "known", points });
  assertEquals(path(at(0, 0, 1, 1, 2, 2, 3), 3), { kind: "known", points });
  assertEquals(path(at(0, 1), 3), { kind: "unknown", evaluations: 2 });
  assertEquals(path(at(0, 1, 2, 4), 3), { kind: "unknown", evaluations: 4 });
  assertEquals(path(at(0, 0, 1, 2), 3), { kind: "known", points });
  assertEquals(path([], 0), { kind: "unknown", evaluations: 0 });
  assertEquals(path(at(0, 1, 1), 1).kind, "known");
  assertEquals(path(at(0, 0, 0), 0).kind, "known");
  assertEquals(path(at(0, 0, 0, 0, 0, 0), 0).kind, "known");
});

Deno.test("values are described in a few words", () => {
  assertEquals(shapeOf([[[1, 2]], [[3, 4]]]), "2×1×2");
  assertEquals(shapeOf([[1], [2, 3]]), "2×ragged");
  assertEquals(describe({ final: 1, chain: 2 }), "an object with final, chain");
  assertEquals(describe("x"), '"x"');
});

Deno.test("who watches a session sees every question before it is answered", () => {
  const seen: string[] = [];
  const session = openSession(problem, "energy", ({ kind, points }) => {
    seen.push(`${kind} of ${points.length} rows, after ${session.seen().evaluations.length}`);
  });
  session.call.network.gradient(session.call.initial);
  session.call.network.outputs(session.call.initial);
  const rows = problem.initial.length;
  assertEquals(seen, [`gradient of ${rows} rows, after 0`, `outputs of ${rows} rows, after 1`]);
  const stop = openSession(problem, "energy", () => {
    throw new RangeError("enough");
  });
  assertThrows(() => stop.call.network.gradient(problem.initial), RangeError, "enough");
});

Deno.test("a rule in another precision still takes its steps", async () => {
  for (const precision of ["float32", "float16"] as const) {
    const target = observe(samplerWith({ precision }));
    const trajectory = await (await target.prepare(problem.settings)).sample(problem);
    assert(trajectory.final.flat().every(Number.isFinite));
  }
});
