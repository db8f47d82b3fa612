/**
 * The names of an explanation, and which of them are certain.
 *
 * @module
 */

import type { NamedDefectReport } from "../../report/report.ts";
import type { Explanation } from "./explanation.ts";
import type { Naming } from "./naming.ts";
import type { Observation } from "../experiments/observations.ts";
import { firstCall, remembers } from "../terms/repeated_calls.ts";
import type { Hypothesis, Suspect } from "../terms/suspects.ts";
import { isKnownIn, Trials } from "../terms/trials.ts";

/**
 * The names of an explanation: certain is what alone explains everything that was observed, whatever
 * step sizes without a formula are and whatever is kept for later calls.
 */
export function namesOf(
  { hypothesis, alternatives, unexplained, refuting }: Explanation,
  { observations, returns, plan }: Naming,
): NamedDefectReport[] {
  const trials = new Trials(returns, plan.sees === "steps");
  const explainsFirst = (all: Hypothesis, seen: Observation) =>
    trials.explains(all, firstCall(seen), "all");
  // Where a figure is not known, nothing speaks against it, and nothing for it.
  const isKnown = (all: Hypothesis) => observations.every(({ probe }) => isKnownIn(all, probe));
  const complete = unexplained.length === 0 && isKnown(hypothesis);
  // What later calls show is kept from the first one where equal calls differ.
  const isOfLater = unexplained.length === 0 || remembers(observations);
  const inFirstCalls = isOfLater &&
    isKnown(hypothesis.filter((suspect) => !isSizes(suspect))) &&
    unexplained.every((seen) => seen.calls.length > 1 && explainsFirst(hypothesis, seen));
  const isNeeded = (suspect: Suspect) => {
    const without = hypothesis.filter((other) => other !== suspect);
    return observations.some((seen) =>
      isKnownIn(hypothesis, seen.probe) && !explainsFirst(without, seen) &&
      explainsFirst(hypothesis, seen)
    );
  };
  // A guess that changes a part with a measured figure may be why that figure fits.
  const guesses = hypothesis.some(({ isGuess }) => isGuess);
  const isCertain = (suspect: Suspect) =>
    !refuting?.has(suspect.key) && (complete && !(guesses && suspect.id === null) ||
      inFirstCalls && !isSizes(suspect) && isNeeded(suspect));
  return hypothesis.map((suspect) => {
    const { key, id, title, fix, seen, change, known, isGuess = false } = suspect;
    const others = alternatives.get(key) ?? [];
    return {
      id,
      title,
      fix,
      ...(seen === undefined ? {} : { seen }),
      certain: isCertain(suspect) && others.length === 0 && !isGuess,
      ...(known ? {} : { change: { ...change } }),
      ...(others.length === 0
        ? {}
        : { alternatives: others.map((other) => ({ id: other.id, title: other.title })) }),
    };
  });
}

/**
 * An explanation without guesses that what was observed contradicts: what is given without one of them
 * and not with it.
 */
export function withoutContradicted(
  explanation: Explanation,
  { observations, returns, plan }: Naming,
): Explanation {
  const { hypothesis, measured, unexplained } = explanation;
  const trials = new Trials(returns, plan.sees === "steps");
  const isContradicted = (suspect: Suspect) => {
    const without = hypothesis.filter((other) => other !== suspect);
    return suspect.only === undefined && suspect.known === undefined &&
      unexplained.some((seen) => trials.explains(without, seen, "all"));
  };
  const contradicted = new Set(hypothesis.filter(isContradicted).map(({ key }) => key));
  if (contradicted.size === 0) return explanation;
  const rest = (all: Hypothesis) => all.filter(({ key }) => !contradicted.has(key));
  return {
    ...explanation,
    hypothesis: rest(hypothesis),
    measured: rest(measured),
    unexplained: trials.unexplained(rest(hypothesis), observations, "all"),
  };
}

/** Step sizes that were measured and have no formula: known in chains like those measured alone. */
function isSizes({ key, change, known }: Suspect): boolean {
  return known !== undefined && key.startsWith("measured table") && change.polynomial !== undefined;
}
