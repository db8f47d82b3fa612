import { assert, assertEquals, assertRejects } from "@std/assert";
import { ruleSampler } from "../../../spec/rule.ts";
import { observe } from "../../../spec/observe.ts";
import { officialRule } from "../../../spec/rule.ts";
import { type Call, type Sampler, TargetFault } from "../../../spec/sampler.ts";
import { calibrate } from "./calibrate.ts";

/** The rule, with its calls changed on the way. */
function calling(change: (call: Call) => Call, noise: "tape" | "own" = "tape"): Sampler {
  const inner = ruleSampler(officialRule, { noise });
  return {
    ...inner,
    prepare: async (settings) => {
      const sample = await inner.prepare(settings);
      return (call) => sample(change(call));
    },
  };
}

function drawing(draw: (call: Call) => number[][]): Sampler {
  return calling((call) => ({ ...call, noise: { ...call.noise, draw: () => draw(call) } }));
}

Deno.test("the rule draws once a step, with the sign of its draws, and can be silenced", async () => {
  const known = await calibrate(observe(ruleSampler()));
  assertEquals(
    [known.noiseSign, known.otherDraws, known.randomAtZero, known.hidden],
    [1, null, null, false],
  );
});

Deno.test("the sign with which a sampler adds its draws is found", async () => {
  const turned = drawing((call) => call.noise.draw().map((row) => row.map((z) => -z)));
  assertEquals((await calibrate(observe(turned))).noiseSign, -1);
});

Deno.test("spare draws are matched to the steps, and remarked", async () => {
  const twice = drawing((call) => {
    call.noise.draw();
    return call.noise.draw();
  });
  const known = await calibrate(observe(twice));
  assertEquals([known.otherDraws, known.aboutDraws === null], [null, false]);
});

Deno.test("a sampler that takes no draw at all is found out", async () => {
  const never = drawing((call) => call.initial.map((row) => row.map(() => 1)));
  const known = await calibrate(observe(never));
  assertEquals([known.otherDraws, known.noiseSign], [{ draws: 0, steps: 3 }, 1]);
});

Deno.test("what a sampler does not report it lacks", async () => {
  const bare = ruleSampler();
  const silent: Sampler = {
    ...bare,
    prepare: async (settings) => {
      const sample = await bare.prepare(settings);
      return async (call) => {
        const result = await sample(call);
        return typeof result === "object" && "final" in result ? result.final : result;
      };
    },
  };
  const { unsupported } = await calibrate(observe(silent));
  assertEquals([...unsupported].sort(), ["chain-actions", "chain-grad-norms", "chain-outputs"]);
});

Deno.test("noise of a sampler's own that stays on at the noise scale 0 is a finding", async () => {
  const own = observe(ruleSampler(officialRule, { noise: "own" }));
  assertEquals((await calibrate(own)).randomAtZero, null);
  const always = calling(
    (call) => ({ ...call, settings: { ...call.settings, noiseScale: 1 } }),
    "own",
  );
  const inner = ruleSampler({ ...officialRule, noise: "xi" }, { noise: "own" });
  const found = (await calibrate(observe(inner))).randomAtZero ??
    (await calibrate(observe(always))).randomAtZero;
  assert(
    found !== null &&
      Math.abs(found.finding.actual - found.finding.expected) > found.finding.tolerance,
  );
});

Deno.test("a sampler that asks for no gradient is refused, unless it hides its steps", async () => {
  const deaf: Sampler = {
    name: "deaf",
    networkReturns: "energy",
    prepare: () => (call) => call.initial,
  };
  await assertRejects(() => calibrate(observe(deaf)), TargetFault, "gradient");
  const { hidden } = await calibrate(observe({ ...deaf, reveals: "final-actions" }));
  assertEquals(hidden, true);
});
