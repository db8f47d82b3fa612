import { assert, assertEquals } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import { type Answer, ruleSampler } from "../../spec/rule.ts";
import { fewOf } from "../fixtures/sweep.ts";
import { untruths } from "../fixtures/truth.ts";
import { nameOf, planted, unknownFaults } from "../fixtures/unknown_faults.ts";
import { diagnosisOf } from "./diagnosis.ts";

/** Faults of every term, of state and of rows that mix. */
const sample = fewOf(unknownFaults.filter((_, j) => j % 12 === 4), 1);

Deno.test("beside an unknown fault known ones are named, and no other for certain", async () => {
  let named = 0;
  for (const fault of sample) {
    const given = planted(fault, 2, 3);
    const target = observe(ruleSampler(given.rule, { name: nameOf(given) }));
    const diagnosis = (await diagnosisOf(target, "violates"))!;
    const wrong = untruths(diagnosis, given).filter((text) => text.endsWith("is certain"));
    assertEquals(wrong, [], nameOf(given));
    const names = diagnosis.defects.flatMap(({ id, alternatives = [] }) => [
      id,
      ...alternatives.map((other) => other.id),
    ]);
    named += given.known.filter(({ id }) => names.includes(id)).length;
  }
  assert(named >= sample.length, `${named} of ${2 * sample.length}`);
});

Deno.test("where only what is returned is off, the steps are not said to remember anything", async () => {
  const inner = ruleSampler();
  const target = observe({
    ...inner,
    unsupported: ["chain-actions", "chain-outputs", "chain-grad-norms"],
    prepare: async (settings) => {
      const sample = await inner.prepare(settings);
      return async (call) => {
        const { chain: { actions } } = await sample(call) as Answer;
        const last = actions.at(-1)!, before = actions.at(-3) ?? last;
        return last.map((row, r) => row.map((x, i) => 0.75 * x + 0.25 * before[r]![i]!));
      };
    },
  });
  const { influences = [], defects } = (await diagnosisOf(target, "violates"))!;
  assertEquals(influences.map(({ on }) => on), ["returned action"]);
  assertEquals(defects, []);
});
