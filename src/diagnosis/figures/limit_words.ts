/**
 * Limits of steps in the words of the measured rule.
 *
 * @module
 */

import { ownSymbols } from "../../defects/symbols.ts";
import { fixed, short } from "./measured_words.ts";

/** Whether a limit is the rule's within a thousandth. */
export function isNearly(limit: string | undefined): boolean {
  const factor = /^([\d.]+) \* c \/ 2 \* \(hi - lo\)$/.exec(limit ?? "");
  return factor !== null && Math.abs(Number(factor[1]) - 1) <= 1e-3;
}

/** Limited steps that no factor of the limit tells, by the defect. */
export const limitedBy: Readonly<Record<string, string>> = {
  "delta-clip-between-bounds": "from c·lo to c·hi",
  "delta-clip-off-centre": "middle of the box ± c·½·range",
  "delta-clip-by-norm": "norm ≤ c·½·widest range",
  "delta-clip-by-unit-norm": "norm in limits ≤ 1",
  "delta-clip-before-step-size": "±η_k·c·½·range",
  "delta-clip-first-step-only": "±c·½·range in step 0",
  "delta-clip-drops": "0 beyond ±c·½·range",
  "delta-clip-around-start": "±c·½·range around the start",
};

/** A formula for the limited step in the words of the measured rule, if it has short ones. */
export function sidesOf(formula: string): string {
  const up = /^min\(delta, (?:([\d.]+) \* )?limit\)$/.exec(formula);
  if (up) return `≤ ${fixed(Number(up[1] ?? 1))}·c·½·range`;
  const down = /^max\(delta, -(?:([\d.]+) \* )?limit\)$/.exec(formula);
  if (down) return `≥ −${fixed(Number(down[1] ?? 1))}·c·½·range`;
  const both = /^min\(max\(delta, -([\d.]+) \* limit\), ([\d.]+) \* limit\)$/.exec(formula);
  return both ? `(−${short(Number(both[1]))}, ${short(Number(both[2]))})·c·½·range` : "otherwise";
}

/** A formula for the limit in the words of the measured rule. */
export function limitWords(formula: string): string {
  const factor = /^([\d.]+ \* )?c(?: \/ (\d+))? \* \(hi - lo\)$/.exec(formula);
  if (factor) {
    const value = (factor[1] ? parseFloat(factor[1]) : 1) * 2 / Number(factor[2] ?? 1);
    return `${fixed(value)}·c·½·range`;
  }
  const halves = /^([\d.]+) \* c \/ 2 \* \(hi - lo\)$/.exec(formula);
  if (halves) return `${fixed(Number(halves[1]))}·c·½·range`;
  const absolute = /^(?:([\d.]+) \* )?c$/.exec(formula);
  if (absolute) return `${fixed(Number(absolute[1] ?? 1))}·c`;
  const words = formula.replace(
    /[A-Za-z]\w*/g,
    (symbol) => ownSymbols[symbol] ? `(${ownSymbols[symbol].meaning})` : symbol,
  );
  return words.replaceAll("(hi - lo)", "range").replaceAll(" * ", "·").replaceAll(" / 2", "·½");
}
