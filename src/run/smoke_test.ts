import { assert, assertEquals, assertMatch } from "@std/assert";
import { run } from "../fixtures/command_line.ts";
import { testNeeding } from "../fixtures/needing.ts";
import { findPython } from "../fixtures/python_rule.ts";
import { prettySmoke } from "../report/smoke_page.ts";
import { smoke, type SmokeReport } from "./smoke.ts";

const examples = new URL("../../docs/examples/process/", import.meta.url).pathname;
const text = await Deno.readTextFile(`${examples}plain_target.py`);

const python = await findPython();

/** Tests the harness of the plain target with one piece of its text changed. */
async function smoked(from: string, to: string): Promise<SmokeReport> {
  assert(text.includes(from), from);
  const folder = await Deno.makeTempDir();
  try {
    await Deno.copyFile(`${examples}formula.py`, `${folder}/formula.py`);
    await Deno.writeTextFile(`${folder}/target.py`, text.replace(from, () => to));
    return await smoke(["python3", `${folder}/target.py`], { timeout: 20, grace: 1 });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A harness with one fault fails exactly one check, with a message that names it. */
function faulty(
  name: string,
  from: string,
  to: string,
  wanted: { readonly sentence: RegExp; readonly found: RegExp; readonly wanted?: RegExp },
): void {
  testNeeding(
    "Python 3.9",
    python,
    `a harness that ${name} is found out`,
    async () => {
      const report = await smoked(from, to);
      const fails = report.checks.filter((check) => check.verdict === "fails");
      assertEquals(
        [report.verdict, fails.length],
        ["faulty", 1],
        prettySmoke(report, {
          color: false,
          width: 100,
        }),
      );
      assertMatch(fails[0]!.sentence, wanted.sentence);
      assertMatch(fails[0]!.fault!.found, wanted.found);
      if (wanted.wanted) assertMatch(fails[0]!.fault!.wanted, wanted.wanted);
    },
  );
}

testNeeding("Python 3.9", python, "a sound harness passes every check", async () => {
  const report = await smoked("", "");
  assertEquals(report.checks.filter((check) => check.verdict !== "passes"), []);
  assertEquals(report.verdict, "sound");
});

faulty(
  "ignores the tape",
  "for row, g, xi in zip(x, slopes, tape[k])",
  "for row, g, xi in zip(x, slopes, x)",
  {
    sentence: /noise is the tape/,
    found: /the same final actions with two different tapes/,
  },
);
faulty(
  "draws noise of its own",
  "zip(x, slopes, tape[k])",
  "zip(x, slopes, [[__import__('random').gauss(0, 1) for a in row] for row in x])",
  {
    sentence: /noise is the tape/,
    found: /two different results with the same tape/,
    wanted: /noise = "own"/,
  },
);
faulty(
  "seeds a generator of its own by the problem",
  "zip(x, slopes, tape[k])",
  `zip(x, slopes, [[__import__('random').Random(100 * problem["seed"] + 10 * k + r + i / 8)` +
    ".gauss(0, 1) for i in range(len(row))] for r, row in enumerate(x)])",
  {
    sentence: /noise is the tape/,
    found: /the same final actions with two different tapes/,
    wanted: /draw k of noise\.draws .* or noise = "own" if it draws its own/,
  },
);
faulty(
  "adds noise from a seed to that of the tape",
  "zip(x, slopes, tape[k])",
  `zip(x, slopes, [[t + __import__('random').Random(problem["seed"]).random() for t in row]` +
    " for row in tape[k]])",
  { sentence: /noise is the tape/, found: /two different results with the same tape/ },
);
faulty("counts twice the draws", `"draws": settings["steps"]`, `"draws": 2 * settings["steps"]`, {
  sentence: /counts its draws/,
  found: /2 draws in a chain of 1 step$/,
});
faulty("logs no gradients", `"kind": "gradient"`, `"kind": "outputs"`, {
  sentence: /at which points/,
  found: /3 questions, none of them for a gradient/,
});
faulty(
  "logs the same list again and again",
  `"points": x}`,
  `"points": numbers(problem["initial"])}`,
  { sentence: /at which points/, found: /3 questions at one and the same point/ },
);
faulty(
  "rounds its floats",
  `"initialAfter": problem["initial"]`,
  `"initialAfter": [[round(a, 6) for a in row] for row in numbers(problem["initial"])]`,
  {
    sentence: /Floats survive/,
    found: /as initialAfter\[0\]\[0\]/,
  },
);
faulty(
  "keeps one sampler only",
  `settings = prepared[request["prepared"]]`,
  `settings = prepared[-1]`,
  {
    sentence: /several samplers/,
    found: /another result of the first sampler once a second one is prepared \(2 questions/,
  },
);
faulty(
  "mixes up its ids",
  `{"id": request["id"], **answer`,
  `{"id": request["id"] ^ (request["id"] > 8), **answer`,
  {
    sentence: /./,
    found: /a second answer with the id|an answer with the id \d+, which nobody asked/,
  },
);
faulty("claims a feature and lacks it", `["apply-exp", `, "[", {
  sentence: /can do what it does not list/,
  found: /unsupported to prepare: apply-exp/,
});
faulty(
  "reports what it lists as lacking",
  `"final": x,`,
  `"final": x, "chain": {"actions": [x] * settings["steps"]},`,
  {
    sentence: /one entry per step/,
    found: /chain\.actions, though chain-actions is listed/,
  },
);
faulty("reports too few steps", `"final": x,`, `"final": x, "chain": {"outputs": []},`, {
  sentence: /one entry per step/,
  found: /chain\.outputs, though|0 entries/,
});
faulty(
  "lacks a function",
  "from formula import gradient",
  "import formula\nfrom formula import gradient\ndel formula.FUNCTIONS['tanh']",
  { sentence: /every function/, found: /code 1 during sample/ },
);
faulty("never ends", `    if request["type"] == "stop":\n        break`, "while True:\n    pass", {
  sentence: /ends when it is told/,
  found: /did not end within 1 s of stop/,
});
faulty("ends with an error", `        break`, "        sys.exit(4)", {
  sentence: /ends when it is told/,
  found: /code 4 after stop/,
});

Deno.test("a command that says nothing gives 2, its last words and no other line", async () => {
  const command = ["sh", "-c", "echo no module >&2; exit 3"];
  const { code, out } = await run("smoke", "--", ...command);
  assertEquals(code, 2);
  assertMatch(out, /^! There is nothing to talk to: sh -c/);
  assertMatch(out, /✗ It starts .*\n +found +an end of the process with code 3/);
  assertMatch(out, /stderr +no module\n$/);
  const json = await run("smoke", "--format", "json", "--", ...command);
  assertEquals(json.code, 2);
  assertEquals((JSON.parse(json.out) as SmokeReport).verdict, "not run");
  assertEquals((await run("smoke")).code, 2);
});
