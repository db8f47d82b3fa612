import { assert, assertEquals, assertMatch } from "@std/assert";
import { calmSettings, normalTape, problemOf } from "../../properties/arbitraries.ts";
import { ruleSampler } from "../../spec/rule.ts";
import { observe } from "../../spec/observe.ts";
import { run } from "../fixtures/command_line.ts";
import type { Report } from "../report/report.ts";
import { attributeDraws } from "../run/calibration/draw_layout.ts";
import { testWith } from "../fixtures/frameworks.ts";
import { openProcess } from "./process.ts";

const script = decodeURIComponent(new URL("../fixtures/draw_styles.py", import.meta.url).pathname);
const python = Deno.env.get("ULASPEC_PYTHON");
const reference = observe(ruleSampler());

/** Judges a style by the clauses of the noise and by the step as a whole. */
async function judged(framework: string, style: string): Promise<Report> {
  const clauses = ["--clause", "noise", "--clause", "step"];
  const options = ["--format", "json", "--profile", "quick", "--timeout", "120", ...clauses];
  const { out, err } = await run("check", ...options, "--", python!, script, framework, style);
  assert(out !== "", err);
  return JSON.parse(out) as Report;
}

/** How a style draws, and how far its target then ends from the rule on two problems. */
async function attributed(framework: string, style: string) {
  await using opened = await openProcess([python!, script, framework, style], { timeout: 120 });
  const { target, attribution, remark } = await attributeDraws(opened);
  if (target.unsupported.has("noise-tape")) return { attribution, remark, apart: 0 };
  let apart = 0;
  for (const [steps, samples, axes] of [[4, 3, 2], [5, 2, 3]] as const) {
    const problem = problemOf({
      energy: "a1^2 + 0.5*a2*o1",
      settings: calmSettings(axes, { steps, noiseScale: 1 }),
      groups: 2,
      samples,
      observations: [[0.5], [-1]],
      initial: Array.from({ length: 2 * samples }, (_, r) => Array(axes).fill(r / 8)),
      noise: { kind: "tape", draws: normalTape(1, steps, 2 * samples, axes) },
    });
    const ends: number[][] = [];
    for (const sampler of [target, reference]) {
      ends.push((await (await sampler.prepare(problem.settings)).sample(problem)).final.flat());
    }
    apart = Math.max(apart, ...ends[0]!.map((x, c) => Math.abs(x - ends[1]![c]!)));
  }
  return { attribution, remark, apart };
}

/** Styles, and what the report remarks of them first: nothing in the plain order. */
const conforming: Record<string, Record<string, RegExp | null>> = {
  torch: {
    "law by law": null,
    "columns": /steps × axes × groups × samples/,
    "columns, stacked": /in another order/,
    "axes first at once": /axes × steps × groups × samples/,
    "double buffer": null,
    "vmap": null,
    "integer mean": null,
    "in double": null,
    "shuffled": /judged by the law of its noise.* because/,
  },
  numpy: {
    "one by one": null,
    "columns": /in another order/,
    "in Fortran order": /in another order/,
    "spare": /with some draws that no step uses/,
    "gauss": /it takes none of those that ulaspec supplies/,
  },
  jax: {
    "rows first": /groups × samples × steps × axes/,
    "from the end": /the last of the steps first/,
  },
};

/** What the quick run tries of the framework that loads at once. */
const quick = ["numpy columns", "numpy gauss"];

for (const [framework, styles] of Object.entries(conforming)) {
  for (const [style, words] of Object.entries(styles)) {
    testWith(framework, `${framework} noise is matched to the steps: ${style}`, async () => {
      const { attribution, remark, apart } = await attributed(framework, style);
      if (words === null) assertEquals([attribution.kind, remark], ["plain", undefined]);
      else assertMatch(remark!, words);
      assert(apart < 1e-5, `${apart}`);
    }, quick.includes(`${framework} ${style}`));
  }
}

for (const [framework, style] of [["torch", "columns"], ["numpy", "spare"], ["numpy", "gauss"]]) {
  testWith(framework!, `${framework} noise drawn like this conforms: ${style}`, async () => {
    const report = await judged(framework!, style!);
    assertEquals(report.verdict, "conforms", JSON.stringify([report.fault, report.clauses]));
    assertMatch(report.remarks[0]!, conforming[framework!]![style!]!);
  });
}

for (
  const [framework, style] of [
    ["torch", "antithetic"],
    ["torch", "shared by axes"],
    ["numpy", "mean of two"],
  ] as const
) {
  testWith(framework, `${framework} noise has no draw for each coordinate: ${style}`, async () => {
    assertEquals((await attributed(framework, style)).attribution.kind, "not one to one");
  });
}

testWith("numpy", "numpy noise that is the mean of two draws violates a clause", async () => {
  assertEquals((await judged("numpy", "mean of two")).verdict, "violates");
});
