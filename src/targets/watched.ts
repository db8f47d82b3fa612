/**
 * A heartbeat around the calls of a sampler, so that another thread can tell that one of them never
 * returns.
 *
 * @module
 */

import type { Problem } from "../../spec/problem.ts";
import type { Sampler } from "../../spec/sampler.ts";

/** What is under way, in the order of its codes. */
const phases = ["nothing", "loading", "prepare(settings)", "sample(call)"] as const;

/** A part of the target's work that can hang. */
export type Phase = (typeof phases)[number];

/** What a heartbeat says. */
export interface Beat {
  /** Grows with every call: an unchanged number is an unfinished call. */
  readonly call: number;
  readonly phase: Phase;
  /** What the call is about, in words. */
  readonly about: string;
}

const header = 12;
const capacity = 500;

/** Memory for a heartbeat, shared between threads. */
export function heartbeatMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(header + capacity);
}

/** Reads a heartbeat from another thread. */
export function readBeat(memory: SharedArrayBuffer): Beat {
  const words = new Int32Array(memory, 0, 3);
  const call = Atomics.load(words, 0);
  const phase = phases[Atomics.load(words, 1)] ?? "nothing";
  const text = new Uint8Array(memory, header, Atomics.load(words, 2)).slice();
  return { call, phase, about: new TextDecoder().decode(text) };
}

/** Writes a heartbeat. */
export class Heart {
  readonly #words: Int32Array;
  readonly #text: Uint8Array;
  readonly #encoder = new TextEncoder();

  /** @param memory from {@linkcode heartbeatMemory} */
  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory, 0, 3);
    this.#text = new Uint8Array(memory, header, capacity);
  }

  /** Says what is under way while `work` runs. */
  async during<T>(phase: Phase, about: string, work: () => T | Promise<T>): Promise<T> {
    const bytes = this.#encoder.encode(about).subarray(0, capacity);
    this.#text.set(bytes);
    Atomics.store(this.#words, 2, bytes.length);
    Atomics.store(this.#words, 1, phases.indexOf(phase));
    Atomics.add(this.#words, 0, 1);
    try {
      return await work();
    } finally {
      Atomics.store(this.#words, 1, 0);
      Atomics.add(this.#words, 0, 1);
    }
  }
}

/**
 * A sampler whose calls are announced.
 *
 * @param sampler the sampler
 * @param heart what to announce them to
 * @param onThrow told of everything that it throws
 */
export function watched(
  sampler: Sampler,
  heart: Heart,
  onThrow: (error: unknown) => void = () => {},
): Sampler {
  const told = async <T>(work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      onThrow(error);
      throw error;
    }
  };
  const prepare: Sampler["prepare"] = async (settings) => {
    const sample = await heart.during(
      "prepare(settings)",
      `${settings.steps} steps`,
      () => told(() => sampler.prepare(settings)),
    );
    if (typeof sample !== "function") return sample;
    return (call) => {
      const about = problemInWords({ ...call, energy: call.network.energy });
      return heart.during("sample(call)", about, () => told(() => sample(call)));
    };
  };
  return {
    name: sampler.name,
    networkReturns: sampler.networkReturns,
    unsupported: sampler.unsupported ?? [],
    ...(sampler.noise === undefined ? {} : { noise: sampler.noise }),
    ...(sampler.reveals === undefined ? {} : { reveals: sampler.reveals }),
    prepare,
  };
}

/** What a problem is told by. */
export type ProblemHead = Pick<Problem, "energy" | "settings" | "groups" | "samples" | "axes">;

/** A problem in a few words, for messages about a call. */
export function problemInWords({ energy, settings, groups, samples, axes }: ProblemHead): string {
  return `energy ${energy}, steps ${settings.steps}, rows ${groups * samples}, axes ${axes}`;
}
