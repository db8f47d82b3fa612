import { assert, assertEquals } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import { featureCount, type Problem } from "../../../spec/problem.ts";
import type { CompiledFor, PreparedTarget, Target } from "../../../spec/sampler.ts";
import { defectOf, samplerWith } from "../../defects/defects.ts";
import { fewOf, isWhole, lightClauses, lightRun, sweep } from "../../fixtures/sweep.ts";
import { seenWhole } from "../../report/summary.ts";
import { judge, judgeWithin } from "../judge.ts";
import type { JudgeOptions } from "../options.ts";

/** A target that is said to be compiled; how often it would have been. */
function compiled(compiles: CompiledFor, bug?: string, noise: "tape" | "own" = "tape") {
  const keys = new Set<string>();
  const change = bug === undefined ? {} : defectOf(bug)!.change;
  const inner = observe(samplerWith(change, { name: "compiled", noise }));
  const key = (problem: Problem) => {
    const { groups, samples, axes, settings } = problem;
    const shape = [groups, samples, axes, featureCount(problem), settings.steps];
    return JSON.stringify(compiles === "shapes" ? shape : [shape, settings]);
  };
  const target: Target = {
    ...inner,
    compiles,
    async prepare(settings) {
      const prepared = await inner.prepare(settings);
      return {
        sample(problem) {
          keys.add(key(problem));
          return prepared.sample(problem);
        },
      };
    },
  };
  return { target, keys };
}

/** A target that is compiled for settings is judged by whole steps. */
const brief: JudgeOptions = { ...lightRun, clauses: [...lightClauses, "step/exact"] };

for (
  const [compiles, most, noise] of [
    ["shapes", 8, "tape"],
    ["shapes", 8, "own"],
    ["settings", 25, "tape"],
  ] as const
) {
  const name = `${compiles}${noise === "own" ? ", with its own noise," : ""}`;
  Deno.test(`a sampler that is compiled for ${name} is compiled ${most} times at most`, async () => {
    const { target, keys } = compiled(compiles, undefined, noise);
    const report = await judge(target, isWhole ? {} : brief);
    assertEquals(report.verdict, "conforms");
    assert(keys.size <= most, `${keys.size} compilations`);
    const every = compiles === "shapes" ? "every shape" : "every shape and every setting";
    const remark = report.remarks.find((remark) => remark.includes(`is compiled for ${every}, so`));
    assert(remark?.includes("axes 1, 2, 3"), "says what is left");
  });

  if (noise === "own") continue;
  for (
    const id of fewOf([
      "delta-clip-missing",
      "half-missing",
      "gradient-leaks-between-rows",
      "observations-tiled",
    ], 1)
  ) {
    Deno.test(`a sampler compiled for ${compiles} with the bug ${id} is found out`, async () => {
      const { target } = compiled(compiles, id);
      const report = await judge(
        target,
        isWhole ? { diagnosis: "none" } : compiles === "shapes" ? lightRun : brief,
      );
      assertEquals(report.verdict, "violates");
    });
  }
}

const brokenBy = async (target: Target, clauses: readonly string[]) =>
  (await judge(target, { ...brief, clauses })).clauses
    .filter(({ verdict }) => verdict === "violated").map(({ id }) => id);

for (
  const [id, clause] of [
    ["one-step-not-a-number", "schedule/one-step"],
    ["caller-overwritten", "start/caller-unchanged"],
    ["grad-norm-euclidean", "chain/grad-norms"],
    ["gradient-accumulates-over-calls", "state/second-call"],
  ] as const
) {
  Deno.test(`${id} breaks ${clause} where a sampler is compiled for settings, too`, async () => {
    const { target } = compiled("settings", id);
    assertEquals(await brokenBy(target, ["step/exact", clause]), [clause]);
  });
}

Deno.test("code that was compiled for another noise scale is something kept of other samplers", async () => {
  const { target } = compiled("settings"), stale = new Map<string, PreparedTarget>();
  const cached: Target = {
    ...target,
    async prepare(settings) {
      const { noiseScale: _, ...rest } = settings, key = JSON.stringify(rest);
      const prepared = stale.get(key) ?? await target.prepare(settings);
      stale.set(key, prepared);
      return prepared;
    },
  };
  const anew = () => Promise.resolve({ target, close: () => Promise.resolve([]) });
  const { clauses } = await judgeWithin(cached, {
    profile: "quick",
    clauses: ["step/exact", "state/second-call"],
  }, {
    anew,
  });
  const broken = clauses.filter(({ verdict }) => verdict === "violated").map(({ id }) => id);
  assertEquals(broken.includes("state/second-call"), true, `${broken}`);
});

Deno.test("a delta clip of 0 that is taken for none given is seen where a sampler is compiled for settings", async () => {
  const { target } = compiled("settings");
  const slip: Target = {
    ...target,
    prepare: ({ deltaClip, ...rest }) => target.prepare({ ...rest, deltaClip: deltaClip || 0.1 }),
  };
  assertEquals(await brokenBy(slip, ["step/exact"]), ["step/exact"]);
});

Deno.test("a report says how many clauses were judged by whole steps alone", async () => {
  const { target } = compiled("settings");
  const report = await judge(target, {
    ...brief,
    clauses: ["step/exact", "drift/half", "bounds/within"],
  });
  assertEquals(report.verdict, "conforms");
  assertEquals(seenWhole(report), "2 others were judged by whole steps in few settings alone");
});

for (
  const [bug, noise, most] of [
    [undefined, "own", 25],
    ["half-missing", "tape", 35],
    ["half-missing", "own", 25],
    ["noise-root-of-step", "own", 25],
  ] as const
) {
  const name = `${bug ?? "a correct sampler"} with ${noise === "own" ? "its own noise" : "a tape"}`;
  sweep(`${name}, compiled for settings, is judged and named in ${most} compilations`, async () => {
    const { target, keys } = compiled("settings", bug, noise);
    const report = await judge(target, isWhole ? {} : { profile: "quick", golden: [] });
    assert(keys.size <= most, `${keys.size} compilations`);
    assertEquals(report.verdict, bug === undefined ? "conforms" : "violates");
    assertEquals(report.diagnosis?.defects.map(({ id }) => id), bug === undefined ? [] : [bug]);
    // What is wrong with the drift is not the noise's fault.
    const accused = report.clauses.filter(({ id, verdict }) =>
      verdict === "violated" && id.startsWith("noise/")
    );
    assertEquals(accused.length, bug === "noise-root-of-step" ? 1 : 0);
  }, bug === "half-missing" && noise === "own");
}

Deno.test("a thorough run compiles as often as it takes", async () => {
  const { target, keys } = compiled("shapes");
  await judge(target, { profile: "thorough", clauses: ["drift/own-axis"], diagnosis: "none" });
  assert(keys.size > 8, `${keys.size} compilations`);
});
