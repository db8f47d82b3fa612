/**
 * How a conversation with a process is held: what stands on the lines, and in which words its
 * mishaps are told. Processes in any language speak the wire protocol, the process of a module
 * speaks that of this package.
 *
 * @module
 */

import type { Problem } from "../../spec/problem.ts";
import type { FaultKind, NoiseOrigin, Reveals } from "../../spec/sampler.ts";
import type { Answer, AnswerOf, Handle, Request } from "./protocol.ts";

/** What a target says of itself. */
export interface Ready extends Omit<AnswerOf<"ready">, "protocol" | "noise"> {
  readonly noise?: NoiseOrigin | undefined;
  readonly reveals?: Reveals | undefined;
  /** Built-ins that a module has replaced. */
  readonly changed?: readonly string[] | undefined;
}

/** The process of a module tells of a fault. */
export interface ToldFault {
  readonly id: number;
  readonly type: "fault";
  readonly kind: "throws" | "shape" | "not-finite" | "contract" | "dies";
  readonly found: string;
  readonly wanted: string;
  readonly place?: string | undefined;
}

/** The answer to `stop`. */
export interface Stopped {
  readonly id: number;
  readonly type: "stopped";
  readonly changed?: readonly string[] | undefined;
}

/** What is heard of a target. */
export type Heard =
  | Exclude<Answer, { type: "ready" | "stopped" }>
  | Ready
  | Stopped
  | ToldFault;

/** What is heard, of one type. */
export type HeardOf<Type extends Heard["type"]> = Extract<Heard, { type: Type }>;

/** Something that the person should know, in the two halves of every message. */
export interface FoundAndWanted {
  readonly found: string;
  readonly wanted: string;
}

/** A request to run a problem, as JSON without its id. */
export interface Sampling extends Readonly<Record<string, unknown>> {
  readonly type: "sample";
}

/** How a conversation is held. */
export interface Dialect {
  /** Bytes that a line may have. */
  readonly longestLine: number;
  /** The first request, as JSON without its id. */
  readonly start: Readonly<Record<string, unknown>> & { readonly type: "start" };
  /** What a request is called in messages. */
  readonly names: Readonly<Record<Request["type"], string>>;
  /**
   * Reads a line.
   *
   * @throws {ProtocolFault} if it is no answer
   */
  read(line: string): Heard;
  /** How a target is told to forget a sampler. */
  readonly releases: "by requests" | "with prepare";
  /** The request to run a problem. */
  sampling(prepared: Handle, problem: Problem): Sampling;
  /**
   * A request that has no answer in time.
   *
   * @param name the request
   * @param about what it is about, in brackets, or nothing
   * @param half what stands on a line without an end
   */
  late(name: string, about: string, seconds: number, half: string): FoundAndWanted;
  /** Told of what the process prints beside. */
  onStderr?(text: string): void;
  /** What an end of the process is called, if its standard error tells. */
  endOf?(stderr: string): FoundAndWanted & { readonly kind: FaultKind } | undefined;
}
