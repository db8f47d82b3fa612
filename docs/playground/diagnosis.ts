/**
 * What the diagnosis says of a judged target, in the page's words.
 *
 * @module
 */

import type { Target } from "../../spec/sampler.ts";
import { diagnose } from "../../src/diagnose.ts";
import type { Report } from "../../src/report/report.ts";

/** What explains a report. */
export interface Diagnosis {
  /** The probable bugs, each with what to change. */
  readonly causes: readonly {
    readonly title: string;
    readonly fix: string;
    /** Titles of other bugs that explain the same. */
    readonly others: readonly string[];
  }[];
  /** What no known bug explains, in one sentence. */
  readonly unexplained: string | null;
  /** The rule that the sampler really follows: one step, and the step sizes. */
  readonly measured: readonly string[];
}

/** The diagnosis of a target that violates a clause, or `null` where nothing is to be explained. */
export async function diagnosisOf(target: Target, report: Report): Promise<Diagnosis | null> {
  if (report.verdict !== "violates") return null;
  const { defects, unexplained, measured } = await diagnose(target);
  return {
    causes: defects.map(({ title, fix, alternatives }) => ({
      title,
      fix,
      others: (alternatives ?? []).map((other) => other.title),
    })),
    unexplained: unexplained ?? null,
    measured: measured ? [measured.text, measured.schedule] : [],
  };
}
