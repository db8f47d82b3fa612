import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { calmSettings, problemOf } from "../../properties/arbitraries.ts";
import { type Problem } from "../../spec/problem.ts";
import { TargetFault } from "../../spec/sampler.ts";
import { type Outcome, runAt, runProcess } from "../fixtures/command_line.ts";
import { testNeeding } from "../fixtures/needing.ts";
import { findPython } from "../fixtures/python_rule.ts";
import { openProcess } from "./process.ts";

const examples = new URL("../../docs/examples/process/", import.meta.url).pathname;
const python = await findPython();

async function works(program: string, ...args: string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(program, { args, stdout: "null", stderr: "null" }).output())
      .success;
  } catch {
    return false;
  }
}

const run = (...args: string[]) => runAt(200, ...args);

let scripts = 0;

/** A word of its own for a process: seconds that it may sleep. */
const ownWord = () => `600.${Deno.pid}${String(scripts++).padStart(4, "0")}`;

/** The command of a shell script that can be told from every other by its last word, its `$0`. */
function shell(script: string): [...string[], string] {
  return ["sh", "-c", script, ownWord()];
}

/** Processes that still run with a word on their command line; zombies have none. */
function running(word: string): string[] {
  if (Deno.build.os !== "linux") return [];
  const found = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const words = Deno.readTextFileSync(`/proc/${name}/cmdline`).split("\0");
      if (words.includes(word)) found.push(words.join(" "));
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

/** The processes that still run with a word; one that was killed may need a moment to be gone. */
async function left(word: string): Promise<string[]> {
  for (let tries = 0; tries < 100 && running(word).length > 0; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return running(word);
}

/** A message for the shell to print, with its line end. */
const say = (message: unknown) => `printf '%s\\n' '${JSON.stringify(message)}'`;
const hello = {
  id: 0,
  type: "ready",
  protocol: 1,
  name: "hostile",
  networkReturns: "energy",
  unsupported: ["chain-actions", "chain-outputs", "chain-grad-norms"],
  noise: "tape",
};
// The first problem that the judge asks has 4 rows of 2 axes and 3 steps.
const table = Array.from({ length: 4 }, () => [0, 0]);
const result = {
  final: table,
  evaluations: [1, 2, 3].map(() => ({ kind: "gradient", points: table })),
  draws: 3,
  initialAfter: table,
};
const ready = `read q; ${say(hello)}; read q`;
const prepared = `${ready}; ${say({ id: 1, type: "prepared", prepared: 0 })}; read q`;
const answered = (more: Record<string, unknown>) =>
  `${prepared}; ${say({ id: 2, type: "results", results: [{ ...result, ...more }] })}; cat >&2`;
const hang = "sleep $0; true";

/** Seconds after which a target that says nothing is given up. */
const patience = "1";

/** Judges a hostile shell script: no verdict, one message that names the cause, no process left. */
function hostile(
  name: string,
  script: string,
  found: RegExp,
  wanted: RegExp = /./,
  stderr?: string,
  judge: (...args: string[]) => Promise<Outcome> = run,
): void {
  Deno.test(`a process that ${name} is not judged`, async () => {
    const command = shell(script);
    // Only where the silence itself is the fault is it waited for.
    const timeout = found.source.includes(`after ${patience} s`) ? patience : "60";
    const { code, out } = await judge("check", "--timeout", timeout, "--", ...command);
    assertEquals(code, 2, out);
    assertEquals(out.match(/^! /gm)?.length, 1, out);
    const text = out.replaceAll(/\n {10}(?=\S)/g, " ");
    assertMatch(/^ {2}found (.*)$/m.exec(text)?.[1] ?? out, found);
    assertMatch(/^ {2}wanted (.*)$/m.exec(text)?.[1] ?? out, wanted);
    if (stderr !== undefined) assertMatch(out, new RegExp(`^ {2}stderr  ${stderr}$`, "m"));
    assertEquals(await left(command.at(-1)!), []);
  });
}

// The start.
hostile("exits at once", "exit 3", /an end of the process with code 3 during start/, /until stop/);
hostile(
  "exits at once with a message",
  "echo no module named torch >&2; exit 1",
  /code 1 during start/,
  /./,
  "no module named torch",
);
hostile("kills itself", "kill -SEGV $$", /SIGSEGV during start/);
hostile("never says that it is ready", hang, /no answer to start after 1 s/, /--timeout S/);
hostile(
  "prints before it is ready",
  `read q; echo Loading model; ${say(hello)}; ${hang}`,
  /the line "Loading model" on standard output/,
  /belongs to standard error/,
);
hostile("prints an empty line", `read q; echo; ${hang}`, /an empty line on standard output/);
hostile(
  "speaks before it is asked",
  `${say({ ...hello, id: 7 })}; ${hang}`,
  /an answer with the id 7, which nobody asked: ready/,
  /the id of an open request: 0/,
);
hostile(
  "prints half a line and dies",
  `read q; printf '{"id":0,"type":"re'; exit 4`,
  /code 4 during start, after half a line: "{\\"id\\":0/,
);
hostile(
  "forgets the end of a line",
  `read q; printf '{"id":0,"type":"ready"}'; ${hang}`,
  /no answer to start after 1 s, but a line without its end: "{\\"id\\"/,
  /a whole line within 1 s/,
);
hostile("prints invalid UTF-8", `read q; printf '{"id\\377":0}\\n'; ${hang}`, /no UTF-8/, /UTF-8/);
hostile(
  "prints a line of 100 MB",
  `read q; head -c 100000000 /dev/zero | tr '\\0' x; echo; ${hang}`,
  /a line of more than 16 MiB that begins with "xxx/,
  /at most 16 MiB/,
);
hostile("floods without line ends", "cat /dev/zero", /a line of more than 16 MiB/);
hostile("floods with lines", "yes", /the line "y" on standard output/, /one JSON object/);
hostile(
  "floods standard error and dies",
  "head -c 30000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo the end >&2; exit 5",
  /code 5 during start/,
  /./,
  "x{4087}\n {10}the end",
);
hostile(
  "steers the terminal",
  `printf '\\033[31mred\\033[0m \\007bell\\n' >&2; exit 6`,
  /code 6/,
  /./,
  "red bell",
);
hostile("prints a list", `read q; echo '[1]'; ${hang}`, /the line "\[1\]"/);
hostile(
  "prints broken JSON",
  `read q; echo '{"id":0,"type":ready}'; ${hang}`,
  /"ready" behind "{\\"id\\":0,\\"type\\":", which is no JSON/,
  /a value/,
);
hostile(
  "nests its answer deeply",
  `read q; printf '{"id":0,"x":'; head -c 200000 /dev/zero | tr '\\0' '['; echo; ${hang}`,
  /lists in lists more than 16 deep/,
);
hostile(
  "speaks another version",
  `read q; ${say({ ...hello, protocol: 2 })}; ${hang}`,
  /2 as protocol in the answer ready/,
  /^ *1$/,
);
hostile(
  "lacks a feature that does not exist",
  `read q; ${say({ ...hello, unsupported: ["grad-clips"] })}; ${hang}`,
  /"grad-clips" as unsupported\[0\] in the answer ready/,
  /grad-clip, exponential-schedule/,
);
hostile(
  "leaves out a field",
  `read q; ${say({ ...hello, networkReturns: undefined })}; ${hang}`,
  /nothing as networkReturns in the answer ready/,
  /"energy" or "logits"/,
);
hostile(
  "adds a field",
  `read q; ${say({ ...hello, version: "1.2" })}; ${hang}`,
  /a field version in the answer ready/,
  /only the fields of the protocol/,
);
hostile(
  "answers with another type",
  `read q; ${say({ id: 0, type: "hello" })}; ${hang}`,
  /"hello" as the type of/,
  /ready, prepared, unsupported/,
);
hostile(
  "answers something else",
  `read q; ${say({ id: 0, type: "stopped" })}; ${hang}`,
  /the answer stopped to start \(id 0\)/,
  /the answer ready/,
);
hostile(
  "has a name that does not fit",
  `read q; ${say({ ...hello, name: "two\nlines" })}; ${hang}`,
  /"two\\nlines" as name/,
  /on one line/,
);

// The first problem.
hostile("hangs in prepare", `${ready}; ${hang}`, /no answer to prepare after 1 s \(3 steps\)/);
hostile(
  "claims a feature and lacks it",
  `${ready}; ${
    say({ id: 1, type: "unsupported", feature: "noise-tape", reason: "no way in" })
  }; cat >&2`,
  /the answer unsupported to prepare: noise-tape \(no way in\)/,
  /its name in the list unsupported of the answer ready/,
);
hostile("hangs in a sample", `${prepared}; ${hang}`, /no answer to sample after 1 s \(energy .*/);
hostile(
  "exits in a sample",
  `${prepared}; echo out of memory >&2; exit 9`,
  /code 9 during sample \(energy/,
  /./,
  "out of memory",
);
hostile(
  "fails in a sample",
  `${prepared}; ${
    say({ id: 2, type: "failed", message: "boom\nbang", trace: "line 1\nline 2" })
  }; cat >&2`,
  /boom bang thrown in sample \(energy/,
  /a result/,
);
hostile(
  "answers with a wrong id",
  `${ready}; ${say({ id: 5, type: "prepared", prepared: 0 })}; ${hang}`,
  /an answer with the id 5, which nobody asked: prepared/,
  /the id of an open request: 1/,
);
hostile(
  "answers twice",
  `${ready}; ${say({ id: 1, type: "prepared", prepared: 0 })}; ${
    say({ id: 1, type: "prepared", prepared: 1 })
  }; ${hang}`,
  /a second answer with the id 1: prepared/,
);
hostile(
  "changes its name",
  `${ready}; ${say({ ...hello, name: "other" })}; ${hang}`,
  /a second answer with the id 0: ready/,
);
hostile(
  "answers without an id",
  `${ready}; ${say({ type: "prepared", prepared: 0 })}; ${hang}`,
  /nothing as id in the answer prepared/,
  /a whole number/,
);
hostile(
  "closes its standard input",
  `${ready}; exec <&-; ${say({ id: 1, type: "prepared", prepared: 0 })}; ${hang}`,
  /a closed standard input during sample/,
  /./,
  undefined,
  // In a process where other threads start children, one that has just been forked may hold the
  // pipe open, so that what is written into it goes nowhere without an error.
  runProcess,
);
hostile(
  "closes its standard output but lives on",
  `${ready}; exec >&-; ${hang}`,
  /a closed standard output during prepare .*while the process lives on/,
);
hostile(
  "ignores SIGTERM",
  `trap '' TERM; ${prepared}; while :; do sleep 0.05; done`,
  /no answer to sample after 1 s/,
);

// Results.
hostile(
  "gives too few results",
  `${prepared}; ${say({ id: 2, type: "results", results: [] })}; ${hang}`,
  /0 results in the answer 2, to a sample request of 1 problem/,
);
hostile(
  "gives results of a wrong shape",
  answered({ final: table.slice(1) }),
  /results\[0\]\.final of shape 3×2/,
  /4×2 or 2×2×2 numbers/,
);
hostile(
  "gives ragged rows",
  answered({ final: [[0, 0], [0], [0, 0], [0, 0]] }),
  /results\[0\]\.final of shape 4×ragged/,
);
hostile(
  "gives texts for numbers",
  answered({ final: [[0, 0], [0, "0.5"], [0, 0], [0, 0]] }),
  /"0.5" as results\[0\]\.final\[1\]\[1\]/,
  /a number or one of "NaN"/,
);
hostile(
  "gives null for a number",
  answered({ final: [[0, 0], [0, null], [0, 0], [0, 0]] }),
  /null as results\[0\]\.final\[1\]\[1\]/,
);
hostile(
  "gives NaN",
  answered({ final: [[0, 0], [0, "NaN"], [0, 0], [0, 0]] }),
  /NaN as the final action of row 1, axis 1/,
  /finite numbers/,
);
for (const word of ["Infinity", "NaN", "-Infinity"]) {
  hostile(
    `writes a bare ${word}`,
    `${prepared}; echo '{"id":2,"type":"results","results":[{"final":[[${word}]]}]}'; ${hang}`,
    new RegExp(`"${word}" behind ".*\\\\"final\\\\":\\[\\[", which is no JSON`),
    /as texts: "NaN", "Infinity"/,
  );
}
hostile(
  "leaves out what it returned",
  answered({ final: undefined }),
  /nothing as results\[0\]\.final in the answer results/,
  /a table of numbers/,
);
hostile(
  "leaves out its draws",
  answered({ draws: undefined }),
  /nothing as results\[0\]\.draws in the answer results/,
  /a whole number/,
);
hostile(
  "logs points of a wrong shape",
  answered({ evaluations: [{ kind: "gradient", points: [[0, 0]] }] }),
  /results\[0\]\.evaluations\[0\]\.points of shape 1×2/,
);
hostile(
  "logs no question",
  answered({ evaluations: [] }),
  /no question for a gradient in a chain of 3 steps/,
);
hostile(
  "reports a chain of a wrong shape",
  answered({ chain: { outputs: [[0, 0, 0]] } }),
  /chain\.outputs\[0\] of shape 3/,
  /4 numbers, one per row/,
);
// Whatever the shell does here comes between the first problem and the next.
hostile(
  "exits between two requests",
  `${answered({})} & read never; exit 7`.replace("cat >&2 & read never", "true"),
  /code 7 (between two requests|during prepare)/,
);

Deno.test("a command that does not exist is not judged", async () => {
  const { code, out } = await run("check", "--", "no-such-program-at-all", "x");
  assertEquals(code, 2);
  assertMatch(out, /^! no-such-program-at-all x was not judged/);
  assertStringIncludes(out, "the command no-such-program-at-all, which does not exist");
});

Deno.test("a command that may not be executed is not judged", async () => {
  const file = await Deno.makeTempFile();
  try {
    const { code, out } = await run("check", "--", file);
    assertEquals(code, 2);
    assertMatch(out, /which may not be executed\n +wanted +a program: chmod \+x/);
  } finally {
    await Deno.remove(file);
  }
});

const tame: Problem = problemOf({
  energy: "(a1 - 0.25)^2 + o1*a2",
  settings: calmSettings(2, { steps: 3 }),
  groups: 2,
  samples: 2,
  observations: [[0.5], [-0.25]],
  initial: [[0, 0.125], [0.25, -0.5], [0.5, 0.25], [-0.5, 0]],
});

Deno.test("answers may come in any order", async () => {
  const answers = [2, 3].map((id, i) =>
    say({
      id,
      type: "results",
      results: [{ ...result, final: table.map(() => [i + 1, 0]) }],
    })
  ).reverse().join("; ");
  const script = `${prepared}; read q; ${answers}; read q; ${say({ id: 4, type: "stopped" })}`;
  await using target = await openProcess(shell(script), { timeout: 30 });
  const sampler = await target.prepare(tame.settings);
  const [first, second] = await Promise.all([sampler.sample(tame), sampler.sample(tame)]);
  assertEquals([first.final[0], second.final[0]], [[1, 0], [2, 0]]);
});

Deno.test("every open request ends with the first fault, and so do later ones", async () => {
  await using target = await openProcess(shell(`${prepared}; exit 3`), { timeout: 30 });
  const sampler = await target.prepare(tame.settings);
  const faults = await Promise.all(
    [1, 2].map(() => assertRejects(() => sampler.sample(tame), TargetFault, "code 3")),
  );
  await assertRejects(() => target.prepare(tame.settings), TargetFault, "code 3");
  assertEquals(faults.map((fault: TargetFault) => fault.kind), ["exit", "exit"]);
  assertEquals((await target.close()).code, 3);
});

Deno.test("an error of the suite's own is told as it is, not as a time-out of the target", async () => {
  const parse = JSON.parse;
  JSON.parse = () => {
    throw new RangeError("a bug of ours");
  };
  try {
    const command = shell(`read q; ${say(hello)}; ${hang}`);
    await assertRejects(() => openProcess(command, { timeout: 60 }), RangeError, "a bug of ours");
    assertEquals(await left(command.at(-1)!), []);
    const { code, out } = await run("check", "--timeout", "60", "--", ...command);
    assertEquals(code, 2);
    assertStringIncludes(out, "an error of the suite: a bug of ours");
    const smoke = await run("smoke", "--timeout", "60", "--", ...command);
    assertEquals(smoke.code, 2);
    assertStringIncludes(smoke.err, "there is no verdict; please report this error:\nRangeError");
  } finally {
    JSON.parse = parse;
  }
});

Deno.test("requests to a target that is being closed, or was, are refused", async () => {
  const refused = /no answer to (prepare|sample) \(.*\): the target was closed/;
  await using target = await openProcess(shell(`${prepared}; ${hang}`), {
    timeout: 30,
    grace: 0.1,
  });
  const sampler = await target.prepare(tame.settings);
  const open = assertRejects(() => sampler.sample(tame), TargetFault);
  const closing = target.close();
  const during = assertRejects(() => target.prepare(tame.settings), TargetFault);
  assertMatch((await open).found, refused);
  assertMatch((await during).found, refused);
  await closing;
  for (const ask of [() => sampler.sample(tame), () => target.prepare(tame.settings)]) {
    const { found, ofProcess } = await assertRejects(ask, TargetFault);
    assertMatch(found, refused);
    assert(ofProcess);
  }
});

/** A well-behaved script up to `stop`, and what it does then. */
const untilStop = (then: string) => `${ready}; ${then}`;

Deno.test("a process that goes on after stop is ended, and that is remarked", async () => {
  const command = shell(untilStop("trap '' TERM; while :; do sleep 0.05; done"));
  await using target = await openProcess(command, { timeout: 30, grace: 0.2 });
  assertEquals((await target.close()).force, "SIGKILL");
  assertMatch(target.remarks.join(), /did not end within 0.2 s of stop; it took SIGKILL/);
  assertEquals(await left(command.at(-1)!), []);
});

Deno.test("a process that ends with an error after stop is remarked", async () => {
  await using target = await openProcess(shell(untilStop("exit 3")), { timeout: 30 });
  await target.close();
  assertEquals(target.remarks, ["The target ended with code 3 after stop, not with 0."]);
});

for (const [where, leaves] of [["its group", ""], ["a session of its own", "setsid "]] as const) {
  const able = Deno.build.os === "linux" && (leaves === "" || await works("setsid", "true"));
  testNeeding(
    `Linux${leaves === "" ? "" : " with setsid"}`,
    able || undefined,
    `a child that a process leaves behind in ${where} is ended and remarked`,
    async () => {
      const word = ownWord();
      const child = `${leaves}sleep ${word} >/dev/null 2>&1 &`;
      await using target = await openProcess(shell(`${child} ${untilStop("exit 0")}`), {
        timeout: 30,
      });
      while (running(word).length < 1) await new Promise((r) => setTimeout(r, 10));
      const { orphans } = await target.close();
      assert(orphans.some((words) => words.includes(word)), orphans.join());
      assertMatch(target.remarks.join(), /left .* behind, ended by now: /);
      assertEquals(await left(word), []);
    },
  );
}

Deno.test("an interrupted run leaves no process behind", async () => {
  const command = shell(`echo up >&2; ${hang}`);
  const cli = new URL("../cli.ts", import.meta.url).pathname;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    const suite = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", cli, "check", "--", ...command],
      stdout: "null",
      stderr: "null",
    }).spawn();
    while (running(command.at(-1)!).length < 2) await new Promise((r) => setTimeout(r, 20));
    suite.kill(signal);
    assertEquals((await suite.status).code, signal === "SIGINT" ? 130 : 143);
    assertEquals(await left(command.at(-1)!), []);
  }
});

Deno.test("a sampler that had to make room for others is prepared again", async () => {
  const target = await openProcess([Deno.execPath(), "run", "-q", `${examples}plain_target.ts`]);
  try {
    const samplers = [];
    for (let i = 0; i < 6; i++) samplers.push(await target.prepare(tame.settings));
    const results = [];
    for (const sampler of samplers) results.push((await sampler.sample(tame)).final);
    for (const final of results) assertEquals(final, results[0]);
  } finally {
    await target.close();
  }
  assertEquals(target.remarks, []);
});

Deno.test("the target by hand in TypeScript conforms", async () => {
  const command = [Deno.execPath(), "run", "-q", `${examples}plain_target.ts`];
  const { code, out } = await run("check", "--", ...command);
  assertEquals(code, 0, out);
});

/** Judges the target by hand in Python with one line changed. */
async function changed(from: string, to: string, ...args: string[]): Promise<Outcome> {
  const folder = await Deno.makeTempDir();
  try {
    const text = await Deno.readTextFile(`${examples}plain_target.py`);
    assertStringIncludes(text, from);
    await Deno.copyFile(`${examples}formula.py`, `${folder}/formula.py`);
    await Deno.writeTextFile(`${folder}/target.py`, text.replace(from, to));
    const outcome = await run("check", ...args, "--", "python3", `${folder}/target.py`);
    assertEquals(await left(`${folder}/target.py`), []);
    return outcome;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const withPython = (name: string, body: () => Promise<void>) =>
  testNeeding("Python 3.9", python, name, body);

withPython("the target by hand in Python conforms", async () => {
  const { code, out } = await changed("", "");
  assertEquals(code, 0, out);
  assertMatch(out, /^✓ plain Python conforms/);
});

withPython(
  "a process that ignores the tape violates the noise, and says how to replay it",
  async () => {
    const { code, out } = await changed(
      "zip(action, slopes, noise)",
      "zip(action, slopes, [0] * 9)",
    );
    assertEquals(code, 1, out);
    assertMatch(out, /violates \d+ clauses?: .*noise\//);
    assertMatch(
      out,
      /replay +ulaspec check --clause noise\/\S+ --seed 1 --path \S+ -- python3 \S+target\.py$/m,
    );
  },
);

withPython("a process that takes two draws a step violates the noise", async () => {
  const { code, out } = await changed("tape[k]", "tape[2 * k % len(tape)]");
  assertEquals(code, 1, out);
  assertMatch(out, /violates .*noise\//);
});

withPython(
  "a process that moves the caller's actions violates that they are left alone",
  async () => {
    const { code, out } = await changed(`"initialAfter": problem["initial"]`, `"initialAfter": x`);
    assertEquals(code, 1, out);
    assertMatch(out, /violates 1 clause: start\/caller-unchanged/);
  },
);

withPython("what a process remarks is in the report, once and on one line", async () => {
  const { code, out } = await changed(
    `"final": x,`,
    `"final": x, "remarks": ["no\\ngradients \\u001b[31mhere", "no gradients here"],`,
    "--profile",
    "quick",
  );
  assertEquals(code, 0, out);
  assertEquals(out.match(/no gradients here/g)?.length, 1);
});

withPython(
  "with two jobs a second process replays the traces, and the report is the same",
  async () => {
    const command = ["--", "python3", `${examples}plain_target.py`];
    const options = ["--format", "json", "--profile", "quick"];
    const one = await run("check", ...options, ...command);
    const two = await run("check", ...options, "--jobs", "2", ...command);
    const timeless = (text: string) => text.replace(/"elapsedMs": \d+/, "");
    assertEquals([one.code, two.code], [0, 0]);
    assertEquals(timeless(two.out), timeless(one.out));
  },
);
