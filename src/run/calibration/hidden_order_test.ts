import { assert, assertEquals, assertMatch } from "@std/assert";
import { clauses as allClauses } from "../../../properties/clauses.ts";
import { observe } from "../../../spec/observe.ts";
import { ruleSampler } from "../../../spec/rule.ts";
import type { Target } from "../../../spec/sampler.ts";
import { defects, ruleOf } from "../../defects/defects.ts";
import {
  drawing,
  eachStep,
  plainTable,
  type Style,
  styles,
} from "../../fixtures/drawing_samplers.ts";
import { fewOf, isWhole, sweep } from "../../fixtures/sweep.ts";
import { reference } from "../../reference.ts";
import { attributeDraws } from "./draw_layout.ts";
import { judge } from "../judge.ts";

const hiding = (target: Target): Target => ({ ...target, reveals: "final-actions" });

const quick = { profile: "quick", diagnosis: "none" } as const;
const ofTheNoise = allClauses.map(({ id }) => id).filter((id) => id.startsWith("noise/"));

/** Orders of which the steps lie evenly between the first and the last. */
const uneven = /fixed disorder|two steps at a time|generator|in every call|half from the tape/;

Deno.test("final actions alone tell the order of draws, where it is the same from step to step", async () => {
  for (const [name, { kind, style, words }] of Object.entries(styles)) {
    if (uneven.test(name)) continue;
    const { attribution, remark } = await attributeDraws(hiding(drawing(style)));
    assertEquals(attribution.kind, kind, `${name}: ${remark}`);
    if (words) assertMatch(remark!, words);
  }
});

Deno.test("where final actions don't tell the order, the law of the noise is judged", async () => {
  for (const name of ["rows in a fixed disorder", "rows shuffled in every call"]) {
    const { attribution, target } = await attributeDraws(hiding(drawing(styles[name]!.style)));
    assertEquals([attribution.kind, target.noise], ["unattributable", "own"], name);
  }
});

Deno.test("final actions tell the order of draws of a sampler that computes in float32", async () => {
  for (const name of ["taken from the end", "axis by axis", "one draw before the loop"]) {
    const float32 = hiding(drawing(styles[name]!.style, undefined, observe(reference)));
    assertEquals((await attributeDraws(float32)).attribution.kind, "ordered", name);
  }
});

for (
  const [name, { style }] of fewOf(Object.entries(styles).filter(([n]) => !/own|half/.test(n)), 1)
) {
  Deno.test(`a sampler that shows its final actions and draws like this conforms: ${name}`, async () => {
    const report = await judge(hiding(drawing(style)), {
      ...quick,
      ...(isWhole ? {} : { clauses: ["golden/traces"] }),
    });
    assertEquals(report.verdict, "conforms", JSON.stringify(report.incomplete));
  });
}

const turned = styles["taken from the end"]!.style;
const faulty: Record<string, Style> = {
  "a draw that rows share": (d) => {
    const noise = turned(d);
    return (k, _, i) => noise(k, 0, i);
  },
  "noise that is a tenth too large": (d) => {
    const noise = turned(d);
    return (k, r, i) => 1.1 * noise(k, r, i);
  },
  "a last step without noise": (d) => {
    const noise = turned(d);
    return (k, r, i) => k === d.steps - 1 ? 0 : noise(k, r, i);
  },
  "one draw of two steps": eachStep((d) =>
    plainTable({ ...d, take: (n) => d.take(n).map((_, j, all) => all[j >> 1]!) })
  ),
};

/** They are found last of all. */
const slow = ["a last step without noise", "a draw that rows share"];

for (const [name, style] of Object.entries(faulty)) {
  sweep(`a sampler that shows its final actions alone violates a clause: ${name}`, async () => {
    const clauses = isWhole ? {} : { clauses: ofTheNoise };
    const { verdict } = await judge(hiding(drawing(style)), { ...quick, ...clauses });
    assertEquals(verdict, "violates");
  }, !slow.includes(name));
}

Deno.test("no known defect is taken for another order by its final actions", async () => {
  for (const defect of fewOf(defects, 40)) {
    const target = hiding(observe(ruleSampler(ruleOf(defect))));
    const { attribution, remark } = await attributeDraws(target);
    assert(["plain", "not one to one"].includes(attribution.kind), `${defect.id}: ${remark}`);
  }
});
