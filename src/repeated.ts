/**
 * Functions of tensors that TensorFlow.js runs once, derivatives and all, and that are then repeated
 * kernel by kernel, without scopes, tape and differentiation anew: what `tf.function` is in Python.
 *
 * @module
 */

import * as tf from "@tensorflow/tfjs";

type Tensors = readonly tf.Tensor[];
type TensorFunction = (...inputs: Tensors) => Tensors;

/** The data of one repetition, by their places. */
type Data = object[];

/** What is done in each repetition. */
type Deed = (data: Data, backend: tf.KernelBackend) => void;

/** The values of a tensor that does not depend on what a function is given. */
interface Constant extends Pick<tf.Tensor, "shape" | "dtype"> {
  readonly at: number;
  readonly values: tf.TypedArray;
}

/** What a function did when TensorFlow.js ran it. */
class Recording {
  readonly deeds: Deed[] = [];
  readonly constants = new Map<object, Constant>();
  /** How many places there are. */
  size = 0;
  /** Whether the function has read numbers that depend on what it's given: it may branch on them. */
  reads = false;
  /** The places of what depends on what the function is given. */
  readonly #places = new Map<object, number>();

  constructor(inputs: Tensors) {
    for (const input of inputs) this.#add(input);
  }

  /** The place of what depends on the inputs. */
  placeOf({ dataId }: tf.TensorInfo): number | undefined {
    return this.#places.get(dataId);
  }

  /** The place of any tensor. */
  find(tensor: tf.Tensor): number {
    const { dataId, shape, dtype } = tensor;
    const known = this.placeOf(tensor) ?? this.constants.get(dataId)?.at;
    if (known !== undefined) return known;
    const at = this.size++;
    const values = tf.engine().backend.readSync(dataId) as tf.TypedArray;
    this.constants.set(dataId, { at, values, shape, dtype });
    return at;
  }

  /** Notes a kernel, if it makes new data from what the function is given. */
  note(name: string, inputs: tf.NamedTensorMap, attrs: tf.NamedAttrMap, outputs: Tensors): void {
    const given = Object.entries(inputs).filter(([, tensor]) => tensor != null);
    const depends = ({ dataId }: tf.Tensor) => this.#places.has(dataId);
    if (!given.some(([, tensor]) => depends(tensor)) || outputs.every(depends)) return;
    const takes = given.map(([key, tensor]) => {
      const { dataId, shape, dtype } = tensor;
      return { key, info: { dataId, shape, dtype }, at: this.find(tensor) };
    });
    const makes = outputs.map((output) => this.#add(output));
    const { kernelFunc } = tf.getKernel(name, tf.getBackend());
    // A list of tensors is one, whatever the type says.
    const asked = Object.assign(
      Array.isArray(inputs) ? [] : {},
      Object.fromEntries(takes.map(({ key, info }) => [key, info])),
    );
    this.deeds.push((data, backend) => {
      for (const { info, at } of takes) info.dataId = data[at]!;
      const made = [kernelFunc({ inputs: asked, attrs, backend })].flat();
      makes.forEach((at, i) => data[at] = made[i]!.dataId);
    });
  }

  #add({ dataId }: tf.Tensor): number {
    const at = this.size++;
    this.#places.set(dataId, at);
    return at;
  }
}

/** What is being recorded, if anything is. */
let recording: Recording | undefined;

/** Shows the values of a tensor to somebody, in each repetition anew. */
export function watch(tensor: tf.Tensor2D, look: (values: number[][]) => void): void {
  const [rows, columns] = tensor.shape;
  const show = (dataId: object, backend: tf.KernelBackend) => {
    const values = backend.readSync(dataId) as tf.TypedArray;
    look(
      Array.from({ length: rows }, (_, r) => [...values.subarray(r * columns, (r + 1) * columns)]),
    );
  };
  show(tensor.dataId, tf.engine().backend);
  const at = recording?.placeOf(tensor);
  recording?.deeds.push((data, backend) =>
    show(at === undefined ? tensor.dataId : data[at]!, backend)
  );
}

/**
 * A function that is called so many times with tensors of the same shapes, inside `tf.tidy`. One that
 * reads numbers of what it's given, but for {@linkcode watch}, runs as it is each time.
 */
export function repeated(f: TensorFunction, times: number): TensorFunction {
  let again: TensorFunction | undefined;
  return (...inputs) => {
    if (times < fewest) return f(...inputs);
    if (again !== undefined) return again(...inputs);
    const recorded = new Recording(inputs);
    const outputs = recordedDuring(() => f(...inputs), recorded);
    again = recorded.reads ? f : repetition(recorded, inputs.length, outputs);
    return outputs;
  };
}

/** Calls for which a recording pays. */
const fewest = 3;

/** Runs something while the engine tells what it does. */
function recordedDuring<T>(run: () => T, recorded: Recording): T {
  const engine = tf.engine(), { runKernel, readSync } = engine;
  engine.runKernel = <T extends tf.Tensor | tf.Tensor[]>(
    ...[name, inputs, attributes = {}]: Parameters<typeof runKernel>
  ): T => {
    const outputs = runKernel.call(engine, name, inputs, attributes) as T;
    recorded.note(name, inputs, attributes, [outputs].flat());
    return outputs;
  };
  engine.readSync = (dataId) => {
    recorded.reads ||= recorded.placeOf({ dataId, shape: [], dtype: "float32" }) !== undefined;
    return readSync.call(engine, dataId);
  };
  recording = recorded;
  try {
    return run();
  } finally {
    recording = undefined;
    Object.assign(engine, { runKernel, readSync });
  }
}

/** What does the same again; its constants live as long as the scope that it's made in. */
function repetition(recorded: Recording, inputs: number, outputs: Tensors): TensorFunction {
  const results = outputs.map((output) => {
    const { shape, dtype } = output;
    return { at: recorded.find(output), shape, dtype };
  });
  const { deeds, size } = recorded;
  const constants = [...recorded.constants.values()].map(({ at, values, shape, dtype }) =>
    [at, tf.tensor(values, shape, dtype)] as const
  );
  const fixed = new Set(constants.map(([at]) => at));
  const made = Array.from({ length: size }, (_, at) => at)
    .filter((at) => at >= inputs && !fixed.has(at));
  return (...given) => {
    const data: Data = new Array(size), { backend } = tf.engine();
    given.forEach(({ dataId }, at) => data[at] = dataId);
    for (const [at, { dataId }] of constants) data[at] = dataId;
    for (const deed of deeds) deed(data, backend);
    const found = results.map(({ at, shape, dtype }) =>
      tf.tensor(backend.readSync(data[at]!) as tf.TypedArray, shape, dtype)
    );
    for (const at of made) backend.disposeData(data[at]!);
    return found;
  };
}
