import { assert, assertEquals, assertMatch } from "@std/assert";
import { noiseClauses } from "../../../properties/clauses.ts";
import { ruleSampler } from "../../../spec/rule.ts";
import { normalDraws } from "../../../spec/numerics/random.ts";
import { observe } from "../../../spec/observe.ts";
import type { Problem } from "../../../spec/problem.ts";
import type { Target } from "../../../spec/sampler.ts";
import { defects, ruleOf } from "../../defects/defects.ts";
import {
  atOnce,
  drawing,
  eachStep,
  plainTable,
  range,
  rule,
  type Style,
  styles,
} from "../../fixtures/drawing_samplers.ts";
import { fewOf, isWhole, sweep } from "../../fixtures/sweep.ts";
import { reference } from "../../reference.ts";
import { attributeDraws } from "./draw_layout.ts";
import { judge } from "../judge.ts";

const quick = {
  profile: "quick",
  diagnosis: "none",
  golden: [],
  // The quick run judges by the clauses that see draws in another order.
  ...(isWhole
    ? {}
    : { clauses: ["steps/count", "drift/half", ...noiseClauses.map(({ id }) => id)] }),
} as const;

const everyStyle = Object.entries(styles);

Deno.test("the order in which a sampler draws is told, or that it takes none of the draws", async () => {
  for (const [name, { kind, style, words }] of everyStyle) {
    const { attribution, remark } = await attributeDraws(drawing(style));
    assertEquals(attribution.kind, kind, `${name}: ${remark}`);
    assertEquals(remark === undefined, kind === "plain", name);
    if (words) assertMatch(remark!, words);
  }
});

for (const [name, { kind, style }] of fewOf(everyStyle, 4)) {
  Deno.test(`a sampler that draws like this conforms: ${name}`, async () => {
    const { remark } = await attributeDraws(drawing(style));
    const report = await judge(drawing(style), quick);
    const violated = report.clauses.filter(({ verdict }) => verdict === "violated");
    assertEquals([report.verdict, violated.map(({ id }) => id)], ["conforms", []]);
    if (kind !== "plain") assertEquals(report.remarks[0], remark);
  });
}

Deno.test("draws are matched to the steps of a sampler that computes in float32", async () => {
  for (const name of ["taken from the end", "axis by axis", "one draw before the loop"]) {
    const float32 = drawing(styles[name]!.style, undefined, observe(reference));
    assertEquals((await attributeDraws(float32)).attribution.kind, "ordered", name);
  }
});

const faulty: Record<string, Style> = {
  "antithetic in pairs of rows": eachStep((d) => {
    const half = d.take(Math.ceil(d.rows / 2) * d.axes);
    return (r, i) => (r % 2 === 0 ? 1 : -1) * half[(r >> 1) * d.axes + i]!;
  }),
  "one draw for all axes": eachStep((d) => {
    const numbers = d.take(d.rows);
    return (r) => numbers[r]!;
  }),
  "one draw for all rows": eachStep((d) => {
    const numbers = d.take(d.axes);
    return (_, i) => numbers[i]!;
  }),
  "one draw for two steps": (d) => {
    const noise = eachStep(plainTable)(d);
    return (k, r, i) => noise(k - k % 2, r, i);
  },
  "one draw for all steps": (d) => {
    const table = plainTable(d);
    return (_, r, i) => table(r, i);
  },
  "the mean of two draws": eachStep((d) => {
    const one = plainTable(d), two = plainTable(d);
    return (r, i) => (one(r, i) + two(r, i)) / 2;
  }),
  "the sum of two draws, of the right variance": eachStep((d) => {
    const one = plainTable(d), two = plainTable(d);
    return (r, i) => 0.6 * one(r, i) + 0.8 * two(r, 0 * i);
  }),
  "a step that is correlated with the one before": (d) => {
    const noise = eachStep(plainTable)(d);
    return (k, r, i) => k === 0 ? noise(k, r, i) : 0.8 * noise(k, r, i) + 0.6 * noise(k - 1, r, i);
  },
  "from the end, and too large": (d) => {
    const noise = styles["taken from the end"]!.style(d);
    return (k, r, i) => 1.25 * noise(k, r, i);
  },
  "its own, and too large": (d) => {
    const noise = styles["a generator of its own"]!.style(d);
    return (k, r, i) => 1.25 * noise(k, r, i);
  },
  "its own, shared by all axes": eachStep((d) => {
    const numbers = range(d.rows).map(d.own);
    return (r) => numbers[r]!;
  }),
};

for (const [name, style] of fewOf(Object.entries(faulty), 4)) {
  Deno.test(`a sampler that draws like this violates a clause of its noise: ${name}`, async () => {
    const report = await judge(drawing(style), quick);
    const violated = report.clauses.filter(({ verdict }) => verdict === "violated");
    assertEquals(report.verdict, "violates");
    assert(violated.some(({ id }) => id.startsWith("noise/")), violated.map((c) => c.id).join());
  });
}

Deno.test("draws that are made once for all calls violate a clause of the noise", async () => {
  const own = normalDraws(7);
  const kept = drawing(() => () => 0, () => {
    const numbers = range(4096).map(own);
    return (d) => (k, r, i) => numbers[((k * d.rows + r) * d.axes + i) % 4096]!;
  });
  const report = await judge(kept, quick);
  assertEquals(report.verdict, "violates");
});

Deno.test("draws that are kept from one call for the next conform by their law", async () => {
  const buffered = drawing(() => () => 0, () => {
    const held: number[] = [];
    return (d) => {
      const next = () => {
        if (held.length === 0) held.push(...d.take(1000));
        return held.shift()!;
      };
      return eachStep(() => {
        const numbers = range(d.rows * d.axes).map(next);
        return (r, i) => numbers[r * d.axes + i]!;
      })(d);
    };
  });
  const report = await judge(buffered, quick);
  assertEquals(report.verdict, "conforms");
  assertMatch(report.remarks[0]!, /judged by the law of its noise/);
});

Deno.test("a buffer of which the rest is thrown away conforms in large problems too", async () => {
  const target = drawing((d) => {
    let held: number[] = [];
    return eachStep(() => {
      const count = d.rows * d.axes;
      if (held.length < count) held = d.take(Math.max(30, count));
      const numbers = held.splice(0, count);
      return (r, i) => numbers[r * d.axes + i]!;
    })(d);
  });
  const report = await judge(target, quick);
  assertEquals(report.verdict, "conforms");
});

Deno.test("no known defect is taken for noise in another order or of its own", async () => {
  for (const defect of fewOf(defects, 40)) {
    const target = observe(ruleSampler(ruleOf(defect)));
    const { attribution, remark } = await attributeDraws(target);
    assert(["plain", "not one to one"].includes(attribution.kind), `${defect.id}: ${remark}`);
  }
});

Deno.test("the plain order costs two calls", async () => {
  let calls = 0;
  const counting: Target = {
    ...rule,
    async prepare(settings) {
      const prepared = await rule.prepare(settings);
      return { sample: (problem) => (calls++, prepared.sample(problem)) };
    },
  };
  const { remark } = await attributeDraws(counting);
  assertEquals([remark, calls], [undefined, 2]);
});

const backwards: Style = atOnce(
  (d) => [d.steps, d.rows, d.axes],
  (k, r, i, d) => [d.steps - 1 - k, d.rows - 1 - r, i],
);

const conditions: Record<string, { condition: (problem: Problem) => boolean; words?: RegExp }> = {
  "the exponential schedule": {
    condition: ({ settings: { schedule } }) => schedule.kind === "exponential",
    words: /another order .* with some settings/,
  },
  "a clip of the gradient": {
    condition: ({ settings: { gradClip } }) => gradClip !== null,
    words: /another order .* with some settings/,
  },
  "the norm of order 2": { condition: ({ settings: { gradNorm } }) => gradNorm === "2" },
  "four steps and more": { condition: ({ settings: { steps } }) => steps > 3 },
};

for (const [name, { condition, words }] of Object.entries(conditions)) {
  sweep(`a sampler that draws in another order with ${name} conforms`, async () => {
    const plain = eachStep(plainTable);
    const target = drawing((d) => (condition(d.problem) ? backwards : plain)(d));
    const report = await judge(target, { diagnosis: "none" });
    const violated = report.clauses.filter(({ verdict }) => verdict === "violated");
    assertEquals([report.verdict, violated.map(({ id }) => id)], ["conforms", []]);
    if (words) assertMatch(report.remarks[0]!, words);
  });
  sweep(`a sampler that draws too much with ${name} violates a clause`, async () => {
    const plain = eachStep(plainTable);
    const target = drawing((d) => {
      const noise = (condition(d.problem) ? backwards : plain)(d);
      return (k, r, i) => noise(k, r, i) * (condition(d.problem) ? 1.25 : 1);
    });
    assertEquals((await judge(target, { diagnosis: "none" })).verdict, "violates");
  });
}

Deno.test("another order is told where other settings have the plain one", async () => {
  const plain = eachStep(plainTable);
  const isPlain = ({ settings: { schedule } }: Problem) => schedule.kind === "exponential";
  const target = drawing((d) => (isPlain(d.problem) ? plain : backwards)(d));
  assertMatch((await attributeDraws(target)).remark!, /another order .* with some settings/);
});

Deno.test("a sampler of this process may throw draws away", async () => {
  const spare = observe({
    ...ruleSampler(),
    name: "spare",
    prepare(settings) {
      const sample = ruleSampler().prepare(settings);
      return async (call) => {
        call.noise.draw();
        return (await sample)(call);
      };
    },
  });
  const report = await judge(spare, quick);
  assertEquals(report.verdict, "conforms");
  assertMatch(report.remarks[0]!, /some draws that no step uses/);
});
