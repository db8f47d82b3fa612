/**
 * A target in a process of its own, in any language.
 *
 * @module
 */

import type { Settings } from "../../spec/problem.ts";
import type { PreparedTarget, Target } from "../../spec/sampler.ts";
import type { Ending } from "./child.ts";
import { Conversation, type Patience } from "./conversation.ts";
import type { AnswerOf, Handle } from "./protocol.ts";
import { adapterPath } from "./python_adapter.ts";

/** How long a process may take: 30 s for each answer and 2 s for its end by default. */
export type ProcessOptions = Partial<Patience>;

/** A target in a process of its own. */
export interface ProcessTarget extends Target, AsyncDisposable {
  /** What it said of itself. */
  readonly ready: AnswerOf<"ready">;
  /** What it said for readers of the report, and how it ended; grows until it is closed. */
  readonly remarks: readonly string[];
  /** Ends the process, with everything that it started. May be called again. */
  close(): Promise<Ending>;
}

/** Prepared samplers that a process keeps at a time. */
const mostPrepared = 4;

/**
 * Starts a target and waits until it is ready.
 *
 * @param command the program and its arguments; the packaged Python adapter is on its PYTHONPATH
 * @param options time limits
 * @throws {TargetFault} if it cannot be started, or does not say in time that it is ready
 */
export async function openProcess(
  command: readonly string[],
  options: ProcessOptions = {},
): Promise<ProcessTarget> {
  const { timeout = 30, grace = 2 } = options;
  const adapter = await adapterPath();
  let conversation: Conversation | undefined;
  try {
    const opened = conversation = new Conversation(command, adapter.env, { timeout, grace });
    const ready = await opened.start();
    return targetOf(opened, ready, async () => {
      const ending = await opened.close();
      await adapter.remove();
      return ending;
    });
  } catch (error) {
    await conversation?.close();
    await adapter.remove();
    throw error;
  }
}

function targetOf(
  conversation: Conversation,
  ready: AnswerOf<"ready">,
  close: () => Promise<Ending>,
): ProcessTarget {
  const prepared: PreparedSampler[] = [];
  const prepare = async (settings: Settings): Promise<PreparedSampler> => {
    while (prepared.length >= mostPrepared) conversation.release(prepared.shift()!.handle);
    const sampler = { handle: await conversation.prepare(settings) };
    prepared.push(sampler);
    return sampler;
  };
  return {
    name: ready.name,
    networkReturns: ready.networkReturns,
    unsupported: conversation.unsupported,
    ready,
    remarks: conversation.remarks,
    close,
    [Symbol.asyncDispose]: async () => void await close(),
    async prepare(settings): Promise<PreparedTarget> {
      let sampler = await prepare(settings);
      return {
        async sample(problem) {
          // One that had to make room for others is prepared again.
          if (!prepared.includes(sampler)) sampler = await prepare(settings);
          return await conversation.sample(sampler.handle, problem);
        },
      };
    },
  };
}

interface PreparedSampler {
  readonly handle: Handle;
}
