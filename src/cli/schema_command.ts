/**
 * `schema`: the JSON schemas of what the program reads and writes.
 *
 * @module
 */

import { type Arguments, type Command, type Io, oneOf, onlyArgument } from "./command.ts";

const names = ["report", "protocol", "golden", "rule"] as const;

const schemas: Readonly<Record<typeof names[number], () => Promise<unknown>>> = {
  report: async () => (await import("../report/schema.ts")).reportJsonSchema(),
  protocol: async () => (await import("../targets/protocol.ts")).protocolJsonSchema(),
  rule: async () => (await import("../../spec/rules/document_json.ts")).ruleJsonSchema(),
  golden: async () => (await import("../../golden/trace_file.ts")).traceJsonSchema(),
};

/** The command `schema`. */
export const command: Command = {
  name: "schema",
  usage: names.join("|"),
  summary: "print the JSON schema of a report, the wire protocol, a golden trace or a rule",
  options: {},
  run: schema,
};

async function schema(args: Arguments, io: Io): Promise<number> {
  const wanted = `a schema: ${names.join(", ")}`;
  const name = oneOf("the schema", onlyArgument(args, "schema", wanted), names);
  const value = await schemas[name]();
  io.out(`${JSON.stringify(value, null, 2)}\n`);
  return 0;
}
