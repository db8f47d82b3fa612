/**
 * What a person may ask of a run. One table has the options: their limits, their defaults, what
 * help texts say of them.
 *
 * @module
 */

import { defaultFalseAlarm } from "../../properties/sequential.ts";
import type { Target } from "../../spec/sampler.ts";
import type { Trace } from "../../golden/trace.ts";
import type { AskedRule } from "../../spec/rules/family.ts";
import { longPath, replayCommand } from "../report/replay_command.ts";
import { type Profile, profiles } from "../report/report.ts";
import type { Accepted } from "./verdicts/accepted.ts";
import type { RuleGiven } from "./rule_given.ts";
import type { CoveringShare } from "./search/search.ts";

/** How a run may differ from the usual one. */
export interface JudgeOptions {
  /** Any integer of 32 bits; 1 by default. The same seed gives the same report. */
  readonly seed?: number;
  /** How many problems each clause is checked on; `standard` by default. */
  readonly profile?: Profile;
  /** Only these clauses (their foundations are judged too, silently); all by default. */
  readonly clauses?: readonly string[];
  /** Exactly this problem of exactly one clause, as a report names it: `3:0:1`, `pair:7` or `edge:2`. */
  readonly path?: string;
  /**
   * The rule to judge by: `ula`, `ula+temperature`, a JSON file, or a document; that which the
   * sampler declares by default, or the official one.
   */
  readonly rule?: RuleGiven;
  /**
   * Clauses, or groups of them, that the sampler is meant to break, each with the reason. What builds
   * on them is judged by the rule with the deviation where that is known, and else stays open.
   */
  readonly accepted?: Readonly<Record<string, string>>;
  /** The traces to replay; the official ones by default. */
  readonly golden?: readonly Trace[];
  /** Whether to measure the rule and to name the bug; `full` by default, `none` saves time. */
  readonly diagnosis?: "full" | "none";
  /**
   * The chance that the run rejects a correct sampler, over all its statistical checks;
   * 1e-6 by default.
   */
  readonly falseAlarm?: number;
  /** Called before each clause. */
  readonly onProgress?: (progress: Progress) => void;
  /** The command that repeats one case, for the report. */
  readonly replayCommand?: (clause: string, path: string | null) => string;
}

/** How far a run has come. */
export interface Progress {
  /** The clause that is judged next; `null` while the rule is measured. */
  readonly clause: string | null;
  /** How many clauses have been judged. */
  readonly done: number;
  /** How many there are to judge. */
  readonly total: number;
  /** How many of them have been found violated. */
  readonly violated: number;
}

/** Random problems of a clause. */
export const casesPerClause: Readonly<Record<Profile, number>> = {
  quick: 4,
  standard: 25,
  thorough: 100,
};

/** Problems in which values meet: a third of those for pairs, those for pairs, those for triples. */
export const coveringOf: Readonly<Record<Profile, CoveringShare>> = {
  quick: { strength: 2, share: 1 / 3 },
  standard: { strength: 2, share: 1 },
  thorough: { strength: 3, share: 1 },
};

/** How many problems are tried; few of a target that is compiled for every setting. */
export function sharesOf(
  { compiles, unsupported }: Pick<Target, "compiles" | "unsupported">,
  profile: Profile,
): { readonly cases: number; readonly covering: CoveringShare } {
  if (compiles !== "settings") {
    return { cases: casesPerClause[profile], covering: coveringOf[profile] };
  }
  // The law of its own noise takes settings of its own.
  const most = unsupported.has("noise-tape") ? fewestSettings : fewSettings;
  return { cases: 0, covering: { strength: 2, share: 1, most } };
}

/** Problems that are tried on a target that is compiled for every setting. */
const fewSettings = 8;
const fewestSettings = 4;

/** The form of a path: that of fast-check for a random problem, or the number of a listed one. */
export const pathForm: RegExp =
  /^(\d{1,4}(x\d{1,3})?(:\d{1,4}(x\d{1,3})?){0,999}|(edge|pair|triple):\d{1,5})$/;

/** The numbers that an option may have. */
export interface Limits {
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
}

/** What a seed may be. */
export const seedLimits: Limits = { min: -(2 ** 31), max: 2 ** 31 - 1, whole: true };

/** What the chance of a false alarm in a run may be. */
export const falseAlarmLimits: Limits = { min: 1e-100, max: 0.1, whole: false };

/** The options with their defaults, once they have been found good. */
export interface Plan {
  readonly seed: number;
  readonly profile: Profile;
  readonly falseAlarm: number;
  readonly clauses?: readonly string[];
  readonly path?: string;
}

/** What stands of an option in the table. */
interface Option {
  /** Its name in a message. */
  readonly title: string;
  /** For help texts. */
  readonly description: string;
  readonly wanted: string;
  isGood(value: unknown): boolean;
}

const numeric = (title: string, description: string, limits: Limits): Option => ({
  title,
  description,
  wanted: limitsInWords(limits),
  isGood: (value) => typeof value === "number" && isWithin(value, limits),
});

/** What a person types. */
const typed: Readonly<Record<OptionName, Option>> = {
  seed: numeric("the seed", "the seed of every problem", seedLimits),
  profile: {
    title: "the profile",
    description: profiles.join(", "),
    wanted: `one of ${profiles.join(", ")}`,
    isGood: (profile) => profiles.some((known) => known === profile),
  },
  clauses: {
    title: "the clauses",
    description: "judge this clause or group of clauses only; may be repeated",
    wanted: "at least one, or no such option",
    isGood: (clauses) => Array.isArray(clauses) && clauses.length > 0,
  },
  path: {
    title: "the path",
    description: "replay one case of one clause, as a report names it",
    wanted: "a path as a report names it, like 3:0:1, and exactly one clause",
    isGood: (path) => typeof path === "string" && pathForm.test(path),
  },
  falseAlarm: numeric(
    "the chance of a false alarm",
    "chance of a false alarm in the whole run",
    falseAlarmLimits,
  ),
};

const defaults = { seed: 1, profile: "standard", falseAlarm: defaultFalseAlarm } as const;

/** An option that a person types. */
export type OptionName = keyof Plan;

/** What the command line asks of a run. */
export interface RunOptions {
  readonly seed: number;
  readonly profile: Profile;
  readonly clauses?: readonly string[] | undefined;
  readonly path?: string | undefined;
  readonly falseAlarm?: number | undefined;
  /** Deviations that are meant, clause → reason. */
  readonly accepted?: Accepted | undefined;
  /** A folder of traces to replay. */
  readonly golden?: string | undefined;
  /** The rule to judge by, with its name as it was typed. */
  readonly rule?: (AskedRule & { readonly typed: string }) | undefined;
  /** The command that replays a case starts with this. */
  readonly program: string;
  /** The target as a person names it, if that is not how the run knows it. */
  readonly typed?: string | readonly string[];
}

/** Whether a run replays the official traces. */
export function wantsOfficialTraces({ golden, path, clauses, rule }: RunOptions): boolean {
  if (golden !== undefined || path !== undefined || rule !== undefined) return false;
  return clauses === undefined || clauses.includes("golden/traces");
}

/** What the command line asks, as a judgement takes it; progress is told twenty times a second. */
export function judgeOptions(
  run: RunOptions,
  { golden, target, onProgress }: {
    readonly golden: readonly Trace[] | undefined;
    readonly target: string | readonly string[];
    readonly onProgress: ((progress: Progress) => void) | undefined;
  },
): JudgeOptions {
  const { seed, profile, clauses, path, falseAlarm, accepted, rule } = run;
  return {
    seed,
    profile,
    ...(clauses === undefined ? {} : { clauses }),
    ...(path === undefined ? {} : { path }),
    ...(golden === undefined ? {} : { golden }),
    ...(rule === undefined ? {} : { rule }),
    ...(falseAlarm === undefined ? {} : { falseAlarm }),
    ...(accepted === undefined ? {} : { accepted }),
    ...(onProgress === undefined ? {} : { onProgress: seldom(onProgress) }),
    replayCommand: (clause, path) =>
      replayCommand({ ...run, target: run.typed ?? target, rule: rule?.typed }, clause, path),
  };
}

function seldom(show: (progress: Progress) => void): (progress: Progress) => void {
  let shown = 0;
  return (progress) => {
    const now = performance.now();
    if (progress.clause !== null && now - shown < 50) return;
    shown = now;
    show(progress);
  };
}

/**
 * Reads options and fills in the defaults. Whether the clauses exist is for the catalogue to say.
 *
 * @throws {RangeError} if one of them makes no sense
 */
export function planOf(asked: JudgeOptions): Plan {
  const { seed = defaults.seed, profile = defaults.profile, clauses, path } = asked;
  const { falseAlarm = defaults.falseAlarm } = asked;
  checked("seed", seed);
  checked("profile", profile);
  checked("clauses", clauses);
  checked("path", path, clauses?.length === 1);
  checked("falseAlarm", falseAlarm);
  return {
    seed,
    profile,
    falseAlarm,
    ...(clauses === undefined ? {} : { clauses }),
    ...(path === undefined ? {} : { path: longPath(path) }),
  };
}

function checked(name: OptionName, value: unknown, fits = true): void {
  if (value === undefined) return;
  const { title, wanted, isGood } = typed[name];
  if (fits && isGood(value)) return;
  throw refused(`${title} ${JSON.stringify(value) ?? value}`, wanted);
}

/** The error of an option that makes no sense. */
export function refused(found: string, wanted: string): RangeError {
  return new RangeError(`Cannot judge: found ${found}, wanted ${wanted}`);
}

/** What help texts say of an option, with its default if it has one. */
export function helpOf(name: OptionName): string {
  const { description } = typed[name];
  const usual = Object.entries(defaults).find(([option]) => option === name)?.[1];
  return usual === undefined ? description : `${description} (default ${shown(usual)})`;
}

function shown(value: unknown): string {
  return typeof value === "number" && value !== 0 && Math.abs(value) < 1e-3
    ? value.toExponential()
    : `${value}`;
}

/** Whether a number keeps its limits. */
export function isWithin(value: number, { min, max, whole }: Limits): boolean {
  return value >= min && value <= max && (!whole || Number.isInteger(value));
}

/** Limits in words: what is wanted. */
export function limitsInWords({ min, max, whole }: Limits): string {
  return `a ${whole ? "whole " : ""}number from ${min} to ${max}`;
}
