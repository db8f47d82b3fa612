/**
 * The clauses of the rule as a user sees them: what they say, without the way they are judged.
 *
 * @module
 */

import { clauses as all, type Statement } from "../properties/clauses.ts";

/** Every clause, after its foundations. */
export const clauses: readonly Statement[] = all.map((
  { problems: _problems, noise: _noise, under: _under, ...statement },
) => statement);

/** Looks up a clause by its id. */
export function clauseOf(id: string): Statement | undefined {
  return clauses.find((clause) => clause.id === id);
}
