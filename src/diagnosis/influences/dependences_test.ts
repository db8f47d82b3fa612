import { assertEquals } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import { type Change, samplerWith } from "../../defects/defects.ts";
import { dependencesOf } from "./dependences.ts";

const on = async (change: Change) =>
  (await dependencesOf(observe(samplerWith(change)))).map(({ on }) => on);

Deno.test("a row that goes by the gradients or the draws of others is told to depend on them", async () => {
  assertEquals(await on({ drift: "gt / (2 + abs(gBatch))" }), ["other row"]);
  assertEquals(await on({ noise: "sigma * xi * (1 + gBatch)" }), ["other row"]);
});

Deno.test("the rule depends on nothing else, and neither does what is wrong in one row alone", async () => {
  assertEquals(await on({}), []);
  assertEquals(await on({ drift: "tanh(gt)" }), []);
});

Deno.test("noise that goes by the gradient is told from noise that a limit cuts beside it", async () => {
  assertEquals(await on({ limit: "min(c / 2 * (hi - lo), 0.3)" }), []);
  assertEquals(await on({ noise: "sigma * xi * (1 + abs(gt))" }), ["other"]);
  assertEquals(await on({ noise: "sigma * xi / (1 + abs(gt))" }), ["other"]);
});
