/**
 * The reference sampler: the rule on tensors, float32, with automatic differentiation.
 *
 * It shares no code with the specification's step: the specification evaluates formulas in float64
 * with symbolic gradients, this runs TensorFlow.js operations. Each is evidence for the other.
 *
 * @module
 */

import * as tf from "@tensorflow/tfjs";
import type { GradNorm, Schedule, Settings } from "../spec/problem.ts";
import type { Call, Result, Sampler } from "../spec/sampler.ts";
import { repeated } from "./repeated.ts";
import { settle, tensorsOf } from "./tensor_network.ts";

/** The rule on TensorFlow.js; its network returns logits, as the official one does. */
export const reference: Sampler = {
  name: "reference",
  networkReturns: "logits",
  prepare(settings) {
    // The quiet way to what `tf.ready` does: no advice about other backends.
    settle();
    return (call) => sample(settings, call);
  },
};

/** Runs one chain; every tensor that it makes is disposed of. */
function sample(settings: Settings, call: Call): Result {
  let result: Result | undefined;
  // Handed out beside `tidy`, which would search all these numbers for tensors.
  tf.tidy(() => {
    result = chain(settings, call);
  });
  return result!;
}

function chain(settings: Settings, call: Call): Result {
  const { initial, observations, network, noise, form, held } = tensorsOf(call);
  const { min, max } = settings.bounds;
  const low = tf.tensor1d([...min]), high = tf.tensor1d([...max]);
  const limits = max.map((high, i) => settings.deltaClip / 2 * (high - min[i]!));
  const limit = tf.tensor1d(limits), lowest = tf.tensor1d(limits.map((most) => -most));
  const steepest = settings.gradClip ?? Infinity;
  const leastSlope = tf.scalar(-steepest), mostSlope = tf.scalar(steepest);
  const sigma = tf.scalar(settings.noiseScale), half = tf.scalar(0.5);
  const outputs = (actions: tf.Tensor) => {
    const logits = network(observations, actions);
    return settings.applyExp ? tf.exp(logits) : logits;
  };
  const valueAndGradient = tf.valueAndGrad(outputs);
  // Each row's own output is differentiated: a weight of one for every row.
  const ones = tf.ones([initial.shape[0]]);
  const step = repeated((x, draw, stepSize) => {
    const { value, grad } = valueAndGradient(x!, ones);
    // The energy is -f: the step climbs the logits.
    const clipped = settings.gradClip === null
      ? grad
      : tf.minimum(tf.maximum(grad, leastSlope), mostSlope);
    const climb = tf.mul(half, clipped);
    const delta = tf.mul(stepSize!, tf.sub(tf.mul(sigma, draw!), climb));
    const move = tf.minimum(tf.maximum(delta, lowest), limit);
    return [tf.minimum(tf.maximum(tf.sub(x!, move), low), high), value, grad];
  }, {
    form: [form, settings.gradClip !== null, settings.applyExp].join(" "),
    held: [...held, low, high, limit, lowest, leastSlope, mostSlope, sigma],
    listener: call.network,
  });
  const reported: number[][] = [], actions: number[][][] = [], gradNorms: number[][] = [];
  let x: tf.Tensor = initial;
  for (let k = 0; k < settings.steps; k++) {
    const stepSize = tf.scalar(stepSizeAt(settings.schedule, settings.steps, k));
    const [next, value, gradient] = step(x, noise(), stepSize);
    x = next!;
    actions.push(x.arraySync() as number[][]);
    reported.push(value!.arraySync() as number[]);
    gradNorms.push(norms(gradient!.arraySync() as number[][], settings.gradNorm));
  }
  return { final: x.arraySync() as number[][], chain: { actions, outputs: reported, gradNorms } };
}

/** η_k; the division by N - 1 is reached only when there is more than one step. */
function stepSizeAt(schedule: Schedule, steps: number, k: number): number {
  if (schedule.kind === "exponential") return schedule.init * Math.pow(schedule.decay, k);
  if (k === 0) return schedule.init;
  const left = 1 - k / (steps - 1);
  return (schedule.init - schedule.final) * Math.pow(left, schedule.power) + schedule.final;
}

function norms(gradient: readonly (readonly number[])[], order: GradNorm): number[] {
  return gradient.map((row) => {
    switch (order) {
      case null:
        return 0;
      case "1":
        return row.reduce((sum, g) => sum + Math.abs(g), 0);
      case "2":
        // As the root of a sum of squares; `Math.hypot` prefers an infinity to NaN.
        return row.some(Number.isNaN) ? NaN : Math.hypot(...row);
      case "inf":
        return Math.max(...row.map(Math.abs));
    }
  });
}
