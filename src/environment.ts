/**
 * Variables of the environment, as far as this process may read them.
 *
 * @module
 */

/** A variable; `undefined` if it is not set, or may not be read: nobody is asked for that. */
export function variable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) || undefined : undefined;
}
