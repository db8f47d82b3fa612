/** A fault breaks the clause that is about it, and none that only comes across it. */

import { assertEquals } from "@std/assert";
import { observe } from "../spec/observe.ts";
import type { Settings } from "../spec/problem.ts";
import { type Loop, officialRule, ruleSampler } from "../spec/rule.ts";
import type { RuleSampler } from "../spec/rule_records.ts";
import { judge } from "../src/run/judge.ts";

/** The rule with steps of its loop changed. */
function looping(change: (loop: Loop) => Partial<Loop>): RuleSampler {
  const loop = officialRule.loop();
  return ruleSampler({ ...officialRule, loop: () => ({ ...loop, ...change(loop) }) });
}

/** The rule where settings are taken for others. */
function taking(other: (settings: Settings) => Partial<Settings>): RuleSampler {
  const rule = ruleSampler();
  return {
    ...rule,
    prepare: (settings) => rule.prepare({ ...settings, ...other(settings) }),
  };
}

/** The rule with clips that go with the step size: with the share that is left of the first. */
const stepping = (clip: "c" | "gamma", factor: (share: number) => number) =>
  looping((loop) => ({
    move(run, asked) {
      const share = asked.stepSize / Array.from(loop.stepSizes(run))[0]!;
      const before = run.coordinates.map((s) => s[clip]);
      run.coordinates.forEach((s, i) => s[clip] = before[i]! * factor(share));
      const moved = loop.move(run, asked);
      run.coordinates.forEach((s, i) => s[clip] = before[i]!);
      return moved;
    },
  }));

/** The rule with step sizes of its own. */
const sized = (of: (size: number) => number) =>
  looping((loop) => ({ stepSizes: (run) => Array.from(loop.stepSizes(run), of) }));

const norms = (of: (norm: number, axes: number) => number) =>
  looping((loop) => ({
    report(run, step) {
      const report = loop.report(run, step), [{ length: axes }] = step.to as [readonly number[]];
      return { ...report, gradNorms: report.gradNorms.map((norm) => of(norm, axes)) };
    },
  }));

const withSchedule = (of: (schedule: Settings["schedule"]) => Settings["schedule"]) =>
  taking(({ schedule }) => ({ schedule: of(schedule) }));

const faults: readonly (readonly [string, readonly string[], RuleSampler])[] = [
  ["a norm is a mean", ["chain/grad-norms"], norms((norm, axes) => norm / axes)],
  [
    "a norm is that of two axes",
    ["chain/grad-norms"],
    norms((norm, n) => n > 2 ? 1.1 * norm : norm),
  ],
  ["small sizes vanish", ["schedule/polynomial"], sized((size) => size < 1e-7 ? 0 : size)],
  ["sizes have a floor", ["schedule/polynomial"], sized((size) => Math.max(size, 1e-6))],
  [
    "the limit falls with the step size",
    ["delta-clip/every-step"],
    stepping("c", (share) => share),
  ],
  [
    "the limit goes with the root of the step size",
    ["delta-clip/every-step"],
    stepping("c", Math.sqrt),
  ],
  [
    "the gradient clip falls with the step size",
    ["grad-clip/limits"],
    stepping("gamma", (share) => share),
  ],
  [
    "a final step size of 0 is taken for none",
    ["schedule/polynomial"],
    withSchedule((schedule) =>
      schedule.kind === "polynomial"
        ? { ...schedule, final: schedule.final || schedule.init }
        : schedule
    ),
  ],
  [
    "a final step size of 0 is a default",
    ["schedule/polynomial"],
    withSchedule((schedule) =>
      schedule.kind === "polynomial" ? { ...schedule, final: schedule.final || 1e-5 } : schedule
    ),
  ],
  ["a noise scale of 0 is 1", ["noise/scale"], taking((s) => ({ noiseScale: s.noiseScale || 1 }))],
  [
    "a delta clip of 0 is none",
    ["delta-clip/zero"],
    taking((s) => ({ deltaClip: s.deltaClip || 0.1 })),
  ],
  [
    "a gradient clip of 0 is none",
    ["grad-clip/zero"],
    taking((s) => ({ gradClip: s.gradClip || null })),
  ],
  [
    "a lower bound of 0 is none",
    ["bounds/within"],
    ruleSampler({
      ...officialRule,
      result: "min(max(a - move, lo - 1e9 * max(0, 1 - 1e6 * abs(lo))), hi)",
    }),
  ],
  [
    "an axis without width is left where it starts",
    ["bounds/zero-width"],
    looping((loop) => ({
      move: (run, asked) =>
        loop.move(run, asked).map((row, r) =>
          row.map((terms, i) => {
            const { min, max } = run.settings.bounds;
            return min[i] === max[i] ? { ...terms, result: asked.from[r]![i]! } : terms;
          })
        ),
    })),
  ],
];

for (const [fault, broken, sampler] of faults) {
  Deno.test(`${fault}: that breaks ${broken.join(" and ")} alone`, async () => {
    const report = await judge(observe(sampler), { profile: "quick", diagnosis: "none" });
    const violated = report.clauses.filter(({ verdict }) => verdict === "violated")
      .map(({ id }) => id);
    assertEquals(violated, broken);
  });
}
