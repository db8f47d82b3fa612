import { assertEquals, assertMatch } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import { type Change, ruleWith } from "../defects/change.ts";
import { type Loop, ruleSampler } from "../../spec/rule.ts";
import { sweep } from "../fixtures/sweep.ts";
import { diagnose } from "./diagnose.ts";
import { quietCensus } from "./experiments/census_chains.ts";
import { preconditioned } from "./terms/preconditioned.ts";

/** What is told of a sampler that follows a rule, with other step sizes in later calls. */
async function told(
  change: Change,
  later: (sizes: readonly number[], call: number, final: number) => readonly number[],
) {
  const rule = ruleWith(change),
    calls = (loop: Loop): Loop => {
      let call = 0;
      return {
        ...loop,
        stepSizes(run) {
          const sizes = [...loop.stepSizes(run)], { schedule } = run.settings;
          const final = schedule.kind === "polynomial" ? schedule.final : sizes.at(-1)!;
          return later(sizes, call++, final);
        },
      };
    };
  const sampler = ruleSampler({ ...rule, loop: () => calls(rule.loop()) }, {
    unsupported: ["exponential-schedule", "apply-exp"],
  });
  const { defects, influences } = await diagnose(observe(sampler));
  return {
    names: defects.map(({ id, title, certain }) => `${id ?? title}${certain ? "" : "?"}`),
    depends: influences.map(({ text }) => text).join("; "),
  };
}

Deno.test("a schedule that is not begun anew in later calls is told beside other bugs, all for certain", async () => {
  const { names } = await told(
    { clippedStep: "min(max(eta * drift, -limit), limit) + eta * noise", drift: "gt" },
    (sizes, call, final) => call === 0 ? sizes : sizes.map(() => final),
  );
  assertEquals(names.toSorted(), [
    "The schedule is not begun anew: in later calls every step has the final step size",
    "half-missing",
    "noise-after-delta-clip",
  ]);
});

Deno.test("what later calls do otherwise takes nothing from the names of first calls, and has a figure", async () => {
  const { names, depends } = await told(
    { noise: "sigma * xi / 2", limit: "c" },
    (sizes, call) => sizes.map((size) => size / (call + 1)),
  );
  assertEquals(names.toSorted(), ["delta-clip-unscaled", "noise-halved"]);
  assertMatch(depends, /is kept between calls; without noise its steps are 0\.5 times as long/);
});

Deno.test("step sizes of no known kind take nothing from the names of terms", async () => {
  const { names } = await told(
    {
      step: "eta * drift + sqrt(eta) * noise",
      drift: "gt",
      polynomial: "(sqrt(init) + k / (N - 1) * (sqrt(final) - sqrt(init))) ^ 2",
    },
    (sizes) => sizes,
  );
  assertEquals(names.filter((name) => !name.endsWith("?")).toSorted(), [
    "half-missing",
    "noise-root-of-step",
  ]);
  assertEquals(names.length, 3);
});

sweep("where no gradient moves anything, nothing is said of what divides it", async () => {
  const { names } = await told(
    { drift: "0 * gt", noise: "sigma * sign(xi)", polynomial: "init / (1 + k * k)" },
    (sizes) => sizes,
  );
  assertEquals(names.filter((name) => /divided/.test(name)), []);
  assertEquals(names.some((name) => name.startsWith("drift-missing")), true, names.join());
});

Deno.test("a chain that stands still shows nothing that divides its gradients", () => {
  const [problem] = quietCensus.calls, { initial, settings: { steps } } = problem!;
  const points = Array.from({ length: steps + 1 }, () => initial);
  const chain = { points, sure: true };
  assertEquals(preconditioned({ problem: problem!, chain }, "energy"), []);
});
