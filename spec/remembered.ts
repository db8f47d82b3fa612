/**
 * Values that are made again if they have not been asked for lately.
 *
 * @module
 */

/** Values by their texts; the last so many are remembered, up to twice as many are kept. */
export class Remembered<V> {
  // Two generations: the older one is dropped as a whole when the younger one is full.
  #young = new Map<string, V>();
  #old = this.#young;

  /** @param most how many are remembered for certain */
  constructor(readonly most: number) {}

  /** The value of a text. */
  get(text: string, make: () => V): V {
    const known = this.#young.get(text);
    if (known !== undefined) return known;
    const value = this.#old.get(text) ?? make();
    if (this.#young.size >= this.most) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(text, value);
    return value;
  }
}
