import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { parseFormula } from "../../spec/formula/parse.ts";
import type { NumberText } from "../../spec/numerics/number_text.ts";
import { calmSettings, problemOf } from "../../properties/arbitraries.ts";
import { problemOnWire, protocolJsonSchema, readAnswer, treeOf } from "./protocol.ts";
import { ProtocolFault } from "./protocol_fault.ts";
import { trajectoryOf } from "./trajectory_text.ts";
import { settingsText } from "../../spec/settings_text.ts";

const tree = (text: string) => treeOf(parseFormula(text, () => true, "anything"));

Deno.test("an expression becomes nested lists, the operator first", () => {
  assertEquals(tree("-(a1 - 0.5)^2 + min(o1, a2, 3)"), [
    "+",
    ["neg", ["^", ["-", "a1", 0.5], 2]],
    ["min", "o1", "a2", 3],
  ]);
});

Deno.test("every float survives the way to a target and back", () => {
  const settings = calmSettings(1, { steps: 1 });
  fc.assert(fc.property(fc.array(fc.double(), { minLength: 1, maxLength: 8 }), (floats) => {
    const initial = floats.map((x) => [x]);
    const problem = problemOf({ energy: "a1", settings, initial });
    const sent: { initial: NumberText[][] } = JSON.parse(JSON.stringify(problemOnWire(problem)));
    const answer = readAnswer(JSON.stringify({
      id: 1,
      type: "results",
      results: [{ final: sent.initial, evaluations: [], draws: 0, initialAfter: sent.initial }],
    }));
    if (answer.type !== "results") throw new Error(answer.type);
    const { final, initialAfter } = trajectoryOf(problem, answer.results[0]!, "results[0]");
    assertEquals(final, initial);
    assertEquals(initialAfter, initial);
    assert(final.every(([x], r) => Object.is(x, floats[r])));
  }));
});

Deno.test("grouped actions are read as rows", () => {
  const problem = problemOf({
    energy: "a1",
    settings: calmSettings(1),
    groups: 2,
    samples: 2,
    initial: [[1], [2], [3], [4]],
  });
  const final = [[[1], [2]], [["-0"], ["Infinity"]]];
  const result = { final, evaluations: [], draws: 0, initialAfter: [[1], [2], [3], [4]] };
  assertEquals(trajectoryOf(problem, result, "results[0]").final, [[1], [2], [-0], [Infinity]]);
});

Deno.test("settings keep what is not set apart from zero", () => {
  const settings = calmSettings(1, { gradClip: null, deltaClip: 0, gradNorm: null });
  const { gradClip, deltaClip, gradNorm } = settingsText(settings);
  assertEquals([gradClip, deltaClip, gradNorm], [null, 0, null]);
  assertEquals(settingsText({ ...settings, gradClip: 0 }).gradClip, 0);
});

Deno.test("whatever a target writes is read as an answer or refused with a reason", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.json(),
        fc.json().map((text) => `{"id":1,"type":"ready","x":${text}}`),
      ),
      (line) => {
        const fault = assertThrows(() => readAnswer(line), ProtocolFault);
        assert(fault.found !== "" && fault.wanted !== "" && fault.message.length < 1000);
      },
    ),
    { numRuns: 500 },
  );
});

Deno.test("a feature that does not exist is answered with the nearest one", () => {
  const ready = { id: 1, type: "ready", protocol: 1, name: "mine", networkReturns: "energy" };
  const line = JSON.stringify({ ...ready, unsupported: ["chain_actions"] });
  const fault = assertThrows(() => readAnswer(line), ProtocolFault);
  assertStringIncludes(fault.wanted, "did you mean chain-actions?");
});

Deno.test("the schema has every message and refers to nothing that it lacks", () => {
  const text = JSON.stringify(protocolJsonSchema());
  const { $defs } = JSON.parse(text) as { $defs: Record<string, unknown> };
  for (
    const type of [
      ...["start", "prepare", "sample", "release", "stop"],
      ...["ready", "prepared", "unsupported", "results", "failed", "released", "stopped"],
    ]
  ) assert(type in $defs, type);
  for (const [, name] of text.matchAll(/"#\/\$defs\/(\w+)"/g)) assert(name! in $defs, name);
});
