/**
 * What explains a target, whatever sign it gives its draws and whosever settings hold.
 *
 * @module
 */

import { officialDefaults, type Settings } from "../../../spec/problem.ts";
import { cachedSettings, firstSettingsHold } from "../terms/first_preparations.ts";
import type { Explanation } from "./explanation.ts";
import { Naming } from "./naming.ts";
import type { Seen } from "./attempts.ts";
import type { Observation } from "../experiments/observations.ts";
import { negated } from "../terms/turned_draws.ts";

/** The fewest suspects that explain what a target has shown, whatever sign it gives its draws. */
export function explained(seen: Seen): Explained {
  const all = explainedWhole(seen), { unexplained } = all.explanation;
  const fails = ({ calls }: Observation) => calls.includes("throws");
  // Failures are no numbers: nothing but a known bug is told by them.
  if (!unexplained.some(fails) || unexplained.every(fails)) return all;
  const observations = seen.observations.filter((one) => !fails(one));
  const { naming, explanation } = explainedWhole({ ...seen, observations });
  if (explanation.unexplained.length > 0) return all;
  return { naming, explanation: { ...explanation, unexplained: seen.observations.filter(fails) } };
}

interface Explained {
  readonly naming: Naming;
  readonly explanation: Explanation;
}

function explainedWhole(seen: Seen): Explained {
  const plain = new Naming(seen);
  const held = plain.frozenSteps();
  const frozen = held === undefined ? undefined : underFirstSettings(seen, held);
  if (frozen) return frozen;
  const turned = () => {
    const naming = new Naming({ ...seen, observations: seen.observations.map(negated) });
    return { naming, explanation: { ...naming.explain(), noiseSign: -1 as const } };
  };
  const first = plain.fitOf([])?.coefficients("noise", [])?.[0]?.values[0] ?? 1;
  if (first < 0) return turned();
  const explanation = plain.explain(), { hypothesis, unexplained } = explanation;
  // A known bug may look like a setting that is kept.
  const isNamed = unexplained.length === 0 && hypothesis.every(({ id }) => id !== null);
  const cached = isNamed || plain.isRight() ? undefined : underCached(seen);
  if (cached) return cached;
  // The sign of the draws is free; beside a term that acts without them it shows in the end alone.
  if (isTurned(explanation)) {
    const other = turned();
    const isAsGood = other.explanation.unexplained.length <= explanation.unexplained.length;
    if (isAsGood && !isTurned(other.explanation)) return other;
  }
  if (!explanation.open.includes("noise") || plain.followsDraws()) {
    return { naming: plain, explanation };
  }
  const other = turned();
  // A sign that is turned twice is none.
  return isTurned(other.explanation) || other.explanation.open.includes("noise")
    ? { naming: plain, explanation }
    : other;
}

/** Whether noise is said to have the other sign. */
function isTurned({ hypothesis }: Explanation): boolean {
  return hypothesis.some(({ key }) => key.startsWith("measured number noise -"));
}

/**
 * What else is wrong where the settings of the first preparation hold for all: those of the first
 * experiment, or the plain ones that an adapter tries.
 *
 * @returns nothing if other settings hold
 */
function underFirstSettings(seen: Seen, steps: number): Explained | undefined {
  const first = seen.observations[0]?.probe.calls[0]?.settings;
  for (const settings of [...first ? [first] : [], { ...officialDefaults, steps }]) {
    const found = settings.steps === steps ? underSettings(seen, settings) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** What was seen, as if it had been asked for with other settings. */
function asAskedWith(
  { observations }: Seen,
  settingsOf: (settings: Settings) => Settings,
): readonly Observation[] {
  return observations.map(({ probe, calls }) => ({
    probe: {
      ...probe,
      calls: probe.calls.map((problem) => ({ ...problem, settings: settingsOf(problem.settings) })),
    },
    calls,
  }));
}

/** Where one setting of the first preparation holds for all, and nothing else is wrong. */
function underCached(seen: Seen): Explained | undefined {
  for (const cached of cachedSettings(seen.firsts ?? [])) {
    const naming = new Naming({ ...seen, observations: asAskedWith(seen, cached.of) });
    if (!naming.isRight()) continue;
    const hypothesis = [cached.suspect];
    return { naming, explanation: { ...naming.explain(), hypothesis, measured: hypothesis } };
  }
  return undefined;
}

function underSettings(
  seen: Seen,
  first: Omit<Settings, "bounds">,
): Explained | undefined {
  // The bounds are always those of the call: they have its number of axes.
  const observations = asAskedWith(seen, ({ bounds }) => ({ ...first, bounds }));
  const naming = new Naming({ ...seen, observations });
  const { hypothesis, measured, ...rest } = naming.explain();
  if (rest.unexplained.length > 0) return undefined;
  return {
    naming,
    explanation: {
      ...rest,
      hypothesis: [...firstSettingsHold, ...hypothesis],
      measured: [...firstSettingsHold, ...measured],
    },
  };
}
