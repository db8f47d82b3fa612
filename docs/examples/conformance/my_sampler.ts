// my_sampler.ts
import type { Sampler } from "ulaspec";

export default {
  name: "my sampler",
  networkReturns: "energy", // or "logits"
  unsupported: ["grad-clip", "exponential-schedule", "apply-exp"],
  prepare: ({ bounds, steps, schedule, noiseScale, deltaClip }) => (call) => {
    let actions = call.initial;
    for (let k = 0; k < steps; k++) {
      const gradient = call.network.gradient(actions); // dE/da, rows × axes
      const draw = call.noise.draw(); // standard normal, rows × axes
      const next = (a: number, r: number, i: number) => {
        if (schedule.kind !== "polynomial") throw new Error("polynomial only");
        const left = steps > 1 ? 1 - k / (steps - 1) : 1;
        const eta = (schedule.init - schedule.final) * left ** schedule.power + schedule.final;
        const limit = deltaClip / 2 * (bounds.max[i]! - bounds.min[i]!);
        const step = eta * (gradient[r]![i]! / 2 + noiseScale * draw[r]![i]!);
        const move = Math.min(Math.max(step, -limit), limit);
        return Math.min(Math.max(a - move, bounds.min[i]!), bounds.max[i]!);
      };
      actions = actions.map((row, r) => row.map((a, i) => next(a, r, i)));
    }
    return actions;
  },
} satisfies Sampler;
