/**
 * Permissions that a person gives to a module: it has no others.
 *
 * @module
 */

import { isModule } from "../module_specifier.ts";
import { type Arguments, type Option, UsageError } from "./command.ts";

const purposes = {
  read: ["PATHS", "read files"],
  write: ["PATHS", "write files"],
  net: ["HOSTS", "use the network"],
  env: ["NAMES", "read variables of the environment"],
  run: ["PROGRAMS", "start programs"],
  sys: ["APIS", "ask about the system"],
  ffi: ["PATHS", "load native libraries"],
  import: ["HOSTS", "import from other hosts"],
} as const;

/** The options, named as those of Deno. */
export const permissionOptions: Readonly<Record<string, Option>> = Object.fromEntries(
  Object.entries(purposes).map(([name, [value, purpose]]) =>
    [`allow-${name}`, {
      value,
      bare: true,
      repeatable: true,
      group: "What a module may do",
      help: `let ./module.ts ${purpose}`,
    }] as const
  ),
);

/**
 * The permissions that are given, as options of Deno.
 *
 * @throws {UsageError} if the target is no module
 */
export function permissionsOf(
  args: Arguments,
  target: string | readonly string[],
): readonly string[] {
  const given = Object.keys(permissionOptions).filter((name) => args.has(name));
  const [first] = given;
  if (first === undefined) return [];
  if (typeof target !== "string" || !isModule(target)) {
    throw new UsageError(
      `--${first} for a target that is no module`,
      "it with a module only: a process has all that its user may do",
    );
  }
  return given.map((name) => {
    const values = args.values(name);
    return values.length === 0 ? `--${name}` : `--${name}=${values.join(",")}`;
  });
}
