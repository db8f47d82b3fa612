/**
 * The rule that a sampler really follows, as one line and term by term.
 *
 * @module
 */

import type { MeasuredRuleReport } from "../../report/report.ts";
import type { PowerLaw } from "./power_law.ts";

/** One part of the measured rule. */
export type MeasuredTerm = MeasuredRuleReport["terms"][number];

/** A sampler of another rule. */
export interface Dialect {
  /** Its name. */
  readonly name: string;
  /** What is to be said of the target, in one sentence. */
  readonly text: string;
  /** Temperature of its stationary law on E = ½a² with a step size of 0.1 and a noise scale of 1. */
  readonly temperature: number;
}

/** The rule that a sampler really follows. */
export interface MeasuredRule {
  /** One step, as one line. */
  readonly text: string;
  /** The step sizes, as one line. */
  readonly schedule: string;
  /** Its parts. */
  readonly terms: readonly MeasuredTerm[];
  /** The other rule that it follows, if it is a known one. */
  readonly dialect: Dialect | undefined;
  /** The step sizes of a chain of five steps, as asked for and as measured. */
  readonly sizes?: { readonly wanted: readonly number[]; readonly measured: readonly number[] };
}

/** The terms as one line: a power of the step size other than one stands outside of the bracket. */
export function lineOf({ driftTerm, noiseTerm, limit, bounds, slope, scatter, place, sign }: {
  readonly driftTerm: Pick<MeasuredTerm, "text">;
  readonly noiseTerm: Pick<MeasuredTerm, "text">;
  readonly limit: Pick<MeasuredTerm, "text">;
  readonly bounds: { readonly term: Pick<MeasuredTerm, "text">; readonly clipped: boolean };
  readonly slope: PowerLaw | undefined;
  readonly scatter: PowerLaw | undefined;
  readonly place: NoisePlace;
  readonly sign: "+" | "−";
}): string {
  const plain = (slope?.exponent ?? 1) === 1 && (scatter?.exponent ?? 1) === 1;
  const outside = (law: PowerLaw | undefined, text: string) =>
    (law?.exponent ?? 1) === 1 ? `η_k·${text}` : text;
  const clipped = (inner: string) => limit.text === "" ? inner : `clip(${inner}, ${limit.text})`;
  const d = driftTerm.text, n = noiseTerm.text;
  const sum = plain
    ? `η_k·(${d} ${sign} ${n})`
    : `${outside(slope, d)} ${sign} ${outside(scatter, n)}`;
  const bound = (inner: string) =>
    bounds.clipped ? `clip(${inner}, ${bounds.term.text})` : `${inner}${bounds.term.text}`;
  if (place === "inside") {
    return `a ← ${bound(`a − ${plain || limit.text !== "" ? clipped(sum) : `(${sum})`}`)}`;
  }
  const drift = `a − ${clipped(outside(slope, d))}`;
  const noise = `${sign === "+" ? "−" : "+"} ${outside(scatter, n)}`;
  return place === "after the limit"
    ? `a ← ${bound(`${drift} ${noise}`)}`
    : `a ← ${bound(drift)} ${noise}`;
}

/** Where the noise is added. */
export type NoisePlace = "inside" | "after the limit" | "after the bounds";
