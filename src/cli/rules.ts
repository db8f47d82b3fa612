/**
 * `rules`: the rules of the family.
 *
 * @module
 */

import { family } from "../../spec/rules/family.ts";
import { catalogue } from "./listing.ts";
import {
  type Arguments,
  type Command,
  formatOption,
  type Io,
  noArguments,
  print,
} from "./command.ts";

/** The command `rules`. */
export const command: Command = {
  name: "rules",
  usage: "[--format pretty|json]",
  summary: "list the rules that a sampler can be judged by",
  options: { format: formatOption },
  details: "A rule of your own is a JSON file: see schema rule, and check --rule my_rule.json.",
  run: (args, io) => Promise.resolve(list(args, io)),
};

function list(args: Arguments, io: Io): number {
  noArguments(command, args);
  const rows = family.map(({ name, sentence, formulas, options = {} }) => {
    const added = Object.keys(options).map((option) => `+${option}`).join(", ");
    const text = `${sentence} ${formulas.step}.${added === "" ? "" : ` May have ${added}.`}`;
    return { group: "Rules", cells: [name, text] };
  });
  print(args, io, family, () => catalogue(rows, io));
  return 0;
}
