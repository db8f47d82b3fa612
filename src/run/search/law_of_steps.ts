/**
 * Judges the whole step of a sampler whose noise nothing silences, by the law of its steps.
 *
 * The problems cover every pair of values of what a problem can vary. From each point where the
 * sampler was, the rule gives the exact law of the next, so that each step gives draws which are
 * standard normal, and independent of all before, if the sampler follows the rule. Those of all
 * problems are tested together. What needs no law is looked at on the way: where the chain starts,
 * how many steps there are, what is reported, the caller's actions.
 *
 * @module
 */

import { calmProblem, constantSchedule } from "../../../properties/arbitraries.ts";
import { battery, combined, type NoiseTest, type TestResult } from "../../../properties/battery.ts";
import { reportsFollow } from "../../../properties/chain.ts";
import { type Assignment, coverageOf, coveringAssignments } from "../../../properties/covering.ts";
import { problemOfAssignment } from "../../../properties/covering_problem.ts";
import { type Finding, type Outcome, plainFinding } from "../../../properties/finding.ts";
import { calmRows } from "../../../properties/noise_check.ts";
import type { NoiseVerdict } from "../../../properties/noise_law.ts";
import { noiseShape } from "../../../properties/noise_shape.ts";
import { type Observer, pathPoints } from "../../../properties/observer.ts";
import { recoverNoise } from "../../../properties/recovered_noise.ts";
import { confirmationLevel, sequentially } from "../../../properties/sequential.ts";
import { callerUnchangedBy } from "../../../properties/start.ts";
import { statisticalFinding } from "../../../properties/statistical_finding.ts";
import { tooFew } from "../../../properties/steps.ts";
import { show } from "../../../spec/numerics/number_text.ts";
import { upperQuantile } from "../../../spec/numerics/normal.ts";
import { seedFor, type Uniform, uniform } from "../../../spec/numerics/random.ts";
import type { Problem } from "../../../spec/problem.ts";
import type { Rule } from "../../../spec/rule.ts";
import {
  goesWithBox,
  problemFor,
  ruleFor,
  stepSizesOf,
  type Taker,
} from "../../../spec/rule_parts.ts";
import { isLinear, stepFactors } from "../../../spec/rule_slopes.ts";
import { isAt } from "../../../spec/readings.ts";
import type { Trajectory } from "../../../spec/trajectory.ts";
import type { CoverageText } from "../../report/report.ts";
import { type Calibration, factsOf } from "../calibration/calibrate.ts";
import type { CoveringShare } from "./search.ts";
import { watchCase } from "../calibration/target_observer.ts";

/** How the law of steps is judged. */
export interface LawPlan {
  /** The share of the budget for false alarms. */
  readonly level: number;
  readonly seed: number;
  /** Which combinations of values are tried. */
  readonly covering: CoveringShare;
}

/** What came of it. */
export interface LawVerdict {
  readonly verdict: NoiseVerdict;
  /** Calls of one stage. */
  readonly calls: number;
  readonly comparisons: number;
  readonly coverage: CoverageText;
  /** Whether chains were left out, because it can't be told which questions they are. */
  readonly untold: boolean;
}

/** What one problem has shown. */
interface Drawn {
  readonly problem: Problem;
  /** Draws that are standard normal under the rule. */
  readonly noise: readonly number[];
  /** The drift of the same coordinates, in deviations. */
  readonly drift: readonly number[];
  /** Set if it can't be told which questions are the chain. */
  readonly untold?: true;
}

interface Look extends Pick<TestedLook, "pValue" | "strongest" | "problem"> {
  /** Something that no noise explains. */
  readonly certain: Finding | null;
  readonly noise: readonly number[];
  readonly drift: readonly number[];
}

interface TestedLook {
  readonly pValue: number;
  readonly strongest: TestResult | null;
  readonly problem: Problem;
}

const tests: readonly NoiseTest[] = [
  "mean",
  "variance",
  "sign",
  "tails",
  "middle",
  "largest",
  "distribution",
  "drift",
];

/**
 * Judges the law of the steps of a target whose noise nothing silences.
 *
 * @throws {TargetFault} if the target cannot run one of the problems
 */
export async function judgeLaw(known: Calibration, plan: LawPlan): Promise<LawVerdict> {
  const { rule, hidden, target } = known, { level, seed, covering } = plan;
  const facts = factsOf(known, { leastSteps: 1, sharp: true });
  const whole = coveringAssignments(facts, covering.strength, seed);
  const { share, most = Infinity } = covering;
  const all = whole.slice(0, Math.min(most, Math.ceil(share * whole.length)));
  const assignments = hidden ? all.map((values): Assignment => ({ ...values, steps: "1" })) : all;
  const { observer, compared } = watchCase(target, facts);
  const checker = uniform(seedFor(seed, "law of steps checker"));
  let stage = 0, draws = 0, calls = 0, untold = false;
  const look = async (growth: number): Promise<Look> => {
    const found: Drawn[] = [];
    const given = problemsOf(target, assignments, { seed, stage: stage++, growth });
    calls = 2 * given.length;
    for (const problem of given) {
      const sample = await observer.open(problem.settings);
      // What a first call leaves behind shows in a second one.
      for (const call of [problem, { ...problem, seed: problem.seed + 1 }]) {
        const seen = drawnFrom(observer, call, await sample(call), hidden, checker);
        if ("message" in seen) return { ...nothing(call), certain: seen };
        found.push(seen);
      }
    }
    if (hidden && isLinear(rule)) {
      found.push(...await wholeChains(observer, target, { seed, stage }));
    }
    const steep = steepRows(target, { seed, stage, growth, hidden });
    const far = drawnFrom(observer, steep, await observer.run(steep), hidden, checker);
    if ("message" in far) return { ...nothing(steep), certain: far };
    untold ||= [...found, far].some((one) => one.untold);
    const seen = together([lookAt(found, steep), lookAt([far], steep)]);
    draws += seen.noise.length;
    return seen;
  };
  const { rejected, evidence, stages } = await sequentially({ level }, (_, growth) => look(growth));
  const again = rejected && evidence.certain === null ? await look(4) : evidence;
  const confirmed = rejected && (again.certain !== null || again.pValue <= confirmationLevel);
  const single = level / tests.length;
  return {
    verdict: {
      finding: confirmed
        ? again.certain ?? statisticalFinding(again, again.noise.length)
        : evidence.certain,
      stages,
      statistics: {
        level,
        draws,
        smallestEffect: smallestEffect(evidence.drift, single),
        pValue: again.pValue,
        test: again.strongest?.test ?? null,
        shape: noiseShape(again.noise),
      },
    },
    calls,
    comparisons: compared() + draws,
    coverage: coverageOf(all, facts),
    untold,
  };
}

function nothing(problem: Problem): Look {
  return { pValue: 0, strongest: null, problem, certain: null, noise: [], drift: [] };
}

/** Fresh problems of every stage. */
function problemsOf(
  taker: Taker,
  assignments: readonly Assignment[],
  { seed, stage, growth }: {
    readonly seed: number;
    readonly stage: number;
    readonly growth: number;
  },
): readonly Problem[] {
  return Array.from({ length: growth }, (_, copy) =>
    assignments.map((values, at): Problem => {
      const own = seedFor(seed, `law of steps ${stage} ${copy} ${at}`) >>> 1;
      return {
        ...problemFor(taker, problemOfAssignment(values, own, taker.rule)),
        noise: { kind: "own" },
        seed: own,
      };
    })).flat();
}

/** The draws of a call, or what no noise explains. */
function drawnFrom(
  observer: Observer,
  problem: Problem,
  trajectory: Trajectory,
  hidden: boolean,
  checker: Uniform,
): Drawn | Finding {
  const points = hidden ? [problem.initial, trajectory.final] : pathPoints(problem, trajectory);
  const wrong = wrongWithoutLaw(observer, problem, trajectory, hidden, points?.[0]);
  if (wrong !== null && wrong !== "nothing") return wrong;
  if (points === null) return { problem, noise: [], drift: [], untold: true };
  const recovered = recoverNoise(problem, points, checker);
  if (recovered.kind === "noise") {
    return { problem, noise: recovered.noise.flat(2), drift: recovered.drift.flat(2) };
  }
  const { step, row, axis, action, actual, interval: { lower, upper }, tolerance } = recovered;
  const message = `Step ${step} takes row ${row}, axis ${axis} from ${show(action)} to ${
    show(actual)
  }, where no noise leads: it can reach [${show(lower)}, ${show(upper)}]`;
  const expected = Math.min(Math.max(actual, lower), upper);
  return plainFinding(problem, message, { expected, actual, tolerance, step, row, axis });
}

/** What can be told of a call whatever its draws were. */
function wrongWithoutLaw(
  observer: Observer,
  problem: Problem,
  trajectory: Trajectory,
  hidden: boolean,
  first: readonly (readonly number[])[] | undefined,
): Outcome {
  const caller = callerUnchangedBy(observer, problem, trajectory);
  if (caller !== null || hidden) return caller;
  const few = tooFew(problem, trajectory);
  if (few !== null) return few;
  if (first !== undefined && !isAt(first, problem.initial, problem)) {
    const { initial } = problem;
    const row = first.findIndex((at, r) => !isAt([at], [initial[r]!], problem));
    const axis = first[row]!.findIndex((a, i) => a !== initial[row]![i]);
    const expected = problem.initial[row]![axis]!, actual = first[row]![axis]!;
    const message = `The first gradient of row ${row}, axis ${axis} is taken at ${
      show(actual)
    }; the chain starts at ${show(expected)}`;
    return plainFinding(problem, message, { expected, actual, step: 0, row, axis });
  }
  return reportsFollow(observer, problem, trajectory);
}

/** @param other the problem that is told if no draws were seen */
function lookAt(found: readonly Drawn[], other: Problem): Look {
  const results = ({ noise, drift }: Pick<Drawn, "noise" | "drift">) =>
    combined(battery([[noise]], { drift: [[drift]], tests }));
  const noise = found.flatMap(({ noise }) => noise), drift = found.flatMap(({ drift }) => drift);
  const [worst] = found.filter(({ noise }) => noise.length > 0)
    .map((one) => ({ problem: one.problem, pValue: results(one).pValue }))
    .toSorted((a, b) => a.pValue - b.pValue);
  if (worst === undefined) return { ...nothing(other), pValue: 1 };
  return { ...results({ noise, drift }), problem: worst.problem, certain: null, noise, drift };
}

/** Looks at draws apart, of which each would drown what the other shows: the more telling one. */
function together(looks: readonly Look[]): Look {
  const [most] = looks.toSorted((a, b) => a.pValue - b.pValue);
  const [steepest] = looks.toSorted((a, b) => powerOf(b.drift) - powerOf(a.drift));
  return {
    ...most!,
    pValue: Math.min(1, looks.length * most!.pValue),
    noise: looks.flatMap(({ noise }) => noise),
    drift: steepest!.drift,
  };
}

const powerOf = (drift: readonly number[]) => drift.reduce((sum, x) => sum + x * x, 0);

/** Many rows on slopes so steep that a drift stands out that is a little off. */
function steepRows(
  taker: Taker,
  { seed, stage, growth, hidden }: {
    readonly seed: number;
    readonly stage: number;
    readonly growth: number;
    readonly hidden: boolean;
  },
): Problem {
  const own = seedFor(seed, `steep rows ${stage}`) >>> 1;
  const size = { samples: 64 * growth, seed: own };
  const given = {
    ...hidden ? { steps: 1 } : {},
    // Steps that go with a wide box are large.
    ...goesWithBox(ruleFor(taker)) ? { schedule: constantSchedule(2 ** -14) } : {},
  };
  return problemFor(taker, calmRows(size, "8*a1 - 16*a2 + 32*a3 - 24*a4", given));
}

/** The smallest wrong drift that is seen with a power of 0.99, in words. */
function smallestEffect(drift: readonly number[], level: number): string {
  const size = Math.sqrt(powerOf(drift));
  const least = (upperQuantile(level / 2) + upperQuantile(0.01)) / size;
  return size > 0 ? `a drift that is ${show(100 * least, 2)} % off` : "none";
}

/** Rows of a chain of which only the end is seen. */
const wholeRows = 256;
const curvatures = [0.5, 1, 2] as const;

/**
 * Chains of several steps of which only the end is seen: on a quadratic energy far from every limit a
 * linear rule has an exact law after any number of steps.
 */
async function wholeChains(
  observer: Observer,
  taker: Taker,
  { seed, stage }: { readonly seed: number; readonly stage: number },
): Promise<readonly Drawn[]> {
  const found: Drawn[] = [];
  for (const steps of [2, 5, 25]) {
    const energy = curvatures.map((h, i) => `${h / 2}*(a${i + 1} - ${(i + 1) / 4})^2`).join(" + ");
    const calm = calmProblem({
      energy,
      steps,
      schedule: constantSchedule(1 / 16),
      initial: Array.from(
        { length: wholeRows },
        (_, r) => curvatures.map((_, i) => (r % 8 - 4 + i) / 4),
      ),
    });
    const own = seedFor(seed, `whole chains ${stage} ${steps}`) >>> 1;
    const problem: Problem = { ...problemFor(taker, calm), noise: { kind: "own" }, seed: own };
    const { final } = await observer.run(problem);
    found.push(endsOf(ruleFor(taker), problem, final));
  }
  return found;
}

function endsOf(rule: Rule, problem: Problem, final: Trajectory["final"]): Drawn {
  const { settings: { own, noiseScale, steps: N } } = problem;
  const noise: number[] = [], drift: number[] = [];
  const factors = stepSizesOf(problem).map((size, k) =>
    stepFactors(rule, size, { sigma: noiseScale, T: noiseScale ** 2, N, k, ...own })
  );
  for (const [r, row] of final.entries()) {
    for (const [i, actual] of row.entries()) {
      const h = curvatures[i]!, centre = (i + 1) / 4, start = problem.initial[r]![i]!;
      let mean = start, variance = 0;
      for (const { drift: d, noise: n } of factors) {
        mean -= d * h * (mean - centre);
        variance = (1 - d * h) ** 2 * variance + n * n;
      }
      noise.push((actual - mean) / Math.sqrt(variance));
      drift.push((start - mean) / Math.sqrt(variance));
    }
  }
  return { problem, noise, drift };
}
