import { assert, assertEquals, assertMatch } from "@std/assert";
import { noiseClauses } from "../../properties/clauses.ts";
import { ruleSampler } from "../../spec/rule.ts";
import { normalDraws } from "../../spec/numerics/random.ts";
import { observe } from "../../spec/observe.ts";
import { type Problem, rowCount, type Rows } from "../../spec/problem.ts";
import type { Target } from "../../spec/sampler.ts";
import { defects, ruleOf } from "../defects/defects.ts";
import { fewOf, isWhole, sweep } from "../fixtures/sweep.ts";
import { reference } from "../reference.ts";
import { attributeDraws, type Attribution } from "./draw_layout.ts";
import { judge } from "./judge.ts";

/** What a sampler draws from, and what it draws for. */
interface Drawing {
  readonly steps: number;
  readonly rows: number;
  readonly axes: number;
  readonly samples: number;
  /** The next numbers of the suite's tape, or of the sampler's own generator. */
  take(count: number): number[];
  /** A number of a generator that is never the suite's. */
  own(): number;
  readonly problem: Problem;
}

/** The noise of step k, row r, axis i. */
type Noise = (k: number, r: number, i: number) => number;
type Style = (drawing: Drawing) => Noise;

const rule = observe(ruleSampler());
const quick = {
  profile: "quick",
  diagnosis: "none",
  golden: [],
  // The quick run judges by the clauses that see draws in another order.
  ...(isWhole
    ? {}
    : { clauses: ["steps/count", "drift/half", ...noiseClauses.map(({ id }) => id)] }),
} as const;

/** A sampler that follows the rule and draws in a style of its own, in the way of an adapter. */
function drawing(
  style: Style,
  prepareStyle: () => Style = () => style,
  of: Target = rule,
): Target {
  const own = normalDraws(99);
  return {
    ...of,
    name: "drawing",
    noise: "both",
    async prepare(settings) {
      const prepared = await of.prepare(settings);
      const styled = prepareStyle();
      return {
        async sample(problem) {
          const { steps } = problem.settings, rows = rowCount(problem), { axes, samples } = problem;
          const { noise: given } = problem;
          const stream = given.kind === "tape" ? given.draws.flat(2) : [];
          const behind = given.kind === "tape" ? normalDraws(problem.seed) : own;
          let taken = 0;
          const take = (count: number) =>
            Array.from({ length: count }, () => stream[taken++] ?? behind());
          const noise = styled({ steps, rows, axes, samples, take, own, problem });
          const draws: Rows[] = range(steps).map((k) =>
            range(rows).map((r) => range(axes).map((i) => noise(k, r, i)))
          );
          const trajectory = await prepared.sample({ ...problem, noise: { kind: "tape", draws } });
          return { ...trajectory, draws: Math.ceil(taken / (rows * axes)) };
        },
      };
    },
  };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

/** All numbers at once, as an array of some dimensions in C order, read by an index. */
function atOnce(
  sizes: (d: Drawing) => readonly number[],
  index: (k: number, r: number, i: number, d: Drawing) => readonly number[],
): Style {
  return (d) => {
    const shape = sizes(d), numbers = d.take(shape.reduce((a, b) => a * b));
    return (k, r, i) =>
      numbers[index(k, r, i, d).reduce((place, at, n) => place * shape[n]! + at, 0)]!;
  };
}

/** A new table for each step. */
function eachStep(table: (d: Drawing, k: number) => (r: number, i: number) => number): Style {
  return (d) => {
    const tables = range(d.steps).map((k) => table(d, k));
    return (k, r, i) => tables[k]!(r, i);
  };
}

const plainTable = (d: Drawing) => {
  const numbers = d.take(d.rows * d.axes);
  return (r: number, i: number) => numbers[r * d.axes + i]!;
};

const styles: Record<string, { kind: Attribution["kind"]; style: Style; words?: RegExp }> = {
  "one table a step": { kind: "plain", style: eachStep(plainTable) },
  "row by row": {
    kind: "plain",
    style: eachStep((d) => {
      const rows = range(d.rows).map(() => d.take(d.axes));
      return (r, i) => rows[r]![i]!;
    }),
  },
  "one number after another": {
    kind: "plain",
    style: eachStep((d) => {
      const rows = range(d.rows).map(() => range(d.axes).map(() => d.take(1)[0]!));
      return (r, i) => rows[r]![i]!;
    }),
  },
  "a last draw too many": {
    kind: "plain",
    style: (d) => {
      const noise = eachStep(plainTable)(d);
      d.take(7);
      return noise;
    },
  },
  "two steps at a time": {
    kind: "plain",
    style: (d) => {
      const pairs = range(Math.ceil(d.steps / 2)).map(() => [plainTable(d), plainTable(d)]);
      return (k, r, i) => pairs[k >> 1]![k % 2]!(r, i);
    },
  },
  "axis by axis": {
    kind: "ordered",
    words: /steps × axes × groups × samples/,
    style: eachStep((d) => {
      const columns = range(d.axes).map(() => d.take(d.rows));
      return (r, i) => columns[i]![r]!;
    }),
  },
  "minibatches, each transposed": {
    kind: "ordered",
    words: /one of its own/,
    style: eachStep((d) => {
      const numbers = new Map<string, number>();
      for (let start = 0; start < d.rows; start += 3) {
        const part = range(d.rows).slice(start, start + 3);
        for (const i of range(d.axes)) {
          for (const r of part) numbers.set(`${r} ${i}`, d.take(1)[0]!);
        }
      }
      return (r, i) => numbers.get(`${r} ${i}`)!;
    }),
  },
  "steps × axes × rows at once": {
    kind: "ordered",
    style: atOnce((d) => [d.steps, d.axes, d.rows], (k, r, i) => [k, i, r]),
  },
  "rows × steps × axes at once": {
    kind: "ordered",
    words: /groups × samples × steps × axes/,
    style: atOnce((d) => [d.rows, d.steps, d.axes], (k, r, i) => [r, k, i]),
  },
  "rows × axes × steps at once": {
    kind: "ordered",
    style: atOnce((d) => [d.rows, d.axes, d.steps], (k, r, i) => [r, i, k]),
  },
  "axes × steps × rows at once": {
    kind: "ordered",
    style: atOnce((d) => [d.axes, d.steps, d.rows], (k, r, i) => [i, k, r]),
  },
  "axes × rows × steps at once": {
    kind: "ordered",
    words: /axes × groups × samples × steps/,
    style: atOnce((d) => [d.axes, d.rows, d.steps], (k, r, i) => [i, r, k]),
  },
  "taken from the end": {
    kind: "ordered",
    words: /the last of the steps first/,
    style: atOnce((d) => [d.steps, d.rows, d.axes], (k, r, i, d) => [d.steps - 1 - k, r, i]),
  },
  "rows from the last to the first": {
    kind: "ordered",
    style: atOnce((d) => [d.steps, d.rows, d.axes], (k, r, i, d) => [k, d.rows - 1 - r, i]),
  },
  "rows in a fixed disorder": {
    kind: "ordered",
    style: atOnce((d) => [d.steps, d.rows, d.axes], (k, r, i, d) => [k, (r + 1 + k) % d.rows, i]),
  },
  "samples before groups": {
    kind: "ordered",
    words: /steps × samples × groups × axes/,
    style: atOnce(
      (d) => [d.steps, d.samples, d.rows / d.samples, d.axes],
      (k, r, i, d) => [k, r % d.samples, Math.floor(r / d.samples), i],
    ),
  },
  "one draw before the loop": {
    kind: "ordered",
    words: /some draws that no step uses/,
    style: (d) => {
      d.take(d.rows * d.axes);
      return eachStep(plainTable)(d);
    },
  },
  "a single number before the loop": {
    kind: "ordered",
    style: (d) => {
      d.take(1);
      return eachStep(plainTable)(d);
    },
  },
  "a spare draw in every step": {
    kind: "ordered",
    style: eachStep((d) => {
      d.take(d.rows * d.axes);
      return plainTable(d);
    }),
  },
  "a buffer of two hundred draws, from its end": {
    kind: "ordered",
    words: /the last of the steps first, with draws that no step uses/,
    style: atOnce((d) => [200, d.rows, d.axes], (k, r, i) => [199 - k, r, i]),
  },
  "a number more for each row": {
    kind: "ordered",
    style: atOnce((d) => [d.steps, d.rows, d.axes + 1], (k, r, i) => [k, r, i]),
  },
  "the sign turned and from the end": {
    kind: "ordered",
    style: (d) => {
      const noise = styles["taken from the end"]!.style(d);
      return (k, r, i) => -noise(k, r, i);
    },
  },
  "a generator of its own": {
    kind: "unattributable",
    words: /it takes none of those that the suite supplies/,
    style: eachStep((d) => {
      const numbers = range(d.rows * d.axes).map(d.own);
      return (r, i) => numbers[r * d.axes + i]!;
    }),
  },
  "rows shuffled in every call": {
    kind: "unattributable",
    words: /their order is another one in each call/,
    style: (d) => {
      const order = range(d.rows).map((r) => [d.own(), r] as const).sort(([a], [b]) => a - b);
      const noise = eachStep(plainTable)(d);
      return (k, r, i) => noise(k, order[r]![1], i);
    },
  },
  "half from the tape, half by itself": {
    kind: "unattributable",
    words: /another one in two calls with the same draws/,
    style: eachStep((d, k) => {
      const table = plainTable(d);
      if (k % 2 === 0) return table;
      const numbers = range(d.rows * d.axes).map(d.own);
      return (r, i) => numbers[r * d.axes + i]!;
    }),
  },
};

const everyStyle = Object.entries(styles);

Deno.test("the order in which a sampler draws is told, or that it takes none of the draws", async () => {
  for (const [name, { kind, style, words }] of everyStyle) {
    const { attribution, remark } = await attributeDraws(drawing(style));
    assertEquals(attribution.kind, kind, `${name}: ${remark}`);
    assertEquals(remark === undefined, kind === "plain", name);
    if (words) assertMatch(remark!, words);
  }
});

for (const [name, { kind, style }] of fewOf(everyStyle, 7)) {
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

for (const [name, style] of fewOf(Object.entries(faulty), 6)) {
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
