/**
 * `explain`: one clause or one defect.
 *
 * @module
 */

import { type Clause, clauseOf, clauses } from "../../properties/clauses.ts";
import { type Defect, defects, defectsThatBreak, replacements } from "../defects/defects.ts";
import { ruleSymbols } from "../../spec/rule.ts";
import { documentOf, family } from "../../spec/rules/family.ts";
import { ibc } from "../../spec/rules/ibc.ts";
import { features } from "../../spec/sampler.ts";
import { codeLines } from "./code_lines.ts";
import { didYouMean } from "../../spec/nearest.ts";
import { labelled, paint } from "../report/layout.ts";
import { ruleOf } from "./asked_rule.ts";
import { explainedRule } from "./rule_text.ts";
import { type Arguments, type Command, type Io, onlyArgument, UsageError } from "./command.ts";

/** The command `explain`. */
export const command: Command = {
  name: "explain",
  usage: "CLAUSE|DEFECT|RULE",
  summary: "explain a clause, a defect or a rule",
  options: {},
  examples: {
    "delta-clip/per-axis": "a clause, with code that breaks it",
    "half-missing": "a defect, with its fix",
    "ula+temperature": "a rule of the family, with one of its options",
  },
  run: explain,
};

async function explain(args: Arguments, io: Io): Promise<number> {
  const id = onlyArgument(
    args,
    "clause, defect or rule",
    "the id of a clause or a defect, or a rule",
  );
  const named = documentOf(id.split("+")[0]!) !== undefined || id.includes(".json");
  const rule = named ? await ruleOf(id) ?? { document: ibc, options: [] } : undefined;
  const clause = clauseOf(id);
  const defect = defects.find((d) => d.id === id.replace(/^defect:/, ""));
  if (rule) {
    io.out(explainedRule(rule, id, io));
  } else if (clause) {
    io.out(clauseText(clause, io));
  } else if (defect) {
    io.out(defectText(defect, io));
  } else {
    const ids = [
      ...[...clauses, ...defects].map((entry) => entry.id),
      ...family.map(({ name }) => name),
    ];
    const group = ids.filter((other) => other.startsWith(`${id}/`));
    throw new UsageError(
      id,
      group.length > 0
        ? `one of its clauses: ${group.join(", ")}`
        : `a clause, a defect or a rule, as ulaspec clauses, defects and rules list them${
          didYouMean(id, ids)
        }`,
    );
  }
  return 0;
}

const levels: Record<Clause["level"], string> = {
  must: "must: every sampler that follows the rule",
  may: "may: only samplers that have the feature; lacking it is not a violation",
  theorem: "theorem: follows from the other clauses",
};

/** Where the pages are that say more. */
const documentation = "docs";

type Inner = (label: string, text: string) => readonly string[];

/** What an explanation begins with, and how the lines below are made. */
function heading(id: string, sentence: string, io: Io): { head: readonly string[]; inner: Inner } {
  return {
    head: [
      paint(io, id, "bold"),
      ...labelled("", sentence, { indent: 2, column: 2, style: io }),
      "",
    ],
    inner: (label, text) => labelled(label, text, { indent: 2, column: 18, style: io }),
  };
}

function clauseText(clause: Clause, io: Io): string {
  const { head, inner } = heading(clause.id, clause.sentence, io);
  const lines = [
    ...head,
    ...inner("why it matters", clause.why),
    ...inner("binds", levels[clause.level]),
  ];
  if (clause.feature) {
    lines.push(...inner("feature", `${clause.feature}: ${features[clause.feature]}`));
  }
  if (clause.needs) {
    lines.push(
      ...inner(
        "needs",
        `${clause.needs}; where ulaspec supplies the noise, there's nothing to judge`,
      ),
    );
  }
  if (clause.formula) {
    lines.push(...inner("formula", clause.formula), ...symbolLines(clause.formula, inner));
  }
  lines.push(...inner("source", clause.source));
  if (clause.buildsOn.length > 0) lines.push(...inner("builds on", clause.buildsOn.join(", ")));
  if (clause.remark) lines.push(...inner("remark", clause.remark));
  const broken = defectsThatBreak(clause.id);
  if (broken.length > 0) {
    lines.push(...inner("broken by", broken.map(({ id }) => id).join(", ")));
    const shown = broken.find((defect) => codeLines(defect).length > 0);
    if (shown) lines.push("", ...inner("for example", `${shown.id}: ${shown.title}`));
    if (shown) lines.push(...sideBySide(shown, io));
  }
  lines.push("", ...inner("check it alone", `${io.program} check TARGET --clause ${clause.id}`));
  lines.push(...inner("read more", `${documentation}/rule.md#${clause.id.replaceAll("/", "-")}`));
  return `${lines.join("\n")}\n`;
}

function defectText(defect: Defect, io: Io): string {
  const { head, inner } = heading(defect.id, defect.title, io);
  const lines = [
    ...head,
    ...inner("symptom", defect.symptom),
    ...inner("fix", defect.fix),
  ];
  if (defect.seen) lines.push(...inner("seen in", defect.seen));
  const clause = clauseOf(defect.clause);
  lines.push(...inner("breaks", `${defect.clause}: ${clause?.sentence}`));
  if (clause) lines.push(...inner("why it matters", clause.why));
  const code = sideBySide(defect, io);
  if (code.length > 0) lines.push("", ...code);
  else lines.push("", ...loopLines(defect, inner));
  lines.push("", ...inner("see it", `${io.program} check defect:${defect.id}`));
  lines.push(...inner("read more", `${documentation}/defects.md#${defect.id}`));
  return `${lines.join("\n")}\n`;
}

/** The steps of the loop that a defect replaces, by their words. */
function loopLines({ change }: Defect, inner: Inner): readonly string[] {
  return replacements(change).flatMap(({ part, official, changed }) =>
    inner(part, `${official} in the rule, ${changed} with the bug`)
  );
}

/** Right and wrong code: beside each other where there's room, else below each other. */
function sideBySide(defect: Defect, io: Io): readonly string[] {
  const lines = codeLines(defect);
  const width = Math.max(0, ...lines.map(({ right }) => right.length)) + 3;
  const fits = lines.every(({ wrong }) => 18 + width + wrong.length + 4 <= io.width);
  const cell = (mark: "✓" | "✗", text: string) =>
    paint(io, `${mark} ${text}`, mark === "✓" ? "green" : "red");
  return lines.flatMap(({ language, right, wrong }) => {
    const label = `  ${language}`.padEnd(18);
    return fits
      ? [`${label}${cell("✓", right.padEnd(width))}${cell("✗", wrong)}`]
      : [`${label}${cell("✓", right)}`, `${" ".repeat(18)}${cell("✗", wrong)}`];
  });
}

function symbolLines(formula: string, inner: Inner): readonly string[] {
  const symbols = new Set(formula.match(/[A-Za-z]\w*/g) ?? []);
  return [...symbols].filter((symbol) => Object.hasOwn(ruleSymbols, symbol)).flatMap((symbol, i) =>
    inner(
      i === 0 ? "where" : "",
      `${symbol}: ${ruleSymbols[symbol as keyof typeof ruleSymbols].meaning}`,
    )
  );
}
