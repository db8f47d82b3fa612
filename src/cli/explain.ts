/**
 * `explain`: one clause or one defect.
 *
 * @module
 */

import { type Clause, clauseOf, clauses } from "../../properties/clauses.ts";
import { type Defect, defects, replacements } from "../defects/defects.ts";
import { ruleSymbols } from "../../spec/rule.ts";
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

function clauseText(clause: Clause, io: Io): string {
  const inner = (label: string, text: string) =>
    labelled(label, text, { indent: 2, column: 18, style: io });
  const lines = [
    paint(io, clause.id, "bold"),
    ...labelled("", clause.sentence, { indent: 2, column: 2, style: io }),
    "",
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
  const inner = (label: string, text: string) =>
    labelled(label, text, { indent: 2, column: 18, style: io });
  const lines = [
    paint(io, defect.id, "bold"),
    ...labelled("", defect.title, { indent: 2, column: 2, style: io }),
    "",
    ...inner("symptom", defect.symptom),
    ...inner("fix", defect.fix),
  ];
  if (defect.seen) lines.push(...inner("seen in", defect.seen));
  lines.push(...inner("breaks", defect.clause));
  for (const { part, official, changed } of replacements(defect.change)) {
    lines.push("", ...inner(part, `${official}   (the rule)`));
    lines.push(...inner("", `${changed}   (the defect)`));
  }
  lines.push("", ...inner("see it", `${io.program} check defect:${defect.id}`));
  return `${lines.join("\n")}\n`;
}

function symbolLines(
  formula: string,
  inner: (label: string, text: string) => string[],
): string[] {
  const symbols = new Set(formula.match(/[A-Za-z]\w*/g) ?? []);
  return [...symbols].filter((symbol) => Object.hasOwn(ruleSymbols, symbol)).flatMap((symbol, i) =>
    inner(
      i === 0 ? "where" : "",
      `${symbol}: ${ruleSymbols[symbol as keyof typeof ruleSymbols].meaning}`,
    )
  );
}
