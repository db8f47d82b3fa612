/**
 * The known defects of samplers, each a small {@linkcode Change} of the rule.
 *
 * A defect is what somebody really wrote, or plausibly will: a formula or a step of the loop taken
 * differently. {@linkcode samplerWith} runs it, so every entry is also a small wrong sampler on
 * which the checks of the clauses are tried out.
 *
 * @module
 */

import { type Defect, type Entries, type Equivalent, type Factor, factors } from "./defect.ts";
import { gradientDefects } from "./gradient_defects.ts";
import { limitDefects } from "./limit_defects.ts";
import { noiseDefects } from "./noise_defects.ts";
import { resultDefects } from "./result_defects.ts";
import { scheduleDefects } from "./schedule_defects.ts";

export {
  type Change,
  compatible,
  replacements,
  ruleOf,
  ruleUnder,
  ruleWith,
  samplerWith,
} from "./change.ts";
export { type Defect, type Equivalent, type Factor, factors } from "./defect.ts";

const catalogue: Entries<Factor> = {
  ...gradientDefects,
  ...noiseDefects,
  ...limitDefects,
  ...scheduleDefects,
  ...resultDefects,
};

/** All known defects, ordered by factor. */
export const defects: readonly Defect[] = (Object.keys(factors) as Factor[]).flatMap((factor) =>
  catalogue[factor].map(({ id, ...rest }) => ({ id, factor, ...rest }))
);

/** Looks up a defect by its id. */
export function defectOf(id: string): Defect | undefined {
  return defects.find((defect) => defect.id === id);
}

/** The defects that break a clause: those that break no other, those filed under it, the rest. */
export function defectsThatBreak(clause: string): readonly Defect[] {
  const filed = defects.filter((defect) => defect.clause === clause);
  return [
    ...filed.filter(({ alsoBreaks }) => alsoBreaks === undefined),
    ...filed.filter(({ alsoBreaks }) => alsoBreaks !== undefined),
    ...defects.filter(({ alsoBreaks }) => (alsoBreaks as readonly string[])?.includes(clause)),
  ];
}

/** Variants that are no defects, though they look like one. */
export const equivalents: readonly Equivalent[] = [
  {
    id: "noise-negated",
    title: "The noise is subtracted instead of added",
    reason: "A normal draw and its negation have the same law.",
    change: { noise: "-sigma * xi" },
  },
  {
    id: "float32",
    title: "The chain is computed in float32",
    reason: "The official code computes in float32; the tolerance covers it.",
    change: { precision: "float32" },
  },
  {
    id: "other-order",
    title: "Products are taken in another order",
    reason: "They are the same but for rounding, which the tolerance covers.",
    change: { step: "eta * drift + eta * noise", limit: "c * (0.5 * (hi - lo))" },
  },
];
