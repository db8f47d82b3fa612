import { assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { repeated, watch } from "./repeated.ts";

const points = [[[0.3, -0.7], [1.5, 0.2]], [[-0.1, 0.9], [2.5, -3]], [[0.6, 0.5], [-1, 1]], [
  [-4, 0.1],
  [0.25, 0.75],
]];

/** What a function gives on each point, as it is and repeated. */
function bothWays(f: (...inputs: readonly tf.Tensor[]) => readonly tf.Tensor[]) {
  return [1, points.length].map((times) =>
    tf.tidy(() => {
      const again = repeated(f, times);
      return points.map((point, k) =>
        again(tf.tensor2d(point), tf.scalar(k)).map((made) => made.arraySync())
      );
    })
  );
}

Deno.test("a repeated function gives the numbers that TensorFlow.js gives, derivatives too", () => {
  const network = (x: tf.Tensor) =>
    tf.sum(
      tf.add(tf.tanh(tf.concat([x, tf.square(x)], 1)), tf.exp(tf.slice(x, [0, 1], [2, 1]))),
      1,
    );
  const gradient = tf.grad((x: tf.Tensor) => tf.sum(network(x)));
  const [once, again] = bothWays((x, k) => [
    network(x!),
    tf.clipByValue(tf.mul(k!, gradient(x!)), -2, 2),
    tf.reshape(x!, [4]),
    tf.ones([2]),
  ]);
  assertEquals(again, once);
});

Deno.test("a repeated function that branches on numbers branches each time", () => {
  const [once, again] = bothWays((x) => [x!.dataSync()[0]! > 0 ? x! : tf.neg(x!)]);
  assertEquals(again, once);
});

Deno.test("what is watched is shown at each repetition, in its order", () => {
  const seen = [1, points.length].map((times) => {
    const shown: unknown[] = [];
    tf.tidy(() => {
      const again = repeated((x) => {
        const fixed = tf.tensor2d([[7]]), square = tf.square(x!) as tf.Tensor2D;
        watch(square, (values) => shown.push(["square", values]));
        watch(fixed, (values) => shown.push(["fixed", values]));
        watch(x as tf.Tensor2D, (values) => shown.push(["point", values]));
        return [square];
      }, times);
      for (const point of points) again(tf.tensor2d(point));
    });
    return shown;
  });
  assertEquals(seen[1], seen[0]);
  assertEquals(seen[0]!.length, 3 * points.length);
});

Deno.test("a repeated function leaves no tensor behind", () => {
  const { numTensors, numDataBuffers } = tf.memory();
  bothWays((x, k) => [tf.mul(tf.sin(x!), k!), tf.scalar(2)]);
  const after = tf.memory();
  assertEquals([after.numTensors, after.numDataBuffers], [numTensors, numDataBuffers]);
});
