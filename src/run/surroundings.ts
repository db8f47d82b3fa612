/**
 * A run that is under way, and what it has to do with the thread or the process that it is in.
 *
 * @module
 */

import type { Target } from "../../spec/sampler.ts";
import type { Report } from "../report/report.ts";
import type { Opened } from "../targets/reopened.ts";
import type { Calibration } from "./calibration/calibrate.ts";
import type { Meanwhile } from "./traces/elsewhere.ts";
import type { JudgeOptions } from "./options.ts";
import type { Asked } from "./verdicts/run_report.ts";

/** What a run has to do with the thread or the process that it is in. */
export interface Surroundings {
  /** What is found out at the same time. */
  readonly meanwhile?: Meanwhile;
  /** Told of every violation as it is found: the report, if the run ended now. */
  readonly onFound?: (report: Report) => void;
  /** Opens the same target anew, in a process of its own; absent where that can't be. */
  readonly anew?: () => Promise<Opened>;
  /** What finds out about the target, which is the same in every run on it; `calibrate` by default. */
  readonly calibrate?: (target: Target) => Promise<Calibration>;
}

/** A run that is under way. */
export interface Run extends Asked {
  /** The target as it declares itself. */
  readonly declared: Target;
  readonly options: JudgeOptions;
  readonly surroundings: Surroundings;
}
