/**
 * A child process that is read line by line and always ends, with every process that it started.
 *
 * The child leads a process group of its own, so that its children can be ended with it. On Linux a
 * mark in its environment also finds those that left the group.
 *
 * @module
 */

import { TargetFault } from "../../spec/sampler.ts";

/** Bytes of standard error that are kept. */
const tailBytes = 4096;
/** Lines of standard error, or of a trace, that are shown. */
const tailLines = 20;
/** The variable of the environment that marks a child and everything that it starts. */
const mark = "ULASPEC_CHILD";
/** Milliseconds that a child has to end after SIGTERM. */
const patience = 500;

/** What a child's output is told to. */
export interface Listener {
  /** A whole line, without its end. Nothing is read after `enough`. */
  line(text: string): "more" | "enough";
  /** A line that is too long or no UTF-8; nothing more is read. */
  unreadable(found: string, wanted: string): void;
  /** Standard output has ended, `rest` after the last whole line. */
  end(rest: string): Promise<void>;
  /** The reading, or this listener itself, has failed: an error that says nothing of the child. */
  failed(error: unknown): void;
}

/** How a child ended. */
export interface Ending {
  readonly code: number;
  readonly signal: string | null;
  /** What it took: nothing, SIGTERM or SIGKILL. */
  readonly force: "none" | "SIGTERM" | "SIGKILL";
  /** Processes that it left behind, by their command lines; they have been ended. */
  readonly orphans: readonly string[];
}

let run: string = crypto.randomUUID();

/** Marks the children of this thread as those of a run, so that another thread can find them. */
export function markChildren(mark: string): void {
  run = mark;
}

/** A child that has been started or has ended. */
export interface ChildNews {
  readonly news: "started" | "ended";
  readonly pid: number;
}

const listeners = new Set<(news: ChildNews) => void>();

/**
 * Tells of every child of this thread that starts or ends.
 *
 * @returns what takes that back
 */
export function tellOfChildren(listener: (news: ChildNews) => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Kills a child with its process group, at once. */
export function killGroup(pid: number): void {
  signalTo(Deno.build.os === "windows" ? pid : -pid, "SIGKILL");
}

/** Kills all that carry a mark or one that begins with it, where that can be told. */
export function killMarked(mark: string): void {
  // A process that forks while it is being looked for is found the next time.
  for (let round = 0; round < 20; round++) {
    const found = marked(mark);
    if (found.length === 0) return;
    for (const { pid } of found) signalTo(pid, "SIGKILL");
  }
}

/** A running child process. */
export class Child {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output: ReadableStreamDefaultReader<Uint8Array>;
  readonly #errors: ReadableStreamDefaultReader<Uint8Array>;
  readonly #id: string;
  readonly #limit: number;
  readonly #reading: Promise<void>;
  readonly #readingErrors: Promise<void>;
  #pending = new Uint8Array(1 << 16);
  #pendingBytes = 0;
  #tail = new Uint8Array();
  #exited = false;
  #ending: Promise<Ending> | undefined;

  /**
   * Starts a child.
   *
   * @param command the program and its arguments
   * @param options its environment beside that of this process, the longest line in bytes, and who
   *   listens
   * @throws {TargetFault} of the kind `missing`, if it cannot be started
   */
  constructor(
    command: readonly string[],
    options: {
      readonly env: Readonly<Record<string, string>>;
      readonly longestLine: number;
      readonly listener: Listener;
      /** Told of its standard error as it comes. */
      readonly onStderr?: ((text: string) => void) | undefined;
    },
  ) {
    this.#id = `${run}/${crypto.randomUUID()}`;
    this.#limit = options.longestLine;
    this.#process = start(command, { ...options.env, [mark]: this.#id });
    this.#tell("started");
    this.#input = this.#process.stdin.getWriter();
    this.#output = this.#process.stdout.getReader();
    this.#errors = this.#process.stderr.getReader();
    this.#reading = this.#read(options.listener);
    this.#readingErrors = this.#readErrors(options.onStderr);
    this.#process.status.then(() => this.#exited = true);
  }

  /** The id of its process. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Its end. */
  get status(): Promise<Deno.CommandStatus> {
    return this.#process.status;
  }

  /** Writes to its standard input; rejects when nobody reads any more. */
  async write(text: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(text));
  }

  /** What follows the last whole line on standard output. */
  get halfLine(): string {
    return new TextDecoder().decode(this.#pending.subarray(0, Math.min(this.#pendingBytes, 400)));
  }

  /** The last lines of its standard error. */
  get stderr(): string {
    return lastLines(new TextDecoder().decode(this.#tail));
  }

  /** The end of its standard error, once there will be no more of it. */
  async wholeStderr(): Promise<string> {
    await within(this.#readingErrors, patience);
    return this.stderr;
  }

  /**
   * Ends the child and all that it started: closes its standard input, waits, terminates, kills.
   *
   * @param grace milliseconds that it has to end by itself
   */
  end(grace: number): Promise<Ending> {
    return this.#ending ??= this.#end(grace);
  }

  async #end(grace: number): Promise<Ending> {
    let force: Ending["force"] = "none";
    // A pending write to a child that does not read would never end.
    const closing = orGone(this.#input.close());
    if (grace === 0 || await within(this.status, grace) === undefined) {
      if (!this.#exited) force = "SIGTERM";
      this.#signal("SIGTERM");
      if (await within(this.status, patience) === undefined) {
        force = "SIGKILL";
        this.#signal("SIGKILL");
      }
    }
    const { code, signal } = await this.status;
    const orphans = marked(this.#id).map(({ words }) => words);
    this.kill();
    await within(closing, patience);
    await orGone(this.#input.abort());
    await within(this.#reading, patience);
    await orGone(this.#output.cancel());
    await within(this.#readingErrors, patience);
    await orGone(this.#errors.cancel());
    await Promise.all([this.#reading, this.#readingErrors]);
    this.#tell("ended");
    return { code, signal, force, orphans };
  }

  /** Kills the child and all that it started, at once. */
  kill(): void {
    if (Deno.build.os !== "windows" || !this.#exited) killGroup(this.pid);
    killMarked(this.#id);
  }

  #tell(news: ChildNews["news"]): void {
    for (const listener of listeners) listener({ news, pid: this.pid });
  }

  #signal(signal: Deno.Signal): void {
    if (Deno.build.os === "windows") {
      if (!this.#exited) this.#process.kill(signal);
      return;
    }
    signalTo(-this.#process.pid, signal);
  }

  async #read(listener: Listener): Promise<void> {
    try {
      while (true) {
        const { done, value } = await this.#output.read();
        if (done) break;
        if (!this.#take(value, listener)) return await this.#output.cancel();
      }
      await listener.end(this.halfLine);
    } catch (error) {
      listener.failed(error);
      await orGone(this.#output.cancel());
    }
  }

  /** Splits bytes into lines. Gives false when nothing more is to be read. */
  #take(bytes: Uint8Array, listener: Listener): boolean {
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      if (!this.#keep(bytes.subarray(start, end), listener)) return false;
      const line = this.#pending.subarray(0, this.#pendingBytes);
      this.#pendingBytes = 0;
      start = end + 1;
      let text;
      try {
        text = new TextDecoder("utf-8", { fatal: true }).decode(line);
      } catch {
        // The only thing that a fatal decoder throws for.
        const shown = JSON.stringify(new TextDecoder().decode(line.subarray(0, 60)));
        listener.unreadable(`bytes that are no UTF-8 in the line ${shown}`, "UTF-8");
        return false;
      }
      if (listener.line(text) === "enough") return false;
    }
    return this.#keep(bytes.subarray(start), listener);
  }

  #keep(bytes: Uint8Array, listener: Listener): boolean {
    const size = this.#pendingBytes + bytes.length;
    if (size > this.#limit) {
      const shown = JSON.stringify(this.halfLine.slice(0, 40));
      listener.unreadable(
        `a line of more than ${this.#limit / 2 ** 20} MiB that begins with ${shown}`,
        `at most ${this.#limit / 2 ** 20} MiB a line`,
      );
      this.#pendingBytes = 0;
      return false;
    }
    if (size > this.#pending.length) {
      const larger = new Uint8Array(Math.min(this.#limit, 2 * size));
      larger.set(this.#pending.subarray(0, this.#pendingBytes));
      this.#pending = larger;
    }
    this.#pending.set(bytes, this.#pendingBytes);
    this.#pendingBytes = size;
    return true;
  }

  async #readErrors(tell?: (text: string) => void): Promise<void> {
    const decoder = new TextDecoder();
    try {
      while (true) {
        const { done, value } = await this.#errors.read();
        if (done) break;
        tell?.(clean(decoder.decode(value, { stream: true })));
        const joined = new Uint8Array(this.#tail.length + value.length);
        joined.set(this.#tail);
        joined.set(value, this.#tail.length);
        this.#tail = joined.slice(-tailBytes);
      }
    } catch {
      // What was read so far is shown with a fault; no verdict rests on it.
    }
  }
}

/** Waits for the end of a stream. It fails where the other side is gone: then it has ended, too. */
async function orGone(ending: Promise<void>): Promise<void> {
  await ending.catch(() => {});
}

function start(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
): Deno.ChildProcess {
  const [program = "", ...args] = command;
  try {
    return new Deno.Command(program, {
      args,
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: true,
    }).spawn();
  } catch (error) {
    throw notStarted(program, error);
  }
}

function notStarted(program: string, error: unknown): TargetFault {
  const fault = (found: string, wanted: string) =>
    new TargetFault("missing", found, wanted, { cause: error });
  if (error instanceof Deno.errors.NotFound) {
    return fault(
      `the command ${program}, which does not exist`,
      program.includes("/") ? "the path of a program" : "a program on the PATH, or its path",
    );
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return fault(
      `the command ${program}, which may not be executed`,
      `a program: chmod +x ${program}, or the program that runs it in front`,
    );
  }
  if (error instanceof Deno.errors.NotCapable) {
    return fault("no permission to start a process", "the permission --allow-run or -A");
  }
  const { message } = error as Error;
  return fault(`the command ${program}, which cannot be started: ${message}`, "a program");
}

/** The processes that carry a mark; none where that cannot be told. */
function marked(id: string): { readonly pid: number; readonly words: string }[] {
  if (Deno.build.os !== "linux") return [];
  const wanted = `${mark}=${id}`;
  const found: { pid: number; words: string }[] = [];
  try {
    for (const { name } of Deno.readDirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      try {
        const marks = Deno.readTextFileSync(`/proc/${name}/environ`).split("\0");
        if (!marks.some((variable) => variable.startsWith(wanted))) continue;
        const words = Deno.readTextFileSync(`/proc/${name}/cmdline`).replaceAll("\0", " ").trim();
        found.push({ pid: Number(name), words: clean(words).slice(0, 80) });
      } catch {
        // It has ended, or belongs to somebody else.
      }
    }
  } catch {
    // There is no /proc, or no permission to read it.
  }
  return found;
}

function signalTo(pid: number, signal: Deno.Signal): void {
  try {
    Deno.kill(pid, signal);
  } catch {
    // It has ended.
  }
}

/** What a promise gives within some milliseconds, or undefined. */
export async function within<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** The last lines of a text, without what would steer a terminal. */
export function lastLines(text: string): string {
  return clean(text.slice(-tailBytes)).trimEnd().split("\n").slice(-tailLines).join("\n");
}

/** Text without colours and control characters, but with its line ends. */
export function clean(text: string): string {
  return text
    // deno-lint-ignore no-control-regex
    .replaceAll(/\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)?/g, "")
    .replaceAll(/\r\n?/g, "\n")
    // deno-lint-ignore no-control-regex
    .replaceAll(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/g, "");
}
