/**
 * Tries every defect that has a meaning for a rule of the family, and correct samplers of each rule
 * with many seeds; writes `docs/family.json`. Some minutes for each rule.
 *
 * ```sh
 * deno run -A docs/family.ts              # every rule
 * deno run -A docs/family.ts ula sgld     # some
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

async function tried(name: string, runs: number): Promise<Tried> {
  const rule = ruleNamed(name);
  const meaningful = defects.filter((defect) => hasMeaning(defect, rule));
  const missed: string[] = [];
  for (const defect of meaningful) if (!await isFound(name, defect)) missed.push(defect.id);
  let falseAlarms = 0;
  for (let seed = 1; seed <= runs; seed++) {
    const view = seed % 3 === 0
      ? { noise: "own", hidden: true } as const
      : seed % 3 === 1
      ? {}
      : { noise: "own" } as const;
    const verdict = await verdictOf(name, rule, { ...view, profile: "quick", seed });
    if (verdict !== "conforms") falseAlarms++;
  }
  const found = meaningful.length - missed.length;
  return { rule: name, meaningful: meaningful.length, found, missed, runs, falseAlarms };
}

if (import.meta.main) {
  const file = new URL("./family.json", import.meta.url);
  const known: Tried[] = await Deno.readTextFile(file).then(JSON.parse, () => []);
  const runs = Number(Deno.env.get("RUNS") ?? 1000);
  const names = Deno.args.length > 0 ? Deno.args : family.slice(1).map(({ name }) => name);
  for (const name of names.map(fullName)) {
    const result = await tried(name, runs);
    console.log(
      `${name}: ${result.found} of ${result.meaningful} defects found (missed: ${
        result.missed.join(", ")
      }); ${result.falseAlarms} false alarms in ${runs} runs`,
    );
    const at = known.findIndex(({ rule }) => rule === name);
    known.splice(at < 0 ? known.length : at, at < 0 ? 0 : 1, result);
    await Deno.writeTextFile(file, `${JSON.stringify(known, null, 2)}\n`);
  }
}
