import { assertEquals, assertMatch } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import type { Rows } from "../../../spec/problem.ts";
import { stepSizes } from "../../../spec/rule.ts";
import type { Sampler } from "../../../spec/sampler.ts";
import { sweep } from "../../fixtures/sweep.ts";
import { diagnosisOf } from "../diagnosis.ts";
import { longCensus } from "../experiments/census_chains.ts";
import { lateMemory, lateMemorySuspects } from "./late_memory.ts";
import { observeProbes, type Reading } from "../experiments/observations.ts";
import { chainOf } from "../experiments/response.ts";

/** What a sampler makes of a step, with something of its own for every row and axis. */
type Step = (
  given: {
    readonly k: number;
    readonly N: number;
    readonly eta: number;
    readonly g: number;
    readonly noise: number;
    readonly clip: (step: number) => number;
  },
  kept: number,
) => { readonly move: number; readonly keep: number };

function keeping(step: Step): Sampler {
  const within = (value: number, lo: number, hi: number) => Math.min(Math.max(value, lo), hi);
  return {
    name: "keeping",
    networkReturns: "energy",
    unsupported: [
      ...["apply-exp", "grad-clip", "exponential-schedule"] as const,
      ...["chain-actions", "chain-outputs", "chain-grad-norms"] as const,
    ],
    prepare:
      ({ bounds: { min, max }, deltaClip, noiseScale, schedule, steps: N }) =>
      async ({ initial, network, noise: source }) => {
        let at: Rows = initial;
        const kept = initial.map((row) => row.map(() => 0));
        for (const [k, eta] of stepSizes(schedule, N).entries()) {
          const slopes = await network.gradient(at), draws = source.draw();
          at = at.map((row, r) =>
            row.map((a, i) => {
              const limit = deltaClip / 2 * (max[i]! - min[i]!);
              const clip = (wanted: number) => within(wanted, -limit, limit);
              const noise = noiseScale * draws[r]![i]!;
              const { move, keep } = step(
                { k, N, eta, g: slopes[r]![i]!, noise, clip },
                kept[r]![i]!,
              );
              kept[r]![i] = keep;
              return within(a - move, min[i]!, max[i]!);
            })
          );
        }
        return at;
      },
  };
}

/** A heavy ball that keeps a part of its clipped steps from some step on. */
const heavyBall = (part: number, from: (k: number, N: number) => boolean, last = 1): Step =>
(
  { k, N, eta, g, noise, clip },
  kept,
) => {
  const own = eta * (g / 2 + (k === N - 1 ? last : 1) * noise);
  const move = clip(own + (from(k, N) ? part * kept : 0));
  return { move, keep: move };
};

async function told(step: Step) {
  const { defects, influences = [], measuredRule } =
    (await diagnosisOf(observe(keeping(step)), "violates"))!;
  return {
    names: defects.map(({ id, title }) => id ?? title),
    certain: defects.every(({ certain }) => certain),
    influences,
    schedule: measuredRule!.schedule,
  };
}

sweep(
  "a heavy ball is told, from its first step or from a late one, and is no step size",
  async () => {
    for (const from of [4, 1, 9]) {
      const { names, certain, influences, schedule } = await told(
        heavyBall(0.5, (k) => k >= from),
      );
      const when = from === 1 ? "" : ` from step ${from} on`;
      assertMatch(names.join(), new RegExp(`^0\\.5 of the last .* is added to the step${when}$`));
      assertEquals([certain, influences], [true, []]);
      assertMatch(schedule, /0\.250 → 0\.0156/);
    }
  },
);

Deno.test("noise that is absent in the last step is named beside a heavy ball that begins late", async () => {
  const { names, certain, influences, schedule } = await told(heavyBall(0.5, (k) => k >= 3, 0));
  const ball = names.find((name) => name !== "noise-not-last") ?? "";
  assertMatch(ball, /^0\.5 of the last .* is added to the step from step 3 on$/);
  assertEquals([names.includes("noise-not-last"), certain, influences], [true, true, []]);
  assertMatch(schedule, /0\.250 → 0\.0195/);
});

/** What a longer chain without noise tells, as names to try. */
async function suspected(step: Step) {
  const [seen] = await observeProbes(observe(keeping(step)), [longCensus]);
  const [problem] = longCensus.calls, chain = chainOf(problem!, seen!.calls[0] as Reading);
  const memory = lateMemory({ problem: problem!, chain: chain! }, "energy");
  return memory === undefined ? [] : lateMemorySuspects(memory).map(({ title }) => title);
}

/** Momentum of the drift, in the second half of a chain. */
const lateMomentum: Step = ({ k, N, eta, g, noise, clip }, kept) => {
  const keep = g / 2 + (2 * k >= N ? 0.9 * kept : 0);
  return { move: clip(eta * (keep + noise)), keep };
};

Deno.test("a longer chain tells what is kept, from which step or part of the chain on", async () => {
  assertEquals(await suspected(({ eta, g, clip }) => ({ move: clip(eta * g / 2), keep: 0 })), []);
  for (const [from, when] of [[1, ""], [4, " from step 4 on"], [9, " from step 9 on"]] as const) {
    const [title] = await suspected(heavyBall(0.5, (k) => k >= from));
    assertEquals(title, `0.5 of the last movement is added to the step${when}`);
  }
  const average: Step = ({ eta, g, clip }, kept) => {
    const keep = 0.9 * kept + 0.1 * g / 2;
    return { move: clip(eta * keep), keep };
  };
  assertEquals((await suspected(average)).length, 1);
  assertEquals(await suspected(lateMomentum), [
    "0.9 of the last drift is kept from step 13 on",
    "0.9 of the last drift is kept where k ≥ 1/2 N",
  ]);
});

sweep(
  "momentum of the drift that begins in a part of the chain is told with that part",
  async () => {
    const { names, certain } = await told(lateMomentum);
    assertEquals(names, ["0.9 of the last drift is kept where k ≥ 1/2 N"]);
    assertEquals(certain, true);
  },
);
