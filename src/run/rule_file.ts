/**
 * Reads a rule from a JSON file.
 *
 * @module
 */

import { locateJsonFault } from "../../golden/json_fault.ts";
import { at, placeOf, shown } from "../../golden/json_place.ts";
import { type RuleDocument, RuleError, ruleFrom } from "../../spec/rules/document.ts";
import { ruleDocument } from "../../spec/rules/document_json.ts";

/**
 * Reads a rule from a file.
 *
 * @throws {RuleError} with the place, what was found and what was wanted
 */
export async function readRuleFile(file: string): Promise<RuleDocument> {
  let text;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    const found = error instanceof Deno.errors.NotFound ? "no such file" : String(error);
    throw new RuleError(`the file ${file}`, found, "a rule as JSON, see schema rule", {
      cause: error,
    });
  }
  return readRule(text, file);
}

/**
 * Reads a rule from a text.
 *
 * @throws {RuleError} with the place, what was found and what was wanted
 */
export function readRule(text: string, file: string): RuleDocument {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { line, column, found, wanted } = locateJsonFault(text);
    throw new RuleError(`line ${line}, column ${column} of ${file}`, found, wanted, {
      cause: error,
    });
  }
  const { data, error } = ruleDocument.safeParse(value);
  if (data === undefined) throw faultIn(value, error.issues[0]!, file);
  try {
    ruleFrom(data);
    for (const option of Object.keys(data.options ?? {})) ruleFrom(data, [option]);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    const { place, found, wanted } = error;
    throw new RuleError(`${place} of ${file}`, found, wanted, { cause: error });
  }
  return data;
}

function faultIn(
  value: unknown,
  issue: { readonly path: readonly PropertyKey[]; readonly message: string },
  file: string,
): RuleError {
  if ("keys" in issue && Array.isArray(issue.keys)) {
    const place = placeOf([...issue.path, issue.keys[0]]);
    return new RuleError(`${place} of ${file}`, "a field that rules do not have", issue.message);
  }
  const place = placeOf(issue.path) || "the whole";
  return new RuleError(`${place} of ${file}`, shown(at(value, issue.path)), issue.message);
}
