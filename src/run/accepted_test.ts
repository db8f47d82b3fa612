import { assertEquals, assertStringIncludes } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import { defectOf, samplerWith } from "../defects/defects.ts";
import { withAccepted } from "./accepted.ts";
import { judge } from "./judge.ts";

const unlimited = await judge(observe(samplerWith(defectOf("delta-clip-missing")!.change)), {
  profile: "quick",
  diagnosis: "none",
});

Deno.test("an accepted deviation asks nothing of a sampler, nor does what builds on it", () => {
  const { verdict, clauses } = withAccepted(unlimited, {
    "delta-clip/limits-step": "we have none",
  });
  assertEquals(verdict, "conforms");
  const whole = clauses.find(({ id }) => id === "step/exact");
  assertEquals(whole?.verdict, "not binding");
  assertStringIncludes(whole!.reason!, "we have none");
});

Deno.test("a deviation that is no longer needed leaves a run incomplete", () => {
  const accepted = { "delta-clip/limits-step": "we have none", "drift/half": "long ago" };
  const { verdict, incomplete } = withAccepted(unlimited, accepted);
  assertEquals(verdict, "incomplete");
  assertStringIncludes(incomplete!.reason, "drift/half");
});

Deno.test("another violation stays one", () => {
  assertEquals(withAccepted(unlimited, { "drift/half": "no" }).verdict, "violates");
});
