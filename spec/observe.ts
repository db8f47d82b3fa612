/**
 * Puts a {@linkcode Sampler} of this process under observation: hands it an instrumented network
 * and noise source, checks what it returns, and records the trajectory.
 *
 * @module
 */

import { describe, errorText, shapeOf } from "./describe.ts";
import { energy as compileEnergy } from "./energy.ts";
import {
  copyRows,
  featureCount,
  flattened,
  type Grouped,
  grouped,
  isGrouped,
  observationOf,
  type Problem,
  rowCount,
  type Rows,
  type Settings,
} from "./problem.ts";
import { didYouMean } from "./nearest.ts";
import { normalDraws } from "./numerics/random.ts";
import {
  type Call,
  type Feature,
  features,
  type Network,
  type NetworkReturns,
  type NoiseSource,
  type PreparedTarget,
  type Result,
  type Sampler,
  type Target,
  TargetFault,
} from "./sampler.ts";
import { readChain, type Reported, tableOf } from "./result_tables.ts";
import { type Evaluation, sameRow, type Trajectory } from "./trajectory.ts";

/**
 * Wraps a sampler so that its calls give trajectories.
 *
 * @throws {TargetFault} if the sampler does not keep the contract
 */
export function observe(given: Sampler): Target {
  const sampler = readSampler(given);
  return {
    name: sampler.name,
    networkReturns: sampler.networkReturns,
    unsupported: new Set([
      ...sampler.unsupported ?? [],
      ...(sampler.noise === "own" ? ["noise-tape" as const] : []),
    ]),
    ...(sampler.noise === undefined ? {} : { noise: sampler.noise }),
    ...(sampler.reveals === undefined ? {} : { reveals: sampler.reveals }),
    ...(sampler.bounds === undefined ? {} : { bounds: sampler.bounds }),
    ...(sampler.rule === undefined ? {} : { declares: sampler.rule }),
    async prepare(settings): Promise<PreparedTarget> {
      let sample;
      try {
        sample = await sampler.prepare(copySettings(settings));
      } catch (error) {
        throw thrown(error, "prepare(settings)");
      }
      if (typeof sample !== "function") {
        throw new TargetFault(
          "contract",
          `${describe(sample)} from prepare(settings)`,
          "a function that samples: (call) => final actions",
        );
      }
      return {
        async sample(problem) {
          const session = openSession(problem, sampler.networkReturns);
          let result;
          try {
            result = await sample(session.call);
          } catch (error) {
            if (error instanceof TargetFault) throw error;
            throw thrown(error, "sample(call)");
          }
          try {
            return session.close(result);
          } catch (error) {
            // Reading a result may run code of the sampler's: getters, `arraySync`.
            if (error instanceof TargetFault) throw error;
            throw thrown(error, "the result of sample(call)");
          }
        },
      };
    },
  };
}

/** A sampler may write into what it gets. */
function copySettings(settings: Settings): Settings {
  const { bounds: { min, max }, schedule } = settings;
  return { ...settings, bounds: { min: [...min], max: [...max] }, schedule: { ...schedule } };
}

const samplerForm = 'a sampler: { name, networkReturns: "energy" | "logits", prepare(settings) }';
/** More than there are features. */
const mostFeatures = 100;

/**
 * Reads what is exported as a sampler, every field once.
 *
 * @throws {TargetFault} of the kind `contract`, if it is none
 */
export function readSampler(given: unknown): Sampler {
  if (typeof given !== "object" || given === null) {
    throw new TargetFault("contract", describe(given), samplerForm);
  }
  const fields = given as { readonly [Key in keyof Sampler]?: unknown };
  const refuse = (name: string, value: unknown, wanted = samplerForm) =>
    new TargetFault("contract", `${name}: ${describe(value)}`, wanted);
  const prepare = fieldOf(fields, "prepare"), name = fieldOf(fields, "name");
  if (typeof prepare !== "function") throw refuse("prepare", prepare);
  if (typeof name !== "string" || name === "") throw refuse("name", name);
  const networkReturns = fieldOf(fields, "networkReturns");
  if (networkReturns !== "energy" && networkReturns !== "logits") {
    throw refuse("networkReturns", networkReturns);
  }
  const noise = wordOf(fields, "noise", ["tape", "own", "both"]);
  const reveals = wordOf(fields, "reveals", ["every-step", "final-actions"]);
  const bounds = wordOf(fields, "bounds", ["scalar"]);
  const rule = fieldOf(fields, "rule");
  if (rule !== undefined && typeof rule !== "string") {
    throw refuse("rule", rule, 'the name of a rule, like "ula", or of its JSON file');
  }
  const unsupported = featuresOf(fieldOf(fields, "unsupported"));
  if (noise !== undefined && noise !== "own" && unsupported.includes("noise-tape")) {
    const found = `noise: ${describe(noise)} of a sampler that lacks noise-tape`;
    throw new TargetFault("contract", found, 'noise: "own", or noise-tape supported');
  }
  return {
    name,
    networkReturns,
    unsupported,
    ...(noise === undefined ? {} : { noise }),
    ...(reveals === undefined ? {} : { reveals }),
    ...(bounds === undefined ? {} : { bounds }),
    ...(rule === undefined ? {} : { rule }),
    prepare: (settings) => prepare.call(given, settings),
  };
}

function fieldOf(fields: { readonly [Key in keyof Sampler]?: unknown }, name: keyof Sampler) {
  try {
    return fields[name];
  } catch (error) {
    const found = `${name}: a getter that throws ${errorText(error)}`;
    throw new TargetFault("contract", found, samplerForm, { cause: error });
  }
}

function featuresOf(found: unknown): readonly Feature[] {
  if (found === undefined) return [];
  const wanted = `a list of features that ulaspec knows: ${Object.keys(features).join(", ")}`;
  if (!Array.isArray(found) || found.length > mostFeatures) {
    throw new TargetFault("contract", `unsupported: ${describe(found)}`, wanted);
  }
  return Array.from(found, (feature: unknown) => {
    if (typeof feature === "string" && isFeature(feature)) return feature;
    const near = typeof feature === "string" ? didYouMean(feature, Object.keys(features)) : "";
    throw new TargetFault("contract", `unsupported: ${describe(feature)}`, wanted + near);
  });
}

function isFeature(word: string): word is Feature {
  return Object.hasOwn(features, word);
}

function wordOf<Word extends string>(
  fields: { readonly [Key in keyof Sampler]?: unknown },
  name: keyof Sampler,
  words: readonly Word[],
): Word | undefined {
  const found = fieldOf(fields, name);
  const word = words.find((word) => word === found);
  if (found === undefined || word !== undefined) return word;
  const wanted = words.map((word) => JSON.stringify(word)).join(" or ");
  throw new TargetFault("contract", `${name}: ${describe(found)}`, wanted);
}

/** One call under observation. */
export interface Session {
  /** What the sampler is given. */
  readonly call: Call;
  /** What was seen so far, beside the result. */
  seen(): Omit<Trajectory, "final" | "chain">;
  /**
   * What was seen, with a result that is checked.
   *
   * @throws {TargetFault} of the kind `shape`, if the result has not the shape of the problem
   */
  close(result: Result): Trajectory;
}

/**
 * Opens a call under observation.
 *
 * @param watch told of every question to the network before it is answered
 */
export function openSession(
  problem: Problem,
  returns: NetworkReturns,
  watch: (evaluation: Evaluation) => void = () => {},
): Session {
  const { settings, groups, samples, axes } = problem;
  const rows = rowCount(problem);
  const features = featureCount(problem);
  const compiled = compileEnergy(problem.energy, axes, features);
  const evaluations: Evaluation[] = [];
  const sign = returns === "energy" ? 1 : -1;
  const rowsOf = (actions: Rows | Grouped): number[][] => {
    const points = flattened(actions);
    if (points.length === 0 || points.some((row) => row.length !== axes)) {
      throw new TargetFault(
        "shape",
        `actions of shape ${shapeOf(actions)} put to the network`,
        `${rows}×${axes} or ${groups}×${samples}×${axes}, or some of these rows, filled up or not`,
      );
    }
    return points;
  };
  const observationRows = (
    observations: Rows | undefined,
    asked: number,
  ): (row: number) => readonly number[] => {
    if (asked !== rows && observations?.length !== asked) {
      return observationsOfSome(problem, asked, observations);
    }
    if (observations === undefined) return (row) => observationOf(problem, row);
    if (observations.length === asked) return (row) => observations[row]!;
    if (observations.length === groups && asked === rows) {
      return (row) => observations[Math.floor(row / samples)]!;
    }
    throw new TargetFault(
      "shape",
      `observations of ${observations.length} rows put to the network`,
      `${groups} (one per group) or ${rows} (one per row)`,
    );
  };
  /** Points, with the arrays of the question before for rows that rest: most, where they take turns. */
  let before: Rows = [];
  const record = (kind: Evaluation["kind"], asked: Rows): Rows => {
    const points = before = asked.map((row, r) => sameRow(row, before[r]) ? before[r]! : row);
    // What goes beyond the rows fills a question up to a size of the sampler's own, and asks nothing.
    const evaluation = { kind, points: points.slice(0, rows) };
    watch(evaluation);
    evaluations.push(evaluation);
    return points;
  };
  const slopes: { at: readonly number[]; g: readonly number[] }[] = [];
  /** The slopes of a row under its own observation; of one that rests they are known. */
  const slopesOf = (point: readonly number[], r: number): readonly number[] => {
    if (slopes[r]?.at !== point) {
      slopes[r] = { at: point, g: compiled.gradient(point, observationOf(problem, r)) };
    }
    return slopes[r].g;
  };
  const network: Network = {
    returns,
    energy: problem.energy,
    outputs(actions, observations) {
      const points = rowsOf(actions);
      const observation = observationRows(observations, points.length);
      record("outputs", points);
      return points.map((point, r) => sign * compiled.value(point, observation(r)));
    },
    gradient: ((actions: Rows | Grouped, observations?: Rows) => {
      const asked = rowsOf(actions), observation = observationRows(observations, asked.length);
      const points = record("gradient", asked);
      const own = observations === undefined && points.length === rows;
      const result = points.map((point, r) =>
        (own ? slopesOf(point, r) : compiled.gradient(point, observation(r))).map((g) => sign * g)
      );
      return isGrouped(actions) ? grouped(result, actions[0]!.length) : result;
    }) as Network["gradient"],
    log(kind, points) {
      record(kind, rowsOf(points));
    },
  };
  let draws = 0;
  const own = normalDraws(problem.seed);
  const draw = (): number[][] => {
    const k = draws++;
    const tape = problem.noise.kind === "tape" ? problem.noise.draws[k] : undefined;
    return tape
      ? copyRows(tape)
      : Array.from({ length: rows }, () => Array.from({ length: axes }, own));
  };
  const noise: NoiseSource = {
    kind: problem.noise.kind,
    draw,
    drawGrouped: () => grouped(draw(), samples),
  };
  const initial = copyRows(problem.initial);
  const seen = () => ({ evaluations, draws, initialAfter: copyRows(initial) });
  return {
    seen,
    call: {
      settings: copySettings(settings),
      groups,
      samples,
      axes,
      observations: copyRows(problem.observations),
      initial,
      network,
      noise,
      seed: problem.seed,
    },
    close(result) {
      const { final, chain } = unpack(result);
      const finalRows = tableOf(final, rows, axes, samples, "final actions");
      const observed = chain === undefined ? undefined : readChain(problem, chain);
      return { ...seen(), final: finalRows, ...(observed ? { chain: observed } : {}) };
    },
  };
}

/**
 * The observations that come with some rows of a problem.
 *
 * @throws {TargetFault} of the kind `shape`, if there are none, and it matters which they are
 */
function observationsOfSome(
  { observations, groups }: Problem,
  asked: number,
  given: Rows | undefined,
): (row: number) => readonly number[] {
  const known = given ?? (groups === 1 || observations[0]!.length === 0 ? observations : []);
  const times = asked / known.length;
  if (known.length === 1 || Number.isInteger(times)) {
    return (row) => known[known.length === 1 ? 0 : Math.floor(row / times)]!;
  }
  throw new TargetFault(
    "shape",
    `${
      given === undefined ? "no" : given.length
    } observations for ${asked} rows put to the network`,
    "network.gradient(actions, observations) with one observation for each of these rows",
  );
}

function unpack(result: Result): { final: unknown; chain: Reported | undefined } {
  if (
    typeof result === "object" && result !== null && !Array.isArray(result) && "final" in result
  ) {
    return { final: result.final, chain: result.chain as Reported | undefined };
  }
  return { final: result, chain: undefined };
}

function thrown(error: unknown, where: string): TargetFault {
  return new TargetFault("throws", `${errorText(error)}, thrown in ${where}`, "", {
    cause: error,
  });
}
