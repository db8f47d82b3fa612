import { assertEquals } from "@std/assert";
import { clauses as judged } from "../properties/clauses.ts";
import { clauseOf, clauses } from "./catalogue.ts";

Deno.test("a user sees what clauses say, and nothing of how they are judged", () => {
  assertEquals(clauses.map(({ id }) => id), judged.map(({ id }) => id));
  for (const clause of clauses) {
    assertEquals(JSON.parse(JSON.stringify(clause)), clause);
    assertEquals(Object.keys(clause).filter((key) => key === "problems" || key === "noise"), []);
    assertEquals(clauseOf(clause.id), clause);
  }
});
