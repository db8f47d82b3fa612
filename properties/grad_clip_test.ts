import { assertEquals } from "@std/assert";
import { judge } from "../src/run/judge.ts";
import { observe } from "../spec/observe.ts";
import { officialRule, ruleSampler } from "../spec/rule.ts";

Deno.test("a limit of gradients that nobody asked for is seen, however large it is", async () => {
  const clauses = ["grad-clip/none"];
  const verdictOf = async (noGradClip: string) => {
    const target = observe(ruleSampler({ ...officialRule, noGradClip }));
    return (await judge(target, { profile: "quick", diagnosis: "none", clauses })).verdict;
  };
  assertEquals(await verdictOf(officialRule.noGradClip), "conforms");
  for (const most of ["3", "250", "1e4", "3e6", "9e7"]) {
    assertEquals(await verdictOf(`min(max(g, -${most}), ${most})`), "violates", most);
  }
});
