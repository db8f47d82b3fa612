/**
 * A conversation with a target in another process: requests and answers, by their ids, with a limit
 * on every wait.
 *
 * @module
 */

import type { Problem, Settings } from "../../spec/problem.ts";
import { type FaultKind, type Feature, TargetFault } from "../../spec/sampler.ts";
import type { Trajectory } from "../../spec/trajectory.ts";
import { settingsText } from "../../spec/settings_text.ts";
import { Child, clean, type Ending, lastLines, within } from "./child.ts";
import type { Dialect, FoundAndWanted, Heard, HeardOf, Ready, Sampling } from "./dialect.ts";
import { excerpt } from "./excerpt.ts";
import type { Handle, Request } from "./protocol.ts";
import { ProtocolFault } from "./protocol_fault.ts";
import { trajectoryOf } from "./trajectory_text.ts";
import { problemInWords } from "./watched.ts";

/** How long a process may take. */
export interface Patience {
  /** Seconds that the start and each answer may take. */
  readonly timeout: number;
  /** Seconds that the process has to end after `stop`. */
  readonly grace: number;
}

/** How a conversation ended. */
export interface ConversationEnding extends Ending {
  /** Whether the target answered `stop`. */
  readonly stopped: boolean;
}

const mostRemarks = 20;
/** How many times as long a call may take in which code is compiled. */
const compilingPatience = 10;
/** Milliseconds by which a timer may be late before the suite itself is to blame. */
const mostLag = 200;

/** A request without its id. */
type Body =
  | Sampling
  | Dialect["start"]
  | Unnumbered<Exclude<Request, { type: "sample" | "start" }>>;
type Unnumbered<T> = T extends unknown ? Omit<T, "id"> : never;
type RequestType = Request["type"];

/** A request without an answer yet. */
interface Waiting {
  readonly type: RequestType;
  /** The request in words. */
  readonly words: string;
  /** When it is late, as `performance.now()` says. */
  due: number;
  resolve(answer: Heard): void;
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
  readonly #dialect: Dialect;
  readonly #limits: Patience;
  readonly #waiting = new Map<number, Waiting>();
  /** What the next request to prepare tells the target to forget. */
  readonly #released: Handle[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #next = 0;
  /** Why it has ended: a fault of the target, or an error of the suite's own. */
  #fault: Promise<unknown> | undefined;
  #stopping = false;
  /** Seconds that the target spent compiling, as it says. */
  #compiling = 0;
  /** How much longer than others a call may take in which code is compiled. */
  #patience = 1;
  #ending: Promise<ConversationEnding> | undefined;

  /**
   * Starts the process.
   *
   * @param command the program and its arguments
   * @param env its environment beside that of this process
   * @param dialect how it is spoken to
   * @param limits time limits
   * @throws {TargetFault} if it cannot be started
   */
  constructor(
    command: readonly string[],
    env: Readonly<Record<string, string>>,
    dialect: Dialect,
    limits: Patience,
  ) {
    this.#dialect = dialect;
    this.#limits = limits;
    this.#child = new Child(command, {
      env,
      longestLine: dialect.longestLine,
      onStderr: dialect.onStderr,
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
  async start(): Promise<Ready> {
    const ready = await this.#ask(this.#dialect.start, "ready");
    for (const feature of ready.unsupported) this.unsupported.add(feature);
    this.#remarkChanged(ready.changed);
    if (ready.compiles !== undefined) this.#patience = compilingPatience;
    return ready;
  }

  /**
   * Has a sampler prepared.
   *
   * @throws {TargetFault} if the target cannot, or does not answer in time
   */
  async prepare(settings: Settings): Promise<Handle> {
    const { releases } = this.#dialect;
    const request = {
      type: "prepare",
      settings: settingsText(settings),
      ...(releases === "with prepare" ? { release: this.#released.splice(0) } : {}),
    } as const;
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
      this.#dialect.sampling(prepared, asked),
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
    this.#compiling += result.compiling ?? 0;
    result.remarks?.forEach((remark) => this.#remark(remark));
    try {
      return trajectoryOf(problem, result, "results[0]");
    } catch (error) {
      throw error instanceof TargetFault ? this.#withTail(error) : error;
    }
  }

  /** Tells the target to forget a sampler; nobody waits for the answer. */
  release(prepared: Handle): void {
    if (this.#dialect.releases === "with prepare") this.#released.push(prepared);
    else this.#sendOnly({ type: "release", prepared });
  }

  /** Sends a request and waits for its answer. */
  async #ask<Type extends Heard["type"]>(
    body: Body,
    wanted: Type,
    about = "",
  ): Promise<HeardOf<Type>> {
    const name = this.#dialect.names[body.type];
    const words = about === "" ? name : `${name} (${about})`;
    if (this.#fault) throw await this.#fault;
    if (this.#stopping) throw closed(words);
    const patience = body.type === "sample" ? this.#patience : 1;
    const answer = await this.#send(body, words, patience * this.#limits.timeout);
    if (isOf(answer, wanted)) return answer;
    if (answer.type === "fault") throw await this.#told(answer, words);
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

  #thrown({ message, trace }: HeardOf<"failed">, words: string): TargetFault {
    const line = clean(message).replaceAll(/\s*\n\s*/g, " ").slice(0, 400);
    return new TargetFault("throws", `${line}, thrown in ${words}`, "", {
      trace: trace === undefined ? undefined : lastLines(trace),
      stderr: this.#child.stderr,
    });
  }

  /** The fault that the process of a module tells of; a dead module is of no further use. */
  async #told({ kind, found, wanted, place }: HeardOf<"fault">, words: string): Promise<unknown> {
    const fault = new TargetFault(
      kind,
      kind === "dies" ? `${found}, during ${words}` : found,
      wanted,
      {
        place,
      },
    );
    if (kind !== "dies") return fault;
    this.#giveUp(() => fault);
    return await this.#fault;
  }

  #lacks({ feature, reason }: HeardOf<"unsupported">, type: RequestType): TargetFault {
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
  close(): Promise<ConversationEnding> {
    return this.#ending ??= this.#close();
  }

  async #close(): Promise<ConversationEnding> {
    const faulty = this.#fault !== undefined;
    this.#stopping = true;
    this.#unwatch();
    for (const { words, reject } of this.#waiting.values()) reject(closed(words));
    this.#waiting.clear();
    const heard = faulty ? () => undefined : this.#stop();
    const ending = await this.#child.end(faulty ? 0 : 1000 * this.#limits.grace);
    this.#waiting.clear();
    if (this.#compiling >= 0.5) {
      this.#remark(`The target spent ${this.#compiling.toFixed(1)} s compiling.`);
    }
    if (!faulty) {
      this.#remarkEnding(ending);
      this.#remarkStop(heard());
    }
    return { ...ending, stopped: heard()?.type === "stopped" };
  }

  /** Says stop; gives what tells the answer, once there is one. */
  #stop(): () => Heard | undefined {
    let heard: Heard | undefined;
    this.#send({ type: "stop" }, "stop", undefined).then((answer) => heard = answer, () => {});
    return () => heard;
  }

  #remarkStop(heard: Heard | undefined): void {
    if (heard?.type === "stopped") return this.#remarkChanged(heard.changed);
    const instead = heard === undefined
      ? "gave no answer"
      : heard.type === "fault"
      ? `answered with ${heard.found}`
      : `answered ${heard.type}`;
    this.#remark(`The target ${instead} to stop; it should answer stopped.`);
  }

  #remarkChanged(changed: readonly string[] | undefined): void {
    if (!changed?.[0]) return;
    const more = changed.length > 5 ? " and more" : "";
    this.#remark(
      `The module changes built-ins (${changed.slice(0, 5).join(", ")}${more}); only the process ` +
        "that it runs in has them so.",
    );
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

  #send(body: Body, words: string, timeout: number | undefined): Promise<Heard> {
    const id = this.#next++;
    const { promise, resolve, reject } = Promise.withResolvers<Heard>();
    const due = timeout === undefined ? Infinity : performance.now() + 1000 * timeout;
    this.#waiting.set(id, { type: body.type, words, due, resolve, reject });
    if (timeout !== undefined && this.#timer === undefined) this.#watch();
    this.#child.write(`${JSON.stringify({ id, ...body })}\n`)
      .catch(() => this.#inputEnded())
      .catch((error) => this.#giveUp(() => error));
    return promise;
  }

  /** Sends a request whose answer nobody waits for: what goes wrong, the next request is told. */
  #sendOnly(body: Body): void {
    this.#send(body, body.type, undefined).catch(() => {});
  }

  /** Looks again when the next request is due: one timer for all costs less than one for each. */
  #watch(): void {
    const due = Math.min(...[...this.#waiting.values()].map((waiting) => waiting.due));
    if (due === Infinity) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const now = performance.now();
      // Had the suite itself no time to listen, an answer may be there already.
      const lag = now - due > mostLag ? now - due : 0;
      for (const waiting of this.#waiting.values()) {
        waiting.due += Math.min(lag, 1000 * this.#limits.timeout);
        if (waiting.due <= now) return this.#late(waiting);
      }
      this.#watch();
    }, Math.max(0, due - performance.now()));
  }

  #unwatch(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #late({ type, words }: Waiting): void {
    const name = this.#dialect.names[type];
    const about = words.slice(name.length);
    const { found, wanted } = this.#dialect.late(
      name,
      about,
      type === "sample" ? this.#patience * this.#limits.timeout : this.#limits.timeout,
      this.#child.halfLine,
    );
    this.#fail("time-out", found, wanted);
  }

  #hear(text: string): "more" | "enough" {
    let answer;
    try {
      answer = this.#dialect.read(text);
    } catch (error) {
      if (!(error instanceof ProtocolFault)) throw error;
      if (this.#stopping) return "more";
      this.#fail("protocol", error.found, error.wanted);
      return "enough";
    }
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) {
      if (this.#stopping) return "more"; // an answer that nobody waits for any more
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
    const { code, signal } = status;
    const during = this.#during();
    const known = this.#dialect.endOf?.(await this.#child.wholeStderr());
    if (known) this.#fail(known.kind, known.found + during, known.wanted);
    else {
      this.#fail(
        "exit",
        `an end of the process with ${codeWords(code, signal)}${during}${restWords(rest)}`,
        "a process that answers until stop",
      );
    }
    return true;
  }

  /** What was under way, in words. */
  #during(): string {
    const first = [...this.#waiting.values()].find(({ type }) => type !== "release");
    return first === undefined ? " between two requests" : ` during ${first.words}`;
  }

  /** Ends the conversation for a reason that shows elsewhere. */
  lose(kind: FaultKind, { found, wanted }: FoundAndWanted): void {
    this.#fail(kind, `${found}${this.#during()}`, wanted);
  }

  /** Whether it has ended, by a fault of the target or an error of the suite. */
  get lost(): boolean {
    return this.#fault !== undefined;
  }

  /** The id of the process. */
  get pid(): number {
    return this.#child.pid;
  }

  #fail(kind: FaultKind, found: string, wanted: string): void {
    this.#giveUp(() => this.#withTail(new TargetFault(kind, found, wanted)));
  }

  /** Ends the process, and every open request and all later ones with a reason. */
  #giveUp(reason: () => unknown): void {
    if (this.#fault || this.#stopping) return;
    const fault = this.#child.end(0).then(reason);
    this.#fault = fault;
    this.#unwatch();
    for (const { reject } of this.#waiting.values()) fault.then(reject, reject);
    this.#waiting.clear();
  }

  /** The fault with the end of the target's standard error. */
  #withTail(fault: TargetFault): TargetFault {
    const { kind, found, wanted } = fault;
    return new TargetFault(kind, found, wanted, { stderr: this.#child.stderr, cause: fault.cause });
  }
}

function isOf<Type extends Heard["type"]>(answer: Heard, type: Type): answer is HeardOf<Type> {
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
