import { assert, assertEquals } from "@std/assert";
import { defectOf, ruleOf } from "../defects/defects.ts";
import { type Change, ruleWith } from "../defects/change.ts";
import { fewOf } from "../fixtures/sweep.ts";
import { observe } from "../../spec/observe.ts";
import { officialRule, ruleSampler } from "../../spec/rule.ts";
import { diagnosisOf } from "../diagnosis/diagnosis.ts";
import { diagnosisLines, primeWords } from "./diagnosis_words.ts";
import type { DiagnosisReport } from "./report.ts";

const style = { color: false, width: 100 };

async function linesOf(id: string, width = 100): Promise<string[]> {
  const target = observe(ruleSampler(ruleOf(defectOf(id)!)));
  return diagnosisLines(await diagnosisOf(target, "violates"), 19, { ...style, width });
}

Deno.test("the bug is named with its fix, and the deviating term is marked under the rule", async () => {
  assertEquals(await linesOf("delta-clip-unscaled"), [
    "  bug              The limit is the delta clip itself, whatever the range (delta-clip-unscaled)",
    "  fix              Multiply the delta clip by half the range of each axis.",
    "  seen in          ColinKohler's mcmc.py and a public PyTorch port",
    "  measured rule    a ← clip(a − clip(η_k·(0.500·∇E + 1.000·σξ), ±1.000·c), bounds)",
    "                                                                ^^^^^^^^ the rule: ±1.000·c·½·range",
    "                   η: 0.250 → 0.0195, polynomial, power 3.00",
  ]);
});

Deno.test("the deviating term is marked where the rule takes two lines", async () => {
  const lines = await linesOf("delta-clip-unscaled", 76);
  const at = lines.findIndex((line) => line.includes("^^^^^^^^"));
  assert(lines[at - 1]!.includes("±1.000·c"), lines.join("\n"));
  assertEquals(lines[at]!.indexOf("^"), lines[at - 1]!.indexOf("±1.000·c"));
  assert(lines[at]!.includes("the rule: ±1.000·c·½·range"));
});

Deno.test("a missing term is said to be missing", async () => {
  const lines = await linesOf("delta-clip-missing");
  assert(lines.includes("                   no limit; the rule: ±1.000·c·½·range"));
});

Deno.test("step sizes that deviate stand beside those of the rule", async () => {
  const text = (await linesOf("schedule-linear")).join(" ").replace(/\s+/g, " ");
  assert(text.includes("power 1.00; the rule: η: 0.250 → 0.0195, polynomial, power 3.00"));
});

Deno.test("no line is wider than the page", async () => {
  for (const id of ["textbook-noise", "gradient-accumulates-over-steps", "half-missing"]) {
    for (const line of await linesOf(id, 72)) assert(line.length <= 72, line);
  }
});

Deno.test("a sampler that conforms gets the measured rule alone", async () => {
  const diagnosis = await diagnosisOf(observe(ruleSampler(officialRule)), "conforms");
  assertEquals(diagnosisLines(diagnosis, 19, style), [
    "  measured rule    a ← clip(a − clip(η_k·(0.500·∇E + 1.000·σξ), ±1.000·c·½·range), bounds)",
    "                   η: 0.250 → 0.0195, polynomial, power 3.00",
  ]);
});

Deno.test("what is not certain says so, with its alternatives", () => {
  const diagnosis: DiagnosisReport = {
    view: "points and tape",
    defects: [{
      id: "one",
      title: "This",
      fix: "Mend it.",
      certain: false,
      alternatives: [{ id: "two", title: "That" }],
    }, { id: null, title: "A number", fix: "Use another.", certain: true }],
    unexplained: "The rest",
  };
  assertEquals(diagnosisLines(diagnosis, 19, style), [
    "  bug 1            This (one), perhaps",
    "                   or: That (two)",
    "  fix              Mend it.",
    "  bug 2            A number",
    "  fix              Use another.",
    "  unexplained      The rest.",
  ]);
});

Deno.test("a sign with a prime is explained where it is used", async () => {
  const lines = await linesOf("gradient-times-range");
  assert(lines.some((line) => line.includes("0.500·∇E′")));
  assert(lines.includes("                   ∇E′ is the gradient with the bug in it"));
});

Deno.test("a gradient that is not used is none, whatever stands in its place", async () => {
  const lines = (await linesOf("drift-missing")).join("\n");
  assert(lines.includes("η_k·(0·∇E + 1.000·σξ)") && !lines.includes("′"), lines);
});

Deno.test("a prime is told as the bug that changes the gradient, not as its factor", async () => {
  const others: readonly Change[] = [
    { observations: "of-next-group" },
    defectOf("gradient-times-range")!.change,
  ];
  for (const other of fewOf(others, 1)) {
    const target = observe(ruleSampler(ruleWith(defectOf("half-missing")!.change, other)));
    const { defects, ...rest } = (await diagnosisOf(target, "violates"))!;
    for (const order of [defects, defects.toReversed()]) {
      const at = order.findIndex(({ id }) => id !== "half-missing") + 1;
      const words = primeWords({ ...rest, defects: order });
      assertEquals(words, [`∇E′ is the gradient with bug ${at} in it`]);
    }
  }
});

Deno.test("no mark stands between two halves of a rule, whatever the width", async () => {
  const target = observe(
    ruleSampler(
      ruleOf({ change: { drift: "where(row - 1.5, 2, 1) * gt / 2", result: "a - move" } }),
    ),
  );
  const diagnosis = await diagnosisOf(target, "violates");
  for (const width of [80, 120]) {
    const lines = diagnosisLines(diagnosis, 19, { ...style, width });
    const first = lines.findIndex((line) => line.includes("a ← "));
    const last = lines.findIndex((line) => line.includes("without bounds"));
    const marks = lines.flatMap((line, at) => line.includes("^") ? [at] : []);
    assert(marks.every((at) => at > last), lines.join("\n"));
    assert(first <= last);
    const terms = lines.slice(last).join(" ").replace(/\s+/g, " ");
    assert(terms.includes("from row 2 on)·∇E; the rule: 0.500·∇E") || marks.length > 0, terms);
  }
});
