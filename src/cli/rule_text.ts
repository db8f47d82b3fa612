/**
 * A rule of the family, explained on a terminal.
 *
 * @module
 */

import { clausesOf } from "../../properties/clauses.ts";
import { stationaryLaw } from "../../spec/rule_law.ts";
import { show } from "../../spec/numerics/number_text.ts";
import type { Rule } from "../../spec/rule.ts";
import { isLinear, stepFactors } from "../../spec/rule_slopes.ts";
import { type AskedRule, ruleAsked } from "../../spec/rules/family.ts";
import { labelled, paint } from "../report/layout.ts";
import { ruleText as textOf } from "../run/verdicts/run_report.ts";
import type { Io } from "./command.ts";

/**
 * What a rule is, what it has, and what it samples; ends with a newline.
 *
 * @param typed how the rule was named: by its name, or by its file
 */
export function explainedRule(asked: AskedRule, typed: string, io: Io): string {
  const { document, options: chosen } = asked, rule = ruleAsked(asked);
  const inner = (label: string, text: string) =>
    labelled(label, text, { indent: 2, column: 16, style: io });
  const name = [document.name, ...chosen].join("+");
  const { settings = {}, options = {} } = document;
  const lines = [
    paint(io, name, "bold"),
    ...inner("", document.sentence),
    "",
    ...Object.entries(textOf(rule).formulas).flatMap(([name, text]) => inner(name, text)),
    ...Object.entries(settings).flatMap(([symbol, { meaning, from, to }]) =>
      inner(symbol, `${meaning}; tried from ${from} to ${to}`)
    ),
    ...Object.entries(options).flatMap(([option, { sentence }]) => inner(`+${option}`, sentence)),
    ...inner("source", document.source),
    ...inner("clauses", `${clausesOf(rule).length} are part of it`),
    ...isLinear(rule) ? inner("samples", samples(rule)) : [],
    ...inner("judge by it", `${io.program} check TARGET --rule ${typed}`),
  ];
  return `${lines.join("\n")}\n`;
}

function samples(rule: Rule): string {
  const at = (size: number) => show(stationaryLaw(stepFactors(rule, size), 1).temperature, 4);
  return `on ½a² without limits, its stationary variance is ${
    at(0.1)
  } of the target's with the step size 0.1, ${at(0.01)} with 0.01`;
}
