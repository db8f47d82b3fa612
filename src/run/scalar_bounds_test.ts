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

Deno.test("the rule of a sampler of one interval is measured, but for what differs by axis", async () => {
  const { target, others } = scalar();
  const { diagnosis, remarks } = await judge(target, { profile: "quick" });
  assertEquals([...others], []);
  const terms = diagnosis!.measuredRule!.terms;
  assertEquals(terms.filter(({ value }) => value?.kind === "not measured"), []);
  assertEquals(terms.filter(({ deviates }) => deviates), []);
  assert(remarks.some((words) => words.includes("from axis to axis was not measured")));
});

for (const bug of ["delta-clip-missing", "delta-clip-full-range", "half-missing"]) {
  Deno.test(`a sampler of one interval with the bug ${bug} is found out, and the bug is named`, async () => {
    const { target, others } = scalar(bug);
    const { verdict, diagnosis } = await judge(target, { profile: "quick" });
    assertEquals(verdict, "violates");
    assertEquals(diagnosis?.defects.map(({ id, certain }) => [id, certain]), [[bug, true]]);
    assertEquals([...others], []);
  });
}

Deno.test("of two bugs that no equal sides tell apart neither is certain", async () => {
  const { target } = scalar("bounds-symmetric");
  const [named] = (await judge(target, { profile: "quick" })).diagnosis!.defects;
  assertEquals([named!.certain, named!.alternatives?.length], [false, 1]);
});
