/**
 * A port as one finds it: a class in the manner of PyTorch, written with TensorFlow.js, for a
 * network that returns an energy. It follows the rule except for one line that is not there: no
 * step is limited by the delta clip.
 *
 *     deno task check docs/examples/ula_sampler_before.ts
 */
import * as tf from "@tensorflow/tfjs";
import type { Sampler, Settings } from "ulaspec";
import { type TensorNetwork, tensorsOf } from "ulaspec/tfjs";

class ULASampler {
  constructor(private readonly settings: Settings) {}

  sample(
    observations: tf.Tensor2D,
    energy: TensorNetwork,
    start: tf.Tensor2D,
    randn: () => tf.Tensor,
  ): tf.Tensor2D {
    const { bounds, steps, noiseScale } = this.settings;
    const low = tf.tensor1d([...bounds.min]), high = tf.tensor1d([...bounds.max]);
    const gradient = tf.grad((actions: tf.Tensor) => tf.sum(energy(observations, actions)));
    let actions = start;
    for (let k = 0; k < steps; k++) {
      const drift = tf.mul(0.5, gradient(actions));
      const noise = tf.mul(noiseScale, randn());
      const delta = tf.mul(this.stepSize(k), tf.add(drift, noise));
      actions = tf.minimum(tf.maximum(tf.sub(actions, delta), low), high) as tf.Tensor2D;
    }
    return actions;
  }

  private stepSize(k: number): number {
    const { schedule, steps } = this.settings;
    if (schedule.kind !== "polynomial") throw new Error("only the polynomial schedule is here");
    const { init, final, power } = schedule;
    return (init - final) * (1 - k / Math.max(steps - 1, 1)) ** power + final;
  }
}

export default {
  name: "ULASampler before",
  networkReturns: "energy",
  unsupported: ["grad-clip", "exponential-schedule", "apply-exp"],
  prepare: (settings) => (call) =>
    tf.tidy(() => {
      const { initial, observations, network, noise } = tensorsOf(call);
      return new ULASampler(settings).sample(observations, network, initial, noise).arraySync();
    }),
} satisfies Sampler;
