/**
 * The words of this project: one for each thing, and phrases that none of its texts has.
 *
 * @module
 */

/** A word, what it means here, and words that aren't used for it. */
export interface Term {
  readonly term: string;
  readonly meaning: string;
  readonly not: readonly string[];
}

/** One word for one thing. */
export const terms: readonly Term[] = [
  {
    term: "rule",
    meaning: "what a step of the chain does, as formulas",
    not: ["algorithm", "update equation"],
  },
  {
    term: "clause",
    meaning: "one sentence of the rule, with the test that judges it",
    not: ["requirement", "axiom"],
  },
  {
    term: "sampler",
    meaning: "code that takes a network and initial actions and returns actions",
    not: ["optimizer", "solver"],
  },
  {
    term: "port",
    meaning: "a sampler that was written after another one",
    not: ["re-implementation"],
  },
  {
    term: "target",
    meaning: "a sampler as it's plugged into ulaspec",
    not: ["subject", "system under test"],
  },
  {
    term: "action",
    meaning: "what the chain moves; one row of numbers",
    not: ["state", "position", "particle"],
  },
  { term: "row", meaning: "one chain among those of a call", not: ["batch element", "lane"] },
  {
    term: "axis",
    meaning: "one coordinate of an action",
    not: ["dimension", "component of the action"],
  },
  { term: "group", meaning: "the rows that belong to one observation", not: ["bucket"] },
  { term: "energy", meaning: "low for good actions; minus the logits", not: ["cost", "potential"] },
  {
    term: "logits",
    meaning: "what the official networks return; high for good actions",
    not: ["scores"],
  },
  {
    term: "step size",
    meaning: "the factor of the whole step, η",
    not: ["learning rate", "stepsize"],
  },
  {
    term: "schedule",
    meaning: "how the step size changes from step to step",
    not: ["annealing curve"],
  },
  { term: "noise scale", meaning: "the factor of the draw, σ", not: ["temperature"] },
  { term: "draw", meaning: "one standard normal number", not: ["random sample"] },
  {
    term: "delta clip",
    meaning: "the limit of a step, relative to half the range of the box",
    not: ["step clip", "trust region"],
  },
  {
    term: "gradient clip",
    meaning: "the limit of the gradient before it's halved",
    not: ["grad norm clip"],
  },
  { term: "box", meaning: "the bounds of all axes together", not: ["domain", "support"] },
  { term: "chain", meaning: "the points of one row, step by step", not: ["rollout"] },
  { term: "trace", meaning: "a recorded run of the official code", not: ["fixture", "snapshot"] },
  {
    term: "problem",
    meaning: "energy, settings, start and noise on which a sampler is run",
    not: ["test case"],
  },
  {
    term: "bug",
    meaning: "what's wrong in a sampler, for the person who mends it",
    not: ["anomaly"],
  },
  { term: "defect", meaning: "a bug of the catalogue, with an id", not: ["mutant"] },
  {
    term: "holds, violated",
    meaning: "the verdicts on a clause that was judged",
    not: ["passes", "fails"],
  },
  { term: "conforms, violates", meaning: "the verdicts on a sampler", not: ["valid", "invalid"] },
  {
    term: "tolerance",
    meaning: "how far float32 arithmetic may be from the exact rule",
    not: ["epsilon", "slack"],
  },
  { term: "ledger", meaning: "the terms of one step, expected against actual", not: ["breakdown"] },
];

/** A phrase that no text has, and what is written instead. */
export interface Banned {
  readonly phrase: string;
  readonly instead: string;
}

/** Phrases that sound translated, or say nothing. */
export const banned: readonly Banned[] = [
  {
    phrase: "so their law is not this sampler's",
    instead: 'ulaspec supplied the noise; set noise = "own" to test your generator',
  },
  { phrase: "is no fault", instead: "is fine" },
  { phrase: "is to be installed", instead: "nothing to install" },
  { phrase: "what one sees", instead: "symptom" },
  { phrase: "nothing beside ", instead: "nothing besides" },
  { phrase: "wanted a result", instead: "what belongs there, by name" },
  { phrase: "nobody knows", instead: "say what isn't known, or leave it out" },
  { phrase: "harms nobody", instead: "say what happens" },
  { phrase: "one's own", instead: "your own" },
  { phrase: "in order to", instead: "to" },
  { phrase: "held against", instead: "compared with" },
  { phrase: "on the average", instead: "on average" },
  { phrase: "finds fault with", instead: "rejects" },
  { phrase: "the suite has failed", instead: "ulaspec itself failed" },
  { phrase: "it should be noted", instead: "say it" },
  { phrase: "please note", instead: "say it" },
  { phrase: "as is well known", instead: "give the source" },
  { phrase: "utilize", instead: "use" },
  { phrase: "leverage", instead: "use" },
  { phrase: "seamless", instead: "say what works" },
  { phrase: "robust and", instead: "say what it withstands" },
  { phrase: "powerful", instead: "say what it does" },
];

/** The text of `docs/words.md`. */
export function wordsPage(): string {
  const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    "<!-- Generated by `deno task docs` from docs/words.ts. Do not edit. -->",
    "",
    "# The words of this project",
    "",
    "One word for one thing, everywhere: in code, reports, errors, help and pages.",
    "",
    row(["word", "meaning", "not"]),
    row(["---", "---", "---"]),
    ...terms.map(({ term, meaning, not }) => row([`**${term}**`, meaning, not.join(", ")])),
    "",
    "## How we write",
    "",
    "- Short words and active voice. Contractions are welcome.",
    "- The person is *you*; the program is *ulaspec*.",
    "- An error says what was found, what was wanted and where.",
    "- A number has a unit or a noun. A claim has a source or a test.",
    "- A comment says why, or what a reader can't see.",
    "",
    "## Phrases that we don't use",
    "",
    "A test looks for them in every text of the repository.",
    "",
    row(["instead of", "write"]),
    row(["---", "---"]),
    ...banned.map(({ phrase, instead }) => row([phrase.trim(), instead])),
    "",
  ].join("\n");
}
