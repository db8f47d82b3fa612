/**
 * Tries every defect that has a meaning for a rule of the family, and correct samplers of each rule
 * with many seeds; writes `docs/family.json`. Some minutes for each rule.
 *
 * ```sh
 * deno run -A docs/family_sweep.ts              # the defects of every rule
 * deno run -A docs/family_sweep.ts ula sgld     # of some
 * deno run -A docs/family_sweep.ts --runs       # correct samplers, from the seed on that is next
 * deno run -A docs/family_sweep.ts --anew       # correct samplers, from the first seed on
 * ```
 *
 * `RUNS` says how many seeds of each rule are wanted in all, 1000 by default; `SECONDS` for how long
 * one command goes on, so that a thousand can be run in pieces.
 *
 * @module
 */

import { defects, ruleUnder } from "../src/defects/defects.ts";
import { hasMeaning } from "../src/defects/meaning.ts";
import { calibrate, type Calibration } from "../src/run/calibration/calibrate.ts";
import { judge, judgeWithin } from "../src/run/judge.ts";
import { observe } from "../spec/observe.ts";
import type { Target } from "../spec/sampler.ts";
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

/** How a sampler is seen. */
interface View {
  readonly noise?: "own" | "both";
  readonly hidden?: true;
}

function targetOf(rule: Rule, { noise, hidden }: View): Target {
  const seen = observe(ruleSampler(rule, { name: "tried", ...(noise ? { noise } : {}) }));
  return hidden ? { ...seen, reveals: "final-actions" } : seen;
}

/** Whether a defect is found under a rule: quickly, else by a standard run. */
export async function isFound(name: string, defect: typeof defects[number]): Promise<boolean> {
  const changed = ruleUnder(ruleNamed(name), defect.change);
  const noise = defect.change.noiseSource === undefined ? {} : { noise: "both" } as const;
  for (const profile of ["quick", "standard"] as const) {
    const target = targetOf(changed, noise);
    const { verdict } = await judge(target, { rule: name, profile, seed: 1, diagnosis: "none" });
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

const views: readonly View[] = [{ noise: "own" }, {}, { noise: "own", hidden: true }];

/** Correct samplers of a rule, one for each view; what is found out of each is found out once. */
function correctSamplers(name: string) {
  const samplers = views.map((view) => {
    let known: Promise<Calibration> | undefined;
    return {
      target: targetOf(ruleNamed(name), view),
      calibrate: (target: Target) => known ??= calibrate(target),
    };
  });
  /** Whether fault is found with the one whose turn it is. */
  return async (seed: number): Promise<boolean> => {
    const { target, calibrate } = samplers[seed % samplers.length]!;
    const options = { rule: name, profile: "quick", seed, diagnosis: "none" } as const;
    return (await judgeWithin(target, options, { calibrate })).verdict !== "conforms";
  };
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

/** Runs correct samplers, one seed of every rule after the other. */
async function runs(names: readonly string[], figures: Figures): Promise<void> {
  const wanted = Number(Deno.env.get("RUNS") ?? 1000);
  const end = performance.now() + 1000 * Number(Deno.env.get("SECONDS") ?? Infinity);
  const rules = names.map((name) => ({ name, isFalseAlarm: correctSamplers(name) }));
  for (;;) {
    const [next] = rules.toSorted((a, b) => figures.of(a.name).runs - figures.of(b.name).runs);
    if (next === undefined) return;
    const { runs, falseAlarms } = figures.of(next.name), seed = runs + 1;
    if (seed > wanted || performance.now() > end) return;
    const found = await next.isFalseAlarm(seed);
    if (found) console.log(`${next.name}: a false alarm with the seed ${seed}`);
    await figures.change(next.name, { runs: seed, falseAlarms: falseAlarms + Number(found) });
  }
}

if (import.meta.main) {
  const figures = new Figures();
  await figures.read();
  const asked = Deno.args.filter((arg) => !arg.startsWith("--"));
  const names = (asked.length > 0 ? asked : family.slice(1).map(({ name }) => name)).map(fullName);
  const anew = Deno.args.includes("--anew");
  if (anew || Deno.args.includes("--runs")) {
    if (anew) { for (const name of names) await figures.change(name, { runs: 0, falseAlarms: 0 }); }
    await runs(names, figures);
  } else {
    for (const name of names) {
      const found = await defectsOf(name);
      await figures.change(name, found);
      console.log(`${name}: ${found.found} of ${found.meaningful} defects found`);
    }
  }
}
