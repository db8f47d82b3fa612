/**
 * A target whose process is started anew where it was lost, so that one failure costs no more than
 * the problem on which it happened.
 *
 * @module
 */

import type { Target } from "../../spec/sampler.ts";
import type { ProcessTarget } from "./process.ts";

/** A target, and how it is ended. */
export interface Opened {
  readonly target: Target;
  /** Ends the target; gives what there is to say of it. */
  close(): Promise<readonly string[]>;
}

/**
 * Opens a target. Where its process has been lost, the next sampler is prepared by another one; what
 * was prepared before is lost with it.
 *
 * @throws {TargetFault} if it cannot be opened
 */
export async function reopened(open: () => Promise<ProcessTarget>): Promise<Opened> {
  const first = await open(), remarks = new Set<string>();
  let current = first, opening: Promise<ProcessTarget> | undefined;
  const ended = async (target: ProcessTarget) => {
    await target.close();
    for (const remark of target.remarks) remarks.add(remark);
  };
  const another = async () => {
    await ended(current);
    return current = await open();
  };
  const living = async () => {
    if (!current.lost) return current;
    opening ??= another().finally(() => opening = undefined);
    return await opening;
  };
  return {
    target: { ...first, prepare: async (settings) => await (await living()).prepare(settings) },
    close: async () => {
      await ended(current);
      return [...remarks];
    },
  };
}
