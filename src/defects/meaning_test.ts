import { assert, assertEquals } from "@std/assert";
import { officialRule } from "../../spec/rule.ts";
import { family, ruleNamed } from "../../spec/rules/family.ts";
import { defects } from "./defects.ts";
import { hasMeaning } from "./meaning.ts";

Deno.test("every defect has a meaning for the official rule", () => {
  assertEquals(defects.filter((defect) => !hasMeaning(defect, officialRule)), []);
});

for (const { name, options = {} } of family) {
  Deno.test(`sixty defects at least have a meaning for ${name}`, () => {
    const rule = ruleNamed([name, ...Object.keys(options)].join("+"));
    assert(defects.filter((defect) => hasMeaning(defect, rule)).length >= 60);
  });
}

Deno.test("what a rule has not can't be wrong in it", () => {
  const known = (id: string) => hasMeaning(defects.find((d) => d.id === id)!, ruleNamed("ula"));
  assertEquals(
    ["delta-clip-missing", "noise-times-range", "half-missing", "half-twice"].map(known),
    [false, false, false, true],
  );
});
