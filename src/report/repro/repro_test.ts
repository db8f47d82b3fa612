import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { calmSettings } from "../../../properties/arbitraries.ts";
import { clauseOf } from "../../../properties/clauses.ts";
import { settingsText } from "../../../spec/settings_text.ts";
import { findPython } from "../../fixtures/python_rule.ts";
import { testNeeding } from "../../fixtures/needing.ts";
import type { Counterexample } from "../report.ts";
import { pythonRepro } from "./python.ts";
import { typescriptRepro } from "./typescript.ts";

const { id, sentence } = clauseOf("drift/half")!;

const counterexample: Counterexample = {
  message: "",
  problem: {
    energy: "a1^2 + o1*a2",
    settings: settingsText(calmSettings(2, { steps: 2, gradClip: null })),
    groups: 1,
    samples: 1,
    axes: 2,
    observations: [[0.5]],
    initial: [[0, "-0"]],
    noise: { kind: "tape", draws: [[[0, 1]], [["NaN", "-Infinity"]]] },
    seed: 1,
  },
  step: 0,
  row: 0,
  axis: 1,
  expected: "-0",
  actual: "NaN",
  tolerance: 1,
  distance: "Infinity",
  ulps: "Infinity",
  ledger: [],
};

const violation = (message: string) => ({
  clause: id,
  sentence,
  counterexample: { ...counterexample, message },
  networkReturns: "energy" as const,
});
const inTypescript = (message: string, location: string, exportName: string | null) =>
  typescriptRepro({ ...violation(message), location, exportName });
const inPython = (message: string, file: string, args: readonly string[]) =>
  pythonRepro({ ...violation(message), file, args });

/** Text that would end a comment or a literal, were it not quoted. */
const hostile = fc.array(
  fc.oneof(
    fc.constantFrom(...['"', '"""', "'''", "`", "\\", "*/", "/*", "${x}", "//", "#", ");"]),
    fc.constantFrom(..."\n\r\t\0\v\f\x1b\x85\u2028\u2029\u202e"),
    fc.constantFrom("\r\n", "coding: no-such-encoding", "exit()", "Deno.exit()"),
    fc.string({ unit: "binary", maxLength: 4 }),
  ),
  { maxLength: 12 },
).map((parts) => parts.join(""));

const linesOf = (script: string) => script.split(/\r\n|[\n\r\u2028\u2029]/);
const codeOf = (script: string, comment: string) =>
  linesOf(script).filter((line) => !line.startsWith(comment));

Deno.test("whatever a message says is in comments, and the code of a script stays the same", () => {
  const typescript = codeOf(inTypescript("", "a.ts", null), "//");
  const python = codeOf(inPython("", "a.py", []), "#");
  fc.assert(fc.property(hostile, (message) => {
    assertEquals(codeOf(inTypescript(message, "a.ts", null), "//"), typescript);
    assertEquals(codeOf(inPython(message, "a.py", []), "#"), python);
  }));
});

Deno.test("a message of several lines is shown line by line", () => {
  const message = 'two\nlines of """\r\nand \x1b[31m';
  const shown = ["two", 'lines of """', "and U+001B[31m."];
  for (
    const [script, mark] of [[inTypescript(message, "a.ts", null), "//"], [
      inPython(message, "a.py", []),
      "#",
    ]] as const
  ) {
    assert(
      script.includes(shown.map((line) => `\n${mark} ${line}`).join("")),
      script.slice(0, 300),
    );
  }
});

/** Writes scripts into a folder of their own for the body. */
async function withScripts(
  scripts: readonly string[],
  extension: string,
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Promise.all(
      scripts.map((script, i) => Deno.writeTextFile(`${folder}/${i}.${extension}`, script)),
    );
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a script in TypeScript parses, whatever the message and the names are", async () => {
  const samples = fc.sample(fc.tuple(hostile, hostile, fc.option(hostile)), {
    numRuns: 60,
    seed: 1,
  });
  await withScripts(samples.map((sample) => inTypescript(...sample)), "ts", async (folder) => {
    // The scripts ask for no rule to be applied: what is left is the parser.
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["lint", "--quiet", folder],
      env: { NO_COLOR: "1" },
    }).output();
    assert(success, new TextDecoder().decode(stderr).slice(0, 2000));
  });
});

Deno.test("a script in TypeScript names its module and export exactly", () => {
  fc.assert(fc.property(hostile, hostile, (location, exportName) => {
    const script = inTypescript("", location, exportName);
    const [, from] = /^import \* as module from (.*);$/m.exec(script)!;
    const [, name] = /^const sampler = \(module as any\)\[(.*)\];$/m.exec(script)!;
    assertEquals([JSON.parse(from!), JSON.parse(name!)], [location, exportName]);
  }));
});

const readsBack = `
import ast, json, pathlib, sys
folder = pathlib.Path(sys.argv[1])
for number, (file, args) in enumerate(json.load(sys.stdin)):
    code = (folder / f"{number}.py").read_bytes()
    compile(code, f"{number}.py", "exec")
    values = {}
    for node in ast.parse(code).body:
        if isinstance(node, ast.Assign):
            values[ast.unparse(node.targets[0])] = ast.unparse(node.value)
    assert ast.literal_eval(values["TARGET"]) == file, number
    assert ast.literal_eval(values["ARGUMENTS"]) == args, number
`;

testNeeding(
  "Python 3.9",
  (await findPython())?.command,
  "a script in Python compiles and names its target exactly, whatever the message and the names are",
  async (python) => {
    const sample = fc.tuple(hostile, hostile, fc.array(hostile, { maxLength: 2 }));
    const samples = fc.sample(sample, { numRuns: 60, seed: 1 });
    await withScripts(samples.map((sample) => inPython(...sample)), "py", async (folder) => {
      const process = new Deno.Command(python, {
        args: ["-c", readsBack, folder],
        stdin: "piped",
        stderr: "piped",
      }).spawn();
      const input = process.stdin.getWriter();
      await input.write(new TextEncoder().encode(
        JSON.stringify(samples.map(([, file, args]) => [file, args])),
      ));
      await input.close();
      const { success, stderr } = await process.output();
      assert(success, new TextDecoder().decode(stderr));
    });
  },
);
