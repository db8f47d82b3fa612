import { assertEquals } from "@std/assert";
import { importGraph, isAsked, isProduction, stages, testsConcerned } from "./concerned.ts";

Deno.test("sources of the mutated folders are mutated, and nothing that tests or times them", () => {
  const paths = ["spec/laws.ts", "src/run/judge.ts", "src/defects/defects.ts"];
  assertEquals(paths.filter(isProduction), paths);
  const others = [
    "spec/laws_test.ts",
    "spec/step_bench.ts",
    "src/fixtures/compound.ts",
    "src/cli.ts",
    "docs/generate.ts",
    "golden/traces/one-step.json",
  ];
  assertEquals(others.filter(isProduction), []);
  assertEquals(others.filter(isAsked), ["spec/laws_test.ts"]);
});

const sources = new Map([
  ["spec/a.ts", 'import type { B } from "./b.ts";'],
  ["spec/b.ts", "export const b = 1;"],
  ["spec/worker.ts", 'export * from "./b.ts";'],
  ["spec/a_test.ts", 'import { a } from "./a.ts";'],
  ["spec/b_test.ts", 'import { b } from "./b.ts"; import { x } from "npm:x";'],
  ["src/run/c_test.ts", 'await import("../../spec/a.ts"); new URL("../../spec/worker.ts", base);'],
  ["src/testing_test.ts", 'import { t } from "ulaspec";'],
  ["src/mod.ts", 'import { type B, b } from "../spec/b.ts";'],
  ["docs/page_test.ts", 'import { b } from "../spec/b.ts";'],
]);
const graph = importGraph(sources, { ulaspec: "src/mod.ts" });

Deno.test("a test concerns what it reaches through imports, but those of types", () => {
  assertEquals(testsConcerned(graph, "spec/b.ts"), [
    { test: "spec/b_test.ts", distance: 1 },
    { test: "src/run/c_test.ts", distance: 2 },
    { test: "src/testing_test.ts", distance: 2 },
  ]);
  assertEquals(testsConcerned(graph, "spec/a.ts"), [
    { test: "spec/a_test.ts", distance: 1 },
    { test: "src/run/c_test.ts", distance: 1 },
  ]);
});

Deno.test("a file's own test is asked first, then the near and cheap ones, the slow ones apart", () => {
  const concerned = [
    { test: "spec/slow_test.ts", distance: 1 },
    { test: "spec/far_test.ts", distance: 5 },
    { test: "spec/near_test.ts", distance: 1 },
    { test: "spec/a_test.ts", distance: 1 },
  ];
  const seconds = (test: string) => test === "spec/slow_test.ts" ? 20 : 0.4;
  assertEquals(stages("spec/a.ts", concerned, seconds), [
    ["spec/a_test.ts", "spec/near_test.ts", "spec/far_test.ts"],
    ["spec/slow_test.ts"],
  ]);
});
