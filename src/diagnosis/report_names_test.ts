import { assertEquals } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import { type Change, samplerWith } from "../defects/defects.ts";
import { fewOf } from "../fixtures/sweep.ts";
import { diagnose } from "./diagnose.ts";

const cases: readonly (readonly [Change, readonly string[]])[] = [
  [{
    reportedOutputs: "that of the row as far from the end",
    reportedNorm: "half of what it should be",
  }, [
    "The reported gradient norm of a row is half of what it should be",
    "The reported output of a row is that of the row as far from the end",
  ]],
  [{ reportedOutputs: "one array", drift: "gt" }, [
    "Every reported output is that of the last step: one array is reported for all of them",
    "half-missing",
  ]],
  [{ reportedNorm: "that of the step before, and its own in the first step", limit: "c" }, [
    "The reported gradient norm of a row is that of the step before, and its own in the first step",
    "delta-clip-unscaled",
  ]],
];
for (const [change, names] of fewOf(cases, 1)) {
  Deno.test(`what is reported in the place of other numbers is named: ${names[0]}`, async () => {
    const { defects, unexplained } = await diagnose(observe(samplerWith(change)), {
      violated: [],
    });
    assertEquals(unexplained, undefined);
    assertEquals(defects.map(({ id, title }) => id ?? title).toSorted(), names);
    assertEquals(defects.filter(({ certain }) => !certain), []);
  });
}
