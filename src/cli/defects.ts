/**
 * `defects`: the catalogue of the known defects.
 *
 * @module
 */

import { defects } from "../defects/defects.ts";
import { catalogue } from "./catalogue.ts";
import {
  type Arguments,
  type Command,
  formatOption,
  type Io,
  noArguments,
  print,
} from "./command.ts";

/** The command `defects`. */
export const command: Command = {
  name: "defects",
  usage: "[--format pretty|json]",
  summary: "list every known defect",
  options: { format: formatOption },
  run: (args, io) => Promise.resolve(list(args, io)),
};

function list(args: Arguments, io: Io): number {
  noArguments(command, args);
  print(args, io, defects, () => catalogue(defects.map(({ id, title }) => [id, title]), io));
  return 0;
}
