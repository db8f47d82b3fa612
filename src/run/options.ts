/**
 * What a run may be asked for: the options that a judgement in a thread and one of a process share,
 * and their limits.
 *
 * @module
 */

import type { Profile } from "../report/report.ts";

/** How a target is judged. */
export interface RunOptions {
  readonly seed: number;
  readonly profile: Profile;
  /** Ids of the clauses to judge; all of them if absent. */
  readonly clauses?: readonly string[] | undefined;
  /** The fast-check path of a case to replay. */
  readonly path?: string | undefined;
  /** A folder of traces to replay. */
  readonly golden?: string | undefined;
  /** The chance of a false alarm in the run; the usual one if absent. */
  readonly falseAlarm?: number | undefined;
  /** The command that replays a case starts with this. */
  readonly program: string;
}

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

/** Whether a number keeps its limits. */
export function isWithin(value: number, { min, max, whole }: Limits): boolean {
  return value >= min && value <= max && (!whole || Number.isInteger(value));
}

/** Limits in words: what is wanted. */
export function limitsInWords({ min, max, whole }: Limits): string {
  return `a ${whole ? "whole " : ""}number from ${min} to ${max}`;
}

/** The form of a path: of fast-check, or of an edge case. */
export const pathForm: RegExp = /^(edge:\d+|\d+(:\d+)*)$/;
