/** Whole runs on samplers that draw their own noise. */

import { assert, assertEquals } from "@std/assert";
import { noiseClauses } from "../../properties/clauses.ts";
import { defectOf, ruleOf } from "../defects/defects.ts";
import { observe } from "../../spec/observe.ts";
import { normalDraws } from "../../spec/numerics/random.ts";
import { officialRule, ruleSampler } from "../../spec/rule.ts";
import type { Call, Sampler } from "../../spec/sampler.ts";
import { drawingItself, tableFrom } from "../fixtures/own_draws.ts";
import { judge } from "./judge.ts";
import { isWhole, lightClauses, sweep } from "../fixtures/sweep.ts";
import { pretty } from "../report/pretty.ts";
import type { Report } from "../report/report.ts";

const usual = isWhole ? undefined : lightClauses;
const run = (sampler: Sampler, clauses = usual, falseAlarm?: number) =>
  judge(observe(sampler), {
    profile: "quick",
    diagnosis: "none",
    golden: [],
    ...(clauses ? { clauses } : {}),
    ...(falseAlarm === undefined ? {} : { falseAlarm }),
  });

const entry = (report: Report, id: string) => report.clauses.find((c) => c.id === id)!;

/** The rule with a generator of its own in the place of call.noise. */
const withGenerator = (generator: (call: Call, prepared: number) => () => number): Sampler =>
  drawingItself((call, prepared) => {
    const draw = generator(call, prepared);
    return () => tableFrom(call, draw);
  });

Deno.test("a tape sampler is told that the law of the draws is the suite's", async () => {
  const report = await run(ruleSampler());
  assertEquals(report.verdict, "conforms");
  assertEquals(report.falseAlarm, undefined);
  const { verdict, reason } = entry(report, "noise/standard-normal");
  assertEquals(verdict, "not binding");
  assert(reason!.includes("supplied the noise"));
});

Deno.test("a sampler with both kinds of noise is judged in both ways", async () => {
  const report = await run(ruleSampler(officialRule, { noise: "both" }));
  // No trace was given to replay.
  const open = report.clauses.filter((c) => c.verdict !== "holds").map((c) => c.id);
  assertEquals(open, isWhole ? ["golden/traces"] : []);
  assertEquals(report.clauses.filter((c) => c.statistics).length, 4);
});

Deno.test("every statistical verdict tells its share of the budget, its draws and what it sees", async () => {
  const ofNoise = usual && noiseClauses.map(({ id }) => id);
  const report = await run(ruleSampler(officialRule, { noise: "own" }), ofNoise, 1e-3);
  assertEquals([report.falseAlarm, report.remarks], [1e-3, []]);
  const judged = report.clauses.flatMap((c) => c.statistics ?? []);
  assertEquals(judged.length, noiseClauses.length);
  const total = judged.reduce((sum, { level }) => sum + Number(level), 0);
  assert(Math.abs(total - 1e-3) < 1e-12);
  const text = pretty(report, { color: false, width: 100 }, { verbose: true });
  assert(text.includes("false alarm") && text.includes("noise/scale: "));
});

Deno.test("a violation of the law of the noise shows what was measured and with what probability", async () => {
  const report = await run(ruleSampler(ruleOf(defectOf("noise-nine-tenths")!), { noise: "own" }));
  const { counterexample, statistics } = entry(report, "noise/scale");
  assert(
    /root mean square of 0\.[89]\d* instead of 1; .*probability/.test(counterexample!.message),
  );
  assert(Number(counterexample!.distance) > 1);
  assertEquals(statistics!.test, "variance");
  assertEquals(entry(report, "noise/independent").verdict, "not judged");
});

Deno.test("noise that stays on at the noise scale 0 is named, and nothing else is blamed", async () => {
  const report = await run(ruleSampler(ruleOf(defectOf("noise-scale-ignored")!), { noise: "own" }));
  assertEquals(
    report.clauses.filter((c) => c.verdict === "violated").map((c) => c.id),
    ["noise/scale"],
  );
  assert(entry(report, "noise/scale").counterexample!.message.includes("the noise stays on"));
});

const fresh = ["noise/fresh-each-call"];

Deno.test("a generator that is reseeded in every call is named", async () => {
  const report = await run(withGenerator(() => normalDraws(7)), fresh);
  assertEquals(entry(report, fresh[0]!).verdict, "violated");
  assert(entry(report, fresh[0]!).counterexample!.message.includes("reseeded in every call"));
});

Deno.test("generators of steps that are seeded one after the other repeat draws of the next call", async () => {
  const byStep = ({ seed, initial, axes }: Call) => {
    let drawn = 0, draw = normalDraws(seed);
    return () => {
      const step = drawn++ / (initial.length * axes);
      if (Number.isInteger(step)) draw = normalDraws(seed + step);
      return draw();
    };
  };
  const report = await run(withGenerator(byStep), fresh);
  assertEquals(entry(report, fresh[0]!).verdict, "violated");
  assert(entry(report, fresh[0]!).counterexample!.message.includes("one step on"));
});

Deno.test("a generator of the sampler's own that goes on drawing conforms, and is told about its seed", async () => {
  const shared = normalDraws(7);
  const report = await run(withGenerator(() => shared), fresh);
  assertEquals([report.verdict, report.remarks.length], ["conforms", 1]);
  assert(report.remarks[0]!.includes("does not follow from call.seed"));
  const perSampler = new Map<number, () => number>();
  const fixed = await run(
    withGenerator((_, prepared) => {
      if (!perSampler.has(prepared)) perSampler.set(prepared, normalDraws(7));
      return perSampler.get(prepared)!;
    }),
    fresh,
  );
  assertEquals([fixed.verdict, fixed.remarks.length], ["conforms", 1]);
  assert(fixed.remarks[0]!.includes("repeats its noise whenever it is prepared"));
});

/** Hides the questions to the network, as a sampler does that evaluates the formula by itself. */
function hidden(rule = officialRule): Sampler {
  const inner = ruleSampler(rule, { noise: "own" });
  return {
    ...inner,
    reveals: "final-actions",
    async prepare(settings) {
      const sample = await inner.prepare(settings);
      return async (call) => {
        const silent = {
          ...call.network,
          gradient: () => call.initial.map((row) => row.map(() => 0)),
        };
        // Every energy that is put to it here is flat or known to be so.
        const network = call.network.energy === "0*a1" ? silent : call.network;
        const result = await sample({ ...call, network } as Call);
        return result.final;
      };
    },
  };
}

sweep("a sampler that reveals its final actions alone is judged by their law", async () => {
  const report = await run(hidden());
  assertEquals(report.verdict, "conforms");
  const held = report.clauses.filter((c) => c.verdict === "holds").map((c) => c.id);
  const wanted = [...noiseClauses.map((c) => c.id as string), "step/exact"];
  assertEquals(held.toSorted(), wanted.toSorted());
  const wrong = await run(hidden(ruleOf(defectOf("textbook-noise")!)));
  assertEquals(
    wrong.clauses.filter((c) => c.verdict === "violated").map((c) => c.id),
    ["noise/step-size"],
  );
});

sweep(
  "of final actions alone the size of the noise is judged, and no clause on single steps",
  async () => {
    const report = await run(hidden(), ["noise/scale", "drift/half"]);
    assertEquals([report.verdict, entry(report, "noise/scale").verdict], ["incomplete", "holds"]);
    assert(entry(report, "drift/half").reason!.includes("final actions"));
  },
);

Deno.test("a sampler that contradicts itself about its noise is refused", () => {
  for (
    const wrong of [{ noise: "both", unsupported: ["noise-tape"] }, { noise: "mine" }, {
      reveals: "all",
    }]
  ) {
    let message = "";
    try {
      observe({ ...ruleSampler(), ...wrong } as Sampler);
    } catch (error) {
      message = (error as Error).message;
    }
    assert(/found (noise|reveals): /.test(message), message);
  }
});
