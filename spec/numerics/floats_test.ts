import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { agrees, float32Unit, roundToFloat16, smallestNormal, ulps } from "./floats.ts";

Deno.test("numbers agree up to the tolerance, and not beyond", () => {
  assert(agrees(1.5, 1, 0.5));
  assert(agrees(0.5, 1, 0.5));
  assert(!agrees(1.5 + 2 ** -52, 1, 0.5));
  assert(agrees(1, 1, 0));
  assert(!agrees(NaN, 1, 1e9));
  assert(!agrees(Infinity, 1, 1e9));
});

Deno.test("NaN agrees with NaN alone, an infinity with itself alone", () => {
  assert(agrees(NaN, NaN, 0));
  assert(!agrees(1, NaN, Infinity));
  assert(agrees(Infinity, Infinity, 0));
  assert(!agrees(-Infinity, Infinity, Infinity));
  assert(!agrees(1e308, Infinity, Infinity));
});

Deno.test("ulps counts float32 steps", () => {
  assertEquals(ulps(1, 1), 0);
  assertEquals(ulps(1, 1 + 2 ** -23), 1);
  assertEquals(ulps(1, 1 - 2 ** -24), 1);
  assertEquals(ulps(1, 1 + 2 ** -40), 0);
  assertEquals(ulps(1, 2), 2 ** 23);
  assertEquals(ulps(0, -0), 0);
  assertEquals(ulps(-(2 ** -149), 2 ** -149), 2);
  assertEquals(ulps(-1, 1), 2 * ulps(0, 1));
  assertEquals(ulps((2 - 2 ** -23) * 2 ** 127, Infinity), 1);
  assertEquals(ulps(Infinity, Infinity), 0);
  assertEquals(ulps(NaN, NaN), 0);
  assertEquals(ulps(NaN, 1), Infinity);
  assertEquals(ulps(Infinity, NaN), Infinity);
});

Deno.test("each format has a smallest normal number of its own", () => {
  assertEquals(smallestNormal(2 ** -11), 2 ** -14);
  assertEquals(smallestNormal(float32Unit), 2 ** -126);
  assertEquals(smallestNormal(2 ** -53), 2 ** -1022);
});

Deno.test("a number is rounded to float16 as the engine rounds it", () => {
  const patterns = fc.integer({ min: 0, max: 2 ** 16 - 1 });
  const view = new DataView(new ArrayBuffer(2));
  fc.assert(
    fc.property(patterns, fc.double({ min: -2, max: 2, noNaN: true }), (pattern, part) => {
      view.setUint16(0, pattern);
      const exact = view.getFloat16(0);
      for (const value of [exact, exact * (1 + part * 2 ** -11), exact + part * 2 ** -25]) {
        assertEquals(roundToFloat16(value) + 0, Math.f16round(value) + 0, `${value}`);
      }
    }),
    { seed: 1, numRuns: 2000 },
  );
});
