import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { faultyListPort as faulty, listPort as port } from "../fixtures/list_port.ts";
import { testNeeding } from "../fixtures/needing.ts";
import { isWhole, lightClauses } from "../fixtures/sweep.ts";

const root = decodeURIComponent(new URL("../../", import.meta.url).pathname);
const python = Deno.env.get("ULASPEC_PYTHON");

async function has(module: string): Promise<string | undefined> {
  if (python === undefined) return undefined;
  const { success } = await new Deno.Command(python, { args: ["-c", `import ${module}`] }).output();
  return success ? python : undefined;
}

interface Tested {
  readonly code: number;
  /** Test → passed, failed, skipped. */
  readonly outcomes: ReadonlyMap<string, string>;
  readonly text: string;
}

async function pytest(python: string, module: string, ...options: string[]): Promise<Tested> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/test_port.py`, module);
    await Deno.writeTextFile(`${folder}/pytest.ini`, "[pytest]\nulaspec_profile = quick\n");
    const { code, stdout, stderr } = await new Deno.Command(python, {
      args: ["-m", "pytest", "-p", "ulaspec.pytest_plugin", "-rA", "--color=no", ...options],
      cwd: folder,
      env: { PYTHONPATH: `${root}src/targets/python`, ULASPEC_DENO: Deno.execPath() },
    }).output();
    const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    const lines = text.matchAll(/^(PASSED|FAILED|ERROR) test_port\.py::(.*?)(?: - .*)?$/gm);
    const outcomes = new Map([...lines].map(([, outcome, test]) => [test!, outcome!]));
    return { code, outcomes, text };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const wholeNeed = "deno task test:all and ULASPEC_PYTHON with pytest";
const judged = (source: string, options = "") => `${source}\nulaspec.conformance(Port${options})\n`;

testNeeding(
  "ULASPEC_PYTHON with pytest",
  await has("pytest"),
  "each clause is a test of pytest: the broken one fails with its ledger, others pass or are skipped",
  async (python) => {
    const clauses = isWhole ? "" : `, clauses=${JSON.stringify(lightClauses)}`;
    const { code, outcomes, text } = await pytest(python, judged(faulty, clauses));
    assertEquals(code, 1, text);
    const failed = [...outcomes].filter(([, outcome]) => outcome !== "PASSED");
    assertEquals(failed, [["Port::drift/half", "FAILED"]], text);
    assert(outcomes.size > 15, text);
    for (
      const part of [
        "drift             gt / 2",
        "ulaspec check test_port.py#Port --clause drift/half",
        "the sampler lacks grad-clip",
      ]
    ) assertStringIncludes(text.toLowerCase(), part.toLowerCase());
  },
);

testNeeding(
  wholeNeed,
  isWhole ? await has("pytest") : undefined,
  "clauses are chosen in the test module and by -k",
  async (python) => {
    const module = judged(port, ', clauses=["drift/half", "bounds"]');
    const { code, outcomes, text } = await pytest(python, module, "-k", "half or complete");
    assertEquals(code, 0, text);
    assertEquals([...outcomes.keys()], ["Port::drift/half", "Port::the run is complete"], text);
    assertStringIncludes(text, "deselected");
  },
);

testNeeding(
  wholeNeed,
  isWhole ? await has("pytest") : undefined,
  "a target that can't be judged is one failure of pytest, which says why",
  async (python) => {
    const module = judged(port.replace("return settings", "raise ValueError('no way')"));
    const { code, outcomes, text } = await pytest(python, module);
    assertEquals([code, [...outcomes]], [1, [["Port::the run is complete", "FAILED"]]], text);
    assertStringIncludes(text, "no way");
  },
);

testNeeding(
  `${wholeNeed} and xdist`,
  isWhole ? await has("pytest, xdist") : undefined,
  "the workers of xdist share one run",
  async (python) => {
    const counts = `open("starts", "a").write("x")\n`;
    const last = "\ndef test_one_start():\n    assert True\n";
    const module = judged(port, ', clauses=["drift", "bounds"]') + last;
    const told = module.replace("return settings", `return settings`).replace(
      "    def prepare",
      `    def __init__(self):\n        ${counts}\n    def prepare`,
    );
    const { code, outcomes, text } = await pytest(python, told, "-n", "2");
    assertEquals(code, 0, text);
    assert(outcomes.size >= 4, text);
  },
);

testNeeding(
  wholeNeed,
  isWhole ? await has("pytest") : undefined,
  "an accepted deviation is skipped with its reason, and one that is none fails",
  async (python) => {
    const accepted =
      'clauses=["drift"], accepted={"drift/half": "we mean it", "drift/descends": "?"}';
    const { code, outcomes, text } = await pytest(python, judged(faulty, `, ${accepted}`));
    assertEquals(code, 1, text);
    const failed = [...outcomes].filter(([, outcome]) => outcome !== "PASSED");
    assertEquals(failed, [["Port::the run is complete", "FAILED"]], text);
    assertStringIncludes(text, "accepted: we mean it");
    assertStringIncludes(text, "drift/descends is accepted as a deviation but isn't violated");
  },
);
