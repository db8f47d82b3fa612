/** The laws of whole chains against simulation and the documented numbers. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  quadraticChainLaw,
  squaredStepTemperature,
  stationaryTemperature,
  textbookTemperature,
} from "./laws.ts";
import { normalDraws } from "./numerics/random.ts";

Deno.test("temperatures are those of the documented table", () => {
  const table: [number, string, string, string][] = [
    [0.1, "0.1026", "1.0526", "1.0025"],
    [0.001, "0.0010", "1.0005", "1.0000"],
  ];
  for (const [stepSize, rule, textbook, squared] of table) {
    assertEquals(stationaryTemperature(stepSize, 1, 1).toFixed(4), rule);
    assertEquals(textbookTemperature(stepSize, 1).toFixed(4), textbook);
    assertEquals(squaredStepTemperature(stepSize, 1).toFixed(4), squared);
  }
  // The noise scale that would reach temperature 1.
  assertAlmostEquals(stationaryTemperature(0.1, 1, Math.sqrt((1 - 0.025) / 0.1)), 1, 1e-15);
});

Deno.test("the stationary variance is the fixed point of one step", () => {
  for (
    const [eta, h, sigma, v] of [[0.1, 1, 1, 0.10256], [0.5, 2, 0.7, 0.16333], [0.3, 10, 1, 0.12], [
      1,
      3.6,
      1,
      2.77778,
    ]] as const
  ) {
    const found = stationaryTemperature(eta, h, sigma) / h;
    assertAlmostEquals(found, v, 5e-6);
    assertAlmostEquals((1 - eta * h / 2) ** 2 * found + (eta * sigma) ** 2, found, 1e-14);
  }
  assertEquals(stationaryTemperature(0.1, 40, 1), Infinity);
  assertEquals(textbookTemperature(2, 1), Infinity);
  assertEquals(squaredStepTemperature(2, 1), Infinity);
});

function defaultStepSizes(steps: number): number[] {
  return Array.from(
    { length: steps },
    (_, k) => (0.1 - 1e-5) * (1 - k / (steps - 1)) ** 2 + 1e-5,
  );
}

Deno.test("chains on a quadratic have the documented laws", () => {
  const table: [number, number, number, number, number][] = [
    [25, 0, 1, 0.23053, 0],
    [25, 1, 0.6491, 0.1815, 0.03294],
    [25, 10, 0.00574, 0.04874, 0.02375],
    [100, 1, 0.1824, 0.19234, 0.037],
    [100, 10, 1.728e-9, 0.02989, 0.00894],
  ];
  for (const [steps, curvature, factor, deviation, temperature] of table) {
    const law = quadraticChainLaw({
      stepSizes: defaultStepSizes(steps),
      curvature,
      centre: 0,
      start: 1,
      noiseScale: 1,
    });
    assertAlmostEquals(law.mean / factor, 1, 1e-3);
    assertAlmostEquals(Math.sqrt(law.variance), deviation, 6e-6);
    assertAlmostEquals(curvature * law.variance, temperature, 6e-6);
  }
});

Deno.test("the law of a chain agrees with simulation", () => {
  const normal = normalDraws(91), samples = 10_000, stepSizes = defaultStepSizes(25);
  const chain = { stepSizes, curvature: 10, centre: 0.2, start: 0.7, noiseScale: 0.5 };
  const law = quadraticChainLaw(chain);
  let sum = 0, squares = 0;
  for (let n = 0; n < samples; n++) {
    let a = chain.start;
    for (const eta of stepSizes) {
      a -= eta * (0.5 * chain.curvature * (a - chain.centre) + chain.noiseScale * normal());
    }
    sum += a - law.mean;
    squares += (a - law.mean) ** 2;
  }
  assert(Math.abs(sum / samples) < 5 * Math.sqrt(law.variance / samples));
  assert(Math.abs(squares / samples / law.variance - 1) < 5 * Math.sqrt(2 / samples));
});
