import { assert } from "@std/assert";
import jstat from "jstat";
import { lowerTail, quantile } from "./normal.ts";
import * as tails from "./tails.ts";

// In the middle of the laws, where the library is accurate too.
const close = (actual: number, expected: number, what: string) =>
  assert(Math.abs(actual - expected) <= 1e-9 + 1e-7 * Math.abs(expected), `${what}: ${actual}`);
const library = (jstat as unknown as { jStat?: Library }).jStat ?? (jstat as unknown as Library);

interface Library {
  readonly normal: {
    cdf(x: number, m: number, s: number): number;
    inv(p: number, m: number, s: number): number;
  };
  readonly chisquare: { cdf(x: number, n: number): number };
  readonly binomial: { cdf(k: number, n: number, p: number): number };
}

Deno.test("the normal law agrees with a library", () => {
  for (let t = -4; t <= 4; t += 0.25) close(lowerTail(t), library.normal.cdf(t, 0, 1), `Φ(${t})`);
  for (const p of [0.01, 0.1, 0.5, 0.9, 0.99]) {
    close(quantile(p), library.normal.inv(p, 0, 1), `quantile(${p})`);
  }
});

Deno.test("the chi-square law agrees with a library", () => {
  for (const n of [1, 2, 5, 20, 100]) {
    for (const share of [0.3, 0.7, 1, 1.4]) {
      const x = n * share;
      close(tails.chiSquareLower(x, n), library.chisquare.cdf(x, n), `χ²(${n}) at ${x}`);
    }
  }
});

Deno.test("the binomial law agrees with a library", () => {
  for (const [n, p] of [[10, 0.5], [40, 0.3], [100, 0.0455]] as const) {
    for (let k = 0; k < n; k += 3) {
      close(
        tails.binomialLower(k, n, p),
        library.binomial.cdf(k, n, p),
        `Bin(${n}, ${p}) at ${k}`,
      );
    }
  }
});
