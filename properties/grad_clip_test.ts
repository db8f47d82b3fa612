import { assertEquals } from "@std/assert";
import { judge } from "../src/run/judge.ts";
import { observe } from "../spec/observe.ts";
import { type Parts, ported } from "../src/fixtures/ported.ts";
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

Deno.test("a drift that is wrong without a gradient clip, too, is not blamed on the clip", async () => {
  const clauses = ["grad-clip/elementwise"];
  const step: Parts["step"] = (g, xi, { eta, sigma, gradClip, row, rows, axes }) => {
    const clipped = gradClip === null ? g : Math.min(Math.max(g, -gradClip), gradClip);
    const isLastOfEight = rows * axes % 8 === 0 && row === rows - 1;
    return eta * ((isLastOfEight ? clipped : clipped / 2) + sigma * xi);
  };
  const options = { profile: "quick", diagnosis: "none", clauses } as const;
  const report = await judge(observe(ported({ step })), options);
  const broken = report.clauses.filter(({ verdict }) => verdict === "violated");
  assertEquals(broken.map(({ id }) => id), ["step/exact"]);
  const differing = broken[0]!.counterexample!.ledger.find(({ differs }) => differs);
  assertEquals(differing?.term, "step");
});
