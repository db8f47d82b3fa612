/**
 * `clauses`: the catalogue of the clauses.
 *
 * @module
 */

import { clauses } from "../catalogue.ts";
import { catalogue } from "./catalogue.ts";
import {
  type Arguments,
  type Command,
  formatOption,
  type Io,
  noArguments,
  print,
} from "./command.ts";

/** The command `clauses`. */
export const command: Command = {
  name: "clauses",
  usage: "[--format pretty|json]",
  summary: "list every clause of the rule",
  options: { format: formatOption },
  run: (args, io) => Promise.resolve(list(args, io)),
};

function list(args: Arguments, io: Io): number {
  noArguments(command, args);
  const rows = clauses.map(({ id, level, sentence }) => [id, level, sentence]);
  print(args, io, clauses, () => catalogue(rows, io));
  return 0;
}
