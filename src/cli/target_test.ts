import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { faultyListPort as port } from "../fixtures/list_port.ts";
import { run } from "../fixtures/command_line.ts";
import { testNeeding } from "../fixtures/needing.ts";
import { findPython } from "../fixtures/python_rule.ts";

async function withPort(body: (file: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/port.py`, `${port}ulaspec.serve(Port())\n`);
    await Deno.writeTextFile(`${folder}/unserved.py`, port);
    await body(`${folder}/port.py`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A clause that the port keeps, and no bug to name. */
const count = ["--clause", "steps/count", "--profile", "quick"];
const drift = ["--clause", "drift/half", "--profile", "quick"];

testNeeding(
  "Python 3.9",
  await findPython(),
  "a file in Python is judged by its name, and the command that is printed repeats the case",
  async ({ command }) => {
    await withPort(async (file) => {
      const { code, out, err } = await run("check", "--python", command, file, ...drift);
      assertEquals(code, 1, err + out);
      const [, words] = /replay +ulaspec (check .*--path \S+.*)/.exec(out)!;
      assertStringIncludes(words!, `--python ${command} ${file} `);
      assertEquals((await run(...words!.split(" "))).code, 1, words);
    });
  },
);

testNeeding(
  "Python 3.9",
  await findPython(),
  "a target is found in a file that serves nothing, and by its name; a file without one is told so",
  async ({ command }) => {
    await withPort(async (file) => {
      const unserved = file.replace("port.py", "unserved.py");
      const options = ["check", "--python", command, ...count];
      assertEquals((await run(...options, `${unserved}#Port`)).code, 0);
      assertEquals((await run(...options, unserved)).code, 0);
      await Deno.writeTextFile(unserved.replace("unserved", "empty"), "import ulaspec\n");
      const empty = await run(...options, unserved.replace("unserved", "empty"));
      assertEquals(empty.code, 2);
      assertStringIncludes(empty.out, "ended without a target");
      const two = `${port}\nclass Other(Port):\n    pass\nclass Another(Port):\n    pass\n`;
      await Deno.writeTextFile(unserved.replace("unserved", "two"), two);
      const many = await run(...options, unserved.replace("unserved", "two"));
      assertStringIncludes(many.out.replaceAll(/\s+/g, " "), "found Other, Another in");
      assertStringIncludes((await run(...options, `${unserved}#Prt`)).out, "has no such target");
    });
  },
);

testNeeding(
  "Python 3.9",
  await findPython(),
  "the command of Python is understood without --",
  async ({ command }) => {
    await withPort(async (file) => {
      const { code, out } = await run("check", command, file, ...drift);
      assertEquals(code, 1, out);
      assert(out.includes(` -- ${command} ${file}`), out);
    });
  },
);

Deno.test("what cannot be told apart is answered with the command that is right", async () => {
  await withPort(async (file) => {
    const { code, err } = await run("check", "uv", "run", file);
    assertEquals(code, 2);
    assertStringIncludes(err, `check ${file}, or check -- uv run ${file}`);
    const missing = await run("check", file.replace("port", "prt"));
    assertStringIncludes(missing.err, `did you mean ${file}?`);
    const lonely = await run("check", "--python", "python3", "reference");
    assertStringIncludes(lonely.err, "--python without a file in Python");
  });
});

testNeeding(
  "Python 3.9",
  await findPython(),
  "a target that nobody speaks to says how it is to be run, and one that is imported is silent",
  async ({ command }) => {
    await withPort(async (file) => {
      const folder = file.replace("/port.py", "");
      const python = async (...args: string[]) => {
        const { code, stderr } = await new Deno.Command(command, {
          args,
          env: { PYTHONPATH: new URL("../targets/python", import.meta.url).pathname },
          cwd: folder,
          stdin: "null",
        }).output();
        return [code, new TextDecoder().decode(stderr)] as const;
      };
      const [code, told] = await python("port.py");
      assertEquals(code, 2);
      assertStringIncludes(told, "    ulaspec check port.py\n");
      assertEquals(await python("-c", "import port"), [0, ""]);
    });
  },
);
