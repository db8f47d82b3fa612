import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { clauses } from "../properties/clauses.ts";
import { defects } from "./defects/defects.ts";
import { type Outcome, run, runProcess } from "./fixtures/command_line.ts";
import { testNeeding } from "./fixtures/needing.ts";
import { isWhole, sweep } from "./fixtures/sweep.ts";
import type { Report } from "./report/report.ts";
import { reportSchema } from "./report/schema.ts";

const here = new URL(".", import.meta.url);

async function withModule<T>(
  text: string,
  body: (file: string) => Promise<T>,
  name = "port.ts",
): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/${name}`, text);
    return await body(`${folder}/${name}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A module whose sampler follows the rule except for the body of `sample`. */
function moduleWith(sample: string, more = ""): string {
  return `${more}
export default {
  name: "port",
  networkReturns: "energy",
  prepare: (settings) => (call) => {
    let x = call.initial.map((row) => [...row]);
    for (let k = 0; k < settings.steps; k++) {
      const g = call.network.gradient(x);
      x = x.map((row, r) => row.map((a, i) => a - 0.001 * g[r][i]));
    }
    ${sample}
  },
};
`;
}

/** What the message about a hostile module must say. */
interface Refusal {
  readonly found: RegExp;
  readonly wanted: RegExp;
  readonly where?: RegExp;
}

/** One clause is judged in one thread; two threads, and all clauses, are for `refusedByAll`. */
const oneThread = ["--clause", "steps/count"];

/** Judges a hostile module: the exit code must be 2, and the message must say all of `parts`. */
function refused(module: string, parts: Refusal, ...args: string[]): Promise<void> {
  return refusedBy(run, module, parts, ...oneThread, ...args);
}

/** The same in two threads. */
function refusedByAll(module: string, parts: Refusal): Promise<void> {
  return refusedBy(run, module, parts);
}

/**
 * The same in a process of its own, with a short time-out. A thread that runs in circles goes on
 * for two seconds after it is told to end; a process takes it along.
 */
function refusedInTime(module: string, parts: Refusal, ...args: string[]): Promise<void> {
  return refusedBy(runProcess, module, parts, "--timeout", "0.6", ...args);
}

async function refusedBy(
  judge: (...args: string[]) => Promise<Outcome>,
  module: string,
  parts: Refusal,
  ...args: string[]
): Promise<void> {
  await withModule(module, async (file) => {
    const { code, out } = await judge("check", file, ...args);
    assertEquals(code, 2, out);
    assertEquals(out.match(/^! /gm)?.length, 1, out);
    const text = out.replaceAll(/\n {10}/g, " ");
    assertMatch(/^ {2}(?:found|error) (.*)$/m.exec(text)?.[1] ?? "", parts.found);
    assertMatch(/^ {2}wanted (.*)$/m.exec(text)?.[1] ?? "", parts.wanted);
    if (parts.where) assertMatch(/^ {2}where (.*)$/m.exec(text)?.[1] ?? "", parts.where);
  });
}

const plain = new URL("../docs/examples/plain_arrays.ts", here).pathname;

Deno.test("check gives 0 for a sampler that conforms", async () => {
  const { code, out } = await run("check", plain, "--profile", "quick", "--clause", "golden");
  assertEquals(code, 0, out);
  assertMatch(out, /^✓ \S+ conforms: \d+ clauses? holds?, (\d+) of \1 traces agree\n/);
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
    const { out } = await run("check", plain, "--format", "json", "--clause", "schedule");
    const report: Report = reportSchema.parse(JSON.parse(out));
    return out.replace(`"elapsedMs": ${report.elapsedMs}`, "");
  };
  const [first, second] = await Promise.all([judge(), judge()]);
  assertEquals(first, second);
});

Deno.test("check judges only the clauses that are asked for, one by one or by group", async () => {
  const { out, code } = await run(
    ...["check", plain, "--format", "json", "--clause", "schedule"],
    ...["--clause", "steps/count"],
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

Deno.test("a binding clause without a verdict makes the run incomplete, and its exit code 2", async () => {
  const module = ruleModule.replace('"rule"', '"rule", noise: "own"')
    .replace("default ruleSampler(", "default Object.assign(ruleSampler(")
    .replace(");", '), { reveals: "final-actions" });');
  await withModule(module, async (file) => {
    const args = ["check", file, "--profile", "quick", "--clause", "noise/scale"];
    if (isWhole) assertEquals((await run(...args)).code, 0);
    const { code, out } = await run(...args, "--clause", "drift/half");
    assertEquals(code, 2);
    assertMatch(
      out,
      /^! rule is incomplete: drift\/half could not be judged, because only the final/,
    );
  });
});

Deno.test("the law of draws that the suite supplies does not bind", async () => {
  await withModule(ruleModule, async (file) => {
    const { code, out } = await run("check", file, "--profile", "quick", "--clause", "noise");
    assertEquals(code, 0);
    assertStringIncludes(out, "3 not binding: ulaspec supplied the noise");
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
    assertStringIncludes((await run(...args, "--verbose")).out, "noise/scale: ");
    assertEquals((await run(...args, "--false-alarm", "2")).code, 2);
  });
});

Deno.test("--output writes the report to a file, and the terminal gets the short one", async () => {
  await withModule("", async (file) => {
    const args = ["check", plain, "--clause", "steps/count", "--format", "json"];
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
    const args = ["check", plain, "--clause", "golden", "--golden", folder];
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
    const args = ["--clause", "golden", "--golden", `${folder}/traces`];
    assertMatch((await run("check", file, ...args)).out, /(\d+) of \1 traces agree/);
    const nowhere = await run("record", plain, "--output", `${file}/traces`);
    assertEquals([nowhere.code, nowhere.out], [2, ""]);
    assertStringIncludes(nowhere.err, "which cannot be written");
    const dying = ["sh", "-c", "echo no torch >&2; exit 3"];
    const { err } = await run("record", "--output", `${folder}/none`, "--", ...dying);
    assertMatch(err, /found {3}an end of the process with code 3[^]*stderr {2}no torch/);
  });
});

Deno.test("record gives up an endless loop", async () => {
  await withModule(moduleWith("while (true);"), async (file) => {
    const args = ["--output", `${file}.traces`, "--timeout", "0.6"];
    const { code, err } = await runProcess("record", file, ...args);
    assertEquals(code, 2);
    assertMatch(err, /sample\(call\) still running after 0.6 s/);
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
    [["check", "--"], /nothing behind --[^]*check -- python3/],
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
    [["help", "check", "foo"], /the argument foo behind help check[^]*help COMMAND/],
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

Deno.test("a module without a sampler is not judged", () =>
  refused("export const speed = 3;", { found: /no sampler in .*speed \(3\)/, wanted: /prepare/ }));

Deno.test("a module with two samplers and no name is not judged", () =>
  refused(`export const one = { prepare() {} }; export const two = { prepare() {} };`, {
    found: /2 samplers .*one, two/,
    wanted: /#one/,
  }));

Deno.test("a sampler that does not keep the contract is not judged", () =>
  refused(`export default { name: "x", networkReturns: "energies", prepare() {} };`, {
    found: /networkReturns: "energies"/,
    wanted: /"energy" \| "logits"/,
  }));

Deno.test("a sampler that prepares nothing is not judged", () =>
  refused(`export default { name: "x", networkReturns: "energy", prepare() {} };`, {
    found: /undefined from prepare/,
    wanted: /a function that samples/,
  }));

Deno.test("a sampler that throws in prepare is not judged", () =>
  refused(
    `export default { name: "x", networkReturns: "energy",
  prepare() { throw new Error("no weights"); } };`,
    { found: /no weights thrown in prepare/, wanted: /^$/, where: /port\.ts:2:21/ },
  ));

Deno.test("a sampler that throws in sample is not judged", () =>
  refusedByAll(moduleWith(`throw new Error("no memory");`), {
    found: /no memory thrown in sample/,
    wanted: /^$/,
    where: /port\.ts:11:11/,
  }));

for (
  const [shape, result, found] of [
    ["a flat vector", "x.flat()", /final actions/],
    ["ragged rows", "x.map((row, r) => r === 0 ? row.slice(1) : row)", /ragged/],
    ["too few rows", "x.slice(1)", /final actions of shape/],
    ["strings", "x.map((row) => row.map(String))", /final actions/],
    ["undefined", "undefined", /undefined as final actions/],
    ["a number", "7", /7 as final actions/],
    ["null rows", "x.map(() => null)", /final actions/],
  ] as const
) {
  Deno.test(`a sampler that returns ${shape} is not judged`, () =>
    refused(moduleWith(`return ${result};`), {
      found,
      wanted: /\d×\d or \d×\d×\d numbers|a number/,
    }));
}

Deno.test("a sampler that returns NaN on a tame problem is not judged", () =>
  refused(moduleWith("return x.map((row) => row.map(() => NaN));"), {
    found: /NaN as the final action/,
    wanted: /finite/,
  }));

Deno.test("an endless loop ends with the time-out", () =>
  refusedInTime(moduleWith("while (true);"), {
    found: /sample\(call\) still running after 0.6 s \(energy .*steps/,
    wanted: /--timeout/,
  }));

Deno.test("a promise that never settles ends with the time-out", () =>
  refusedInTime(moduleWith("return new Promise(() => {});"), {
    found: /sample\(call\) still running after 0.6 s/,
    wanted: /an end within 0.6 s/,
  }, ...oneThread));

Deno.test("an endless prepare ends with the time-out", () =>
  refusedInTime(
    `export default { name: "x", networkReturns: "energy", prepare() { for (;;); } };`,
    { found: /prepare\(settings\) still running after 0.6 s/, wanted: /./ },
    ...oneThread,
  ));

Deno.test("a module that loops while loading ends with the time-out", () =>
  refusedInTime("for (;;);", {
    found: /port\.ts still loading after 0.6 s/,
    wanted: /./,
  }, ...oneThread));

Deno.test("a module that waits for ever while loading is not judged", () =>
  refusedInTime("await new Promise(() => {});", {
    found: /still loading|never resolve/,
    wanted: /./,
  }, ...oneThread));

Deno.test("a slow sampler that fails on chains of one step violates that clause", () =>
  withModule(
    `import { samplerWith } from "${new URL("defects/defects.ts", here)}";
const inner = samplerWith({ singleStep: "throws" }, { name: "slow" });
export default { ...inner, prepare: async (settings) => {
  const sample = await inner.prepare(settings);
  return async (call) => {
    await new Promise((resolve) => setTimeout(resolve, 4));
    return sample(call);
  };
} };`,
    async (file) => {
      const { code, out } = await run("check", file, "--profile", "quick", "--clause", "schedule");
      assertEquals(code, 1, out);
      assertMatch(out, /violates 1 clause: schedule\/one-step/);
    },
  ));

for (const exit of ["Deno.exit(0)", "process.exit(0)", "self.close()"]) {
  Deno.test(`a sampler that calls ${exit} is not judged`, async () => {
    const parts = { found: /called by the target/, wanted: /^$/, where: /port\.ts/ };
    await refusedByAll(moduleWith(`${exit};`), parts);
    await refused(`${exit};`, parts);
  });
}

Deno.test("a rejected promise that nobody handles is not judged", () =>
  refused(
    moduleWith(`Promise.reject(new Error("lost")); await 0; return x;`).replace(
      "(call) =>",
      "async (call) =>",
    ),
    { found: /nobody handles: Error: lost/, wanted: /./, where: /port\.ts:11/ },
  ));

Deno.test("an error outside of any call is not judged", () =>
  refused(
    `setTimeout(() => { throw new Error("late"); }, 0);
export default { name: "x", networkReturns: "energy",
  prepare: () => new Promise(() => {}) };`,
    { found: /outside of any call: Error: late/, wanted: /./ },
  ));

Deno.test("a syntax error is not judged", () =>
  refused("export default {{;", {
    found: /a syntax error in/,
    wanted: /^$/,
    where: /port\.ts:1:/,
  }));

Deno.test("what a target prints goes to standard error, and JSON stays readable", async () => {
  const module = moduleWith(
    "return x;",
    `import process from "node:process";
console.log("one"); console.info("two"); console.table([["three"]]);
Deno.stdout.writeSync(new TextEncoder().encode("four\\n"));
process.stdout.write("five\\n");`,
  );
  await withModule(module, async (file) => {
    const args = ["--clause", "steps/count", "--format", "json"];
    const { code, out, err } = await runProcess("check", file, ...args);
    assertEquals(code, 0, err);
    reportSchema.parse(JSON.parse(out));
    for (const word of ["one", "two", "three", "four", "five"]) assertStringIncludes(err, word);
  });
});

Deno.test("a process that is to judge nothing gives 2", async () => {
  const { code, err } = await runProcess("check");
  assertEquals(code, 2);
  assertStringIncludes(err, "no target");
});

testNeeding(
  "/dev/full",
  Deno.build.os === "linux" || undefined,
  "a standard output that is full ends with 2, never with a verdict; /dev/null takes all",
  async () => {
    const words = `"$0" run -q -A --no-check "$1" check defect:half-missing --clause drift/half`;
    const codeOf = async (to: string) => {
      const { code, stderr } = await new Deno.Command("sh", {
        args: ["-c", `${words} ${to}`, Deno.execPath(), new URL("cli.ts", here).href],
      }).output();
      return [code, new TextDecoder().decode(stderr).slice(0, 29)];
    };
    const told = "Standard output took no more:";
    assertEquals(await codeOf(">/dev/full"), [2, told]);
    // A program can't tell /dev/null from a standard output that was closed before it began.
    assertEquals(await codeOf("<>/dev/null >&0"), [1, ""]);
    assertEquals(await codeOf(">/dev/null"), [1, ""]);
  },
);

/** Runs the command line with INIT_CWD, as `deno task` sets it, in a folder. */
async function runFrom(start: string, cwd: string, ...args: string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", "--no-check", new URL("cli.ts", here).pathname, ...args],
    env: { NO_COLOR: "1", INIT_CWD: start },
    cwd,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

const root = new URL("..", here).pathname;

Deno.test("deno task reads and writes where the person stands", async () => {
  await withModule(moduleWith("return x;"), async (file) => {
    const folder = file.slice(0, file.lastIndexOf("/"));
    const one = ["--clause", "drift/half", "--profile", "quick"];
    const files = ["--output", "report.txt", "--repro", "repro.ts"];
    const { code, err } = await runFrom(folder, root, "check", "./port.ts", ...one, ...files);
    assertEquals(code, 1, err);
    const report = await Deno.readTextFile(`${folder}/report.txt`);
    // No task of this package is found from there: the program is named by its path.
    assertStringIncludes(report, `deno run -A ${root}src/cli.ts check ./port.ts --clause`);
    await Deno.stat(`${folder}/repro.ts`);
    const recorded = await runFrom(folder, root, "record", plain, "--output", "traces");
    assertEquals(recorded.code, 0, recorded.err);
    const golden = ["--clause", "golden", "--golden", "traces"];
    assertMatch((await runFrom(folder, root, "check", plain, ...golden)).out, /traces agree/);
    // A process is started there, too.
    const shell = ["--timeout", "5", "--", "sh", "-c", "pwd >&2; exit 3"];
    assertStringIncludes((await runFrom(folder, root, "check", ...shell)).out, folder);
  });
});

Deno.test("deno task below the package names the replay as a task", async () => {
  const args = ["check", "./examples/plain_arrays.ts", "--clause", "steps/count"];
  const { code, out, err } = await runFrom(`${root}docs`, root, ...args);
  assertEquals(code, 0, out + err);
  const faulty = ["check", "defect:half-missing", "--clause", "drift/half"];
  assertMatch(
    (await runFrom(`${root}docs`, root, ...faulty)).out,
    /replay +deno task ulaspec check/,
  );
});

Deno.test("a task of another project keeps its folder", async () => {
  await withModule(moduleWith("return x;"), async (file) => {
    const folder = file.slice(0, file.lastIndexOf("/"));
    const args = ["check", "./port.ts", "--clause", "steps/count"];
    const { code, out, err } = await runFrom(root, folder, ...args);
    assertEquals(code, 0, out + err);
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
