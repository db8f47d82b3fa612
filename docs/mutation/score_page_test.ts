import { assert, assertEquals } from "@std/assert";
import { namedMutants, namedMutations } from "./named.ts";
import {
  type Explanation,
  mutationPage,
  type MutationRun,
  readRun,
  scoreOf,
} from "./score_page.ts";
import { sourcesOf, type Trial } from "./mutant_trials.ts";
import { checkoutFiles } from "./workspace.ts";

const root = new URL("../..", import.meta.url).pathname.replace(/\/$/, "");

const trial = (outcome: Trial["outcome"], before: string): Trial => ({
  file: "spec/laws.ts",
  line: 7,
  operator: "comparison",
  before,
  after: before.replace("<", "<="),
  occurrence: 1,
  outcome,
});
const trials = [
  trial("killed", "a < 1"),
  trial("timed out", "b < 1"),
  trial("survived", "c < 1 || d"),
  trial("survived", "e < 1"),
];
const run: MutationRun = {
  date: "2026-01-01",
  machine: "two cores",
  seed: 1,
  possible: 9000,
  seconds: 61,
  trials,
};

Deno.test("a mutant that is killed or comes to no end counts for the tests", () => {
  assertEquals(scoreOf(trials), 0.5);
  assertEquals(scoreOf([]), 1);
});

Deno.test("the page tells the score, and each survivor with why it survives", () => {
  const why = "Both give the same.";
  const explanations: Explanation[] = [
    { file: "spec/laws.ts", before: "e < 1", after: "e <= 1", why },
    { file: "spec/laws.ts", before: "e < 1", after: "e > 1", why: "Another change." },
  ];
  const page = mutationPage(run, explanations);
  assert(page.includes("**50 %**"));
  assert(page.includes("2 survive, 1 of them unexplained"));
  assert(
    page.includes("| `spec/laws.ts:7` | `c < 1 \\|\\| d` | `c <= 1 \\|\\| d` | unexplained |"),
  );
  assert(page.includes(`| \`spec/laws.ts:7\` | \`e < 1\` | \`e <= 1\` | ${why} |`));
  assert(!page.includes("Another change."));
  assert(mutationPage({ ...run, trials: [] }, []).includes("Nothing has been measured yet."));
});

Deno.test("the run that is shown drew as many mutants as it says, each once", async () => {
  const { trials } = await readRun();
  const keys = trials.map(({ file, before, after, occurrence }) =>
    [file, before, after, occurrence].join("\n")
  );
  assertEquals(new Set(keys).size, trials.length);
});

Deno.test("every named mutation has its place in the sources, once", async () => {
  const { lost, mutants } = namedMutants(await sourcesOf(root, await checkoutFiles(root)));
  assertEquals(lost, []);
  const names = new Set(namedMutations.map(({ name }) => name));
  assertEquals(mutants.length, names.size);
});
