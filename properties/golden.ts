/**
 * The traces of the official code. The run replays them; there are no problems of ours.
 *
 * @module
 */

import { clause } from "./clause.ts";
import { wholeRule } from "./step.ts";

export const traces = clause({
  id: "golden/traces",
  level: "must",
  sentence: "The official traces are reproduced, step by step.",
  source: "traces of the official code",
  feature: "noise-tape",
  buildsOn: [
    ...wholeRule,
    "rows/not-a-number",
    "delta-clip/infinite-gradient",
    "apply-exp/gradient",
  ],
});
