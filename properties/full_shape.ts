/**
 * The few shapes in which a sampler is run that is compiled for every one of them.
 *
 * @module
 */

/** Every problem that is not larger is filled up to this shape. */
export const fullShape = { groups: 6, samples: 5, axes: 4, features: 3 } as const;

/** Of what is tried, one value of each; the problem is filled up to the shape. */
export const fullValues = {
  "axes": "4",
  "features": "2",
  "groups": "many",
  "samples": "many",
} as const;

/** The lengths of chains that are run. */
export const fewSteps: ReadonlySet<number> = new Set([1, 2, 3, 5, 25, 100]);

/** Those of a sampler that is compiled for every setting, maybe with its loop unrolled. */
export const fewestSteps: ReadonlySet<number> = new Set([1, 2, 3, 5, 25]);
