import { assert } from "@std/assert";
import { type Bounded, compileBounded } from "./compile_bounded.ts";
import { parse } from "../../src/fixtures/random_formulas.ts";

const unit = 2 ** -24;

function bounded(text: string, a1: number): Bounded {
  return compileBounded(parse(text), ["a1"])([a1], unit);
}

Deno.test("a function of an exact number errs by a few roundings, and no more", () => {
  for (const name of ["exp", "sqrt", "log", "cosh"]) {
    const { value, error } = bounded(`${name}(a1)`, 0.75);
    const roundings = error / (unit * Math.abs(value));
    assert(roundings >= 1 && roundings <= 8, `${name}: ${roundings} roundings`);
  }
  // These are computed to within a few units of 1, not of the value.
  for (const name of ["sin", "cos", "tanh", "sinh"]) {
    const roundings = bounded(`${name}(a1)`, 0.75).error / unit;
    assert(roundings >= 1 && roundings <= 8, `${name}: ${roundings} roundings of 1`);
  }
});

Deno.test("a function passes the error of its argument on, as far as it is steep", () => {
  const argument = bounded("a1*0.1", 30).error;
  const slopes = { exp: Math.exp(3), sqrt: 0.5 / Math.sqrt(3), log: 1 / 3, cosh: Math.sinh(3) };
  for (const [name, slope] of Object.entries(slopes)) {
    const { value, error } = bounded(`${name}(a1*0.1)`, 30);
    assert(error >= slope * argument, name);
    assert(error <= slope * argument + 8 * unit * value, name);
  }
});
