/**
 * The pictures of `docs/rule.md`: every line in them is computed by the specification.
 *
 * @module
 */

import { calmSettings, constantSchedule, problemOf } from "../properties/arbitraries.ts";
import { defectOf, ruleOf } from "../src/defects/defects.ts";
import { energy } from "../spec/energy.ts";
import { atomLower, atomUpper, expectedEnergyChange, oneStepLaw } from "../spec/laws.ts";
import { type NoiseLaw, noiseOfLaw } from "../src/defects/noise_laws.ts";
import { density } from "../spec/numerics/normal.ts";
import { observe } from "../spec/observe.ts";
import { officialDefaults, type Problem, type Schedule } from "../spec/problem.ts";
import { compileRule, slots } from "../spec/compiled_rule.ts";
import {
  type FormulaName,
  limitOf,
  officialRule,
  type Rule,
  ruleSampler,
  type RuleSymbol,
  stepSizes,
} from "../spec/rule.ts";
import { pathOf } from "../spec/trajectory.ts";
import { levelsOf, regionBelow } from "../src/report/page/isolines.ts";
import { joined, type Markup, trusted } from "../src/report/page/markup.ts";
import { lineThrough, markText } from "../src/report/page/scale.ts";
import {
  area,
  arrow,
  chain,
  curve,
  dot,
  label,
  type Manner,
  picture,
  type Plot,
  plotOf,
  type Point,
  type Sheet,
  type Side,
  spread,
  under,
} from "./drawing.ts";

/** A picture with the words that stand in its place. */
export interface Picture {
  /** Its file in `docs/images/`. */
  readonly file: string;
  /** What it shows, for those who cannot see it. */
  readonly description: string;
  /** The SVG. */
  readonly svg: string;
}

const width = 720;

function made(
  name: string,
  sheet: Omit<Sheet, "width">,
  parts: readonly (Markup | null)[],
): Picture {
  const { description } = sheet;
  return { file: `${name}.svg`, description, svg: picture({ ...sheet, width }, parts) };
}

/** The rule, or the rule of a defect. */
function ruleFor(id: string | null): Rule {
  if (id === null) return officialRule;
  const defect = defectOf(id);
  if (defect === undefined) throw new Error(`Cannot draw the defect ${id}: found none of that id`);
  return ruleOf(defect);
}

/** A line of a picture: the rule, or a defect, with the place of its name. */
interface Line {
  readonly defect: string | null;
  readonly words: string;
  readonly at: Point;
  readonly side?: Side;
}

function lines(
  plot: Plot,
  all: readonly Line[],
  draw: (rule: Rule, manner: Manner) => Markup,
): Markup {
  // The rule lies above what is wrong.
  const ordered = [...all].sort((a, b) => Number(a.defect === null) - Number(b.defect === null));
  const manner = ({ defect }: Line) => defect === null ? "rule" : "wrong";
  return joined([
    ...ordered.map((line) => draw(ruleFor(line.defect), manner(line))),
    ...ordered.map((line) => label(plot, line.at, line.words, manner(line), line.side)),
  ]);
}

/** One formula of a rule as a function of one symbol. */
function termOf(
  rule: Rule,
  name: FormulaName,
  symbol: RuleSymbol,
  given: Readonly<Record<string, number>>,
): (value: number) => number {
  const run = compileRule(rule)[name], values = slots(given, rule);
  return (value) => {
    values[symbol] = value;
    return run(values);
  };
}

/** The points of the first row along a chain. */
async function wayOf(rule: Rule, problem: Problem): Promise<readonly (readonly number[])[]> {
  const prepared = await observe(ruleSampler(rule)).prepare(problem.settings);
  const path = pathOf(problem, await prepared.sample(problem));
  return path.kind === "known" ? path.points.map((rows) => rows[0]!) : [];
}

const sequence = (values: readonly number[]): Point[] => values.map((value, k) => [k, value]);

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
  const plot = plotOf({
    left: 56,
    top: 44,
    width: 500,
    height: 220,
    across: [0, steps],
    up: [-1, 1],
    head: "The action along a chain without noise, energy 3a², step size 0.25",
    name: "step",
  });
  const all: readonly Line[] = [
    { defect: null, words: "the rule", at: [8, -0.08], side: "right" },
    { defect: "half-missing", words: "half-missing", at: [1.05, -0.42], side: "left" },
    { defect: "half-twice", words: "half-twice", at: [2, 0.36], side: "right" },
    { defect: "gradient-sign", words: "gradient-sign", at: [8, 1], side: "right" },
    { defect: "momentum", words: "momentum", at: [3.4, -0.66], side: "right" },
  ];
  const ways = new Map(
    await Promise.all(all.map(async ({ defect }) => {
      const rule = ruleFor(defect);
      return [rule, sequence((await wayOf(rule, problem)).map(([a]) => a!))] as const;
    })),
  );
  return made("drift", {
    title: "The drift is half the gradient",
    description:
      "Five chains without noise from 0.75 down the energy 3a². The rule comes to the minimum in a few steps; a missing half makes the chain swing around it, a half too many makes it slow, momentum makes it run past, a wrong sign takes it to the wall at 1.",
    height: 320,
  }, [plot.ground, lines(plot, all, (rule, manner) => chain(plot, ways.get(rule)!, manner))]);
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
  const plot = plotOf({
    left: 56,
    top: 44,
    width: 500,
    height: 250,
    across: [-5, 0],
    up: [-10, 0.5],
    acrossTicks: powers(-5, 0),
    upTicks: powers(-10, 0).filter(([power]) => power % 2 === 0),
    head: "Standard deviation of the noise in a step, noise scale 1",
    name: "step size η",
  });
  const all: readonly Line[] = [
    { defect: null, words: "η: the rule", at: [0, -0.05], side: "right" },
    { defect: "noise-root-of-step", words: "√η", at: [-4.2, -2.1], side: "below" },
    { defect: "textbook-noise", words: "√(2η): textbook", at: [-4.2, -1.95], side: "above" },
    { defect: "noise-step-squared", words: "η²", at: [-3.9, -8.1], side: "right" },
    { defect: "noise-without-step", words: "1: no step size", at: [-3, 0], side: "below" },
  ];
  const deviation = (rule: Rule) => termOf(rule, "step", "eta", { drift: 0, noise: 1 });
  return made("noise-size", {
    title: "The noise is multiplied by the step size itself",
    description:
      `The deviation of the noise against the step size, both on logarithmic scales. The rule's is the step size. Roots of the step size lie above it, ${
        markText(deviation(ruleFor("textbook-noise"))(0.1) / 0.1)
      } times at 0.1 and ${
        markText(deviation(ruleFor("textbook-noise"))(1e-5) / 1e-5)
      } times at 0.00001. The official schedule runs from the one to the other.`,
    height: 350,
  }, [
    area(plot, [log(last), -10], [log(schedule.init), 0.5], "band"),
    plot.ground,
    label(plot, [-3, -9.9], "the step sizes of the official schedule", "guide", "above"),
    lines(plot, all, (rule, manner) => {
      const size = deviation(rule);
      return curve(plot, spread(-5, 0, 60).map((x) => [x, log(size(10 ** x))]), manner);
    }),
  ]);
}

function superscript(power: number): string {
  return String(power).replace(/[-0-9]/g, (c) => c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(c)]!);
}

function noiseLaws(): Picture {
  const laws: readonly { readonly law: NoiseLaw; readonly words: string }[] = [
    { law: "uniform", words: "uniform" },
    { law: "truncated", words: "truncated at ±2" },
    { law: "laplace", words: "Laplace" },
    { law: "student-5", words: "Student, 5 degrees" },
    { law: "signs", words: "random signs" },
    { law: "absolute", words: "absolute values" },
  ];
  const normal = spread(-4, 4, 121).map((x): Point => [x, density(x)]);
  const panels = laws.map(({ law, words }, i) => {
    const plot = plotOf({
      left: 40 + 232 * (i % 3),
      top: 40 + 176 * Math.floor(i / 3),
      width: 196,
      height: 110,
      across: [-4, 4],
      up: [0, 0.8],
      upTicks: [[0, "0"], [0.4, "0.4"], [0.8, "0.8"]],
      acrossTicks: [[-4, "−4"], [-2, "−2"], [0, "0"], [2, "2"], [4, "4"]],
      head: words,
    });
    return joined([
      plot.ground,
      under(plot, normal),
      curve(plot, normal, "rule"),
      curve(plot, densityOf(law), "wrong"),
    ]);
  });
  return made("noise-laws", {
    title: "Laws that are not the standard normal one",
    description:
      "Six small plots, each with the density of the standard normal law and that of another law that ports have drawn from: uniform, truncated at two deviations, Laplace, Student with five degrees of freedom, random signs, absolute values of normal draws.",
    height: 380,
  }, panels);
}

/** The density of a law that is a monotone transform of a normal draw; spikes for signs. */
function densityOf(law: NoiseLaw): Point[] {
  if (law === "signs") return [[-1, 0], [-1, 0.8], [NaN, 0], [1, 0], [1, 0.8]];
  if (law === "absolute") {
    return [[-4, 0], [0, 0], ...spread(0, 4, 61).map((x): Point => [x, 2 * density(x)])];
  }
  const h = 1e-4;
  const to = (z: number) => noiseOfLaw(law, [[z]])[0]![0]!;
  // Even, so that no difference spans the corner at 0.
  const points = spread(-4.5, 4.5, 120).map((z): Point => [
    to(z),
    density(z) * 2 * h / (to(z + h) - to(z - h)),
  ]).filter(([x, y]) => Math.abs(x) <= 4 && Number.isFinite(y));
  const [first] = points, last = points.at(-1)!;
  const ends = law === "uniform" || law === "truncated";
  return ends ? [[-4, 0], [first![0], 0], ...points, [last[0], 0], [4, 0]] : points;
}

function schedules(): Picture {
  const steps = 12;
  const panels: readonly {
    readonly head: string;
    readonly schedule: Schedule;
    readonly lines: readonly Line[];
  }[] = [
    {
      head: "Polynomial, power 2",
      schedule: { kind: "polynomial", init: 1, final: 0.1, power: 2 },
      lines: [
        { defect: null, words: "the rule", at: [1.6, 0.66], side: "left" },
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
  return made(
    "schedule",
    {
      title: "The step sizes of three schedules",
      description:
        "Three plots of step sizes against the step, for chains of twelve steps. Polynomial: from 1 down to 0.1, which the last step uses. Exponential: each step 0.8 of the one before. Constant: initial and final size are equal. Fainter lines show wrong schedules.",
      height: 290,
    },
    panels.map(({ head, schedule, lines: all }, i) => {
      const plot = plotOf({
        left: 40 + 232 * i,
        top: 44,
        width: 196,
        height: 190,
        across: [0, steps - 1],
        up: [0, 1.1],
        upTicks: [[0, "0"], [0.5, "0.5"], [1, "1"]],
        acrossTicks: [[0, "0"], [5, "5"], [11, "11"]],
        head,
        name: "step",
      });
      return joined([
        plot.ground,
        lines(plot, all, (rule, manner) => {
          const points = sequence(stepSizes(schedule, steps, rule));
          return manner === "rule" ? chain(plot, points, manner) : curve(plot, points, manner);
        }),
      ]);
    }),
  );
}

function gradClip(): Picture {
  const gamma = 1.5;
  const plot = plotOf({
    left: 50,
    top: 44,
    width: 290,
    height: 230,
    across: [-4, 4],
    up: [-3, 3],
    head: "One component, γ = 1.5",
    name: "gradient g",
  });
  const all: readonly Line[] = [
    { defect: null, words: "the rule", at: [2.6, 1.5], side: "below" },
    { defect: "grad-clip-one-sided", words: "one side only", at: [-2.5, -2.4], side: "right" },
    { defect: "grad-clip-drops", words: "drops", at: [3.2, 0], side: "below" },
  ];
  const vector = plotOf({
    left: 420,
    top: 44,
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
  return made("grad-clip", {
    title: "The gradient clip",
    description:
      `Left: the clipped gradient against the gradient, a straight line that turns flat at minus and plus 1.5. Right: the gradient (3.5, 2.5); the rule clips it to (${
        each.map(markText).join(", ")
      }), a corner of the square; a clip by norm scales it to (${
        scaled.map(markText).join(", ")
      }), on the circle.`,
    height: 325,
  }, [
    plot.ground,
    lines(plot, all, (rule, manner) => {
      const clip = termOf(rule, "gradClip", "g", { gamma });
      return curve(plot, unbroken(spread(-4, 4, 401).map((x) => [x, clip(x)]), plot), manner);
    }),
    vector.ground,
    area(vector, [0, 0], [gamma, gamma], "box"),
    label(vector, [gamma, 0.12], "γ", "guide", "right"),
    curve(
      vector,
      spread(0, Math.PI / 2, 40).map((t) => [gamma * Math.cos(t), gamma * Math.sin(t)]),
      "guide",
    ),
    arrow(vector, [0, 0], g, "guide"),
    label(vector, g, "g", "guide", "above"),
    arrow(vector, [0, 0], scaled, "wrong"),
    label(vector, scaled, "by norm", "wrong", "right"),
    arrow(vector, [0, 0], each, "rule"),
    label(vector, each, "the rule", "rule", "right"),
  ]);
}

async function bounds(): Promise<Picture> {
  const lo = -1, hi = 1;
  const plot = plotOf({
    left: 50,
    top: 44,
    width: 290,
    height: 230,
    across: [-2, 2],
    up: [-1.6, 1.6],
    head: "The position clip, bounds ±1, from a = 0.5",
    name: "where the step would lead",
  });
  const all: readonly Line[] = [
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
  const along = plotOf({
    left: 420,
    top: 44,
    width: 270,
    height: 230,
    across: [0, steps],
    up: [0, 2],
    head: "A chain that is pulled outside",
    name: "step",
  });
  const ways: readonly Line[] = [
    { defect: null, words: "the rule", at: [4.5, 1], side: "below" },
    { defect: "bounds-at-the-end", words: "at the end only", at: [4, 1.42], side: "left" },
  ];
  const points = new Map(
    await Promise.all(ways.map(async ({ defect }) => {
      const rule = ruleFor(defect);
      return [rule, sequence((await wayOf(rule, problem)).map(([a]) => a!))] as const;
    })),
  );
  return made("bounds", {
    title: "The bounds",
    description:
      "Left: where an action ends against where its step would lead. The rule stops it on the wall; reflecting, wrapping and rejecting are wrong. Right: a chain that the energy pulls beyond the wall at 1. The rule stays on the wall from the step on that reaches it; a port that applies the bounds at the end leaves the box in between.",
    height: 325,
  }, [
    plot.ground,
    lines(plot, all, (rule, manner) => {
      const run = compileRule(rule).result;
      const ends = spread(-2, 2, 401).map((x): Point => [
        x,
        run(slots({ a: 0.5, move: 0.5 - x, lo, hi }, rule)),
      ]);
      return curve(plot, unbroken(ends, plot), manner);
    }),
    along.ground,
    area(along, [0, 0], [steps, hi], "band"),
    lines(along, ways, (rule, manner) => chain(along, points.get(rule)!, manner)),
  ]);
}

function deltaClip(): Picture {
  const c = 0.5;
  const box = { min: [-2, -1], max: [2, 1] };
  const shape = energy("0.6*(a1-1.4)^2 + 1.1*(a2+0.9)^2 + 0.5*a1*a2", 2, 0);
  const at: Point = [-0.9, 0.35];
  const plot = plotOf({
    left: 56,
    top: 44,
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
  const grid = spread(-1, 1, 33).map((y) => spread(-2, 2, 65).map((x) => shape.value([x, y], [])));
  const rings = levelsOf(grid, 7).map((level) =>
    regionBelow(grid, level).map((ring) =>
      lineThrough(
        ring.map(([i, j]) => [plot.x.at(-2 + 4 * i / 64), plot.y.at(-1 + 2 * j / 32)]),
      ) + "Z"
    ).join("")
  );
  const end = moved(officialRule);
  const unscaled = moved(ruleFor("delta-clip-unscaled"));
  const byNorm = moved(ruleFor("delta-clip-by-norm"));
  const wanted: Point = [at[0] - delta[0], at[1] - delta[1]];
  return made("delta-clip", {
    title: "One step and its limit",
    description: `A box seen from above with the levels of an energy. The step wants to go from (${
      at.map(markText).join(", ")
    }) to (${wanted.map(markText).join(", ")}). The rule limits each axis to ${
      limits.map(markText).join(" and ")
    } and ends at (${
      end.map(markText).join(", ")
    }); a limit that is not scaled by the range and a clip by the norm end elsewhere.`,
    height: 370,
  }, [
    joined(rings.map((path) => trusted(`<path class="shade" d="${path}"/>`))),
    plot.ground,
    area(plot, [-2, -1], [2, 1], "box"),
    area(plot, [at[0] - limits[0]!, at[1] - limits[1]!], [
      at[0] + limits[0]!,
      at[1] + limits[1]!,
    ], "band"),
    label(plot, [at[0], at[1] + limits[1]!], "within the limits", "guide", "above"),
    arrow(plot, at, wanted, "guide"),
    label(plot, wanted, "not clipped", "guide", "right"),
    arrow(plot, at, unscaled, "wrong"),
    label(plot, unscaled, "not scaled by the range", "wrong", "below"),
    arrow(plot, at, byNorm, "wrong"),
    label(plot, byNorm, "by norm", "wrong", "right"),
    arrow(plot, at, end, "rule"),
    label(plot, end, "the rule", "rule", "right"),
    dot(plot, at, "guide"),
    label(plot, at, "a", "guide", "left"),
  ]);
}

function applyExp(): Picture {
  const shape = energy("5*(a1^2-0.5)^2 + 0.5*a1", 1, 0);
  const valueOf = (a: number) => shape.value([a], []);
  const slopeOf = (a: number) => shape.gradient([a], [])[0]!;
  const left = plotOf({
    left: 50,
    top: 44,
    width: 230,
    height: 220,
    across: [-1.2, 1.2],
    up: [-1, 3],
    head: "An energy",
    name: "action a",
  });
  const right = plotOf({
    left: 345,
    top: 44,
    width: 270,
    height: 220,
    across: [-1.2, 1.2],
    up: [-8, 8],
    head: "The gradient with apply_exp",
    name: "action a",
  });
  const grid = spread(-1.2, 1.2, 241);
  const all: readonly Line[] = [
    { defect: null, words: "exp(−E)·g:", at: [1.2, 1.6], side: "right" },
    { defect: "exp-ignored", words: "g: ignored", at: [1.04, 7], side: "right" },
    { defect: "exp-of-energy", words: "exp(E)·g", at: [0.92, 4.4], side: "left" },
  ];
  return made("apply-exp", {
    title: "The gradient of the exponentiated output",
    description:
      "Left: an energy with two wells. Right: the gradient that a step uses with apply_exp. It is the energy's gradient times exp(−E): where the energy is high it vanishes, so that far from the wells nothing pulls. Using the plain gradient, or exp(E), gives other curves.",
    height: 315,
  }, [
    left.ground,
    curve(left, grid.map((a): Point => [a, valueOf(a)]).filter(([, y]) => y <= 3), "rule"),
    right.ground,
    label(right, [1.2, 0.55], "the rule", "rule", "right"),
    lines(right, all, (rule, manner) => {
      const run = compileRule(rule).gradientOfExp;
      return curve(
        right,
        grid.map((a): Point => [a, run(slots({ g: slopeOf(a), E: valueOf(a) }, rule))])
          .filter(([, y]) => Math.abs(y) <= 8),
        manner,
      );
    }),
  ]);
}

function oneStep(): Picture {
  const box = { lower: -1, upper: 1 }, limit = 0.15, noiseScale = 1, stepSize = 0.1;
  const cases = [
    { head: "Inside the box, slope 1", action: 0, gradient: 1 },
    { head: "Near the wall at 1, slope −1", action: 0.95, gradient: -1 },
  ];
  const panels = cases.map(({ head, action, gradient }, i) => {
    const law = oneStepLaw({ ...box, action, gradient, limit, stepSize, noiseScale });
    const from = action - 0.3, to = Math.min(action + 0.3, 1.1);
    const plot = plotOf({
      left: 50 + 360 * i,
      top: 44,
      width: 290,
      height: 210,
      across: [from, to],
      up: [0, 5],
      head,
      name: "action after the step",
      upTicks: [[0, "0"], [2, "2"], [4, "4"]],
    });
    const bell = (a: number, b: number): Point[] =>
      spread(a, b, 80).map((x) => [x, density((x - law.mean) / law.deviation) / law.deviation]);
    const ends: readonly (readonly [number, number, Side])[] = [
      [law.lower, atomLower(law), "left"],
      [law.upper, atomUpper(law), "right"],
    ];
    return joined([
      plot.ground,
      curve(plot, bell(from, to), "guide"),
      under(plot, bell(law.lower, law.upper)),
      curve(plot, bell(law.lower, law.upper), "rule"),
      ...ends.flatMap(([x, chance, side]) => [
        curve(plot, [[x, 0], [x, 10 * chance]], "rule"),
        dot(plot, [x, 10 * chance], "rule", 4),
        label(plot, [x, 10 * chance], `${(100 * chance).toFixed(1)} %`, "rule", side),
      ]),
      label(plot, [action, 0], "a", "guide", "above"),
      dot(plot, [action, 0], "guide"),
    ]);
  });
  return made("one-step-law", {
    title: "The law of one step",
    description:
      "Two plots of where one coordinate ends after a step of size 0.1 with noise scale 1 and a limit of 0.15. Inside the interval that the step can reach the density is a normal one; what lies beyond is gathered at the two ends, whose probabilities are given. Near a wall the interval ends at the wall.",
    height: 305,
  }, panels);
}

function expectedDescent(): Picture {
  const { deltaClip, noiseScale, schedule } = officialDefaults;
  const change = (stepSize: number) => (distance: number): number => {
    const law = oneStepLaw({
      action: distance,
      gradient: distance,
      limit: deltaClip,
      lower: -1,
      upper: 1,
      stepSize,
      noiseScale,
    });
    return expectedEnergyChange({
      laws: [law],
      actions: [distance],
      gradients: [distance],
      curvatures: [1],
    });
  };
  const first = change(schedule.init);
  const root = crossing(first);
  const plot = plotOf({
    left: 70,
    top: 44,
    width: 480,
    height: 230,
    across: [0, 1],
    up: [-0.05, 0.01],
    head: "Mean change of the energy ½a² in one step, official defaults",
    name: "distance of the action from the minimum",
  });
  const line = (stepSize: number) => spread(0, 1, 101).map((d): Point => [d, change(stepSize)(d)]);
  return made("expected-descent", {
    title: "The mean energy falls far from the minimum and rises near it",
    description:
      `The exact mean change of the energy ½a² in one step, against the distance from the minimum, all clips acting. In the first step, of size 0.1, it is positive below a distance of ${
        root.toFixed(3)
      } and negative beyond; close to the wall, which stops what the noise would carry outwards, it falls faster. Smaller steps change less.`,
    height: 325,
  }, [
    area(plot, [0, 0], [root, 0.01], "band"),
    plot.ground,
    ...[0.05, 0.02].map((stepSize) =>
      joined([
        curve(plot, line(stepSize), "guide"),
        label(plot, [1, change(stepSize)(1)], `step size ${stepSize}`, "guide", "right"),
      ])
    ),
    curve(plot, line(schedule.init), "rule"),
    label(plot, [1, first(1)], `step size ${schedule.init}`, "rule", "right"),
    dot(plot, [root, 0], "rule", 4),
    label(plot, [root, 0.0035], `it rises below ${root.toFixed(3)}`, "guide", "right"),
  ]);
}

/** Points of a line that breaks where it jumps and ends where the plot does. */
function unbroken(points: readonly Point[], { y }: Plot): Point[] {
  return points.flatMap((point, i): Point[] => {
    if (point[1] < y.low || point[1] > y.high) return [[NaN, NaN]];
    const before = points[i - 1]?.[1] ?? point[1];
    return Math.abs(point[1] - before) > 0.2 ? [[NaN, NaN], point] : [point];
  });
}

/** Where a falling function of (0, 0.9) is 0. */
function crossing(of: (x: number) => number): number {
  let low = 0, high = 0.9;
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (of(middle) > 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
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
