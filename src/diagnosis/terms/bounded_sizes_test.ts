import { assertEquals } from "@std/assert";
import { defectOf } from "../../defects/defects.ts";
import { observe } from "../../../spec/observe.ts";
import { officialRule } from "../../../spec/rule.ts";
import { type Change, samplerWith } from "../../defects/change.ts";
import { fewOf } from "../../fixtures/sweep.ts";
import { diagnose } from "../diagnose.ts";

const changeOf = (id: string) => defectOf(id)!.change;

/** A change whose step sizes stay on one side of a number. */
function bounded(formula: "max" | "min", bound: number | string, beneath: Change = {}): Change {
  const parts = ["polynomial", "polynomialFirst", "singleStep"] as const;
  return Object.fromEntries(
    parts.map((part) => [part, `${formula}(${beneath[part] ?? officialRule[part]}, ${bound})`]),
  );
}

Deno.test("step sizes that stay above or below a number are told, beside other bugs", async () => {
  const overN = changeOf("schedule-over-n"), late = changeOf("noise-after-delta-clip");
  const half = changeOf("half-missing");
  const cases: readonly (readonly [Change, readonly string[]])[] = [
    [
      { ...late, ...bounded("max", 0.01, overN) },
      ["schedule-over-n", "The step size is never below 0.01", "noise-after-delta-clip"],
    ],
    [{ ...half, ...bounded("max", "0.1 * init") }, [
      "half-missing",
      "The step size is never below 0.1 times the initial one",
    ]],
    [{ ...half, ...bounded("min", 0.05) }, [
      "half-missing",
      "The step size is never above 0.05",
    ]],
  ];
  for (const [change, wanted] of fewOf(cases, 1)) {
    const target = observe({
      ...samplerWith(change),
      unsupported: ["exponential-schedule", "apply-exp"],
    });
    const { defects: found, measured } = await diagnose(target);
    const names = found.map(({ id, title }) => id ?? title);
    assertEquals(names.toSorted(), wanted.toSorted());
    assertEquals(found.filter(({ certain }) => !certain), []);
    const bound = wanted.find((name) => name.includes("never"))!;
    assertEquals(measured!.schedule.split(";")[0]!.includes(bound.slice(17)), true);
  }
});
