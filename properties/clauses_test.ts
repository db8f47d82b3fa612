import { assert, assertEquals } from "@std/assert";
import { type Clause, clauseOf, clauses } from "./clauses.ts";
import { parseRuleFormula } from "../spec/compiled_rule.ts";
import { features } from "../spec/sampler.ts";

const all: readonly Clause[] = clauses;

Deno.test("clause ids are words, unique, and every clause is a sentence", () => {
  assertEquals(new Set(all.map((c) => c.id)).size, all.length);
  for (const clause of all) {
    assert(/^[a-z-]+\/[a-z-]+$/.test(clause.id), clause.id);
    assert(/^[A-Z“].*\.$/.test(clause.sentence), clause.sentence);
  }
});

Deno.test("foundations come before what is built on them", () => {
  const seen = new Set<string>();
  for (const clause of all) {
    for (const id of clause.buildsOn) assert(seen.has(id), `${clause.id} builds on ${id}`);
    seen.add(clause.id);
  }
});

Deno.test("optional clauses name the feature that they need", () => {
  for (const clause of all) {
    if (clause.level === "may") assert(clause.feature !== undefined, clause.id);
    if (clause.feature) assert(clause.feature in features);
  }
});

Deno.test("formulas of clauses that are executed parse as formulas of the rule", () => {
  for (const clause of all) {
    if (clause.formula) parseRuleFormula(clause.formula);
  }
});

Deno.test("a clause is found by its id only", () => {
  assertEquals(clauseOf("delta-clip/per-axis")?.term, "limit");
  assertEquals(clauseOf("constructor"), undefined);
});
