/**
 * What generated pages are made of: mathematics, tables, links to clauses and defects.
 *
 * @module
 */

import { toTeX } from "../spec/formula/tex.ts";
import { parseRuleFormula } from "../spec/compiled_rule.ts";
import { ruleSymbols } from "../spec/rule.ts";
import type { Picture } from "./panels.ts";

const names = Object.fromEntries(
  Object.entries(ruleSymbols).map(([symbol, { tex }]) => [symbol, tex]),
);

/** A formula of the rule as mathematics. */
export function tex(formula: string): string {
  return toTeX(parseRuleFormula(formula, ruleSymbols), names);
}

/** A block of mathematics. */
export function math(...lines: readonly string[]): string {
  return ["```math", ...lines, "```"].join("\n");
}

/** A table; columns whose title begins with `#` hold numbers. */
export function table(
  titles: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(" | ")} |`;
  return [
    line(titles.map((title) => title.replace(/^#/, ""))),
    `|${titles.map((title) => title.startsWith("#") ? "---:|" : "---|").join("")}`,
    ...rows.map(line),
  ].join("\n");
}

/** The anchor of a clause on the rule's page. */
export function anchor(id: string): string {
  return id.replace("/", "-");
}

/** A link to a clause. */
export function clauseLink(id: string): string {
  return `[\`${id}\`](rule.md#${anchor(id)})`;
}

/** A link to a defect. */
export function defectLink(id: string): string {
  return `[\`${id}\`](defects.md#${id})`;
}

/** A picture in a page. */
export function shown({ description, file }: Picture): string {
  return `![${description}](images/${file})`;
}

/** A count in words up to twelve, in digits with separators beyond. */
export function counted(count: number): string {
  const words = "no one two three four five six seven eight nine ten eleven twelve".split(" ");
  return words[count] ?? count.toLocaleString("en-US");
}
