/**
 * All checks, in the order of the clauses.
 *
 * @module
 */

import { clauses } from "./clauses.ts";
import { boundsChecks } from "./bounds.ts";
import { chainChecks } from "./chain.ts";
import { deltaClipChecks } from "./delta_clip.ts";
import { driftChecks } from "./drift.ts";
import { energyChecks } from "./energy.ts";
import { factorChecks } from "./factors.ts";
import { gradClipChecks } from "./grad_clip.ts";
import { noiseChecks } from "./noise.ts";
import type { ClauseCheck } from "./property.ts";
import { scheduleChecks } from "./schedule.ts";
import { startChecks } from "./start.ts";
import { stepChecks } from "./step.ts";

const unordered: readonly ClauseCheck<never>[] = [
  ...startChecks,
  ...factorChecks,
  ...driftChecks,
  ...scheduleChecks,
  ...noiseChecks,
  ...gradClipChecks,
  ...boundsChecks,
  ...deltaClipChecks,
  ...chainChecks,
  ...stepChecks,
  ...energyChecks,
];

/** Every check, foundations first. */
export const checks: readonly ClauseCheck<never>[] = clauses.flatMap((clause) =>
  unordered.filter((check) => check.clause === clause.id)
);
