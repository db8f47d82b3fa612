import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { clauses } from "../properties/clauses.ts";
import { defects } from "./defects/defects.ts";
import { run } from "./fixtures/command_line.ts";
import { isWhole, sweep } from "./fixtures/sweep.ts";
import { withModule } from "./fixtures/written_module.ts";
import type { Report } from "./report/report.ts";
import { reportSchema } from "./report/schema.ts";

const here = new URL(".", import.meta.url);

const plain = new URL("../docs/examples/plain_arrays.ts", here).pathname;

Deno.test("check gives 0 for a sampler that conforms", async () => {
  const { code, out } = await run("check", plain, "--profile", "quick", "--clause", "golden");
  assertEquals(code, 0, out);
  assertMatch(out, /^✓ plain arrays conforms: 1 clause holds, (\d+) of \1 traces agree\n/);
});

Deno.test("check gives 1 for a defect, and the replay command repeats the case", async () => {
  const { code, out } = await run("check", "defect:delta-clip-missing", "--profile", "quick");
  assertEquals(code, 1, out);
  assertStringIncludes(out, "violates 1 clause: delta-clip/limits-step");
  assertMatch(out, /^ {2}→ /m);
  const [, command] = /replay +ulaspec (.*)/.exec(out)!;
  const again = await run(...command!.split(" "));
  assertEquals(again.code, 1);
  const problem = (text: string) => /The smallest problem[^]*?replay/.exec(text)![0];
  assertEquals(problem(again.out), problem(out));
});

sweep("the demo shows both verdicts and exits with 0", async () => {
  const { code, out, err } = await run("demo");
  assertEquals(code, 0, out + err);
  assertMatch(out, /✓ \S+ conforms[^]*✗ defect:delta-clip-missing violates 1 clause/);
});

Deno.test("JSON keeps the schema and is the same for the same seed, times aside", async () => {
  const judge = async () => {
    const { out } = await run(
      ...["check", "reference", "--format", "json", "--profile", "quick", "--clause", "steps"],
    );
    const report: Report = reportSchema.parse(JSON.parse(out));
    return out.replace(`"elapsedMs": ${report.elapsedMs}`, "");
  };
  assertEquals(await judge(), await judge());
});

Deno.test("check judges only the clauses that are asked for, one by one or by group", async () => {
  const { out, code } = await run(
    ...["check", "reference", "--format", "json", "--profile", "quick"],
    ...["--clause", "schedule", "--clause", "steps/count"],
  );
  assertEquals(code, 0);
  const ids = (JSON.parse(out) as Report).clauses.map((clause) => clause.id);
  const wanted = clauses.map((clause) => clause.id as string)
    .filter((id) => id === "steps/count" || id.startsWith("schedule/"));
  assertEquals(ids.toSorted(), wanted.toSorted());
});

const ruleModule = `
import { ruleSampler } from "${new URL("../spec/rule.ts", here)}";
export default ruleSampler(undefined, { name: "rule" });`;

sweep(
  "a binding clause without a verdict makes the run incomplete, and its exit code 2",
  async () => {
    const module = ruleModule.replace('"rule"', '"rule", noise: "own"')
      .replace("default ruleSampler(", "default Object.assign(ruleSampler(")
      .replace(");", '), { reveals: "final-actions" });');
    await withModule(module, async (file) => {
      const args = ["check", file, "--profile", "quick", "--clause", "noise/scale"];
      assertEquals((await run(...args)).code, 0);
      const { code, out } = await run(...args, "--clause", "drift/half");
      assertEquals(code, 2);
      assertMatch(
        out,
        /^! rule is incomplete: drift\/half could not be judged, because only the final/,
      );
    });
  },
);

Deno.test("the law of draws that the suite supplies does not bind", async () => {
  await withModule(ruleModule, async (file) => {
    const { code, out } = await run("check", file, "--profile", "quick", "--clause", "noise");
    assertEquals(code, 0);
    assertStringIncludes(out, "4 not binding: ulaspec supplied the noise");
  });
});

Deno.test("power shows draws and power of every effect, and follows the chance of a false alarm", async () => {
  const { code, out } = await run("power");
  assertEquals(code, 0);
  assertStringIncludes(out, "noise scaled by 0.9 ");
  const figures = async (...args: string[]) =>
    JSON.parse((await run("power", "--format", "json", ...args)).out) as {
      draws: number;
      effects: { drawsNeeded: number; power: number }[];
    };
  const usual = await figures(), bold = await figures("--false-alarm", "0.01");
  const quick = await figures("--profile", "quick");
  assert(quick.draws < usual.draws);
  usual.effects.forEach(({ drawsNeeded, power }, i) => {
    assert(bold.effects[i]!.drawsNeeded <= drawsNeeded);
    assert(quick.effects[i]!.power <= power + 1e-12);
  });
  assertEquals((await run("power", "--draws", "0")).code, 2);
});

Deno.test("--false-alarm is spent over the statistical checks and shown", async () => {
  const own = ruleModule.replace('name: "rule"', 'name: "rule", noise: "own"');
  await withModule(own, async (file) => {
    const args = ["check", file, "--profile", "quick", "--clause", "noise/scale"];
    const { out } = await run(...args, "--false-alarm", "1e-3", "--format", "json");
    assertEquals((JSON.parse(out) as Report).falseAlarm, 1e-3);
    assertEquals((await run(...args, "--false-alarm", "2")).code, 2);
  });
});

Deno.test("--output writes the report to a file, and the terminal gets the short one", async () => {
  await withModule("", async (file) => {
    const args = [
      "check",
      "reference",
      "--profile",
      "quick",
      "--clause",
      "steps/count",
      "--format",
      "json",
    ];
    const { code, out, err } = await run(...args, "--output", file);
    assertEquals(code, 0);
    assertMatch(out, /^✓ .* conforms: 1 clause holds/);
    assertStringIncludes(err, file);
    reportSchema.parse(JSON.parse(await Deno.readTextFile(file)));
    const failed = await run(...args, "--output", `${file}/no/report.json`);
    assertEquals(failed.code, 2);
    assertStringIncludes(failed.err, "which cannot be written");
  });
});

Deno.test("--golden replays the traces of a folder and refuses a broken one", async () => {
  await withModule("{", async (file) => {
    const folder = file.slice(0, file.lastIndexOf("/"));
    const trace = new URL("../golden/traces/narrow-box.json", here);
    await Deno.copyFile(trace, `${folder}/narrow-box.json`);
    const args = ["check", plain, "--profile", "quick", "--clause", "golden", "--golden", folder];
    const { code, out } = await run(...args);
    assertEquals(code, 0, out);
    assertStringIncludes(out, "1 of 1 traces agree");
    await Deno.writeTextFile(`${folder}/broken.json`, "{");
    const broken = await run(...args);
    assertEquals(broken.code, 2);
    assertStringIncludes(broken.out, "broken.json");
    const gone = await run(...args.slice(0, -1), `${folder}/gone`);
    assertEquals(gone.code, 2);
    assertMatch(gone.out, /found {3}a folder of traces that does not exist[^]*gone/);
  });
});

Deno.test("record writes traces that check replays, or says why it cannot", async () => {
  await withModule(ruleModule, async (file) => {
    const folder = file.slice(0, file.lastIndexOf("/"));
    const { code, out } = await run("record", plain, "--output", `${folder}/traces`);
    assertEquals(code, 0, out);
    assertMatch(out, /^\S.*: \d+ traces are in /);
    const args = ["--profile", "quick", "--clause", "golden", "--golden", `${folder}/traces`];
    assertMatch((await run("check", file, ...args)).out, /(\d+) of \1 traces agree/);
    if (isWhole) {
      const nowhere = await run("record", plain, "--output", `${file}/traces`);
      assertEquals([nowhere.code, nowhere.out], [2, ""]);
      assertStringIncludes(nowhere.err, "which cannot be written");
    }
    const dying = ["sh", "-c", "echo no torch >&2; exit 3"];
    const { err } = await run("record", "--output", `${folder}/none`, "--", ...dying);
    assertMatch(err, /found {3}an end of the process with code 3[^]*stderr {2}no torch/);
  });
});

Deno.test("a usage error gives 2, what was found, what was wanted and the nearest name", async () => {
  const cases: [string[], RegExp][] = [
    [[], /Usage/],
    [["chekc"], /the command chekc[^]*did you mean check\?/],
    [["check"], /no target[^]*reference, defect:ID, /],
    [["check", "reference", "--sed", "1"], /the option --sed[^]*did you mean --seed\?/],
    [["check", "reference", "--seed"], /--seed without a value[^]*--seed N/],
    [["check", "reference", "--seed", "one"], /the seed one[^]*a whole number/],
    [["check", "reference", "--seed", "1", "--seed", "2"], /--seed more than once/],
    [["check", "reference", "--help=yes"], /a value for --help/],
    [["check", "reference", "--timeout", "-1"], /the time-out -1/],
    [["check", "reference", "--profile", "quik"], /the profile quik[^]*did you mean quick\?/],
    [["check", "reference", "--format", "jsno"], /the format jsno[^]*did you mean json\?/],
    [["check", "reference", "--clause", "delta-clip/limit-step"], /mean delta-clip\/limits-step\?/],
    [["check", "reference", "--clause", "delta-clp"], /did you mean delta-clip\?/],
    [["check", "reference", "--path", "0"], /--path with no clauses[^]*exactly one --clause/],
    [["check", "reference", "--path", "x", "--clause", "steps"], /the path x/],
    [["check", "reference", "./other.ts"], /2 targets/],
    [["check", "--"], /nothing after --[^]*check -- python3/],
    [["check", "reference", "--", "python", "port.py"], /reference and the command python port.py/],
    [["explain", "delta-clip/limit-step"], /did you mean delta-clip\/limits-step\?/],
    [["explain", "delta-clip"], /one of its clauses: delta-clip\/limits-step/],
    [["check", "reference", "--clause", "delta-clip/limit"], /mean delta-clip\/limits-step\?/],
    [["check", "reference", "--clause", "delta"], /did you mean delta-clip\?/],
    [["check", "--jobs", "3", "--", "true"], /the number of jobs 3\n[^]*1 or 2\n$/],
    [
      ["check", "--jobs", "2", "reference"],
      /--jobs 2 for the target reference[^]*--jobs 2 -- COMM/,
    ],
    [["help", "check", "foo"], /the argument foo after help check[^]*help COMMAND/],
    [["help", "chekc"], /did you mean check\?/],
    [["schema", "reprot"], /did you mean report\?/],
    [["clauses", "frobnicate"], /no clause with frobnicate/],
  ];
  for (const [args, message] of cases) {
    const { code, out, err } = await run(...args);
    assertEquals([code, out], [2, ""], args.join(" "));
    assertMatch(err, message);
  }
});

Deno.test("an unknown target is not judged, and the nearest name is proposed", async () => {
  const target = await run("check", "refrence");
  assertEquals(target.code, 2);
  assertStringIncludes(target.out, "did you mean reference?");
  const defect = await run("check", "defect:delta-clip-mising");
  assertEquals(defect.code, 2);
  assertMatch(defect.out, /did you mean\s+delta-clip-missing\?/);
  assertMatch((await run("check", "defect:half")).out, /did you mean\s+half-\S+\?/);
});

Deno.test("a missing file is not judged, and its neighbour is proposed", async () => {
  await withModule("", async (file) => {
    const { code, out } = await run("check", file.replace("port.ts", "prot.ts"));
    assertEquals(code, 2);
    assertMatch(out, /prot\.ts, which does not exist[^]*did you mean \S+port\.ts\?/);
  });
});

Deno.test("every clause and every defect is explained", async () => {
  for (const { id, sentence } of clauses) {
    const { code, out } = await run("explain", id);
    assertEquals(code, 0);
    assertStringIncludes(out.replaceAll(/\s+/g, " "), sentence);
    assertStringIncludes(out, `--clause ${id}`);
  }
  for (const { id, title } of defects) {
    const { code, out } = await run("explain", id);
    assertEquals(code, 0);
    assertStringIncludes(out.replaceAll(/\s+/g, " "), title);
  }
});

Deno.test("the catalogues list every entry", async () => {
  for (const [name, entries] of [["clauses", clauses], ["defects", defects]] as const) {
    const { code, out } = await run(name);
    assertEquals(code, 0);
    for (const { id } of entries) assertStringIncludes(out, id);
    assert(out.split("\n").every((line) => line.length <= 100));
    const parsed = JSON.parse((await run(name, "--format", "json")).out);
    assertEquals(parsed.length, entries.length);
  }
});

Deno.test("every command has a help text with all its options", async () => {
  const { code, out } = await run("help");
  assertEquals(code, 0);
  assertEquals((await run("--help")).out, out);
  for (const word of ["--help", "-h", "help"]) {
    assertEquals(await run("help", word), { code: 0, out, err: "" });
  }
  for (const command of ["check", "demo", "explain", "clauses", "defects", "schema"]) {
    assertStringIncludes(out, `  ${command}`);
    const help = await run(command, "--help");
    assertEquals(help.code, 0);
    assertStringIncludes(help.out, `Usage: ulaspec ${command}`);
    assertEquals((await run("help", command)).out, help.out);
    assertEquals((await run("help", command, "--help")).out, help.out);
  }
  assertStringIncludes((await run("check", "--help")).out, "--timeout S");
});

Deno.test("the schemas are JSON schemas", async () => {
  for (const name of ["report", "protocol", "golden"]) {
    const { code, out } = await run("schema", name);
    assertEquals(code, 0);
    assertStringIncludes(JSON.parse(out).$schema, "json-schema.org");
  }
});

Deno.test("the version is that of the package", async () => {
  const config = JSON.parse(await Deno.readTextFile(new URL("../deno.json", here)));
  assertEquals((await run("--version")).out, `ulaspec ${config.version}\n`);
});
