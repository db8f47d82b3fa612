/**
 * The page `docs/rules.md`: the family of rules side by side, conversions between them, and how a
 * person writes one.
 *
 * @module
 */

import { clausesOf } from "../properties/clauses.ts";
import { stationaryLaw } from "../spec/rule_law.ts";
import { ruleParts } from "../spec/rule_parts.ts";
import { powerOf, stepFactors } from "../spec/rule_slopes.ts";
import type { RuleDocument } from "../spec/rules/document.ts";
import { functionNames } from "../spec/formula/expression.ts";
import { family, ruleNamed } from "../spec/rules/family.ts";
import type { Tried } from "./family_sweep.ts";
import { familyPicture } from "./family_pictures.ts";
import { shown, table } from "./page_parts.ts";
import { temperedRule } from "../src/fixtures/tempered_rule.ts";

const at = 0.1;

const powers: Readonly<Record<number, string>> = { 2: "²", 3: "³" };

function digits(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(4))) : "nothing settles";
}

function ruleRow({ name, formulas, options = {} }: RuleDocument): string[] {
  const rule = ruleNamed(name), factors = stepFactors(rule, at);
  const added = Object.keys(options).map((option) => `\`+${option}\``).join(" ");
  return [
    `\`${name}\``,
    `\`${formulas.step}\`, drift \`${formulas.drift}\`, noise \`${formulas.noise}\``,
    added === "" ? "" : added,
    String(clausesOf(rule).length),
    digits(stationaryLaw(factors, 1).temperature),
  ];
}

/** Two factors as formulas, and what the chain settles at with three step sizes. */
function lawRow({ name }: RuleDocument): string[] {
  const rule = ruleNamed(name);
  const term = (part: "drift" | "noise") => {
    const power = powerOf(rule, part, at), factor = stepFactors(rule, 1)[part];
    const size = power === 1 ? "η" : power === 0.5 ? "√η" : `η${powers[power] ?? `^${power}`}`;
    const times = factor === 1 ? "" : Math.abs(factor ** 2 - 2) < 1e-9 ? "√2·" : `${factor}·`;
    return `${times}${size}`;
  };
  const settles = [0.01, 0.1, 0.5].map((size) =>
    digits(stationaryLaw(stepFactors(rule, size), 1).temperature)
  );
  return [`\`${name}\``, term("drift"), term("noise"), ...settles];
}

/** A number times a power of the step size ε. */
interface Monomial {
  readonly factor: number;
  readonly power: number;
}

const valueOf = ({ factor, power }: Monomial, size: number) => factor * size ** power;

function monomialText({ factor, power }: Monomial): string {
  const near = [[1, "1"], [2, "2"], [0.5, "½"], [Math.SQRT2, "√2"], [Math.SQRT1_2, "√½"]] as const;
  const times = near.find(([value]) => Math.abs(value - factor) < 1e-9)?.[1] ?? digits(factor);
  if (power === 0) return times;
  const size = Math.abs(power) === 1
    ? "ε"
    : Math.abs(power) === 0.5
    ? "√ε"
    : `ε${powers[Math.abs(power)] ?? `^${Math.abs(power)}`}`;
  if (power < 0) return `${times}/${size}`;
  return times === "1" ? size : `${times}·${size}`;
}

/** What a step multiplies the gradient or the draw by. */
function factorOf(name: string, part: "drift" | "noise"): Monomial {
  const rule = ruleNamed(name);
  return { factor: Math.abs(stepFactors(rule, 1)[part]), power: powerOf(rule, part, at) };
}

/** The step size and the noise scale with which one rule takes the steps that another takes with ε. */
function sameSteps(
  from: string,
  to: string,
): { readonly size: Monomial; readonly scale: Monomial } {
  const given = factorOf(from, "drift"), taken = factorOf(to, "drift");
  const size = {
    factor: (given.factor / taken.factor) ** (1 / taken.power),
    power: given.power / taken.power,
  };
  const noise = factorOf(from, "noise"), other = factorOf(to, "noise");
  const scale = {
    factor: noise.factor / (other.factor * size.factor ** other.power),
    power: noise.power - other.power * size.power,
  };
  for (const epsilon of [0.01, 0.3]) {
    const own = stepFactors(ruleNamed(from), epsilon);
    const same = stepFactors(ruleNamed(to), valueOf(size, epsilon));
    const off = [same.drift / own.drift - 1, valueOf(scale, epsilon) * same.noise / own.noise - 1];
    if (off.some((by) => !(Math.abs(by) < 1e-9))) {
      throw new Error(`Cannot convert ${from} to ${to}: found steps that are ${off} apart`);
    }
  }
  return { size, scale };
}

/** What stands for the ε of each row in each column. */
function settingsRows(): string[][] {
  const plain = family.filter(({ settings }) => settings === undefined);
  return plain.map((from) => [
    `\`${from.name}\` with ε`,
    ...plain.map((to) => {
      const { size, scale } = sameSteps(from.name, to.name);
      return `η = ${monomialText(size)}, σ = ${monomialText(scale)}`;
    }),
  ]);
}

/** The step size of one rule that multiplies the gradient by as much as another's of 0.1. */
function conversions(): string[][] {
  const plain = family.filter(({ settings }) => settings === undefined);
  return plain.map((from) => [
    `\`${from.name}\``,
    ...plain.map((to) => {
      const wanted = stepFactors(ruleNamed(from.name), at).drift;
      const rule = ruleNamed(to.name), one = stepFactors(rule, 1).drift;
      const power = Math.log(stepFactors(rule, 2).drift / one) / Math.log(2);
      return digits((wanted / one) ** (1 / power));
    }),
  ]);
}

function triedRows(tried: readonly Tried[]): string[][] {
  return tried.map(({ rule, meaningful, found, missed, runs, falseAlarms, date, machine }) => [
    `\`${rule}\``,
    String(meaningful),
    missed.length === 0 ? String(found) : `${found}, not ${missed.join(", ")}`,
    String(runs),
    String(falseAlarms),
    [date, machine].filter((part) => part !== undefined).join(", "),
  ]);
}

/** What `docs/family_sweep.ts` has found so far. */
export async function readTried(): Promise<readonly Tried[]> {
  return JSON.parse(await Deno.readTextFile(new URL("./family.json", import.meta.url)));
}

/** The page. */
export function rulesPage(tried: readonly Tried[]): string {
  const plain = family.filter(({ settings }) => settings === undefined);
  return `<!-- Generated by deno task docs from spec/rules/; edits are lost. -->

# The family of rules

\`check\` judges by the rule of Implicit Behavioral Cloning unless it is told otherwise:

\`\`\`sh
ulaspec check my_target.py --rule ula+temperature   # a rule of the family, with an option
ulaspec check my_target.py --rule my_rule.json      # a rule of your own
ulaspec identify my_target.py                       # which rule does it follow?
ulaspec identify my_target.py --rule my_rule.json   # the same, your own rule among them
ulaspec rules · ulaspec explain sgld                # what there is
\`\`\`

A step is subtracted from the action: \`a ← a − step\`. \`eta\` is the step size, \`gt\` the gradient, \`xi\` a standard normal draw. The last column is the stationary variance on ½a² without limits, in variances of exp(-E), exactly, with a step size of ${at}.

${
    table(
      ["Rule", "Step", "May have", "#Clauses", `#Variance at ${at}`],
      family.map(ruleRow),
    )
  }

The last column follows from *d*, what a step multiplies the gradient by, and *n*, what it multiplies the draw by: on ½h·a² a step leaves \`1 - d·h\` of the action and adds variance \`n²\`, so a chain settles at the variance \`n² / (1 - (1 - d·h)²)\` where \`0 < d·h < 2\`, and nowhere else. exp(-E) has \`1 / h\`.

${table(["Rule", "*d*", "*n*", "#Variance at 0.01", "#at 0.1", "#at 0.5"], family.map(lawRow))}

${shown(familyPicture())}

With their usual step sizes, from 3 on ½a² and without limits: the mean and a deviation about it, exactly; the band is exp(-E). \`ibc\` ends in a narrow band, because its noise is small beside its drift; the others spread to the target, and those whose step sizes fall take longer.

What a rule has is read off its formulas: ${
    Object.entries(ruleParts).map(([part, what]) => `*${part}* (${what})`).join(", ")
  }. A clause about something that a rule lacks is not part of it, and a sampler is not asked for it.

## Conversions

The same steps in another rule: its step size η and its noise scale σ, whose square is the temperature, where the rule of the row has the step size ε and the noise scale 1. So whoever knows \`ula\` with ε passes η = 2ε to \`ula-half\` and is done; to \`ibc\` a noise scale of √½/√ε, too.

${
    table(
      ["From", ...plain.map(({ name }) => `\`${name}\``)],
      settingsRows(),
    )
  }

For the gradient alone, in numbers: the step size of each column that multiplies it by as much as ${at} does in the rule of the row.

${
    table(
      ["From", ...plain.map(({ name }) => `#\`${name}\``)],
      conversions(),
    )
  }

## A rule of your own

A JSON file (\`ulaspec schema rule\`) with a drift, a noise and a step. What is left out does nothing; settings of its own are symbols of the formulas, and ulaspec tries values between \`from\` and \`to\`. A sampler finds them in \`settings.own\`, and the step sizes as numbers in \`settings.step_sizes\` (\`settings.stepSizes\` in TypeScript).

\`\`\`json
${temperedRule}
\`\`\`

A sampler says itself which rule it means: \`rule = "ula+temperature"\`, or \`rule = "my_rule.json"\`, in Python and in TypeScript.

A step that is no multiple of the gradient, like one with its sign, or that goes with the box, is judged as a whole and by its parts all the same; clauses about factors and theorems about means are not part of it.

Formulas may use \`k\` and \`N\` (temperatures that fall, step sizes in cycles), \`lo\` and \`hi\`, \`pi\`, and ${
    functionNames.map((name) => `\`${name}\``).join(", ")
  }; \`k - period * floor(k / period)\` is a remainder. They move every coordinate by itself, from where it is: momentum, a preconditioner that learns or that differs by axis, a norm over axes and an acceptance step can't be said.

## What a report says of a fault

The rule that the sampler really follows, in numbers beside those of the rule that was asked for, with the terms marked that deviate; the known bugs that have a meaning there, in the formulas of the rule; slips in its own formulas, like a factor, a root or a \`floor\` left out, or \`k + 1\` for \`k\`; and the other rule of the family that it follows, if it is one. A sampler whose noise nothing silences, because it draws by itself and the rule has no noise scale, is judged by the exact law of its steps.

## What was tried

Every known defect that has a meaning for the rule with all its options, and correct samplers in three views, each run with a seed of its own and the profile quick (\`deno run -A docs/family_sweep.ts\`, then with \`--runs\`, which goes on where it stopped):

${
    table(
      ["Rule", "#Defects", "Found", "#Correct runs", "#False alarms", "Runs on"],
      triedRows(tried),
    )
  }
`;
}
