/** Samplers that follow the rule in styles of their own conform, in every language, whatever the seed. */

import { assert, assertEquals } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import { correctSamplers } from "../fixtures/correct_samplers.ts";
import { judgedHere } from "../fixtures/judged_here.ts";
import { testNeeding } from "../fixtures/needing.ts";
import { fewOf, isWhole, lightRun } from "../fixtures/sweep.ts";
import { unusualSamplers } from "../fixtures/unusual_samplers.ts";
import type { Report } from "../report/report.ts";
import { judge } from "./judge.ts";

const all = [...correctSamplers, ...unusualSamplers];
const seeds = isWhole ? [1, 2, 3] : [1];

/** The clauses that are violated; what is not judged in the quick run is no violation. */
function accused({ verdict, clauses, fault }: Report): readonly string[] {
  if (verdict === "not run") return [`${fault?.found}, wanted ${fault?.wanted}`];
  const violated = clauses.filter((clause) => clause.verdict === "violated").map(({ id }) => id);
  return violated.length === 0 && verdict !== "conforms" ? [verdict] : violated;
}

Deno.test("there are samplers of sixty styles and more, each with a name of its own", () => {
  const names = new Set(all.map(({ name }) => name));
  assert(names.size >= 60 && names.size === all.length, `${names.size}`);
});

for (const sampler of [...fewOf(correctSamplers, 5), ...fewOf(unusualSamplers, 4)]) {
  Deno.test(`a correct sampler conforms: ${sampler.name}`, async () => {
    for (const seed of seeds) {
      assertEquals(accused(await judge(observe(sampler), { ...lightRun, seed })), [], `${seed}`);
    }
  });
}

const python = Deno.env.get("ULASPEC_PYTHON");
const file = new URL("../fixtures/correct_samplers.py", import.meta.url).pathname;
const adapter = new URL("../targets/python/", import.meta.url).pathname;

/** The names of the styles in Python, with their frameworks. */
async function stylesIn(program: string): Promise<readonly string[]> {
  const { stdout } = await new Deno.Command(program, {
    args: [file],
    env: { PYTHONPATH: adapter },
  }).output();
  return new TextDecoder().decode(stdout).trim().split("\n").map((line) => line.split(" ")[1]!);
}

testNeeding(
  "deno task test:all, and ULASPEC_PYTHON with PyTorch, JAX and TensorFlow",
  isWhole ? python : undefined,
  "correct samplers in Python conform, in every framework",
  async (program) => {
    for (const name of await stylesIn(program)) {
      for (const seed of seeds) {
        const command = ["env", `PYTHONPATH=${adapter}`, program, file, name];
        assertEquals(accused(await judgedHere(command, { seed })), [], `${name}, ${seed}`);
      }
    }
  },
);
