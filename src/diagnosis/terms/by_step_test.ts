import { assertAlmostEquals, assertEquals } from "@std/assert";
import { officialDefaults } from "../../../spec/problem.ts";
import { stepSizes } from "../../../spec/rule.ts";
import { ruleWith } from "../../defects/change.ts";
import { byStep } from "./by_step.ts";

Deno.test("steps in a row that agree stand once in the formula", () => {
  assertEquals(byStep(["2", "2", "2", "5", "5"]), "where(k - 2.5, 5, 2)");
});

Deno.test("a formula with a step size of its own for each of 2,000 steps is a formula of a rule", () => {
  const sizes = Array.from({ length: 2000 }, (_, k) => 1 / (k + 3));
  const rule = ruleWith({ polynomial: byStep(sizes.map(String)) });
  stepSizes(officialDefaults.schedule, 2000, rule).slice(1).forEach((eta, k) =>
    assertAlmostEquals(eta, sizes[k + 1]!, 1e-12)
  );
});
