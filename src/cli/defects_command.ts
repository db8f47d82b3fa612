/**
 * `defects`: the catalogue of the known defects.
 *
 * @module
 */

import { defects, factors } from "../defects/defects.ts";
import { catalogue, chosen } from "./listing.ts";
import { type Arguments, type Command, formatOption, type Io, print } from "./command.ts";

/** The command `defects`. */
export const command: Command = {
  name: "defects",
  usage: "[WORD …] [--format pretty|json]",
  summary: "list the known defects, or those that have all the words you give",
  options: { format: formatOption },
  examples: {
    "": "all of them",
    "schedule": "those of the step sizes",
    "noise/scale": "those that break a clause",
  },
  details: "explain DEFECT shows one with right and wrong code; check defect:ID judges it.",
  page: "docs/defects.md",
  run: (args, io) => Promise.resolve(list(args, io)),
};

function list(args: Arguments, io: Io): number {
  const found = chosen(
    "defect",
    defects,
    args.positionals,
    ({ title, factor, clause }) => [title, factor, factors[factor], clause],
  );
  const entries = found.map(({ id, title, factor, clause }) => ({
    group: `${factors[factor][0]!.toUpperCase()}${factors[factor].slice(1)}`,
    cells: [id, clause, title],
  }));
  print(args, io, found, () => catalogue(entries, io));
  return 0;
}
