/**
 * Pictures of laws: that of the noise, that of one step, the mean change of the energy.
 *
 * @module
 */

import { atomLower, atomUpper, expectedEnergyChange, oneStepLaw } from "../spec/laws.ts";
import { density } from "../spec/numerics/normal.ts";
import { officialDefaults } from "../spec/problem.ts";
import { type NoiseLaw, noiseOfLaw } from "../src/defects/noise_laws.ts";
import { joined } from "../src/report/markup.ts";
import { type Label, labels, type Side } from "../src/report/plot/labels.ts";
import { area, line, mark, type Point, under } from "../src/report/plot/plot.ts";
import { spread } from "../src/report/plot/scales.ts";
import { panelOf, type Picture, pictureOf, ticksAt } from "./panels.ts";

/** Laws that ports have drawn from, beside the standard normal one. */
export function noiseLaws(): Picture {
  const laws: readonly { readonly law: NoiseLaw; readonly words: string }[] = [
    { law: "uniform", words: "uniform" },
    { law: "truncated", words: "truncated at ±2" },
    { law: "laplace", words: "Laplace" },
    { law: "student-5", words: "Student, 5 degrees" },
    { law: "signs", words: "random signs" },
    { law: "absolute", words: "absolute values" },
  ];
  const normal = spread([-4, 4], 121).map((x): Point => [x, density(x)]);
  const panels = laws.map(({ law, words }, i) => {
    const plot = panelOf({
      left: 40 + 232 * (i % 3),
      top: 40 + 176 * Math.floor(i / 3),
      width: 196,
      height: 110,
      across: [-4, 4],
      up: [0, 0.8],
      upTicks: ticksAt(0, 0.4, 0.8),
      acrossTicks: ticksAt(-4, -2, 0, 2, 4),
      head: words,
    });
    return joined([
      plot.ground,
      under(plot, normal),
      line(plot, normal, "expected"),
      line(plot, densityOf(law), "actual"),
    ]);
  });
  return pictureOf("noise-laws", {
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
    return [[-4, 0], [0, 0], ...spread([0, 4], 61).map((x): Point => [x, 2 * density(x)])];
  }
  const h = 1e-4;
  const to = (z: number) => noiseOfLaw(law, [[z]])[0]![0]!;
  // Even, so that no difference spans the corner at 0.
  const points = spread([-4.5, 4.5], 120).map((z): Point => [
    to(z),
    density(z) * 2 * h / (to(z + h) - to(z - h)),
  ]).filter(([x, y]) => Math.abs(x) <= 4 && Number.isFinite(y));
  const [first] = points, last = points.at(-1)!;
  const ends = law === "uniform" || law === "truncated";
  return ends ? [[-4, 0], [first![0], 0], ...points, [last[0], 0], [4, 0]] : points;
}

/** Where one step ends, inside the box and near its wall. */
export function oneStep(): Picture {
  const box = { lower: -1, upper: 1 }, limit = 0.15, noiseScale = 1, stepSize = 0.1;
  const cases = [
    { head: "Inside the box, slope 1", action: 0, gradient: 1 },
    { head: "Near the wall at 1, slope −1", action: 0.95, gradient: -1 },
  ];
  const panels = cases.map(({ head, action, gradient }, i) => {
    const law = oneStepLaw({ ...box, action, gradient, limit, stepSize, noiseScale });
    const from = action - 0.3, to = Math.min(action + 0.3, 1.1);
    const plot = panelOf({
      left: 50 + 360 * i,
      width: 290,
      height: 210,
      across: [from, to],
      up: [0, 5],
      head,
      name: "action after the step",
      upTicks: ticksAt(0, 2, 4),
    });
    const bell = (a: number, b: number): Point[] =>
      spread([a, b], 80).map((x) => [x, density((x - law.mean) / law.deviation) / law.deviation]);
    const ends: readonly (readonly [number, number, Side])[] = [
      [law.lower, atomLower(law), "left"],
      [law.upper, atomUpper(law), "right"],
    ];
    return joined([
      plot.ground,
      line(plot, bell(from, to), "guide"),
      under(plot, bell(law.lower, law.upper)),
      line(plot, bell(law.lower, law.upper), "expected"),
      ...ends.flatMap(([x, chance]) => [
        line(plot, [[x, 0], [x, 10 * chance]], "expected"),
        mark(plot, [x, 10 * chance], "expected"),
      ]),
      mark(plot, [action, 0], "from"),
      labels(plot, [
        ...ends.map(([x, chance, side]): Label => ({
          at: [x, 10 * chance],
          words: `${(100 * chance).toFixed(1)} %`,
          kind: "expected",
          side,
        })),
        { at: [action, 0], words: "a", kind: "guide", side: "above" },
      ]),
    ]);
  });
  return pictureOf("one-step-law", {
    title: "The law of one step",
    description:
      "Two plots of where one coordinate ends after a step of size 0.1 with noise scale 1 and a limit of 0.15. Inside the interval that the step can reach the density is a normal one; what lies beyond is gathered at the two ends, whose probabilities are given. Near a wall the interval ends at the wall.",
    height: 305,
  }, panels);
}

/** How the mean energy changes in one step. */
export function expectedDescent(): Picture {
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
  const plot = panelOf({
    left: 70,
    width: 480,
    height: 230,
    across: [0, 1],
    up: [-0.05, 0.01],
    head: "Mean change of the energy ½a² in one step, official defaults",
    name: "distance of the action from the minimum",
  });
  const sizes = [0.05, 0.02, schedule.init].map((stepSize) => {
    const of = change(stepSize);
    const kind = stepSize === schedule.init ? "expected" : "guide";
    return { words: `step size ${stepSize}`, kind, at: [1, of(1)] as const, of };
  });
  return pictureOf("expected-descent", {
    title: "The mean energy falls far from the minimum and rises near it",
    description:
      `The exact mean change of the energy ½a² in one step, against the distance from the minimum, all clips acting. In the first step, of size 0.1, it is positive below a distance of ${
        root.toFixed(3)
      } and negative beyond; close to the wall, which stops what the noise would carry outwards, it falls faster. Smaller steps change less.`,
    height: 325,
  }, [
    area(plot, [0, root], [0, 0.01], "band"),
    plot.ground,
    ...sizes.map(({ of, kind }) =>
      line(plot, spread([0, 1], 101).map((d): Point => [d, of(d)]), kind)
    ),
    mark(plot, [root, 0], "expected"),
    labels(plot, [
      ...sizes,
      { at: [root, 0.0035], words: `it rises below ${root.toFixed(3)}`, kind: "guide" },
    ]),
  ]);
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
