import { assertEquals } from "@std/assert";
import { noiseClauses } from "../../../properties/clauses.ts";
import { drawsPerClause, judgeNoise } from "../../../properties/noise_law.ts";
import { normalDraws } from "../../../spec/numerics/random.ts";
import { observe } from "../../../spec/observe.ts";
import { type Place, ported } from "../../fixtures/ported.ts";
import { ledBeyond, redrawnNames } from "./redrawn.ts";

/** What a step is where a draw, made again so many times at most, is too large. */
function redrawing(isTooLarge: (delta: number, at: Place) => boolean, times = 100) {
  const next = normalDraws(11);
  return observe(ported({
    step(g, xi, at) {
      const of = (draw: number) => at.eta * (g / 2 + at.sigma * draw);
      let delta = of(xi);
      for (let time = 0; time < times && at.sigma > 0 && isTooLarge(delta, at); time++) {
        delta = of(next());
      }
      return delta;
    },
  }, { noise: "own" }));
}

const beyondLimit = (delta: number, { limit }: Place) => Math.abs(delta) > limit;
const beyondWall = (delta: number, { a, lo, hi }: Place) => a - delta < lo || a - delta > hi;

const title = (where: string) => `A draw that leads beyond ${where} is drawn again`;
const cases = {
  "at the limit": [redrawing(beyondLimit), title("the limit")],
  "at the limit, once": [redrawing(beyondLimit, 1), `${title("the limit")}, once`],
  "at the walls": [redrawing(beyondWall), title("the bounds")],
  "at both": [
    redrawing((delta, at) => beyondLimit(delta, at) || beyondWall(delta, at)),
    title("the limit or the bounds"),
  ],
  // Right without noise.
  "never, though walls reflect": [
    observe(ported({
      wall: (to, { lo, hi, sigma }) =>
        Math.min(Math.max(sigma > 0 && to > hi ? 2 * hi - to : to, lo), hi),
    }, { noise: "own" })),
    null,
  ],
} as const;

for (const [when, [target, name]] of Object.entries(cases)) {
  Deno.test(`noise drawn again ${when}: a clause is broken, and no more is named than is sure`, async () => {
    assertEquals(await isBroken(target), true);
    const names = redrawnNames(await ledBeyond(target), true);
    assertEquals(names.map(({ title }) => title), name === null ? [] : [name]);
  });
}

Deno.test("draws that are kept, wherever they lead, are not accused", async () => {
  const target = observe(ported({}, { noise: "own" }));
  assertEquals(await isBroken(target), false);
  assertEquals(redrawnNames(await ledBeyond(target), true), []);
});

async function isBroken(target: ReturnType<typeof observe>): Promise<boolean> {
  const clause = noiseClauses.find(({ id }) => id === "noise/not-redrawn")!;
  const { finding } = await judgeNoise(clause, {
    view: "every-step",
    async open({ settings }) {
      const prepared = await target.prepare(settings);
      return (problem) => prepared.sample(problem);
    },
    compared: () => {},
  }, { level: 1e-7, draws: drawsPerClause.quick, seed: 1 });
  return finding !== null;
}
