/**
 * Steps of the loop that a defect may put in the place of the official ones, each by a name, so that
 * a defect is a record of words.
 *
 * @module
 */

import { roundToBfloat16, roundToFloat16 } from "../../spec/numerics/floats.ts";
import { norm } from "../../spec/numerics/norm.ts";
import { slots } from "../../spec/compiled_rule.ts";
import type { GradNorm, Rows, Settings } from "../../spec/problem.ts";
import type { Call } from "../../spec/sampler.ts";
import type { Loop, Run, Step } from "../../spec/rule.ts";
import { reportSlips, slipped } from "./report_slips.ts";
import { noiseLaws, noiseOfLaw, noiseSharings, sharedNoise } from "./noise_laws.ts";

/** Gradients that are taken anew in every so many steps only, or are so many steps late. */
export const lateGradients = [
  "every-2",
  "every-3",
  "every-4",
  "every-5",
  "late-2",
  "late-3",
] as const;

/** Gradients that are asked for in every so many steps only, and kept until the next time. */
export const askedSeldom = ["every-2", "every-3", "every-4", "every-5"] as const;

/** Draws that are kept for so many steps. */
export const keptDraws = ["every-2", "every-3", "every-4", "every-5"] as const;

/** Means of points that may be returned: of the last so many, or of the last part of the chain. */
export const tailMeans = [
  "mean-of-last-2",
  "mean-of-last-3",
  "mean-of-last-4",
  "mean-of-last-5",
  "mean-of-last-10",
  "mean-of-last-half",
  "mean-of-last-third",
  "mean-of-last-quarter",
  "mean-of-last-fifth",
  "mean-of-last-tenth",
  "mean-with-start",
] as const;

/** Running averages that may be returned: what of the last one is kept, and where they begin. */
export const runningAverages = ([
  "from the start",
  "from the first step",
  "corrected",
] as const).flatMap((begun) =>
  ([0.1, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999] as const).map((kept) =>
    `average ${kept} ${begun}` as const
  )
);

/** Running averages of points that may be returned. */
type RunningAverage = (typeof runningAverages)[number];

/** The step at the beginning of which a step's gradient was taken. */
export function stepOfGradient(word: (typeof lateGradients)[number], k: number): number {
  const [kind, count] = word.split("-"), steps = Number(count);
  return kind === "every" ? k - k % steps : Math.max(0, k - steps);
}

/** A loop with another step, which may use the one that was there. */
type Replace = (loop: Loop) => Loop;

/** One choice of a defect: what the rule does, and what else may be done. */
interface Choice<Name extends string> {
  /** The word for what the rule does. */
  readonly official: string;
  /** What may stand in its place. */
  readonly others: Readonly<Record<Name, Replace>>;
}

const choice = <Name extends string>(
  official: string,
  others: Readonly<Record<Name, Replace>>,
): Choice<Name> => ({ official, others });

const pointsAt = (gradientAt: Loop["gradientAt"]): Replace => (loop) => ({ ...loop, gradientAt });
const returning = (result: Loop["result"]): Replace => (loop) => ({ ...loop, result });

/** A loop that reports something else; the rest of the report stays. */
const reporting = (
  other: (run: Run, step: Step, report: ReturnType<Loop["report"]>) => Partial<typeof report>,
): Replace =>
(loop) => ({
  ...loop,
  report(run, step) {
    const report = loop.report(run, step);
    return { ...report, ...other(run, step, report) };
  },
});

/** Which observation a row gets, by the number of the row, the samples, and the number of groups. */
const observationOf = {
  tiled: (row: number, _samples: number, groups: number) => row % groups,
  "of-next-row": (row: number, samples: number, groups: number) =>
    Math.min(Math.floor((row + 1) / samples), groups - 1),
  "of-row-before": (row: number, samples: number) => Math.max(Math.floor((row - 1) / samples), 0),
  "of-next-group": (row: number, samples: number, groups: number) =>
    (Math.floor(row / samples) + 1) % groups,
  "of-group-before": (row: number, samples: number, groups: number) =>
    (Math.floor(row / samples) + groups - 1) % groups,
  "from-the-end": (row: number, samples: number, groups: number) =>
    groups - 1 - Math.floor(row / samples),
  first: () => 0,
  last: (_row: number, _samples: number, groups: number) => groups - 1,
} as const;

/** The observations that rows get against the rule. */
export const observationPlaces = Object.keys(
  observationOf,
) as readonly (keyof typeof observationOf)[];

/** All choices; where several act on the same step of the loop, they do so in this order. */
export const choices = {
  /** Whether the gradient clip 0 counts as set. */
  zeroGradClip: choice("value", {
    none: (loop) => ({
      ...loop,
      move: (run, asked) =>
        loop.move(
          run.settings.gradClip === 0
            ? { ...run, settings: { ...run.settings, gradClip: null } }
            : run,
          asked,
        ),
    }),
  }),
  /** Which settings a call goes by. The bounds are always its own: they have its number of axes. */
  settings: choice("own", { "of-first": settingsOfFirst, "of-last": settingsOfLast }),
  /** From what the polynomial step sizes are computed. */
  stepSizes: choice("from-init", {
    "from-last": recursiveSchedule,
    float16: roundedSizes(roundToFloat16),
    bfloat16: roundedSizes(roundToBfloat16),
  }),
  /** When the chain ends. */
  ends: choice("after-last", { "at-small-gradient": endingAtSmallGradient }),
  /** Number format of the computation. */
  precision: choice("float64", {
    float32: roundedBy(Math.fround),
    float16: roundedBy(roundToFloat16),
    bfloat16: roundedBy(roundToBfloat16),
  }),
  /** Number format that gradients pass through. */
  gradientPrecision: choice("float64", {
    float16: roundedGradient(roundToFloat16),
    bfloat16: roundedGradient(roundToBfloat16),
  }),
  /** Number format that draws pass through. */
  drawPrecision: choice("float64", {
    float16: roundedDraws(roundToFloat16),
    bfloat16: roundedDraws(roundToBfloat16),
  }),
  /** Where the gradient is taken. */
  gradientAt: choice("current", {
    previous: pointsAt(({ steps }, { from }) => steps.at(-1)?.from ?? from),
    initial: pointsAt(({ initial }) => initial),
    noised: pointsAt(({ settings }, { from, draws, stepSize }) =>
      from.map((row, r) => row.map((a, i) => a - stepSize * settings.noiseScale * draws[r]![i]!))
    ),
    "inside-box": pointsAt((run, { from }) => inside(run, from)),
    ...named(
      lateGradients,
      (word) => pointsAt(({ steps }, { k, from }) => steps[stepOfGradient(word, k)]?.from ?? from),
    ),
  }),
  /** In which steps a gradient is asked for. */
  gradientAsked: choice(
    "every step",
    named(askedSeldom, (word) => (loop) => ({
      ...loop,
      ask(run, at) {
        const last = run.steps.at(-1);
        const isOld = last !== undefined && run.steps.length % Number(word.at(-1)) > 0;
        return isOld ? { slopes: last.slopes, energies: last.energies } : loop.ask(run, at);
      },
    })),
  ),
  /** Which observation a row gets. */
  observations: choice(
    "repeated",
    named(observationPlaces, (place) => (loop) => ({
      ...loop,
      observations: ({ initial, observations, samples }: Call) =>
        initial.map((_, r) => observations[observationOf[place](r, samples, observations.length)]!),
    })),
  ),
  /** Whether every call draws anew. */
  noiseSource: choice("fresh", {
    "same-every-call": sameEveryCall,
    ...named(keptDraws, (word) => (loop) => ({
      ...loop,
      draws(run) {
        const draws = loop.draws(run), k = run.steps.length;
        return run.steps[k - k % Number(word.at(-1))]?.draws ?? draws;
      },
    })),
  }),
  /** The law of the draws. */
  noiseLaw: choice(
    "normal",
    named(noiseLaws, (law) => (loop) => ({
      ...loop,
      draws: (run) => noiseOfLaw(law, loop.draws(run)),
    })),
  ),
  /** Which draws are shared or correlated. */
  noiseSharing: choice(
    "none",
    named(noiseSharings, (sharing) => (loop) => ({
      ...loop,
      draws: (run) => sharedNoise(sharing, loop.draws(run), run.steps[0]?.draws, run.call.samples),
    })),
  ),
  /** Where the chain starts. */
  start: choice("initial", {
    clipped: (loop) => ({ ...loop, start: (run) => inside(run, loop.start(run)) }),
  }),
  /** Which point is returned. */
  returns: choice("last", {
    best: returning(bestPoints),
    mean: returning(({ steps }, last) =>
      last.map((row, r) =>
        row.map((_, i) => steps.reduce((sum, { to }) => sum + to[r]![i]!, 0) / steps.length)
      )
    ),
    ...named(tailMeans, (word) => returning((run, last) => meanOfTail(word, run, last))),
    ...named(runningAverages, (word) => returning((run, last) => averageOf(word, run, last))),
    first: returning(({ steps }, last) => steps[0]?.from ?? last),
    "before-last": returning(({ steps }, last) => steps.at(-1)?.from ?? last),
    sorted: returning((run, last) => {
      const energies = energiesAt(run, last);
      return last.map((row, r) => ({ row, energy: energies[r]! }))
        .sort((a, b) => a.energy - b.energy).map(({ row }) => row);
    }),
  }),
  /** What becomes of the caller's initial actions. */
  callersArray: choice("untouched", {
    overwritten: (loop) => ({
      ...loop,
      result(run, last) {
        const { steps, call } = run;
        const { to } = steps.at(-1) ?? {};
        to?.forEach((row, r) => row.forEach((a, i) => call.initial[r]![i] = a));
        return loop.result(run, last);
      },
    }),
  }),
  /** Which actions are reported for a step. */
  reportedActions: choice("after", {
    before: reporting((_run, { from }) => ({ actions: from })),
    "one array": reporting((run, _step, { actions }) => ({ actions: actionsArray(run, actions) })),
  }),
  /** Which network outputs are reported for a step. */
  reportedOutputs: choice("before", {
    after: reporting((run, { to }) => ({ outputs: shown(run, energiesAt(run, to)) })),
    negated: reporting((_run, _step, { outputs }) => ({ outputs: outputs.map((v) => -v) })),
    "with-exp": reporting((_run, { energies }) => ({ outputs: energies.map((e) => Math.exp(-e)) })),
    "without-exp": reporting(({ sign }, { energies }) => ({
      outputs: energies.map((e) => sign * e),
    })),
    "one array": reporting((run, _step, { outputs }) => ({ outputs: outputsArray(run, outputs) })),
    ...named(
      reportSlips,
      (slip) => reporting((run, _step, { outputs }) => ({ outputs: slipped(slip, run, outputs) })),
    ),
  }),
  /** Which gradient norm is reported for a step. */
  reportedNorm: choice("unclipped", {
    clipped: reporting(({ settings: { gradNorm } }, { terms }) => ({
      gradNorms: terms.map((row) => norm(row.map((term) => term.clippedGradient), gradNorm)),
    })),
    euclidean: reporting((_run, step) => ({
      gradNorms: gradientsOf(step).map((row) => norm(row, "2")),
    })),
    "one array": reporting((run, _step, { gradNorms }) => ({
      gradNorms: normsArray(run, gradNorms),
    })),
    "over-rows": reporting(({ settings: { gradNorm } }, step) => ({
      gradNorms: normsOverRows(gradientsOf(step), gradNorm),
    })),
    ...named(
      reportSlips,
      (slip) =>
        reporting((run, _step, { gradNorms }) => ({ gradNorms: slipped(slip, run, gradNorms) })),
    ),
  }),
  /** What is kept between calls. */
  memory: choice("none", {
    gradient: keptGradient,
    schedule: keptSchedule,
    "steps-counted": (loop) => countedSteps(loop, false),
    "steps-counted-to-the-last": (loop) => countedSteps(loop, true),
  }),
  /** The step size when there is only one step. */
  singleStep: choice("init", {
    throws: (loop) => ({
      ...loop,
      stepSizes(run) {
        const sizes = [...loop.stepSizes(run)], { schedule, steps } = run.settings;
        if (schedule.kind === "polynomial" && steps === 1 && sizes.length === 1) {
          throw new RangeError("division by zero");
        }
        return sizes;
      },
    }),
  }),
} as const;

/** One array for all steps, which each of them overwrites. */
function inOneArray<Value>(): (run: Run, values: readonly Value[]) => readonly Value[] {
  const arrays = new WeakMap<Run, Value[]>();
  return (run, values) => {
    const array = arrays.get(run) ?? [];
    arrays.set(run, array);
    values.forEach((value, r) => array[r] = value);
    return array;
  };
}

const actionsArray = inOneArray<readonly number[]>();
const outputsArray = inOneArray<number>(), normsArray = inOneArray<number>();

function named<Name extends string>(
  names: readonly Name[],
  replace: (name: Name) => Replace,
): Readonly<Record<Name, Replace>> {
  return Object.fromEntries(names.map((name) => [name, replace(name)])) as Record<Name, Replace>;
}

function roundedGradient(round: (value: number) => number): Replace {
  return (loop) => ({
    ...loop,
    ask(run, at) {
      const { slopes, energies } = loop.ask(run, at);
      return { slopes: slopes.map((row) => row.map(round)), energies };
    },
  });
}

function roundedDraws(round: (value: number) => number): Replace {
  return (loop) => ({
    ...loop,
    draws: (run) => loop.draws(run).map((row) => row.map(round)),
  });
}

function roundedSizes(round: (value: number) => number): Replace {
  return (loop) => ({
    ...loop,
    *stepSizes(run) {
      for (const size of loop.stepSizes(run)) yield round(size);
    },
  });
}

/** Rounds the step and the action after it, and what is returned to float32. */
function roundedBy(round: (value: number) => number): Replace {
  return (loop) => ({
    ...loop,
    move(run, asked) {
      const { step, result } = run.formula;
      const formula = {
        ...run.formula,
        step: (s: Parameters<typeof step>[0]) => round(step(s)),
        result: (s: Parameters<typeof result>[0]) => round(result(s)),
      };
      return loop.move({ ...run, formula }, asked);
    },
    result: (run, last) => loop.result(run, last).map((row) => row.map(Math.fround)),
  });
}

function inside({ settings: { bounds: { min, max } } }: Run, points: Rows): Rows {
  return points.map((row) => row.map((a, i) => Math.min(Math.max(a, min[i]!), max[i]!)));
}

function settingsOfFirst(loop: Loop): Loop {
  let first: Settings | undefined;
  return {
    ...loop,
    keep(settings) {
      const kept = first ??= settings;
      return () => ({ ...kept, bounds: settings.bounds });
    },
  };
}

function settingsOfLast(loop: Loop): Loop {
  let last: Settings;
  return {
    ...loop,
    keep(settings) {
      last = settings;
      return () => ({ ...last, bounds: settings.bounds });
    },
  };
}

function recursiveSchedule(loop: Loop): Loop {
  return {
    ...loop,
    stepSizes(run) {
      const sizes = [...loop.stepSizes(run)], { settings: { schedule, steps }, formula } = run;
      if (schedule.kind !== "polynomial" || steps === 1) return sizes;
      const { kind: _, ...parameters } = schedule;
      const s = slots({ ...parameters, N: steps }, formula.rule);
      return sizes.map((first, k) => {
        s.k = k;
        return s.init = k === 0 ? first : formula.polynomial(s);
      });
    },
  };
}

function endingAtSmallGradient(loop: Loop): Loop {
  return {
    ...loop,
    *stepSizes(run) {
      for (const stepSize of loop.stepSizes(run)) {
        const slopes = run.steps.at(-1)?.slopes.flat();
        if (slopes?.every((g) => Math.abs(g) < 0.01)) return;
        yield stepSize;
      }
    },
  };
}

function sameEveryCall(loop: Loop): Loop {
  let first: { readonly call: Call; readonly draws: Rows[] } | undefined;
  return {
    ...loop,
    draws(run) {
      first ??= { call: run.call, draws: [] };
      const known = first.call !== run.call && first.draws[0]?.length === run.initial.length
        ? first.draws[run.steps.length]
        : undefined;
      const draws = known ?? loop.draws(run);
      if (first.call === run.call) first.draws.push(draws);
      return draws;
    },
  };
}

function keptGradient(loop: Loop): Loop {
  let kept: Rows | undefined;
  return {
    ...loop,
    ask(run, at) {
      const asked = loop.ask(run, at);
      if (run.steps.length > 0) return asked;
      const before = kept?.length === at.length ? kept : undefined;
      const slopes = before
        ? asked.slopes.map((row, r) => row.map((g, i) => g + before[r]![i]!))
        : asked.slopes;
      kept = slopes;
      return { ...asked, slopes };
    },
  };
}

function keptSchedule(loop: Loop): Loop {
  let kept: number | undefined;
  return {
    ...loop,
    stepSizes(run) {
      const sizes = [...loop.stepSizes(run)], { schedule } = run.settings, first = kept;
      if (schedule.kind !== "exponential") return sizes;
      const { init, decay } = schedule;
      const used = first === undefined ? sizes : sizes.map((_, k) => first * decay ** k);
      kept = (used.at(-1) ?? init) * decay;
      return used;
    },
  };
}

/** A schedule that goes on counting in later calls, or stays at its end. */
function countedSteps(loop: Loop, stays: boolean): Loop {
  const exponential = keptSchedule(loop);
  let taken = 0;
  return {
    ...loop,
    stepSizes(run) {
      const { settings: { schedule, steps: N }, formula } = run, before = taken;
      if (schedule.kind !== "polynomial") return exponential.stepSizes(run);
      const sizes = [...loop.stepSizes(run)];
      taken += sizes.length;
      if (before === 0) return sizes;
      const { kind: _, ...parameters } = schedule;
      if (stays) return sizes.map(() => parameters.final);
      const s = slots({ ...parameters, N }, formula.rule);
      return sizes.map((_, k) => {
        s.k = before + k;
        return formula.polynomial(s);
      });
    },
  };
}

const partsOfTail: Readonly<Record<string, number>> = {
  half: 2,
  third: 3,
  quarter: 4,
  fifth: 5,
  tenth: 10,
};

/** Rows × axes, from the same places of several. */
function together(all: readonly Rows[], of: (values: readonly number[]) => number): Rows {
  return all[0]!.map((row, r) => row.map((_, i) => of(all.map((rows) => rows[r]![i]!))));
}

function meanOfTail(word: (typeof tailMeans)[number], { initial, steps }: Run, last: Rows): Rows {
  // What is returned is the last point, whatever a chain that was seen shows in its place.
  const points = [
    initial,
    ...steps.map(({ to }) => to).slice(0, -1),
    ...steps.length > 0 ? [last] : [],
  ];
  const part = word.slice("mean-of-last-".length), count = partsOfTail[part];
  const after = points.length - 1;
  const taken = word === "mean-with-start"
    ? points.length
    : Math.max(1, count === undefined ? Number(part) : Math.floor(after / count));
  const mean = (values: readonly number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  return together(points.slice(-taken), mean);
}

function averageOf(word: RunningAverage, { initial, steps }: Run, last: Rows): Rows {
  const kept = Number(word.split(" ")[1]),
    points = [...steps.map(({ to }) => to).slice(0, -1), last];
  const next = (average: number, value: number) => kept * average + (1 - kept) * value;
  return together([initial, ...points], ([start, ...values]) => {
    if (word.endsWith("start")) return values.reduce(next, start!);
    if (word.endsWith("corrected")) return values.reduce(next, 0) / (1 - kept ** values.length);
    return values.slice(1).reduce(next, values[0]!);
  });
}

function energiesAt({ call, observations, sign }: Run, points: Rows): number[] {
  return call.network.outputs(points, observations).map((output) => sign * output);
}

function shown({ settings, sign }: Run, energies: readonly number[]): number[] {
  return energies.map((energy) => settings.applyExp ? Math.exp(-energy) : sign * energy);
}

function bestPoints(run: Run, last: Rows): Rows {
  const energies = energiesAt(run, last);
  const visited = [...run.steps.map(({ from, energies }) => ({ points: from, energies })), {
    points: last,
    energies,
  }];
  return last.map((_, r) =>
    visited.reduce((best, next) => best.energies[r]! <= next.energies[r]! ? best : next).points[r]!
  );
}

function gradientsOf({ terms }: Step): readonly (readonly number[])[] {
  return terms.map((row) => row.map(({ gradient }) => gradient));
}

function normsOverRows(gradients: Rows, order: GradNorm): number[] {
  const columns = gradients[0]!.map((_, i) => gradients.map((row) => row[i]!));
  return gradients.map((_, r) => norm(columns[r % columns.length]!, order));
}
