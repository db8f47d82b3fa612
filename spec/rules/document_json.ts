/**
 * The schema of a rule in a JSON file.
 *
 * @module
 */

import { z } from "zod";
import { formulaNames, officialRule } from "../rule.ts";
import { object } from "../settings_json.ts";
import type { DocumentFormulas, RuleDocument } from "./document.ts";

const words = (of: string) =>
  z.string({ error: "a text" }).min(1, { error: "a text" }).describe(of);
const number = (of: string) => z.number({ error: "a number" }).describe(of);

const formula = z.string({ error: "a formula as a text" });

/** What a formula is for, by its name. */
const meanings: Readonly<Record<keyof DocumentFormulas, string>> = {
  gradient: "g → the gradient that is used",
  gradientOfExp: "the same where the network's output is exponentiated; in g and E",
  gradClip: "g and gamma → the gradient after the gradient clip",
  noGradClip: "the same where no gradient clip is set",
  drift: "gt, the gradient after its clip → the drift",
  noise: "xi, a standard normal draw → the noise; sigma is the noise scale, T its square",
  step: "eta, drift and noise → the step; it is subtracted",
  limit: "c, lo and hi → the largest movement of an axis",
  clippedStep: "delta, the step, and limit → the step after the delta clip",
  result: "a, move, lo and hi → the action after the step",
  polynomial: "init, final, power, k and N → the step size of steps 1 … N-1",
  polynomialFirst: "the step size of the first step",
  singleStep: "the step size where there is one step only",
  exponential: "init, decay and k → the step size of the exponential schedule",
  steps: "N → the number of steps that are taken",
  stepSize: "k, N and settings of the rule's own → the step size of steps 0 … N-1",
};

const names = [...formulaNames, "stepSize"] as const;
const formulas = object(
  Object.fromEntries(names.map((name) => [
    name,
    formula.optional().describe(
      name === "stepSize" ? meanings[name] : `${meanings[name]}; ibc has ${officialRule[name]}`,
    ),
  ])),
);
const needed = object({
  ...formulas.shape,
  ...Object.fromEntries(
    (["drift", "noise", "step"] as const).map((name) => [name, formula.describe(meanings[name])]),
  ),
});

const setting = object({
  meaning: words("What it stands for"),
  from: number("The least value that is tried"),
  to: number("The greatest value that is tried"),
  whole: z.boolean({ error: "true or false" }).optional().describe("Whether only whole numbers do"),
});

const option = object({
  sentence: words("What it is, in a few words"),
  formulas: formulas.describe("The formulas that it changes"),
});

const nameForm = "a name in small letters, digits and hyphens";

const schema = object({
  name: z.string({ error: nameForm }).regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, { error: nameForm })
    .describe(`Its name: ${nameForm}`),
  sentence: words("What it is, in one sentence"),
  source: words("Where it comes from"),
  formulas: needed.describe("Its formulas; what is left out does nothing"),
  settings: z.record(z.string(), setting, { error: "an object of settings" }).optional()
    .describe("Settings that it has besides step size, noise scale, clips and box, by symbol"),
  options: z.record(z.string(), option, { error: "an object of options" }).optional()
    .describe("What may be added, by name: ula+temperature"),
  defaults: object({
    stepSize: number("The usual step size").optional(),
    steps: number("The usual number of steps").optional(),
  }).optional().describe("What people usually choose"),
}).meta({ title: "ulaspec rule" });

/** The schema of a rule. */
export const ruleDocument: z.ZodType<RuleDocument> = schema as unknown as z.ZodType<RuleDocument>;

/** The JSON schema of a rule. */
export function ruleJsonSchema(): unknown {
  return z.toJSONSchema(schema);
}
