/**
 * Reasons in words: the one place where they are worded.
 *
 * @module
 */

import { counted } from "./layout.ts";
import { groupedBy } from "../grouped_by.ts";
import { faultWords, features } from "../../spec/sampler.ts";
import type { ClauseReport, MeasuredRuleReport, Reason } from "./report.ts";

/**
 * A reason as a sentence, without a full stop.
 *
 * @param subject who builds on what is violated: one clause, or several
 */
export function reasonWords(
  reason: Reason,
  subject: "It builds" | "They build" = "It builds",
): string {
  switch (reason.kind) {
    case "foundation":
      return `${subject} on ${reason.clause}, which is violated`;
    case "lacks":
      return `The sampler lacks ${reason.feature}: ${features[reason.feature]}`;
    case "noise stays on":
      return `${subject} on ${reason.clause}, which is violated: ` +
        "with the noise scale 0 the noise stays on";
    case "suite's draws":
      return 'ulaspec supplied the noise; set noise = "own" to test your generator';
    case "noise is always on":
      return "The sampler draws its own noise, and the rule has no noise scale to turn it off";
    case "hidden steps":
      return "Only the final actions of this sampler are seen; step/exact judges its steps as a whole";
    case "accepted":
      return reason.why.replace(/\.$/, "");
    case "on accepted":
      return `${subject} on ${reason.clause}, an accepted deviation, and ${
        subject === "It builds" ? "stays open unless it is" : "stay open unless they are"
      } accepted by name, too`;
    case "without":
      return `${reason.clause} is accepted as a deviation, which leaves nothing to judge here`;
    case "one interval":
      return "The sampler takes one interval for all axes";
    case "compiled":
      return "Its problems would compile the sampler many times; step/exact judges its steps as a whole";
    case "untold chain":
      return "ulaspec can't tell which of the points where the sampler asks for gradients are its " +
        "chain; its noise can be judged if it asks once a step, for the whole batch in order or in " +
        "one that the problem's seed decides";
    case "nothing compared":
      return "There was nothing to compare on any problem that was tried";
    case "no traces":
      return "There is no trace to replay";
    case "no trace runs":
      return `The sampler can run none of the traces: they need ${reason.features.join(", ")}`;
    case "target failed":
      return `The target failed on one of its problems: ${faultWords(reason)}`;
    case "run ended":
      return "The run ended before it came up";
    case "bug on the probes":
      return `On the probes its final actions are those of a sampler with this bug: ${reason.title}`;
    case "unexplained on the probes":
      return `On the probes its final actions are not those of the rule: ${reason.what}`;
  }
}

/** What a number of draws that is not that of the steps explains. */
export function drawsWords(
  { draws, steps }: { readonly draws: number; readonly steps: number },
): string {
  return draws === 0
    ? "The sampler took none of ulaspec's draws; if its noise comes from a generator of its own, " +
      'set noise = "own"'
    : `The sampler took ${counted(draws, "draw")} from ulaspec in ${
      counted(steps, "step")
    }; one per step is wanted`;
}

/** Why a run on which nothing is violated ends without a verdict. */
export function incompleteWords(
  open: readonly ClauseReport[],
  terms: MeasuredRuleReport["terms"],
): string {
  return [
    ...[...groupedBy(open, ({ reason }) => reason ?? "no reason was given")].map(
      ([why, clauses]) => {
        const [{ id, because }, ...others] = clauses as [ClauseReport, ...ClauseReport[]];
        // These are names for the file of accepted deviations: all of them at once.
        if (because?.kind === "on accepted" && others.length > 0) {
          const all = others.map((other) => other.id);
          return `${[id, ...all.slice(0, -1)].join(", ")} and ${all.at(-1)} could not be judged, ` +
            `because ${lowered(reasonWords(because, "They build"))}`;
        }
        const more = others.length === 0
          ? ""
          : ` and ${others.length} other clause${others.length === 1 ? "" : "s"}`;
        return `${id}${more} could not be judged, because ${lowered(why)}`;
      },
    ),
    ...terms.map(({ name, text, wanted }) => {
      const found = text.replace(/^[,\s]+/, "") || `no ${name}`;
      return `every clause that was judged holds, but in the ${name} ${found} was measured where ` +
        `the rule has ${wanted}`;
    }),
  ].join("; ");
}

const lowered = (words: string) => words.charAt(0).toLowerCase() + words.slice(1);

/** Which traces were not replayed, and why. */
export function asideWords(
  aside: readonly { readonly clause: string; readonly traces: number }[],
): string {
  return aside.map(({ clause, traces }) =>
    `${traces} more ${traces === 1 ? "rests" : "rest"} on ${clause}, which is violated`
  ).join("; ");
}

/** The violated clause that a reason names. */
export function blamed(because: Reason | undefined): string[] {
  return because !== undefined && "clause" in because ? [because.clause] : [];
}
