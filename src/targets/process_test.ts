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
import { fewOf, isWhole, sweep } from "../fixtures/sweep.ts";
import { findPython } from "../fixtures/python_rule.ts";
import {
  hang,
  hello,
  left,
  ownWord,
  prepared,
  ready,
  result,
  running,
  say,
  shell,
  table,
  works,
} from "../fixtures/shell_target.ts";
import { openProcess } from "./process.ts";

const examples = new URL("../../docs/examples/process/", import.meta.url).pathname;
const python = await findPython();

const run = (...args: string[]) => runAt(200, ...args);

/** Questions to a process take their time: the quick run judges some groups of clauses. */
const fewer = (...groups: readonly string[]) =>
  isWhole ? ["--profile", "quick"] : [
    ...["--profile", "quick"],
    ...groups.flatMap((group) => ["--clause", group]),
  ];

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
const untilStop = (then: string) => `${ready}; ${say({ id: 1, type: "stopped" })}; ${then}`;

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
  for (const signal of fewOf(["SIGINT", "SIGTERM"] as const, 1)) {
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

Deno.test("a process may say that its final actions alone are seen, and needs no evaluations then", async () => {
  const script = `read q; ${say({ ...hello, reveals: "final-actions" })}; read q; ${
    say({ id: 1, type: "prepared", prepared: 0 })
  }; read q; ${
    say({ id: 2, type: "results", results: [{ ...result, evaluations: [] }] })
  }; cat >&2`;
  const target = await openProcess(shell(script));
  try {
    assertEquals(target.reveals, "final-actions");
    const trajectory = await (await target.prepare(tame.settings)).sample(tame);
    assertEquals([trajectory.final, trajectory.evaluations], [table, []]);
  } finally {
    await target.close();
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

sweep("the target by hand in TypeScript conforms", async () => {
  const command = [Deno.execPath(), "run", "-q", `${examples}plain_target.ts`];
  const { code, out } = await run("check", "--profile", "quick", "--", ...command);
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
  const { code, out } = await changed("", "", ...fewer("start", "drift", "noise"));
  assertEquals(code, 0, out);
  assertMatch(out, /^✓ plain Python conforms/);
});

withPython(
  "a process that ignores the tape violates the noise, and says how to replay it",
  async () => {
    const { code, out } = await changed(
      "zip(action, slopes, noise)",
      "zip(action, slopes, [0] * 30)",
      ...fewer("noise"),
    );
    assertEquals(code, 1, out);
    assertMatch(out, /violates \d+ clauses?: .*noise\//);
    assertMatch(
      out,
      /replay +ulaspec check --clause noise\/\S+ --seed 1 --path \S+ --profile quick -- python3 \S+target\.py$/m,
    );
  },
);

testNeeding(
  "deno task test:all and Python 3.9",
  isWhole ? python : undefined,
  "a process that takes two draws a step violates the noise",
  async () => {
    const twice = ["tape[k]", "tape[2 * k % len(tape)]"] as const;
    const { code, out } = await changed(...twice, ...fewer("noise/own-draw"));
    assertEquals(code, 1, out);
    assertMatch(out, /violates .*noise\//);
  },
);

withPython(
  "a process that moves the caller's actions violates that they are left alone",
  async () => {
    const args = [`"initialAfter": problem["initial"]`, `"initialAfter": x`] as const;
    const { code, out } = await changed(...args, ...fewer("start", "drift"));
    assertEquals(code, 1, out);
    assertMatch(out, /violates 1 clause: start\/caller-unchanged/);
  },
);

withPython("what a process remarks is in the report, once and on one line", async () => {
  const { code, out } = await changed(
    `"final": x,`,
    `"final": x, "remarks": ["no\\ngradients \\u001b[31mhere", "no gradients here"],`,
    ...fewer("start"),
  );
  assertEquals(code, 0, out);
  assertEquals(out.match(/no gradients here/g)?.length, 1);
});

testNeeding(
  "deno task test:all and Python 3.9",
  isWhole ? python : undefined,
  "with two jobs a second process replays the traces, and the report is the same",
  async () => {
    const command = ["--", "python3", `${examples}plain_target.py`];
    const options = ["--format", "json", ...fewer("golden")];
    const one = await run("check", ...options, ...command);
    const two = await runProcess("check", ...options, "--jobs", "2", ...command);
    const timeless = (text: string) =>
      text.replace(/"elapsedMs": \d+/, "").replace(" --jobs 2", "").replaceAll(
        /(?:deno run -A \S+cli\.ts|deno task ulaspec) check/g,
        "ulaspec check",
      );
    assertEquals([one.code, two.code], [0, 0]);
    assertEquals(timeless(two.out), timeless(one.out));
  },
);
