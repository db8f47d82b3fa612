/**
 * A port whose network returns logits (high is good) for actions kept by observation: groups ×
 * samples × axes. It climbs the logits, adds the noise instead of subtracting it (the law is the
 * same), and reports its chain.
 *
 *     deno task check docs/examples/logits_port.ts
 */
import * as tf from "@tensorflow/tfjs";
import type { Sampler, Settings } from "ulaspec";
import { type TensorCall, tensorsOf } from "ulaspec/tfjs";

function stepSizes({ schedule, steps }: Settings): number[] {
  if (schedule.kind !== "polynomial") throw new Error("only the polynomial schedule is here");
  const { init, final, power } = schedule;
  return Array.from({ length: steps }, (_, k) => {
    const left = steps === 1 ? 1 : 1 - k / (steps - 1);
    return final + (init - final) * left ** power;
  });
}

function langevin(settings: Settings, tensors: TensorCall, shape: [number, number, number]) {
  const { initial, observations, network: logits, noise: normal } = tensors;
  const { bounds, noiseScale, gradClip, deltaClip } = settings;
  const low = tf.tensor1d([...bounds.min]), high = tf.tensor1d([...bounds.max]);
  const limit = tf.mul(0.5 * deltaClip, tf.sub(high, low));
  const ascent = tf.grad((actions: tf.Tensor) => tf.sum(logits(observations, actions)));
  const visited: number[][][][] = [];
  let actions = initial.reshape<tf.Tensor3D>(shape);
  for (const eta of stepSizes(settings)) {
    const slope = ascent(actions);
    const clipped = gradClip === null ? slope : tf.clipByValue(slope, -gradClip, gradClip);
    const climb = tf.add(tf.mul(0.5, clipped), tf.mul(noiseScale, normal(actions.shape)));
    const limited = tf.minimum(tf.maximum(tf.mul(eta, climb), tf.neg(limit)), limit);
    actions = tf.minimum(tf.maximum(tf.add(actions, limited), low), high) as tf.Tensor3D;
    visited.push(actions.arraySync());
  }
  return { final: actions.arraySync(), chain: { actions: visited } };
}

export default {
  name: "logits port",
  networkReturns: "logits",
  unsupported: ["exponential-schedule", "apply-exp"],
  prepare: (settings) => (call) =>
    tf.tidy(() => langevin(settings, tensorsOf(call), [call.groups, call.samples, call.axes])),
} satisfies Sampler;
