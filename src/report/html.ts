/**
 * A report as one page that needs nothing else: no network, no fonts, no scripts from elsewhere.
 *
 * It is written in the strict syntax of XML. Whatever comes from a target is text: it is escaped,
 * and the page's content security policy lets nothing but its own script run and nothing be loaded.
 *
 * @module
 */

import { primeWords } from "./diagnosis_words.ts";
import { plainTexts } from "./plain_text.ts";
import { clauseOf } from "../../properties/clauses.ts";
import { fromNumberText } from "../../spec/numerics/number_text.ts";
import { coverageWords, spaced } from "./coverage_words.ts";
import { faultFacts } from "./fault_lines.ts";
import { counted, type Float, shown } from "./layout.ts";
import { joined, type Markup, markup, trusted } from "./markup.ts";
import { energyChart, histogramChart, quantileChart, stepSizeChart } from "./page/charts.ts";
import { energyMath, formulaOf, ruleMath } from "./page/mathematics.ts";
import { script, scriptHash } from "./page/script.ts";
import { seenStepOf } from "./page/seen_step.ts";
import { stepFigure } from "./page/step_figure.ts";
import { style } from "./page/style.ts";
import { distanceWords, placeWords, problemWords } from "./problem_words.ts";
import type {
  ClauseReport,
  Counterexample,
  DiagnosisReport,
  LedgerText,
  MeasuredRuleReport,
  NoiseShapeText,
  Report,
  StatisticsText,
} from "./report.ts";
import { verdicts } from "./report.ts";
import { groupedClauses, groupTitle, headline, lead, tallyOf, termWords } from "./summary.ts";

/** A report as a page; ends with a newline. */
export function html(given: Report): string {
  const report = plainTexts(given);
  const parts = report.verdict === "not run" ? [faultPart(report)] : [
    violationsPart(report),
    remarksPart(report),
    clausesPart(report),
    noisePart(report),
    chainPart(report),
  ];
  const present = parts.filter((part) => part !== null);
  const { mark, words } = headline(report);
  const policy =
    `default-src 'none'; style-src 'unsafe-inline'; script-src '${scriptHash}'; base-uri 'none'; form-action 'none'`;
  return markup`${trusted("<!doctype html>")}
<html lang="en" data-verdict="${report.verdict}" xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta name="color-scheme" content="light dark"/>
<meta name="referrer" content="no-referrer"/>
<meta http-equiv="Content-Security-Policy" content="${policy}"/>
<title>${`${mark} ${brief(report.target.name, 80)} ${words}`} · ulaspec</title>
<style>${trusted(style)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the findings</a>
<div class="page">
<header>
<p class="brand">ulaspec report</p>
<h1><span class="words" aria-hidden="true">${mark} </span><bdi>${report.target.name}</bdi> <span class="words">${words}</span></h1>
${isNamed(report) ? null : leadLine(report)}
</header>
<main id="main" tabindex="-1">
${diagnosisPart(report.diagnosis)}
${overview(report, present)}
${joined(present.map(({ content }) => content), "\n")}
</main>
<footer>
<p>Made by ulaspec, format ${report.format}. The same seed gives the same report, times aside.</p>
</footer>
</div>
<p id="said" class="unseen" role="status"></p>
<script>${trusted(script)}</script>
</body>
</html>
`.markup;
}

/** A section of the page. */
interface Section {
  readonly id: string;
  readonly title: string;
  readonly content: Markup;
}

function section(id: string, title: string, content: Markup): Section {
  return {
    id,
    title,
    content: markup`<section class="part" id="${id}" aria-labelledby="${id}-title">
<h2 id="${id}-title">${title}</h2>
${content}
</section>`,
  };
}

/** Whether there are bugs with names, which then come before everything else. */
function isNamed({ diagnosis }: Report): boolean {
  return (diagnosis?.defects.length ?? 0) > 0;
}

function leadLine(report: Report): Markup {
  return markup`<p class="lead">${lead(report)}</p>`;
}

/** How many clauses have which verdict, how the run was made, and where to read on. */
function overview(report: Report, parts: readonly Section[]): Markup {
  const tally = tallyOf(report);
  const returns = report.target.networkReturns;
  const facts: [string, string][] = [
    ...(returns === undefined
      ? []
      : [["Network returns", returns === "energy" ? "an energy" : "logits"] as [string, string]]),
    ["Seed", String(report.seed)],
    ["Profile", report.profile],
    ["Time", `${(report.elapsedMs / 1000).toFixed(1)} s`],
  ];
  return markup`<div class="overview">
${isNamed(report) ? leadLine(report) : null}
${
    report.clauses.length === 0 ? null : markup`<div class="tally" aria-hidden="true">${
      joined(
        tally.filter(({ count }) => count > 0).map(({ kind, count }) =>
          markup`<span class="${kind}" style="flex:${count}"></span>`
        ),
      )
    }</div>
<dl class="counts">${
      joined(
        tally.filter(({ kind, count }) => count > 0 || kind === "violated").map(
          ({ label, count }) => markup`<div><dt>${label}</dt><dd>${count}</dd></div>`,
        ),
      )
    }${
      report.golden.replayed === 0
        ? null
        : markup`<div><dt>official traces agree</dt><dd>${report.golden.agreed} of ${report.golden.replayed}</dd></div>`
    }</dl>`
  }
<dl class="about">${
    joined(facts.map(([label, value]) => markup`<div><dt>${label}</dt><dd>${value}</dd></div>`))
  }</dl>
${
    parts.length < 2
      ? null
      : markup`<nav aria-label="Contents"><ul>${
        joined(parts.map(({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>`))
      }</ul></nav>`
  }
</div>`;
}

function violationsPart(report: Report): Section | null {
  const broken = report.clauses.filter((clause) => clause.verdict === "violated");
  if (broken.length === 0) return null;
  const title = broken.length === 1 ? "The violation" : `${broken.length} violations`;
  return section("violations", title, joined(broken.map(violation), "\n"));
}

function violation(clause: ClauseReport, index: number): Markup {
  const found = clause.counterexample;
  const id = `violation-${index + 1}`;
  return markup`<article class="violation" id="${id}" aria-labelledby="${id}-title">
<h3 id="${id}-title"><span aria-hidden="true">✗ </span><code>${clause.id}</code><span class="unseen"> is violated</span></h3>
<p class="sentence">${clause.sentence}</p>
${formulaOf(clauseOf(clause.id))}
${found === undefined ? null : counterexample(found, id, clause.statistics)}
${clause.reason === undefined ? null : markup`<p class="quiet">${clause.reason}.</p>`}
${clause.replay === undefined ? null : replay(clause.replay, id, clause.replays)}
</article>`;
}

function counterexample(
  found: Counterexample,
  id: string,
  statistics: StatisticsText | undefined,
): Markup {
  const seen = statistics === undefined ? seenStepOf(found) : null;
  const figure = seen === null ? null : stepFigure(seen, `${id}-figure`);
  const shape = statistics?.shape;
  return markup`<p class="found">${found.message}.</p>
${shape === undefined ? null : noiseFigures(shape, id)}
<div class="smallest">
${figure}
<div class="words">
<h4>${statistics === undefined ? "The smallest problem that shows it" : "The problem"}</h4>
<dl>${
    joined(problemWords(found).map(([label, text]) => pair(label, problemText(label, text, found))))
  }</dl>
${figure === null ? trusted('</div>\n<div class="words">') : null}
<h4>What happened there</h4>
<dl>${joined(comparison(found).map(([label, text]) => pair(label, markup`${text}`)))}</dl>
</div>
</div>
${found.ledger.length === 0 ? null : ledger(found.ledger)}`;
}

function noiseFigures(shape: NoiseShapeText, id: string): Markup {
  return markup`<div class="pair">${histogramChart(shape, `${id}-histogram`)}${
    quantileChart(shape, `${id}-quantiles`)
  }</div>`;
}

function pair(label: string, content: Markup): Markup {
  return markup`<dt>${label}</dt><dd>${content}</dd>`;
}

/** The words for a part of a problem; an energy is shown as mathematics, too. */
function problemText(label: string, text: string, { problem }: Counterexample): Markup {
  if (label !== "energy" || text !== problem.energy) return markup`${text}`;
  const math = energyMath(problem.energy);
  return math === null
    ? markup`<code>${text}</code>`
    : markup`${math}<br/><code class="source">${text}</code>`;
}

function comparison(found: Counterexample): [string, string][] {
  const distance = distanceWords(found), place = placeWords(found);
  return [
    ...(place === null ? [] : [["where", place] as [string, string]]),
    ["expected", shown(found.expected)],
    ["actual", shown(found.actual)],
    ...(distance === null ? [] : [["distance", distance] as [string, string]]),
  ];
}

function ledger(lines: readonly LedgerText[]): Markup {
  const first = lines.find((line) => line.differs);
  const row = (line: LedgerText) => {
    const weak = !line.differs && (line.basis === "not contradicted" || line.basis === "hidden");
    const kind = line.differs ? "differs" : weak ? "weak" : "plain";
    return markup`<tr class="${kind}"><th scope="row">${
      line.differs ? trusted('<span aria-hidden="true">→ </span>') : null
    }${termWords(line.term)}${
      line.differs ? trusted('<span class="unseen"> (the first that differs)</span>') : null
    }</th><td class="math">${
      ruleMath(line.formula) ?? markup`${line.formula}`
    }</td><td class="number">${shown(line.expected)}</td><td class="number">${
      shown(line.actual)
    }</td><td class="basis">${line.basis}</td></tr>`;
  };
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="Every term of the step"><table class="ledger">
<caption>Every term of the step${
    first === undefined ? "" : `; the ${termWords(first.term)} is the first that differs`
  }</caption>
<thead><tr><th scope="col">term</th><th scope="col" class="math">formula</th><th scope="col" class="number">expected</th><th scope="col" class="number">actual</th><th scope="col" class="basis">how it is known</th></tr></thead>
<tbody>
${joined(lines.map(row), "\n")}
</tbody>
</table></div>`;
}

function replay(command: string, id: string, of?: string): Markup {
  // An option is not broken at its hyphens.
  const words = command.split(" ").map((word) =>
    word.startsWith("-") && word.length < 30 ? markup`<span>${word}</span>` : markup`${word}`
  );
  return markup`<div class="replay"><h4>Replay exactly this case${
    of === undefined ? null : markup`, one of ${of}`
  }</h4>
<div class="command"><pre id="${id}-command">${
    joined(words, " ")
  }</pre><button type="button" data-copy="${id}-command" hidden="hidden">Copy</button></div></div>`;
}

/** The bugs with their fixes and the measured rule: what a reader came for, right below the verdict. */
function diagnosisPart(diagnosis: DiagnosisReport | undefined): Markup | null {
  if (diagnosis === undefined) return null;
  const { defects, unexplained, measuredRule, dialect, influences = [], view } = diagnosis;
  const title = defects.length > 0 || unexplained !== undefined || dialect !== undefined
    ? "Diagnosis"
    : "The measured rule";
  const named = (defect: { readonly id: string | null; readonly title: string }) =>
    markup`${defect.title}${defect.id === null ? null : markup` <code>${defect.id}</code>`}`;
  const contents = [
    ...defects.map((defect) =>
      markup`<div class="defect"><h3>${named(defect)}${
        defect.certain ? null : trusted(", perhaps")
      }</h3>
${
        joined((defect.alternatives ?? []).map((other) =>
          markup`<p class="quiet">or: ${named(other)}</p>`
        ))
      }
<p><strong>To fix it:</strong> ${defect.fix}</p>
${defect.seen === undefined ? null : markup`<p class="quiet">Seen in ${defect.seen}.</p>`}</div>`
    ),
    dialect === undefined ? null : markup`<p class="found">${dialect.text}.</p>`,
    ...influences.map(({ text }) => markup`<p class="found">${indexed(text)}.</p>`),
    unexplained === undefined ? null : markup`<p class="found">${unexplained}.</p>`,
    measuredRule === undefined
      ? null
      : measured(measuredRule, primeWords(diagnosis), defects.length > 0),
    view === "points"
      ? markup`<p class="quiet">Estimated from many draws: ± is half of a 95 % interval.</p>`
      : view === "final actions"
      ? markup`<p class="quiet">Only the returned actions are seen; the step sizes are read off them.</p>`
      : null,
  ];
  return markup`<section class="first" id="diagnosis" aria-labelledby="diagnosis-title">
<h2 class="unseen" id="diagnosis-title">${title}</h2>
${joined(contents, "\n")}
</section>`;
}

function measured(
  rule: MeasuredRuleReport,
  primes: readonly string[],
  titled: boolean,
): Markup {
  const off = rule.terms.filter((term) => term.deviates);
  const unmeasured = rule.terms.filter(({ value }) => value?.kind === "not measured").length;
  const chart = rule.stepSizes &&
    stepSizeChart(
      rule.stepSizes.wanted.map(fromNumberText),
      rule.stepSizes.measured.map(fromNumberText),
      "step-sizes",
    );
  const notes = off.map(({ name, text, wanted }) =>
    markup`<dt>${name}</dt><dd>${text === "" ? `no ${name}` : indexed(text)}; the rule: ${
      indexed(wanted)
    }</dd>`
  );
  return markup`<div class="pair"><div>
<p class="chart-title">${titled ? "The rule that it really follows" : "The measured rule"}</p>
<p class="rule">${marked(rule.text, off.map((term) => term.text))}<br/>${
    marked(rule.schedule, off.map((term) => term.text))
  }</p>
${
    notes.length === 0
      ? unmeasured === rule.terms.length
        ? ""
        : markup`<p class="quiet">Every part${
          unmeasured > 0 ? " that was measured" : ""
        } is what the rule asks for.</p>`
      : markup`<dl class="pairs">${joined(notes)}</dl>`
  }${primes.map((words) => markup`<p class="quiet">${words}.</p>`)}
</div>${chart ?? null}</div>`;
}

/** Text with some of its parts marked. */
function marked(text: string, parts: readonly string[]): Markup {
  const part = parts.find((p) => p !== "" && text.includes(p));
  if (part === undefined) return indexed(text);
  const at = text.indexOf(part);
  return joined([
    marked(text.slice(0, at), parts),
    markup`<mark>${indexed(part)}</mark>`,
    marked(text.slice(at + part.length), parts),
  ]);
}

/** Text in which the index of a step stands below the line: η_k, η_0. */
function indexed(text: string): Markup {
  return joined(
    text.split(/_([k0-9])/).map((part, i) =>
      i % 2 === 0 ? markup`${part}` : markup`<sub>${part}</sub>`
    ),
  );
}

function clausesPart(report: Report): Section {
  const groups = groupedClauses(report);
  const sum = (of: (clause: ClauseReport) => number) =>
    report.clauses.reduce((total, clause) => total + of(clause), 0);
  const tried = [
    `${spaced(sum(({ comparisons }) => comparisons))} numbers compared`,
    `${spaced(sum(({ cases }) => cases))} problems`,
    ...coverageWords(report),
  ];
  const content = markup`<div class="tools"><p class="quiet">${tried.join(" · ")}</p>
<button type="button" id="open-all" aria-pressed="false" hidden="hidden">Open all groups</button></div>
<div class="groups">
${joined(groups.map(([group, clauses]) => clauseGroup(group, clauses)), "\n")}
</div>`;
  return section("clauses", "Clauses", content);
}

const kinds = {
  "holds": { kind: "holds", mark: "✓" },
  "violated": { kind: "violated", mark: "✗" },
  "unsupported": { kind: "unsupported", mark: "–" },
  "not judged": { kind: "left", mark: "·" },
  "not binding": { kind: "left", mark: "·" },
  "accepted": { kind: "left", mark: "·" },
} as const;

function clauseGroup(group: string, clauses: readonly ClauseReport[]): Markup {
  const having = (verdict: ClauseReport["verdict"]) =>
    clauses.filter((clause) => clause.verdict === verdict).length;
  const broken = having("violated"), held = having("holds");
  const worst = broken > 0 ? "violated" : held > 0 ? "holds" : "not judged";
  const share = broken > 0
    ? `${broken} of ${clauses.length} violated`
    : verdicts.filter((verdict) => having(verdict) > 0)
      .map((verdict) => shareWords(verdict, having(verdict), clauses.length)).join(" · ");
  return markup`<details${trusted(broken > 0 ? ' open="open"' : "")}><summary><span class="sign ${
    kinds[worst].kind
  }" aria-hidden="true">${kinds[worst].mark}</span><h3>${
    groupTitle(group)
  }</h3><span class="strip" aria-hidden="true">${
    joined(clauses.map(({ verdict }) => markup`<i class="${kinds[verdict].kind}"></i>`))
  }</span><span class="share">${share}</span></summary>
<div class="clauses">
${joined(clauses.map(clauseItem), "\n")}
</div></details>`;
}

/** `all 7 hold`, `3 not binding`; of a single clause the verdict alone. */
function shareWords(verdict: ClauseReport["verdict"], count: number, all: number): string {
  const words = verdict === "holds" && count > 1 ? "hold" : verdict;
  if (count < all) return `${count} ${words}`;
  return all === 1 ? words : `all ${count} ${words}`;
}

function clauseItem(report: ClauseReport): Markup {
  const clause = clauseOf(report.id);
  const { kind, mark } = kinds[report.verdict];
  const { statistics } = report;
  const evidence = [
    ...(report.cases > 0 ? [counted(report.cases, "problem")] : []),
    ...(report.comparisons > 0 && statistics === undefined
      ? [counted(report.comparisons, "number")]
      : []),
    ...(statistics === undefined ? [] : [counted(statistics.draws, "draw")]),
    ...(report.level === "must" ? [] : [report.level === "may" ? "optional" : "a theorem"]),
  ];
  return markup`<div class="clause" id="clause-${report.id.replaceAll("/", "-")}">
<span class="sign ${kind}" aria-hidden="true">${mark}</span>
<div><h4><code>${report.id}</code></h4>
<p>${report.sentence}</p>
${formulaOf(clause)}
${report.reason === undefined ? null : markup`<p class="remark">${report.reason}.</p>`}
${clause?.remark === undefined ? null : markup`<p class="remark">${clause.remark}</p>`}
${
    statistics === undefined
      ? null
      : markup`<p class="remark">Test “${statistics.test}”: p = ${
        chance(statistics.pValue)
      }. It sees ${statistics.smallestEffect}.</p>`
  }</div>
<p class="evidence"><strong class="${kind}">${report.verdict}</strong> <span>${
    evidence.join(" · ")
  }</span></p>
</div>`;
}

function noisePart(report: Report): Section | null {
  const judged = report.clauses.flatMap(({ id, verdict, statistics }) =>
    statistics ? [{ id, verdict, statistics }] : []
  );
  if (judged.length === 0) return null;
  const row = ({ id, verdict, statistics }: (typeof judged)[number]) =>
    markup`<tr class="${
      verdict === "violated" ? "differs" : "plain"
    }"><th scope="row"><code>${id}</code></th><td>${verdict}</td><td class="number">${statistics.draws}</td><td>${statistics.test}</td><td class="number">${
      chance(statistics.pValue)
    }</td><td class="number">${
      chance(statistics.level)
    }</td><td>${statistics.smallestEffect}</td></tr>`;
  // Noise that breaks a clause is drawn beside the violation.
  const seen = judged.filter(({ verdict, statistics }) =>
    statistics.shape !== undefined && verdict !== "violated"
  );
  const whole = seen.find(({ id }) => id === "noise/standard-normal");
  const drawn = whole ?? (seen.length === judged.length ? seen[0] : undefined);
  const content =
    markup`<p class="intro">The noise is recovered from the steps; under the rule the recovered draws are standard normal and independent. The chance that this run rejects a correct sampler is at most ${
      chance(report.falseAlarm ?? 0)
    }.</p>
${
      drawn?.statistics.shape === undefined
        ? null
        : markup`<h3 class="noise"><code>${drawn.id}</code></h3>${
          noiseFigures(drawn.statistics.shape, "noise")
        }`
    }
<div class="scroll" tabindex="0" role="region" aria-label="Tests of the recovered noise"><table>
<caption>Tests of the recovered noise</caption>
<thead><tr><th scope="col">clause</th><th scope="col">verdict</th><th scope="col" class="number">draws</th><th scope="col">test</th><th scope="col" class="number">p</th><th scope="col" class="number">share</th><th scope="col">smallest effect that it sees</th></tr></thead>
<tbody>
${joined(judged.map(row), "\n")}
</tbody></table></div>`;
  return section("noise", "Recovered noise", content);
}

function remarksPart({ remarks }: Report): Section | null {
  if (remarks.length === 0) return null;
  const lines = remarks.map((remark) => markup`<p class="remark">${remark}</p>`);
  return section("remarks", "Remarks", joined(lines, "\n"));
}

function chainPart(report: Report): Section | null {
  const { energy, golden } = report;
  const chart = energy?.steps ? energyChart(energy.steps, "energy") : null;
  const facts: (Markup | null)[] = [
    energy === null
      ? null
      : markup`<dl class="pairs"><dt>mean energy before</dt><dd>${
        shown(energy.first, 4)
      }</dd><dt>after</dt><dd>${shown(energy.last, 4)}</dd><dt>change</dt><dd>${
        Number(energy.change) > 0 ? "+" : ""
      }${
        shown(energy.change, 4)
      }</dd></dl><p class="quiet">Sixteen rows on a quadratic, with the official defaults.</p>`,
    golden.replayed > 0
      ? markup`<p>${golden.agreed} of ${golden.replayed} traces of the official code agree.</p>${
        golden.disagreed.length === 0
          ? null
          : markup`<p class="quiet">Not reproduced: ${golden.disagreed.join(", ")}.</p>`
      }`
      : golden.reason === undefined
      ? null
      : markup`<p class="quiet">No official trace was replayed: ${golden.reason}.</p>`,
  ];
  if (facts.every((fact) => fact === null) && chart === null) return null;
  return section(
    "chain",
    "A whole chain",
    markup`<div class="pair">${chart}<div>${joined(facts, "\n")}</div></div>`,
  );
}

function faultPart({ fault }: Report): Section {
  const facts = fault === undefined ? [] : faultFacts(fault);
  const outputs: [string, string | undefined][] = [
    ["Trace", fault?.trace],
    ["Standard error", fault?.stderr],
  ];
  return section(
    "fault",
    "What happened",
    markup`<div class="fault"><dl class="pairs">${
      joined(facts.map(([label, text]) => pair(label, markup`${text}`)))
    }</dl>
${
      joined(outputs.map(([label, text]) =>
        text === undefined
          ? null
          : markup`<h3>${label}</h3><pre tabindex="0" role="region" aria-label="${label}">${text}</pre>`
      ))
    }</div>`,
  );
}

/** A probability: two digits, powers of ten when small. */
function chance(value: Float): string {
  const number = Number(value);
  return number > 0 && number < 1e-3
    ? number.toExponential(1).replace(".0e", "e")
    : shown(value, 2);
}

/** A text that is cut where it becomes too long. */
function brief(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
