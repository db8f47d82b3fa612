/**
 * The network of a call as a differentiable function of tensors, for samplers written with
 * TensorFlow.js.
 *
 * The energy formula is evaluated with TensorFlow's own operations, so the sampler's automatic
 * differentiation runs for real; the points at which outputs and gradients are asked for are logged.
 *
 * @module
 */

import * as tf from "@tensorflow/tfjs";
import { energy as compileEnergy } from "../spec/energy.ts";
import { symbolsOf } from "../spec/formula/expression.ts";
import { observationOf, type Rows } from "../spec/problem.ts";
import type { Call } from "../spec/sampler.ts";
import { watch } from "./repeated.ts";
import { tensorFormula } from "./tensor_formula.ts";

/** A tensor of TensorFlow.js. */
export type Tensor = tf.Tensor;
/** A tensor of two dimensions. */
export type Tensor2D = tf.Tensor2D;

/** The network as a function of tensors. */
export interface TensorNetwork {
  /**
   * @param observations groups × features (each repeated for its samples) or rows × features
   * @param actions rows × axes, or groups × samples × axes
   * @returns one output per row: rows, or groups × samples
   */
  (observations: Tensor | null, actions: Tensor): Tensor;
}

/** A call with tensors in the place of arrays. */
export interface TensorCall {
  /** rows × axes. */
  readonly initial: Tensor2D;
  /** groups × features. */
  readonly observations: Tensor2D;
  /** Differentiable; every question is logged. */
  readonly network: TensorNetwork;
  /** Standard normal draws of a shape with rows × axes numbers. */
  noise(shape?: number[]): Tensor;
  /** The same for networks that differ in nothing but the numbers that they hold. */
  readonly form: string;
  /** The tensors that the network holds: its weights, and the observation of each row. */
  readonly held: readonly Tensor[];
}

/**
 * The tensors of a call. They are the caller's: make it inside `tf.tidy`, or dispose of them.
 *
 * @param call what `prepare(settings)`'s function was given
 */
export function tensorsOf(call: Call): TensorCall {
  settle();
  const rows = call.initial.length;
  const observations = tf.tensor2d(
    call.observations.flat(),
    [call.groups, call.observations[0]?.length ?? 0],
  );
  return {
    ...heldNetwork(call, observations),
    initial: tf.tensor2d(call.initial, [rows, call.axes]),
    observations,
    noise: (shape) => {
      const draw = tf.tensor2d(call.noise.draw(), [rows, call.axes]);
      return shape ? draw.reshape(shape) : draw;
    },
  };
}

/** The network of a call as a differentiable function of tensors. */
export function tensorNetwork(call: Call): TensorNetwork {
  return heldNetwork(call, null).network;
}

type HeldNetwork = Pick<TensorCall, "network" | "form" | "held">;

/**
 * The network of a call, with the tensors that it holds.
 *
 * @param given the observations of the call, if they are a tensor already
 */
function heldNetwork(call: Call, given: Tensor | null): HeldNetwork {
  settle();
  const rows = call.initial.length, { axes, groups, samples } = call;
  const features = call.observations[0]?.length ?? 0;
  const { energy: text, returns } = call.network;
  const { expression } = compileEnergy(text, axes, features);
  const { form, weights, evaluate } = tensorFormula(expression, text);
  const used = symbolsOf(expression).some((symbol) => symbol.startsWith("a"));
  const held = weights.map((row) => tf.tensor2d([[...row]]));
  const observedRows = (given: Rows) => {
    const all = given.length === rows
      ? given
      : Array.from({ length: rows }, (_, r) => observationOf({ observations: given, samples }, r));
    return tf.tensor2d(all.map((row) => [...row]), [rows, features]);
  };
  const usual = observedRows(call.observations);
  // Logs where the gradient is taken, when it flows back through here.
  const watched = tf.customGrad((actions, save) => {
    const points = actions as tf.Tensor2D;
    (save as tf.GradSaveFunc)([points]);
    return {
      value: points.clone(),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        watch(saved[0] as tf.Tensor2D, "gradient", call.network);
        return dy;
      },
    };
  });
  const observed = (observations: tf.Tensor | null) => {
    if (observations === null || observations.dataId === given?.dataId) return usual;
    return observedRows(observations.arraySync() as number[][]);
  };
  const network = (observations: tf.Tensor | null, actions: tf.Tensor) => {
    const flat = actions.rank === 3 ? actions.reshape([rows, axes]) : actions;
    watch(flat as tf.Tensor2D, "outputs", call.network);
    const points = watched(flat) as tf.Tensor2D;
    let energy = evaluate(points, observed(observations), held);
    // The action must take part formally, or its gradient would be missing.
    if (!used) energy = tf.add(energy, tf.mul(0, tf.sum(points, 1)));
    const outputs = returns === "energy" ? energy : tf.neg(energy);
    return actions.rank === 3 ? outputs.reshape([groups, samples]) : outputs;
  };
  return { network, form: `${form} ${returns}`, held: [...held, usual] };
}

/**
 * Settles TensorFlow.js on the `cpu` backend, unless another one has been chosen, and without the
 * advice that it gives at its first tensor.
 */
export function settle(): void {
  if (!tf.env().getBool("PROD")) tf.enableProdMode();
  if (!tf.engine().backendName) void tf.setBackend("cpu");
}
