import { assert, assertEquals, assertMatch } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import { ruleSampler } from "../../../spec/rule.ts";
import { type Change, defectOf, ruleWith } from "../../defects/defects.ts";
import { sweep } from "../../fixtures/sweep.ts";
import { diagnose, type Diagnosis } from "../diagnose.ts";

/** The diagnosis of a sampler with known defects, by their ids, and with changes of other kinds. */
async function of(...faults: readonly (string | Change)[]): Promise<Diagnosis> {
  const changes = faults.map((fault) =>
    typeof fault === "string" ? defectOf(fault)!.change : fault
  );
  return await diagnose(observe(ruleSampler(ruleWith(...changes))));
}

const namesOf = ({ defects }: Diagnosis) => defects.map(({ id, title }) => id ?? title).toSorted();
const marksOf = ({ measured }: Diagnosis) =>
  measured!.terms.filter(({ deviates }) => deviates).map(({ name }) => name);

Deno.test("five defects of five terms get five names, all certain", async () => {
  const ids = [
    "bounds-scalar",
    "delta-clip-unscaled",
    "half-missing",
    "noise-root-of-step",
    "schedule-linear",
  ];
  const found = await of(...ids);
  assertEquals(namesOf(found), ids);
  assert(found.defects.every(({ certain }) => certain));
  assertEquals(marksOf(found), ["drift", "noise", "limit", "bounds", "schedule"]);
});

Deno.test("a drift that no formula gives spoils no name beside it, and none is certain", async () => {
  const found = await of("delta-clip-unscaled", "noise-halved", "bounds-scalar", {
    drift: "gt / 2 + gt ^ 2 / 10",
  });
  assertEquals(namesOf(found), ["bounds-scalar", "delta-clip-unscaled", "noise-halved"]);
  assert(found.defects.every(({ certain }) => !certain));
  assert(found.influences.some(({ on }) => on === "size of the gradient"));
  assertEquals(found.measured!.terms[0]!.value?.kind, "not measured");
  assertEquals(marksOf(found), ["noise", "limit", "bounds"]);
});

Deno.test("weight decay is found with its coefficient, and nothing else deviates", async () => {
  const found = await of({ drift: "gt / 2 + 0.125 * a" });
  assertEquals(namesOf(found), ["0.25 times the action is added to the gradient"]);
  const [influence] = found.influences;
  assertEquals(influence!.on, "action");
  assert(Math.abs(influence!.coefficient! - 0.25) <= influence!.error!);
  assertEquals(marksOf(found), ["drift"]);
});

sweep("momentum of any size and a centred gradient are told with their figures", async () => {
  const kept = await of("noise-halved", { drift: "0.625 * driftBefore + gt / 2" });
  assertEquals(namesOf(kept), ["0.625 of the last drift is kept", "noise-halved"]);
  const centred = await of({
    gradient: "g - gBatch",
    gradientOfExp: "exp(-E) * (g - gBatch)",
  });
  assertMatch(centred.influences[0]!.text, /^Rows mix: −1 ± /);
  assertEquals(marksOf(centred), ["drift"]);
});

sweep("a step size of no known kind is one finding: a table", async () => {
  const found = await of("half-missing", { polynomial: "init * (2 + sin(3 * k)) / 3" });
  assertEquals(found.defects.length, 2);
  assert(namesOf(found).some((name) => name.startsWith("The step sizes are 0.25, 0.178, 0.143")));
  assertEquals(marksOf(found), ["drift", "schedule"]);
});

sweep("what depends on a setting is told setting by setting", async () => {
  const [scale] = (await of({ noise: "floor(sigma) * xi" })).defects;
  assertMatch(scale!.title, /: 0 for σ = 0\.5.*σ = 0\.75.*; 1 for σ = 2/);
  const capped = await of({ limit: "min(c, 0.1) / 2 * (hi - lo)" });
  assertEquals(namesOf(capped), ["The delta clip counts as at most 0.1"]);
  const holding = await of({
    polynomial: "where(k - 9.5, (init - final) * (1 - k / (N - 1)) ^ power + final, init)",
  });
  assertEquals(holding.defects.map(({ id }) => id), [null]);
});

Deno.test("a sampler that does not move is said not to move", async () => {
  const found = await of("update-lost");
  assertEquals(namesOf(found), ["update-lost"]);
  assertMatch(found.influences[0]!.text, /^Nothing moves/);
  assertEquals(found.measured!.text, "a ← a − (0·∇E + 0·σξ)");
});

sweep("two equal calls that differ are told as randomness or as memory", async () => {
  const sampler = ruleSampler();
  const random = await diagnose(observe({
    ...sampler,
    prepare: (settings) => {
      const sample = sampler.prepare(settings);
      return (call) => sample(call).final.map((row) => row.map((a) => a + 0.01 * Math.random()));
    },
  }));
  assertEquals(random.influences.map(({ on }) => on), ["randomness"]);
  let calls = 0;
  const kept = await diagnose(observe({
    ...sampler,
    prepare: (settings) => {
      const sample = sampler.prepare(settings);
      calls = 0;
      return (call) => {
        const more = calls++ * 0.01;
        return sample(call).final.map((row) => row.map((a) => a + more));
      };
    },
  }));
  assertEquals(kept.influences[0]!.on, "earlier call");
  assert(kept.defects.every(({ certain }) => !certain));
});

sweep(
  "beside a fault that nothing explains, what shows step by step and in reports is named",
  async () => {
    // The last step of a chain is half as long as it should be, in noise and drift.
    const late = { step: "where(N - 1.5 - k, 1, 0.5) * eta * (drift + noise) + a / 4096" };
    const found = await of(
      late,
      "delta-clip-first-axis",
      "grad-norm-euclidean",
      "bounds-upper-only",
    );
    assert(found.unexplained !== undefined);
    assertEquals(namesOf(found), [
      "bounds-upper-only",
      "delta-clip-first-axis",
      "grad-norm-euclidean",
    ]);
    assert(found.defects.every(({ certain }) => !certain));
  },
);

sweep("a pull to the start hides neither the schedule nor the limit", async () => {
  const pulled = { drift: "gt / 2 + (a - a0) / 4" };
  const found = await of(pulled, "schedule-linear", "delta-clip-off-centre");
  assertEquals(namesOf(found), [
    "0.5 times the action and −0.5 times the first action are added to the gradient",
    "delta-clip-off-centre",
    "schedule-linear",
  ]);
  assert(marksOf(found).includes("schedule"));
});

sweep("figures of some settings are not certain where others were seen", async () => {
  const found = await of({ noise: "sigma * xi / (1 + (N - 3) ^ 2 / 7)" });
  assertEquals(found.defects.map(({ id, certain }) => [id, certain]), [[null, false]]);
});

Deno.test("a limit that is another axis' in one box alone is not said to be that of the axis", async () => {
  const wide = "where(axes - 4.5, c / 2 * 1.75, c / 2 * (hi - lo))";
  const { influences, defects } = await of({ limit: wide });
  assertEquals(influences.filter(({ text }) => /by the range of axis/.test(text)), []);
  assertEquals(defects, []);
});

sweep("where some axes are limited, no missing limit is suspected", async () => {
  const some = "where(2.5 - axis, 1e9, c / 2 * (hi - lo))";
  const { defects } = await of({ limit: some });
  assertEquals(defects.filter(({ id }) => id === "delta-clip-missing"), []);
});

Deno.test("an axis that goes by the range of another one is told so, and the limit has no figure", async () => {
  const rule = ruleWith(defectOf("half-missing")!.change);
  const odd: typeof rule = {
    ...rule,
    loop: () => ({
      ...rule.loop(),
      move(run, asked) {
        const { min, max } = run.settings.bounds, { deltaClip } = run.settings;
        return rule.loop().move(run, asked).map((row, r) =>
          row.map((terms, i) => {
            const j = Math.min(i, 1), limit = deltaClip / 2 * (max[j]! - min[j]!);
            const clippedStep = Math.min(Math.max(terms.step, -limit), limit);
            const to = asked.from[r]![i]! - clippedStep;
            return {
              ...terms,
              limit,
              clippedStep,
              result: Math.min(Math.max(to, min[i]!), max[i]!),
            };
          })
        );
      },
    }),
  };
  const found = await diagnose(observe(ruleSampler(odd)));
  assertEquals(namesOf(found), ["half-missing"]);
  assert(found.influences.some(({ text }) => text === "Axis 2 is limited by the range of axis 1"));
  assertEquals(found.measured!.terms[2]!.value?.kind, "not measured");
});

sweep(
  "chains that end early where the energy is flat are told, and their noise is no other",
  async () => {
    const found = await of("stops-early");
    assertEquals(namesOf(found), ["stops-early"]);
    assertEquals(found.measured!.terms[1]!.deviates, false);
    assertMatch(found.influences[0]!.text, /no slope a chain of 5 steps ends after 1 question /);
  },
);

sweep("a factor that drift and noise share is one of the step size", async () => {
  const found = await of({ drift: "1.5 * gt / 2", noise: "1.5 * sigma * xi" });
  assertEquals(namesOf(found), ["The step size is 1.5 times what is asked for"]);
  assertEquals(marksOf(found), ["schedule"]);
});

sweep("where nothing moves, that is named, and so is what is reported beside it", async () => {
  const found = await of("gradient-mean-over-axes", "outputs-without-exp", "update-lost");
  assertEquals(namesOf(found), ["gradient-mean-over-axes", "outputs-without-exp", "update-lost"]);
});

sweep("chains that end early are told beside faults that hide the terms", async () => {
  const faults = ["noise-shared-by-rows", "stops-early", "gradient-accumulates-over-steps"];
  assertEquals(namesOf(await of(...faults)), [...faults].sort());
});

Deno.test("where the settings of the first preparation hold, other faults are named beside that", async () => {
  const found = await of("settings-of-first-preparation", "half-missing");
  assertEquals(namesOf(found), ["half-missing", "settings-of-first-preparation"]);
  assert(found.defects.every(({ certain }) => certain));
});

Deno.test("draws that count from the second step on are no gradient of the step before", async () => {
  const found = await of("gradient-mean-over-axes", "noise-not-first");
  assertEquals(namesOf(found), ["gradient-mean-over-axes", "noise-not-first"]);
});
