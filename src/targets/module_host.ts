/**
 * The process in which the sampler of a module runs, apart from the judge: whatever the module does
 * to its built-ins, its memory or its time, it does to this process alone.
 *
 * The judge asks with lines of JSON on standard input and is answered on standard output, in the
 * words of the wire protocol; `module_wire.ts` reads the answers. What the module prints goes to
 * standard error.
 *
 * @module
 */

import { errorText } from "../../spec/describe.ts";
import { toNumberText, withNumbers } from "../../spec/numerics/number_text.ts";
import { observe } from "../../spec/observe.ts";
import type { Problem, Rows, Settings } from "../../spec/problem.ts";
import type { SettingsText } from "../../spec/settings_text.ts";
import { type PreparedTarget, type Target, TargetFault } from "../../spec/sampler.ts";
import type { Trajectory } from "../../spec/trajectory.ts";
import { rememberBuiltIns } from "./built_ins.ts";
import {
  loadFault,
  type ModuleName,
  permissionWords,
  placeIn,
  samplerIn,
} from "./module_exports.ts";

/** A module, and how it is loaded. */
export interface Hosted extends ModuleName {
  load(): Promise<Readonly<Record<string, unknown>>>;
}

/** What the judge asks. */
type Asked =
  | { readonly type: "start" | "stop" }
  | {
    readonly type: "prepare";
    readonly settings: SettingsText;
    readonly release: readonly number[];
  }
  | { readonly type: "sample"; readonly prepared: number; readonly problem: ProblemText };

/** A problem with floats as texts where JSON has no number for them. */
type ProblemText = Omit<Problem, "settings">;

// Whatever the module replaces, these are as they were.
const { parse, stringify } = JSON;
const { exit, stdin, stdout, stderr } = Deno;
const read = stdin.read.bind(stdin), write = stdout.writeSync.bind(stdout);
const encoder = new TextEncoder(), decoder = new TextDecoder();

/** Answers until standard input ends. */
export async function host(module: Hosted): Promise<void> {
  const changedBuiltIns = rememberBuiltIns();
  secureOutput();
  setInterval(() => {}, 2 ** 30); // a call that waits for nothing does not end the process
  const room = new Room(module, changedBuiltIns);
  for await (const line of lines()) {
    const asked = parse(line) as Asked & { readonly id: number };
    room.open = asked.id;
    const answer = await room.answer(asked).catch((error) => faultAnswer(error, module));
    if (room.open === asked.id) say({ id: asked.id, ...answer });
    room.open = null;
    if (asked.type === "stop") break;
  }
  exit(0);
}

/** What has been loaded and prepared, and what went wrong outside of any call. */
class Room {
  /** The request that is being answered; `null` once it has been. */
  open: number | null = null;
  #target: Target | undefined;
  #dead: TargetFault | undefined;
  readonly #prepared = new Map<number, PreparedTarget>();
  #next = 0;

  constructor(readonly module: Hosted, readonly changedBuiltIns: () => readonly string[]) {
    globalThis.addEventListener("unhandledrejection", (event) => {
      event.preventDefault();
      this.#die(event.reason, "a rejected promise that nobody handles");
    });
    globalThis.addEventListener("error", (event) => {
      event.preventDefault();
      this.#die(event.error ?? event.message, "an error outside of any call");
    });
  }

  /** @throws {TargetFault} if the module cannot do what is asked */
  async answer(asked: Asked): Promise<object> {
    if (this.#dead) throw this.#dead;
    switch (asked.type) {
      case "start":
        return await this.#start();
      case "prepare":
        for (const handle of asked.release) this.#prepared.delete(handle);
        return { type: "prepared", prepared: await this.#prepare(asked.settings) };
      case "sample":
        return { type: "results", results: [await this.#sample(asked.prepared, asked.problem)] };
      case "stop":
        return { type: "stopped", changed: this.changedBuiltIns().slice(0, 20) };
    }
  }

  async #start(): Promise<object> {
    let exported;
    try {
      exported = await this.module.load();
    } catch (error) {
      throw loadFault(error, this.module);
    }
    const target = this.#target = observe(samplerIn(this.module, exported));
    const { name, networkReturns, unsupported, noise, reveals, bounds, declares } = target;
    const changed = this.changedBuiltIns().slice(0, 20);
    return {
      ...{ type: "ready", name, networkReturns, unsupported: [...unsupported], changed },
      ...(noise === undefined ? {} : { noise }),
      ...(reveals === undefined ? {} : { reveals }),
      ...(bounds === undefined ? {} : { bounds }),
      ...(declares === undefined ? {} : { rule: declares }),
    };
  }

  async #prepare(settings: SettingsText): Promise<number> {
    const prepared = await this.#target!.prepare(withNumbers(settings) as Settings);
    this.#prepared.set(this.#next, prepared);
    return this.#next++;
  }

  async #sample(handle: number, text: ProblemText): Promise<object> {
    const { energy, noise, ...numbers } = text as Problem;
    const tape = noise.kind === "own" ? [] : withNumbers(noise.draws) as readonly Rows[];
    const problem: Problem = {
      ...withNumbers(numbers) as Omit<Problem, "energy" | "noise">,
      energy,
      noise: noise.kind === "own" ? noise : { kind: "tape", draws: tape },
    };
    return resultOf(await this.#prepared.get(handle)!.sample(problem));
  }

  #die(error: unknown, what: string): void {
    const found = `${what}: ${errorText(error)}`;
    this.#dead ??= new TargetFault("dies", found, "a run without errors outside of calls", {
      place: placeIn(error, this.module),
    });
    if (this.open === null) return;
    say({ id: this.open, ...faultAnswer(this.#dead, this.module) });
    this.open = null;
  }
}

function faultAnswer(error: unknown, module: Hosted): object {
  // What is fine is an error of this file, or of built-ins that the module has replaced.
  const fault = error instanceof TargetFault
    ? error
    : new TargetFault("throws", `${errorText(error)} thrown around a call`, "", {
      cause: error,
    });
  const { kind, found, wanted, cause } = fault;
  const place = fault.place ?? placeIn(cause, module);
  return {
    type: "fault",
    kind,
    found,
    wanted: kind === "throws" && wanted === "" ? permissionWords(cause) : wanted,
    ...(place === undefined ? {} : { place }),
  };
}

function resultOf({ final, evaluations, chain, draws, initialAfter }: Trajectory): object {
  const { actions, outputs, gradNorms } = chain ?? {};
  return {
    final: texts(final),
    evaluations: evaluations.map(({ kind, points }, q) => {
      // A row that rests is not told again: where rows take turns that is most of all.
      const before = evaluations[q - 1]?.points;
      const told = texts(points);
      return { kind, points: told.map((row, r) => points[r] === before?.[r] ? 0 : row) };
    }),
    draws,
    initialAfter: texts(initialAfter),
    ...(chain === undefined ? {} : {
      chain: {
        ...(actions === undefined ? {} : { actions: actions.map(texts) }),
        ...(outputs === undefined ? {} : { outputs: texts(outputs) }),
        ...(gradNorms === undefined ? {} : { gradNorms: texts(gradNorms) }),
      },
    }),
  };
}

/** A table as JSON has it; nearly always it is one already. */
function texts(rows: Rows): readonly (readonly unknown[])[] {
  const plain = rows.every((row) => row.every((x) => Number.isFinite(x) && !Object.is(x, -0)));
  return plain ? rows : rows.map((row) => row.map(toNumberText));
}

function say(answer: object): void {
  let bytes = encoder.encode(`${stringify(answer)}\n`);
  while (bytes.length > 0) bytes = bytes.subarray(write(bytes));
}

/** The lines of standard input. */
async function* lines(): AsyncGenerator<string> {
  const buffer = new Uint8Array(1 << 16);
  let begun: string[] = [];
  for (let size = await read(buffer); size !== null; size = await read(buffer)) {
    const pieces = decoder.decode(buffer.subarray(0, size), { stream: true }).split("\n");
    for (const piece of pieces.slice(0, -1)) {
      yield [...begun, piece].join("");
      begun = [];
    }
    begun.push(pieces.at(-1)!);
  }
}

function exitRefused(how: string): () => never {
  return () => {
    throw new Error(`${how} called by the target`);
  };
}

/** Keeps the module from writing to standard output and from ending the process unseen. */
function secureOutput(): void {
  for (const name of ["log", "info", "debug", "table", "dir"] as const) {
    console[name] = (...values: unknown[]) => console.error(...values);
  }
  const replace = (object: object, name: string, value: unknown) =>
    Object.defineProperty(object, name, { value, configurable: true, writable: true });
  replace(Deno, "exit", exitRefused("Deno.exit()"));
  replace(globalThis, "close", exitRefused("close()"));
  replace(stdout, "write", (bytes: Uint8Array) => stderr.write(bytes));
  replace(stdout, "writeSync", (bytes: Uint8Array) => stderr.writeSync(bytes));
}
