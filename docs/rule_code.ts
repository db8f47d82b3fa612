/**
 * Lines of `spec/rule.ts`, so that the code that is shown is the code that runs.
 *
 * @module
 */

const page = (await Deno.readTextFile(new URL("../spec/rule.ts", import.meta.url))).split("\n");

/**
 * The lines from one that begins with some text to the next that begins with another, both included,
 * without the indentation of the first.
 *
 * @throws if there are no such lines
 */
function lines(first: string, last: string): string {
  const start = page.findIndex((line) => line.trimStart().startsWith(first));
  const end = page.findIndex((line, at) => at >= start && line.startsWith(last));
  if (start < 0 || end < 0) throw new Error(`Cannot quote the rule: found no lines from ${first}`);
  const indent = page[start]!.length - page[start]!.trimStart().length;
  return page.slice(start, end + 1).map((line) => line.slice(indent)).join("\n");
}

/** The formulas of one step, from the drift to the action after it. */
export const stepFormulas: string = lines('drift: "', "  result:");

/** The formulas, one coordinate's step and the loop over N steps. */
export const ruleInCode: string = [
  lines("const formulas", "};"),
  lines("/** Every term of one coordinate's step", "}"),
  lines("/** Answers one call", "}"),
].join("\n\n");
