/**
 * A target in a process of its own, in any language.
 *
 * @module
 */

import type { Settings } from "../../spec/problem.ts";
import type { PreparedTarget, Target } from "../../spec/sampler.ts";
import { Conversation, type ConversationEnding, type Patience } from "./conversation.ts";
import type { Dialect, Ready } from "./dialect.ts";
import type { Handle } from "./protocol.ts";

/** How long a process may take: 30 s for each answer and 2 s for its end by default. */
export type ProcessOptions = Partial<Patience>;

/** A target in a process of its own. */
export interface ProcessTarget extends Target, AsyncDisposable {
  /** What it said of itself. */
  readonly ready: Ready;
  /** What it said for readers of the report, and how it ended; grows until it is closed. */
  readonly remarks: readonly string[];
  /** Whether its process is of no further use. */
  readonly lost: boolean;
  /** Ends the process, with everything that it started. May be called again. */
  close(): Promise<ConversationEnding>;
}

/** A process, and how it is spoken to. */
export interface Opening {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** Its environment beside that of this process. */
  readonly env: Readonly<Record<string, string>>;
  readonly dialect: Dialect;
  readonly limits: Patience;
  /** Prepared samplers that it keeps at a time. */
  readonly mostPrepared: number;
  /** Told of the conversation before it begins; gives what is to be done at its end. */
  watch?(conversation: Conversation): () => void | Promise<void>;
}

/**
 * Starts a target that speaks the wire protocol, and waits until it is ready.
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
  const [{ wireDialect }, { adapterPath }] = await Promise.all([
    import("./wire_dialect.ts"),
    import("./python_adapter.ts"),
  ]);
  const { env, remove } = await adapterPath();
  try {
    return await open({
      command,
      env,
      dialect: wireDialect,
      limits: { timeout, grace },
      mostPrepared: 4,
      watch: () => remove,
    });
  } catch (error) {
    await remove();
    throw error;
  }
}

/**
 * Starts a target and waits until it is ready.
 *
 * @throws {TargetFault} if it cannot be started, or does not say in time that it is ready
 */
export async function open(opening: Opening): Promise<ProcessTarget> {
  const { command, env, dialect, limits, watch } = opening;
  const conversation = new Conversation(command, env, dialect, limits);
  const unwatch = watch?.(conversation);
  const close = async () => {
    const ending = await conversation.close();
    await unwatch?.();
    return ending;
  };
  try {
    return targetOf(conversation, await conversation.start(), opening, close);
  } catch (error) {
    await close();
    throw error;
  }
}

function targetOf(
  conversation: Conversation,
  ready: Ready,
  { mostPrepared }: Opening,
  close: () => Promise<ConversationEnding>,
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
    framework: ready.framework,
    unsupported: conversation.unsupported,
    ...(ready.noise === undefined ? {} : { noise: ready.noise }),
    ...(ready.reveals === undefined ? {} : { reveals: ready.reveals }),
    ...(ready.bounds === undefined ? {} : { bounds: ready.bounds }),
    ...(ready.compiles === undefined ? {} : { compiles: ready.compiles }),
    ...(ready.drawsStart === undefined ? {} : { drawsStart: ready.drawsStart }),
    ...(ready.rule === undefined ? {} : { declares: ready.rule }),
    ready,
    get lost() {
      return conversation.lost;
    },
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
