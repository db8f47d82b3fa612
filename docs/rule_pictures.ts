/**
 * The pictures of `docs/rule.md`.
 *
 * @module
 */

import { calmSettings, constantSchedule, problemOf } from "../properties/arbitraries.ts";
import { energy } from "../spec/energy.ts";
import { officialDefaults, type Schedule } from "../spec/problem.ts";
import { compileRule, slots } from "../spec/compiled_rule.ts";
import { limitOf, officialRule, type Rule, stepSizes } from "../spec/rule.ts";
import { joined } from "../src/report/markup.ts";
import { landscapeOf } from "../src/report/plot/contours.ts";
import { labels } from "../src/report/plot/labels.ts";
import { reachOf } from "../src/report/plot/landscape.ts";
import { area, arrow, framed, line, mark, plotOf, type Point } from "../src/report/plot/plot.ts";
import { isWithin, markText, spread } from "../src/report/plot/scales.ts";
import { expectedDescent, noiseLaws, oneStep } from "./law_pictures.ts";
import {
  broken,
  chainsOf,
  inSequence,
  panelOf,
  type Picture,
  pictureOf,
  ruleFor,
  type RuleLine,
  ruleLines,
  termOf,
  ticksAt,
} from "./panels.ts";

async function drift(): Promise<Picture> {
  const steps = 8, start = 0.75;
  const problem = problemOf({
    energy: "3*a1^2",
    settings: calmSettings(1, {
      steps,
      bounds: { min: [-1], max: [1] },
      deltaClip: 2,
      schedule: constantSchedule(0.25),
    }),
    initial: [[start]],
    noise: { kind: "tape", draws: Array.from({ length: steps }, () => [[0]]) },
  });
  const plot = panelOf({
    left: 56,
    width: 500,
    height: 220,
    across: [0, steps],
    up: [-1, 1],
    head: "The action along a chain without noise, energy 3a², step size 0.25",
    name: "step",
  });
  const all: readonly RuleLine[] = [
    { defect: null, words: "the rule", at: [8, -0.08], side: "right" },
    { defect: "half-missing", words: "half-missing", at: [1, -0.38], side: "below" },
    { defect: "half-twice", words: "half-twice", at: [2, 0.36], side: "right" },
    { defect: "gradient-sign", words: "gradient-sign", at: [8, 1], side: "right" },
    { defect: "momentum", words: "momentum", at: [3.4, -0.66], side: "right" },
  ];
  return pictureOf("drift", {
    title: "The drift is half the gradient",
    description:
      "Five chains without noise from 0.75 down the energy 3a². The rule comes to the minimum in a few steps; a missing half makes the chain swing around it, a half too many makes it slow, momentum makes it run past, a wrong sign takes it to the wall at 1.",
    height: 320,
  }, [plot.ground, ruleLines(plot, all, await chainsOf(all, problem), "all")]);
}

function noiseSize(): Picture {
  const { schedule } = officialDefaults;
  const last = schedule.kind === "polynomial" ? schedule.final : 0;
  const log = Math.log10;
  const powers = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i): [number, string] => [
      from + i,
      from + i === 0 ? "1" : `10${superscript(from + i)}`,
    ]);
  const plot = panelOf({
    left: 56,
    width: 500,
    height: 250,
    across: [-5, 0],
    up: [-10, 0.5],
    acrossTicks: powers(-5, 0),
    upTicks: powers(-10, 0).filter(([power]) => power % 2 === 0),
    head: "Standard deviation of the noise in a step, noise scale 1",
    name: "step size η",
  });
  const all: readonly RuleLine[] = [
    { defect: null, words: "η: the rule", at: [0, -0.05], side: "right" },
    { defect: "noise-root-of-step", words: "√η", at: [-4.2, -2.1], side: "below" },
    { defect: "textbook-noise", words: "√(2η): textbook", at: [-4.2, -1.95], side: "above" },
    { defect: "noise-step-squared", words: "η²", at: [-3.9, -8.1], side: "right" },
    { defect: "noise-without-step", words: "1: no step size", at: [-3, 0], side: "below" },
  ];
  const deviation = (rule: Rule) => termOf(rule, "step", "eta", { drift: 0, noise: 1 });
  return pictureOf("noise-size", {
    title: "The noise is multiplied by the step size itself",
    description:
      `The deviation of the noise against the step size, both on logarithmic scales. The rule's is the step size. Roots of the step size lie above it, ${
        markText(deviation(ruleFor("textbook-noise"))(0.1) / 0.1)
      } times at 0.1 and ${
        markText(deviation(ruleFor("textbook-noise"))(1e-5) / 1e-5)
      } times at 0.00001. The official schedule runs from the one to the other.`,
    height: 350,
  }, [
    area(plot, [log(last), log(schedule.init)], plot.up, "band"),
    plot.ground,
    labels(plot, [{
      at: [-3, -9.9],
      words: "the step sizes of the official schedule",
      kind: "guide",
      side: "above",
    }]),
    ruleLines(plot, all, (rule) => {
      const size = deviation(rule);
      return spread([-5, 0], 60).map((x) => [x, log(size(10 ** x))]);
    }),
  ]);
}

function superscript(power: number): string {
  return String(power).replace(/[-0-9]/g, (c) => c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)]!);
}

function schedules(): Picture {
  const steps = 12;
  const panels: readonly {
    readonly head: string;
    readonly schedule: Schedule;
    readonly lines: readonly RuleLine[];
  }[] = [
    {
      head: "Polynomial, power 2",
      schedule: { kind: "polynomial", init: 1, final: 0.1, power: 2 },
      lines: [
        { defect: null, words: "the rule", at: [4.4, 0.3], side: "left" },
        { defect: "schedule-one-behind", words: "one behind", at: [2, 0.84], side: "right" },
        { defect: "schedule-linear", words: "linear", at: [6, 0.51], side: "right" },
        { defect: "schedule-to-zero", words: "to zero", at: [10, 0.01], side: "left" },
      ],
    },
    {
      head: "Exponential, decay 0.8",
      schedule: { kind: "exponential", init: 1, decay: 0.8 },
      lines: [
        { defect: null, words: "the rule", at: [3.6, 0.37], side: "left" },
        { defect: "exponential-frozen", words: "frozen: graph mode", at: [6, 0.8], side: "above" },
        { defect: "exponential-one-behind", words: "one behind", at: [3, 0.66], side: "right" },
        { defect: "exponential-compounds", words: "compounds", at: [5.2, 0.02], side: "left" },
      ],
    },
    {
      head: "Constant: final = init",
      schedule: { kind: "polynomial", init: 0.5, final: 0.5, power: 2 },
      lines: [
        { defect: null, words: "the rule", at: [9, 0.5], side: "above" },
        { defect: "schedule-final-added", words: "final added", at: [2.4, 0.86], side: "right" },
        {
          defect: "schedule-final-forgotten",
          words: "final forgotten",
          at: [5.6, 0.0],
          side: "above",
        },
      ],
    },
  ];
  return pictureOf(
    "schedule",
    {
      title: "The step sizes of three schedules",
      description:
        "Three plots of step sizes against the step, for chains of twelve steps. Polynomial: from 1 down to 0.1, which the last step uses. Exponential: each step 0.8 of the one before. Constant: initial and final size are equal. Fainter lines show wrong schedules.",
      height: 290,
    },
    panels.map(({ head, schedule, lines: all }, i) => {
      const plot = panelOf({
        left: 40 + 232 * i,
        width: 196,
        height: 190,
        across: [0, steps - 1],
        up: [0, 1.1],
        upTicks: ticksAt(0, 0.5, 1),
        acrossTicks: ticksAt(0, 5, 11),
        head,
        name: "step",
      });
      return joined([
        plot.ground,
        ruleLines(plot, all, (rule) => inSequence(stepSizes(schedule, steps, rule)), "rule"),
      ]);
    }),
  );
}

function gradClip(): Picture {
  const gamma = 1.5;
  const plot = panelOf({
    left: 50,
    width: 290,
    height: 230,
    across: [-4, 4],
    up: [-3, 3],
    head: "One component, γ = 1.5",
    name: "gradient g",
  });
  const all: readonly RuleLine[] = [
    { defect: null, words: "the rule", at: [2.6, 1.5], side: "below" },
    { defect: "grad-clip-one-sided", words: "one side only", at: [-2.5, -2.4], side: "right" },
    { defect: "grad-clip-drops", words: "drops", at: [3.2, 0], side: "below" },
  ];
  const vector = panelOf({
    left: 420,
    width: 270,
    height: 230,
    across: [0, 4],
    up: [0, 3.4],
    head: "Two components: each by itself",
    name: "first component",
  });
  const g: Point = [3.5, 2.5];
  const gNorm = Math.hypot(...g);
  const each = g.map(termOf(officialRule, "gradClip", "g", { gamma })) as unknown as Point;
  const byNorm = ruleFor("grad-clip-by-norm");
  const scaled = g.map(termOf(byNorm, "gradClip", "g", { gamma, gNorm })) as unknown as Point;
  return pictureOf("grad-clip", {
    title: "The gradient clip",
    description:
      `Left: the clipped gradient against the gradient, a straight line that turns flat at minus and plus 1.5. Right: the gradient (3.5, 2.5); the rule clips it to (${
        each.map((v) => markText(v)).join(", ")
      }), a corner of the square; a clip by norm scales it to (${
        scaled.map((v) => markText(v)).join(", ")
      }), on the circle.`,
    height: 325,
  }, [
    plot.ground,
    ruleLines(plot, all, (rule) => {
      const clip = termOf(rule, "gradClip", "g", { gamma });
      return broken(spread([-4, 4], 401).map((x) => [x, clip(x)]), plot);
    }),
    vector.ground,
    area(vector, [0, gamma], [0, gamma], "wall"),
    line(
      vector,
      spread([0, Math.PI / 2], 40).map((t) => [gamma * Math.cos(t), gamma * Math.sin(t)]),
      "guide",
    ),
    arrow(vector, [0, 0], g, "guide"),
    arrow(vector, [0, 0], scaled, "actual"),
    arrow(vector, [0, 0], each, "expected"),
    labels(vector, [
      { at: [gamma, 0.12], words: "γ", kind: "guide" },
      { at: g, words: "g", kind: "guide", side: "above" },
      { at: scaled, words: "by norm", kind: "actual" },
      { at: each, words: "the rule", kind: "expected" },
    ]),
  ]);
}

async function bounds(): Promise<Picture> {
  const lo = -1, hi = 1;
  const plot = panelOf({
    left: 50,
    width: 290,
    height: 230,
    across: [-2, 2],
    up: [-1.6, 1.6],
    head: "The position clip, bounds ±1, from a = 0.5",
    name: "where the step would lead",
  });
  const all: readonly RuleLine[] = [
    { defect: null, words: "the rule: on the wall", at: [1.02, 1], side: "above" },
    { defect: "bounds-reflect", words: "reflects", at: [1.9, 0.22], side: "left" },
    { defect: "bounds-reject", words: "rejects", at: [-1.5, 0.5], side: "above" },
    { defect: "bounds-wrap", words: "wraps", at: [1.75, -0.32], side: "left" },
  ];
  const steps = 7;
  const problem = problemOf({
    energy: "-2*a1 + 0.5*a1^2",
    settings: calmSettings(1, {
      steps,
      bounds: { min: [lo], max: [hi] },
      deltaClip: 2,
      schedule: constantSchedule(0.5),
    }),
    initial: [[0]],
    noise: { kind: "tape", draws: Array.from({ length: steps }, () => [[0]]) },
  });
  const along = panelOf({
    left: 420,
    width: 270,
    height: 230,
    across: [0, steps],
    up: [0, 2],
    head: "A chain that is pulled outside",
    name: "step",
  });
  const ways: readonly RuleLine[] = [
    { defect: null, words: "the rule", at: [4.5, 1], side: "below" },
    { defect: "bounds-at-the-end", words: "at the end only", at: [4, 1.42], side: "left" },
  ];
  return pictureOf("bounds", {
    title: "The bounds",
    description:
      "Left: where an action ends against where its step would lead. The rule stops it on the wall; reflecting, wrapping and rejecting are wrong. Right: a chain that the energy pulls beyond the wall at 1. The rule stays on the wall from the step on that reaches it; a port that applies the bounds at the end leaves the box in between.",
    height: 325,
  }, [
    plot.ground,
    ruleLines(plot, all, (rule) => {
      const result = termOf(rule, "result", "move", { a: 0.5, lo, hi });
      return broken(spread([-2, 2], 401).map((x) => [x, result(0.5 - x)]), plot);
    }),
    along.ground,
    area(along, [0, steps], [0, hi], "band"),
    ruleLines(along, ways, await chainsOf(ways, problem), "all"),
  ]);
}

function deltaClip(): Picture {
  const c = 0.5;
  const box = { min: [-2, -1], max: [2, 1] };
  const shape = energy("0.6*(a1-1.4)^2 + 1.1*(a2+0.9)^2 + 0.5*a1*a2", 2, 0);
  const at: Point = [-0.9, 0.35];
  const plot = panelOf({
    left: 56,
    width: 500,
    height: 275,
    across: [-2.2, 2.2],
    up: [-1.21, 1.21],
    head: "One step from above, box [−2, 2] × [−1, 1], delta clip 0.5",
    name: "first axis",
  });
  const delta: Point = [-1.9, 0.75];
  const limits = box.max.map((_, i) => limitOf({ deltaClip: c, bounds: box }, i));
  const moved = (rule: Rule): Point =>
    at.map((a, i) => {
      const values = slots({
        c,
        lo: box.min[i]!,
        hi: box.max[i]!,
        delta: delta[i]!,
        deltaNorm: Math.hypot(...delta),
        rangeMost: Math.max(...box.max.map((hi, axis) => hi - box.min[axis]!)),
      }, rule);
      values.limit = compileRule(rule).limit(values);
      return a - compileRule(rule).clippedStep(values);
    }) as unknown as Point;
  // The box alone, as a plot of its own, in which nothing lies outside.
  const inside = plotOf({
    left: plot.x(-2),
    top: plot.y(1),
    width: plot.x(2) - plot.x(-2),
    height: plot.y(-1) - plot.y(1),
    across: [-2, 2],
    up: [-1, 1],
  });
  const end = moved(officialRule);
  const unscaled = moved(ruleFor("delta-clip-unscaled"));
  const byNorm = moved(ruleFor("delta-clip-by-norm"));
  const wanted: Point = [at[0] - delta[0], at[1] - delta[1]];
  const [acrossReach, upReach] = reachOf(at, limits);
  return pictureOf("delta-clip", {
    title: "One step and its limit",
    description: `A box seen from above with the levels of an energy. The step wants to go from (${
      at.map((v) => markText(v)).join(", ")
    }) to (${wanted.map((v) => markText(v)).join(", ")}). The rule limits each axis to ${
      limits.map((v) => markText(v)).join(" and ")
    } and ends at (${
      end.map((v) => markText(v)).join(", ")
    }); a limit that is not scaled by the range and a clip by the norm end elsewhere.`,
    height: 370,
  }, [
    framed(inside, landscapeOf(inside, (x, y) => shape.value([x, y], []), 7)),
    plot.ground,
    area(plot, [-2, 2], [-1, 1], "wall"),
    area(plot, acrossReach!, upReach!, "band"),
    arrow(plot, at, wanted, "guide"),
    arrow(plot, at, unscaled, "actual"),
    arrow(plot, at, byNorm, "actual"),
    arrow(plot, at, end, "expected"),
    mark(plot, at, "from"),
    labels(plot, [
      { at: [at[0], upReach![1]], words: "within the limits", kind: "guide", side: "above" },
      { at: wanted, words: "not clipped", kind: "guide" },
      { at: end, words: "the rule", kind: "expected" },
      { at: byNorm, words: "by norm", kind: "actual" },
      { at: unscaled, words: "not scaled by the range", kind: "actual", side: "below" },
      { at, words: "a", kind: "guide", side: "left" },
    ]),
  ]);
}

function applyExp(): Picture {
  const shape = energy("5*(a1^2-0.5)^2 + 0.5*a1", 1, 0);
  const valueOf = (a: number) => shape.value([a], []);
  const slopeOf = (a: number) => shape.gradient([a], [])[0]!;
  const left = panelOf({
    left: 50,
    width: 230,
    height: 220,
    across: [-1.2, 1.2],
    up: [-1, 3],
    head: "An energy",
    name: "action a",
  });
  const right = panelOf({
    left: 345,
    width: 270,
    height: 220,
    across: [-1.2, 1.2],
    up: [-8, 8],
    head: "The gradient with apply_exp",
    name: "action a",
  });
  const grid = spread([-1.2, 1.2], 241);
  const all: readonly RuleLine[] = [
    { defect: null, words: "exp(−E)·g:", at: [1.2, 1.6], side: "right" },
    { defect: "exp-ignored", words: "g: ignored", at: [1.04, 7], side: "right" },
    { defect: "exp-of-energy", words: "exp(E)·g", at: [0.92, 4.4], side: "left" },
  ];
  return pictureOf("apply-exp", {
    title: "The gradient of the exponentiated output",
    description:
      "Left: an energy with two wells. Right: the gradient that a step uses with apply_exp. It is the energy's gradient times exp(−E): where the energy is high it vanishes, so that far from the wells nothing pulls. Using the plain gradient, or exp(E), gives other curves.",
    height: 315,
  }, [
    left.ground,
    framed(left, [line(left, grid.map((a): Point => [a, valueOf(a)]), "expected")]),
    right.ground,
    labels(right, [{ at: [1.2, 0.55], words: "the rule", kind: "expected" }]),
    ruleLines(right, all, (rule) => {
      const run = compileRule(rule).gradientOfExp;
      return grid.map((a): Point => [a, run(slots({ g: slopeOf(a), E: valueOf(a) }, officialRule))])
        .filter(([, y]) => isWithin(right.up, y));
    }),
  ]);
}

/** Every picture of the rule's page. */
export async function rulePictures(): Promise<Readonly<Record<string, Picture>>> {
  return {
    drift: await drift(),
    noiseSize: noiseSize(),
    noiseLaws: noiseLaws(),
    schedules: schedules(),
    gradClip: gradClip(),
    bounds: await bounds(),
    deltaClip: deltaClip(),
    applyExp: applyExp(),
    oneStep: oneStep(),
    expectedDescent: expectedDescent(),
  };
}
