import { assert, assertEquals } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import type { Target } from "../../spec/sampler.ts";
import { defectOf, samplerWith } from "../defects/defects.ts";
import { judge } from "./judge.ts";

/** A target of one interval for all axes; the boxes that it was given in spite of that. */
function scalar(bug?: string) {
  const others = new Set<string>();
  const inner = observe(samplerWith(bug === undefined ? {} : defectOf(bug)!.change));
  const target: Target = {
    ...inner,
    bounds: "scalar",
    prepare(settings) {
      const { min, max } = settings.bounds;
      if (new Set(min).size > 1 || new Set(max).size > 1) others.add(JSON.stringify({ min, max }));
      return inner.prepare(settings);
    },
  };
  return { target, others };
}

Deno.test("a sampler of one interval for all axes is given no other box, and its report says so", async () => {
  const { target, others } = scalar();
  const report = await judge(target);
  assertEquals([...others], []);
  assertEquals(report.verdict, "conforms");
  assert(report.remarks.some((remark) => remark.includes('bounds = "scalar"')));
  const verdictOf = (id: string) => report.clauses.find((clause) => clause.id === id)?.verdict;
  assertEquals(verdictOf("delta-clip/per-axis"), "unsupported");
  assertEquals(verdictOf("delta-clip/scaled-by-range"), "holds");
});

for (const bug of ["delta-clip-missing", "delta-clip-full-range", "half-missing"]) {
  Deno.test(`a sampler of one interval with the bug ${bug} is found out`, async () => {
    const { target, others } = scalar(bug);
    assertEquals((await judge(target)).verdict, "violates");
    assertEquals([...others], []);
  });
}
