/**
 * What explains the observations of a target.
 *
 * @module
 */

import type { NoiseSign } from "../../../spec/oracle.ts";
import type { Observation } from "../experiments/observations.ts";
import type { Hypothesis, Suspect } from "../terms/suspects.ts";
import type { Source, WindowFit } from "../terms/window_fit.ts";

/** What explains the observations of a target. */
export interface Explanation {
  /** What is wrong; empty if nothing is. */
  readonly hypothesis: Hypothesis;
  /** What of it was measured: it gives whole experiments. */
  readonly measured: Hypothesis;
  /** Others that explain the same in the place of one, by its key. */
  readonly alternatives: ReadonlyMap<string, readonly Suspect[]>;
  /** Observations that this does not give. */
  readonly unexplained: readonly Observation[];
  /** Observations beside these that would be given without a suspect, by its key. */
  readonly refuting?: ReadonlyMap<string, Observation>;
  /** Where alone what is left was seen in a series of small problems. */
  readonly seenOnly?: string;
  /** Whether a series of small problems has told what is wrong. */
  readonly isOfSeries?: boolean;
  /** Terms that are no multiples of what they should be. */
  readonly open: readonly Source[];
  /** The sign with which the sampler adds its draws. */
  readonly noiseSign: NoiseSign;
  /** The windows; absent if none could be seen. */
  readonly fit: WindowFit | undefined;
}
