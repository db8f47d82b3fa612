/**
 * A port without any tensor library: plain arrays, float64, every feature.
 *
 *     deno task check docs/examples/plain_arrays.ts
 */
import type { Call, Sampler, Settings } from "ulaspec";

const clip = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);

function stepSize({ schedule, steps }: Settings, k: number): number {
  if (schedule.kind === "exponential") return schedule.init * schedule.decay ** k;
  if (k === 0) return schedule.init;
  return (schedule.init - schedule.final) * (1 - k / (steps - 1)) ** schedule.power +
    schedule.final;
}

function norm(gradient: readonly number[], order: Settings["gradNorm"]): number {
  if (order === null) return 0;
  const sizes = gradient.map(Math.abs);
  if (order === "inf") return Math.max(...sizes);
  return order === "1" ? sizes.reduce((sum, g) => sum + g, 0) : Math.hypot(...sizes);
}

function sample(settings: Settings, { initial, network, noise }: Call) {
  const { bounds: { min, max }, steps, noiseScale, gradClip, deltaClip, applyExp } = settings;
  const limit = max.map((high, i) => deltaClip * 0.5 * (high - min[i]!));
  const actions: number[][][] = [], outputs: number[][] = [], gradNorms: number[][] = [];
  let x = initial;
  for (let k = 0; k < steps; k++) {
    const energies = network.outputs(x);
    // The gradient of -exp(-E) is exp(-E) dE/da.
    const weights = energies.map((energy) => applyExp ? Math.exp(-energy) : 1);
    const gradient = network.gradient(x).map((row, r) => row.map((g) => weights[r]! * g));
    const xi = noise.draw();
    outputs.push(applyExp ? weights : energies);
    gradNorms.push(gradient.map((row) => norm(row, settings.gradNorm)));
    x = x.map((row, r) =>
      row.map((a, i) => {
        const slope = gradient[r]![i]!;
        const clipped = gradClip === null ? slope : clip(slope, -gradClip, gradClip);
        const delta = stepSize(settings, k) * (0.5 * clipped + noiseScale * xi[r]![i]!);
        return clip(a - clip(delta, -limit[i]!, limit[i]!), min[i]!, max[i]!);
      })
    );
    actions.push(x);
  }
  return { final: x, chain: { actions, outputs, gradNorms } };
}

export default {
  name: "plain arrays",
  networkReturns: "energy",
  prepare: (settings) => (call) => sample(settings, call),
} satisfies Sampler;
