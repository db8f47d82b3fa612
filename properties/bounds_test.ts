import { assertEquals } from "@std/assert";
import { observe } from "../spec/observe.ts";
import { type Parts, ported } from "../src/fixtures/ported.ts";
import { judge } from "../src/run/judge.ts";

const clip = (x: number, lo: number, hi: number) => Math.min(Math.max(x, lo), hi);

/** Clauses that a sampler with such parts violates, of a few. */
async function violated(parts: Parts, noise: "own" | "tape", clauses: readonly string[]) {
  const how = noise === "own" ? { noise } : {};
  const report = await judge(observe(ported(parts, how)), {
    profile: "quick",
    diagnosis: "none",
    clauses: [...clauses],
  });
  return report.clauses.filter(({ verdict }) => verdict === "violated").map(({ id }) => id);
}

const wider = (to: number, lo: number, hi: number, by: number) =>
  clip(to, lo - by * (hi - lo), hi + by * (hi - lo));
const leaving: Readonly<Record<string, Parts>> = {
  "walls stand farther out where there is noise": {
    wall: (to, { lo, hi, sigma }) => wider(to, lo, hi, sigma > 0 ? 0.02 : 0),
  },
  "a wall stands a thousandth farther out where there is noise": {
    wall: (to, { lo, hi, sigma }) => wider(to, lo, hi, sigma > 0 ? 0.001 : 0),
  },
  "there are no walls where there is noise": {
    wall: (to, { lo, hi, sigma }) => sigma > 0 ? to : clip(to, lo, hi),
  },
};

for (const [fault, parts] of Object.entries(leaving)) {
  Deno.test(`with noise of its own, too, actions outside break bounds/within: ${fault}`, async () => {
    const clauses = ["bounds/within", "noise/not-redrawn"];
    assertEquals(await violated(parts, "own", clauses), ["bounds/within"]);
  });
}

Deno.test("with noise of its own, too, points outside on the way break bounds/every-step", async () => {
  const box: (readonly [number, number])[] = [];
  const lastInside: Parts = {
    wall: (to, { lo, hi, axis, sigma }) => {
      box[axis] = [lo, hi];
      return sigma > 0 ? to : clip(to, lo, hi);
    },
    result: (points) => points.at(-1)!.map((row) => row.map((a, i) => clip(a, ...box[i]!))),
  };
  const clauses = ["bounds/every-step"];
  assertEquals(await violated(lastInside, "own", clauses), clauses);
});

Deno.test("a chain that comes back from outside by limited steps breaks bounds/outside-start", async () => {
  const limitLast: Parts = {
    limit: (delta, { a, lo, hi, limit }) => clip(a - clip(a - delta, lo, hi), -limit, limit),
    wall: (to) => to,
  };
  const clauses = ["bounds/outside-start"];
  assertEquals(await violated(limitLast, "tape", clauses), clauses);
  assertEquals(await violated(limitLast, "own", clauses), clauses);
});

for (const noise of ["tape", "own"] as const) {
  Deno.test(`the rule keeps the clauses on bounds: noise ${noise}`, async () => {
    const clauses = ["bounds/within", "bounds/every-step", "bounds/outside-start"];
    assertEquals(await violated({}, noise, clauses), []);
    // Limits that are wrong are no matter of theirs.
    const wide: Parts = { limit: (delta, at) => clip(delta, -2 * at.limit, 2 * at.limit) };
    assertEquals(await violated(wide, noise, clauses), []);
  });
}
