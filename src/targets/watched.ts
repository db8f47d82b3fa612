/**
 * A heartbeat, so that another thread can tell that a run stands still, whosever fault it is.
 *
 * @module
 */

import type { Problem } from "../../spec/problem.ts";
import type { Target } from "../../spec/sampler.ts";

/** What a heartbeat says. */
export interface Beat {
  /** Grows as long as the run moves. */
  readonly count: number;
  /** What the run does, in words. */
  readonly about: string;
}

const header = 8;
const capacity = 500;

/** Memory for a heartbeat, shared between threads. */
export function heartbeatMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(header + capacity);
}

/** Reads a heartbeat from another thread. */
export function readBeat(memory: SharedArrayBuffer): Beat {
  const words = new Int32Array(memory, 0, 2);
  const count = Atomics.load(words, 0);
  const text = new Uint8Array(memory, header, Atomics.load(words, 1)).slice();
  return { count, about: new TextDecoder().decode(text) };
}

/** Writes a heartbeat. */
export class Heart {
  readonly #words: Int32Array;
  readonly #text: Uint8Array;
  readonly #encoder = new TextEncoder();

  /** @param memory from {@linkcode heartbeatMemory} */
  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory, 0, 2);
    this.#text = new Uint8Array(memory, header, capacity);
  }

  /** Says that the run moves, and what it does next. */
  beat(about: string): void {
    const { written } = this.#encoder.encodeInto(about, this.#text);
    Atomics.store(this.#words, 1, written);
    Atomics.add(this.#words, 0, 1);
  }
}

/** A target whose calls are announced, at their beginning and at their end. */
export function watched(target: Target, heart: Heart): Target {
  const during = async <T>(about: string, work: () => Promise<T>): Promise<T> => {
    heart.beat(about);
    try {
      return await work();
    } finally {
      heart.beat(`what follows ${about}`);
    }
  };
  return {
    ...target,
    prepare: async (settings) => {
      const about = `prepare(settings) (${settings.steps} steps)`;
      const prepared = await during(about, () => target.prepare(settings));
      return {
        sample: (problem) =>
          during(`sample(call) (${problemInWords(problem)})`, () => prepared.sample(problem)),
      };
    },
  };
}

/** What a problem is told by. */
export type ProblemHead = Pick<Problem, "energy" | "settings" | "groups" | "samples" | "axes">;

/** A problem in a few words, for messages about a call. */
export function problemInWords({ energy, settings, groups, samples, axes }: ProblemHead): string {
  return `energy ${energy}, steps ${settings.steps}, rows ${groups * samples}, axes ${axes}`;
}
