/**
 * The rule that a person names on the command line.
 *
 * @module
 */

import { RuleError } from "../../spec/rules/document.ts";
import type { AskedRule } from "../../spec/rules/family.ts";
import { UsageError } from "./command.ts";

/**
 * Reads the rule of an option, with its name as it was typed.
 *
 * @throws {UsageError} if there is no such rule, or if its file is none
 */
export async function ruleOf(
  typed: string | undefined,
): Promise<(AskedRule & { readonly typed: string }) | undefined> {
  if (typed === undefined || typed === "ibc") return undefined;
  const [{ askedFor }, { ruleAsked }] = await Promise.all([
    import("../run/rule_given.ts"),
    import("../../spec/rules/family.ts"),
  ]);
  try {
    const asked = await askedFor(typed);
    ruleAsked(asked);
    return { ...asked, typed };
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    throw new UsageError(`${error.found} as ${error.place}`, error.wanted);
  }
}
