/**
 * What can be wrong with one term: a known defect, or a figure that was measured.
 *
 * @module
 */

import { type Change, compatible } from "../../defects/change.ts";
import { type Defect, defects } from "../../defects/defects.ts";
import {
  askedSeldom,
  keptDraws,
  lateGradients,
  runningAverages,
  tailMeans,
} from "../../defects/loop_steps.ts";
import { reportSlips } from "../../defects/report_slips.ts";
import type { Problem } from "../../../spec/problem.ts";
import type { Piece } from "../figures/figures_by_place.ts";

/** A change of the rule that can be named. */
export interface Suspect {
  /** Words; unique. */
  readonly key: string;
  /** The known defect; null for a figure that was measured. */
  readonly id: string | null;
  /** What is wrong, in half a sentence. */
  readonly title: string;
  /** What to change. */
  readonly fix: string;
  /** A public example. */
  readonly seen?: string;
  /** The parts of the rule that it changes. */
  readonly change: Change;
  /** What it multiplies a term by, as the measured rule has it. */
  readonly times?: string;
  /** Where the change is known, if it is not known everywhere. */
  readonly known?: (problem: Problem) => boolean;
  /** Where it is a number by place: which number is where, as the measured rule has it. */
  readonly pieces?: readonly Piece[];
  /** Whether more than this gives what was seen: it is never certain. */
  readonly isGuess?: boolean;
  /** So much of the last step is added to each. */
  readonly keeps?: number;
  /** The same times a factor. */
  readonly scaled?: (factor: number) => Suspect;
  /** What it is where alone it acts, and where that is in words. */
  readonly only?: { readonly everywhere: Suspect; readonly words: string };
  /** How the measured rule writes the gradient with what is added to it, a limit, or the bounds. */
  readonly written?: (symbol: string) => string;
}

/** Suspects that are there together. */
export type Hypothesis = readonly Suspect[];

const suspectOf = ({ id, title, fix, seen, change }: Defect): Suspect => ({
  key: id,
  id,
  title,
  fix,
  ...(seen === undefined ? {} : { seen }),
  change,
});

/** All known defects. */
export const knownSuspects: readonly Suspect[] = defects.map(suspectOf);

/** The known factor of the gradient where it acts after the gradient clip, and its double. */
export const rangeFactors: readonly Suspect[] = knownSuspects
  .filter(({ id }) => id === "gradient-times-range").flatMap((known) => {
    // Both at once are a square, which has a name of its own.
    const after = (factor: string) => ({
      drift: `${factor} * gt / 2`,
      gradientOfExp: "exp(-E) * g",
    });
    const twice = (title: string, change: Change): Suspect => ({
      key: title,
      id: null,
      title: `${title} is multiplied by the range of its axis`,
      fix: known.fix,
      change,
      written: (symbol) => `${symbol}·range`,
    });
    return [
      {
        ...known,
        key: `${known.id} after the gradient clip`,
        title: "The clipped gradient is multiplied by half the range of its axis",
        change: after("(hi - lo) / 2"),
        written: (symbol: string) => `${symbol}·½·range`,
      },
      twice("The gradient", {
        gradient: "g * (hi - lo)",
        gradientOfExp: "exp(-E) * g * (hi - lo)",
      }),
      twice("The clipped gradient", after("(hi - lo)")),
    ];
  });

const ordinals: Readonly<Record<string, string>> = {
  2: "second",
  3: "third",
  4: "fourth",
  5: "fifth",
};

/** Gradients of earlier steps. */
export const lateGradientSuspects: readonly Suspect[] = lateGradients.map((word) => {
  const [kind, steps] = word.split("-");
  return {
    key: `measured number gradient ${word}`,
    id: null,
    title: kind === "every"
      ? `The gradient is computed in every ${ordinals[steps!]} step, and used until the next one`
      : `The gradient is that of the point ${steps} steps before`,
    fix: "Evaluate the gradient inside the loop, at the current actions.",
    change: { gradientAt: word },
    written: (symbol) =>
      kind === "every"
        ? `${symbol}(a at step ${steps}⌊k/${steps}⌋)`
        : `${symbol}(a ${steps} steps before)`,
  };
});

/** Gradients that are not asked for in every step. */
export const seldomSuspects: readonly Suspect[] = askedSeldom.map((word) => {
  const steps = word.at(-1)!;
  return {
    key: `measured number gradient asked ${word}`,
    id: null,
    title: `A gradient is asked for in every ${
      ordinals[steps]
    } step only, and used until the next one`,
    fix: "Evaluate the gradient inside the loop, at the current actions.",
    change: { gradientAsked: word },
    written: (symbol) => `${symbol}(a at step ${steps}⌊k/${steps}⌋)`,
  };
});

/** Draws that are used again. */
export const keptDrawSuspects: readonly Suspect[] = keptDraws.map((word) => {
  const steps = word.at(-1)!;
  return {
    key: `measured number draws ${word}`,
    id: null,
    title: `The draw of every ${ordinals[steps]} step is used until the next one`,
    fix: "Draw anew in every step.",
    change: { noiseSource: word },
    written: (symbol) => symbol.replace("ξ", `ξ(of step ${steps}⌊k/${steps}⌋)`),
  };
});

/** Averages of points, or the first of them, that are returned in the place of the last one. */
export const averagesReturned: readonly Suspect[] = [
  ...[...tailMeans, ...runningAverages].map((word) => [word, averageInWords(word)] as const),
  ["first", "Where the chain has started"] as const,
].map(([word, what]) => ({
  key: `measured number returned ${word}`,
  id: null,
  title: `${what} is returned`,
  fix: "Return the actions after the last step.",
  change: { returns: word },
}));

function averageInWords(word: (typeof tailMeans | typeof runningAverages)[number]): string {
  if (word === "mean-with-start") return "The mean of the chain with its start";
  const [kind, kept, ...begun] = word.split(" ");
  if (kind === "average") {
    const fresh = Number((1 - Number(kept)).toPrecision(4));
    const how = {
      start: "that begins at the initial actions",
      step: "that begins at the point after the first step",
      corrected: "with weights that add up to one",
    }[begun.at(-1)!];
    return `A running average of the points (${kept} of the last one, ${fresh} of each new point), ${how},`;
  }
  const part = word.slice("mean-of-last-".length);
  return /\d/.test(part)
    ? `The mean of the last ${part} points`
    : `The mean of the last ${part} of the chain`;
}

/** Actions that are squashed into the box by a smooth function. */
export const squashes: readonly Suspect[] = [
  ["(2 * (a - move) - lo - hi) / max(hi - lo, 1e-12)", "a tanh of where they are in it"],
  ["a - move", "a tanh of the actions themselves"],
  ["(a - move) / 2", "a sigmoid of the actions themselves"],
].map(([inner, words]) => ({
  key: `measured number bounds squashed by ${inner}`,
  id: null,
  title: `The actions are squashed into the box by ${words}`,
  fix: "Clip the actions to the bounds: min(max(a, lo), hi).",
  change: { result: `(lo + hi) / 2 + (hi - lo) / 2 * tanh(${inner})` },
  written: () => `, squashed by ${words}`,
}));

/** Walls in the wrong order: all chains end at one of them. */
export const swappedWalls: readonly Suspect[] = [
  ["min(max(a - move, hi), lo)", "lower"],
  ["max(min(a - move, lo), hi)", "upper"],
].map(([result, end]) => ({
  key: `measured number bounds ${result}`,
  id: null,
  title: `Both bounds are swapped: every step ends at the ${end} one`,
  fix: "Clip the actions to the bounds: min(max(a, lo), hi).",
  change: { result: result! },
  written: () => "bounds swapped",
}));

/** Number formats of half the size. */
const halves = ["float16", "bfloat16"] as const;

/** One term that passes through half precision: numbers that are exact in it do not show it. */
export const halfTerms: readonly Suspect[] = halves.flatMap((format): Suspect[] => [{
  key: `measured number gradient in ${format}`,
  id: null,
  title: `The gradient passes through ${format}`,
  fix: "Keep gradients in float32 or float64.",
  change: { gradientPrecision: format },
  written: (symbol) => `${format}(${symbol})`,
}, {
  key: `measured number draws in ${format}`,
  id: null,
  title: `The draws pass through ${format}`,
  fix: "Keep draws in float32 or float64.",
  change: { drawPrecision: format },
  written: (symbol) => symbol.replace("ξ", `${format}(ξ)`),
}]);

/** Step sizes that are rounded to half precision. */
export const halfSizes: readonly Suspect[] = halves.map((format) => ({
  key: `measured power of sizes in ${format}`,
  id: null,
  title: `The step sizes are rounded to ${format}`,
  fix: "Compute step sizes in float32 or float64.",
  change: { stepSizes: format },
}));

/** A chain that is computed in bfloat16. */
export const bfloat16Chain: Suspect = {
  key: "measured number chain in bfloat16",
  id: null,
  title: "The chain is computed in bfloat16",
  fix: "Compute in float32 or float64.",
  change: { precision: "bfloat16" },
};

/** Rows that get the observation of another group. */
export const otherObservations: readonly Suspect[] = ([
  ["of-next-row", "the one that the next row should have"],
  ["of-row-before", "the one that the row before should have"],
  ["of-next-group", "that of the next group, the last group that of the first"],
  ["of-group-before", "that of the group before, the first group that of the last"],
  ["from-the-end", "that of the group as far from the end"],
  ["first", "the first one, whatever its group"],
  ["last", "the last one, whatever its group"],
] as const).map(([observations, whose]) => ({
  key: `other observation ${observations}`,
  id: null,
  title: `The observation that a row gets is ${whose}`,
  fix: "Repeat each observation for its own samples: row r belongs to floor(r / samples).",
  change: { observations },
}));

/** Reports of one array that every step overwrites. */
export const arraysReported: readonly Suspect[] = ([
  ["reportedActions", "action", "actions.copy()"],
  ["reportedOutputs", "output", "outputs.copy()"],
  ["reportedNorm", "gradient norm", "norms.copy()"],
] as const).map(([part, what, copy]) => ({
  key: `measured number ${part} in one array`,
  id: null,
  title: `Every reported ${what} is that of the last step: one array is reported for all of them`,
  fix: `Report a copy of each step's, such as ${copy}.`,
  change: { [part]: "one array" },
}));

/** Outputs and gradient norms that are reported where others should be. */
export const numbersReported: readonly Suspect[] = reportSlips.flatMap((slip) =>
  ([
    ["reportedOutputs", "output", "the raw output of the network at the point before it"],
    ["reportedNorm", "gradient norm", "the norm of the whole gradient at the point before it"],
  ] as const).map(([part, what, right]) => ({
    key: `measured number ${part} ${slip}`,
    id: null,
    title: `The reported ${what} of a row is ${slip}`,
    fix: `Report for each row and step ${right}.`,
    change: { [part]: slip },
  }))
);

/** A noise scale of 0 that is asked whether it is truthy. */
export const zeroScaleAsOne: Suspect = {
  key: "measured number noise scale 0 as 1",
  id: null,
  title: "The noise scale 0 is taken as 1",
  fix: "Ask whether the noise scale is set (`is not None`), not whether it is truthy.",
  change: { noise: "where(sigma, sigma, 1) * xi" },
};

/** Schedules that are not begun anew by later calls. */
export const keptSchedules: readonly Suspect[] = ([
  [
    "steps-counted-to-the-last",
    "The schedule is not begun anew: in later calls every step has the final step size",
  ],
  [
    "steps-counted",
    "The schedule goes on counting steps in later calls, beyond the last one of the first call",
  ],
] as const).map(([memory, title]) => ({
  key: `measured number kept ${memory}`,
  id: null,
  title,
  fix: "Begin the schedule anew in every call.",
  change: { memory },
}));

/** One step too few, but for a chain of one step. */
export const oneShortFromTwo: Suspect = {
  key: "measured number steps one short from two on",
  id: null,
  title: "N − 1 steps are taken, and one where one is asked for",
  fix: "Count from 0 to N - 1.",
  change: { steps: "max(1, N - 1)" },
};

/** Known defects that change one of some parts, and besides only parts that may go along. */
export function suspectsOf(
  parts: readonly string[],
  along: readonly string[] = [],
): readonly Suspect[] {
  return knownSuspects.filter(({ change }) => {
    const changed = Object.keys(change);
    return changed.some((part) => parts.includes(part)) &&
      changed.every((part) => parts.includes(part) || along.includes(part));
  });
}

/** Whether a suspect changes parts that a hypothesis leaves alone. */
export function goesWith(hypothesis: Hypothesis, suspect: Suspect): boolean {
  return hypothesis.every(({ key, change }) =>
    key !== suspect.key && compatible(change, suspect.change)
  );
}

/** All sets of so many suspects that go together with a hypothesis and with one another. */
export function setsOf(
  suspects: readonly Suspect[],
  size: number,
  beside: Hypothesis = [],
  from = 0,
): Hypothesis[] {
  if (size === 0) return [[]];
  const sets: Hypothesis[] = [];
  for (let at = from; at < suspects.length; at++) {
    const suspect = suspects[at]!;
    if (!goesWith(beside, suspect)) continue;
    for (const rest of setsOf(suspects, size - 1, [...beside, suspect], at + 1)) {
      sets.push([suspect, ...rest]);
    }
  }
  return sets;
}

/** The changes of a hypothesis. */
export function changesOf(hypothesis: Hypothesis): readonly Change[] {
  return hypothesis.map(({ change }) => change);
}
