import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ruleSampler } from "../spec/rule.ts";
import { clauses } from "../properties/clauses.ts";
import { conformance } from "./testing.ts";

interface Outcome {
  readonly code: number;
  /** Name → whether the test has passed. */
  readonly tests: ReadonlyMap<string, boolean>;
  readonly text: string;
}

async function testRun(fixture: string): Promise<Outcome> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "-A", "--no-check", "--reporter=tap", `fixtures/${fixture}`],
    cwd: new URL(".", import.meta.url),
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  const lines = text.matchAll(/^(not )?ok \d+ - (.*?)(?: # .*)?$/gm);
  return { code, text, tests: new Map([...lines].map(([, not, name]) => [name!, !not])) };
}

const names = [
  ...clauses.map(({ id, sentence }) => `${id}: ${sentence}`),
  "the measured rule is the rule",
];

Deno.test("a conforming sampler passes one test per clause, unsupported ones too", async () => {
  const { code, tests, text } = await testRun("conforming_port.ts");
  assertEquals(code, 0, text);
  assertEquals([...tests.keys()], names);
});

Deno.test("a faulty sampler fails the test of the clause that it breaks, and no other", async () => {
  const { code, tests, text } = await testRun("faulty_port.ts");
  assertEquals(code, 1);
  assertEquals([...tests.keys()], names);
  const failed = [...tests].filter(([, passed]) => !passed).map(([name]) => name.split(":")[0]);
  assertEquals(failed, ["delta-clip/limits-step"]);
  assertStringIncludes(text, "The smallest problem that shows it");
});

Deno.test("a sampler that cannot be judged fails every test", async () => {
  const { code, tests, text } = await testRun("throwing_port.ts");
  assertEquals(code, 1);
  assertEquals([...tests.values()], [false, false]);
  assertStringIncludes(text, "no weights thrown in prepare(settings)");
});

Deno.test("chosen clauses fail if what they build on is broken and has no test of its own", async () => {
  const { code, tests, text } = await testRun("climbing_port.ts");
  assertEquals(code, 1);
  assertEquals([...tests.values()], [false, false]);
  assertStringIncludes(text, "It builds on drift/descends, which is violated");
  assertStringIncludes(text, "This chain climbs the energy");
});

Deno.test("a clause that does not exist has no test", () => {
  assertThrows(() => conformance(ruleSampler(), { clauses: ["drift/descend"] }), RangeError);
});
