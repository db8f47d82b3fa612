/**
 * What stands where the rule clips: reflection, another turn round, a smooth function; and gradients
 * that a smooth function bends.
 *
 * @module
 */

import type { Change } from "../../defects/change.ts";
import type { Suspect } from "./suspects.ts";

/** The least length that formulas divide by. */
const tiny = "1e-12";

/** A triangle wave of a coordinate between two ends. */
function zigzag(at: string, from: string, width: string): string {
  const period = `max(2 * ${width}, ${tiny})`, beyond = `(${at} - (${from}))`;
  const part = `(${beyond} - ${period} * floor(${beyond} / ${period}))`;
  return `${from} + min(${part}, 2 * ${width} - ${part})`;
}

/** A step or a move, with what becomes of it in words. */
type Fold = readonly [formula: string, title: string, written: string];

const steps: readonly Fold[] = [
  [
    "where(delta - limit, max(2 * limit - delta, -limit), " +
    "where(-limit - delta, min(-2 * limit - delta, limit), delta))",
    "Steps beyond the limit are reflected at it, and what is still beyond is clipped",
    "reflected once",
  ],
  [
    "where(delta - limit, 2 * limit - delta, where(-limit - delta, -2 * limit - delta, delta))",
    "Steps beyond the limit are reflected at it",
    "reflected",
  ],
  [
    zigzag("delta", "-limit", "(2 * limit)"),
    "Steps beyond the limit are reflected between both limits until they are within",
    "reflected to and fro",
  ],
  [
    `delta - 2 * limit * floor((delta + limit) / max(2 * limit, ${tiny}))`,
    "Steps beyond the limit come in again from the limit on the other side",
    "wrapped round",
  ],
  [
    `limit * tanh(delta / max(limit, ${tiny}))`,
    "Steps are squashed into the limit by a tanh",
    "by a tanh",
  ],
  [
    `delta / (1 + abs(delta) / max(limit, ${tiny}))`,
    "Steps are squashed into the limit by x/(1 + |x|)",
    "by x/(1 + |x|)",
  ],
  [
    `delta / sqrt(1 + (delta / max(limit, ${tiny})) ^ 2)`,
    "Steps are squashed into the limit by x/√(1 + x²)",
    "by x/√(1 + x²)",
  ],
];

/** Steps that are brought within the limit otherwise than by a clip. */
export const foldedSteps: readonly Suspect[] = steps.map(([clippedStep, title, how]) => ({
  key: `measured number limit ${clippedStep}`,
  id: null,
  title,
  fix: "Clip drift plus noise: min(max(δ, -limit), limit).",
  change: { clippedStep },
  written: () => `±1.000·c·½·range, ${how}`,
}));

const to = "(a - move)";

const walls: readonly Fold[] = [
  [
    `min(max(where(${to} - hi, 2 * hi - ${to}, where(lo - ${to}, 2 * lo - ${to}, ${to})), lo), hi)`,
    "Actions are reflected at the walls, and what is still outside is clipped",
    ", reflected once at the bounds",
  ],
  [
    zigzag(to, "lo", "(hi - lo)"),
    "Actions are reflected between both walls until they are inside",
    ", reflected to and fro between the bounds",
  ],
];

/** Actions that are brought into the box otherwise than by a clip. */
export const foldedWalls: readonly Suspect[] = walls.map(([result, title, how]) => ({
  key: `measured number bounds ${result}`,
  id: null,
  title,
  fix: "Clip: a coordinate that would leave the box stops on the wall.",
  change: { result },
  written: () => how,
}));

/** Smooth functions of a gradient, with their names. */
const bends = (g: string): readonly (readonly [formula: string, words: string])[] => [
  [`tanh(${g})`, "tanh(x)"],
  [`${g} / (1 + abs(${g}))`, "x/(1 + |x|)"],
  [`${g} / sqrt(1 + (${g}) ^ 2)`, "x/√(1 + x²)"],
  [`sign(${g}) * log(1 + abs(${g}))`, "± ln(1 + |x|)"],
  [`sign(${g}) * sqrt(abs(${g}))`, "±√|x|"],
  [`(${g}) ^ 3`, "x³"],
  [`${g} * abs(${g})`, "±x²"],
];

/** What is bent, and where in the rule that is. */
const bentParts: readonly (readonly [
  of: string,
  what: string,
  change: (formula: string, factor: number) => Change,
])[] = [
  ["gt", "clipped gradient", (formula, factor) => ({ drift: `${factor} * (${formula}) / 2` })],
  ["gt / 2", "drift", (formula, factor) => ({ drift: `${factor} * (${formula})` })],
  ["g", "gradient", (formula, factor) => ({
    gradient: `${factor} * (${formula})`,
    gradientOfExp: `${factor} * exp(-E) * (${formula})`,
  })],
];

/** Gradients that pass through a smooth function, and may be multiplied after that. */
export const bentDrifts: readonly Suspect[] = bentParts.flatMap(([of, what, change]) =>
  bends(`(${of})`).map(([formula, words]) => bent(what, formula, words, change))
);

function bent(
  what: string,
  formula: string,
  words: string,
  change: (formula: string, factor: number) => Change,
  factor = 1,
): Suspect {
  const times = factor === 1 ? "" : `, times ${Number(factor.toPrecision(4))}`;
  return {
    key: `measured number drift ${factor} ${what} ${formula}`,
    id: null,
    title: `The ${what} x becomes ${words}${times}`,
    fix: "Use the gradient as it is; only a gradient clip may limit it.",
    change: change(formula, factor),
    written: (symbol) => `(${words} of ${what === "drift" ? `½·${symbol}` : symbol})`,
    scaled: (by) => bent(what, formula, words, change, by),
  };
}

/** Gradient clips that bend instead of cutting. */
export const softGradientClips: readonly Suspect[] = ([
  ["gamma * tanh(g / max(gamma, 1e-12))", "a tanh"],
  ["g / (1 + abs(g) / max(gamma, 1e-12))", "x/(1 + |x|)"],
  ["g / sqrt(1 + (g / max(gamma, 1e-12)) ^ 2)", "x/√(1 + x²)"],
] as const).map(([gradClip, words]) => ({
  key: `measured number gradient clip ${gradClip}`,
  id: null,
  title: `The gradient clip squashes gradients by ${words}`,
  fix: "Clip the gradient: min(max(g, -γ), γ).",
  change: { gradClip },
}));
