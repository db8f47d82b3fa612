import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { officialRule } from "../spec/rule.ts";
import { ruleNamed } from "../spec/rules/family.ts";
import { clauses, clausesOf } from "./clauses.ts";

const idsOf = (name: string) => clausesOf(ruleNamed(name)).map(({ id }): string => id);

Deno.test("the official rule has every clause, as it stands", () => {
  assertStrictEquals(clausesOf(officialRule), clauses);
});

Deno.test("a clause that a rule has no term for is not part of it", () => {
  const plain = idsOf("ula");
  for (const group of ["delta-clip/", "bounds/", "golden/", "apply-exp/"]) {
    assert(!plain.some((id) => id.startsWith(group)), group);
  }
  assert(!plain.includes("noise/scale") && idsOf("ula+temperature").includes("noise/scale"));
  assert(!plain.includes("schedule/polynomial"));
  assert(idsOf("ula+box").includes("bounds/within"));
  assertEquals(idsOf("ibc-squared").length, clauses.length - 1);
});

Deno.test("a clause of a rule has the formula and the source of that rule", () => {
  const half = clausesOf(ruleNamed("ula")).find(({ id }) => id === "drift/half")!;
  assertEquals(half.formula, "gt");
  assert(half.sentence.includes("sqrt(2 * eta)"));
  assert(half.source.includes("Tweedie"));
});

Deno.test("the foundations of a rule's clauses stand in their order", () => {
  const ids = idsOf("sgld+temperature");
  for (const { id, buildsOn } of clausesOf(ruleNamed("sgld+temperature"))) {
    for (const below of buildsOn) {
      if (ids.includes(below)) assert(ids.indexOf(below) < ids.indexOf(id), `${below}, ${id}`);
    }
  }
});
