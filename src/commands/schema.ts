/**
 * `schema`: the JSON schemas of what the program reads and writes.
 *
 * @module
 */

import { type Arguments, type Command, type Io, oneOf, onlyArgument } from "./command.ts";

const names = ["report", "golden"] as const;

/** The command `schema`. */
export const command: Command = {
  name: "schema",
  usage: names.join("|"),
  summary: "print the JSON schema of a report or of a golden trace",
  options: {},
  run: schema,
};

async function schema(args: Arguments, io: Io): Promise<number> {
  const wanted = `a schema: ${names.join(" or ")}`;
  const name = oneOf("the schema", onlyArgument(args, "schema", wanted), names);
  const value = name === "report"
    ? (await import("../report/schema.ts")).reportJsonSchema()
    : (await import("../../golden/schema.ts")).traceJsonSchema();
  io.out(`${JSON.stringify(value, null, 2)}\n`);
  return 0;
}
