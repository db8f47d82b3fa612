import { assert, assertEquals } from "@std/assert";
import { clauses } from "../spec/clauses.ts";
import { stalePages } from "./generate.ts";
import { rulePage } from "./rule_page.ts";

Deno.test("every generated page is current", async () => {
  assertEquals(await stalePages(), [], "run deno task docs");
});

Deno.test("the rule page has every clause with its sentence, once", () => {
  const page = rulePage();
  for (const clause of clauses) {
    assertEquals(
      page.split(`### <a id="${clause.id.replace("/", "-")}"></a>`).length,
      2,
      clause.id,
    );
    assert(page.includes(clause.sentence));
  }
});

Deno.test("links inside the rule page lead somewhere", () => {
  const page = rulePage();
  for (const [, target] of page.matchAll(/\]\(#([^)]+)\)/g)) {
    assert(page.includes(`<a id="${target}"></a>`), target);
  }
});
