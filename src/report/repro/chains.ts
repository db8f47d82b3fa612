/**
 * Where the rule leads a row of a counterexample: what a script holds a sampler against, so that it
 * tells the faulty one from the mended one, however often they ask and in whatever order they draw.
 *
 * @module
 */

import { predictChain } from "../../../spec/chain_end.ts";
import { toNumberText, withNumbers } from "../../../spec/numerics/number_text.ts";
import type { Problem } from "../../../spec/problem.ts";
import type { Counterexample } from "../report.ts";

/** The chain of one row. */
export interface ExpectedChains {
  readonly row: number;
  /** x_0 … x_N for each sign of the noise, steps + 1 × axes. */
  readonly chains: readonly (readonly (readonly unknown[])[])[];
  /** How far float32 may be from them, steps + 1 × axes. */
  readonly slack: readonly (readonly unknown[])[];
}

/** The chains of the row that a counterexample is about, by the official rule. */
export function expectedChains({ problem: text, row: at }: Counterexample): ExpectedChains {
  const problem = withNumbers(text) as Problem, row = at ?? 0;
  const noisy = problem.noise.kind === "tape" && problem.settings.noiseScale > 0;
  const start = problem.initial[row]!.map((value) => ({ value, tolerance: 0 }));
  const chains = (noisy ? [1, -1] as const : [1] as const).map((noiseSign) => [
    start,
    ...predictChain(problem, { noiseSign }).map((rows) => rows[row]!),
  ]);
  return {
    row,
    chains: chains.map((chain) => chain.map((x) => x.map(({ value }) => toNumberText(value)))),
    slack: chains[0]!.map((x) => x.map(({ tolerance }) => toNumberText(tolerance))),
  };
}

/** What a script compares beside where the chain goes. */
export type Compared =
  | { readonly kind: "caller" }
  | { readonly kind: "report"; readonly part: "actions" | "outputs" | "gradNorms" }
  | { readonly kind: "chain" };

/** What a clause is about. */
export function comparedBy(clause: string): Compared {
  if (clause === "start/caller-unchanged") return { kind: "caller" };
  switch (clause) {
    case "chain/actions":
      return { kind: "report", part: "actions" };
    case "chain/outputs":
    case "chain/outputs-exp":
      return { kind: "report", part: "outputs" };
    case "chain/grad-norms":
      return { kind: "report", part: "gradNorms" };
    default:
      return { kind: "chain" };
  }
}

/** Why no single call shows a violation; `null` if one does. */
export function whyNoScript(clause: string, { problem }: Counterexample): string | null {
  if (clause.startsWith("state/")) {
    return "it takes several calls, which the replay command repeats";
  }
  const own = problem.noise.kind === "own" && Number(problem.settings.noiseScale) !== 0;
  return own ? "it shows in the law of many draws, which the replay command repeats" : null;
}
