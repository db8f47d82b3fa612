import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { defaultFalseAlarm } from "../../properties/sequential.ts";
import {
  casesPerClause,
  falseAlarmLimits,
  helpOf,
  type JudgeOptions,
  planOf,
  seedLimits,
} from "./options.ts";

Deno.test("what nobody asks for has its default", () => {
  assertEquals(planOf({}), { seed: 1, profile: "standard", falseAlarm: defaultFalseAlarm });
});

Deno.test("an option at its limit is accepted, one beyond it is refused", () => {
  for (
    const [name, { min, max }] of [["seed", seedLimits], ["falseAlarm", falseAlarmLimits]] as const
  ) {
    assertEquals(planOf({ [name]: min })[name], min);
    assertEquals(planOf({ [name]: max })[name], max);
    assertThrows(() => planOf({ [name]: max + 1 }), RangeError, `${max}`);
  }
});

Deno.test("an option that makes no sense is refused with what was found and what is wanted", () => {
  const wrong: readonly (readonly [JudgeOptions, string])[] = [
    [{ seed: 1.5 }, "the seed 1.5"],
    [{ seed: NaN }, "the seed"],
    [{ profile: "huge" as "quick" }, "quick"],
    [{ falseAlarm: 0 }, "the chance of a false alarm 0"],
    [{ clauses: [] }, "at least one"],
    [{ path: "x:y", clauses: ["drift/half"] }, "x:y"],
    [{ path: "0" }, "exactly one clause"],
    [{ path: "0", clauses: ["drift/half", "drift/descends"] }, "exactly one clause"],
  ];
  for (const [options, words] of wrong) {
    assertThrows(() => planOf(options), RangeError, words);
  }
});

Deno.test("the README tells how many random problems a clause is tried on", async () => {
  const readme = (await Deno.readTextFile(new URL("../../README.md", import.meta.url)))
    .replaceAll(/\s+/g, " ");
  const { standard, thorough } = casesPerClause;
  assertStringIncludes(readme, `is tried on ${standard} random problems`);
  assertStringIncludes(readme, `thorough\` tries ${thorough / standard} times as many`);
});

Deno.test("a path leads to a random problem, to a pair of values or to an edge case", () => {
  for (const path of ["0", "3:0:1", "edge:0", "edge:12", "pair:7", "triple:300"]) {
    assertEquals(planOf({ path, clauses: ["drift/half"] }).path, path);
  }
  for (const path of ["", "edge:", "edge:1:2", "pair:", "pairs:1", "-1", "1:"]) {
    assertThrows(() => planOf({ path, clauses: ["drift/half"] }), RangeError);
  }
});

Deno.test("help names the default of an option that has one", () => {
  assert(helpOf("seed").endsWith("(default 1)"));
  assert(helpOf("falseAlarm").endsWith("(default 1e-6)"));
  assert(!helpOf("path").includes("default"));
});
