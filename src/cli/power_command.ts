/**
 * `power`: what the statistical tests can see.
 *
 * @module
 */

import { noiseClauses } from "../../properties/clauses.ts";
import { standardNormal } from "../../properties/noise.ts";
import { drawsPerClause, singleTestLevel } from "../../properties/noise_law.ts";
import { type PowerLine, powerTable, usualPower } from "../../properties/power.ts";
import { defaultFalseAlarm } from "../../properties/sequential.ts";
import { paint, rough, type Style } from "../report/layout.ts";
import { profiles } from "../report/report.ts";
import {
  type Arguments,
  type Command,
  formatOption,
  type Io,
  noArguments,
  numberWithin,
  oneOf,
  print,
} from "./command.ts";
import { falseAlarmLimits } from "../run/options.ts";

/** The command `power`. */
export const command: Command = {
  name: "power",
  usage: "[options]",
  summary: "show what the statistical tests can see, and with how many draws",
  options: {
    format: formatOption,
    profile: { value: "PROFILE", help: `${profiles.join(", ")} (default standard)` },
    draws: { value: "N", help: "draws of a check, instead of those of the profile" },
    "false-alarm": { value: "P", help: "chance of a false alarm in a whole run (default 1e-6)" },
  },
  details:
    "The figures are exact for one look at the draws. Where that leaves a doubt, ulaspec looks again with four times as many.",
  run: (args, io) => Promise.resolve(show(args, io)),
};

/** The table of power of some settings, as JSON has it. */
export interface PowerReport {
  /** The version of the format. */
  readonly format: "ulaspec-power/1";
  /** The chance of a false alarm in a whole run. */
  readonly falseAlarm: number;
  /** Its share of one check. */
  readonly level: number;
  /** The level of one test of the check with the most tests. */
  readonly testLevel: number;
  /** Draws of a check. */
  readonly draws: number;
  /** The power that `drawsNeeded` is given for. */
  readonly usualPower: number;
  /** One line per effect. */
  readonly effects: readonly PowerLine[];
}

function show(args: Arguments, io: Io): number {
  noArguments(command, args);
  const profile = oneOf("the profile", args.value("profile") ?? "standard", profiles);
  const draws = numberWithin("the draws", args.value("draws") ?? `${drawsPerClause[profile]}`, {
    min: 2,
    max: 2 ** 26,
    whole: true,
  });
  const falseAlarm = numberWithin(
    "the chance of a false alarm",
    args.value("false-alarm") ?? `${defaultFalseAlarm}`,
    falseAlarmLimits,
  );
  const level = falseAlarm / noiseClauses.length;
  const tests = standardNormal.noise!.tests.length;
  const testLevel = singleTestLevel(level, tests);
  const report: PowerReport = {
    format: "ulaspec-power/1",
    falseAlarm,
    level,
    testLevel,
    draws,
    usualPower,
    effects: powerTable({ draws, level: testLevel }),
  };
  print(args, io, report, (report) => page(report, io));
  return 0;
}

function page(report: PowerReport, style: Style): string {
  const { falseAlarm, level, testLevel, draws, effects } = report;
  const head = [
    `Chance of a false alarm: ${rough(falseAlarm)} for a run, ${rough(level)} for a check, ` +
    `${rough(testLevel)} for a test`,
    `Draws of a check: ${draws}`,
  ];
  const cells = effects.map(({ effect, test, drawsNeeded, power }) => [
    effect,
    test,
    String(drawsNeeded),
    power > 0.9999 ? "1" : power < 1e-4 ? "0" : power.toFixed(4),
  ]);
  const titles = ["effect", "test", `draws for ${usualPower}`, "power"];
  const widths = titles.map((title, i) =>
    Math.max(title.length, ...cells.map((row) => row[i]!.length))
  );
  const line = (row: readonly string[]) =>
    row.map((cell, i) => i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)).join("  ");
  return `${[...head, "", paint(style, line(titles), "dim"), ...cells.map(line)].join("\n")}\n`;
}
