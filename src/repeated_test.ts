import { assertEquals, assertNotEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { repeated, watch } from "./repeated.ts";

type Tensors = readonly tf.Tensor[];
type Log = [kind: string, points: number[][]][];

const points = [[[0.3, -0.7], [1.5, 0.2]], [[-0.1, 0.9], [2.5, -3]], [[-4, 0.1], [0.25, 0.75]]];

/** What a function gives on each point and with each weight, and what is watched, as it is and repeated. */
function bothWays(form: string, f: (x: tf.Tensor2D, weight: tf.Tensor, log: Log) => Tensors) {
  const given = [0.5, -2].flatMap((weight) => points.map((point) => ({ point, weight })));
  return [true, false].map((isRepeated) =>
    given.map(({ point, weight }) =>
      tf.tidy(() => {
        const held = tf.scalar(weight), seen: Log = [];
        const run = (...[x]: Tensors) => f(x as tf.Tensor2D, held, seen);
        const listener = { log: (...asked: Log[number]) => void seen.push(asked) };
        const again = isRepeated ? repeated(run, { form, held: [held], listener }) : run;
        const made = again(tf.tensor2d(point)).map((tensor) => tensor.arraySync());
        return { made, seen };
      })
    )
  );
}

Deno.test("a repeated function gives the numbers that TensorFlow.js gives, derivatives too", () => {
  const network = (x: tf.Tensor, weight: tf.Tensor) =>
    tf.sum(
      tf.add(tf.tanh(tf.concat([x, tf.square(x)], 1)), tf.mul(weight, tf.slice(x, [0, 1], [2, 1]))),
      1,
    );
  const [again, once] = bothWays("network", (x, weight) => [
    network(x, weight),
    tf.clipByValue(tf.grad((x: tf.Tensor) => tf.sum(network(x, weight)))(x), -2, 2),
    tf.reshape(x, [4]),
    tf.ones([2]),
  ]);
  assertEquals(again, once);
  assertNotEquals(again![0], again![3]);
});

Deno.test("a repeated function that branches on numbers branches each time", () => {
  const [again, once] = bothWays("branch", (x) => [x.dataSync()[0]! > 0 ? x : tf.neg(x)]);
  assertEquals(again, once);
});

Deno.test("what is watched is told at each repetition, in its order, to who listens then", () => {
  const [again, once] = bothWays("watched", (x, weight, log) => {
    const listener = { log: (...asked: Log[number]) => void log.push(asked) };
    const moved = tf.mul(x, weight) as tf.Tensor2D;
    watch(moved, "outputs", listener);
    watch(tf.tensor2d([[7]]), "gradient", listener);
    watch(x, "gradient", listener);
    return [moved];
  });
  assertEquals(again, once);
  assertEquals(again!.map(({ seen }) => seen.length), again!.map(() => 3));
});

Deno.test("a repeated function leaves no tensor behind", () => {
  const before = tf.memory();
  bothWays("behind", (x, weight) => [tf.mul(tf.sin(x), weight), tf.scalar(2)]);
  const after = tf.memory();
  assertEquals(
    [after.numTensors, after.numDataBuffers],
    [before.numTensors, before.numDataBuffers],
  );
});

Deno.test("repetitions leave no data behind, and what they return goes with its scope", () => {
  const f = repeated((x) => [tf.mul(tf.neg(x!), 2), tf.reshape(x!, [4]), x!], {
    form: "left behind",
    held: [],
    listener: { log: () => {} },
  });
  const before = tf.engine().backend.numDataIds();
  for (const point of points) {
    tf.tidy(() => f(tf.tensor2d(point)).map((tensor) => tensor.arraySync()));
    assertEquals(tf.engine().backend.numDataIds(), before);
  }
});
