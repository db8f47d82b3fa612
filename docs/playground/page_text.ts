/**
 * What the page says, as text and as HTML.
 *
 * @module
 */

import { defectOf } from "../../src/defects/defects.ts";
import { clauseOf } from "../../properties/clauses.ts";
import { fromNumberText } from "../../spec/numerics/number_text.ts";
import { faultWords } from "../../spec/sampler.ts";
import type {
  ClauseReport,
  Counterexample,
  DiagnosisReport,
  MeasuredRuleReport,
  Report,
} from "../../src/report/report.ts";
import { escaped } from "../../src/report/markup.ts";
import { markText } from "../../src/report/plot/scales.ts";
import { problemWords } from "../../src/report/problem_words.ts";
import { groupedClauses, termWords } from "../../src/report/summary.ts";
import type { RunPair } from "./run_pair.ts";

/** A number in a few characters. */
const brief = (value: number): string => markText(value, 3);

/** The moment of the chain: `step 3 of 25`. */
export function momentWords(step: number, last: number): string {
  return step === 0 ? `start of ${last}` : `step ${step} of ${last}`;
}

/** The moment for a screen reader: where the chain is that is looked at. */
export function toldWords(pair: RunPair, step: number, row: number): string {
  const place = (points: RunPair["expected"]["points"]) =>
    (points[Math.min(step, points.length - 1)]?.[row] ?? []).map(brief).join(", ");
  const energy = (values: readonly number[]) => brief(values[Math.min(step, values.length - 1)]!);
  return `${momentWords(step, pair.expected.points.length - 1)}. Chain ${row + 1} is at ` +
    `${place(pair.expected.points)} with the rule and at ${place(pair.actual.points)} beside it. ` +
    `Mean energy ${energy(pair.expected.energies)} and ${energy(pair.actual.energies)}.`;
}

/** The next step of one chain: from where, how far the rule lets it go, and how far it went. */
export function ledgerHtml(pair: RunPair, step: number, row: number, withDefect: boolean): string {
  const { actual, fromThere, limits, problem } = pair;
  const k = Math.min(step, Math.max(actual.points.length - 2, 0));
  const from = actual.points[k]?.[row], to = actual.points[k + 1]?.[row];
  const rule = fromThere[k]?.[row];
  const rows = problem.initial.length;
  const chains = Array.from(
    { length: rows },
    (_, r) => `<option value="${r}"${r === row ? " selected" : ""}>${r + 1}</option>`,
  );
  const choice = rows === 1
    ? "the chain"
    : `<label>chain <select>${chains.join("")}</select></label>`;
  const caption = `<caption>Step ${k + 1} of ${choice}, from the point where the ${
    withDefect ? "defective sampler" : "sampler"
  } was</caption>`;
  if (!from || !to || !rule) return "";
  const lines = from.map((value, axis) => {
    const apart = Math.abs(to[axis]! - rule[axis]!) > 1e-6 * (1 + Math.abs(rule[axis]!));
    return `<tr${apart ? ' class="differs"' : ""}><th scope="row">a<sub>${axis + 1}</sub></th>` +
      [value, rule[axis]!, to[axis]!, Math.abs(to[axis]! - value), limits[axis]!]
        .map((v) => `<td>${fixed(v)}</td>`).join("") +
      "</tr>";
  });
  return `<table>${caption}<thead><tr><th scope="col">axis</th><th scope="col">from</th>` +
    `<th scope="col">the rule goes to</th><th scope="col">it went to</th>` +
    `<th scope="col">moved by</th><th scope="col">limit</th></tr></thead>` +
    `<tbody>${lines.join("")}</tbody></table>`;
}

function fixed(value: number): string {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e4) return brief(value);
  return value.toFixed(4).replace("-", "−");
}

/** The verdict in one sentence. */
export function verdictWords(report: Report): string {
  if (report.verdict === "not run") {
    return `Not run: ${report.fault === undefined ? "no reason" : faultWords(report.fault)}`;
  }
  const count = (verdict: ClauseReport["verdict"]) =>
    report.clauses.filter((clause) => clause.verdict === verdict).length;
  if (report.incomplete) return `Incomplete: ${report.incomplete.reason}`;
  if (report.verdict === "conforms") return `Conforms: ${count("holds")} clauses hold`;
  const broken = report.clauses.filter((clause) => clause.verdict === "violated");
  return `Violates ${broken.map((clause) => clause.id).join(", ")}`;
}

const marks: Readonly<Record<ClauseReport["verdict"], string>> = {
  "holds": "✓",
  "violated": "✗",
  "unsupported": "–",
  "not judged": "·",
  "not binding": "·",
  "accepted": "·",
};

/** The link to a clause on the page of the rule. */
export function clauseLink(id: string): string {
  return `rule.html#${id.replace("/", "-")}`;
}

/** What the judge found, below its sentence. */
export function verdictHtml(report: Report, defect: string | null): string {
  const broken = report.clauses.filter((clause) => clause.verdict === "violated");
  return [
    ...broken.map(violationHtml),
    report.diagnosis ? diagnosisHtml(report.diagnosis) : "",
    defect === null ? "" : fixHtml(defect),
    allHtml(report),
  ].join("");
}

function violationHtml(clause: ClauseReport, index: number): string {
  const found = clause.counterexample;
  const formula = clauseOf(clause.id)?.formula;
  return `<article class="clause"><h3><a href="${clauseLink(clause.id)}">${
    escaped(clause.id)
  }</a></h3><p class="sentence">${escaped(clause.sentence)}</p>` +
    (formula ? `<p class="formula">${escaped(formula)}</p>` : "") +
    (found ? `<p class="found">${escaped(found.message)}</p>${problemHtml(found)}` : "") +
    (found && found.ledger.length > 0 ? termsHtml(found) : "") +
    (found && index === 0
      ? `<button type="button" class="plain" data-show="smallest">Show this problem above</button>`
      : "") +
    "</article>";
}

function problemHtml(found: Counterexample): string {
  const rows = problemWords(found).map(([label, text]) =>
    `<tr><th scope="row">${escaped(label)}</th><td>${escaped(text)}</td></tr>`
  );
  return `<div class="scroll"><table class="pairs"><caption>The smallest problem that shows it</caption><tbody>${
    rows.join("")
  }</tbody></table></div>`;
}

function termsHtml(found: Counterexample): string {
  const rows = found.ledger.map((line) =>
    `<tr${line.differs ? ' class="differs"' : ""}><th scope="row">${
      escaped(termWords(line.term))
    }</th>` +
    `<td>${escaped(line.formula)}</td><td>${brief(fromNumberText(line.expected))}</td><td>${
      line.actual === null ? "hidden" : brief(fromNumberText(line.actual))
    }</td></tr>`
  );
  return `<div class="scroll"><table><caption>Its step, term by term</caption><thead><tr>` +
    `<th scope="col">term</th><th scope="col">formula</th><th scope="col">expected</th>` +
    `<th scope="col">actual</th></tr></thead><tbody>${rows.join("")}</tbody></table></div>`;
}

function diagnosisHtml({ defects, unexplained, measuredRule }: DiagnosisReport): string {
  if (defects.length === 0 && unexplained === undefined) return "";
  const lines = defects.map(({ title, alternatives }) =>
    `<p>${escaped(title)}${
      alternatives === undefined || alternatives.length === 0
        ? ""
        : ` <small>(or: ${alternatives.map((other) => escaped(other.title)).join("; ")})</small>`
    }</p>`
  );
  if (unexplained !== undefined) lines.push(`<p>${escaped(unexplained)}</p>`);
  return `<div class="diagnosis"><h3>The diagnosis, made without knowing the defect</h3>${
    lines.join("")
  }${measuredRule ? measuredHtml(measuredRule) : ""}</div>`;
}

/** The measured rule, with what deviates marked. */
function measuredHtml({ text, schedule, terms }: MeasuredRuleReport): string {
  const line = (whole: string) => {
    // Terms stand in the text in their order, so each is looked for behind the one before.
    let rest = whole, marked = "";
    for (const term of terms) {
      const at = rest.indexOf(term.text);
      if (term.text === "" || at < 0) continue;
      const shown = escaped(term.text);
      marked += escaped(rest.slice(0, at)) + (term.deviates ? `<mark>${shown}</mark>` : shown);
      rest = rest.slice(at + term.text.length);
    }
    return marked + escaped(rest);
  };
  return `<p class="found">The rule that it really follows:</p><p class="formula">${
    line(text)
  }<br>${line(schedule)}</p>`;
}

function fixHtml(id: string): string {
  const defect = defectOf(id);
  if (!defect) return "";
  return `<div class="fix"><p><b>Symptom.</b> ${escaped(defect.symptom)}</p>` +
    `<p><b>What to change.</b> ${escaped(defect.fix)}</p>` +
    (defect.seen ? `<p><b>Seen in</b> ${escaped(defect.seen)}.</p>` : "") + "</div>";
}

function allHtml(report: Report): string {
  if (report.clauses.length === 0) return "";
  const lists = groupedClauses(report).map(([group, members]) =>
    `<section class="group"><h3>${group.replaceAll("-", " ")}</h3><ul>${
      members.map((clause) =>
        `<li data-verdict="${clause.verdict}"><span aria-hidden="true">${
          marks[clause.verdict]
        }</span>` +
        `<span><a href="${clauseLink(clause.id)}" title="${escaped(clause.sentence)}">${
          escaped(clause.id.split("/")[1]!.replaceAll("-", " "))
        }</a><span class="unseen">: ${clause.verdict}</span></span></li>`
      ).join("")
    }</ul></section>`
  );
  return `<details class="all" open><summary>All ${report.clauses.length} clauses (✓ holds, ✗ violated, · not judged because they build on a violated one)</summary>` +
    `<div class="groups">${lists.join("")}</div></details>`;
}
