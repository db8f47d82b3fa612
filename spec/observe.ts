/**
 * Puts a {@linkcode Sampler} of this process under observation: hands it an instrumented network
 * and noise source, checks what it returns, and records the trajectory.
 *
 * @module
 */

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
import { normalDraws } from "./numerics/random.ts";
import {
  type Arrays,
  type Call,
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
import type { Chain, Evaluation, Trajectory } from "./trajectory.ts";

/**
 * Wraps a sampler so that its calls give trajectories.
 *
 * @throws {TargetFault} if the sampler does not keep the contract
 */
export function observe(sampler: Sampler): Target {
  checkSampler(sampler);
  return {
    name: sampler.name,
    networkReturns: sampler.networkReturns,
    unsupported: new Set([
      ...sampler.unsupported ?? [],
      ...(sampler.noise === "own" ? ["noise-tape" as const] : []),
    ]),
    ...(sampler.noise === undefined ? {} : { noise: sampler.noise }),
    ...(sampler.reveals === undefined ? {} : { reveals: sampler.reveals }),
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
          return session.close(result);
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

/** Checks the shape of what a module exports as a sampler. */
export function checkSampler(sampler: Sampler): void {
  const wanted = 'a sampler: { name, networkReturns: "energy" | "logits", prepare(settings) }';
  if (typeof sampler !== "object" || sampler === null) {
    throw new TargetFault("contract", describe(sampler), wanted);
  }
  if (typeof sampler.prepare !== "function") {
    throw new TargetFault("contract", `prepare: ${describe(sampler.prepare)}`, wanted);
  }
  if (typeof sampler.name !== "string" || sampler.name === "") {
    throw new TargetFault("contract", `name: ${describe(sampler.name)}`, wanted);
  }
  if (sampler.networkReturns !== "energy" && sampler.networkReturns !== "logits") {
    throw new TargetFault(
      "contract",
      `networkReturns: ${describe(sampler.networkReturns)}`,
      wanted,
    );
  }
  oneOfWords("noise", sampler.noise, ["tape", "own", "both"]);
  oneOfWords("reveals", sampler.reveals, ["every-step", "final-actions"]);
  if (sampler.noise !== undefined && sampler.noise !== "own") {
    if (sampler.unsupported?.includes("noise-tape")) {
      throw new TargetFault(
        "contract",
        `noise: ${describe(sampler.noise)} of a sampler that lacks noise-tape`,
        'noise: "own", or noise-tape supported',
      );
    }
  }
  for (const feature of sampler.unsupported ?? []) {
    if (!Object.hasOwn(features, feature)) {
      throw new TargetFault(
        "contract",
        `unsupported: ${describe(feature)}`,
        `only features that the suite knows: ${Object.keys(features).join(", ")}`,
      );
    }
  }
}

function oneOfWords(name: string, found: unknown, words: readonly string[]): void {
  if (found === undefined || words.includes(found as string)) return;
  throw new TargetFault(
    "contract",
    `${name}: ${describe(found)}`,
    words.map((word) => JSON.stringify(word)).join(" or "),
  );
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
    if (points.length !== rows || points.some((row) => row.length !== axes)) {
      throw new TargetFault(
        "shape",
        `actions of shape ${shapeOf(actions)} put to the network`,
        `${rows}×${axes} or ${groups}×${samples}×${axes}`,
      );
    }
    return points;
  };
  const observationRows = (observations: Rows | undefined): (row: number) => readonly number[] => {
    if (observations === undefined) return (row) => observationOf(problem, row);
    if (observations.length === rows) return (row) => observations[row]!;
    if (observations.length === groups) return (row) => observations[Math.floor(row / samples)]!;
    throw new TargetFault(
      "shape",
      `observations of ${observations.length} rows put to the network`,
      `${groups} (one per group) or ${rows} (one per row)`,
    );
  };
  const record = (kind: Evaluation["kind"], points: Rows) => {
    const evaluation = { kind, points };
    watch(evaluation);
    evaluations.push(evaluation);
  };
  const network: Network = {
    returns,
    energy: problem.energy,
    outputs(actions, observations) {
      const points = rowsOf(actions);
      const observation = observationRows(observations);
      record("outputs", points);
      return points.map((point, r) => sign * compiled.value(point, observation(r)));
    },
    gradient: ((actions: Rows | Grouped, observations?: Rows) => {
      const points = rowsOf(actions);
      const observation = observationRows(observations);
      record("gradient", points);
      const result = points.map((point, r) =>
        compiled.gradient(point, observation(r)).map((g) => sign * g)
      );
      return isGrouped(actions) ? grouped(result, samples) : result;
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

/** What a sampler reported of its steps, unchecked. */
export type Reported = {
  readonly actions?: unknown;
  readonly outputs?: unknown;
  readonly gradNorms?: unknown;
};

function unpack(result: Result): { final: unknown; chain: Reported | undefined } {
  if (typeof result === "object" && result !== null && "final" in result) {
    return { final: result.final, chain: result.chain as Reported | undefined };
  }
  return { final: result, chain: undefined };
}

/**
 * Reads what a sampler reported of its steps.
 *
 * @throws {TargetFault} of the kind `shape`, if an entry does not have one number per row
 */
export function readChain(problem: Problem, chain: Reported): Chain {
  const { axes, samples } = problem;
  const rows = rowCount(problem);
  const list = (value: unknown, name: string): unknown[] => {
    const array = arrayOf(value);
    if (!Array.isArray(array)) {
      throw new TargetFault("shape", `${describe(array)} as ${name}`, `one entry per step`);
    }
    return array;
  };
  const perStep = (value: unknown, name: string) =>
    list(value, name).map((step, k) => {
      const array = arrayOf(step);
      const flat = Array.isArray(array) ? array.flat(1) : [array];
      if (flat.length !== rows || flat.some((v) => typeof v !== "number")) {
        throw new TargetFault(
          "shape",
          `${name}[${k}] of shape ${shapeOf(array)}`,
          `${rows} numbers, one per row`,
        );
      }
      return flat as number[];
    });
  return {
    ...(chain.actions === undefined ? {} : {
      actions: list(chain.actions, "chain.actions").map((step, k) =>
        tableOf(step, rows, axes, samples, `chain.actions[${k}]`)
      ),
    }),
    ...(chain.outputs === undefined ? {} : { outputs: perStep(chain.outputs, "chain.outputs") }),
    ...(chain.gradNorms === undefined
      ? {}
      : { gradNorms: perStep(chain.gradNorms, "chain.gradNorms") }),
  };
}

/**
 * Reads a table of actions: rows × axes, or groups × samples × axes.
 *
 * @param value arrays, or a tensor that gives them
 * @param name what it is, for the message
 * @returns rows × axes
 * @throws {TargetFault} of the kind `shape`, if it is anything else
 */
export function tableOf(
  value: unknown,
  rows: number,
  axes: number,
  samples: number,
  name: string,
): number[][] {
  const array = arrayOf(value);
  const wanted = `${rows}×${axes} or ${rows / samples}×${samples}×${axes} numbers`;
  if (!Array.isArray(array)) {
    throw new TargetFault("shape", `${describe(array)} as ${name}`, wanted);
  }
  const nested = Array.isArray(array[0]) && Array.isArray(array[0][0]);
  const flat: unknown[] = nested ? array.flat(1) : array;
  const sound = flat.length === rows &&
    flat.every((row) =>
      Array.isArray(row) && row.length === axes && row.every((v) => typeof v === "number")
    ) && (!nested || array.every((group) => Array.isArray(group) && group.length === samples));
  if (!sound) throw new TargetFault("shape", `${name} of shape ${shapeOf(array)}`, wanted);
  return (flat as number[][]).map((row) => [...row]);
}

function arrayOf<T>(value: Arrays<T> | unknown): unknown {
  if (typeof value === "object" && value !== null && "arraySync" in value) {
    return (value as { arraySync(): unknown }).arraySync();
  }
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return Array.from(value as unknown as ArrayLike<number>);
  }
  return Array.isArray(value) && value.some((v) => !Array.isArray(v) && typeof v === "object")
    ? value.map(arrayOf)
    : value;
}

function thrown(error: unknown, where: string): TargetFault {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : describe(error);
  return new TargetFault("throws", `${message} thrown in ${where}`, "a result", { cause: error });
}

/** A value in a few words, for error messages. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "function") return `a function`;
  if (Array.isArray(value)) return `an array of shape ${shapeOf(value)}`;
  if (typeof value === "object") {
    const keys = Object.keys(value);
    return keys.length === 0 ? "an empty object" : `an object with ${keys.slice(0, 5).join(", ")}`;
  }
  return JSON.stringify(value) ?? String(value);
}

/** The shape of nested arrays, e.g. `6×2`; `ragged` where rows differ in length. */
export function shapeOf(value: unknown): string {
  const sizes: (number | "ragged")[] = [];
  let level: unknown[] = [value];
  while (level.length > 0 && level.every(Array.isArray)) {
    const lengths = new Set((level as unknown[][]).map((v) => v.length));
    sizes.push(lengths.size === 1 ? [...lengths][0]! : "ragged");
    level = (level as unknown[][]).flat(1);
  }
  return sizes.length === 0 ? describe(value) : sizes.join("×");
}
