import { assertEquals, assertStringIncludes } from "@std/assert";
import { run } from "../fixtures/command_line.ts";
import { findPython } from "../fixtures/python_rule.ts";
import { testNeeding } from "../fixtures/needing.ts";

const sampler = `def walk(gradient, actions, bounds, steps, step_size, noise_scale, delta_clip):
    return actions
`;

testNeeding(
  "Python 3.9",
  await findPython(),
  "init writes a target and tries it",
  async ({ command: python }) => {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/walking.py`, sampler);
      const asked = ["init", `${folder}/walking.py:walk`, "--output", `${folder}/target.py`];
      const { code, out } = await run(...asked, "--python", python);
      assertEquals(code, 1); // it takes no gradient, which smoke finds
      assertStringIncludes(out, "gradient = p.gradient");
      assertStringIncludes(out, "✓ It starts and says that it is ready");
      const again = await run(...asked, "--python", python);
      assertEquals(again.code, 2);
      assertStringIncludes(again.err, "which is there already");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

testNeeding(
  "Python 3.9",
  await findPython(),
  "init takes no line that the sampler's module prints for its answer, and says how a Python ended",
  async ({ command: python }) => {
    const folder = await Deno.makeTempDir();
    try {
      const file = `${folder}/loud.py`, asked = ["init", `${file}:walk`, "--python", python];
      const loud = 'print("{ not an answer", end="")\nimport atexit\n' +
        'atexit.register(print, "{ nor this")\n';
      await Deno.writeTextFile(file, `${loud}def walk(actions, mystery):\n    return actions\n`);
      const { code, out } = await run(...asked, "--output", `${folder}/target.py`);
      assertEquals([code, out.includes("fill in   mystery")], [1, true], out);
      await Deno.writeTextFile(file, "import os\nos._exit(7)\n");
      const { err } = await run(...asked, "--output", `${folder}/other.py`);
      assertStringIncludes(err, "which ended with code 7");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

testNeeding(
  "Python 3.9",
  await findPython(),
  "init takes a method by its name, and says which a class has where none has a usual one",
  async ({ command: python }) => {
    const folder = await Deno.makeTempDir();
    try {
      const file = `${folder}/policies.py`, given = "(self, gradient, actions): return actions\n";
      await Deno.writeTextFile(file, `class Policy:\n  def fit${given}  def denoise${given}`);
      const output = `${folder}/target.py`, asked = ["--output", output, "--python", python];
      const { code, err } = await run("init", `${file}:Policy`, ...asked);
      assertEquals(
        [code, err.match(/wanted/g)?.length, err.includes("denoise")],
        [2, 1, true],
        err,
      );
      await run("init", `${file}:Policy.denoise`, ...asked);
      assertStringIncludes(await Deno.readTextFile(output), "sampler.denoise(");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

Deno.test("init refuses what names no sampler", async () => {
  const { code, err } = await run("init", "walking.py");
  assertEquals(code, 2);
  assertStringIncludes(err, "my_file.py:Sampler");
});
