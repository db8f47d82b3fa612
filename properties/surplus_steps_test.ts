import { assertEquals } from "@std/assert";
import { observe } from "../spec/observe.ts";
import type { Rows } from "../spec/problem.ts";
import { stepSizes } from "../spec/rule.ts";
import type { Sampler } from "../spec/sampler.ts";
import { judge } from "../src/run/judge.ts";

/** Step sizes of chains without noise, and whether their gradients lead anywhere. */
interface Stage {
  readonly sizes: readonly number[];
  readonly looks?: true;
}

/** The rule with a stage before its chain, in it, and after it. */
function staged(
  { before, amid, after, noise = "tape" }:
    & { [At in "before" | "amid" | "after"]?: Stage }
    & Pick<Sampler, "noise">,
): Sampler {
  const lacking = ["apply-exp", "grad-clip", "chain-actions", "chain-outputs"] as const;
  return {
    name: "staged",
    networkReturns: "energy",
    noise,
    unsupported: [
      ...lacking,
      "chain-grad-norms",
      ...noise === "own" ? ["noise-tape" as const] : [],
    ],
    prepare: ({ bounds: { min, max }, deltaClip, noiseScale, schedule, steps }) => async (call) => {
      let at: Rows = call.initial;
      const step = async (eta: number, sigma: number, looks?: true) => {
        const g = await call.network.gradient(at), xi = sigma > 0 ? call.noise.draw() : g;
        const next = at.map((row, r) =>
          row.map((a, i) => {
            const limit = deltaClip / 2 * (max[i]! - min[i]!);
            const move = eta * (g[r]![i]! / 2 + sigma * xi[r]![i]!);
            const kept = Math.min(Math.max(move, -limit), limit);
            return Math.fround(Math.min(Math.max(a - kept, min[i]!), max[i]!));
          })
        );
        if (!looks) at = next;
      };
      const stage = async ({ sizes, looks }: Stage = { sizes: [] }) => {
        for (const size of sizes) await step(size, 0, looks);
      };
      await stage(before);
      for (const [k, eta] of stepSizes(schedule, steps).entries()) {
        if (k === 1) await stage(amid);
        await step(eta, noiseScale);
      }
      await stage(after);
      return at;
    },
  };
}

async function brokenBy(sampler: Sampler): Promise<readonly string[]> {
  const { clauses } = await judge(observe(sampler), {
    profile: "quick",
    diagnosis: "none",
    clauses: ["steps/count", "drift/current-point", "drift/half"],
  });
  return clauses.filter(({ verdict }) => verdict === "violated").map(({ id }) => id);
}

const small = { sizes: [1e-5, 1e-5, 1e-5] }, one = { sizes: [0.125] };

for (
  const [name, where] of [
    ["after the last draw", { after: small }],
    ["after the last draw, once", { after: one }],
    ["before the first draw", { before: one }],
    ["between two draws", { amid: one }],
    ["after the last draw of its own", { after: small, noise: "own" }],
  ] as const
) {
  Deno.test(`steps without noise ${name} are steps too many`, async () => {
    assertEquals(await brokenBy(staged(where)), ["steps/count"]);
  });
}

Deno.test("questions that lead nowhere are no steps, wherever they come", async () => {
  const looks = { sizes: [0.125], looks: true } as const;
  assertEquals(await brokenBy(staged({ before: looks, amid: looks, after: looks })), []);
});
