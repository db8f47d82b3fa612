import { assert, assertEquals } from "@std/assert";
import { normalDraws } from "../../spec/numerics/random.ts";
import { observe } from "../../spec/observe.ts";
import type { Sampler, Target } from "../../spec/sampler.ts";
import { defectOf, samplerWith } from "../defects/defects.ts";
import { loop } from "../fixtures/correct_samplers.ts";
import { fewOf, isWhole, lightRun } from "../fixtures/sweep.ts";
import { judge } from "./judge.ts";
import type { JudgeOptions } from "./options.ts";

/** A target of one interval for all axes; the boxes that it was given in spite of that. */
function scalar(bug?: string) {
  return scalarOf(samplerWith(bug === undefined ? {} : defectOf(bug)!.change));
}

function scalarOf(sampler: Sampler) {
  const others = new Set<string>();
  const inner = observe({ ...sampler, bounds: "scalar" });
  const target: Target = {
    ...inner,
    prepare(settings) {
      const { min, max } = settings.bounds;
      if (new Set(min).size > 1 || new Set(max).size > 1) others.add(JSON.stringify({ min, max }));
      return inner.prepare(settings);
    },
  };
  return { target, others };
}

const measuring: JudgeOptions = { ...lightRun, diagnosis: "full" };

Deno.test("a sampler of one interval for all axes is given no other box, and its report says so", async () => {
  const { target, others } = scalar();
  const report = await judge(target, isWhole ? {} : lightRun);
  assertEquals([...others], []);
  assertEquals(report.verdict, "conforms");
  assert(report.remarks.some((remark) => remark.includes('bounds = "scalar"')));
  const verdictOf = (id: string) => report.clauses.find((clause) => clause.id === id)?.verdict;
  assertEquals(verdictOf("delta-clip/per-axis"), "unsupported");
  assertEquals(verdictOf("delta-clip/scaled-by-range"), "holds");
});

Deno.test("the rule of a sampler of one interval is measured, but for what differs by axis", async () => {
  const { target, others } = scalar();
  const { diagnosis, remarks } = await judge(target, measuring);
  assertEquals([...others], []);
  const terms = diagnosis!.measuredRule!.terms;
  assertEquals(terms.filter(({ value }) => value?.kind === "not measured"), []);
  assertEquals(terms.filter(({ deviates }) => deviates), []);
  assert(remarks.some((words) => words.includes("from axis to axis was not measured")));
});

for (const bug of fewOf(["delta-clip-missing", "delta-clip-full-range", "half-missing"], 2)) {
  Deno.test(`a sampler of one interval with the bug ${bug} is found out, and the bug is named`, async () => {
    const { target, others } = scalar(bug);
    const { verdict, diagnosis } = await judge(target, measuring);
    assertEquals(verdict, "violates");
    assertEquals(diagnosis?.defects.map(({ id, certain }) => [id, certain]), [[bug, true]]);
    assert(diagnosis!.defects.every(({ fix }) => !fix.includes("of the axis")));
    assertEquals([...others], []);
  });
}

Deno.test("of two bugs that no equal sides tell apart neither is certain", async () => {
  const { target } = scalar("bounds-symmetric");
  const [named] = (await judge(target, measuring)).diagnosis!.defects;
  assertEquals([named!.certain, named!.alternatives?.length], [false, 1]);
});

/** How it is seen, and by which rule it is judged. */
const seen: Readonly<Record<string, Partial<Sampler>>> = {
  "draws its own noise": { noise: "own" },
  "draws its own noise and shows its final actions alone": {
    noise: "own",
    reveals: "final-actions",
  },
  "shows its final actions alone": { reveals: "final-actions" },
};

for (const [name, how] of fewOf(Object.entries(seen), 1)) {
  Deno.test(`a correct sampler of one interval conforms that ${name}`, async () => {
    const style = loop({
      draws: ({ noise, seed }) => {
        const draw = normalDraws(seed);
        return (_, x) => how.noise === "own" ? x.map((row) => row.map(draw)) : noise.draw();
      },
    }, how);
    const { target, others } = scalarOf({ name, ...style });
    const report = await judge(target, isWhole ? { diagnosis: "none" } : lightRun);
    assertEquals([report.verdict, [...others]], ["conforms", []]);
  });
}
