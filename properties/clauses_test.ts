import { assert, assertEquals, assertThrows } from "@std/assert";
import * as applyExp from "./apply_exp.ts";
import * as bounds from "./bounds.ts";
import * as chain from "./chain.ts";
import { type Clause, clauseOf, clauses, foundationsFirst, foundationsOf } from "./clauses.ts";
import * as deltaClip from "./delta_clip.ts";
import * as drift from "./drift.ts";
import * as energy from "./descent.ts";
import * as golden from "./golden.ts";
import * as gradClip from "./grad_clip.ts";
import * as noise from "./noise.ts";
import * as result from "./result.ts";
import * as rows from "./rows.ts";
import * as schedule from "./schedule.ts";
import * as start from "./start.ts";
import * as state from "./state.ts";
import * as step from "./whole_step.ts";
import * as steps from "./steps.ts";
import { parseRuleFormula } from "../spec/compiled_rule.ts";
import { ruleSymbols } from "../spec/rule.ts";
import { features } from "../spec/sampler.ts";

const groups: readonly Readonly<Record<string, unknown>>[] = [
  applyExp,
  bounds,
  chain,
  deltaClip,
  drift,
  energy,
  golden,
  gradClip,
  noise,
  result,
  rows,
  schedule,
  start,
  state,
  step,
  steps,
];

Deno.test("clause ids are words, unique, and every clause is a sentence", () => {
  assertEquals(new Set(clauses.map((c) => c.id)).size, clauses.length);
  for (const clause of clauses) {
    assert(/^[a-z-]+\/[a-z-]+$/.test(clause.id), clause.id);
    assert(/^[A-Z“].*\.$/.test(clause.sentence), clause.sentence);
  }
});

Deno.test("every clause that a group exports is one of the rule, and no other", () => {
  const exported = groups.flatMap((group) =>
    Object.values(group).flatMap((value) =>
      typeof value === "object" && value !== null && "sentence" in value ? [value] : []
    )
  );
  assertEquals(new Set(exported), new Set<object>(clauses));
});

Deno.test("every clause is judged on problems, by the law of noise, or by the traces", () => {
  const judged = ({ id, problems, noise }: Clause) =>
    problems !== undefined || noise !== undefined || id === "golden/traces";
  assertEquals(clauses.filter((clause) => !judged(clause)).map(({ id }) => id), []);
});

Deno.test("foundations, and what makes a clause sharper, come before the clause", () => {
  const seen = new Set<string>();
  for (const { id, buildsOn, sharperWith = [] } of clauses) {
    for (const before of [...buildsOn, ...sharperWith]) {
      assert(seen.has(before), `${id}: ${before}`);
    }
    seen.add(id);
  }
});

Deno.test("every clause names the smallest set of foundations", () => {
  for (const { id, buildsOn } of clauses) {
    for (const one of buildsOn) {
      const others = buildsOn.filter((other) => other !== one);
      const implied = others.find((other) => (foundationsOf(other) as string[]).includes(one));
      assertEquals(implied, undefined, `${id} needs not name ${one}`);
    }
  }
});

Deno.test("what makes a clause sharper is none of its foundations, which hold anyway", () => {
  for (const { id, sharperWith = [] } of clauses) {
    const foundations: readonly string[] = foundationsOf(id);
    assertEquals(sharperWith.filter((other) => foundations.includes(other)), [], id);
  }
});

Deno.test("foundations of foundations are foundations, in the order of the clauses", () => {
  assertEquals(foundationsOf("drift/current-point"), ["steps/count", "start/initial-actions"]);
  assertEquals(foundationsOf("delta-clip/limits-step"), [
    "steps/count",
    "steps/precision",
    "start/initial-actions",
    "drift/current-point",
    "result/last-point",
  ]);
  assertEquals(foundationsOf("constructor"), []);
});

const statement = (id: string, ...buildsOn: string[]) => ({
  id,
  buildsOn,
  level: "must" as const,
  sentence: "It holds.",
  why: "It's a test.",
  source: "a test",
});

Deno.test("statements are sorted after what they need, and otherwise stay where they were", () => {
  const sorted = foundationsFirst([
    statement("d", "b"),
    statement("a"),
    { ...statement("c", "a"), sharperWith: ["e"] },
    statement("b"),
    statement("e"),
  ]);
  assertEquals(sorted.map(({ id }) => id), ["b", "d", "a", "e", "c"]);
});

Deno.test("statements that need themselves, or something unknown, have no order", () => {
  const circle = [statement("a", "b"), { ...statement("b"), sharperWith: ["a"] }];
  assertThrows(() => foundationsFirst(circle), RangeError, "needs itself");
  assertThrows(() => foundationsFirst([statement("a", "z")]), RangeError, "a needs z");
});

Deno.test("optional clauses name the feature that they need", () => {
  for (const clause of clauses) {
    if (clause.level === "may") assert(clause.feature !== undefined, clause.id);
    if (clause.feature) assert(clause.feature in features);
  }
});

Deno.test("formulas of clauses that are executed parse as formulas of the rule", () => {
  for (const clause of clauses) {
    if (clause.formula) parseRuleFormula(clause.formula, ruleSymbols);
  }
});

Deno.test("a clause is found by its id only", () => {
  assertEquals(clauseOf("delta-clip/per-axis")?.term, "limit");
  assertEquals(clauseOf("constructor"), undefined);
});
