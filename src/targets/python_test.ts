import { assert, assertEquals, assertMatch } from "@std/assert";
import { run } from "../fixtures/command_line.ts";
import { testWith } from "../fixtures/frameworks.ts";
import { testNeeding } from "../fixtures/needing.ts";
import { isWhole, lightRun } from "../fixtures/sweep.ts";
import { findPython } from "../fixtures/python_rule.ts";
import type { Report } from "../report/report.ts";
import { judge } from "../run/judge.ts";
import { openProcess } from "./process.ts";
import { adapterModules, pythonAdapter } from "./python_adapter.ts";

const root = new URL("../../", import.meta.url);
const path = (below: string) => decodeURIComponent(new URL(below, root).pathname);

const quick = ["--profile", "quick"];

async function check(command: string[], ...options: string[]): Promise<[number, Report]> {
  const args = ["check", "--format", "json", "--timeout", "120", ...options, "--", ...command];
  const { code, out, err } = await run(...args);
  assert(out !== "", err);
  return [code, JSON.parse(out) as Report];
}

function idsOf(report: Report, verdict: string): string[] {
  return report.clauses.filter((clause) => clause.verdict === verdict).map(({ id }) => id);
}

function exampleCommand(python: string, file: string): string[] {
  return [python, path(`docs/examples/python/${file}`)];
}

/** What a report says of a target that conforms, in the places that a reader would look at. */
function assertConforms([code, report]: [number, Report]): void {
  assertEquals(idsOf(report, "violated"), [], JSON.stringify(report.fault ?? report.remarks));
  assertEquals([code, report.verdict], [0, "conforms"]);
}

testWith(
  "torch",
  "the torch port without a delta clip violates exactly the delta clip, and lacks a gradient clip",
  async (python) => {
    const some = ["delta-clip", "grad-clip", "noise/step-size", "schedule/polynomial"];
    const [code, report] = await check(
      exampleCommand(python, "ula_sampler_before.py"),
      ...(isWhole ? [] : [...quick, ...some.flatMap((clause) => ["--clause", clause])]),
    );
    assertEquals([code, report.verdict], [1, "violates"]);
    assertEquals(idsOf(report, "violated"), ["delta-clip/limits-step"]);
    const lacking = idsOf(report, "unsupported");
    for (const id of ["grad-clip/limits", "grad-clip/zero"]) assert(lacking.includes(id), id);
    for (const id of ["grad-clip/none", "noise/step-size", "schedule/polynomial"]) {
      assert(idsOf(report, "holds").includes(id), id);
    }
    for (const { id, verdict, reason } of report.clauses) {
      const follows = /delta-clip\/limits-step|the suite supplies the draws/i.test(reason ?? "");
      assert(verdict !== "not judged" || follows, `${id}: ${reason}`);
    }
  },
  true,
);

testWith("torch", "the torch port with the delta clip put in conforms", async (python) => {
  const [code, report] = await check(exampleCommand(python, "ula_sampler_after.py"));
  assertConforms([code, report]);
  assert(report.golden.agreed > 40 && report.golden.agreed === report.golden.replayed);
});

testWith("torch", "the grouped torch port conforms and reports its whole chain", async (python) => {
  const [code, report] = await check(exampleCommand(python, "sequence_ebm.py"));
  assertConforms([code, report]);
  const holds = idsOf(report, "holds");
  for (const id of ["chain/actions", "chain/outputs", "chain/grad-norms", "grad-clip/limits"]) {
    assert(holds.includes(id), id);
  }
});

testWith("torch", "the torch port of logits conforms, though it adds its noise", async (python) => {
  const [code, report] = await check(exampleCommand(python, "logits_port.py"));
  assertConforms([code, report]);
  assertEquals(report.target.networkReturns, "logits");
  assert(report.remarks.some((remark) => remark.includes("turns the sign of its draws")));
});

// The compilers of frameworks take their time: fewer cases, without the official traces.
const fewer = [...quick, "--clause", "step", "--clause", "chain", "--clause", "state"];

testWith("numpy", "the NumPy port conforms", async (python) => {
  assertConforms(await check(exampleCommand(python, "numpy_port.py"), ...(isWhole ? [] : fewer)));
}, true);

for (
  const [framework, name, file] of [
    ["jax", "the JAX port conforms, compiled as a whole", "jax_port.py"],
    ["tensorflow", "the TensorFlow port conforms, each step a graph", "tensorflow_port.py"],
  ] as const
) {
  testWith(framework, name, async (python) => {
    const command = exampleCommand(python, file);
    if (isWhole) return assertConforms(await check(command, ...fewer));
    await using target = await openProcess(command, { timeout: 120 });
    const { verdict } = await judge(target, { ...lightRun, clauses: ["drift/half"] });
    assertEquals(verdict, "conforms");
    // TensorFlow takes five seconds to load.
  }, framework === "jax");
}

for (const [framework, file] of [["torch", "optimizer_port"], ["jax", "kernel_port"]] as const) {
  testWith(
    framework,
    `a sampler with a state conforms to the rule that it declares: ${file}`,
    async (python) => {
      const [code, report] = await check(
        exampleCommand(python, `${file}.py`),
        "--profile",
        "quick",
      );
      assertEquals([code, report.verdict], [0, "conforms"], JSON.stringify(report.fault));
      assertEquals(report.rule?.name?.endsWith("+temperature+schedule"), true);
    },
  );
}

testWith(
  "tensorflow",
  "the adapter of the official code judges a stand-in with the same function",
  async (python) => {
    const command = [
      ...exampleCommand(python, "official_ibc.py"),
      path("src/fixtures/ibc_stand_in"),
    ];
    const clauses = ["chain/outputs", "schedule/exponential", "delta-clip/limits-step"];
    const options = clauses.flatMap((clause) => ["--clause", clause]);
    const [code, report] = await check(command, "--profile", "quick", ...options);
    assertConforms([code, report]);
    assertEquals(idsOf(report, "holds").toSorted(), clauses.toSorted());
  },
);

testWith("tensorflow", "the adapter of the official code says what it misses", async (python) => {
  const command = [...exampleCommand(python, "official_ibc.py"), path("docs")];
  const [code, report] = await check(command);
  assertEquals([code, report.verdict], [2, "not run"]);
  assert(JSON.stringify(report.fault).includes("wanted a checkout of ibc"));
});

/** Runs the adapter's own tests. */
async function unittest(python: string, ...names: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(python, {
    args: ["-m", "unittest", ...names],
    cwd: path("src/targets/python"),
    env: { PYTHONDONTWRITEBYTECODE: "1" },
    stderr: "piped",
  }).output();
  assert(success, new TextDecoder().decode(stderr));
}

for (const framework of ["torch", "jax", "tensorflow", "numpy"]) {
  const classes = { torch: "Torch", jax: "Jax", tensorflow: "TensorFlow", numpy: "NumPy" };
  const name = classes[framework as keyof typeof classes];
  testWith(
    framework,
    `samplers of many styles in ${framework} are observed and take the noise tape`,
    (python) => unittest(python, `test_${framework}`),
    framework === "numpy",
  );
  testWith(
    framework,
    `functions of ${framework} that take the noise tape are like its own but for the numbers`,
    (python) => unittest(python, `test_replaced.${name}`),
  );
}

testWith(
  "torch",
  "what a target says of its network, start, box and shapes holds for samplers of many styles",
  (python) => unittest(python, "test_styles"),
);

testWith(
  "torch",
  "a real run on a trained network is watched: frequent faults are named, correct samplers follow",
  (python) => unittest(python, "test_watching"),
);

for (const framework of ["torch", "jax", "tensorflow", "numpy"]) {
  testWith(
    framework,
    `adapters of a few lines for samplers of many styles in ${framework} plug them in`,
    (python) =>
      unittest(
        python,
        `test_adapters.Adapters.test_those_in_${framework}_are_seen_to_follow_the_rule`,
      ),
  );
}

for (
  const [framework, name] of [["jax", "Jax"], ["tensorflow", "TensorFlow"], ["numpy", "NumPy"]]
) {
  testWith(
    framework!,
    `coarse arithmetic in ${framework} is named, and what is compiled again is found out`,
    (python) => unittest(python, `test_precision.${name}`),
  );
}

for (
  const [framework, name] of [["jax", "Jax"], ["tensorflow", "TensorFlow"], ["numpy", "NumPy"]]
) {
  testWith(
    framework!,
    `a real run in ${framework} is watched: its faults are named, a correct sampler follows`,
    (python) => unittest(python, `test_watching_frameworks.${name}`),
  );
}

for (const [name, what] of [["Targets", "plugged in"], ["Watching", "watched"]] as const) {
  testWith(
    "flax",
    `modules of Flax, of linen and of NNX, are ${what}`,
    (python) => unittest(python, `test_flax.${name}`),
  );
}

Deno.test("the adapter in one file has every module but those of the command and of pytest", async () => {
  const files = await Array.fromAsync(Deno.readDir(path("src/targets/python/ulaspec")));
  const names = files.filter(({ isFile }) => isFile).map(({ name }) => name.replace(/\.py$/, ""));
  const apart = ["__init__", "__main__", "pytest_plugin", "py.typed"];
  assertEquals([...adapterModules, ...apart].sort(), names.sort());
});

testNeeding(
  "Python 3.9",
  await findPython(),
  "the adapter passes its own tests, without any framework",
  ({ command }) => unittest(command, "test_ulaspec"),
);

testNeeding(
  "Python 3.9",
  await findPython(),
  "targets are written from signatures of many kinds",
  ({ command }) => unittest(command, "test_signature"),
);

testNeeding(
  "Python 3.9",
  await findPython(),
  "most adapters take ten lines, and what parameters and results may be is read without a framework",
  ({ command }) =>
    unittest(
      command,
      "test_adapters.Made",
      "test_adapters.Results",
      "test_adapters.Adapters.test_most_take_ten_lines_and_none_takes_more_than_fifteen",
    ),
);

/** Judges a port and runs the script of its first violation, on it and on the mended port. */
async function assertReproduced(python: string, port: string, mended: string): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const target = `${folder}/port.py`, script = `${folder}/repro.py`;
    await Deno.writeTextFile(target, port);
    await check([python, target], "--profile", "quick", "--repro", script);
    const env = { PYTHONPATH: path("src/targets/python"), PYTHONDONTWRITEBYTECODE: "1" };
    const run = async () => {
      const { code, stdout } = await new Deno.Command(python, { args: [script], env }).output();
      return [code, new TextDecoder().decode(stdout)] as const;
    };
    const [code, printed] = await run();
    assertEquals(code, 1, printed);
    assertMatch(printed, /^expected (gradient after step \d+ at|in the end) \[-?\d/m);
    assertMatch(printed, /^actual +(no such gradient|\[)/m);
    assert((await Deno.readTextFile(script)).split("\n").length <= 80);
    await Deno.writeTextFile(target, mended);
    assertEquals((await run())[0], 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const textOf = (python: string, file: string) =>
  Deno.readTextFile(exampleCommand(python, file).at(-1)!);

testWith("torch", "the script for a violation in torch tells the mended port", async (python) => {
  const [before, after] = ["ula_sampler_before.py", "ula_sampler_after.py"];
  await assertReproduced(python, await textOf(python, before!), await textOf(python, after!));
});

testWith("numpy", "the script for a violation in NumPy tells the mended port", async (python) => {
  const port = await textOf(python, "numpy_port.py");
  assert(port.includes("0.5 * slope"));
  await assertReproduced(python, port.replace("0.5 * slope", "slope"), port);
});

Deno.test("no two modules of the adapter have a name in common, as one file needs", async () => {
  const text = await pythonAdapter();
  const names = [...text.matchAll(/^(?:class |def |(?=\w+(?:: [^=\n]+)? = ))(\w+)/gm)].map((
    [, n],
  ) => n!);
  assert(names.length > 100);
  assertEquals(names.filter((name, at) => names.indexOf(name) !== at), []);
});

testNeeding(
  "Python 3.9",
  await findPython(),
  "the adapter in one file answers as the package does",
  async ({ command }) => {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/ulaspec.py`, await pythonAdapter());
      const answers = await Promise.all([folder, path("src/targets/python")].map(async (first) => {
        const { success, stdout, stderr } = await new Deno.Command(command, {
          args: ["-c", answersOfAdapter],
          env: { PYTHONPATH: `${first}:${path("src/targets/python")}` },
        }).output();
        assert(success, new TextDecoder().decode(stderr));
        return new TextDecoder().decode(stdout);
      }));
      assert(answers[0]!.includes('"evaluations"'));
      assertEquals(answers[0], answers[1]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

const answersOfAdapter = `
import json, sys
import rule_problem, ulaspec

class Still(ulaspec.Target):
    name, framework = "still", "python"
    def prepare(self, settings):
        return settings
    def sample(self, settings, problem):
        for _ in range(settings.steps):
            problem.gradient(problem.initial)
        return problem.initial

_Server = sys.modules[ulaspec.serve.__module__]._Server
server = _Server(Still())
for request in (
    {"id": 0, "type": "start", "protocol": 1},
    {"id": 1, "type": "prepare", "settings": rule_problem.SETTINGS},
    {"id": 2, "type": "sample", "prepared": 0, "problems": [rule_problem.problem()]},
):
    print(json.dumps(server.answer(request)))
`;
