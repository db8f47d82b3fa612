/**
 * `explain`: one clause or one defect.
 *
 * @module
 */

import { type Clause, clauseOf, clauses } from "../../properties/clauses.ts";
import { type Defect, defects } from "../defects/defects.ts";
import { officialRule, type Rule, ruleSymbols } from "../../spec/rule.ts";
import { features } from "../../spec/sampler.ts";
import { didYouMean } from "./nearest.ts";
import { labelled, paint } from "../report/layout.ts";
import { type Arguments, type Command, type Io, onlyArgument, UsageError } from "./command.ts";

/** The command `explain`. */
export const command: Command = {
  name: "explain",
  usage: "CLAUSE|DEFECT",
  summary: "explain a clause or a defect",
  options: {},
  run: (args, io) => Promise.resolve(explain(args, io)),
};

function explain(args: Arguments, io: Io): number {
  const id = onlyArgument(args, "clause or defect", "the id of a clause or a defect");
  const clause = clauseOf(id);
  const defect = defects.find((d) => d.id === id.replace(/^defect:/, ""));
  if (clause) {
    io.out(clauseText(clause, io));
  } else if (defect) {
    io.out(defectText(defect, io));
  } else {
    const ids = [...clauses, ...defects].map((entry) => entry.id);
    const group = ids.filter((other) => other.startsWith(`${id}/`));
    throw new UsageError(
      id,
      group.length > 0
        ? `one of its clauses: ${group.join(", ")}`
        : `a clause or a defect, as ulaspec clauses and ulaspec defects list them${
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
    ...inner("level", levels[clause.level]),
  ];
  if (clause.feature) {
    lines.push(...inner("feature", `${clause.feature}: ${features[clause.feature]}`));
  }
  if (clause.needs) {
    lines.push(
      ...inner(
        "needs",
        `${clause.needs} of the sampler; where the suite supplies the draws there is nothing to judge`,
      ),
    );
  }
  if (clause.formula) {
    lines.push(...inner("formula", clause.formula), ...symbolLines(clause.formula, inner));
  }
  lines.push(...inner("source", clause.source));
  if (clause.buildsOn.length > 0) lines.push(...inner("builds on", clause.buildsOn.join(", ")));
  if (clause.remark) lines.push(...inner("remark", clause.remark));
  lines.push(...inner("check it alone", `${io.program} check TARGET --clause ${clause.id}`));
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
  lines.push(...inner("breaks", defect.clause));
  for (const key of Object.keys(defect.change) as (keyof Rule)[]) {
    lines.push("", ...inner(key, `${officialRule[key]}   (the rule)`));
    lines.push(...inner("", `${defect.change[key]}   (the defect)`));
  }
  lines.push("", ...inner("see it", `${io.program} check defect:${defect.id}`));
  return `${lines.join("\n")}\n`;
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
