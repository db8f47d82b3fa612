/**
 * Measures what the statistical tests promise, and writes `docs/calibration.md`: no false alarms on
 * correct samplers, p-values that are uniform or conservative, the power that the formulas say, and
 * the draws that a sequential test needs.
 *
 *     deno task calibrate            10,000 runs, some minutes
 *     deno task calibrate 500        fewer runs, printed and not written
 *
 * @module
 */

import { calmSettings, problemOf } from "../properties/arbitraries.ts";
import { battery, combined, type NoiseTest } from "../properties/battery.ts";
import { noiseClauses } from "../properties/clauses.ts";
import { leastCount, powerTable, scalePower } from "../properties/power.ts";
import { shapes, smallBatchProblems, smallBatchPValue } from "../properties/small_batches.ts";
import { recoverNoise, type StepTable } from "../properties/recovered_noise.ts";
import {
  defaultFalseAlarm,
  gatherEvidence,
  scaleDivergence,
  stageThresholds,
} from "../properties/sequential.ts";
import { equivalents, samplerWith } from "../src/defects/defects.ts";
import { observe } from "../spec/observe.ts";
import type { Problem } from "../spec/problem.ts";
import { normalDraws, seedFor, uniform } from "../spec/numerics/random.ts";
import { officialRule, ruleSampler } from "../spec/rule.ts";
import type { Sampler } from "../spec/sampler.ts";
import { kolmogorovBound } from "../spec/numerics/tails.ts";
import { pathOf } from "../spec/readings.ts";
import { reference } from "../src/reference.ts";

/** The share of every 20 runs that each correct sampler gets. */
const correct: readonly { readonly sampler: Sampler; readonly share: number }[] = [
  { sampler: ruleSampler(officialRule, { name: "rule, float64", noise: "own" }), share: 9 },
  {
    sampler: samplerWith(changeOf("noise-negated"), {
      name: "noise negated",
      noise: "own",
    }),
    share: 4,
  },
  {
    sampler: samplerWith(changeOf("float32"), {
      name: "rule, float32",
      noise: "own",
    }),
    share: 4,
  },
  { sampler: { ...reference, name: "reference, tensors" }, share: 3 },
];

function changeOf(id: string) {
  return equivalents.find((equivalent) => equivalent.id === id)!.change;
}

/** Narrow boxes, walls, a gradient clip, slopes and curvature: many coordinates end at an atom. */
function clipHeavy(seed: number): Problem {
  const draw = uniform(seedFor(seed, "initial actions"));
  const min = [-1, -0.5, 0, -64], max = [1, 0.25, 1, 64];
  const cell = (u: number, i: number) =>
    Math.fround(
      Math.round(
        256 * (Math.max(min[i]!, -2) + u * (Math.min(max[i]!, 2) -
              Math.max(min[i]!, -2))),
      ) / 256,
    );
  return problemOf({
    energy: "1.5*(a1 - 0.25)^2 + 2*a2 - 0.75*a3 + 0.5*(a3 - 0.5)^2 + 0.5*cos(2*a4)*a1",
    settings: calmSettings(4, {
      bounds: { min, max },
      steps: 5,
      schedule: { kind: "polynomial", init: 0.25, final: 1 / 32, power: 2 },
      noiseScale: 0.75,
      gradClip: 2,
      deltaClip: 0.125,
    }),
    groups: 4,
    initial: Array.from(
      { length: 64 },
      () => min.map((_, i) => cell(draw(), i)),
    ),
    noise: { kind: "own" },
    seed: seed >>> 1,
  });
}

/** What is looked at in small batches, one of whose shapes each run takes in turn. */
export const smallTests = ["sizes in small batches", "dependence in small batches"] as const;
type SmallTest = (typeof smallTests)[number];

/** What many runs of correct samplers gave. */
export interface Calibration {
  readonly runs: number;
  readonly draws: number;
  /** Share of coordinates whose atoms have a probability above one half. */
  readonly atoms: number;
  readonly samplers: readonly { readonly name: string; readonly runs: number }[];
  /** All p-values of each test. */
  readonly pValues: ReadonlyMap<NoiseTest | SmallTest, readonly number[]>;
  /** The combined p-value of each run. */
  readonly combined: readonly number[];
  /** Runs in which a coordinate was where no noise leads. */
  readonly outside: number;
}

/** Runs the battery on correct samplers. */
export async function calibrate(
  runs: number,
  show: (done: number) => void = () => {},
): Promise<Calibration> {
  const pValues = new Map<NoiseTest | SmallTest, number[]>();
  const all: number[] = [];
  const counts = new Map<string, number>();
  const schedule = correct.flatMap(({ sampler, share }) => Array(share).fill(sampler) as Sampler[]);
  const targets = new Map(schedule.map((sampler) => [sampler, observe(sampler)]));
  let draws = 0, informative = 0, outside = 0;
  for (let run = 0; run < runs; run++) {
    const sampler = schedule[run % schedule.length]!;
    const once = async (part: string, problem = clipHeavy(seedFor(run, part))) => {
      const prepared = await targets.get(sampler)!.prepare(problem.settings);
      const path = pathOf(problem, await prepared.sample(problem));
      if (path.kind !== "known") throw new Error(`${sampler.name} has no path`);
      return recoverNoise(problem, path.points, uniform(seedFor(run, `${part} checker`)));
    };
    counts.set(sampler.name, (counts.get(sampler.name) ?? 0) + 1);
    const first = await once("first"), second = await once("second");
    const shape = shapes[run % shapes.length]!, seed = seedFor(run, "small batch");
    const small = await once("small batch", smallBatchProblems(shape)({ samples: 1, seed }));
    if (first.kind === "outside" || second.kind === "outside" || small.kind === "outside") {
      outside++;
      continue;
    }
    const results = battery(first.noise, {
      samples: 16,
      drift: first.drift,
      second: second.noise,
    });
    draws = first.noise.length * 64 * 4;
    informative += first.informative / draws;
    const smallResults = smallTests.map((test) => ({
      test,
      pValue: smallBatchPValue(test === smallTests[0] ? "sizes" : "dependence", small.noise),
    }));
    for (const { test, pValue } of [...results, ...smallResults]) {
      const values = pValues.get(test);
      if (values) values.push(pValue);
      else pValues.set(test, [pValue]);
    }
    all.push(combined(results).pValue);
    if (run % 100 === 99) show(run + 1);
  }
  return {
    runs,
    draws,
    atoms: 1 - informative / (runs - outside),
    samplers: [...counts].map(([name, runs]) => ({ name, runs })),
    pValues,
    combined: all,
    outside,
  };
}

type Noise = (steps: number, rows: number, axes: number) => StepTable;

/** Wrong noise, by name. */
function wrongNoise(seed: number): readonly (readonly [string, Noise])[] {
  const normal = normalDraws(seed), flat = uniform(seedFor(seed, "flat"));
  const each = (draw: () => number): Noise => (steps, rows, axes) =>
    Array.from(
      { length: steps },
      () => Array.from({ length: rows }, () => Array.from({ length: axes }, draw)),
    );
  const student = () => {
    let squares = 0;
    for (let i = 0; i < 5; i++) squares += normal() ** 2;
    return normal() / Math.sqrt(squares / 5) * Math.sqrt(3 / 5);
  };
  const truncated = () => {
    for (;;) {
      const draw = normal();
      if (Math.abs(draw) <= 2) return draw;
    }
  };
  const laplace = () => {
    const u = flat() - 0.5;
    return -Math.sign(u) * Math.log1p(-2 * Math.abs(u)) / Math.SQRT2;
  };
  const independent = each(normal);
  return [
    ["none", independent],
    ["noise × 0.90", each(() => 0.9 * normal())],
    ["noise × 0.95", each(() => 0.95 * normal())],
    ["noise × 0.98", each(() => 0.98 * normal())],
    ["one half missing, g/σ = 0.25", each(() => 0.125 + normal())],
    ["one half missing, g/σ = 1", each(() => 0.5 + normal())],
    ["uniform", each(() => Math.sqrt(12) * (flat() - 0.5))],
    ["truncated at ±2", each(truncated)],
    ["Laplace", each(laplace)],
    ["Student, 5 degrees of freedom", each(student)],
    [
      "shared by all rows",
      (steps, rows, axes) =>
        independent(steps, 1, axes).map(([row]) => Array.from({ length: rows }, () => row!)),
    ],
    [
      "shared by all axes",
      (steps, rows, axes) =>
        independent(steps, rows, 1).map((table) =>
          table.map(([z]) => Array.from({ length: axes }, () => z!))
        ),
    ],
    ["shared by all steps", (steps, rows, axes) => {
      const [one] = independent(1, rows, axes);
      return Array.from({ length: steps }, () => one!);
    }],
    [
      "shared within an observation",
      (steps, rows, axes) =>
        independent(steps, 4, axes).map((table) =>
          Array.from({ length: rows }, (_, r) => table[Math.floor(4 * r / rows)]!)
        ),
    ],
    [
      "axes correlated by 0.1",
      (steps, rows, axes) =>
        independent(steps, rows, axes).map((table) =>
          table.map((row) => {
            const common = Math.sqrt(0.1) * normal();
            return row.map((z) => common + Math.sqrt(0.9) * z);
          })
        ),
    ],
    [
      "no noise in the last step",
      (steps, rows, axes) =>
        independent(steps, rows, axes).map((table, k) =>
          k < steps - 1 ? table : table.map((row) => row.map(() => 0))
        ),
    ],
  ];
}

/** The simulated power of one defect. */
export interface SimulatedPower {
  readonly defect: string;
  /** Per number of rows: the first stage alone, and with all stages. */
  readonly power: readonly (readonly [number, number])[];
}

const powerRows = [8, 32, 128, 512];
// The level of the numerical experiments that the table repeats; a run spends a little more.
const powerLevel = 5e-8;
const usualLevel = defaultFalseAlarm / noiseClauses.length;

/** Simulates the power of the battery and of the stages. */
export function simulatePower(
  repetitions: number,
  numbersOfRows: readonly number[] = powerRows,
): SimulatedPower[] {
  const thresholds = stageThresholds({ level: powerLevel });
  return wrongNoise(17).map(([defect, noise]) => ({
    defect,
    power: numbersOfRows.map((rows) => {
      const look = (rows: number) =>
        combined(battery(noise(5, rows, 4), { samples: rows / 4 })).pValue;
      let first = 0, any = 0;
      for (let r = 0; r < repetitions; r++) {
        for (const [stage, { reject, accept }] of thresholds.entries()) {
          const pValue = look(stage === 0 ? rows : 4 * rows);
          if (pValue <= reject) {
            any++;
            if (stage === 0) first++;
            break;
          }
          if (pValue > accept) break;
        }
      }
      return [first / repetitions, any / repetitions] as const;
    }),
  }));
}

/** Draws that the evidence needs, against the least that is possible on average. */
export interface SequentialFigures {
  readonly effect: string;
  readonly limit: number;
  readonly fixed: number;
  readonly mean: number;
  readonly quantile: number;
}

/** Measures the draws that evidence needs to reach 1e9. */
export function sequentialFigures(
  runs: number,
  scales: readonly number[] = [0.5, 0.8, 0.9, 0.95, 1.1, 2],
): readonly SequentialFigures[] {
  const level = 1e-9, goal = -Math.log(level);
  return scales.map((scale) => {
    const normal = normalDraws(seedFor(23, `scale ${scale}`));
    const needed = Array.from({ length: runs }, () => {
      const evidence = gatherEvidence();
      let draws = 1;
      while (evidence.add(scale * normal()) < goal) draws++;
      return draws;
    }).sort((a, b) => a - b);
    return {
      effect: `noise × ${scale}`,
      limit: goal / scaleDivergence(scale),
      fixed: leastCount((count) => scalePower(scale, count, level)),
      mean: needed.reduce((sum, draws) => sum + draws, 0) / runs,
      quantile: needed[Math.floor(0.99 * runs)]!,
    };
  });
}

/** How often evidence against correct noise ever reaches 20, within some draws. */
export function falseEvidence(runs: number, draws: number): number {
  const normal = normalDraws(29);
  let reached = 0;
  for (let run = 0; run < runs; run++) {
    const evidence = gatherEvidence();
    for (let n = 0; n < draws; n++) evidence.add(normal());
    if (evidence.most >= Math.log(20)) reached++;
  }
  return reached / runs;
}

/** The distance of p-values above the uniform law, and the probability of so much at most. */
function excess(
  pValues: readonly number[],
): { readonly distance: number; readonly chance: number } {
  const sorted = [...pValues].sort((a, b) => a - b);
  const distance = Math.max(...sorted.map((p, i) => (i + 1) / sorted.length - p));
  return { distance, chance: kolmogorovBound(distance, sorted.length) / 2 };
}

const percent = (x: number) => `${(100 * x).toFixed(1)} %`;
const count = (x: number) => Math.round(x).toLocaleString("en");
const upTo = (values: readonly number[], x: number) =>
  values.filter((value) => value <= x).length / values.length;

/** The page. */
export function calibrationPage(
  figures: {
    readonly calibration: Calibration;
    readonly power: readonly SimulatedPower[];
    readonly repetitions: number;
    readonly sequential: readonly SequentialFigures[];
    readonly sequentialRuns: number;
    readonly falseEvidence: number;
    readonly date: string;
    readonly machine: string;
    readonly minutes: number;
  },
): string {
  const { calibration, power, sequential } = figures;
  const rejected = stageThresholds({ level: powerLevel })[0]!.reject;
  const alarms = calibration.combined.filter((p) => p <= rejected).length + calibration.outside;
  const tests = [...calibration.pValues].map(([test, values]) => {
    const { distance, chance } = excess(values);
    return `| ${test} | ${
      [0.5, 0.1, 0.01, 0.001].map((x) => (upTo(values, x) / x).toFixed(3)).join(" | ")
    } | ${distance.toFixed(4)} | ${chance > 0.01 ? chance.toFixed(2) : chance.toExponential(1)} |`;
  });
  const exact = powerTable({ draws: 10240, level: 1e-9 });
  return `<!-- Written by \`deno task calibrate\`. Do not edit. -->

# Calibration of the statistical tests

Measured on ${figures.date} (${figures.machine}), in ${figures.minutes.toFixed(1)} minutes.

## False alarms

${count(calibration.runs)} seeded runs of the whole battery on correct samplers
(${calibration.samplers.map(({ name, runs }) => `${name}: ${count(runs)}`).join("; ")}), each with
${count(calibration.draws)} recovered draws of a problem on which clips act all the time
(${
    percent(calibration.atoms)
  } of the coordinates are rather at an end of their interval than inside), and each with a chain of
100 steps of a small batch, of ${shapes.length} shapes in turn.

**False alarms: ${alarms}** at the threshold of a first stage (${rejected.toExponential(0)});
coordinates where no noise leads: ${calibration.outside}; smallest combined p-value:
${Math.min(...calibration.combined).toExponential(1)}.

P(p ≤ x)/x of each test; 1 is exact, less is conservative. \`excess\` is the largest distance by
which the p-values lie below uniform ones, \`chance\` the probability of so much or more if they are
uniform.

| test | x = 0.5 | 0.1 | 0.01 | 0.001 | excess | chance |
|---|---:|---:|---:|---:|---:|---:|
${tests.join("\n")}
| **combined** | ${
    [0.5, 0.1, 0.01, 0.001].map((x) => (upTo(calibration.combined, x) / x).toFixed(3)).join(" | ")
  } | | |

## Power

Simulated, ${figures.repetitions} repetitions: power of the first stage / of all stages, at the level
${
    powerLevel.toExponential(0)
  } of one check (5 steps × 4 axes). In a run of the suite a check may spend
${usualLevel.toExponential(1)} and sees a little more.

| defect | ${powerRows.map((rows) => `${count(rows * 20)} draws`).join(" | ")} |
|---|${powerRows.map(() => "---:").join("|")}|
${
    power.map(({ defect, power }) =>
      `| ${defect} | ${
        power.map(([first, any]) => `${first.toFixed(2)} / ${any.toFixed(2)}`).join(" | ")
      } |`
    ).join("\n")
  }

Exact, for a single two-sided test at the level 1e-9: draws for a power of 0.99. \`ulaspec power\`
prints the same table at the level that a run spends.

| effect | test | draws |
|---|---|---:|
${
    exact.map(({ effect, test, drawsNeeded }) => `| ${effect} | ${test} | ${count(drawsNeeded)} |`)
      .join("\n")
  }

## Sequential evidence

Draws until the evidence for a scale or a shift reaches 10⁹ (a false alarm rate of 1e-9, whenever one
looks), over ${
    count(figures.sequentialRuns)
  } runs; beside it the draws of a fixed sample (chi-square,
power 0.99) and the least mean number that any test can have, ln(10⁹) over the Kullback–Leibler
divergence.

| effect | least mean | mean | mean / least | 99 % need at most | fixed sample |
|---|---:|---:|---:|---:|---:|
${
    sequential.map(({ effect, limit, mean, quantile, fixed }) =>
      `| ${effect} | ${count(limit)} | ${count(mean)} | ${(mean / limit).toFixed(2)} | ${
        count(quantile)
      } | ${count(fixed)} |`
    ).join("\n")
  }

Against correct noise the evidence ever reaches 20 in ${
    percent(figures.falseEvidence)
  } of 2,000 runs
of 1,000 draws; at most 5 % may.
`;
}

function machine(): string {
  const cpu = (() => {
    try {
      return /model name\s*: (.*)/.exec(Deno.readTextFileSync("/proc/cpuinfo"))?.[1];
    } catch {
      return undefined;
    }
  })();
  return [
    `${navigator.hardwareConcurrency} cores${cpu === undefined ? "" : ` of ${cpu}`}`,
    Deno.build.target,
    `Deno ${Deno.version.deno}`,
  ].join(", ");
}

if (import.meta.main) {
  const started = performance.now();
  const runs = Number(Deno.args[0] ?? 10000);
  const calibration = await calibrate(runs, (done) => {
    if (done % 1000 === 0) console.error(`${done} of ${runs} runs`);
  });
  const repetitions = runs >= 10000 ? 200 : 20, sequentialRuns = runs >= 10000 ? 2000 : 200;
  const page = calibrationPage({
    calibration,
    power: simulatePower(repetitions),
    repetitions,
    sequential: sequentialFigures(sequentialRuns),
    sequentialRuns,
    falseEvidence: falseEvidence(2000, 1000),
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    minutes: (performance.now() - started) / 60000,
  });
  if (runs < 10000) console.log(page);
  else {
    await Deno.writeTextFile(new URL("calibration.md", import.meta.url), page);
    console.error("Wrote docs/calibration.md");
  }
}
