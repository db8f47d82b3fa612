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
import { type Algebra, type Expression, fold, symbolsOf } from "../spec/formula/expression.ts";
import { observationOf, type Rows } from "../spec/problem.ts";
import type { Call } from "../spec/sampler.ts";

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
}

/**
 * The tensors of a call. They are the caller's: make it inside `tf.tidy`, or dispose of them.
 *
 * @param call what `prepare(settings)`'s function was given
 */
export function tensorsOf(call: Call): TensorCall {
  settle();
  const rows = call.initial.length;
  return {
    initial: tf.tensor2d(call.initial, [rows, call.axes]),
    observations: tf.tensor2d(
      call.observations.flat(),
      [call.groups, call.observations[0]?.length ?? 0],
    ),
    network: tensorNetwork(call),
    noise: (shape) => {
      const draw = tf.tensor2d(call.noise.draw(), [rows, call.axes]);
      return shape ? draw.reshape(shape) : draw;
    },
  };
}

/** The network of a call as a differentiable function of tensors. */
export function tensorNetwork(call: Call): TensorNetwork {
  settle();
  const rows = call.initial.length, { axes, groups, samples } = call;
  const features = call.observations[0]?.length ?? 0;
  const { expression } = compileEnergy(call.network.energy, axes, features);
  const used = symbolsOf(expression).some((symbol) => symbol.startsWith("a"));
  // Logs where the gradient is taken, when it flows back through here.
  const watched = tf.customGrad((actions, save) => {
    const points = actions as tf.Tensor2D;
    (save as tf.GradSaveFunc)([points]);
    return {
      value: points.clone(),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
        call.network.log("gradient", (saved[0] as tf.Tensor2D).arraySync());
        return dy;
      },
    };
  });
  const observationRows = (observations: tf.Tensor | null): Rows => {
    const given = observations === null
      ? call.observations
      : observations.arraySync() as number[][];
    if (given.length === rows) return given;
    return Array.from(
      { length: rows },
      (_, r) => observationOf({ observations: given, samples }, r),
    );
  };
  return (observations, actions) => {
    const flat = actions.rank === 3 ? actions.reshape([rows, axes]) : actions;
    call.network.log("outputs", (flat as tf.Tensor2D).arraySync());
    const points = watched(flat) as tf.Tensor2D;
    const columns = axes === 1 ? [points.reshape([rows])] : tf.unstack(points, 1);
    const observed = features === 0 ? [] : observationRows(observations);
    const symbols = (name: string): tf.Tensor => {
      const index = Number(name.slice(1)) - 1;
      return name.startsWith("a")
        ? columns[index]!
        : tf.tensor1d(observed.map((row) => row[index]!));
    };
    let energy = evaluate(expression, symbols, rows);
    // The action must take part formally, or its gradient would be missing.
    if (!used) energy = tf.add(energy, tf.mul(0, columns[0]!));
    const outputs = call.network.returns === "energy" ? energy : tf.neg(energy);
    return actions.rank === 3 ? outputs.reshape([groups, samples]) : outputs;
  };
}

/**
 * Settles TensorFlow.js on the `cpu` backend, unless another one has been chosen, and without the
 * advice that it gives at its first tensor.
 */
export function settle(): void {
  if (!tf.env().getBool("PROD")) tf.enableProdMode();
  if (!tf.engine().backendName) void tf.setBackend("cpu");
}

type Value = tf.Tensor | number;

/** A formula on tensors of one number per row. */
function evaluate(
  expression: Expression,
  symbol: (name: string) => tf.Tensor,
  rows: number,
): tf.Tensor {
  const value = fold<Value>(expression, tensorAlgebra(symbol));
  return typeof value === "number" ? tf.fill([rows], value) : value;
}

function tensorAlgebra(symbol: (name: string) => tf.Tensor): Algebra<Value> {
  const scalar = (x: Value) => typeof x === "number" ? tf.scalar(x) : x;
  return {
    number: (value) => value,
    symbol,
    negate: (x) => typeof x === "number" ? -x : tf.neg(x),
    binary(operator, left, right, exponent) {
      switch (operator) {
        case "+":
          return both(left, right, (l, r) => l + r, tf.add);
        case "-":
          return both(left, right, (l, r) => l - r, tf.sub);
        case "*":
          return both(left, right, (l, r) => l * r, tf.mul);
        case "/":
          return both(left, right, (l, r) => l / r, tf.div);
        case "^": {
          if (typeof left === "number" && typeof right === "number") return left ** right;
          if (exponent.kind === "number" && typeof left !== "number") {
            if (exponent.value === 1) return left;
            if (exponent.value === 2) return tf.square(left);
          }
          return tf.pow(scalar(left), scalar(right));
        }
      }
    },
    call(name, operands) {
      const [x, y, z] = operands;
      const one = scalar(x!);
      switch (name) {
        case "abs":
        case "sqrt":
        case "exp":
        case "log":
        case "sin":
        case "cos":
        case "tanh":
        case "cosh":
        case "sinh":
        case "floor":
        case "sign":
          return tf[name](one);
        case "min":
          return operands.map(scalar).reduce((a, b) => tf.minimum(a, b));
        case "max":
          return operands.map(scalar).reduce((a, b) => tf.maximum(a, b));
        case "where": {
          // From the numbers: TensorFlow.js has no gradient for comparisons.
          const chosen = Array.from(one.dataSync(), (value) => value > 0 ? 1 : 0);
          const condition = tf.tensor(chosen, one.shape, "bool");
          const [yes, no] = [scalar(y!), scalar(z!)];
          return tf.where(
            condition,
            tf.add(yes, tf.zerosLike(one)),
            tf.add(no, tf.zerosLike(one)),
          );
        }
      }
    },
  };
}

function both(
  left: Value,
  right: Value,
  numbers: (l: number, r: number) => number,
  tensors: (l: tf.Tensor, r: tf.Tensor) => tf.Tensor,
): Value {
  if (typeof left === "number" && typeof right === "number") return numbers(left, right);
  return tensors(
    typeof left === "number" ? tf.scalar(left) : left,
    typeof right === "number" ? tf.scalar(right) : right,
  );
}
