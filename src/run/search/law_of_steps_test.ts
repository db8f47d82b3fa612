import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { normalDraws } from "../../../spec/numerics/random.ts";
import { observe } from "../../../spec/observe.ts";
import { askedRule } from "../../../spec/rules/family.ts";
import type { Sampler } from "../../../spec/sampler.ts";
import { sweep } from "../../fixtures/sweep.ts";
import { judge } from "../judge.ts";

/** Unadjusted Langevin with noise of its own, which may look aside once in a chain. */
function langevin({ looksAside }: { readonly looksAside: boolean }): Sampler {
  return {
    name: "langevin",
    networkReturns: "energy",
    noise: "own",
    unsupported: ["chain-actions", "chain-outputs", "chain-grad-norms"],
    prepare: ({ steps, schedule: { init } }) => ({ initial, network, seed }) => {
      const draw = normalDraws(seed);
      let actions = initial;
      for (let k = 0; k < steps; k++) {
        const gradient = network.gradient(actions);
        actions = actions.map((row, r) =>
          row.map((a, i) => a - init * gradient[r]![i]! + Math.sqrt(2 * init) * draw())
        );
        if (looksAside && steps > 1 && k === 0) {
          network.gradient(actions.map((row) => row.map((a) => a + 0.125)));
        }
      }
      return actions;
    },
  };
}

const judged = (sampler: Sampler) =>
  judge(observe(sampler), { profile: "quick", rule: askedRule("ula"), diagnosis: "none" });

Deno.test("a chain whose noise nothing silences is judged by the law of its steps", async () => {
  const { verdict, coverage } = await judged(langevin({ looksAside: false }));
  assertEquals(verdict, "conforms");
  assert(coverage !== undefined);
});

sweep(
  "where looks aside can't be told from a chain amid noise, nothing is said of it",
  async () => {
    const { verdict, clauses, coverage } = await judged(langevin({ looksAside: true }));
    assertEquals([verdict, coverage], ["not run", undefined]);
    const whole = clauses.find(({ id }) => id === "step/exact");
    assertStringIncludes(whole!.reason!, "asks for gradients at other points");
  },
);
