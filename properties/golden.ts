/**
 * The traces of the official code. The run replays them; there are no problems of ours.
 *
 * @module
 */

import { clause } from "./clause.ts";
import { leftAside, wholeRule } from "./whole_step.ts";

export const traces = clause({
  id: "golden/traces",
  level: "must",
  sentence: "The official traces are reproduced, step by step.",
  why: "They are what the official code did, float by float, whatever this specification says.",
  source: "traces of the official code",
  remark:
    "A sampler that draws its own noise replays the traces without noise. If only final actions can be seen, they are compared, within what float32 makes of a whole chain.",
  parts: ["traces"],
  buildsOn: [
    ...wholeRule,
    "rows/not-a-number",
    "delta-clip/infinite-gradient",
    "apply-exp/gradient",
  ],
  sharperWith: leftAside,
});
