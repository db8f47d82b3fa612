import { assertEquals } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import { clippedGradient, type Parts, type Place, ported } from "../fixtures/ported.ts";
import { defectOf, samplerWith } from "../defects/defects.ts";
import { sweep } from "../fixtures/sweep.ts";
import { judge } from "../run/judge.ts";
import { diagnosisOf } from "./diagnosis.ts";

const follow = (g: number, xi: number, at: Place) =>
  at.eta * (clippedGradient(g, at) / 2 + at.sigma * xi);

/** What was kept under a name, and keeps something else there. */
function replaced({ kept }: Place, name: string, by: (before: number) => number): number {
  const value = by(kept.get(name) ?? 0);
  kept.set(name, value);
  return value;
}

/** What a port does, and all that is told of it, for certain. */
const faults: readonly (readonly [what: string, parts: Parts, names: readonly string[]])[] = [
  ["moves one axis in a step", {
    step: (g, xi, at) => at.axis === at.k % at.axes ? follow(g, xi, at) : 0,
  }, [
    "The drift is 0.5 times the gradient on the axis whose turn it is " +
    "(axis k modulo their number in step k), and 0 times on the others",
    "The noise is 1 times what it should be on the axis whose turn it is " +
    "(axis k modulo their number in step k), and 0 times on the others",
  ]],
  ["limits steps by the room that is left", {
    limit: (step, { a, lo, hi, limit, half }) => {
      const most = half === 0 ? 0 : limit / half * Math.min(a - lo, hi - a);
      return Math.min(Math.max(step, -most), most);
    },
  }, ["The limit of a step is the delta clip times the room to the nearer wall"]],
  ["divides gradients as RMSprop does", {
    step: (g, xi, at) => {
      const mean = replaced(at, "mean", (before) => 0.99 * before + 0.01 * g * g);
      return follow(clippedGradient(g, at) / (Math.sqrt(mean) + 1e-8), xi, {
        ...at,
        gradClip: null,
      });
    },
  }, [
    "The gradient is divided by the root of the running mean of its squares " +
    "(0.99 of the last mean, 0.01 of each new one), as RMSprop does",
  ]],
  ["draws in every second step", {
    step: (g, xi, at) => follow(g, replaced(at, "xi", (last) => at.k % 2 === 0 ? xi : last), at),
  }, ["The draw of every second step is used until the next one"]],
  ["divides the drift by the noise scale", {
    step: (g, xi, at) => at.eta * (clippedGradient(g, at) / (at.sigma || 1) / 2 + at.sigma * xi),
  }, ["The drift is 0.5·(1/σ) times the gradient instead of 0.5 times, where there is noise"]],
  ["has no noise in the last row of several", {
    step: (g, xi, at) => follow(g, at.rows > 1 && at.row === at.rows - 1 ? 0 : xi, at),
  }, [
    "The noise is 0 times what it should be in the last row, 1 times in those before, " +
    "and 1 times in a row alone",
  ]],
  ["forgets the half of negative gradients", {
    step: (g, xi, at) =>
      follow(g < 0 ? 2 * clippedGradient(g, at) : g, xi, {
        ...at,
        ...g < 0 ? { gradClip: null } : {},
      }),
  }, [
    "The drift is 0.5 times the gradient where that is positive, and 1 times where it is negative",
  ]],
  ["keeps what it adds up", {
    step: (g, xi, at) =>
      at.eta *
      replaced(at, "sum", (last) => 0.9 * last + clippedGradient(g, at) / 2 + at.sigma * xi),
  }, ["Nine tenths of the last drift are kept", "0.9 of the last noise is added to each"]],
  ["gives no noise where nothing slopes", {
    step: (g, xi, at) => follow(g, g === 0 ? 0 : xi, at),
  }, ["No noise is added, but only where the gradient is 0"]],
  ["loses gradients in its clamp", {
    step: (g, xi, at) => follow(at.kept.has("stopped") ? 0 : g, xi, at),
    wall: (to, { lo, hi, kept }) => {
      if (to < lo || to > hi) kept.set("stopped", 1);
      return Math.min(Math.max(to, lo), hi);
    },
  }, ["The gradient is not used, but only once a wall has stopped it"]],
];

/** What takes long to tell, and what others in the list stand for. */
const alike = /room that is left|by the noise scale|adds up|nothing slopes|guards/;

for (const [what, parts, names] of faults) {
  sweep(`a port that ${what} has that for a name`, async () => {
    const { defects, unexplained } = (await diagnosisOf(observe(ported(parts)), "violates"))!;
    assertEquals(defects.map(({ title }) => title), names);
    assertEquals([unexplained, defects.every(({ certain }) => certain)], [undefined, true]);
  }, !alike.test(what));
}

Deno.test("the box of the last axis for all axes is told with its limit and its walls", async () => {
  const sampler = samplerWith({
    limit: "c / 2 * (hiLast - loLast)",
    result: "min(max(a - move, loLast), hiLast)",
  });
  const { defects } = (await diagnosisOf(observe(sampler), "violates"))!;
  assertEquals(defects.map(({ title, certain }) => [title.slice(0, 54), certain]), [
    ["The lower wall of an axis is the lower bound of the last axis".slice(0, 54), true],
    ["The limit of an axis goes by the range of the axis that is the last one".slice(0, 54), true],
  ]);
});

Deno.test("swapped walls leave nothing to be said of the limit", async () => {
  const sampler = samplerWith({ result: "min(max(a - move, hi), lo)" });
  const { measuredRule } = (await diagnosisOf(observe(sampler), "violates"))!;
  assertEquals(measuredRule!.terms.find(({ name }) => name === "limit")!.deviates, null);
});

Deno.test("beside a named bug the ledger has the terms that it changes", async () => {
  const how = { seed: 1, profile: "quick" as const, clauses: ["noise/step-size"] };
  const { clauses } = await judge(observe(samplerWith({ step: "eta * (drift + noise / 2)" })), how);
  const [violated] = clauses.filter(({ verdict }) => verdict === "violated");
  const line = violated!.counterexample!.ledger.find(({ term }) => term === "noise")!;
  assertEquals(Number(line.actual), Number(line.expected) / 2);
  assertEquals([line.basis, line.differs], ["as measured", true]);
});

Deno.test("where what was computed is lost, the ledger marks the result and no term before", async () => {
  const how = { seed: 1, profile: "quick" as const, clauses: ["schedule/constant"] };
  const { clauses } = await judge(observe(samplerWith(defectOf("update-lost")!.change)), how);
  const [violated] = clauses.filter(({ verdict }) => verdict === "violated");
  const { ledger } = violated!.counterexample!;
  assertEquals(ledger.filter(({ differs }) => differs).map(({ term }) => term), ["result"]);
  const others = ledger.filter(({ term }) => term !== "result");
  assertEquals(others.map(({ actual }) => actual), others.map(({ expected }) => expected));
});

Deno.test("a heavy ball breaks the clause on memory alone", async () => {
  const how = { seed: 1, profile: "quick" as const, diagnosis: "none" as const };
  const target = observe(samplerWith({ step: "eta * (drift + noise) + 0.5 * moveBefore" }));
  const { clauses } = await judge(target, {
    ...how,
    clauses: ["drift/no-memory", "noise/own-draw", "noise/every-step"],
  });
  const broken = clauses.filter(({ verdict }) => verdict === "violated");
  assertEquals(broken.map(({ id }) => id as string), ["drift/no-memory"]);
});
