/** What is wrong with some rows only, or with the precision of draws, is told by a clause that fits. */

import { assertEquals, assertMatch } from "@std/assert";
import { clauses } from "../../properties/clauses.ts";
import type { Rows } from "../../spec/problem.ts";
import { observe } from "../../spec/observe.ts";
import type { Sampler } from "../../spec/sampler.ts";
import { few, loop, plainly, stepped } from "../fixtures/correct_samplers.ts";
import { judge } from "./judge.ts";

async function violatedBy(style: Omit<Sampler, "name">) {
  const report = await judge(observe({ name: "a style", ...style }), {
    profile: "quick",
    diagnosis: "none",
    golden: [],
    clauses: clauses.map(({ id }) => id).filter((id) => !id.startsWith("energy/")),
  });
  return report.clauses.filter(({ verdict }) => verdict === "violated")
    .map(({ id, counterexample }) => [id, counterexample?.message ?? ""] as const);
}

for (const size of [8, 12]) {
  Deno.test(`rows that are left over of blocks of ${size} do not move, and that is told`, async () => {
    const [[id, message] = ["", ""], ...others] = await violatedBy({
      networkReturns: "energy",
      unsupported: few,
      prepare: (s) => ({ initial, network, noise }) => {
        const whole = Math.max(size, initial.length - initial.length % size);
        let x: Rows = initial;
        for (let k = 0; k < s.steps; k++) {
          const next = stepped(s, k, x, network.gradient(x), noise.draw(), plainly);
          x = next.map((row, r) => r < whole ? row : initial[r]!);
        }
        return x;
      },
    });
    assertEquals([id, others], ["drift/own-row", []]);
    assertMatch(message, /does not move; alone it moves to/);
  });
}

Deno.test("draws in half precision break the clause on precision", async () => {
  const half = (x: number) => {
    const unit = x === 0 ? 1 : 2 ** (Math.floor(Math.log2(Math.abs(x))) - 10);
    return Math.round(x / unit) * unit;
  };
  const found = await violatedBy(loop({
    draws: ({ noise }) => () => noise.draw().map((row) => row.map(half)),
  }));
  assertEquals(found.map(([id]) => id), ["steps/precision"]);
  assertMatch(found[0]![1], /The noise of step \d+, row \d+, axis \d+ is .* in half precision/);
});
