/** Samplers whose faults come and go, or that stop early. */

import { assert, assertEquals } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import { ruleSampler } from "../../../spec/rule.ts";
import { uniform } from "../../../spec/numerics/random.ts";
import type { Call, Result, Sample, Sampler } from "../../../spec/sampler.ts";
import { fewOf, lightRun } from "../../fixtures/sweep.ts";
import { judge } from "../judge.ts";

/** The rule with something around its calls. */
function around(
  change: (sample: Sample, call: Call) => Result | Promise<Result>,
  noise: "tape" | "own" = "tape",
): Sampler {
  const inner = ruleSampler(undefined, { noise });
  return {
    ...inner,
    name: "sometimes wrong",
    prepare: async (settings) => {
      const sample = await inner.prepare(settings);
      return (call) => change(sample, call);
    },
  };
}

async function violations(sampler: Sampler) {
  const report = await judge(observe(sampler), lightRun);
  assertEquals(report.verdict, "violates");
  return report.clauses.filter(({ verdict }) => verdict === "violated").map((clause) => ({
    id: clause.id,
    message: clause.counterexample?.message ?? "",
  }));
}

/** A call whose gradients are changed one by one. */
function withGradient(call: Call, change: (gradient: number) => number): Call {
  const gradient = (actions: number[][], observations?: number[][]) =>
    call.network.gradient(actions, observations).map((row) => row.map(change));
  return { ...call, network: { ...call.network, gradient } as Call["network"] };
}

/** The final actions of a result, each with something added. */
async function moved(result: Result | Promise<Result>, by: () => number): Promise<Result> {
  const { final } = await result as { final: number[][] };
  return final.map((row) => row.map((a) => a + by()));
}

Deno.test("one wrong call in ten is no broken clause but two equal calls that differ", async () => {
  let calls = 0;
  const found = await violations(around(async (sample, call) => {
    const wrong = ++calls % 10 === 0;
    return await moved(sample(call), () => wrong ? 0.01 : 0);
  }));
  assertEquals(found.map(({ id }) => id), ["state/second-call"]);
  assert(found[0]!.message.startsWith("Two equal calls differ: row 0, axis 0 is at"));
});

Deno.test("dropout in the network is told as two equal calls that differ", async () => {
  const draw = uniform(1);
  const dropped = (g: number) => draw() < 0.1 ? 0 : g / 0.9;
  const found = await violations(around((sample, call) => sample(withGradient(call, dropped))));
  assertEquals(found.map(({ id }) => id), ["state/second-call"]);
});

Deno.test("dropout is told as such by final actions alone, and with noise of the sampler's own", async () => {
  const views: readonly { noise?: "own"; reveals?: "final-actions" }[] = [
    { noise: "own" },
    { reveals: "final-actions" },
    { reveals: "final-actions", noise: "own" },
  ];
  for (const more of fewOf(views, 1)) {
    const draw = uniform(1);
    const dropped = (g: number) => draw() < 0.1 ? 0 : g / 0.9;
    const inner = around((sample, call) => sample(withGradient(call, dropped)), more.noise);
    const found = await violations({ ...inner, ...more });
    assertEquals(found.map(({ id }) => id), ["state/second-call"], JSON.stringify(more));
  }
});

Deno.test("a NaN that comes and goes is told as two equal calls that differ", async () => {
  let calls = 0;
  const found = await violations(around(async (sample, call) => {
    const wrong = ++calls % 40 === 0;
    return await moved(sample(call), () => wrong ? NaN : 0);
  }));
  assertEquals(found.map(({ id }) => id), ["state/second-call"]);
});

Deno.test("a NaN where the rule gives a number breaks the clause that meets it, with the step", async () => {
  const narrow = ({ settings: { bounds: { min, max } } }: Call) =>
    min.findIndex((low, i) => low === max[i]!);
  for (const noise of ["tape", "own"] as const) {
    const found = await violations(around(async (sample, call) => {
      const axis = narrow(call);
      const { final } = await sample(call) as { final: number[][] };
      return final.map((row) => row.map((a, i) => i === axis ? NaN : a));
    }, noise));
    assertEquals(found[0]!.id, "bounds/zero-width");
    assert(/^Step \d+ puts row 0, axis \d+ at NaN instead of -?[\d.]+/.test(found[0]!.message));
  }
  const scaled = await violations(around(async (sample, call) => {
    const { noiseScale, deltaClip } = call.settings;
    const wrong = noiseScale > 1 && deltaClip > 1;
    return await moved(sample(call), () => wrong ? NaN : 0);
  }, "own"));
  assertEquals(scaled.map(({ id }) => id), ["noise/scale"]);
});

Deno.test("what is always wrong is not told as random", async () => {
  const found = await violations(around((sample, call) => moved(sample(call), () => 0.01)));
  assertEquals(found.map(({ id }) => id).includes("state/second-call"), false);
});

Deno.test("a chain that stops early breaks steps/count, whichever problem shows it", async () => {
  for (const [noise, most] of [["tape", 24], ["own", 20], ["tape", 5]] as const) {
    const inner = ruleSampler(undefined, { noise });
    const found = await violations({
      ...inner,
      prepare: (settings) => inner.prepare({ ...settings, steps: Math.min(settings.steps, most) }),
    });
    assertEquals(found.map(({ id }) => id), ["steps/count"], `${noise} ${most}`);
    assert(/^A chain of \d+ steps asks for \d+ gradients$/.test(found[0]!.message));
  }
});

Deno.test("a gradient in half precision breaks steps/precision", async () => {
  const half = (g: number) => new Float16Array([g])[0]!;
  const found = await violations(around((sample, call) => sample(withGradient(call, half))));
  assertEquals(found.map(({ id }) => id), ["steps/precision"]);
});

Deno.test("rows or axes in another order are returned, not computed, wrongly", async () => {
  const orders: ((final: number[][]) => number[][])[] = [
    (final) => final.toReversed(),
    (final) => final.map((row) => row.toReversed()),
  ];
  for (const order of orders) {
    const found = await violations(around(async (sample, call) => {
      const { final } = await sample(call) as { final: number[][] };
      return order(final);
    }));
    assertEquals(found.map(({ id }) => id), ["result/last-point"]);
  }
});

Deno.test("a row that is frozen is said not to move", async () => {
  const still = (rows: number[][]) => rows.map((row, r) => r === 1 ? row.map(() => 0) : row);
  const found = await violations(around((sample, call) => {
    const gradient = (actions: number[][], observations?: number[][]) =>
      still(call.network.gradient(actions, observations));
    const draw = () => still(call.noise.draw());
    const network = { ...call.network, gradient } as Call["network"];
    return sample({ ...call, network, noise: { ...call.noise, draw } });
  }));
  for (const { message } of found) {
    assert(/row 1 does not move|this row did not move/.test(message));
  }
});
