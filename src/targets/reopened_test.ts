import { assertEquals, assertRejects } from "@std/assert";
import { calmProblem } from "../../properties/arbitraries.ts";
import { TargetFault } from "../../spec/sampler.ts";
import { prepared, shell } from "../fixtures/shell_target.ts";
import { openProcess } from "./process.ts";
import { reopened } from "./reopened.ts";

Deno.test("a target whose process ends is started anew for the next sampler", async () => {
  let starts = 0;
  const { target, close } = await reopened(
    () => (starts++, openProcess(shell(`${prepared}; exit 3`))),
  );
  const problem = calmProblem({ energy: [1], initial: [[0]] });
  for (const _ of [1, 2]) {
    const sampler = await target.prepare(problem.settings);
    await assertRejects(() => sampler.sample(problem), TargetFault, "code 3");
  }
  assertEquals(starts, 2);
  await close();
});
