/**
 * Functions of tensors that TensorFlow.js runs once, derivatives and all, and that are then repeated
 * kernel by kernel, without scopes, tape and differentiation anew: what `tf.function` is in Python.
 *
 * A function is known by its form. Functions of one form differ in nothing but the numbers of the
 * tensors that they are given and that they hold.
 *
 * @module
 */

import * as tf from "@tensorflow/tfjs";
import { Remembered } from "../spec/remembered.ts";

type Tensors = readonly tf.Tensor[];

/** The data of one repetition, by their places. */
type Data = object[];

/** Who is told of what is watched. */
interface Listener {
  log(kind: "outputs" | "gradient", points: number[][]): void;
}

/** What is done in each repetition. */
type Deed = (data: Data, backend: tf.KernelBackend, listener: Listener) => void;

/** What a function is known by, and what it uses beside what it's given. */
export interface Known {
  /** All that decides which kernels run, but for the shapes of the tensors. */
  readonly form: string;
  /** Every tensor that the function uses and whose numbers its form does not tell. */
  readonly held: Tensors;
  /** Who is told of what is watched. */
  readonly listener: Listener;
}

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
  /** How many of them are those of what the function is given. */
  readonly given: number;
  /** Whether the function has read numbers that depend on what it's given: it may branch on them. */
  reads = false;
  /** The places of what depends on what the function is given. */
  readonly #places = new Map<object, number>();

  constructor(inputs: Tensors) {
    for (const input of inputs) this.#add(input);
    this.given = this.size;
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
      const made = kernelFunc({ inputs: asked, attrs, backend });
      if (Array.isArray(made)) makes.forEach((at, i) => data[at] = made[i]!.dataId);
      else data[makes[0]!] = made.dataId;
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

/** Tells somebody of the values of a tensor, in each repetition anew. */
export function watch(tensor: tf.Tensor2D, kind: "outputs" | "gradient", listener: Listener): void {
  const [rows, columns] = tensor.shape;
  const tell = (dataId: object, backend: tf.KernelBackend, listener: Listener) =>
    listener.log(kind, rowsOf(dataId, backend, rows, columns));
  tell(tensor.dataId, tf.engine().backend, listener);
  const at = recording?.find(tensor);
  if (at !== undefined) {
    recording?.deeds.push((data, backend, listener) => tell(data[at]!, backend, listener));
  }
}

/** The rows that were read last: outputs and gradient are asked for at the same points. */
let lastRead:
  | { readonly dataId: object; readonly columns: number; readonly table: number[][] }
  | undefined;

function rowsOf(dataId: object, backend: tf.KernelBackend, rows: number, columns: number) {
  if (lastRead?.dataId === dataId && lastRead.columns === columns) return lastRead.table;
  const values = backend.readSync(dataId) as tf.TypedArray, table: number[][] = [];
  for (let r = 0, at = 0; r < rows; r++) {
    const row: number[] = [];
    for (let i = 0; i < columns; i++) row.push(values[at++]!);
    table.push(row);
  }
  lastRead = { dataId, columns, table };
  return table;
}

/** What does the same as functions of a form. */
type Repetition = (given: Tensors, listener: Listener) => Tensors;

const repetitions = new Remembered<{ repeat?: Repetition | "never" }>(512);

/**
 * A function that may be repeated; it's to be called inside `tf.tidy`. One that reads numbers of
 * what it's given, but for {@linkcode watch}, runs as it is each time.
 */
export function repeated(
  f: (...inputs: Tensors) => Tensors,
  { form, held, listener }: Known,
): (...inputs: Tensors) => Tensors {
  return (...inputs) => {
    const given = [...inputs, ...held];
    const text = `${form} ${given.map(({ shape }) => shape.join("×")).join()}`;
    const known = repetitions.get(text, () => ({}));
    if (known.repeat === "never") return f(...inputs);
    if (known.repeat !== undefined) return known.repeat(given, listener);
    const recorded = new Recording(given);
    const outputs = recordedDuring(() => f(...inputs), recorded);
    known.repeat = recorded.reads ? "never" : repetition(recorded, outputs);
    return outputs;
  };
}

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

function repetition(recorded: Recording, outputs: Tensors): Repetition {
  const results = outputs.map((output) => {
    const { shape, dtype } = output;
    return { at: recorded.find(output), shape, dtype };
  });
  const { deeds, given, size } = recorded, constants = [...recorded.constants.values()];
  // Their data become those of the tensors; of what is given or stands twice, a copy.
  const places = results.map(({ at }) => at);
  const kept = new Set(
    places.every((at, n) => at >= given && places.indexOf(at) === n) ? places : [],
  );
  return (tensors, listener) => {
    const data: Data = new Array(size), { backend } = tf.engine();
    tensors.forEach(({ dataId }, at) => data[at] = dataId);
    for (const { at, values, shape, dtype } of constants) {
      data[at] = backend.write(values, shape, dtype);
    }
    for (const deed of deeds) deed(data, backend, listener);
    const found = results.map(({ at, shape, dtype }) =>
      kept.has(at)
        ? tf.engine().makeTensorFromDataId(data[at]!, shape, dtype)
        : tf.tensor(backend.readSync(data[at]!) as tf.TypedArray, shape, dtype)
    );
    for (let at = given; at < size; at++) if (!kept.has(at)) backend.disposeData(data[at]!);
    return found;
  };
}
