import { assertEquals } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import type { Rows } from "../../spec/problem.ts";
import { clippedGradient, type Parts, ported } from "../fixtures/ported.ts";
import { sweep } from "../fixtures/sweep.ts";
import { judge } from "../run/judge.ts";
import { diagnosisOf } from "./diagnosis.ts";

/** What a port does, and all that is told of it, for certain. */
type Told = readonly [what: string, parts: Parts, names: readonly string[]];

const meanOf = (rows: readonly Rows[]) =>
  rows[0]!.map((row, r) =>
    row.map((_, i) => rows.reduce((sum, at) => sum + at[r]![i]!, 0) / rows.length)
  );

const faults: readonly Told[] = [
  ["works in coordinates from −1 to 1", {
    step: (g, xi, at) => {
      const { half, gradClip } = at, slope = g * half;
      const clipped = gradClip === null ? slope : clippedGradient(slope, at);
      return at.eta * (clipped / 2 + at.sigma * xi) * half;
    },
  }, [
    "The gradient is multiplied by the square of half the range of its axis, " +
    "half of that before the gradient clip and half after it",
    "noise-times-range",
  ]],
  ["multiplies the gradient by the square of half its range", {
    step: (g, xi, at) => at.eta * (clippedGradient(g, at) * at.half ** 2 / 2 + at.sigma * xi),
  }, ["The clipped gradient is multiplied by the square of half the range of its axis"]],
  ["divides draws by half the range", {
    step: (g, xi, at) => at.eta * (clippedGradient(g, at) / 2 + at.sigma * xi / at.half),
    wall: (to, { lo, hi }) => hi > lo ? Math.min(Math.max(to, lo), hi) : lo,
  }, ["The noise is multiplied by one over half the range of its axis"]],
  ["multiplies the gradient by a million", {
    step: (g, xi, at) => at.eta * (clippedGradient(g, at) * 5e5 + at.sigma * xi),
  }, ["The drift is 500000 times the gradient instead of 0.5"]],
  ["multiplies the drift by the noise scale", {
    step: (g, xi, at) => at.eta * at.sigma * (clippedGradient(g, at) / 2 + xi),
  }, ["The drift is 0.5·σ times the gradient instead of 0.5 times"]],
  ["bends the gradient", {
    step: (g, xi, at) => at.eta * (Math.tanh(clippedGradient(g, at)) / 2 + at.sigma * xi),
  }, ["The clipped gradient x becomes tanh(x)"]],
  ["returns the mean of its last two points", { result: (points) => meanOf(points.slice(-2)) }, [
    "The mean of the last 2 points is returned",
  ]],
  ["returns a running average beside other walls", {
    wall: (to, { lo, hi }) => Math.max(Math.min(to, Math.trunc(hi)), Math.trunc(lo)),
    result: ([start, ...points]) =>
      points.reduce(
        (mean, at) => mean.map((row, r) => row.map((v, i) => 0.9 * v + 0.1 * at[r]![i]!)),
        start!,
      ),
  }, [
    "The lower wall of an axis is its lower bound without its fraction, " +
    "and the upper wall of an axis is its upper bound without its fraction",
    "A running average of the points (0.9 of the last one, 0.1 of each new point), " +
    "that begins at the initial actions, is returned",
  ]],
  ["reflects actions once and clips then", {
    wall: (to, { lo, hi }) =>
      Math.min(Math.max(to < lo ? 2 * lo - to : to > hi ? 2 * hi - to : to, lo), hi),
  }, ["Actions are reflected at the walls, and what is still outside is clipped"]],
  ["reflects actions until they are inside", {
    wall: (to, { lo, hi }) => {
      while (hi > lo && (to < lo || to > hi)) to = to < lo ? 2 * lo - to : 2 * hi - to;
      return hi > lo ? to : lo;
    },
  }, ["Actions are reflected between both walls until they are inside"]],
  ["reflects steps at the limit", {
    limit: (step, { limit }) => {
      const size = Math.abs(step);
      return Math.sign(step) * (size > limit ? Math.max(2 * limit - size, -limit) : size);
    },
  }, ["Steps beyond the limit are reflected at it, and what is still beyond is clipped"]],
  ["wraps steps round", {
    limit: (step, { limit }) =>
      limit === 0 ? 0 : ((step + limit) % (2 * limit) + 2 * limit) % (2 * limit) - limit,
  }, ["Steps beyond the limit come in again from the limit on the other side"]],
  ["limits drift and noise each", {
    step: (g, xi, at) => {
      const within = (v: number) => Math.min(Math.max(v, -at.limit), at.limit);
      return within(at.eta * clippedGradient(g, at) / 2) + within(at.eta * at.sigma * xi);
    },
    limit: (step) => step,
  }, ["The delta clip acts on the drift and on the noise, each by itself, not on their sum"]],
  ["keeps the gradient of the last row for a step", {
    gradients: (all, k) => [...all[k]!.slice(0, -1), (all[k - 1] ?? all[k]!).at(-1)!],
  }, ["In the last row the gradient is that of the step before"]],
  ["uses the last gradient but one in its last step", {
    gradients: (all, k, steps) => all[k === steps - 1 && k > 0 ? k - 1 : k]!,
  }, ["In the last step the gradient is that of the step before"]],
  ["uses its first gradient again in its second step", {
    gradients: (all, k) => all[k === 1 ? 0 : k]!,
  }, ["In step 1 the gradient is that of the step before"]],
  ["gives the last row the gradient of the row before, and no half", {
    gradients: (all) => {
      const rows = all.at(-1)!;
      return rows.map((row, r) => rows.length > 1 && r === rows.length - 1 ? rows[r - 1]! : row);
    },
    step: (g, xi, at) => at.eta * (clippedGradient(g, at) + at.sigma * xi),
  }, ["In the last row the gradient is that of the row before", "half-missing"]],
  ["is a heavy ball without an upper bound", {
    step: (g, xi, at) => {
      const step = at.eta * (clippedGradient(g, at) / 2 + at.sigma * xi) +
        0.5 * (at.kept.get("step") ?? 0);
      at.kept.set("step", step);
      return step;
    },
    wall: (to, { lo }) => Math.max(to, lo),
  }, [
    "0.5 of the last step before its clip is added to the step",
    "bounds-lower-only",
  ]],
  ["adds a part of its last movement after the clip, and no half", {
    step: (g, xi, at) => at.eta * (clippedGradient(g, at) + at.sigma * xi),
    limit: (step, { limit, a, kept }) => {
      const moved = (kept.get("a") ?? a) - a;
      kept.set("a", a);
      return Math.max(Math.min(step, limit), -limit) + 0.25 * moved;
    },
  }, ["0.25 of the last movement is added to each step after the delta clip", "half-missing"]],
];

/** What takes long to tell, and what others in the list stand for. */
const alike =
  /square of half|a million|by the noise scale|beside other walls|last row|heavy ball|movement/;

for (const [what, parts, names] of faults) {
  sweep(`a port that ${what} is told as such`, async () => {
    const { defects, unexplained } = (await diagnosisOf(observe(ported(parts)), "violates"))!;
    assertEquals(defects.map(({ id, title }) => id ?? title), names);
    assertEquals([unexplained, defects.every(({ certain }) => certain)], [undefined, true]);
  }, !alike.test(what));
}

Deno.test("a step that ends at a wall inside of the bounds does not accuse the limit", async () => {
  const target = observe(ported({
    wall: (to, { lo, hi }) => Math.max(Math.min(to, Math.trunc(hi)), Math.trunc(lo)),
  }));
  const clauses = ["bounds/within", "delta-clip/limits-step", "delta-clip/scaled-by-range"];
  const how = { seed: 1, profile: "standard" as const, diagnosis: "none" as const, clauses };
  const broken = (await judge(target, how)).clauses.filter((c) => c.verdict === "violated");
  assertEquals(broken.map(({ id }) => id as string), ["bounds/within"]);
  assertEquals(broken[0]!.counterexample!.message.includes("did not move"), false);
  const unscaled = observe(ported({
    limit: (step, { limit, half }) => {
      const most = half === 0 ? 0 : limit / half;
      return Math.max(Math.min(step, most), -most);
    },
  }));
  const found = (await judge(unscaled, how)).clauses.filter((c) => c.verdict === "violated");
  assertEquals(found.map(({ id }) => id as string), ["delta-clip/scaled-by-range"]);
});
