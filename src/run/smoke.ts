/**
 * Tests the harness of a process rather than its sampler: whether it speaks the protocol, keeps
 * requests apart, carries floats unharmed, takes its noise from the tape and tells what it asks.
 *
 * A sampler that breaks the rule passes; that is for `check` to find.
 *
 * @module
 */

import { normalTape, problemOf } from "../../properties/arbitraries.ts";
import { describe } from "../../spec/describe.ts";
import { officialDefaults, type Problem, type Rows, type Settings } from "../../spec/problem.ts";
import { type Feature, type Target, TargetFault } from "../../spec/sampler.ts";
import { same, type Trajectory } from "../../spec/trajectory.ts";
import { type Fault, faultOf } from "./verdicts/not_run.ts";
import { keepChildren } from "../targets/children.ts";
import { openProcess, type ProcessOptions, type ProcessTarget } from "../targets/process.ts";
import { attributeDraws } from "./calibration/draw_layout.ts";

/** What one check of a harness found. */
export interface SmokeCheck {
  /** What is wanted, as a sentence. */
  readonly sentence: string;
  readonly verdict: "passes" | "fails" | "not run";
  /** What the check found out, or why it was not run. */
  readonly note?: string;
  /** What is wrong. */
  readonly fault?: Fault;
}

/** What is to be said of a harness. */
export interface SmokeReport {
  readonly format: "ulaspec-smoke/1";
  /** `not run`: there is nothing to talk to. */
  readonly verdict: "sound" | "faulty" | "not run";
  /** The program and its arguments. */
  readonly command: readonly string[];
  readonly checks: readonly SmokeCheck[];
}

/** What a check found instead of what it wanted. */
class Surprise extends Error {
  constructor(readonly found: string, readonly wanted: string) {
    super(`Found ${found}, wanted ${wanted}`);
  }
}

interface Note {
  readonly note: string;
  /** Later checks are to expect another result each time. */
  readonly repeatable: false;
}

interface Check {
  readonly sentence: string;
  /** Whether the others make no sense if it fails. */
  readonly gate?: true;
  /** Whether it is about the tape, so that it does not apply to a target with noise of its own. */
  readonly tape?: true;
  /** Gives what it found out. `repeatable`: the same problem gives the same result. */
  run(target: ProcessTarget, repeatable: boolean): Promise<string | Note | undefined>;
}

const calm: Settings = {
  ...officialDefaults,
  bounds: { min: [-1, -1], max: [1, 1] },
  steps: 3,
  schedule: { kind: "polynomial", init: 0.125, final: 0.0625, power: 2 },
  deltaClip: 0.5,
};

function problemWith(parts: {
  readonly settings?: Settings;
  readonly energy?: string;
  readonly observations?: Rows;
  readonly samples?: number;
  readonly initial?: Rows;
  readonly tape?: number;
  readonly seed?: number;
}): Problem {
  const { settings = calm, observations = [[0.5], [-0.25]], samples = 2, tape: seed = 1 } = parts;
  const axes = settings.bounds.min.length;
  const rows = observations.length * samples;
  return problemOf({
    energy: parts.energy ?? "(a1 - 0.25)^2 + 0.5*(a1 + 0.5*o1)^2",
    settings,
    groups: observations.length,
    samples,
    observations,
    initial: parts.initial ??
      Array.from(
        { length: rows },
        (_, r) => Array.from({ length: axes }, (_, i) => ((3 * r + 5 * i) % 9) / 8 - 0.5),
      ),
    noise: { kind: "tape", draws: normalTape(seed, settings.steps, rows, axes) },
    seed: parts.seed ?? seed,
  });
}

const first = problemWith({});

async function sample(target: Target, problem: Problem): Promise<Trajectory> {
  return await (await target.prepare(problem.settings)).sample(problem);
}

function alike(a: Rows, b: Rows): boolean {
  return a.every((row, r) => row.every((x, i) => Math.abs(x - b[r]![i]!) <= 1e-5));
}

const wayOut = 'or noise = "own" if it draws its own';

const lists = (...words: string[]) => words.length === 0 ? "none" : words.join(", ");

const checks: readonly Check[] = [
  {
    sentence: "It prepares a sampler and runs a problem",
    gate: true,
    async run(target) {
      const { steps } = first.settings;
      const { evaluations } = await sample(target, first);
      return `${steps} steps, ${evaluations.length} questions to the network`;
    },
  },
  {
    sentence: "Its noise is the tape",
    tape: true,
    async run(given) {
      const { target, attribution, remark } = await attributeDraws(given);
      const { served } = await sample(given, first);
      // A harness that tells which draws took the tape has done its part.
      if (attribution.kind === "unattributable" && served !== undefined) {
        return { note: remark!, repeatable: false };
      }
      const taped = attribution.kind === "unattributable" ? given : target;
      // The tape and the seed change apart: noise that follows from the seed shows both times.
      const other = problemWith({ tape: 2, seed: first.seed });
      const one = await sample(taped, first), two = await sample(taped, other);
      if (alike(one.final, two.final)) {
        throw new Surprise(
          "the same final actions with two different tapes",
          `draw k of noise.draws as the noise of step k, ${wayOut}`,
        );
      }
      const again = await sample(taped, problemWith({ seed: other.seed + 1 }));
      if (!alike(one.final, again.final)) {
        throw new Surprise(
          "two different results with the same tape",
          `no other noise than that of the tape, ${wayOut}`,
        );
      }
      return remark;
    },
  },
  {
    sentence: "It keeps requests in flight apart by their ids",
    async run(target, repeatable) {
      const prepared = await target.prepare(calm);
      const problems = [1, 2, 3].map((n) =>
        problemWith({
          observations: Array.from({ length: n }, () => [0.125 * n]),
          samples: 4 - n,
          tape: n,
        })
      );
      const together = await Promise.all(problems.map((problem) => prepared.sample(problem)));
      if (!repeatable) return undefined;
      for (const [i, problem] of problems.entries()) {
        const { final } = await prepared.sample(problem);
        if (alike(final, together[i]!.final)) continue;
        throw new Surprise(
          `another result for request ${i + 1} of 3 in flight than for the same request alone`,
          "the answer to a request with the id of that request, and no state between problems",
        );
      }
      return undefined;
    },
  },
  {
    sentence: "It takes one row, one axis, many axes and no observation",
    async run(target) {
      const shapes = [
        { axes: 1, observations: [[]], samples: 1, energy: "a1^2 + 0.5*a1" },
        { axes: 5, observations: [[], []], samples: 1, energy: "a1^2 + 0.5*a5" },
        { axes: 3, observations: [[1, 2]], samples: 4, energy: "a1^2 + 0.5*a3*o2" },
      ];
      for (const { axes, ...parts } of shapes) {
        const bounds = { min: Array(axes).fill(-1), max: Array(axes).fill(1) };
        await sample(target, problemWith({ ...parts, settings: { ...calm, bounds } }));
      }
      return "rows × axes of 1×1, 2×5 and 4×3";
    },
  },
  {
    sentence: "Its network knows every function of a formula",
    async run(target) {
      const bounds = { min: [0.25, 0.25], max: [2, 2] };
      const initial = [[0.5, 0.75], [1.25, 1.5]];
      const energies = [
        "exp(-a1) + log(a2) + sqrt(a1*a2)",
        "sin(a1) - cos(a2) + tanh(a1 - a2)",
        "cosh(a1) + sinh(a2)/4 - -a1^3",
        "abs(a1 - 1) + floor(a2) + sign(a1 - a2)",
        "min(a1, a2, 1) + max(a1^2, a2) + where(a1 - a2, a1, 2*a2) + a2^1.5",
      ];
      for (const energy of energies) {
        const settings = { ...calm, bounds };
        const problem = problemWith({ settings, energy, observations: [[]], initial });
        const { final } = await sample(target, problem);
        const wrong = final.flat().find((x) => !Number.isFinite(x));
        if (wrong !== undefined) {
          throw new Surprise(
            `${wrong} as a final action on the energy ${energy}`,
            "finite numbers",
          );
        }
      }
      return undefined;
    },
  },
  {
    sentence: "Floats survive the way there and back",
    async run(target) {
      const far = 2 ** 25;
      const awkward = [0.1, -1 / 3, -0, 1e-7, 16777215, 2 ** -126, -123456.789, 3.14159274].map(
        Math.fround,
      );
      const problem = problemWith({
        settings: { ...calm, bounds: { min: [-far, -far], max: [far, far] } },
        energy: "0.5*a1 + 0.25*a2",
        observations: [[]],
        samples: 4,
        initial: [0, 2, 4, 6].map((i) => [awkward[i]!, awkward[i + 1]!]),
      });
      const { initialAfter, evaluations } = await sample(target, problem);
      requireSame(problem.initial, initialAfter, "initialAfter");
      const asked = evaluations.find(({ kind }) => kind === "gradient");
      if (asked && !target.ready.drawsStart) {
        requireSame(problem.initial, asked.points, "evaluations[0].points");
      }
      return `${awkward.length} awkward ones, such as ${awkward[0]} and ${awkward[5]}`;
    },
  },
  {
    sentence: "It tells at which points it asks for gradients",
    async run(target) {
      const { evaluations, final } = await sample(target, first);
      const asked = evaluations.filter(({ kind }) => kind === "gradient").map((e) => e.points);
      const { steps } = first.settings;
      if (asked.length === 0) {
        throw new Surprise(
          `${evaluations.length} questions, none of them for a gradient, in ${steps} steps`,
          'an entry { "kind": "gradient", "points": … } for each gradient',
        );
      }
      const start = asked[0]!;
      if (asked.length > 1 && !same(final, start) && asked.every((p) => same(p, start))) {
        throw new Surprise(
          `${asked.length} questions at one and the same point, though the chain moved`,
          "the points of each question, copied when it is asked",
        );
      }
      return `${asked.length} in ${steps} steps`;
    },
  },
  {
    sentence: "It counts its draws",
    tape: true,
    async run(target) {
      let others = false;
      for (const steps of [1, 4]) {
        const result = await sample(target, problemWith({ settings: { ...calm, steps } }));
        const { draws, served } = result;
        others ||= draws !== steps;
        // A harness that tells which draws there were may have spare ones.
        if (draws < steps || (draws > steps && served === undefined)) {
          throw new Surprise(
            `${draws} draws in a chain of ${steps} ${steps === 1 ? "step" : "steps"}`,
            `${steps}: one of rows × axes for each step`,
          );
        }
      }
      return others ? "more than one a step, some of them spare" : "one a step";
    },
  },
  {
    sentence: "It keeps several samplers, each with its own settings",
    async run(target, repeatable) {
      const settings: Settings = { ...calm, steps: 2, bounds: { min: [0, 0], max: [0.25, 0.25] } };
      const one = await target.prepare(calm);
      const before = await one.sample(first);
      const two = await target.prepare(settings);
      await two.sample(problemWith({ settings, initial: Array(4).fill([0.125, 0.125]) }));
      const after = await one.sample(first);
      const [asked, wanted] = [after.evaluations.length, before.evaluations.length];
      const differs = asked !== wanted ||
        (repeatable && !alike(before.final, after.final));
      if (differs) {
        throw new Surprise(
          `another result of the first sampler once a second one is prepared${
            asked === wanted ? "" : ` (${asked} questions to the network instead of ${wanted})`
          }`,
          "the settings that belong to the handle of the request",
        );
      }
      for (let i = 0; i < 6; i++) await target.prepare(settings);
      await one.sample(first);
      return undefined;
    },
  },
  {
    sentence: "It can do what it does not list as unsupported",
    async run(target) {
      const wanted: [Feature, Settings][] = [
        ["grad-clip", { ...calm, gradClip: 0.25 }],
        [
          "exponential-schedule",
          { ...calm, schedule: { kind: "exponential", init: 0.125, decay: 0.5 } },
        ],
        ["apply-exp", { ...calm, applyExp: true }],
      ];
      const lacking = wanted.filter(([feature]) => target.unsupported.has(feature));
      for (const [feature, settings] of wanted) {
        if (target.unsupported.has(feature)) continue;
        try {
          await sample(target, problemWith({ settings }));
        } catch (error) {
          if (!(error instanceof TargetFault) || error.ofProcess) throw error;
          throw new Surprise(
            error.found,
            `${feature}, or its name in the list unsupported of the answer ready`,
          );
        }
      }
      return `it lacks ${lists(...lacking.map(([feature]) => feature))}`;
    },
  },
  {
    sentence: "It reports one entry per step of its chain, or none",
    async run(target) {
      const settings: Settings = { ...calm, gradNorm: "inf" };
      const { chain } = await sample(target, problemWith({ settings }));
      const lacking = [];
      for (const part of ["actions", "outputs", "gradNorms"] as const) {
        const feature = chainFeatures[part];
        const given = chain?.[part];
        if (given === undefined) {
          lacking.push(feature);
        } else if (target.unsupported.has(feature)) {
          throw new Surprise(
            `chain.${part}, though ${feature} is listed as unsupported`,
            "one or the other",
          );
        } else if (given.length !== calm.steps) {
          throw new Surprise(
            `${given.length} entries of chain.${part} after ${calm.steps} steps`,
            "one entry per step",
          );
        }
      }
      return `it lacks ${lists(...lacking)}`;
    },
  },
];

const chainFeatures = {
  actions: "chain-actions",
  outputs: "chain-outputs",
  gradNorms: "chain-grad-norms",
} as const;

function requireSame(wanted: Rows, found: Rows, place: string): void {
  wanted.forEach((row, r) =>
    row.forEach((x, i) => {
      if (found[r]![i]! === x) return;
      throw new Surprise(
        `${describe(found[r]![i])} as ${place}[${r}][${i}]`,
        `${x}, as it was sent`,
      );
    })
  );
}

const start = "It starts and says that it is ready";
const end = "It ends when it is told to";

/**
 * Tests a harness. Never throws for a faulty one: the report says what is wrong. The process has
 * ended when the report is there.
 *
 * @param command the program and its arguments
 * @param options time limits
 */
export async function smoke(
  command: readonly string[],
  options: ProcessOptions = {},
): Promise<SmokeReport> {
  const children = keepChildren();
  try {
    let target;
    try {
      target = await openProcess(command, options);
    } catch (error) {
      return reportOf(command, "not run", [failed(start, error)]);
    }
    try {
      return await smokeOf(command, target);
    } finally {
      await target.close();
    }
  } finally {
    await children.end();
  }
}

async function smokeOf(command: readonly string[], target: ProcessTarget): Promise<SmokeReport> {
  const { name, framework, language, networkReturns } = target.ready;
  const note = [
    name,
    ...[language, framework].filter((word) => word !== undefined),
    networkReturns === "energy" ? "an energy" : "logits",
  ].join(", ");
  const found: SmokeCheck[] = [{ sentence: start, verdict: "passes", note }];
  const ownNoise = target.unsupported.has("noise-tape");
  let lost: string | undefined, repeatable = !ownNoise;
  for (const { sentence, gate, tape, run } of checks) {
    const why = lost ?? (tape && ownNoise ? "the target draws its own noise" : undefined);
    if (why !== undefined) {
      found.push({ sentence, verdict: "not run", note: why });
      continue;
    }
    try {
      const result = await run(target, repeatable);
      if (typeof result === "object") repeatable = result.repeatable;
      const note = (typeof result === "object" ? result.note : result)?.replace(/\.$/, "");
      found.push({ sentence, verdict: "passes", ...(note === undefined ? {} : { note }) });
    } catch (error) {
      found.push(failed(sentence, error));
      if (tape) repeatable = false;
      if (error instanceof TargetFault && error.ofProcess) lost = "the process is lost";
      else if (gate) lost = "nothing can be sampled";
    }
  }
  if (lost === "the process is lost") {
    found.push({ sentence: end, verdict: "not run", note: lost });
  } else {
    await target.close();
    const fault = target.remarks.at(-1);
    found.push(
      await endsWell(target) ? { sentence: end, verdict: "passes" } : failed(
        end,
        new Surprise(
          fault ?? "another end",
          "the answer stopped, code 0, and no process left behind",
        ),
      ),
    );
  }
  return reportOf(command, found.some((c) => c.verdict === "fails") ? "faulty" : "sound", found);
}

async function endsWell(target: ProcessTarget): Promise<boolean> {
  const { code, force, orphans, stopped } = await target.close();
  return stopped && code === 0 && force === "none" && orphans.length === 0;
}

function reportOf(
  command: readonly string[],
  verdict: SmokeReport["verdict"],
  checks: readonly SmokeCheck[],
): SmokeReport {
  return { format: "ulaspec-smoke/1", verdict, command, checks };
}

function failed(sentence: string, error: unknown): SmokeCheck {
  if (error instanceof TargetFault) return { sentence, verdict: "fails", fault: faultOf(error) };
  if (!(error instanceof Surprise)) throw error;
  const { found, wanted } = error;
  return { sentence, verdict: "fails", fault: { kind: "harness", found, wanted } };
}

/** The exit code of a verdict. */
export const smokeExitCodes = { "sound": 0, "faulty": 1, "not run": 2 } as const satisfies Record<
  SmokeReport["verdict"],
  number
>;
