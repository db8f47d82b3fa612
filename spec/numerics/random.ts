/**
 * A small seeded generator, so that every run of the suite can be repeated from its seed.
 *
 * @module
 */

/** Uniform numbers in [0, 1). */
export type Uniform = () => number;

/**
 * A seeded generator of uniform numbers (sfc32 by Chris Doty-Humphrey, public domain: 128 bits of
 * state, period at least 2^32).
 *
 * @param seed any integer
 */
export function uniform(seed: number): Uniform {
  let a = seed >>> 0, b = (seed / 2 ** 32) >>> 0, c = 0x9e3779b9, counter = 1;
  const next = () => {
    const t = (a + b + counter++) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + t) | 0;
    return t >>> 0;
  };
  for (let i = 0; i < 15; i++) next();
  return () => (next() * 2 ** 21 + (next() >>> 11)) * 2 ** -53;
}

/** Seeds that depend on a text: different texts give independent streams of one run's seed. */
export function seedFor(seed: number, text: string): number {
  let hash = 0x811c9dc5 ^ (seed | 0);
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  hash ^= hash >>> 12;
  return hash | 0;
}

/** Standard normal draws (Marsaglia's polar method), each rounded to float32. */
export function normalDraws(seed: number): () => number {
  const u = uniform(seed);
  let spare: number | undefined;
  return () => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return Math.fround(value);
    }
    for (;;) {
      const x = 2 * u() - 1, y = 2 * u() - 1, s = x * x + y * y;
      if (s >= 1 || s === 0) continue;
      const factor = Math.sqrt(-2 * Math.log(s) / s);
      spare = y * factor;
      return Math.fround(x * factor);
    }
  };
}
