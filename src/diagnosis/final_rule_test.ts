import { assert, assertEquals } from "@std/assert";
import { type Change, samplerWith } from "../defects/defects.ts";
import { observe } from "../../spec/observe.ts";
import { stepSizes } from "../../spec/rule.ts";
import { judge } from "../run/judge.ts";
import { measureFinal } from "./final_rule.ts";
import { ladder } from "./probes.ts";
import { climb, stepsOn } from "./step_ladder.ts";

const hidden = (change: Change, noise: "tape" | "own" = "tape") =>
  observe({ ...samplerWith(change, { noise }), reveals: "final-actions" });

const measured = async (change: Change, noise?: "own") =>
  (await measureFinal(hidden(change, noise)))!.terms;

const deviating = (terms: Awaited<ReturnType<typeof measured>>) =>
  terms.filter(({ deviates }) => deviates).map(({ name, text }) => `${name} ${text}`);

Deno.test("of returned actions alone the rule is measured right", async () => {
  assertEquals(deviating(await measured({})), []);
  assertEquals(deviating(await measured({}, "own")), []);
});

Deno.test("drift and noise that are both too small are no other step sizes", async () => {
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

Deno.test("a chain that climbs the energy comes down on the ladder that leads the other way", async () => {
  assertEquals(deviating(await measured({ drift: "-gt / 2" })), ["drift −0.500·∇E"]);
});

Deno.test("what is no sum of the same steps has no step sizes", async () => {
  for (
    const change of [{ drift: "(gt + a) / 2" }, { drift: "gt / 2 + 0.125" }, {
      gradient: "tanh(g)",
    }]
  ) {
    assertEquals(await climb(hidden(change)), []);
    const terms = await measured(change);
    assertEquals(deviating(terms), []);
    assertEquals(terms[0]!.text, "(not measured)·∇E");
  }
  assertEquals(stepsOn(ladder, ladder.initial), []);
});

Deno.test("noise is told by its law in step size and noise scale", async () => {
  const noise = async (change: Change) => (await measured(change))[1]!.text;
  assertEquals(await noise({ noise: "xi" }), "1.000·ξ");
  assertEquals(await noise({ step: "eta * drift + 0.3 * sqrt(eta) * noise" }), "0.300·√η_k·σξ");
  assertEquals(await noise({ noise: "sigma * xi * (hi - lo) / 2" }), "1.000·½·range·σξ");
});

Deno.test("a sampler whose one fault is a number is judged by its returned actions", async () => {
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
