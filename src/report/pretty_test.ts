import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { notRun } from "../run/verdicts/not_run.ts";
import { json } from "./json.ts";
import { rough, shown, wrap } from "./layout.ts";
import { pretty } from "./pretty.ts";
import type { Report } from "./report.ts";
import { reportSchema } from "./schema.ts";

const plain = { color: false, width: 100 };
const clause = {
  level: "must" as const,
  sentence: "It holds.",
  verdict: "holds" as const,
  cases: 8,
  comparisons: 80,
};

const conforming: Report = {
  format: "ulaspec-report/1",
  verdict: "conforms",
  target: { name: "mine", networkReturns: "logits", unsupported: ["grad-clip"] },
  seed: 7,
  profile: "standard",
  clauses: [
    { ...clause, id: "steps/count" },
    { ...clause, id: "drift/half" },
    { ...clause, id: "drift/descends" },
    {
      ...clause,
      id: "grad-clip/limits",
      level: "may",
      verdict: "unsupported",
      reason: "The sampler lacks grad-clip",
    },
  ],
  remarks: ["This sampler turns the sign of its draws."],
  golden: {
    replayed: 49,
    agreed: 49,
    worst: { trace: "narrow-box", distance: 0.3141 },
    disagreed: [],
  },
  energy: { first: 2.25, last: 0.125, change: -2.125 },
  elapsedMs: 1234,
};

const violating: Report = {
  ...conforming,
  verdict: "violates",
  clauses: [
    { ...clause, id: "steps/count" },
    {
      ...clause,
      id: "delta-clip/limits-step",
      verdict: "violated",
      counterexample: {
        message: "Step 0 moves row 0, axis 0 by 0.5; the limit is 0.125",
        problem: {
          energy: "(-1)*a1",
          settings: {
            bounds: { min: [-1], max: [1] },
            steps: 1,
            schedule: { kind: "polynomial", init: 8, final: 8, power: 2 },
            noiseScale: 1,
            gradClip: null,
            deltaClip: 0.125,
            gradNorm: "inf",
            applyExp: false,
          },
          groups: 1,
          samples: 1,
          axes: 1,
          observations: [[]],
          initial: [[0]],
          noise: { kind: "tape", draws: [[[0]]] },
          seed: 1,
        },
        step: 0,
        row: 0,
        axis: 0,
        expected: 0.125,
        actual: 0.5,
        tolerance: 1e-8,
        distance: 3.75e7,
        ulps: 16777216,
        ledger: [
          {
            term: "step",
            formula: "eta * (drift + noise)",
            expected: -4,
            actual: -4,
            basis: "not contradicted",
            differs: false,
          },
          {
            term: "clippedStep",
            formula: "min(max(delta, -limit), limit)",
            expected: -0.125,
            actual: -0.5,
            basis: "observed",
            differs: true,
          },
        ],
      },
      replay: "ulaspec check ./mine.ts --clause delta-clip/limits-step --seed 7 --path 0",
    },
    ...(["delta-clip/per-axis", "delta-clip/zero"] as const).map((id) => ({
      ...clause,
      id,
      verdict: "not judged" as const,
      reason: "It builds on delta-clip/limits-step, which is violated",
      because: { kind: "foundation" as const, clause: "delta-clip/limits-step" },
    })),
  ],
  remarks: [],
  golden: { replayed: 0, agreed: 0, worst: null, disagreed: [], reason: "not judged" },
};

const named: Report = {
  ...violating,
  diagnosis: {
    view: "points and tape",
    defects: [{
      id: "delta-clip-missing",
      title: "Steps are not limited",
      fix: "Clip drift plus noise.",
      certain: true,
    }],
  },
};

const faulty = notRun("./gone.ts", {
  kind: "missing",
  found: "./gone.ts, which does not exist",
  wanted: "the file of a module that exports a sampler",
}, { seed: 1, profile: "quick", elapsedMs: 3 });

Deno.test("the reports of these tests keep the schema", () => {
  for (const report of [conforming, violating, faulty]) reportSchema.parse(report);
});

Deno.test("a conforming report is its verdict and what it rests on", () => {
  assertEquals(
    pretty(conforming, plain),
    `✓ mine conforms: 3 clauses hold, 49 of 49 traces agree
  its network returns logits · seed 7 · profile standard · 1.2 s

  · 1 clause needs features it lacks, and that's fine: --verbose lists them
  remarks          This sampler turns the sign of its draws.
  energy           mean 2.25 → 0.125 (-2.125) over a chain with the defaults
`,
  );
});

Deno.test("the verbose form has a line for every group of clauses", () => {
  const text = pretty(conforming, plain, { verbose: true });
  for (const { id } of conforming.clauses) assertStringIncludes(text, id.split("/")[0]!);
  assertStringIncludes(text, "✓ drift       2 clauses hold\n");
});

Deno.test("a violation is shown with its smallest problem, its ledger and its replay", () => {
  assertEquals(
    pretty(violating, plain),
    `✗ mine violates 1 clause: delta-clip/limits-step
  its network returns logits · seed 7 · profile standard · 1.2 s

✗ delta-clip/limits-step
  It holds.   min(max(delta, -limit), limit)

  Step 0 moves row 0, axis 0 by 0.5; the limit is 0.125.

  The smallest problem that shows it
  energy           (-1)*a1
  box              [-1, 1]
  steps            1
  step size        8
  noise            draws of zero
  delta clip       0.125
  initial action   0
  expected         0.125
  actual           0.5
  distance         0.375 = 3.75e7 tolerances = 1.68e7 ulps

    term          formula                         expected  actual  how it is known
    step          eta * (drift + noise)                 -4      -4  not contradicted
  → clipped step  min(max(delta, -limit), limit)    -0.125    -0.5  observed
  replay           ulaspec check ./mine.ts --clause delta-clip/limits-step --seed 7 --path 0

  · 2 not judged: they build on delta-clip/limits-step, which is violated

✗ mine violates 1 clause: delta-clip/limits-step
`,
  );
});

Deno.test("the bug, its fix and the measured rule come before the violation, and last its name", () => {
  const lines = pretty(named, plain).split("\n");
  const at = (start: RegExp) => lines.findIndex((line) => start.test(line));
  assertEquals(
    lines.findLast((line) => line !== ""),
    "✗ mine violates 1 clause; the bug: delta-clip-missing",
  );
  assert(
    at(/^ {2}bug /) < at(/^ {2}fix /) && at(/^ {2}fix /) < at(/^✗ delta-clip/),
    lines.join("\n"),
  );
});

Deno.test("what the ledger's last line says isn't said above it", () => {
  const clauses = violating.clauses.map((clause) =>
    clause.counterexample === undefined
      ? clause
      : { ...clause, counterexample: { ...clause.counterexample, expected: -0.125, actual: -0.5 } }
  );
  const text = pretty({ ...violating, clauses }, plain);
  assert(!/^ {2}(expected|actual) /m.test(text), text);
  assertStringIncludes(text, "  distance ");
});

Deno.test("of several violations the first is shown in full, unless all are wanted", () => {
  const second = violating.clauses.map((clause) =>
    clause.id === "steps/count"
      ? { ...clause, verdict: "violated" as const, reason: "It takes 3 steps" }
      : clause
  );
  const report = { ...violating, clauses: second.toReversed() };
  const whole = (text: string) => text.split("\n").filter((line) => /^✗ \S+\/\S+$/.test(line));
  assertEquals(whole(pretty(report, plain)), ["✗ delta-clip/limits-step"]);
  assertStringIncludes(pretty(report, plain), "\n✗ steps/count: It takes 3 steps\n");
  assertEquals(whole(pretty(report, plain, { verbose: true })).length, 2);
});

Deno.test("a run that did not take place is one message", () => {
  const text = `! ./gone.ts was not judged
  found   ./gone.ts, which does not exist
  wanted  the file of a module that exports a sampler
`;
  assertEquals(pretty(faulty, plain), text);
});

Deno.test("colours change nothing but colours", () => {
  for (const report of [conforming, violating, faulty]) {
    const colored = pretty(report, { ...plain, color: true });
    // deno-lint-ignore no-control-regex
    assertEquals(colored.replaceAll(/\x1b\[[\d;]*m/g, ""), pretty(report, plain));
    assert(colored.includes("\x1b["));
  }
});

Deno.test("no line but the replay command is wider than the terminal", () => {
  for (const width of [60, 80, 100]) {
    for (const line of pretty(violating, { color: false, width }).split("\n")) {
      assert(line.length <= width || line.includes("replay"), `${width}: ${line}`);
    }
  }
});

Deno.test("JSON has its keys in one order, whatever order they came in", () => {
  const turned = Object.fromEntries(Object.entries(conforming).reverse()) as unknown as Report;
  assertEquals(json(turned), json(conforming));
  assertEquals(reportSchema.parse(JSON.parse(json(conforming))), conforming);
  assertEquals(Object.keys(JSON.parse(json(faulty))).slice(0, 2), ["format", "verdict"]);
  assert(json(faulty).endsWith("}\n"));
});

Deno.test("numbers are short and exact enough", () => {
  assertEquals(
    [0.1 + 0.2, 1 / 3, 1e-5, -0, NaN, "-0", "Infinity"].map((value) => shown(value)),
    ["0.3", "0.333333333", "0.00001", "0", "NaN", "0", "Infinity"],
  );
  assertEquals([3.14159, 23456789, Infinity].map(rough), ["3.14", "2.35e7", "Infinity"]);
});

Deno.test("text is wrapped at spaces", () => {
  assertEquals(wrap("one two three", 7), ["one two", "three"]);
});
