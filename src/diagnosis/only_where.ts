/**
 * Bugs that act under a condition on what is asked for: with some numbers of rows, of axes or of
 * steps, with noise or without it.
 *
 * @module
 */

import { formulaNames, officialRule } from "../../spec/rule.ts";
import type { Problem } from "../../spec/problem.ts";
import type { Attempt } from "./attempts.ts";
import type { Observation } from "./observations.ts";
import { goesWith, type Hypothesis, knownSuspects, type Suspect } from "./suspects.ts";
import type { Trials } from "./trials.ts";

/** What a condition may be about. */
interface Variable {
  readonly symbol: string;
  readonly of: (problem: Problem) => number;
  readonly one: string;
  readonly many: string;
}

const scale: Variable = {
  symbol: "sigma",
  of: ({ settings }) => settings.noiseScale,
  one: "",
  many: "",
};

/** What is counted. */
const variables: readonly Variable[] = [
  { symbol: "rows", of: ({ initial }) => initial.length, one: "row", many: "rows" },
  {
    symbol: "(rows / samples)",
    of: ({ groups }) => groups,
    one: "observation",
    many: "observations",
  },
  { symbol: "samples", of: ({ samples }) => samples, one: "sample", many: "samples" },
  { symbol: "axes", of: ({ axes }) => axes, one: "axis", many: "axes" },
  { symbol: "N", of: ({ settings }) => settings.steps, one: "step", many: "steps" },
];

/** A condition, in words and as a formula that is positive under it. */
interface Condition {
  readonly words: string;
  readonly formula: string;
}

/** What tells problems of one kind from those of another one. */
function conditionOf(
  inside: readonly Problem[],
  outside: readonly Problem[],
): Condition | undefined {
  const zero = (problems: readonly Problem[]) => problems.map((one) => scale.of(one) === 0);
  const [ins, outs] = [zero(inside), zero(outside)];
  if (ins.every(Boolean) && !outs.some(Boolean)) {
    return { words: "where the noise scale is 0", formula: "0.5 - where(sigma, 1, 0)" };
  }
  if (outs.every(Boolean) && !ins.some(Boolean)) {
    return { words: "where there is noise", formula: "sigma" };
  }
  const [told, ...others] = variables.flatMap((one) =>
    countedCondition(one, inside, outside) ?? []
  );
  if (told === undefined) return undefined;
  const as = others.map(({ counts }) => counts).join(" or ");
  return { ...told, words: `${told.words}${as === "" ? "" : `; as well told by ${as}`}` };
}

/** A condition on a number of something. */
interface Counted extends Condition {
  /** What is counted. */
  readonly counts: string;
}

function countedCondition(
  { symbol, of, one, many }: Variable,
  inside: readonly Problem[],
  outside: readonly Problem[],
): Counted | undefined {
  const ins = inside.map(of), outs = outside.map(of);
  const [from, to] = [Math.min(...ins), Math.max(...ins)];
  const [low, high] = [Math.min(...outs), Math.max(...outs)];
  const isOdd = ins[0]! % 2 === 1, odd = `${symbol} - 2 * floor(${symbol} / 2) - 0.5`;
  const isParity = ins.every((count) => (count % 2 === 1) === isOdd) &&
    outs.every((count) => (count % 2 === 1) !== isOdd);
  const isSplit = from > high || to < low;
  const formula = from > high
    ? `${symbol} - ${(from + high) / 2}`
    : to < low
    ? `${(to + low) / 2} - ${symbol}`
    : isParity
    ? isOdd ? odd : `-(${odd})`
    : undefined;
  // Between what was tried and beyond it nothing is known, so what was tried is told.
  const seen = (counts: readonly number[]) => {
    const all = [...new Set(counts)].sort((a, b) => a - b), few = all.slice(0, mostListed);
    const list = few.length < all.length
      ? `${few.join(", ")}, …`
      : few.join(", ").replace(/, (\d+)$/, " and $1");
    return `${list} ${all.join() === "1" ? one : many}`;
  };
  return formula === undefined ? undefined : {
    words: isSplit
      ? `as seen with ${seen(ins)}, not with ${seen(outs)}`
      : `as seen with ${seen(ins)}, all ${isOdd ? "odd" : "even"}, not with ${seen(outs)}`,
    formula,
    counts: `the number of ${many}`,
  };
}

/** How many numbers are listed. */
const mostListed = 5;

const official: Readonly<Record<string, unknown>> = { ...officialRule };

/** A suspect that acts under a condition alone; nothing where it is more than formulas of a step. */
function under(
  { known: _, ...suspect }: Suspect,
  { words, formula }: Condition,
): Suspect | undefined {
  const parts = Object.entries(suspect.change);
  // Step sizes know no rows and no noise.
  const ofStep = (part: string) =>
    formulaNames.some((name) => name === part) &&
    (/\bN\b/.test(formula) || !/^(polynomial|singleStep|exponential|steps$)/.test(part));
  if (!parts.every(([part, text]) => ofStep(part) && text !== "throws")) return undefined;
  const there = words.replace(/^as seen |, not .*/g, ""),
    touches = (part: string) => part in suspect.change;
  return {
    ...suspect,
    // Under a condition it is another bug than the known one.
    id: null,
    // A small noise scale may count as none; of axes nothing lies between.
    isGuess: !places.some((place) => place.words === words),
    written: (symbol) =>
      touches("limit") || touches("clippedStep")
        ? `±1.000·c·½·range, another one ${there}`
        : touches("result")
        ? `bounds, others ${there}`
        : `(${symbol}, ${
          Object.values(suspect.change).includes("0") ? "none" : "another one"
        } ${there})`,
    key: `${suspect.key}${onlyMark}${words}`,
    title: `${suspect.title}, ${words.startsWith("as seen") ? "" : "but only "}${words}`,
    change: Object.fromEntries(
      parts.map(([part, text]) => [part, `where(${formula}, ${text}, ${official[part]})`]),
    ),
  };
}

/** Whether a suspect acts under a condition alone. */
export const isConditional = ({ key }: Suspect) => key.includes(onlyMark);

const onlyMark = ", only ";

/** How many of the shortest observations that are left a bug must explain one of. */
const shortest = 3;

/** The fewest observations on both sides of a condition together. */
const fewest = 3;

/** Axes on which alone a bug may act; of drift and noise factors tell that. */
const places: readonly Condition[] = [
  { words: "on the last axis", formula: "0.5 - abs(axis - (axes - 1))" },
  { words: "on axis 0", formula: "0.5 - axis" },
  { words: "on all axes but the last", formula: "axes - 1.5 - axis" },
  { words: "on all axes but the first", formula: "axis - 0.5" },
];

const limits = ({ change }: Suspect) =>
  ["limit", "clippedStep", "result", "gradClip"].some((part) => part in change);

/** An attempt with a bug that acts under a condition or at some places, if that explains what is left. */
export function onlyWhere(
  attempt: Attempt,
  observations: readonly Observation[],
  trials: Trials,
): Attempt {
  // A figure that is known in one box or with some settings alone explains nothing elsewhere.
  const hypothesis = attempt.ended.hypothesis.filter(({ known }) => known === undefined);
  const unexplained = trials.unexplained(hypothesis, observations, "all");
  if (unexplained.length === 0 || !trials.points) return attempt;
  const few = shortestLeft(observations, trials);
  const order = [...unexplained, ...observations.filter((seen) => !unexplained.includes(seen))];
  const known = knownSuspects.map((suspect) => ({ suspect, rest: restOf(hypothesis, suspect) }));
  const helping = known.filter(({ suspect, rest }) =>
    hypothesis.includes(suspect) ||
    few(rest).some((seen) => trials.explains([...rest, suspect], seen, "all"))
  );
  const measured = hypothesis.filter(({ id }) => id === null)
    .map((suspect) => ({ suspect, rest: restOf(hypothesis, suspect) }));
  const [best] = [...helping, ...measured].flatMap(({ suspect, rest }) => {
    const found = conditional(suspect, rest, order, trials);
    const whole = found && [...rest, found.suspect];
    return whole && trials.unexplained(whole, order, "all").length === 0
      ? [{ whole, seen: found.seen }]
      : [];
  }).sort((a, b) => b.seen - a.seen);
  if (best) return explainedBy(attempt, best.whole);
  for (const { suspect, rest } of known.filter(({ suspect }) => limits(suspect))) {
    for (const place of places) {
      const found = under(suspect, place), whole = found && [...rest, found];
      const gives = (seen: Observation) => trials.explains(whole!, seen, "all");
      if (whole && few(rest).every(gives) && order.every(gives)) return explainedBy(attempt, whole);
    }
  }
  return attempt;
}

const explainedBy = (attempt: Attempt, hypothesis: Hypothesis): Attempt => ({
  ...attempt,
  starts: [hypothesis],
  open: [],
  ended: { hypothesis, unexplained: [] },
});

/** The shortest observations that a hypothesis leaves. */
function shortestLeft(observations: readonly Observation[], trials: Trials) {
  const known = new Map<string, readonly Observation[]>();
  const size = ({ probe: { calls: [problem] } }: Observation) =>
    problem!.initial.length * problem!.settings.steps;
  return (rest: Hypothesis): readonly Observation[] => {
    const key = rest.map((one) => one.key).join();
    const found = known.get(key) ??
      [...trials.unexplained(rest, observations, "all")]
        .sort((a, b) => size(a) - size(b)).slice(0, shortest);
    known.set(key, found);
    return found;
  };
}

const restOf = (hypothesis: Hypothesis, suspect: Suspect) =>
  hypothesis.filter((other) => other !== suspect && goesWith([other], suspect));

/**
 * A suspect under the condition that tells where it is there from where it isn't, and in how many
 * observations it is there.
 */
function conditional(
  suspect: Suspect,
  rest: Hypothesis,
  order: readonly Observation[],
  trials: Trials,
): { readonly suspect: Suspect; readonly seen: number } | undefined {
  const inside: Problem[] = [], outside: Problem[] = [];
  for (const seen of order) {
    const [beside, without] = [[...rest, suspect], rest].map((set) =>
      trials.explains(set, seen, "all")
    );
    if (!beside && !without) return undefined;
    if (beside !== without) (beside ? inside : outside).push(seen.probe.calls[0]!);
  }
  const [ins, outs] = [inside.length, outside.length];
  if (ins === 0 || outs === 0 || ins + outs < fewest) return undefined;
  const condition = conditionOf(inside, outside), found = condition && under(suspect, condition);
  return found && { suspect: found, seen: ins };
}
