import { assertEquals } from "@std/assert";
import { etaPower, fixed, listed, scheduleOf, short } from "./measured_words.ts";

const sizes = (count: number, of: (k: number) => number) =>
  Array.from({ length: count }, (_, k) => of(k));

Deno.test("step sizes are told by their law: constant, polynomial or geometric", () => {
  assertEquals(scheduleOf([0.25, 0.25, 0.2501]).text, "η: 0.250, constant");
  const polynomial = sizes(5, (k) => (0.25 - 1 / 64) * (1 - k / 4) ** 2.5 + 1 / 64);
  const { text, power } = scheduleOf(polynomial);
  assertEquals([text, power?.toFixed(6)], [
    "η: 0.250 → 0.0156, polynomial, power 2.50",
    "2.500000",
  ]);
  assertEquals(scheduleOf(sizes(4, (k) => 0.5 ** (k + 1))), {
    text: "η: 0.500 → 0.0625, times 0.5 in every step",
    power: undefined,
  });
});

Deno.test("step sizes of no law are listed, six of them, from a late step on where that is odd", () => {
  assertEquals(scheduleOf([0.25, 0.125, 0.25]).text, "η: 0.250, 0.125, 0.250");
  const odd = sizes(12, (k) => k % 2 === 0 ? 0.0005 : 0.05);
  const six = "5.0e-4, 0.0500, 5.0e-4, 0.0500, 5.0e-4, 0.0500";
  assertEquals(scheduleOf(odd).text, `η: ${six}, …`);
  assertEquals(scheduleOf(odd, 5).text, `η: ${six}, …`);
  assertEquals(scheduleOf(odd, 6).text, `η: from step 6 on ${six}`);
  assertEquals(scheduleOf([0.25]).text, "η: 0.250");
  assertEquals(scheduleOf([0.25, NaN, 0]).text, "η: 0.250, NaN, 0");
  assertEquals(scheduleOf([NaN, NaN]).text, "η: not measured");
});

Deno.test("numbers have three digits and a minus of typographers", () => {
  assertEquals([fixed(-0.5), short(-1234.5), short(0.00012345)], ["−0.500", "−1230", "0.000123"]);
  assertEquals(listed([0.5, 0.25], [0.25, 0.5]), "(2, 0.5)");
});

Deno.test("a power of the step size stands as a factor, inside of the bracket beside the first", () => {
  const powers = [0, 0.5, 1, 2] as const;
  assertEquals(powers.map((power) => etaPower(power, false)), ["", "√η·", "η·", "η²·"]);
  assertEquals(powers.map((power) => etaPower(power, true)), ["", "√η_k·", "", "η_k²·"]);
});
