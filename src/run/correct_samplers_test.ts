/** Samplers that follow the rule in styles of their own conform; a sample of them, all in turn by name. */

import { assert, assertEquals } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import { correctSamplers } from "../fixtures/correct_samplers.ts";
import { lightRun } from "../fixtures/sweep.ts";
import { judge } from "./judge.ts";

const wanted = [
  "a target point that is limited afterwards",
  "float32 with a fused last product",
  "axes of draws turned round",
  "a look ahead at every step",
  "a rate that is multiplied on",
];

Deno.test("there are samplers of many styles, each with a name of its own", () => {
  const names = new Set(correctSamplers.map(({ name }) => name));
  assert(names.size >= 45 && names.size === correctSamplers.length);
});

for (const name of wanted) {
  Deno.test(`a correct sampler conforms: ${name}`, async () => {
    const sampler = correctSamplers.find((one) => one.name === name)!;
    const report = await judge(observe(sampler), lightRun);
    const violated = report.clauses.filter(({ verdict }) => verdict === "violated");
    assertEquals([report.verdict, violated.map(({ id }) => id)], ["conforms", []]);
  });
}
