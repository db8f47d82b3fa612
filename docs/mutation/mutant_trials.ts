/**
 * Tries mutants: which tests are asked, in which order, and for how long.
 *
 * @module
 */

import { type ImportGraph, importGraph, isAsked, stages, testsConcerned } from "./concerned.ts";
import { type Mutant, mutated } from "./operators.ts";
import { checkoutFiles, type Outcome, Workspace } from "./workspace.ts";

/** What came of one mutant. */
export interface Trial {
  /** Path of the mutated file. */
  readonly file: string;
  /** Line, from 1, when it was tried. */
  readonly line: number;
  /** Kind of change. */
  readonly operator: string;
  /** The changed lines as they were. */
  readonly before: string;
  /** The same lines with the change. */
  readonly after: string;
  /** Which of several equal changes, from 1. */
  readonly occurrence: number;
  /** `timed out` counts as killed. */
  readonly outcome: "killed" | "timed out" | "survived";
  /** The test that failed. */
  readonly by?: string;
}

/** What tries mutants; a number of workers, each with a copy of the sources. */
export class Laboratory {
  private constructor(
    private readonly graph: ImportGraph,
    private readonly sources: ReadonlyMap<string, string>,
    private readonly seconds: Readonly<Record<string, number>>,
    private readonly workspaces: readonly Workspace[],
  ) {}

  /**
   * Copies the sources, and runs all tests once as they are, to see that they pass and how long each
   * takes.
   *
   * @param known seconds by test file, if they were measured before on the same sources
   */
  static async open(
    root: string,
    workers: number,
    known?: Readonly<Record<string, number>>,
  ): Promise<Laboratory> {
    const files = await checkoutFiles(root);
    const sources = await sourcesOf(root, files);
    const { imports } = JSON.parse(await Deno.readTextFile(`${root}/deno.json`));
    const named = Object.entries<string>(imports).flatMap(([name, target]) =>
      target.startsWith("./") ? [[name, target.slice(2)]] : []
    );
    const graph = importGraph(sources, Object.fromEntries(named));
    const workspaces = await Promise.all(
      Array.from({ length: workers }, () => Workspace.of(root, files)),
    );
    const asked = [...sources.keys()].filter(isAsked);
    const seconds = known ?? await workspaces[0]!.timings(asked);
    return new Laboratory(graph, sources, seconds, workspaces);
  }

  /** How long each test file takes, in seconds. */
  get timings(): Readonly<Record<string, number>> {
    return this.seconds;
  }

  /**
   * Tries mutants on all workers.
   *
   * @param report hears of each trial as it is done, with all that are done
   * @param groups how many groups of tests are asked at most; see {@linkcode stages}
   */
  async try(
    mutants: readonly Mutant[],
    report: (trial: Trial, done: readonly Trial[]) => Promise<void>,
    groups = Infinity,
  ): Promise<readonly Trial[]> {
    const queue = [...mutants], done: Trial[] = [];
    await Promise.all(this.workspaces.map(async (workspace) => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const trial = await this.#trial(workspace, next, groups);
        done.push(trial);
        await report(trial, [...done]);
      }
    }));
    return done;
  }

  /** Seconds of a test file; a guess for those that are asked only of their own folder. */
  #usual(test: string): number {
    return this.seconds[test] ?? 10;
  }

  async #trial(workspace: Workspace, mutant: Mutant, most: number): Promise<Trial> {
    const { file, line, operator, before, after, occurrence } = mutant;
    const frame = { file, line, operator, before, after, occurrence };
    const text = mutated(this.sources.get(file)!, mutant);
    const concerned = testsConcerned(this.graph, file);
    const groups = stages(file, concerned, (test) => this.#usual(test));
    for (const group of groups.slice(0, most)) {
      const outcome = await this.#ask(workspace, file, text, group);
      if (outcome.kind === "failed") return { ...frame, outcome: "killed", by: outcome.by };
      if (outcome.kind === "timed out") {
        return { ...frame, outcome: "timed out", by: group.join(", ") };
      }
    }
    return { ...frame, outcome: "survived" };
  }

  /**
   * Runs a group of tests on a mutant. Past three times the usual seconds they are stopped; that
   * counts only if the tests as they are keep within that limit right afterwards, because the
   * machine may be busy.
   */
  async #ask(
    workspace: Workspace,
    file: string,
    text: string,
    group: readonly string[],
  ): Promise<Outcome> {
    const usual = group.reduce((sum, test) => sum + this.#usual(test), 0);
    for (let limit = 10 + 3 * usual;; limit *= 3) {
      const outcome = await workspace.with(file, text, () => workspace.run(group, limit));
      if (outcome.kind !== "timed out") return outcome;
      const asIs = await workspace.run(group, limit);
      if (asIs.kind === "passed") return outcome;
      if (asIs.kind === "failed") {
        throw new Error(`Found a failing test without any mutation, wanted none: ${asIs.by}`);
      }
    }
  }

  /** Deletes the copies. */
  async close(): Promise<void> {
    await Promise.all(this.workspaces.map((workspace) => workspace.remove()));
  }
}

/** The TypeScript of a checkout, by path from its root. */
export async function sourcesOf(
  root: string,
  files: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const paths = files.filter((path) => path.endsWith(".ts"));
  const texts = await Promise.all(paths.map((path) => Deno.readTextFile(`${root}/${path}`)));
  return new Map(paths.map((path, i) => [path, texts[i]!]));
}

/** A short key of the sources and tests: it changes when they do. */
export async function sourcesKey(sources: ReadonlyMap<string, string>): Promise<string> {
  const text = JSON.stringify([...sources].filter(([path]) => !path.startsWith("docs/")));
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(digest.slice(0, 8))].map((b) => b.toString(16).padStart(2, "0"))
    .join("");
}
