import { assert, assertEquals } from "@std/assert";
import { testNeeding } from "../src/fixtures/needing.ts";
import { isWhole, sweep } from "../src/fixtures/sweep.ts";

const root = new URL("../", import.meta.url);
const text = (path: string) => Deno.readTextFile(new URL(path, root));
const guide = await text("docs/ci.md");
const action = await text(".github/actions/ulaspec/action.yml");
const golden = "docs/examples/pytest/test_golden.py";

/** Runs a program; a missing one has no exit code. */
async function run(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; out: string }> {
  try {
    const { code, stdout, stderr } = await new Deno.Command(command, {
      args: [...args],
      env: { ...env, NO_COLOR: "1" },
      cwd: root,
    }).output();
    const decoder = new TextDecoder();
    return { code, out: decoder.decode(stdout) + decoder.decode(stderr) };
  } catch {
    return { code: null, out: "" };
  }
}

const python = await run("python3", ["-c", "import numpy, pytest"]);
const pytest = ["-m", "pytest", "-q", "-p", "no:cacheprovider"];

const able = python.code === 0 || undefined;

testNeeding(
  "deno task test:all and python3 with numpy and pytest",
  isWhole ? able : undefined,
  "the pytest example agrees with the official code on every trace it can run",
  async () => {
    const { code, out } = await run("python3", [...pytest, golden]);
    assertEquals(code, 0, out);
    assert(Number(/(\d+) passed/.exec(out)?.[1]) >= 48, out);
  },
);

testNeeding(
  "deno task test:all and python3 with numpy and pytest",
  isWhole ? able : undefined,
  "the pytest example refuses a port without the half, and says where",
  async () => {
    const folder = await Deno.makeTempDir();
    try {
      const wrong = (await text(golden)).replace("0.5 * slope", "slope");
      await Deno.writeTextFile(`${folder}/test_golden.py`, wrong);
      // The traces lie beside it, as the guide says.
      await Deno.symlink(new URL("golden/traces", root), `${folder}/traces`);
      const { code, out } = await run("python3", [...pytest, "-x", `${folder}/test_golden.py`]);
      assertEquals(code, 1, out);
      assert(/step \d+, row \d+, axis \d+: found \S+ wanted/.test(out), out);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

const torch = Deno.env.get("ULASPEC_PYTHON");
const withTorch = torch && (await run(torch, ["-c", "import torch, pytest"])).code === 0;

testNeeding(
  "deno task test:all and ULASPEC_PYTHON with torch and pytest",
  isWhole && withTorch ? torch : undefined,
  "the pytest example in torch agrees with every trace, and refuses a port without the half",
  async (python) => {
    const file = "docs/examples/pytest/test_golden_torch.py";
    const { code, out } = await run(python, [...pytest, file]);
    assertEquals([code, Number(/(\d+) passed/.exec(out)?.[1]) >= 47], [0, true], out);
    const folder = await Deno.makeTempDir();
    try {
      const wrong = (await text(file)).replace("0.5 * slope", "slope");
      await Deno.writeTextFile(`${folder}/test_golden_torch.py`, wrong);
      await Deno.writeTextFile(`${folder}/test_golden.py`, await text(golden));
      await Deno.symlink(new URL("golden/traces", root), `${folder}/traces`);
      const { code, out } = await run(python, [...pytest, "-x", `${folder}/test_golden_torch.py`]);
      assertEquals(code, 1, out);
      assert(/row \d+, axis \d+: found \S+ wanted/.test(out), out);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

Deno.test("the Python snippet of the guide stands in the example", async () => {
  const [, snippet] = /```python\n([^]*?)```/.exec(guide)!;
  assert((await text(golden)).includes(snippet!));
});

Deno.test("the guide lists the inputs of the action with their defaults", () => {
  const inputs = [...action.split("\noutputs:")[0]!.matchAll(
    /^ {2}(\w+):\n {4}description: .*\n {4}default: "?([^"\n]*)"?$/gm,
  )].map(([, name, value]) => [name!, value!] as const);
  assertEquals(inputs.length, 6);
  const table = [...guide.matchAll(/^\| `(\w+)` +\|.*\| *`?(\w*)`? *\|$/gm)]
    .map(([, name, value]) => [name!, value!] as const);
  assertEquals(table, inputs);
});

/** What the step of the action does with some inputs. */
async function judged(inputs: Readonly<Record<string, string>>) {
  const folder = await Deno.makeTempDir();
  const file = (name: string) => Deno.readTextFile(`${folder}/${name}`).catch(() => "");
  try {
    const { code, out } = await run(Deno.execPath(), [
      ...["run", "-q", "-A", "--config", "deno.json", ".github/actions/ulaspec/judge_target.ts"],
    ], {
      ULASPEC_TARGET: "",
      ULASPEC_COMMAND: "",
      ULASPEC_PROFILE: "quick",
      ULASPEC_OUTPUT: `${folder}/report`,
      GITHUB_STEP_SUMMARY: `${folder}/summary`,
      GITHUB_OUTPUT: `${folder}/output`,
      ...inputs,
    });
    return {
      code,
      out,
      report: await file("report"),
      summary: await file("summary"),
      output: await file("output"),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

sweep("the action fails on a faulty port, with a summary, a report and the verdict", async () => {
  const { code, report, summary, output } = await judged({
    ULASPEC_TARGET: "defect:delta-clip-missing",
    ULASPEC_FORMAT: "junit",
  });
  assertEquals(code, 1);
  assertEquals(output, "verdict=violates\n");
  assert(summary.startsWith("#") && summary.includes("delta-clip/limits-step"));
  assert(report.startsWith("<?xml"));
});

Deno.test("the action runs a command, and fails where it judges nothing", async () => {
  const { code, out, output } = await judged({ ULASPEC_COMMAND: "echo no weights >&2; exit 3" });
  assertEquals([code, output], [2, "verdict=not run\n"], out);
  assert(out.includes("no weights"), out);
});

sweep("the action passes on a command that conforms", async () => {
  const { code, out, output } = await judged({
    ULASPEC_COMMAND:
      `"${Deno.execPath()}" run -q -A --config deno.json docs/examples/process/plain_target.ts`,
    ULASPEC_FORMAT: "badge-json",
  });
  assertEquals([code, output], [0, "verdict=conforms\n"], out);
});

Deno.test("the action refuses inputs that make no sense", async () => {
  const none = await judged({});
  assertEquals(none.code, 2);
  assert(none.out.includes("found no input, wanted either target or command"), none.out);
  const format = await judged({ ULASPEC_TARGET: "reference", ULASPEC_FORMAT: "pdf" });
  assert(format.out.includes("found the format pdf, wanted pretty, json"), format.out);
  if (!isWhole) return;
  const seed = await judged({ ULASPEC_TARGET: "reference", ULASPEC_SEED: "many" });
  assertEquals(seed.code, 2);
  assert(seed.out.includes("many"), seed.out);
});
