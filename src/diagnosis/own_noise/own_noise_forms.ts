/**
 * Formulas that the size of noise may be multiplied by.
 *
 * @module
 */

import type { Problem } from "../../../spec/problem.ts";
import { chiSquareUpper } from "../../../spec/numerics/tails.ts";
import { factorForms, shapeOf } from "../figures/forms.ts";
import { type Estimate, shownEstimate, usual } from "./noise_statistics.ts";

/** Powers of the step size, of the noise scale, and of half the range of an axis. */
interface Powers {
  readonly eta: number;
  readonly sigma: number;
  readonly half: number;
}

/** A formula. */
export interface SizeForm {
  readonly powers: Powers;
  /** What stands before them, if it is something else. */
  readonly words: string;
  /** Its value in a step, on an axis. */
  readonly of: (
    problem: Problem,
    at: { readonly k: number; readonly i: number; readonly eta: number },
  ) => number;
}

const none: Powers = { eta: 0, sigma: 0, half: 0 };

const powerForms = ([
  ["eta", [-0.5, -1, 1]],
  ["sigma", [-1, -0.5, 1]],
  ["half", [1, 0.5, 2]],
] as const).flatMap(([name, all]) =>
  all.map((power): SizeForm => ({
    powers: { ...none, [name]: power },
    words: "",
    of: ({ settings: { noiseScale: sigma, bounds: { min, max } } }, { i, eta }) =>
      ({ eta, sigma, half: (max[i]! - min[i]!) / 2 })[name] ** power,
  }))
);

/** The simplest first; what goes with step size or noise scale alone is written as a power. */
export const sizeForms: readonly SizeForm[] = [
  ...powerForms,
  ...factorForms.filter(({ words }) => !/^√?[ση](_k)?²?$|^\(1\/√?[ση](_k)?\)$/.test(words)).map((
    { words, of },
  ): SizeForm => ({
    powers: none,
    words: `${words}·`,
    of: (problem, { k }) => of({ k, settings: problem.settings, shape: shapeOf(problem) }),
  })),
];

const signs: Readonly<Record<number, (symbol: string) => string>> = {
  [-1]: (symbol) => `(1/${symbol})·`,
  [-0.5]: (symbol) => `(1/√${symbol})·`,
  0.5: (symbol) => `√${symbol}·`,
  1: (symbol) => `${symbol}·`,
  1.5: (symbol) => `${symbol}^1.5·`,
  2: (symbol) => `${symbol}²·`,
  3: (symbol) => `${symbol}³·`,
};

/**
 * Noise with formulas in its size, as the measured rule has it.
 *
 * @param noise as the rule has it
 */
export function formsText(forms: readonly SizeForm[], noise = "σξ"): string {
  const of = (name: keyof Powers) => forms.reduce((sum, { powers }) => sum + powers[name], 0);
  const before = forms.map(({ words }) => words).join("");
  const powered = (symbol: string, power: number) =>
    power === 0 ? "" : (signs[power] ?? ((s) => `${s}^${power}·`))(symbol);
  const eta = 1 + of("eta"), sigma = 1 + of("sigma"), half = of("half");
  const range = powered(half === 1 ? "½·range" : "(½·range)", half);
  if (noise !== "σξ") {
    return before + powered("η_k", of("eta")) + range + powered("σ", of("sigma")) + noise;
  }
  return before + (eta === 1 ? "" : powered("η_k", eta)) + range +
    (sigma === 1 ? "σξ" : `${powered("σ", sigma)}ξ`) + (eta === 0 ? ", not times η_k" : "");
}

/** What gives the size of noise by a number, with its figures. */
export interface SizeLaw {
  /** As a factor of the noise. */
  readonly text: string;
}

const bases = {
  "1": () => 1,
  "|x|": Math.abs,
  "x²": (x: number) => x ** 2,
  "√|x|": (x: number) => Math.sqrt(Math.abs(x)),
  "√(1 + x²)": (x: number) => Math.hypot(1, x),
  "1/(1 + |x|)": (x: number) => 1 / (1 + Math.abs(x)),
  "1/√(1 + x²)": (x: number) => 1 / Math.hypot(1, x),
  "[x ≠ 0]": (x: number) => x === 0 ? 0 : 1,
  "[x = 0]": (x: number) => x === 0 ? 1 : 0,
  "[x ≤ 0]": (x: number) => x <= 0 ? 1 : 0,
  "[x > 0]": (x: number) => x > 0 ? 1 : 0,
} as const;

type Base = keyof typeof bases;

/** The simplest first. */
const laws: readonly (readonly [Base, Base?])[] = [
  ["|x|"],
  ["x²"],
  ["√|x|"],
  ["√(1 + x²)"],
  ["1/(1 + |x|)"],
  ["1/√(1 + x²)"],
  ["[x ≠ 0]"],
  ["[x = 0]"],
  ["1", "|x|"],
  ["1", "x²"],
  ["[x > 0]", "[x ≤ 0]"],
  ["[x ≠ 0]", "[x = 0]"],
];

/**
 * The law that gives sizes by a number, by least squares; of those with as many figures the one that
 * fits best.
 *
 * @param symbol of the number
 */
export function sizeLawOf(
  levels: readonly { readonly x: number; readonly size: Estimate }[],
  symbol: string,
): SizeLaw | undefined {
  const fits = laws.flatMap((names) => {
    const rows = levels.map(({ x, size }) => {
      const weight = usual / Math.max(size.error, 1e-3);
      return {
        of: names.map((name) => weight * bases[name!](x)),
        wanted: weight * size.value,
      };
    });
    const sum = (of: (row: typeof rows[number]) => number) =>
      rows.reduce((all, row) => all + of(row), 0);
    const [aa, ab, bb, ay, by] = [
      sum(({ of: [a] }) => a! ** 2),
      sum(({ of: [a, b = 0] }) => a! * b),
      sum(({ of: [, b = 0] }) => b ** 2),
      sum(({ of: [a], wanted }) => a! * wanted),
      sum(({ of: [, b = 0], wanted }) => b * wanted),
    ];
    const two = names.length === 2, det = two ? aa * bb - ab ** 2 : aa;
    if (!(det > 1e-9)) return [];
    const values = two ? [(ay * bb - by * ab) / det, (by * aa - ay * ab) / det] : [ay / aa];
    const errors = (two ? [bb, aa] : [1]).map((over) => usual * Math.sqrt(over / det));
    const chi = sum(({ of, wanted }) =>
      (wanted - of.reduce((all, one, j) => all + one * values[j]!, 0)) ** 2
    );
    const isGiven = chiSquareUpper(chi, levels.length - names.length) > 1e-3;
    return isGiven ? [{ names, values, errors, chi }] : [];
  });
  const [best] = fits.toSorted((a, b) => a.names.length - b.names.length || a.chi - b.chi);
  if (best === undefined) return undefined;
  const terms = best.names.map((name, j) => {
    const figure = `(${shownEstimate({ value: best.values[j]!, error: best.errors[j]! })})`;
    return name === "1" ? figure : `${figure}·${name!.replaceAll("x", symbol)}`;
  });
  return { text: terms.length === 1 ? terms[0]! : `(${terms.join(" + ")})` };
}
