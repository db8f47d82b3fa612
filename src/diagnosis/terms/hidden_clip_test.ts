import { assert, assertEquals } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import { type Change, samplerWith } from "../../defects/change.ts";
import { defectOf } from "../../defects/defects.ts";
import { fewOf } from "../../fixtures/sweep.ts";
import { diagnose } from "../diagnose.ts";

const changeOf = (id: string) => defectOf(id)!.change;

/** Beside a change that is known by its id: what limits gradients, in the measured rule and in words. */
const cases: readonly (readonly [id: string, noGradClip: string, drift: string, title: string])[] =
  [
    [
      "schedule-over-n",
      "g * min(1, 4 / max(gNorm, 1e-12))",
      "0.500·∇E·min(1, 4/‖∇E‖)",
      "Each row's gradient is scaled to a norm of at most 4, though no gradient clip is set",
    ],
    [
      "half-missing",
      "min(max(g, -10), 10)",
      "1.000·clip(∇E, ±10)",
      "Gradients are clipped to ±10, though no gradient clip is set",
    ],
    [
      "noise-after-delta-clip",
      "g * min(1, 0.5 / max(gAll, 1e-12))",
      "0.500·∇E·min(1, 0.5/‖all ∇E‖)",
      "The gradients of all rows together are scaled to a norm of at most 0.5, " +
      "though no gradient clip is set",
    ],
  ];

Deno.test("gradients that are limited without a clip are told with the number, beside a bug", async () => {
  for (const [id, noGradClip, drift, title] of fewOf(cases, 2)) {
    const target = observe(samplerWith({ ...changeOf(id), noGradClip }));
    const { defects, measured } = await diagnose(target);
    assertEquals(defects.map(({ id, title }) => id ?? title).toSorted(), [id, title].toSorted());
    assert(defects.every(({ certain }) => certain), title);
    assertEquals(measured!.terms.find(({ name }) => name === "drift")!.text, drift);
  }
});

Deno.test("gradients that are limited whatever clip is set are told so, by the largest of all", async () => {
  const target = observe(samplerWith({ gradient: "g * min(1, 4 / max(gLargest, 1e-12))" }));
  const { defects, measured } = await diagnose(target);
  assertEquals(defects.map(({ title, certain }) => [title, certain]), [[
    "The gradients of all rows together are scaled so that the largest component is at most 4, " +
    "whatever gradient clip is set",
    true,
  ]]);
  assertEquals(
    measured!.terms.find(({ name }) => name === "drift")!.text,
    "0.500·∇E·min(1, 4/‖all ∇E‖∞)",
  );
});

Deno.test("a gradient clip that goes by the range of the box is not said to be ignored", async () => {
  const most = "gamma * (hi - lo) / 2";
  const target = observe(samplerWith({ gradClip: `min(max(g, -${most}), ${most})` }));
  const { defects, unexplained } = await diagnose(target);
  assertEquals(defects.filter(({ certain }) => certain), []);
  assert(defects.length > 0 || unexplained !== undefined);
});

Deno.test("a clip at 1 keeps the name that it has in the catalogue", async () => {
  const change: Change = { noGradClip: "min(max(g, -1), 1)" };
  const { defects } = await diagnose(observe(samplerWith(change)));
  assertEquals(defects.map(({ id }) => id), ["grad-clip-default-one"]);
});

Deno.test("draws that are cut at a size are told so, with the size", async () => {
  const influencesOf = async (noise: string) =>
    (await diagnose(observe(samplerWith({ noise })))).influences.map(({ text }) => text);
  const [cut] = await influencesOf("sigma * min(max(xi, -2), 2)");
  assert(cut!.includes("beyond ±2"), cut);
});
