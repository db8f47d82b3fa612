import { assertEquals, assertRejects } from "@std/assert";
import { type Numbered, sweepBy } from "./sharded.ts";

Deno.test("a sweep in two parts tries each number once, and sums all of them", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const tried: number[] = [], file = `${folder}/sum.json`;
    const sweep = {
      count: 4,
      file: new URL(`file://${file}`),
      try: (number: number) =>
        Promise.resolve({ number, square: tried.push(number) && number ** 2 }),
      sum: (all: readonly (Numbered & { readonly square: number })[]) => ({
        figures: all.map(({ square }) => square),
        line: "",
      }),
    };
    const [one, other] = [`${folder}/one`, `${folder}/other`];
    await sweepBy(["run", one, "0", "2"], sweep);
    await sweepBy(["run", one, "0", "3"], sweep);
    await sweepBy(["run", other, "3"], sweep);
    await sweepBy(["join", other, one], sweep);
    assertEquals(tried, [0, 1, 2, 3]);
    assertEquals(JSON.parse(await Deno.readTextFile(file)), [0, 1, 4, 9]);
    await assertRejects(() => sweepBy(["sum"], sweep), RangeError, "wanted run FILE");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
