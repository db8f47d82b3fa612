/**
 * Writes traces.
 *
 * @module
 */

import { toNumberText } from "../spec/numerics/number_text.ts";
import { featureCount, observationOf, rowCount } from "../spec/problem.ts";
import { shortest, type Trace } from "./trace.ts";
import { energyConvention, type TraceFile } from "./trace_file.ts";

/**
 * Writes a trace: the inverse of `readTrace`. The observation of a group is written once
 * for each of its rows.
 *
 * @returns one line of JSON; each number is the shortest decimal that rounds to it in float32
 * @throws {TypeError} if the problem has no noise tape
 */
export function writeTrace(trace: Trace): string {
  const { problem, recorded } = trace;
  const { settings, noise } = problem;
  if (noise.kind !== "tape") {
    throw new TypeError(
      `Cannot write the trace ${trace.id}: found noise of the sampler's own, wanted a noise tape`,
    );
  }
  const observations = Array.from(
    { length: rowCount(problem) },
    (_, row) => observationOf(problem, row),
  );
  const file: Record<keyof TraceFile, unknown> = {
    format: "golden-trace/1",
    id: trace.id,
    title: trace.title,
    source: trace.source,
    energy: { formula: problem.energy, convention: energyConvention },
    dimension: problem.axes,
    bounds: settings.bounds,
    observations: featureCount(problem) === 0 ? null : observations,
    initial: problem.initial,
    config: {
      steps: settings.steps,
      schedule: settings.schedule,
      noiseScale: settings.noiseScale,
      gradClip: settings.gradClip,
      deltaActionClip: settings.deltaClip,
      gradNormType: settings.gradNorm,
      applyExp: settings.applyExp ? true : undefined,
    },
    noise: noise.draws,
    chain: {
      actions: recorded.actions,
      networkOutputs: recorded.outputs,
      gradNorms: recorded.gradNorms,
    },
    final: recorded.final,
    deviation: trace.deviation,
  };
  return `${json(file)}\n`;
}

function json(value: unknown): string {
  if (typeof value === "number") return numberJson(value);
  if (Array.isArray(value)) return `[${value.map(json).join()}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .map(([key, inner]) => `${JSON.stringify(key)}:${json(inner)}`)
      .join()
  }}`;
}

function numberJson(value: number): string {
  // -0.0 stays a float in every language that reads it
  if (Object.is(value, -0)) return "-0.0";
  return Number.isFinite(value) ? shortest(value) : JSON.stringify(toNumberText(value));
}
