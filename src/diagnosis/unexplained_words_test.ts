import { assertEquals, assertMatch } from "@std/assert";
import { drawing, rule, type Style } from "../fixtures/drawing_samplers.ts";
import { diagnosisOf } from "./diagnosis.ts";
import { apart, bothShown } from "./figures.ts";

Deno.test("two numbers are told with the digits that show their distance", () => {
  assertEquals([apart(1.5, 2), apart(2, 1.5)], ["1.5", "2"]);
  assertEquals([apart(-1.215, -1.21484375), apart(-1.21484375, -1.215)], ["-1.215", "-1.21484"]);
  assertEquals([apart(0.1, 0.1), apart(NaN, 1)], ["0.1", "NaN"]);
  assertEquals(bothShown(-0.12500001, -0.125), ["−0.12500001", "−0.125"]);
});

Deno.test("what a sampler does not show is no number that differs", async () => {
  const alternating: Style = ({ steps, rows, axes, take }) => {
    const numbers = take(steps * rows * axes);
    return (k, r, i) => (-1) ** k * numbers[(k * rows + r) * axes + i]!;
  };
  const target = drawing(alternating, undefined, { ...rule, reveals: "final-actions" });
  const { unexplained = "" } = (await diagnosisOf(target, "violates"))!;
  assertMatch(unexplained, /the returned action of row/);
});
