/**
 * A conversation with a target in another process: requests and answers, by their ids, with a limit
 * on every wait.
 *
 * @module
 */

import type { Problem, Settings } from "../../spec/problem.ts";
import { type Feature, TargetFault } from "../../spec/sampler.ts";
import type { Trajectory } from "../../spec/trajectory.ts";
import { settingsText } from "../../spec/settings_text.ts";
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
import { problemInWords } from "./watched.ts";

/** How long a process may take. */
export interface Patience {
  /** Seconds that the start and each answer may take. */
  readonly timeout: number;
  /** Seconds that the process has to end after `stop`. */
  readonly grace: number;
}

const mostRemarks = 20;

type Body<T> = T extends unknown ? Omit<T, "id"> : never;
type RequestType = Request["type"];

/** A request without an answer yet. */
interface Waiting {
  readonly type: RequestType;
  /** The request in words. */
  readonly words: string;
  readonly timer: ReturnType<typeof setTimeout> | undefined;
  resolve(answer: Answer): void;
  reject(reason: unknown): void;
}

/**
 * A process that was started, and what was said since. It ends with the first fault of the target, or with the first
 * error of the suite: every open request and all later ones are told which.
 */
export class Conversation {
  /** What the target said for readers of the report, and how it ended; grows until it is closed. */
  readonly remarks: string[] = [];
  /** What the target lacks, as its answer to `start` says. */
  readonly unsupported: Set<Feature> = new Set();
  readonly #child: Child;
  readonly #limits: Patience;
  readonly #waiting = new Map<number, Waiting>();
  #next = 0;
  /** Why it has ended: a fault of the target, or an error of the suite's own. */
  #fault: Promise<unknown> | undefined;
  #stopping = false;
  #ending: Promise<Ending> | undefined;

  /**
   * Starts the process.
   *
   * @param command the program and its arguments
   * @param env its environment beside that of this process
   * @param limits time limits
   * @throws {TargetFault} if it cannot be started
   */
  constructor(
    command: readonly string[],
    env: Readonly<Record<string, string>>,
    limits: Patience,
  ) {
    this.#limits = limits;
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

  /**
   * Waits until the target is ready.
   *
   * @throws {TargetFault} if it does not say so in time
   */
  async start(): Promise<AnswerOf<"ready">> {
    const ready = await this.#ask({ type: "start", protocol: protocolVersion }, "ready");
    for (const feature of ready.unsupported) this.unsupported.add(feature);
    if (ready.noise === "own") this.unsupported.add("noise-tape");
    return ready;
  }

  /**
   * Has a sampler prepared.
   *
   * @throws {TargetFault} if the target cannot, or does not answer in time
   */
  async prepare(settings: Settings): Promise<Handle> {
    const request = { type: "prepare", settings: settingsText(settings) } as const;
    return (await this.#ask(request, "prepared", `${settings.steps} steps`)).prepared;
  }

  /**
   * Runs a problem.
   *
   * @throws {TargetFault} if the target cannot, does not answer in time or gives something unusable
   */
  async sample(prepared: Handle, problem: Problem): Promise<Trajectory> {
    const asked: Problem = this.unsupported.has("noise-tape")
      ? { ...problem, noise: { kind: "own" } }
      : problem;
    const { results, id } = await this.#ask(
      { type: "sample", prepared, problems: [problemOnWire(asked)] },
      "results",
      problemInWords(problem),
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

  /** Sends a request and waits for its answer. */
  async #ask<Type extends Answer["type"]>(
    body: Body<Request>,
    wanted: Type,
    about = "",
  ): Promise<AnswerOf<Type>> {
    const words = about === "" ? body.type : `${body.type} (${about})`;
    if (this.#fault) throw await this.#fault;
    if (this.#stopping) throw closed(words);
    const answer = await this.#send(body, words, this.#limits.timeout);
    if (isOf(answer, wanted)) return answer;
    if (answer.type === "failed") throw this.#thrown(answer, words);
    if (answer.type === "unsupported" && (body.type === "prepare" || body.type === "sample")) {
      throw this.#lacks(answer, body.type);
    }
    this.#fail(
      "protocol",
      `the answer ${answer.type} to ${body.type} (id ${answer.id})`,
      `the answer ${wanted}`,
    );
    throw await this.#fault;
  }

  #thrown({ message, trace }: AnswerOf<"failed">, words: string): TargetFault {
    const line = clean(message).replaceAll(/\s*\n\s*/g, " ").slice(0, 400);
    return new TargetFault("throws", `${line} thrown in ${words}`, "a result", {
      trace: trace === undefined ? undefined : lastLines(trace),
      stderr: this.#child.stderr,
    });
  }

  #lacks({ feature, reason }: AnswerOf<"unsupported">, type: RequestType): TargetFault {
    return this.#withTail(
      new TargetFault(
        "contract",
        `the answer unsupported to ${type}: ${feature} (${clean(reason).slice(0, 200)})`,
        this.unsupported.has(feature)
          ? `an answer: nothing in the request needs ${feature}`
          : `${feature}, or its name in the list unsupported of the answer ready`,
      ),
    );
  }

  /** Says stop, closes, waits, terminates, kills. */
  close(): Promise<Ending> {
    return this.#ending ??= this.#close();
  }

  async #close(): Promise<Ending> {
    const faulty = this.#fault !== undefined;
    this.#stopping = true;
    for (const { words, timer, reject } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(closed(words));
    }
    this.#waiting.clear();
    if (!faulty) this.#sendOnly({ type: "stop" });
    const ending = await this.#child.end(faulty ? 0 : 1000 * this.#limits.grace);
    this.#waiting.clear();
    if (!faulty) this.#remarkEnding(ending);
    return ending;
  }

  #remarkEnding({ code, signal, force, orphans }: Ending): void {
    if (force !== "none") {
      this.#remark(
        `The target did not end within ${this.#limits.grace} s of stop; it took ${force} to end it.`,
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

  #send(body: Body<Request>, words: string, timeout: number | undefined): Promise<Answer> {
    const id = this.#next++;
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const timer = timeout === undefined
      ? undefined
      : setTimeout(() => this.#late(body.type, words), 1000 * timeout);
    this.#waiting.set(id, { type: body.type, words, timer, resolve, reject });
    this.#child.write(`${JSON.stringify({ id, ...body })}\n`)
      .catch(() => this.#inputEnded())
      .catch((error) => this.#giveUp(() => error));
    return promise;
  }

  /** Sends a request whose answer nobody waits for: what goes wrong, the next request is told. */
  #sendOnly(body: Body<Request>): void {
    this.#send(body, body.type, undefined).catch(() => {});
  }

  #late(type: RequestType, words: string): void {
    const seconds = `${this.#limits.timeout} s`;
    const half = this.#child.halfLine;
    const about = words.slice(type.length);
    this.#fail(
      "time-out",
      `no answer to ${type} after ${seconds}${about}` +
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
    const first = [...this.#waiting.values()].find(({ type }) => type !== "release");
    return first === undefined ? " between two requests" : ` during ${first.words}`;
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

function isOf<Type extends Answer["type"]>(answer: Answer, type: Type): answer is AnswerOf<Type> {
  return answer.type === type;
}

/** A request that no process is left to answer. */
function closed(words: string): TargetFault {
  return new TargetFault(
    "exit",
    `no answer to ${words}: the target was closed`,
    "requests to an open target",
  );
}

function codeWords(code: number, signal: string | null): string {
  return signal === null ? `code ${code}` : signal;
}

function restWords(rest: string): string {
  return rest === "" ? "" : `, after half a line: ${excerpt(rest)}`;
}
