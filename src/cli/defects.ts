/**
 * `defects`: the catalogue of the known defects.
 *
 * @module
 */

import { defects } from "../defects/defects.ts";
import { catalogue } from "./catalogue.ts";
import { type Arguments, type Command, type Io, noArguments, oneOf } from "./command.ts";

const formats = ["pretty", "json"] as const;

/** The command `defects`. */
export const command: Command = {
  name: "defects",
  usage: "[--format pretty|json]",
  summary: "list every known defect",
  options: { format: { value: "FORMAT", help: `${formats.join(" or ")} (default pretty)` } },
  run: (args, io) => Promise.resolve(list(args, io)),
};

function list(args: Arguments, io: Io): number {
  noArguments(command, args);
  if (oneOf("the format", args.value("format") ?? "pretty", formats) === "json") {
    io.out(`${JSON.stringify(defects, null, 2)}\n`);
  } else {
    io.out(catalogue(defects.map(({ id, title }) => [id, title]), io));
  }
  return 0;
}
