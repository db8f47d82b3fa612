/**
 * The page `docs/rule.md`: the rule, its clauses and the proofs of its theorems.
 *
 * @module
 */

import { ruleInCode, stepFormulas } from "./rule_code.ts";
import { defectsThatBreak } from "../src/defects/defects.ts";
import { type Clause, clauses } from "../properties/clauses.ts";
import { symbolsOf } from "../spec/formula/expression.ts";
import { hoeffdingRadius } from "../spec/laws.ts";
import { officialDefaults } from "../spec/problem.ts";
import { parseRuleFormula } from "../spec/compiled_rule.ts";
import { officialRule, type RuleSymbol, ruleSymbols, stepSizes } from "../spec/rule.ts";
import { features } from "../spec/sampler.ts";
import { anchor, defectLink, math, shown, tex } from "./page_parts.ts";
import type { Example } from "./example_words.ts";
import { ruleExamples } from "./rule_examples.ts";
import type { Picture } from "./panels.ts";
import { rulePictures } from "./rule_pictures.ts";

/** Symbols that the official rule itself uses, in the order of their table. */
function officialSymbols(): RuleSymbol[] {
  const used = new Set(
    [
      officialRule.gradClip,
      officialRule.drift,
      officialRule.noise,
      officialRule.step,
      officialRule.limit,
      officialRule.clippedStep,
      officialRule.result,
      officialRule.polynomial,
      officialRule.exponential,
      officialRule.gradientOfExp,
    ].flatMap((formula) => symbolsOf(parseRuleFormula(formula, ruleSymbols))),
  );
  return (Object.keys(ruleSymbols) as RuleSymbol[]).filter((symbol) => used.has(symbol));
}

const levelWords: Readonly<Record<Clause["level"], string>> = {
  must: "every sampler that follows the rule",
  may: "samplers that have the feature",
  theorem: "a consequence, proved below",
};

/** What an example says, in one paragraph. */
function exampleText({ problem, rule, wrong }: Example): string {
  const other = `${defectLink(wrong.defect)} ${wrong.does}`;
  return `**Example.** ${problem}. ${rule[0]!.toUpperCase()}${rule.slice(1)}; ${other}.`;
}

function clauseSection(clause: Clause, example: Example): string {
  const lines = [
    `### <a id="${anchor(clause.id)}"></a>\`${clause.id}\``,
    "",
    clause.sentence,
    "",
    `**Why it matters.** ${clause.why}`,
    "",
  ];
  if (clause.formula) lines.push(math(tex(clause.formula)), "");
  const facts = [`**Binds** ${levelWords[clause.level]}`, `**source** ${clause.source}`];
  if (clause.feature) facts.push(`**needs** \`${clause.feature}\` (${features[clause.feature]})`);
  if (clause.needs) facts.push(`**needs** ${clause.needs}`);
  lines.push(facts.join(" · "), "");
  if (clause.remark) lines.push(`> ${clause.remark}`, "");
  lines.push(exampleText(example), "");
  const broken = defectsThatBreak(clause.id);
  if (broken.length > 0) {
    lines.push(`Broken by ${broken.map(({ id }) => defectLink(id)).join(", ")}.`, "");
  }
  if (clause.buildsOn.length > 0) {
    lines.push(
      `Builds on ${clause.buildsOn.map((id) => `[\`${id}\`](#${anchor(id)})`).join(", ")}.`,
      "",
    );
  }
  return lines.join("\n");
}

const groupWords: Readonly<Record<string, string>> = {
  steps: "Steps",
  start: "Start",
  drift: "Drift",
  noise: "Noise",
  schedule: "Schedule",
  result: "Result",
  "grad-clip": "Gradient clip",
  bounds: "Bounds",
  "delta-clip": "Delta clip",
  state: "State",
  rows: "Rows",
  "apply-exp": "Exponentiated output",
  chain: "Reports of the chain",
  step: "The whole step",
  energy: "Energy",
  golden: "Official traces",
};

/** The way to every clause. */
function contents(groups: ReadonlyMap<string, readonly Clause[]>): string {
  const rows = [...groups].map(([group, members]) =>
    `| ${groupWords[group] ?? group} | ${
      members.map(({ id }) => `[\`${id.slice(group.length + 1)}\`](#${anchor(id)})`).join(" ")
    } |`
  );
  return [
    "[One step](#one-step) · [In code](#in-code) · [What is left open](#what-is-left-open) · " +
    "[What the rule is not](#what-the-rule-is-not) · [The clauses](#the-clauses) · " +
    "[Proofs](#proofs)",
    "",
    "| group | clauses |",
    "|---|---|",
    ...rows,
  ].join("\n");
}

function scheduleTable(): string {
  const { schedule } = officialDefaults;
  const columns = [25, 100];
  const sizes = columns.map((steps) => stepSizes(schedule, steps));
  const rows = [0, 1, 5, 12, 23, 24].map((k) =>
    `| ${k} | ${sizes.map((list) => list[k]!.toPrecision(4)).join(" | ")} |`
  );
  return [
    `| step k | $\\eta_k$, N = ${columns[0]} | $\\eta_k$, N = ${columns[1]} |`,
    "|---:|---:|---:|",
    ...rows,
    `| sum | ${
      sizes.map((list) => list.reduce((sum, size) => sum + size, 0).toFixed(3)).join(" | ")
    } |`,
  ].join("\n");
}

/** Which picture stands at the head of a group of clauses. */
const groupPictures: Readonly<Record<string, readonly string[]>> = {
  drift: ["drift"],
  noise: ["noiseSize", "noiseLaws"],
  schedule: ["schedules"],
  "grad-clip": ["gradClip"],
  bounds: ["bounds"],
  "delta-clip": ["deltaClip"],
  "apply-exp": ["applyExp"],
  energy: ["expectedDescent"],
};

/** The text of `docs/rule.md`. */
export async function rulePage(): Promise<string> {
  const [pictures, examples] = await Promise.all([rulePictures(), ruleExamples()]);
  const picture = (name: string): Picture => pictures[name]!;
  const groups = Map.groupBy(clauses as readonly Clause[], (clause) => clause.id.split("/")[0]!);
  const defaults = officialDefaults.schedule;
  if (defaults.kind !== "polynomial") throw new Error("the default schedule is polynomial");
  return `<!-- Generated by \`deno task docs\` from spec/. Do not edit. -->

# The rule

The Langevin update of Implicit Behavioral Cloning, as the official code runs it
(\`google-research/ibc\`, \`ibc/agents/mcmc.py\`). One step is six lines:

\`\`\`ts
${stepFormulas}
\`\`\`

Here \`gt\` is the gradient after its clip, \`xi\` a standard normal draw, \`sigma\` the noise scale,
\`eta\` the step size, \`c\` the delta clip, and \`[lo, hi]\` the box. Every formula on this page is the
text that the specification executes.

${contents(groups)}

## One step

A network gives logits $f$ for an observation and an action; its energy is $E = -f$, low for good
actions. A network that returns an energy is used as it is, and one that returns logits has its sign
turned once. Both conform. From the actions $a$ before step $k$, for every row and axis by itself,
with $g = \\partial E / \\partial a$:

${
    math(
      "\\begin{aligned}",
      [
        ["\\tilde g", officialRule.gradClip],
        ["\\mathit{drift}", officialRule.drift],
        ["\\mathit{noise}", officialRule.noise],
        ["\\delta", officialRule.step],
        ["\\ell", officialRule.limit],
        ["\\tilde\\delta", officialRule.clippedStep],
        ["a_{k+1}", officialRule.result],
      ].map(([left, formula]) => `${left} &= ${tex(formula!)} \\\\`).join("\n"),
      "\\end{aligned}",
    )
  }

Without a gradient clip, $\\tilde g = g$. With \`apply_exp\` the network's output is exponentiated, so
that $g$ becomes $${tex(officialRule.gradientOfExp)}$.

The step sizes are

${
    math(
      "\\begin{aligned}",
      "\\eta_0 &= \\mathit{init} \\\\",
      `\\eta_k &= ${tex(officialRule.polynomial)} \\\\`,
      "& (k = 1, \\dots, N-1)",
      "\\end{aligned}",
    )
  }

or, with the exponential schedule, $\\eta_k = ${tex(officialRule.exponential)}$. With the defaults
(init ${defaults.init}, final ${defaults.final}, power ${defaults.power}):

${scheduleTable()}

| symbol | meaning |
|---|---|
${
    officialSymbols().map((symbol) =>
      `| $${ruleSymbols[symbol].tex}$ | ${ruleSymbols[symbol].meaning} |`
    ).join("\n")
  }

Defaults of the official code: ${officialDefaults.steps} steps, noise scale ${officialDefaults.noiseScale}, delta clip ${officialDefaults.deltaClip}, no
gradient clip, gradient norms of order ${officialDefaults.gradNorm}.

## In code

This is what runs: the essential lines of [\`spec/rule.ts\`](../spec/rule.ts), which is the rule, whole,
in 200 lines. \`loop\` has the named steps around these: the start, the draws, where the gradient is
taken, what is reported and returned.

\`\`\`ts
${ruleInCode}
\`\`\`

## What is left open

- The sign of the noise: a normal draw and its negative have the same law.
- The order of floating-point operations: the tolerance covers float32 in any order.
- The coordinates of the chain: places in the box from -1 to 1, distances from a bound, what the mean and
  the deviation of data make of actions. They round by the size of the box, which a run
  [tells from a fault](statistics.md#coordinates-of-a-samplers-own).
- Optional features: a sampler without a gradient clip or without reports is *unsupported* there,
  never *violated*.
- What becomes of a row whose gradient is not a number.
- Box bounds with max below min have no meaning; a sampler should refuse them.

## What the rule is not

It does not sample $\\exp(-E)$: with a constant step size $\\eta$ it settles at a temperature of about
$\\eta\\sigma^2$, which vanishes with the step size, while textbook Langevin dynamics settles near 1.
[Not the textbook sampler](textbook.md) puts both side by side, shows what a port of
the textbook looks like in a check, and says how to convert between them.

# The clauses

Each has an example: a small problem, what the rule does on it, and what a sampler with one of the
[known defects](defects.md) does. Both run when this page is generated. Rows, axes and steps are
counted from 0. In the pictures the rule is drawn solid, and what is wrong dashed.

${
    [...groups].map(([group, members]) =>
      [
        `## ${groupWords[group] ?? group}\n`,
        ...(groupPictures[group] ?? []).map((name) => `${shown(picture(name))}\n`),
        ...members.map((clause) => clauseSection(clause, examples.get(clause.id)!)),
      ].join("\n")
    ).join("\n")
  }
# Proofs

## One step is one clamp of a normal draw

Both clips are monotone clamps, and a composition of monotone clamps is a clamp:

${
    math(
      "\\begin{aligned}",
      "& \\mathrm{clip}(a - \\mathrm{clip}(\\delta, -\\ell, \\ell), \\mathit{lo}, \\mathit{hi}) \\\\",
      "& \\quad = \\mathrm{clip}(a - \\delta, L, U) \\\\",
      "& L = \\mathrm{clip}(a - \\ell, \\mathit{lo}, \\mathit{hi}) \\\\",
      "& U = \\mathrm{clip}(a + \\ell, \\mathit{lo}, \\mathit{hi})",
      "\\end{aligned}",
    )
  }

Rounding is monotone too, so this holds bit for bit. Given $a$ the gradient is a number, whatever the
energy; hence each coordinate of the next point is, independently of the others, a normal variable of
mean $\\mu = a - \\eta\\tilde g/2$ and deviation $s = \\eta\\sigma$, clamped to $[L, U]$. Its moments are
known in closed form (\`spec/laws.ts\`), and [the statistics](statistics.md) rest on it.

${shown(picture("oneStep"))}

## <a id="sure-descent"></a>Without noise the energy falls for sure

Let the gradient of $E$ be $L$-Lipschitz, $\\sigma = 0$ and $a$ inside the bounds. Every clip keeps the
sign of a coordinate's movement $D_i = a_i - a'_i$ and makes it smaller, and unclipped
$D_i = \\eta g_i / 2$. So $g_i D_i \\ge (2/\\eta) D_i^2$ for each $i$, and with
$E(a') \\le E(a) - g \\cdot D + (L/2)|D|^2$,

${math("E(a') \\le E(a) - \\left(\\frac{2}{\\eta} - \\frac{L}{2}\\right) |D|^2.")}

For $\\eta \\le 4/L$ no step raises the energy, convex or not. Beyond $4/L$ one does, on a quadratic.

## <a id="expected-descent"></a>With noise the mean energy falls far from the minimum and rises near it

For a quadratic $\\sum_i h_i (a_i - m_i)^2/2$, and for a linear energy with $h = 0$,

${
    math(
      "\\mathbb{E}[E(a')] - E(a) = \\sum_i \\left( -g_i\\,\\mathbb{E}[D_i] + \\frac{h_i}{2}\\,\\mathbb{E}[D_i^2] \\right)",
    )
  }

exactly, all clips acting, with the moments of the clamped normal law. For any energy whose second
derivatives lie between $\\mu$ and $L$ the same sum with $\\mu$ or $L$ in the place of $h_i$ bounds the
change from both sides. Without clips the change on a quadratic is

${
    math(
      "-\\frac{\\eta}{2}|g|^2 + \\frac{\\eta^2}{8} g^\\top H g + \\frac{\\eta^2\\sigma^2}{2}\\,\\mathrm{tr}\\,H,",
    )
  }

which is positive at the minimum, where $g = 0$: there the noise can only lift the energy. “The energy
decreases in expectation” is therefore asserted only where the exact sum says so, its opposite where
the sum says that, and in between the value itself is compared. The mean of $B$ independent rows is
compared within Hoeffding's radius: a correct sampler leaves it with probability at most
$10^{-10}$; for energies of range 1 and 2,048 rows the radius is ${
    hoeffdingRadius(1, 2048, 1e-10).toFixed(3)
  }.
`;
}
