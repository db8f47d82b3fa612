import { assert, assertEquals } from "@std/assert";
import { defectOf } from "../defects/defects.ts";
import type { PowerLaw } from "./power_law.ts";
import { ownNoiseSuspects } from "./own_noise.ts";

const variance = { clause: "noise/step-size", test: "variance" };

/** The suspects of a size of the noise, in noise scales. */
const ofSize = (factor: number, exponent: PowerLaw["exponent"] = 1, failed = variance) =>
  ownNoiseSuspects(failed, { noiseLaw: { factor, exponent }, noisePlace: "inside" });

Deno.test("a size of the noise names the defects that give it, each with its power of the step size", () => {
  assertEquals(ofSize(1, 0.5), ["noise-root-of-step"]);
  assertEquals(ofSize(Math.SQRT2, 0.5), ["textbook-noise"]);
  assertEquals(ofSize(1, 0), ["noise-without-step"]);
  assertEquals(ofSize(1, 2), ["noise-step-squared"]);
  assertEquals(ofSize(0.5), ["noise-halved"]);
  assertEquals(ofSize(0), ["noise-missing"]);
});

Deno.test("a size is matched to within two hundredths of it, whichever side", () => {
  for (const factor of [0.982 * 0.5, 0.5, 1.018 * 0.5]) {
    assertEquals(ofSize(factor), ["noise-halved"], `${factor}`);
  }
  // What is left then is noise that depends on its axis.
  for (const factor of [0.97 * 0.5, 1.03 * 0.5]) {
    assertEquals(ofSize(factor), ["noise-times-range"], `${factor}`);
  }
  // Between nine tenths and a normal law that is cut off, both may be meant.
  assertEquals(ofSize(0.89), ["noise-nine-tenths", "noise-truncated"]);
  assertEquals(ofSize(0.91), ["noise-nine-tenths"]);
});

Deno.test("a test of the shape names the defects that it speaks for, those of the right size first", () => {
  const tails = { clause: "noise/standard-normal", test: "tails" };
  assertEquals(ofSize(0.8796, 1, tails), ["noise-truncated"]);
  const all = ofSize(1, 1, tails);
  assert(all.length > 3 && all.includes("noise-student"));
  assertEquals(ownNoiseSuspects(tails, undefined), all);
});

Deno.test("of a size that no shape explains only a test of the size speaks", () => {
  const sharing = { clause: "noise/independent", test: "next row" };
  assertEquals(ofSize(0.5, 1, sharing), ["noise-shared-by-samples", "noise-shared-by-rows"]);
  assertEquals(ofSize(0.5, 1, { ...sharing, test: "what is impossible" }), ["noise-halved"]);
});

Deno.test("noise beyond a limit is told by where it is added, a repeated call by itself", () => {
  const beyond = { clause: "delta-clip/after-noise", test: "what is impossible" };
  const at = (noisePlace: "after the limit" | "after the bounds") =>
    ownNoiseSuspects(beyond, { noiseLaw: undefined, noisePlace });
  assertEquals(at("after the limit"), ["noise-after-delta-clip"]);
  assertEquals(at("after the bounds"), ["noise-after-bounds"]);
  assertEquals(
    ownNoiseSuspects({ clause: "noise/fresh-each-call", test: "calls" }, undefined),
    ["noise-same-every-call"],
  );
});

Deno.test("every suspect is in the catalogue", () => {
  for (const factor of [0, 0.5, 0.75, 0.8796, 0.9, Math.sqrt(1 / 3), 4 / 3]) {
    for (const id of ofSize(factor)) assert(defectOf(id) !== undefined, id);
  }
});
