import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { ruleSampler } from "../spec/rule.ts";
import { clauses } from "../properties/clauses.ts";
import { sweep } from "./fixtures/sweep.ts";
import { conformance } from "./testing.ts";

interface Outcome {
  readonly code: number;
  /** Name → whether the test passed, failed or was ignored. */
  readonly tests: ReadonlyMap<string, "passed" | "failed" | "ignored">;
  readonly text: string;
}

async function testRun(fixture: string): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", "--reporter=tap", `fixtures/${fixture}`],
    cwd: new URL(".", import.meta.url),
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  const lines = text.matchAll(/^(not )?ok \d+ - (.*?)( # SKIP)?$/gm);
  const verdict = (not: string | undefined, skipped: string | undefined) =>
    not ? "failed" : skipped ? "ignored" : "passed";
  return {
    code,
    text,
    tests: new Map([...lines].map(([, not, name, skipped]) => [name!, verdict(not, skipped)])),
  };
}

const names = [
  ...clauses.map(({ id, sentence }) => `${id}: ${sentence}`),
  "the measured rule is the rule",
];

sweep("a conforming sampler passes a test per clause, and skips what it lacks", async () => {
  const { code, tests, text } = await testRun("conforming_port.ts");
  assertEquals(code, 0, text);
  assertEquals([...tests.keys()].map((name) => name.split(" · ")[1]), names);
  const ignored = [...tests].filter(([, verdict]) => verdict === "ignored").map(([name]) => name);
  assert(
    ignored.length > 0 && ignored.every((name) => /grad-clip|apply-exp|chain/.test(name)),
    `${ignored}`,
  );
});

Deno.test("a faulty sampler fails the test of the clause that it breaks, naming the bug and the caller", async () => {
  const { code, tests, text } = await testRun("faulty_port.ts");
  assertEquals(code, 1);
  const failed = [...tests].filter(([, verdict]) => verdict === "failed").map(([name]) => name);
  assertEquals(failed.length, 1);
  assertMatch(failed[0]!, /^.+ · delta-clip\/limits-step: /);
  assertEquals(text.split("The smallest problem that shows it").length, 2, text);
  for (
    const part of [
      "The smallest problem that shows it",
      "fix  ",
      "measured rule",
      "/faulty_port.ts:",
    ]
  ) {
    assertStringIncludes(text, part);
  }
});

Deno.test("accepted deviations are ignored with their reason, and an entry that nothing needs fails", async () => {
  const { tests, text } = await testRun("accepting_port.ts");
  const failed = [...tests].filter(([, verdict]) => verdict === "failed").map(([name]) => name);
  assertEquals(failed.map((name) => name.split(" · ")[1]!.split(":")[0]), ["drift/half"], text);
  assertStringIncludes(text, "drift/half is accepted as a deviation but isn't violated");
  assertStringIncludes(text, "accepted: we have none");
});

Deno.test("a sampler that cannot be judged fails one test", async () => {
  const { code, tests, text } = await testRun("throwing_port.ts");
  assertEquals(code, 1);
  assertEquals([...tests.values()].filter((verdict) => verdict === "failed").length, 1);
  assert(tests.size > 1);
  assertStringIncludes(text, "no weights, thrown in prepare(settings)");
});

sweep(
  "chosen clauses fail if what they build on is broken and has no test of its own",
  async () => {
    const { code, tests, text } = await testRun("climbing_port.ts");
    assertEquals(code, 1);
    assertEquals([...tests.values()], ["failed", "failed"]);
    assertStringIncludes(text, "It builds on drift/descends, which is violated");
    assertStringIncludes(text, "This chain climbs the energy");
  },
);

Deno.test("a clause that does not exist has no test", () => {
  assertThrows(() => conformance(ruleSampler(), { clauses: ["drift/descend"] }), RangeError);
});
