import { assertEquals, assertMatch } from "@std/assert";
import { drawing, rule, type Style } from "../../fixtures/drawing_samplers.ts";
import { diagnosisOf } from "../diagnosis.ts";
import { apart, bothShown } from "../figures/figures.ts";
import { defectOf, ruleOf } from "../../defects/defects.ts";
import { officialRule } from "../../../spec/rule.ts";
import { probes } from "../experiments/probes.ts";
import { simulate } from "../experiments/simulate.ts";
import { unexplainedWords } from "./unexplained_words.ts";

Deno.test("two numbers are told with the digits that show their distance", () => {
  assertEquals([apart(1.5, 2), apart(2, 1.5)], ["1.5", "2"]);
  assertEquals([apart(-1.215, -1.21484375), apart(-1.21484375, -1.215)], ["-1.215", "-1.21484"]);
  assertEquals([apart(0.1, 0.1), apart(NaN, 1)], ["0.1", "NaN"]);
  assertEquals(bothShown(-0.12500001, -0.125), ["−0.12500001", "−0.125"]);
});

Deno.test("what a sampler does not show is no number that differs", async () => {
  const alternating: Style = ({ steps, rows, axes, take }) => {
    const numbers = take(steps * rows * axes);
    return (k, r, i) => (-1) ** k * numbers[(k * rows + r) * axes + i]!;
  };
  const target = drawing(alternating, undefined, { ...rule, reveals: "final-actions" });
  const { unexplained = "" } = (await diagnosisOf(target, "violates"))!;
  assertMatch(unexplained, /the returned action of row/);
});

Deno.test("what is reported beside a chain that is explained is left to the clause on reports", () => {
  const [sink] = probes, late = ruleOf(defectOf("outputs-after-step")!);
  const seen = (clause: string, by = late) =>
    simulate(by, { ...sink!, name: `clause ${clause}` }, "energy");
  const left = (...unexplained: ReturnType<typeof seen>[]) =>
    unexplainedWords(
      { rule: officialRule, isNamed: true, unexplained, open: [] },
      "energy",
      true,
    ).unexplainedClauses;
  assertEquals(left(seen("drift/half"), seen("chain/outputs")), ["chain/outputs"]);
  assertEquals(left(seen("drift/half")), ["drift/half"]);
  const halved = seen("drift/half", ruleOf(defectOf("half-missing")!));
  assertEquals(left(halved, seen("chain/outputs")), ["drift/half", "chain/outputs"]);
});
