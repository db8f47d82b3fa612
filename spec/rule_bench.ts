import { energy } from "./energy.ts";
import { predictStep } from "./oracle.ts";
import { officialDefaults, type Problem } from "./problem.ts";
import { stepCoordinate, stepSizes } from "./rule.ts";

const rows = 64;
const problem: Problem = {
  energy: "log(cosh(3*(a1 - 0.3))) + 0.5*a1*a2 + a2^4",
  settings: { ...officialDefaults, bounds: { min: [-1, -1], max: [1, 1] }, steps: 1 },
  groups: 1,
  samples: rows,
  axes: 2,
  observations: [[]],
  initial: Array.from({ length: rows }, (_, r) => [r / rows, -r / rows]),
  noise: { kind: "tape", draws: [Array.from({ length: rows }, () => [0.5, -0.5])] },
  seed: 1,
};
const compiled = energy(problem.energy, 2, 0);

Deno.bench("one coordinate's step from its formulas", () => {
  stepCoordinate({
    action: 0.5,
    gradient: 2,
    gradClip: null,
    noiseScale: 1,
    draw: 0.3,
    stepSize: 0.1,
    deltaClip: 0.1,
    lower: -1,
    upper: 1,
  });
});

Deno.bench("an energy's gradient, two axes", () => {
  compiled.gradient([0.5, 0.25], []);
});

Deno.bench("an energy's gradient with its float32 error bound", () => {
  compiled.bounded([0.5, 0.25], [], 2 ** -24);
});

Deno.bench("predictions for 64 rows of two axes", () => {
  predictStep(problem, 0, problem.initial);
});

Deno.bench("step sizes of 100 steps", () => {
  stepSizes(officialDefaults.schedule, 100);
});
