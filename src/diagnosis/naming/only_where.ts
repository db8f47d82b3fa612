/**
 * Bugs that act under a condition alone: a designed series of small problems tells which.
 *
 * @module
 */

import { officialTraces } from "../../../golden/load.ts";
import { neededFeatures } from "../../../golden/replay.ts";
import { formulaNames, officialRule } from "../../../spec/rule.ts";
import type { Problem } from "../../../spec/problem.ts";
import type { NetworkReturns } from "../../../spec/sampler.ts";
import { noiseOrigin, type Target } from "../../../spec/sampler.ts";
import { ruleWith } from "../../defects/change.ts";
import { actsEverywhere } from "./attempts.ts";
import { valuesAt, valuesIn } from "../influences/condition_variables.ts";
import { type Case, type Condition, conditionsOf } from "../influences/conditions.ts";
import {
  coordinateOf,
  type Pattern,
  problemIn,
  screening,
  seriesFrom,
  type Shape,
  wholeOf,
} from "../experiments/condition_series.ts";
import { asEnds } from "../experiments/end_experiments.ts";
import type { Experiment } from "../experiments/experiments.ts";
import type { Explanation } from "./explanation.ts";
import { forcedCalls } from "../experiments/forced.ts";
import { heavyBalls } from "../terms/heavy_ball.ts";
import { lateMemorySuspects } from "../terms/late_memory.ts";
import type { Naming } from "./naming.ts";
import { slackOf } from "../experiments/near_walls.ts";
import { type Observation, observeProbes } from "../experiments/observations.ts";
import { close } from "../experiments/simulate.ts";
import {
  type Cell,
  type CellNumbers,
  cellsOf,
  figuresOf,
  isLimited,
  numbersOf,
} from "../terms/step_cells.ts";
import {
  changesOf,
  goesWith,
  type Hypothesis,
  keptDrawSuspects,
  knownSuspects,
  lateGradientSuspects,
  otherObservations,
  type Suspect,
} from "../terms/suspects.ts";
import { Trials } from "../terms/trials.ts";
import { negated } from "../terms/turned_draws.ts";

/** An explanation with bugs that act under conditions, and how it was found. */
interface Explained {
  readonly naming: Naming;
  readonly explanation: Explanation;
}

/**
 * The explanation of a target where what was found comes and goes: with bugs that act under a
 * condition.
 *
 * @throws {TargetFault} if the target's process fails
 */
export async function onlyWhere(target: Target, explained: Explained): Promise<Explained> {
  const { naming, explanation } = explained;
  // What goes by other calls is told by no series of single ones.
  const lasting = explanation.hypothesis.some(({ change, key }) =>
    (change.settings ?? change.memory ?? change.gradientAt ?? change.gradientAsked) ||
    key.startsWith("measured number first ")
  );
  if (target.compiles === "settings" || lasting) return explained;
  const search = new Search(target, explained);
  return { naming, explanation: await search.found() };
}

/** The most bugs with conditions that are looked for. */
const mostConditional = 3;

/** The most shapes beside the first for which a target is compiled in a series. */
const mostCompiled = 8;

/** The most problems from which a series is tried to begin. */
const mostBases = 4;

/** The most suspects of which conditions are looked for at once. */
const mostSuspects = 8;

interface Series {
  readonly base: Observation;
  readonly all: readonly Observation[];
}

/** A suspect under a condition, and what is left beside it. */
interface Found {
  readonly hypothesis: Hypothesis;
  readonly unexplained: readonly Observation[];
  /** Whether something else acts in its series: then it counts if in the end all is explained. */
  readonly isLoose?: boolean;
}

/** Where a suspect acts and where not, and in what part of a series neither is so. */
interface Told {
  readonly cases: readonly Case[];
  readonly others: number;
}

const mayTell = ({ cases, others }: Told) =>
  cases.length > 0 && others <= mostElse &&
  (cases.every(({ acts }) => acts) || conditionsOf(cases).length > 0);

/** The largest part of the coordinates of a series in which something else may act. */
const mostElse = 0.1;

class Search {
  readonly #trials: Trials;
  readonly #returns: NetworkReturns;
  readonly #isDrawn: boolean;
  readonly #forced = new Map<string, readonly Cell[]>();
  readonly #numbered = new Map<string, CellNumbers>();
  readonly #series = new Map<string, Series | undefined>();
  readonly #values = new Map<string, Map<number, readonly number[]>>();
  #known: readonly Observation[];

  constructor(readonly target: Target, readonly given: Explained) {
    const { naming } = given;
    this.#returns = naming.returns;
    this.#trials = new Trials(naming.returns, naming.plan.sees === "steps");
    this.#isDrawn = noiseOrigin(target) !== "own";
    // What fails is no number.
    this.#known = naming.observations.filter(({ calls }) => !calls.includes("throws"));
  }

  async found(): Promise<Explanation> {
    const { naming, explanation } = this.given;
    const fails = explanation.unexplained.filter(({ calls }) => calls.includes("throws"));
    const screen = await this.#observed(this.#few(screening(this.#isDrawn)));
    this.#known = [...this.#known, ...screen];
    const given = this.#foundAs(explanation.hypothesis);
    const settled = given.hypothesis.filter(this.#isSettled);
    if (given.unexplained.length === 0 && settled.length === given.hypothesis.length) {
      return explanation;
    }
    // What is known at some settings alone explains little, and hides where something acts.
    const starts = [
      ...settled.length < given.hypothesis.length ? [this.#foundAs(settled)] : [],
      given,
    ];
    let best = given;
    for (const start of starts) {
      best = await this.#completed(start);
      if (best.unexplained.length === 0) break;
    }
    best = this.#needed(best);
    const { unexplained } = best;
    const seenOnly = await this.#unnamed(best);
    const left = { unexplained: [...fails, ...unexplained], ...seenOnly ? { seenOnly } : {} };
    if (best.hypothesis === explanation.hypothesis) return { ...explanation, ...left };
    const doubtful = this.#left(best.hypothesis, await this.#traces()).length > 0;
    const hypothesis = best.hypothesis.map((one) => doubtful ? { ...one, isGuess: true } : one);
    return {
      ...explanation,
      hypothesis,
      measured: hypothesis,
      isOfSeries: true,
      alternatives: new Map(
        [...explanation.alternatives].filter(([key]) => hypothesis.some((one) => one.key === key)),
      ),
      ...left,
      ...(unexplained.length === 0 ? { open: [] } : {}),
      fit: naming.fitOf(hypothesis.filter(actsEverywhere)),
    };
  }

  /** Without whatever nothing needs beside what acts under a condition. */
  #needed(best: Found): Found {
    if (!best.hypothesis.some(isConditional)) return best;
    return best.hypothesis.filter((one) => !isConditional(one)).reduce((found, one) => {
      const without = this.#foundAs(found.hypothesis.filter((other) => other !== one));
      return without.unexplained.length <= found.unexplained.length
        ? { ...found, ...without }
        : found;
    }, best);
  }

  #foundAs = (hypothesis: Hypothesis): Found => ({
    hypothesis,
    unexplained: this.#left(hypothesis, this.#known),
  });

  /** With one bug after the other that acts under a condition. */
  async #completed(start: Found): Promise<Found> {
    let best = start, firm = start;
    for (let more = 0; more < mostConditional && best.unexplained.length > 0; more++) {
      const next = await this.#better(best);
      if (next === undefined) break;
      best = next;
      if (best.isLoose !== true) firm = best;
    }
    return best.unexplained.length <= firm.unexplained.length / 10 ? best : firm;
  }

  /** Where alone in a series something is seen that nothing explains. */
  async #unnamed({ hypothesis, unexplained }: Found): Promise<string | undefined> {
    const series = unexplained.length === 0
      ? undefined
      : await this.#seriesFor(hypothesis, unexplained);
    const [first] = series ? this.#offIn(hypothesis, series.base) : [];
    if (series === undefined || first === undefined) return undefined;
    const cases = series.all.flatMap((seen) =>
      this.#cells(hypothesis, seen).flatMap((cell): Case[] => {
        const { call: { chain }, k, row, axis, end } = cell, acts = !isAsTold(cell);
        // What does not move tells nothing, and neither does what is limited as the fault was not.
        const isTold = acts || !close(end, chain.points[k]![row]![axis]!) &&
            (isLimited(first) || !isLimited(cell));
        return isTold ? [{ values: this.#valuesOf(seen, cell), acts }] : [];
      })
    );
    return conditionsOf(cases).map(wordsOf)[0];
  }

  async #traces(): Promise<readonly Observation[]> {
    const traces = this.#isDrawn ? await officialTraces() : [];
    return await this.#observed(
      traces.filter(({ deviation }) => deviation === undefined)
        .map(({ id, problem }) => ({ name: `trace ${id}`, calls: [problem] })),
    );
  }

  async #observed(probes: readonly Experiment[]): Promise<readonly Observation[]> {
    const { unsupported } = this.target;
    const seen = await observeProbes(
      this.target,
      probes.filter(({ calls: [problem] }) =>
        neededFeatures(problem!).every((need) => need === "noise-tape" || !unsupported.has(need))
      ),
    );
    const told = this.given.naming.plan.sees === "ends" ? seen.map(asEnds) : seen;
    const whole = told.filter(({ calls }) => !calls.includes("throws"));
    return this.given.explanation.noiseSign === -1 ? whole.map(negated) : whole;
  }

  /** Of a target that is compiled for each shape those in few shapes; all in that of the first one. */
  #few(all: readonly Experiment[], first = all[0]): readonly Experiment[] {
    if (this.target.compiles === undefined || first === undefined) return all;
    const compiledFor = ({ calls: [problem] }: Experiment) => {
      const { groups, samples, axes, settings: { steps } } = problem!;
      return [groups, samples, axes, steps].join(" ");
    };
    const others = [...new Set(all.map(compiledFor))].filter((one) => one !== compiledFor(first));
    const stride = Math.ceil(others.length / mostCompiled);
    const chosen = new Set([compiledFor(first), ...others.filter((_, j) => j % stride === 0)]);
    return all.filter((one) => chosen.has(compiledFor(one)));
  }

  /** Whether it holds in everything that was seen. */
  #isSettled = ({ known, isGuess = false, key }: Suspect): boolean =>
    isConditional({ key }) || !isGuess &&
      (known === undefined || this.#known.every(({ probe: { calls } }) => calls.every(known)));

  /** What a hypothesis leaves, where its figures are known or not. */
  #left(hypothesis: Hypothesis, all: readonly Observation[]): readonly Observation[] {
    const unknown = hypothesis.filter(({ known }) => known !== undefined);
    return all.filter((seen) => {
      if (!this.#trials.explains(hypothesis, seen, "all")) return true;
      const there = hypothesis.filter(({ known }) =>
        known === undefined || seen.probe.calls.every((problem) => known(problem))
      );
      return unknown.some(isConditional) && there.length < hypothesis.length &&
        !this.#trials.explains(there, seen, "all");
    });
  }

  /** A hypothesis with one more bug, or with one in the place of another, that acts under a condition. */
  async #better({ hypothesis, unexplained, isLoose = false }: Found): Promise<Found | undefined> {
    const rests = [
      ...hypothesis.filter((one) => !isConditional(one))
        .map((one) => hypothesis.filter((other) => other !== one)),
      hypothesis,
      ...hypothesis.length > 1 ? [[]] : [],
    ];
    let best: Found | undefined;
    for (const rest of rests) {
      const own = hypothesis.filter((one) => !rest.includes(one) && one.known === undefined);
      for (const found of await this.#beside(rest, own)) {
        if (found.unexplained.length < (best ?? { unexplained }).unexplained.length) {
          best = { ...found, isLoose: isLoose || found.isLoose === true };
        }
        if (best?.unexplained.length === 0) return best;
      }
    }
    return best;
  }

  /** What acts under a condition beside a hypothesis. */
  async #beside(rest: Hypothesis, own: Hypothesis): Promise<readonly Found[]> {
    const missed = this.#left(rest, this.#known);
    if (missed.length === 0 || missed.length === this.#known.length) return [];
    const comes = (one: Suspect) => {
      const { cases, others } = this.#cases(rest, one, this.#known, this.#known);
      return others > 0 || new Set(cases.map(({ acts }) => acts)).size > 1;
    };
    if (own.length > 0 && !own.some(comes)) return [];
    const series = await this.#seriesFor(rest, missed);
    if (series === undefined) return [];
    const all = [...series.all, ...this.#known];
    const suspects = this.#suspects(rest, own, series.base);
    // As soon as so many tell of something else, nothing is told.
    const most = mostElse *
      series.all.reduce((sum, seen) => sum + this.#cells(rest, seen).length, 0);
    const told: Found[] = [];
    for (const suspect of suspects) {
      const few = this.#cases(rest, suspect, series.all, series.all, most);
      if (!mayTell(few)) continue;
      const { cases, others: elsewhere } = this.#cases(rest, suspect, series.all, all);
      const [condition, ...others] = conditionsOf(cases);
      const found = cases.every(({ acts }) => acts)
        ? suspect
        : condition && under(suspect, condition, others);
      if (found === undefined) continue;
      const hypothesis = [...rest, found];
      // Of a place in a sequence of calls neither formulas nor problems know.
      const unexplained = isTold(found) ? this.#left(hypothesis, all) : [];
      told.push({ hypothesis, unexplained, isLoose: elsewhere > 0 });
      if (unexplained.length === 0 || told.length === mostSuspects) break;
    }
    return told;
  }

  /** A series from the smallest problem that a hypothesis misses and that can be made a pattern. */
  async #seriesFor(
    rest: Hypothesis,
    missed: readonly Observation[],
  ): Promise<Series | undefined> {
    const small = [...missed].sort((one, other) => sizeOf(one) - sizeOf(other))
      .filter((seen) => this.#offIn(rest, seen).length > 0).slice(0, mostBases);
    for (const seen of small) {
      const [cell] = this.#offIn(rest, seen);
      if (cell === undefined) continue;
      const { problem, chain: { points } } = cell.call, { row, axis, k } = cell;
      const slope = cell.call.steps[k]!.slopes[row]![axis]!;
      const shape = { groups: problem.groups, samples: problem.samples, axes: problem.axes };
      const patterns = [
        ...[
          { row, axis, slope, from: problem.initial[row]![axis]! },
          { row, axis, slope, k, from: points[k]![row]![axis]! },
        ].map((at) => coordinateOf(problem, at)),
        wholeOf(problem, cell.call.steps[k]!.slopes),
      ];
      for (const pattern of patterns) {
        const calls = cell.number + 1, key = JSON.stringify([pattern, shape, calls]);
        if (!this.#series.has(key)) {
          this.#series.set(key, await this.#seriesOf(rest, pattern, shape, calls));
        }
        const found = this.#series.get(key);
        if (found) return found;
      }
    }
    return undefined;
  }

  async #seriesOf(
    rest: Hypothesis,
    pattern: Pattern,
    shape: Shape,
    calls: number,
  ): Promise<Series | undefined> {
    const named = (one: Experiment) => ({
      ...one,
      name: `${one.name} ${JSON.stringify([pattern, shape, calls])}`,
    });
    const problems = new Array<Problem>(calls).fill(problemIn(pattern, shape));
    const [base] = await this.#observed([named({ name: "series from", calls: problems })]);
    if (base === undefined || this.#trials.explains(rest, base, "all")) return undefined;
    const series = this.#few(seriesFrom(pattern, shape, calls), base.probe);
    const all = await this.#observed(series.map(named));
    return { base, all: [base, ...all] };
  }

  /** What gives every coordinate of a problem that others miss. */
  #suspects(rest: Hypothesis, own: Hypothesis, base: Observation): readonly Suspect[] {
    const cells = this.#cells(rest, base), slack = slackOf(base.probe.calls[0]!);
    const off = cells.flatMap((cell, j) => isAsTold(cell) ? [] : [j]);
    const figures = off[0] === undefined ? [] : figuresOf(cells[off[0]]!);
    const others = [...knownSuspects, ...keptDrawSuspects, ...lateGradientSuspects];
    const kept = this.given.naming.kept();
    const late = kept ? [...heavyBalls(kept.part), ...lateMemorySuspects(kept)] : [];
    const plain = [...own, ...late, ...others, ...otherObservations]
      .sort((a, b) => lengthOf(a) - lengthOf(b));
    return [...plain, ...figures].filter((suspect) => {
      if (!goesWith(rest, suspect)) return false;
      const { seen, ends } = this.#numbers([...rest, suspect], base);
      return off.every((j) => j < ends.length && close(seen[j]!, ends[j]!, slack));
    });
  }

  /** Where a suspect acts, and where it would show and does not; in what part of a series neither is so. */
  #cases(
    rest: Hypothesis,
    suspect: Suspect,
    series: readonly Observation[],
    all: readonly Observation[],
    mostOthers = Infinity,
  ): Told {
    const cases: Case[] = [];
    let told = 0, others = 0;
    for (const seen of all) {
      const { ends } = this.#numbers([...rest, suspect], seen), isOfSeries = series.includes(seen);
      this.#cells(rest, seen).forEach((cell, j) => {
        const isPlain = isAsTold(cell), acts = isAsTold({ ...cell, end: ends[j] ?? NaN });
        if (isOfSeries) isPlain || acts ? told++ : others++;
        if (isPlain !== acts) cases.push({ values: this.#valuesOf(seen, cell), acts });
      });
      if (others > Math.min(mostElse * 8 * (told + 100), mostOthers)) break;
    }
    return { cases, others: others / Math.max(1, told + others) };
  }

  #valuesOf(seen: Observation, { call, number, k, row, axis }: Omit<Cell, "seen" | "end">) {
    let known = this.#values.get(seen.probe.name);
    if (!known) this.#values.set(seen.probe.name, known = new Map());
    const place = ((number * 4096 + k) * 4096 + row) * 4096 + axis;
    let values = known.get(place);
    if (!values) {
      const { slopes, stepSize: eta } = call.steps[k]!;
      values = valuesAt(call, { call: number, k, row, axis, g: slopes[row]![axis]!, eta });
      known.set(place, values);
    }
    return values;
  }

  /** The coordinates of steps that a hypothesis does not give. */
  #offIn(hypothesis: Hypothesis, seen: Observation): readonly Cell[] {
    return this.#cells(hypothesis, seen).filter((cell) => !isAsTold(cell));
  }

  #cells(hypothesis: Hypothesis, seen: Observation): readonly Cell[] {
    const key = keyOf(hypothesis, seen);
    let known = this.#forced.get(key);
    if (known === undefined) {
      const calls = forcedCalls(ruleWith(...changesOf(hypothesis)), seen, this.#returns);
      this.#forced.set(key, known = calls.flatMap(cellsOf));
    }
    return known;
  }

  /** Their numbers alone: the steps under each of many suspects would fill the memory. */
  #numbers(hypothesis: Hypothesis, seen: Observation): CellNumbers {
    const key = keyOf(hypothesis, seen);
    let known = this.#numbered.get(key);
    if (known === undefined) {
      const calls = forcedCalls(ruleWith(...changesOf(hypothesis)), seen, this.#returns);
      this.#numbered.set(key, known = numbersOf(calls));
    }
    return known;
  }
}

const keyOf = (hypothesis: Hypothesis, { probe }: Observation) =>
  `${probe.name} ${hypothesis.map(({ key }) => key).join(" ")}`;

/** Whether a step ends where it should. */
const isAsTold = ({ seen, end, call }: Cell) => close(seen, end, slackOf(call.problem));

/** Of bugs that give the same the one that is written shortest is named. */
const lengthOf = ({ change }: Suspect) => Object.values(change).join(" ").length;

const sizeOf = ({ probe: { calls } }: Observation) =>
  calls.reduce(
    (sum, { initial, axes, settings }) => sum + initial.length * axes * settings.steps,
    0,
  );

const official: Readonly<Record<string, unknown>> = { ...officialRule };

const onlyMark = ", only ";

/** Whether a suspect acts under a condition alone. */
export const isConditional = ({ key }: Pick<Suspect, "key">) => key.includes(onlyMark);

/** Whether formulas of a part know what a condition is about: step sizes know no rows and no noise. */
function isExpressible([part, text]: readonly [string, unknown], formula: string): boolean {
  const symbols = formula.match(/[a-z]\w*/gi) ?? [];
  const isSize = /^(polynomial|singleStep|exponential|steps$)/.test(part);
  const ofSizes = ["N", "k", "init", "final", "power", "decay"];
  const functions = ["min", "max", "where", "floor", "abs", "e"];
  const knowsStep = ["limit", "clippedStep", "result"].includes(part) || !/\bdelta\b/.test(formula);
  const knowsClipped = !/^grad|GradClip$/.test(part) || !/\bgt\b/.test(formula);
  return formulaNames.some((name) => name === part) && text !== "throws" && knowsStep &&
    knowsClipped &&
    (!isSize || symbols.every((one) => [...ofSizes, ...functions].includes(one)));
}

const wordsOf = ({ words, seen }: Pick<Condition, "words" | "seen">) =>
  `${words}${seen === "" ? "" : ` (${seen})`}`;

const nowhere = () => false;
const isTold = ({ known }: Suspect) => known !== nowhere;

/** A suspect that acts under a condition alone; nothing where neither formulas nor problems tell it. */
function under(
  everywhere: Suspect,
  { words, seen, formula, isPlain, isOfProblem, holds }: Condition,
  others: readonly Condition[],
): Suspect | undefined {
  const { known: _, scaled: __, pieces: ___, written: ____, ...suspect } = everywhere;
  const parts = Object.entries(suspect.change);
  const inFormulas = formula !== undefined && parts.every((part) => isExpressible(part, formula));
  if (!inFormulas && !isOfProblem && formula !== undefined) return undefined;
  const also = others.slice(0, 2).map((other) => other.words).join(", or ");
  return {
    ...suspect,
    // Under a condition it is another bug than the known one.
    id: null,
    // Between what was tried and beyond it nothing is known; a small noise scale may count as none.
    isGuess: !isPlain || others.length > 0 || !inFormulas || formula.includes("sigma"),
    only: { everywhere, words },
    key: `${suspect.key}${onlyMark}${words}`,
    title: `${suspect.title}, but only ${wordsOf({ words, seen })}${
      also === "" ? "" : `; as well told by: ${also}`
    }`,
    ...(inFormulas
      ? {
        change: Object.fromEntries(
          parts.map(([part, text]) => [part, `where(${formula}, ${text}, ${official[part]})`]),
        ),
      }
      : { known: isOfProblem ? (problem: Problem) => holds(valuesIn(problem)) : nowhere }),
  };
}
