import * as fc from "fast-check";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { calmSettings, problemOf } from "../../../properties/arbitraries.ts";
import type { ProblemCheck, Trial } from "../../../properties/clause.ts";
import { plainFinding, stepFinding } from "../../../properties/finding.ts";
import type { Facts } from "../../../properties/observer.ts";
import { ruleSampler } from "../../../spec/rule.ts";
import { observe } from "../../../spec/observe.ts";
import { predictStep } from "../../../spec/oracle.ts";
import { type Target, TargetFault } from "../../../spec/sampler.ts";
import { mostShrinkSteps, search, type SearchPlan } from "./search.ts";

const facts: Facts = {
  returns: "energy",
  unsupported: new Set(),
  noiseSign: 1,
  leastSteps: 1,
  sharp: true,
};
const target = observe(ruleSampler());
const plan: SearchPlan = {
  clause: "drift/half",
  seed: 1,
  cases: 6,
  covering: { strength: 2, share: 1 },
};

function problemAt(start: number) {
  return problemOf({ energy: "a1", settings: calmSettings(1), initial: [[start]] });
}

/** A clause that is broken where the start is at least so large. */
function brokenFrom(least: number, edges: readonly number[] = []): ProblemCheck {
  const trial = (start: number): Trial => {
    const problem = problemAt(start);
    return {
      problem,
      async judge(observer) {
        await observer.run(problem);
        observer.compared(1);
        if (start < least) return null;
        return plainFinding(problem, `broken at ${start}`, { expected: 0, actual: start });
      },
    };
  };
  return {
    random: () => fc.integer({ min: 0, max: 50 }).map(trial),
    edges: () => edges.map(trial),
    faults: "stop",
  };
}

/** Fails in every call after so many, like a process that dies. */
function mortal(calls: number, kind: "exit" | "throws" = "exit"): Target {
  let left = calls;
  return {
    ...target,
    prepare: async (settings) => {
      if (left-- <= 0) throw new TargetFault(kind, "a death", "life");
      return await target.prepare(settings);
    },
  };
}

Deno.test("a random problem is made as small as it still breaks the clause", async () => {
  const { found, cases } = await search(brokenFrom(3, [99]), target, facts, plan);
  assertEquals(found?.finding.message, "broken at 3");
  assert(cases <= plan.cases);
});

Deno.test("edges come after random problems, each with a path of its own", async () => {
  const { found, cases } = await search(brokenFrom(60, [1, 70, 80]), target, facts, plan);
  assertEquals(found?.finding.message, "broken at 70");
  assertEquals(found?.path, "edge:1");
  assertEquals(cases, plan.cases + 2);
});

Deno.test("what nothing breaks is tried on every random problem and on every edge", async () => {
  const result = await search(brokenFrom(1000, [1, 2]), target, facts, plan);
  assertEquals(result, { found: null, cases: 8, comparisons: 8, lost: null });
});

Deno.test("a path leads to its case and to no other", async () => {
  const check = brokenFrom(3, [1, 70]);
  const { found } = await search(check, target, facts, plan);
  const again = await search(check, target, facts, { ...plan, path: found!.path! });
  assertEquals(again.found?.finding.message, found?.finding.message);
  const edge = await search(check, target, facts, { ...plan, path: "edge:1" });
  assertEquals(edge.found?.finding.message, "broken at 70");
  assertEquals(edge.cases, 1);
  assertEquals((await search(check, target, facts, { ...plan, path: "edge:0" })).found, null);
});

Deno.test("a path that leads nowhere is refused", async () => {
  for (const path of ["9:9:9", "9:9999", "edge:2"]) {
    await assertRejects(
      () => search(brokenFrom(3, [1, 70]), target, facts, { ...plan, path }),
      TargetFault,
      path,
    );
  }
});

Deno.test("a target that dies while a problem shrinks leaves the smallest problem so far", async () => {
  const heard: number[] = [];
  const lost = await search(brokenFrom(3), mortal(3), facts, plan, ({ finding }) => {
    heard.push(finding.actual);
  });
  assertEquals(lost.found?.finding.actual, heard.at(-1));
  assertEquals(lost.lost?.kind, "exit");
  assert(heard.length >= 1);
});

Deno.test("a target that dies before anything was found is lost", async () => {
  const { found, lost } = await search(brokenFrom(1000), mortal(3, "throws"), facts, plan);
  assertEquals([found, lost?.kind], [null, "throws"]);
});

Deno.test("a failure breaks a clause that failures violate, but never that of a process", async () => {
  const check: ProblemCheck = { ...brokenFrom(1000), faults: "violate" };
  const thrown = await search(check, mortal(0, "throws"), facts, plan);
  assert(thrown.found?.finding.message.includes("a death"));
  const died = await search(check, mortal(0, "exit"), facts, plan);
  assertEquals([died.found, died.lost?.kind], [null, "exit"]);
});

/** Always has one smaller value more. */
class Endless<T> extends fc.Arbitrary<T> {
  constructor(readonly value: T) {
    super();
  }
  override generate(): fc.Value<T> {
    return new fc.Value(this.value, undefined);
  }
  override canShrinkWithoutContext(value: unknown): value is T {
    return value === this.value;
  }
  override shrink(): fc.Stream<fc.Value<T>> {
    return fc.Stream.of(this.generate());
  }
}

Deno.test("shrinking ends after so many judgements", async () => {
  let calls = 0;
  const problem = problemAt(0);
  const judge = () => {
    calls++;
    return Promise.resolve(plainFinding(problem, "broken", { expected: 0, actual: calls }));
  };
  const endless: ProblemCheck = {
    ...brokenFrom(0),
    random: () => new Endless<Trial>({ problem, judge }),
  };
  const { found } = await search(endless, target, facts, plan);
  assertEquals(found?.finding.actual, mostShrinkSteps + 2);
  // The smallest case and the first one are run again.
  assertEquals(calls, mostShrinkSteps + 6);
});

Deno.test("a step that 64 digits find right accuses nobody", async () => {
  const problem = problemAt(0.5);
  const claiming = (tolerance: number, shift: number): ProblemCheck => ({
    ...brokenFrom(0),
    random: () =>
      fc.constant<Trial>({
        problem,
        async judge(observer) {
          const { final } = await observer.run(problem);
          observer.compared(1);
          const [[prediction]] = predictStep(problem, 0, problem.initial) as [[never]];
          const seen = { step: 0, row: 0, axis: 0, action: 0.5, actual: final[0]![0]! + shift };
          const found = stepFinding("drift", problem, prediction, { ...seen, message: "off" });
          // An oracle whose own rounding is larger than the tolerance that it states.
          const expected = found.expected + 2 * tolerance;
          return { ...found, expected, tolerance, confirmable: true };
        },
      }),
  });
  assertEquals((await search(claiming(1e-7, 0), target, facts, plan)).found, null);
  assertEquals(
    (await search(claiming(1e-7, 1e-5), target, facts, plan)).found?.finding.message,
    "off",
  );
});

/** A clause whose problems cover starts from 0 to 9, broken where the start is at least so large. */
function covering(least: number): ProblemCheck {
  const check = brokenFrom(least);
  const trial = (start: number): Trial => {
    const [edge] = brokenFrom(least, [start]).edges(facts);
    return { ...edge!, simpler: () => start > 0 ? [trial(start - 1)] : [] };
  };
  const tried = (count: number) => ({ tried: count, total: 10 });
  return {
    ...check,
    random: () => fc.constant(trial(0)),
    covering: () => ({
      cases: [1, 4, 9].map(trial),
      simpler: (given) => given.simpler?.() ?? [],
      coverageOf: (count) => ({ pairs: tried(count), triples: tried(0), untried: {} }),
    }),
  };
}

Deno.test("a problem that covers pairs is made smaller one value at a time", async () => {
  const result = await search(covering(3), target, facts, plan);
  assertEquals(result.found?.finding.message, "broken at 3");
  assertEquals(result.found?.path, "pair:1");
  assertEquals(result.coverage?.pairs.tried, 2);
  const again = await search(covering(3), target, facts, { ...plan, path: "pair:1" });
  assertEquals(again.found?.finding.message, "broken at 3");
  assertEquals(again.cases, 1);
});

Deno.test("a share of the problems that cover pairs is tried where only that is asked for", async () => {
  const few: SearchPlan = { ...plan, covering: { strength: 2, share: 1 / 3 } };
  const { found, coverage } = await search(covering(3), target, facts, few);
  assertEquals([found, coverage?.pairs.tried], [null, 1]);
});

Deno.test("a path to a pair is refused by a clause that covers none", async () => {
  const lost: SearchPlan = { ...plan, path: "pair:0" };
  await assertRejects(() => search(brokenFrom(3), target, facts, lost), TargetFault, "pair:0");
});
