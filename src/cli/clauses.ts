/**
 * `clauses`: the catalogue of the clauses.
 *
 * @module
 */

import { type Clause, clauses } from "../../properties/clauses.ts";
import { catalogue } from "./catalogue.ts";
import { type Arguments, type Command, type Io, noArguments, oneOf } from "./command.ts";

const formats = ["pretty", "json"] as const;

/** The command `clauses`. */
export const command: Command = {
  name: "clauses",
  usage: "[--format pretty|json]",
  summary: "list every clause of the rule",
  options: { format: { value: "FORMAT", help: `${formats.join(" or ")} (default pretty)` } },
  run: (args, io) => Promise.resolve(list(args, io)),
};

function list(args: Arguments, io: Io): number {
  noArguments(command, args);
  const all: readonly Clause[] = clauses;
  if (oneOf("the format", args.value("format") ?? "pretty", formats) === "json") {
    io.out(`${JSON.stringify(all, null, 2)}\n`);
  } else {
    io.out(catalogue(all.map(({ id, level, sentence }) => [id, level, sentence]), io));
  }
  return 0;
}
