import { assert, assertEquals } from "@std/assert";
import { defectOf, defects } from "../../src/defects/defects.ts";
import { fewOf, sweep } from "../../src/fixtures/sweep.ts";
import { problemFromText } from "../../src/report/page/seen_step.ts";
import { choices, settingsFields } from "./controls.ts";
import { judgement } from "./judging.ts";
import { runPairOf } from "./run_pair.ts";
import {
  energyFault,
  firstSetup,
  fromFragment,
  presets,
  problemOf,
  type Setup,
  toFragment,
} from "./setup.ts";
import { chainsAt, curves, groundOf } from "./stage.ts";
import { stepClock } from "./step_clock.ts";
import { ledgerHtml, toldWords, verdictHtml, verdictWords } from "./page_text.ts";

const unusual: Setup = {
  energy: "2*(a1 - 0.5)^2 + a1*a2",
  axes: 2,
  low: [-3, -0.5],
  high: [2, 1],
  steps: 40,
  schedule: "exponential",
  init: 0.5,
  final: 0.25,
  power: 3,
  decay: 0.9,
  noiseScale: 0,
  deltaClip: 0.5,
  gradClip: 0,
  applyExp: true,
  rows: 3,
  seed: 8,
  defect: "delta-clip-unscaled",
  step: 7,
  row: 2,
  stage: "smallest",
};

Deno.test("a link gives back the setup that it was made from", () => {
  for (const setup of [firstSetup, unusual, { ...firstSetup, axes: 1, low: [-2], high: [1] }]) {
    assertEquals(fromFragment(`#${toFragment(setup as Setup)}`), setup as Setup);
  }
  assertEquals(toFragment(firstSetup), "");
});

Deno.test("a link that makes no sense gives the first page", () => {
  const broken =
    "#steps=-4&init=much&low=5,5&high=-1,2&rows=1e9&step=x&gradClip=-1&axes=7&seed=&defect=unheard-of";
  assertEquals(fromFragment(broken), firstSetup);
});

Deno.test("every preset is an energy, and its chains differ under some defect", async () => {
  for (const { title: _, ...preset } of presets) {
    assertEquals(energyFault(preset.energy, preset.axes), null);
    const pair = await runPairOf(problemOf({ ...firstSetup, ...preset }), "half-missing");
    assertEquals(pair.differ, "yes", preset.energy);
  }
});

Deno.test("a faulty formula is told in the parser's words, with a caret", () => {
  const fault = energyFault("a1^2 + b", 1)!;
  assert(fault.includes("found"), fault);
  assertEquals(fault.split("\n").at(-1)!.indexOf("^"), fault.split("\n").at(-2)!.indexOf("b"));
});

Deno.test("without a defect both samplers walk alike, and as the rule says", async () => {
  const pair = await runPairOf(problemOf(firstSetup), null);
  assertEquals(pair.differ, "no");
  pair.fromThere.forEach((points, k) =>
    points.forEach((row, r) =>
      row.forEach((value, i) => assertEquals(pair.actual.points[k + 1]![r]![i], value))
    )
  );
});

Deno.test("every defect can be drawn, on the first page and with one step", async () => {
  for (const { id } of fewOf(defects, 20)) {
    for (const setup of [{ ...firstSetup, rows: 2, steps: 4 }, { ...firstSetup, steps: 1 }]) {
      const pair = await runPairOf(problemOf(setup), id);
      const ground = groundOf(pair, 0);
      const drawn = [0, 0.5, setup.steps].map((moment) =>
        chainsAt(pair, ground, "actual", moment, 0).markup
      ).join("") + curves([{ side: "actual", values: pair.actual.stepSizes }], 1).markup;
      assert(!/NaN|undefined|Infinity/.test(ground.drawn.markup + drawn), id);
      assert(!/undefined/.test(ledgerHtml(pair, 0, 0, true) + toldWords(pair, 1, 0)), id);
    }
  }
});

Deno.test("where chains hardly move, the picture is drawn near", async () => {
  const setup = { ...firstSetup, init: 1e-4, rows: 1, defect: "half-missing" };
  const pair = await runPairOf(problemOf(setup), setup.defect);
  const ground = groundOf(pair, 0);
  const [start, end] = [pair.actual.points[0]![0]!, pair.actual.points.at(-1)![0]!];
  assert(Math.abs(ground.plot.x(start[0]!) - ground.plot.x(end[0]!)) > 50);
});

Deno.test("chains play from the first frame on, whatever its time, and never backwards", () => {
  const clock = stepClock(100, () => false);
  assertEquals([5000, 5050, 5040, 5090].map(clock), [0, 0.5, 0, 0.5]);
  const whole = stepClock(100, () => true);
  assertEquals([0, 90, 120, 350].map(whole), [0, 0, 1, 2]);
});

Deno.test("the judge of the page names the clause, the diagnosis and the smallest problem", async () => {
  const report = await judgement({ defect: "delta-clip-missing" });
  assertEquals(verdictWords(report), "Violates delta-clip/limits-step");
  const page = verdictHtml(report, "delta-clip-missing");
  assert(page.includes("A step moves a coordinate by at most the limit"));
  assert(page.includes("The rule that it really follows"));
  assert(page.includes(defectOf("delta-clip-missing")!.fix.slice(0, 20)));
  const broken = report.clauses.find((clause) => clause.verdict === "violated")!;
  const pair = await runPairOf(
    problemFromText(broken.counterexample!.problem),
    "delta-clip-missing",
  );
  assertEquals(pair.differ, "yes");
});

sweep("the judge of the page finds that the rule itself conforms", async () => {
  const report = await judgement({ defect: null });
  assertEquals(report.verdict, "conforms");
  assert(!verdictHtml(report, null).includes('class="clause"'));
});

Deno.test("defects are found by words of their title, symptom or clause", () => {
  assertEquals(choices(""), defects);
  assert(choices("half miss").some(({ id }) => id === "half-missing"));
  assert(choices("DELTA-CLIP/PER-AXIS").length > 0);
  assertEquals(choices("no such words"), []);
});

Deno.test("a field reads what it shows, and refuses what makes no sense", () => {
  for (const setup of [firstSetup, unusual]) {
    for (const field of settingsFields(setup)) {
      const read = field.read(field.value)!;
      assertEquals({ ...setup, ...read }, setup, field.id);
      if (field.kind === "number") assertEquals(field.read("much"), null, field.id);
    }
  }
  const box = settingsFields(firstSetup).find(({ id }) => id === "box2")!;
  assertEquals(box.read("-2, 3"), { low: [-1, -2], high: [1, 3] });
  assertEquals(box.read("3, -2"), null);
});
