/**
 * Terms that are other ones under a condition: on a wall, after a wall has stopped a coordinate, where
 * the gradient or the noise scale is 0.
 *
 * @module
 */

import { officialRule } from "../../spec/rule.ts";
import type { NetworkReturns } from "../../spec/sampler.ts";
import { windows } from "./experiments.ts";
import { rounded, shown } from "./figures.ts";
import type { Observation } from "./observations.ts";
import { chainOf, forcedTerms } from "./response.ts";
import type { Attempt } from "./attempts.ts";
import { goesWith, type Hypothesis, type Suspect } from "./suspects.ts";
import type { Trials } from "./trials.ts";

const onWall = "min(a - lo, hi - a)", { drift, noise } = officialRule;

const conditions = ([
  ["noise", `where(${onWall}, ${noise}, 0)`, "A coordinate on a wall gets no noise", "0 on a wall"],
  ["drift", `where(${onWall}, ${drift}, 0)`, "A coordinate on a wall gets no drift", "0 on a wall"],
  [
    "drift",
    `where(wasStopped - 0.5, 0, ${drift})`,
    "A coordinate that a wall has stopped gets no drift any more, as where the gradient is taken " +
    "through the clamp",
    "0 once a wall has stopped it",
  ],
  [
    "noise",
    `where(abs(g), ${noise}, 0)`,
    "There is no noise where the gradient is 0",
    "0 where ∇E is 0",
  ],
  [
    "drift",
    `where(abs(xi), ${drift}, 0)`,
    "There is no drift where the draw is 0",
    "0 where ξ is 0",
  ],
] as const).map(([part, formula, title, where]): Suspect => ({
  key: `measured number ${part} ${formula}`,
  id: null,
  title,
  fix: "Give every coordinate its drift and its noise in every step, wherever it is" +
    (formula.includes("wasStopped") ? ": detach the actions before each gradient." : "."),
  change: { [part]: formula },
  written: (symbol) => `(${symbol}, ${where})`,
}));

/** An attempt with a condition under which a term is another one, if that explains what is left. */
export function conditioned(
  attempt: Attempt,
  observations: readonly Observation[],
  trials: Trials,
): Attempt {
  const { hypothesis: plain, unexplained } = attempt.ended;
  if (unexplained.length === 0 || !trials.points) return attempt;
  const order = [...unexplained, ...observations];
  for (const one of conditionSuspects(observations, plain, trials.returns)) {
    const hypothesis = [...plain.filter((other) => goesWith([other], one)), one];
    if (!order.every((seen) => trials.explains(hypothesis, seen, "all"))) continue;
    return { ...attempt, starts: [hypothesis], open: [], ended: { hypothesis, unexplained: [] } };
  }
  return attempt;
}

/** What may act under a condition, beside what a target has shown elsewhere. */
function conditionSuspects(
  observations: readonly Observation[],
  hypothesis: Hypothesis,
  returns: NetworkReturns,
): readonly Suspect[] {
  return [...conditions, ...withoutNoise(observations, hypothesis, returns)];
}

/** Another drift where the noise scale is 0: the first window has no other. */
function withoutNoise(
  observations: readonly Observation[],
  hypothesis: Hypothesis,
  returns: NetworkReturns,
): readonly Suspect[] {
  const seen = observations.find(({ probe }) => probe.name === windows[0]!.drift.name);
  const problem = seen?.probe.calls[0], call = seen?.calls[0];
  if (problem === undefined || call === undefined || call === "throws") return [];
  const points = chainOf(problem, call)?.points ?? [];
  const terms = forcedTerms(officialRule, problem, points, returns) ?? [];
  const factors = terms.flatMap((step, k) =>
    step.flatMap((row, r) =>
      row.map(({ step }, i) => (points[k]![r]![i]! - points[k + 1]![r]![i]!) / (2 * step))
    )
  );
  const mean = factors.reduce((sum, factor) => sum + factor, 0) / factors.length;
  const isOne = factors.length > 0 &&
    factors.every((one) => Math.abs(one - mean) <= 1e-3 * Math.abs(mean) + 1e-5);
  if (!isOne) return [];
  const factor = Math.abs(mean) < 1e-5 ? 0 : rounded(mean);
  const elsewhere = hypothesis.find(({ change }) => change.drift !== undefined);
  const formula = `where(sigma, ${elsewhere?.change.drift ?? drift}, ${factor} * gt)`;
  return [{
    key: `measured number drift ${formula}`,
    id: null,
    // A small noise scale may count as none.
    isGuess: true,
    title: `The drift is ${shown(factor)} times the gradient where the noise scale is 0`,
    fix: "Take the same drift with and without noise: multiply the gradient by one half.",
    change: { drift: formula },
    written: (symbol) => `(${symbol}, ${shown(2 * factor)} times that where σ is 0)`,
  }];
}
