/**
 * Energies: a formula in the actions a1...ad and the observations o1...om, low for good actions.
 *
 * @module
 */
import { compile, compileTogether } from "./formula/compile.ts";
import { type Bounded, compileBoundedTogether } from "./formula/compile_bounded.ts";
import { derivative } from "./formula/derivative.ts";
import type { Expression } from "./formula/expression.ts";
import { parseFormula } from "./formula/parse.ts";
import { Remembered } from "./remembered.ts";

/**
 * An energy E(a, o) with its gradient dE/da. Actions have length `axes`, observations have length
 * `features`; another length throws a RangeError. Everything is computed in float64.
 */
export interface Energy {
  /** The formula as it was written. */
  readonly text: string;
  /** The formula as a tree. */
  readonly expression: Expression;
  /** The number of axes of an action. */
  readonly axes: number;
  /** The number of features of an observation. */
  readonly features: number;
  /** E(a, o) */
  value(action: ArrayLike<number>, observation: ArrayLike<number>): number;
  /** dE/da, length `axes`: the symbolic derivative, see {@linkcode derivative}. */
  gradient(action: ArrayLike<number>, observation: ArrayLike<number>): number[];
  /** Both, with bounds of the error of an arithmetic with a unit roundoff (float32: 2^-24). */
  bounded(
    action: ArrayLike<number>,
    observation: ArrayLike<number>,
    unit: number,
  ): BoundedEnergy;
}

/** An energy and its gradient with their bounds. */
export interface BoundedEnergy {
  /** E(a, o) */
  readonly value: Bounded;
  /** dE/da, length `axes`. */
  readonly gradient: readonly Bounded[];
}

const remembered = new Remembered<Energy>(128);

/**
 * Reads an energy. The same formula, axes and features give the same object as long as it is
 * remembered; the last 128 are.
 *
 * @param text a formula in a1...a{axes} and o1...o{features}, see {@linkcode parseFormula}
 * @param axes the number of axes of an action, 1 or more
 * @param features the number of features of an observation, 0 or more
 * @throws FormulaError if the text is no formula in these symbols
 * @throws RangeError if axes or features is no such number
 */
export function energy(text: string, axes: number, features: number): Energy {
  return remembered.get(`${axes} ${features} ${text}`, () => read(text, axes, features));
}

function read(text: string, axes: number, features: number): Energy {
  checkCount("axes", axes, 1);
  checkCount("features", features, 0);
  const layout = [...indexed("a", axes), ...indexed("o", features)];
  const symbols = new Set(layout);
  const expression = parseFormula(text, (symbol) => symbols.has(symbol), inWords(axes, features));
  const slopes = indexed("a", axes).map((symbol) => derivative(expression, symbol));
  const value = compile(expression, layout);
  const gradient = compileTogether(slopes, layout);
  const bounded = lazily(() => compileBoundedTogether([expression, ...slopes], layout));

  const values = new Float64Array(axes + features);
  const place = (action: ArrayLike<number>, observation: ArrayLike<number>): Float64Array => {
    if (action.length !== axes || observation.length !== features) {
      throw new RangeError(
        `Cannot evaluate the energy: found ${action.length} actions and ${observation.length} ` +
          `observations, wanted ${axes} and ${features}`,
      );
    }
    for (let i = 0; i < axes; i++) values[i] = action[i]!;
    for (let i = 0; i < features; i++) values[axes + i] = observation[i]!;
    return values;
  };
  return {
    text,
    expression,
    axes,
    features,
    value: (action, observation) => value(place(action, observation)),
    gradient: (action, observation) => gradient(place(action, observation)),
    bounded: (action, observation, unit) => {
      const [value, ...gradient] = bounded()(place(action, observation), unit);
      return { value: value!, gradient };
    },
  };
}

function checkCount(what: string, count: number, least: number): void {
  if (!Number.isInteger(count) || count < least) {
    throw new RangeError(
      `Cannot read the energy: found ${count} ${what}, wanted a whole number of at least ${least}`,
    );
  }
}

/** a1...ad */
function indexed(letter: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${letter}${index + 1}`);
}

/** "an action a1...a3 or the observation o1" */
function inWords(axes: number, features: number): string {
  const some = (thing: string, letter: string, count: number): string =>
    count === 1 ? `the ${thing} ${letter}1` : `an ${thing} ${letter}1...${letter}${count}`;
  const actions = some("action", "a", axes);
  return features === 0 ? actions : `${actions} or ${some("observation", "o", features)}`;
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
