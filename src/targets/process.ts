/**
 * A target in a process of its own, in any language: speaks the wire protocol with it and turns its
 * answers into trajectories.
 *
 * @module
 */

import type { Problem, Settings } from "../../spec/problem.ts";
import { type PreparedTarget, type Target, TargetFault } from "../../spec/sampler.ts";
import { Child, clean, type Ending, lastLines, within } from "./child.ts";
import {
  type Answer,
  type AnswerOf,
  excerpt,
  type Handle,
  longestLine,
  problemOnWire,
  ProtocolFault,
  protocolVersion,
  readAnswer,
  type Request,
  trajectoryOf,
} from "./protocol.ts";
import { adapterPath } from "./python_adapter.ts";
import { settingsText } from "../settings_text.ts";
import { problemInWords } from "./watched.ts";

/** How a process is talked to. */
export interface ProcessOptions {
  /** Seconds that the start and each answer may take; 30 by default. */
  readonly timeout?: number;
  /** Seconds that the process has to end after `stop`; 2 by default. */
  readonly grace?: number;
}

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
const mostRemarks = 20;

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
    const ready = await opened.ask({ type: "start", protocol: protocolVersion }, "ready", "");
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
  const unsupported = new Set(ready.unsupported);
  if (ready.noise === "own") unsupported.add("noise-tape");
  const prepared: PreparedSampler[] = [];
  const prepare = async (settings: Settings): Promise<PreparedSampler> => {
    while (prepared.length >= mostPrepared) conversation.release(prepared.shift()!.handle);
    const sampler = { handle: await conversation.prepare(settings, unsupported) };
    prepared.push(sampler);
    return sampler;
  };
  return {
    name: ready.name,
    networkReturns: ready.networkReturns,
    unsupported,
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
          return await conversation.sample(sampler.handle, problem, unsupported);
        },
      };
    },
  };
}

interface PreparedSampler {
  readonly handle: Handle;
}

type Body<T> = T extends unknown ? Omit<T, "id"> : never;
type Features = Target["unsupported"];

/** A request without an answer yet. */
interface Waiting {
  readonly type: Request["type"];
  /** What it is about, for messages. */
  readonly about: string;
  readonly timer: ReturnType<typeof setTimeout> | undefined;
  resolve(answer: Answer): void;
  reject(reason: unknown): void;
}

/**
 * Requests and answers, by their ids. It ends with the first fault of the target, or with the first
 * error of the suite: every open request and all later ones are told which.
 */
class Conversation {
  readonly remarks: string[] = [];
  readonly #child: Child;
  readonly #timeout: number;
  readonly #grace: number;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  /** Why it has ended: a fault of the target, or an error of the suite's own. */
  #fault: Promise<unknown> | undefined;
  #stopping = false;
  #ending: Promise<Ending> | undefined;

  constructor(
    command: readonly string[],
    env: Readonly<Record<string, string>>,
    limits: { readonly timeout: number; readonly grace: number },
  ) {
    this.#timeout = limits.timeout;
    this.#grace = limits.grace;
    this.#child = new Child(command, {
      env,
      longestLine,
      listener: {
        line: (text) => this.#hear(text),
        unreadable: (found, wanted) => this.#fail("protocol", found, wanted),
        end: (rest) => this.#outputEnded(rest),
        failed: (error) => this.#giveUp(() => error),
      },
    });
  }

  async prepare(settings: Settings, unsupported: Features): Promise<Handle> {
    const about = `${settings.steps} steps`;
    const request = { type: "prepare", settings: settingsText(settings) } as const;
    return (await this.ask(request, "prepared", about, unsupported)).prepared;
  }

  async sample(prepared: Handle, problem: Problem, unsupported: Features) {
    const about = problemInWords(problem);
    const asked: Problem = unsupported.has("noise-tape")
      ? { ...problem, noise: { kind: "own" } }
      : problem;
    const { results, id } = await this.ask(
      { type: "sample", prepared, problems: [problemOnWire(asked)] },
      "results",
      about,
      unsupported,
    );
    const [result] = results;
    if (result === undefined || results.length !== 1) {
      this.#fail(
        "protocol",
        `${results.length} results in the answer ${id}, to a sample request of 1 problem`,
        "one result for each problem",
      );
      throw await this.#fault;
    }
    result.remarks?.forEach((remark) => this.#remark(remark));
    try {
      return trajectoryOf(problem, result, "results[0]");
    } catch (error) {
      throw error instanceof TargetFault ? this.#withTail(error) : error;
    }
  }

  /** Tells the target to forget a sampler; nobody waits for the answer. */
  release(prepared: Handle): void {
    this.#sendOnly({ type: "release", prepared });
  }

  /**
   * Sends a request and waits for its answer.
   *
   * @throws {TargetFault} if there is none in time, or it is not the answer that was wanted
   */
  async ask<Type extends Answer["type"]>(
    body: Body<Request>,
    wanted: Type,
    about: string,
    unsupported: Features = new Set(),
  ): Promise<AnswerOf<Type>> {
    if (this.#fault) throw await this.#fault;
    if (this.#stopping) throw this.#closed(body.type, about);
    const answer = await this.#send(body, about, this.#timeout);
    if (answer.type === wanted) return answer as AnswerOf<Type>;
    if (answer.type === "failed") {
      const message = clean(answer.message).replaceAll(/\s*\n\s*/g, " ").slice(0, 400);
      throw new TargetFault(
        "throws",
        `${message} thrown in ${body.type}${about === "" ? "" : ` (${about})`}`,
        "a result",
        {
          trace: answer.trace === undefined ? undefined : lastLines(answer.trace),
          stderr: this.#child.stderr,
        },
      );
    }
    if (answer.type === "unsupported" && (body.type === "prepare" || body.type === "sample")) {
      const { feature, reason } = answer;
      throw this.#withTail(
        new TargetFault(
          "contract",
          `the answer unsupported to ${body.type}: ${feature} (${clean(reason).slice(0, 200)})`,
          unsupported.has(feature)
            ? `an answer: nothing in the request needs ${feature}`
            : `${feature}, or its name in the list unsupported of the answer ready`,
        ),
      );
    }
    this.#fail(
      "protocol",
      `the answer ${answer.type} to ${body.type} (id ${answer.id})`,
      `the answer ${wanted}`,
    );
    throw await this.#fault;
  }

  /** Says stop, closes, waits, terminates, kills. */
  close(): Promise<Ending> {
    return this.#ending ??= this.#close();
  }

  async #close(): Promise<Ending> {
    const faulty = this.#fault !== undefined;
    this.#stopping = true;
    for (const { type, about, timer, reject } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(this.#closed(type, about));
    }
    this.#waiting.clear();
    if (!faulty) this.#sendOnly({ type: "stop" });
    const ending = await this.#child.end(faulty ? 0 : 1000 * this.#grace);
    this.#waiting.clear();
    if (!faulty) this.#remarkEnding(ending);
    return ending;
  }

  /** A request that no process is left to answer. */
  #closed(type: Request["type"], about: string): TargetFault {
    const what = `${type}${about === "" ? "" : ` (${about})`}`;
    return new TargetFault(
      "exit",
      `no answer to ${what}: the target was closed`,
      "requests to an open target",
    );
  }

  #remarkEnding({ code, signal, force, orphans }: Ending): void {
    if (force !== "none") {
      this.#remark(
        `The target did not end within ${this.#grace} s of stop; it took ${force} to end it.`,
      );
    } else if (code !== 0) {
      this.#remark(`The target ended with ${codeWords(code, signal)} after stop, not with 0.`);
    }
    if (orphans.length > 0) {
      const processes = orphans.length === 1 ? "a process" : `${orphans.length} processes`;
      this.#remark(
        `The target left ${processes} behind, ended by now: ${orphans.slice(0, 3).join("; ")}.`,
      );
    }
  }

  #remark(text: string): void {
    const line = clean(text).replaceAll(/\s+/g, " ").trim().slice(0, 300);
    if (this.remarks.length < mostRemarks && !this.remarks.includes(line)) this.remarks.push(line);
  }

  #send(body: Body<Request>, about: string, timeout: number | undefined): Promise<Answer> {
    const id = this.#next++;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const timer = timeout === undefined
      ? undefined
      : setTimeout(() => this.#late(body.type, about), 1000 * timeout);
    this.#waiting.set(id, { type: body.type, about, timer, resolve, reject });
    this.#child.write(`${JSON.stringify({ id, ...body })}\n`)
      .catch(() => this.#inputEnded())
      .catch((error) => this.#giveUp(() => error));
    return promise;
  }

  /** Sends a request whose answer nobody waits for: what goes wrong, the next request is told. */
  #sendOnly(body: Body<Request>): void {
    this.#send(body, "", undefined).catch(() => {});
  }

  #late(type: Request["type"], about: string): void {
    const seconds = `${this.#timeout} s`;
    const half = this.#child.halfLine;
    this.#fail(
      "time-out",
      `no answer to ${type} after ${seconds}${about === "" ? "" : ` (${about})`}` +
        (half === "" ? "" : `, but a line without its end: ${excerpt(half)}`),
      `${half === "" ? "an answer, flushed," : "a whole line"} within ${seconds}; ` +
        "--timeout S allows more",
    );
  }

  #hear(text: string): "more" | "enough" {
    if (this.#stopping) return "more";
    let answer;
    try {
      answer = readAnswer(text);
    } catch (error) {
      if (!(error instanceof ProtocolFault)) throw error;
      this.#fail("protocol", error.found, error.wanted);
      return "enough";
    }
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) {
      const { id, type } = answer;
      const open = [...this.#waiting.keys()].join(", ");
      this.#fail(
        "protocol",
        id < this.#next
          ? `a second answer with the id ${id}: ${type}`
          : `an answer with the id ${id}, which nobody asked: ${type}`,
        open === "" ? "no answer without a request" : `the id of an open request: ${open}`,
      );
      return "enough";
    }
    this.#waiting.delete(answer.id);
    clearTimeout(waiting.timer);
    if (waiting.type === "release" && answer.type !== "released") {
      this.#fail("protocol", `the answer ${answer.type} to release`, "the answer released");
    }
    waiting.resolve(answer);
    return "more";
  }

  /** Nobody reads what the suite says. */
  async #inputEnded(): Promise<void> {
    if (this.#stopping || this.#fault) return;
    if (await this.#exits()) return;
    this.#fail("protocol", `a closed standard input${this.#during()}`, "a target that reads on");
  }

  async #outputEnded(rest: string): Promise<void> {
    if (this.#stopping || this.#fault) return;
    if (await this.#exits(rest)) return;
    this.#fail(
      "protocol",
      `a closed standard output${this.#during()}${restWords(rest)}, while the process lives on`,
      "answers on standard output until stop",
    );
  }

  /** Gives a process that may be about to end the time to do so, and tells whether it has. */
  async #exits(rest = ""): Promise<boolean> {
    const status = await within(this.#child.status, 300);
    if (status === undefined) return false;
    this.#fail(
      "exit",
      `an end of the process with ${codeWords(status.code, status.signal)}${this.#during()}` +
        restWords(rest),
      "a process that answers until stop",
    );
    return true;
  }

  /** What was under way, in words. */
  #during(): string {
    const open = [...this.#waiting.values()].filter(({ type }) => type !== "release");
    const [first] = open;
    if (first === undefined) return " between two requests";
    return ` during ${first.type}${first.about === "" ? "" : ` (${first.about})`}`;
  }

  #fail(kind: "time-out" | "exit" | "protocol", found: string, wanted: string): void {
    this.#giveUp(() => this.#withTail(new TargetFault(kind, found, wanted)));
  }

  /** Ends the process, and every open request and all later ones with a reason. */
  #giveUp(reason: () => unknown): void {
    if (this.#fault || this.#stopping) return;
    const fault = this.#child.end(0).then(reason);
    this.#fault = fault;
    for (const { timer, reject } of this.#waiting.values()) {
      clearTimeout(timer);
      fault.then(reject, reject);
    }
    this.#waiting.clear();
  }

  /** The fault with the end of the target's standard error. */
  #withTail(fault: TargetFault): TargetFault {
    const { kind, found, wanted } = fault;
    return new TargetFault(kind, found, wanted, { stderr: this.#child.stderr, cause: fault.cause });
  }
}

function codeWords(code: number, signal: string | null): string {
  return signal === null ? `code ${code}` : signal;
}

function restWords(rest: string): string {
  return rest === "" ? "" : `, after half a line: ${excerpt(rest)}`;
}
