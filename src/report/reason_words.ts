/**
 * Reasons in words: the one place where they are worded.
 *
 * @module
 */

import { features } from "../../spec/sampler.ts";
import type { Reason } from "./report.ts";

/** A reason as a sentence, without a full stop. */
export function reasonWords(reason: Reason): string {
  switch (reason.kind) {
    case "foundation":
      return `It builds on ${reason.clause}, which is violated`;
    case "lacks":
      return `The sampler lacks ${reason.feature}: ${features[reason.feature]}`;
    case "noise stays on":
      return `It builds on ${reason.clause}, which is violated: with the noise scale 0 the noise stays on`;
    case "suite's draws":
      return "The suite supplies the draws, so their law is not this sampler's";
    case "hidden steps":
      return "Only the final actions of this sampler are seen";
    case "nothing compared":
      return "There was nothing to compare on any problem that was tried";
    case "no traces":
      return "There is no trace to replay";
    case "no trace runs":
      return `The sampler can run none of the traces: they need ${reason.features.join(", ")}`;
    case "run ended":
      return "The run ended before it came up";
    case "bug on the probes":
      return `On the probes its final actions are those of a sampler with this bug: ${reason.title}`;
    case "unexplained on the probes":
      return `On the probes its final actions are not those of the rule: ${reason.what}`;
  }
}

/** The reason of several clauses as part of a sentence. */
export function sharedReasonWords(reason: Reason, count: number): string {
  const words = reasonWords(reason);
  if (count > 1 && "clause" in reason) return words.replace("It builds", "they build");
  return words[0]!.toLowerCase() + words.slice(1);
}
