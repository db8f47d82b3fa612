/**
 * `clauses`: the catalogue of the clauses.
 *
 * @module
 */

import { clauses } from "../catalogue.ts";
import { groupTitle } from "../report/summary.ts";
import { catalogue, chosen } from "./listing.ts";
import { type Arguments, type Command, formatOption, type Io, print } from "./command.ts";

/** The command `clauses`. */
export const command: Command = {
  name: "clauses",
  usage: "[WORD …] [--format pretty|json]",
  summary: "list the clauses of the rule, or those that have all the words you give",
  options: { format: formatOption },
  examples: {
    "": "all of them",
    "delta-clip": "those of a group",
    "range axis": "those whose sentence has both words",
  },
  details:
    "explain CLAUSE shows one with its formula, code that is right and wrong, and why it matters.",
  page: "docs/rule.md",
  run: (args, io) => Promise.resolve(list(args, io)),
};

function list(args: Arguments, io: Io): number {
  const found = chosen("clause", clauses, args.positionals, ({ sentence }) => [sentence]);
  const entries = found.map(({ id, level, sentence }) => ({
    group: groupTitle(id.split("/")[0]!),
    cells: [id, level, sentence],
  }));
  print(args, io, found, () => catalogue(entries, io));
  return 0;
}
