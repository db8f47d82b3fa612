import { assertEquals } from "@std/assert";
import { coarseLaw, median, near, powerLaw } from "./power_law.ts";

const eta = [0.25, 0.115, 0.0449, 0.0156];

Deno.test("numbers that go with a power of the step size have that power and their factor", () => {
  for (const exponent of [0, 0.5, 1, 2] as const) {
    const values = eta.map((size) => -1.5 * size ** exponent);
    const law = powerLaw(values, eta, 1e-3)!;
    assertEquals([law.exponent, near(law.factor, -1.5, 1e-12)], [exponent, true]);
    const off = (part: number) => [values[0]! * (1 + part), ...values.slice(1)];
    assertEquals(powerLaw(off(0.0009), eta, 1e-3)?.exponent, exponent);
    assertEquals(powerLaw(off(0.0021), eta, 1e-3), undefined);
  }
});

Deno.test("nothing, more numbers than step sizes, and zeros have no law; a step of no size says nothing", () => {
  assertEquals(powerLaw([], eta, 1e-3), undefined);
  assertEquals(powerLaw([...eta, 1], eta, 1e-3), undefined);
  assertEquals(powerLaw([0, 0, 0, 0], eta, 1e-3), undefined);
  assertEquals(powerLaw([0.5, 0.25, 0], [0.25, 0.125, 0], 1e-3), { factor: 2, exponent: 1 });
  assertEquals(powerLaw([0.5, 0.25], [0.25, 0.125, 0.0625], 1e-3), { factor: 2, exponent: 1 });
});

Deno.test("where numbers are rounded coarsely, a short factor fits within half of what one stands for", () => {
  const coarse = 1 / 64, rounded = eta.map((size) => Math.round(0.5 * size / coarse) * coarse);
  const reach = eta.map(() => coarse / 2);
  assertEquals(coarseLaw(rounded, eta, reach), { factor: 0.5, exponent: 1 });
  assertEquals(coarseLaw(rounded, eta, []), undefined);
  assertEquals(coarseLaw(rounded.map((value) => value + coarse), eta, reach), undefined);
  assertEquals(coarseLaw([0, 0, 0, 0], eta, reach), undefined);
});

Deno.test("the median is the middle one, or the mean of both, and of nothing no number", () => {
  assertEquals([median([3, 1, 2]), median([4, 1, 2, 3]), median([])], [2, 2.5, NaN]);
});

Deno.test("two numbers are near up to a part of the second, either sign", () => {
  assertEquals([near(1.01, 1, 0.01001), near(0.99, 1, 0.01001), near(1.02, 1, 0.01)], [
    true,
    true,
    false,
  ]);
  assertEquals([near(-1.01, -1, 0.01001), near(1, -1, 0.5), near(0, 0, 0)], [true, false, true]);
});
