/**
 * Statistical decisions with a bounded rate of false alarms.
 *
 * One budget for a whole run is divided among its checks; a run of a correct sampler gives a false
 * alarm with at most the probability of the budget, whatever the checks have to do with each other
 * (the union bound).
 *
 * @module
 */

/** The chance that a run rejects a correct sampler, unless it is told otherwise. */
export const defaultFalseAlarm = 1e-6;

/** The level at which a fresh run must confirm a statistical violation before it is reported. */
export const confirmationLevel = 1e-3;

/** Draws of the second and later stages, in those of the first, unless a plan says otherwise. */
export const usualGrowth = 4;

/** How a level is spent over stages. */
export interface SequentialPlan {
  /** The probability with which correct data are rejected, at most. */
  readonly level: number;
  /** Most stages; 5 by default. */
  readonly stages?: number;
  /** Draws of the second and later stages, in those of the first; 4 by default. */
  readonly growth?: number;
}

/** The outcome of a sequential decision. */
export interface SequentialOutcome<Evidence> {
  /** Whether the data are not what they should be. */
  readonly rejected: boolean;
  /** Stages that were needed, from 1. */
  readonly stages: number;
  /** What the last stage saw. */
  readonly evidence: Evidence;
}

/** One stage's thresholds: reject up to the first, accept above the second. */
export interface StageThresholds {
  /** Up to this p-value the data are rejected. */
  readonly reject: number;
  /** Above this p-value they are accepted. */
  readonly accept: number;
}

/**
 * The thresholds of every stage. With `β = level / stages` and `γ = β^(1/stages)`, stage j rejects
 * up to `β γ^-(j-1)` and accepts above that plus γ; what lies between goes on.
 */
export function stageThresholds({ level, stages = 5 }: SequentialPlan): StageThresholds[] {
  const beta = level / stages, gamma = beta ** (1 / stages);
  return Array.from({ length: stages }, (_, j) => {
    const reject = beta / gamma ** j;
    return { reject, accept: gamma + reject };
  });
}

/**
 * Decides by stages of fresh data (A. Gandy and J. Scott, Unit testing for MCMC and other Monte
 * Carlo methods, 2020): clear cases end after the first stage, doubtful ones look at more data.
 * If the p-value of every stage is exact or conservative, correct data are rejected with at most
 * the probability `level`: stage j is reached with at most the probability γ^(j-1), and then rejects
 * with at most β γ^-(j-1), that is β for each stage.
 *
 * @param look one stage: its number from 0, and its size in first stages; must use fresh data
 */
export async function sequentially<Evidence extends { readonly pValue: number }>(
  plan: SequentialPlan,
  look: (stage: number, growth: number) => Promise<Evidence>,
): Promise<SequentialOutcome<Evidence>> {
  const thresholds = stageThresholds(plan);
  for (let stage = 0;; stage++) {
    const evidence = await look(stage, stage === 0 ? 1 : plan.growth ?? usualGrowth);
    const { reject, accept } = thresholds[stage]!;
    const stages = stage + 1;
    if (evidence.pValue <= reject) return { rejected: true, stages, evidence };
    if (evidence.pValue > accept || stages === thresholds.length) {
      return { rejected: false, stages, evidence };
    }
  }
}

/** A normal law that the noise may have instead of the standard one. */
export interface Alternative {
  /** Its mean. */
  readonly mean: number;
  /** Its standard deviation. */
  readonly deviation: number;
}

/** What the evidence is gathered for: the noise is scaled, or shifted. */
export const alternatives: readonly Alternative[] = [
  ...[0.5, 0.7, 0.8, 0.9, 0.95, 1.05, 1.1, 1.25, 1.5, 2].map((deviation) => ({
    mean: 0,
    deviation,
  })),
  ...[-0.5, -0.25, -0.1, 0.1, 0.25, 0.5].map((mean) => ({ mean, deviation: 1 })),
];

/** Evidence against the standard normal law, gathered draw by draw. */
export interface Evidence {
  /** Adds a draw; gives the logarithm of the likelihood ratio. */
  add(draw: number): number;
  /** The largest logarithm so far; at least 0. */
  readonly most: number;
}

/**
 * The likelihood ratio of a mixture of alternatives against the standard normal law. Under the
 * latter it has the mean 1 after every draw, whenever one looks, so that it ever reaches 1/α with at
 * most the probability α (Ville's inequality). Under an alternative its logarithm grows by the
 * Kullback-Leibler divergence with each draw: `½(s² - 1) - log s` for a scale s, `½m²` for a shift m.
 */
export function gatherEvidence(against: readonly Alternative[] = alternatives): Evidence {
  const logs = new Float64Array(against.length);
  const prior = Math.log(against.length);
  let most = 0;
  return {
    add(draw) {
      let largest = -Infinity;
      against.forEach(({ mean, deviation }, j) => {
        const away = (draw - mean) / deviation;
        logs[j]! += 0.5 * (draw * draw - away * away) - Math.log(deviation);
        largest = Math.max(largest, logs[j]!);
      });
      let sum = 0;
      for (const log of logs) sum += Math.exp(log - largest);
      const log = largest + Math.log(sum) - prior;
      most = Math.max(most, log);
      return log;
    },
    get most() {
      return most;
    },
  };
}

/**
 * The Kullback-Leibler divergence of noise with this deviation from standard normal noise, in nats
 * for each draw. No test at level α and power near 1 needs fewer than `log(1/α)` over it on average.
 */
export function scaleDivergence(deviation: number): number {
  return 0.5 * (deviation * deviation - 1) - Math.log(deviation);
}
