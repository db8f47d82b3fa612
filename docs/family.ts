/**
 * Tries every defect that has a meaning for a rule of the family, and correct samplers of each rule
 * with many seeds; writes `docs/family.json`. Some minutes for each rule.
 *
 * ```sh
 * deno run -A docs/family.ts              # every rule
 * deno run -A docs/family.ts ula sgld     # some
 * deno run -A docs/family.ts --runs       # correct samplers only; RUNS=200 so many of each
 * ```
 *
 * @module
 */

import { defects, ruleUnder } from "../src/defects/defects.ts";
import { hasMeaning } from "../src/defects/meaning.ts";
import { judge } from "../src/run/judge.ts";
import { observe } from "../spec/observe.ts";
import { type Rule, ruleSampler } from "../spec/rule.ts";
import { family, ruleNamed } from "../spec/rules/family.ts";

/** What was tried of a rule. */
export interface Tried {
  /** The rule with all of its options. */
  readonly rule: string;
  /** Defects that have a meaning for it. */
  readonly meaningful: number;
  /** Those of them that are found. */
  readonly found: number;
  /** Those that are not. */
  readonly missed: readonly string[];
  /** Runs of correct samplers, in three views. */
  readonly runs: number;
  /** Runs that found fault with them. */
  readonly falseAlarms: number;
  /** The day and the machine of the last run. */
  readonly date?: string;
  readonly machine?: string;
}

/** The rule with everything that it may have. */
export function fullName(name: string): string {
  const document = family.find((document) => document.name === name)!;
  return [name, ...Object.keys(document.options ?? {})].join("+");
}

async function verdictOf(rule: string, target: Rule, given: {
  readonly noise?: "own" | "both";
  readonly hidden?: true;
  readonly profile: "quick" | "standard";
  readonly seed: number;
}): Promise<string> {
  const { noise, hidden, profile, seed } = given;
  const seen = observe(ruleSampler(target, { name: "tried", ...(noise ? { noise } : {}) }));
  const judged = hidden ? { ...seen, reveals: "final-actions" as const } : seen;
  const report = await judge(judged, { rule, profile, seed, diagnosis: "none" });
  return report.verdict;
}

/** Whether a defect is found under a rule: quickly, else by a standard run. */
export async function isFound(name: string, defect: typeof defects[number]): Promise<boolean> {
  const changed = ruleUnder(ruleNamed(name), defect.change);
  const noise = defect.change.noiseSource === undefined ? {} : { noise: "both" } as const;
  for (const profile of ["quick", "standard"] as const) {
    const verdict = await verdictOf(name, changed, { ...noise, profile, seed: 1 });
    if (verdict === "violates" || verdict === "not run") return true;
  }
  return false;
}

/** The defects of a rule that are found, and those that are not. */
async function defectsOf(name: string): Promise<Pick<Tried, "meaningful" | "found" | "missed">> {
  const rule = ruleNamed(name);
  const meaningful = defects.filter((defect) => hasMeaning(defect, rule));
  const missed: string[] = [];
  for (const defect of meaningful) if (!await isFound(name, defect)) missed.push(defect.id);
  const found = meaningful.length - missed.length;
  return { meaningful: meaningful.length, found, missed };
}

const views = [
  { noise: "own" },
  {},
  { noise: "own", hidden: true },
] as const;

/** Whether a correct sampler of a rule is found fault with, in the view that is its turn. */
async function isFalseAlarm(name: string, seed: number): Promise<boolean> {
  const view = views[seed % views.length]!;
  const verdict = await verdictOf(name, ruleNamed(name), { ...view, profile: "quick", seed });
  return verdict !== "conforms";
}

/** What is known of every rule, kept in the file. */
class Figures {
  #known: Tried[] = [];
  readonly #file = new URL("./family.json", import.meta.url);

  async read(): Promise<void> {
    this.#known = await Deno.readTextFile(this.#file).then(JSON.parse, () => []);
  }

  of(rule: string): Tried {
    const nothing = { meaningful: 0, found: 0, missed: [], runs: 0, falseAlarms: 0 };
    return this.#known.find((tried) => tried.rule === rule) ?? { rule, ...nothing };
  }

  async change(rule: string, change: Partial<Tried>): Promise<void> {
    const machine = `${Deno.build.os} ${Deno.build.arch}, Deno ${Deno.version.deno}`;
    const date = new Date().toISOString().slice(0, 10);
    const tried = { ...this.of(rule), ...change, date, machine };
    this.#known = [...this.#known.filter((other) => other.rule !== rule), tried];
    await Deno.writeTextFile(this.#file, `${JSON.stringify(this.#known, null, 2)}\n`);
  }
}

if (import.meta.main) {
  const figures = new Figures();
  await figures.read();
  const runs = Number(Deno.env.get("RUNS") ?? 1000);
  const asked = Deno.args.filter((arg) => arg !== "--runs");
  const names = (asked.length > 0 ? asked : family.slice(1).map(({ name }) => name)).map(fullName);
  if (!Deno.args.includes("--runs")) {
    for (const name of names) {
      const found = await defectsOf(name);
      await figures.change(name, found);
      console.log(`${name}: ${found.found} of ${found.meaningful} defects found`);
    }
  }
  // One seed of every rule after the other, so that whoever stops it has something of each.
  let falseAlarms = names.map(() => 0);
  for (let seed = 1; seed <= runs; seed++) {
    for (const [at, name] of names.entries()) {
      if (await isFalseAlarm(name, seed)) {
        falseAlarms = falseAlarms.with(at, falseAlarms[at]! + 1);
        console.log(`${name}: a false alarm with the seed ${seed}`);
      }
      await figures.change(name, { runs: seed, falseAlarms: falseAlarms[at]! });
    }
  }
}
