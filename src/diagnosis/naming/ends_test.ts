import { assert, assertEquals, assertMatch } from "@std/assert";
import { stepSizes } from "../../../spec/rule.ts";
import { observe } from "../../../spec/observe.ts";
import type { Sampler } from "../../../spec/sampler.ts";
import { type Change, defectOf, samplerWith } from "../../defects/defects.ts";
import { isWhole, sweep } from "../../fixtures/sweep.ts";
import { judge } from "../../run/judge.ts";
import { diagnose, measure } from "../diagnose.ts";
import { ladder } from "../experiments/probes.ts";
import { climb, stepsOn } from "../terms/step_ladder.ts";

const hidden = (change: Change, noise: "tape" | "own" = "tape") =>
  observe({ ...samplerWith(change, { noise }), reveals: "final-actions" });

const measured = async (change: Change, noise?: "own") =>
  (await measure(hidden(change, noise)))!.terms;

const deviating = (terms: Awaited<ReturnType<typeof measured>>) =>
  terms.filter(({ deviates }) => deviates).map(({ name, text }) => `${name} ${text}`);

/** What is named of returned actions alone, with the marks. */
async function told(...faults: readonly (string | Change)[]) {
  const changes = faults.map((one) => typeof one === "string" ? defectOf(one)!.change : one);
  const { defects, measured, unexplained } = await diagnose(hidden(Object.assign({}, ...changes)));
  return {
    names: defects.map(({ id, title }) => id ?? title).toSorted(),
    certain: defects.every(({ certain }) => certain),
    marks: deviating(measured!.terms),
    unexplained,
  };
}

Deno.test("of returned actions alone the rule is measured right", async () => {
  assertEquals(deviating(await measured({})), []);
  assertEquals(deviating(await measured({}, "own")), []);
});

sweep("three bugs in returned actions alone are named, and marked in their own terms", async () => {
  const found = await told("half-missing", "schedule-over-n", "bounds-at-the-end");
  assertEquals(found.names, ["bounds-at-the-end", "half-missing", "schedule-over-n"]);
  assert(found.certain);
  assertEquals(found.marks, [
    "drift 1.000·∇E",
    "bounds , bounds at the end",
    "schedule η: 0.250, 0.136, 0.0663, 0.0306, 0.0175",
  ]);
});

sweep("what chains remember is told beside what single steps show", async () => {
  const found = await told("momentum", "noise-halved", "delta-clip-unscaled");
  assertEquals(found.names, ["delta-clip-unscaled", "momentum", "noise-halved"]);
});

sweep("a limit that no formula gives has no figure", async () => {
  const odd = { limit: "c / 2 * sqrt(hi - lo) * (1 + abs(lo))" };
  const found = await told(odd, "half-missing");
  assertEquals([found.names, found.certain], [["half-missing"], false]);
  assertEquals(found.marks, ["drift 1.000·∇E"]);
  assertMatch(found.unexplained!, /the returned action of row \d+, axis \d+ is/);
});

sweep("drift and noise that are both too small are no other step sizes", async () => {
  const change = { drift: "0.1 * gt", noise: "0.204 * sigma * xi" };
  assertEquals(deviating(await measured(change)), ["drift 0.100·∇E", "noise 0.204·σξ"]);
  const [drift, noise, ...rest] = await measured(change, "own");
  assertEquals([drift!.text, rest.some(({ deviates }) => deviates)], ["0.100·∇E", false]);
  assert(/^\(0\.20\d+ ± 0\.00\d+\)·σξ$/.test(noise!.text), noise!.text);
});

Deno.test("step sizes of any kind are read off a ladder of a slope that suits them", async () => {
  for (const factor of [0.02, 1, 8]) {
    const steps = await climb(hidden({ drift: `${factor / 2} * gt` }));
    const asked = stepSizes(ladder.settings.schedule, ladder.settings.steps);
    assertEquals(steps.length, asked.length);
    asked.forEach((eta, k) => assert(Math.abs(2 * steps[k]! / factor - eta) < 1e-3 * eta));
  }
  const terms = await measured({ polynomial: "init / (k + 1)" });
  assertEquals(deviating(terms), ["schedule η: 0.250, 0.125, 0.0833, 0.0625, 0.0500"]);
  assertEquals(terms[1]!.text, "1.000·σξ");
});

Deno.test("what is no sum of the same steps has no step sizes", async () => {
  for (const change of [{ drift: "(gt + a) / 2" }, { gradient: "sin(g)" }]) {
    assertEquals(await climb(hidden(change)), []);
  }
  assertEquals((await measured({ gradient: "sin(g)" }))[0]!.text, "(not measured)·∇E");
  assertEquals(stepsOn(ladder, ladder.initial), []);
});

sweep(
  "a chain of one step that fails is replaced by one whose second step has no size",
  async () => {
    const found = await told("one-step-throws", "half-missing");
    assertEquals(found.names, ["half-missing", "one-step-throws"]);
  },
);

Deno.test("noise is told by its law in step size and noise scale", async () => {
  const noise = async (change: Change) => (await measured(change))[1]!.text;
  assertEquals(await noise({ noise: "xi" }), "1.000·ξ");
  assertEquals(await noise({ step: "eta * drift + 0.3 * sqrt(eta) * noise" }), "0.300·√η_k·σξ");
  assertEquals(await noise({ noise: "sigma * xi * (hi - lo) / 2" }), "1.000·σξ·½·range");
});

sweep("a sampler whose one fault is a number is judged by its returned actions", async () => {
  for (const noise of ["tape", "own"] as const) {
    const report = await judge(hidden({ drift: "0.2 * gt" }, noise), {
      golden: [],
      profile: "quick",
    });
    assertEquals(report.verdict, "violates");
    if (report.verdict === "not run") continue;
    assertEquals(report.diagnosis?.measuredRule?.terms[0]?.text, "0.200·∇E");
  }
});

Deno.test("a sampler that fails on long chains alone has no other step sizes", async () => {
  const sampler: Sampler = {
    ...samplerWith({}),
    // Where steps are seen, too, it takes a third of the time.
    ...(isWhole ? { reveals: "final-actions" } : { unsupported: ["apply-exp", "grad-clip"] }),
  };
  const target = observe({
    ...sampler,
    async prepare(settings) {
      if (settings.steps > 30) throw new Error("too many steps");
      return await sampler.prepare(settings);
    },
  });
  const { defects, unexplained } = await diagnose(target);
  assertEquals(defects, []);
  assertMatch(unexplained!, /In a chain of 100 steps .* the sampler fails$/);
});
