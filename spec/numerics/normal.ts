/**
 * The standard normal law: density, tails, logarithms of tails, quantiles and integrals of tails.
 *
 * Every tail is computed as a tail, never as 1 minus its complement, so small probabilities keep
 * their relative accuracy (about 1e-15, down to the smallest normal float64).
 *
 * The rational approximations of the tail are those of W. J. Cody, Rational Chebyshev
 * approximations for the error function, Math. Comp. 23 (1969), in the form of his function ANORM
 * (ACM TOMS algorithm 715).
 *
 * @module
 */

const inverseRoot2Pi = 0.398942280401432677939946;

/** Where Cody's central approximation ends. */
const centreEnd = 0.66291;
/** Where Cody's asymptotic approximation begins: √32. */
const farBegin = Math.sqrt(32);

// Coefficients from the highest power of the argument down to the constant.
const centreAbove = [
  0.065682337918207449113,
  2.2352520354606839287,
  161.02823106855587881,
  1067.6894854603709582,
  18154.981253343561249,
];
const centreBelow = [
  1,
  47.20258190468824187,
  976.09855173777669322,
  10260.932208618978205,
  45507.789335026729956,
];
const middleAbove = [
  1.0765576773720192317e-8,
  0.39894151208813466764,
  8.8831497943883759412,
  93.506656132177855979,
  597.27027639480026226,
  2494.5375852903726711,
  6848.1904505362823326,
  11602.651437647350124,
  9842.7148383839780218,
];
const middleBelow = [
  1,
  22.266688044328115691,
  235.38790178262499861,
  1519.377599407554805,
  6485.558298266760755,
  18615.571640885098091,
  34900.952721145977266,
  38912.003286093271411,
  19685.429676859990727,
];
const farAbove = [
  0.02307344176494017303,
  0.21589853405795699,
  0.1274011611602473639,
  0.022235277870649807,
  0.001421619193227893466,
  2.9112874951168792e-5,
];
const farBelow = [
  1,
  1.28426009614491121,
  0.468238212480865118,
  0.0659881378689285515,
  0.00378239633202758244,
  7.29751555083966205e-5,
];

function horner(coefficients: readonly number[], x: number): number {
  let sum = 0;
  for (const coefficient of coefficients) sum = sum * x + coefficient;
  return sum;
}

/** exp(-t²/2), with t² split so that its rounding error does not reach the exponent. */
function bell(t: number): number {
  const size = Math.abs(t);
  if (size > 39) return 0;
  const coarse = Math.trunc(size * 16) / 16;
  return Math.exp(-0.5 * coarse * coarse) * Math.exp(-0.5 * (size - coarse) * (size + coarse));
}

/** Φ(t) - ½ for |t| <= 0.66291. */
function centre(t: number): number {
  return t * horner(centreAbove, t * t) / horner(centreBelow, t * t);
}

/** (1 - Φ(t)) · exp(t²/2) for t > 0.66291; it falls only like 1/t. */
function scaledTail(t: number): number {
  if (t <= farBegin) return horner(middleAbove, t) / horner(middleBelow, t);
  const w = 1 / (t * t);
  return (inverseRoot2Pi - w * horner(farAbove, w) / horner(farBelow, w)) / t;
}

/** The density φ(t) = exp(-t²/2) / √(2π). */
export function density(t: number): number {
  return inverseRoot2Pi * bell(t);
}

/** The lower tail Φ(t) = P(ξ <= t). */
export function lowerTail(t: number): number {
  return upperTail(-t);
}

/** The upper tail 1 - Φ(t) = P(ξ > t). */
export function upperTail(t: number): number {
  if (Math.abs(t) <= centreEnd) return 0.5 - centre(t);
  if (t < 0) return 1 - upperTail(-t);
  return t === Infinity ? 0 : bell(t) * scaledTail(t);
}

/**
 * The t with Φ(t) = p.
 *
 * @param p a probability; 0 and 1 give -Infinity and Infinity, anything outside [0, 1] gives NaN
 */
export function quantile(p: number): number {
  return p <= 0.5 ? -upperQuantile(p) : centralOrUpper(p);
}

/**
 * The t with 1 - Φ(t) = q, accurate for small q where 1 - q would lose its digits.
 *
 * @param q the upper tail; 0 and 1 give Infinity and -Infinity, anything outside [0, 1] gives NaN
 */
export function upperQuantile(q: number): number {
  if (!(q >= 0 && q <= 1)) return NaN;
  if (q > 0.5) return -centralOrUpper(q);
  if (q === 0) return Infinity;
  if (q > 0.3) return centralQuantile(0.5 - q);
  // Newton on log(1 - Φ): this function is nearly a parabola, so three steps reach rounding.
  const logTail = Math.log(q);
  let t = startingTail(q);
  for (let i = 0; i < 3; i++) {
    const scaled = scaledTailAnywhere(t);
    t += (Math.log(scaled) - 0.5 * t * t - logTail) * scaled / inverseRoot2Pi;
  }
  return t;
}

/** The quantile of p > ½. */
function centralOrUpper(p: number): number {
  return p < 0.7 ? centralQuantile(p - 0.5) : upperQuantile(1 - p);
}

function scaledTailAnywhere(t: number): number {
  return t > centreEnd ? scaledTail(t) : upperTail(t) / bell(t);
}

/** The t with Φ(t) - ½ = distance, |distance| <= 0.2, by Halley's iteration. */
function centralQuantile(distance: number): number {
  let t = distance / inverseRoot2Pi;
  for (let i = 0; i < 4; i++) {
    const miss = (centre(t) - distance) / density(t);
    t -= miss / (1 + 0.5 * t * miss);
  }
  return t;
}

/** A start within 4.5e-4 of the quantile of a small upper tail (Abramowitz and Stegun 26.2.23). */
function startingTail(q: number): number {
  const w = Math.sqrt(-2 * Math.log(q));
  return w -
    horner([0.010328, 0.802853, 2.515517], w) / horner([0.001308, 0.189269, 1.432788, 1], w);
}

/** Two integrals of the lower tail over one interval. */
export interface TailIntegrals {
  /** ∫ Φ(t) dt */
  readonly first: number;
  /** ∫ (end - t) Φ(t) dt */
  readonly second: number;
}

/** Beyond this point Φ is 1 to rounding. */
const certainFrom = 9;

/**
 * Integrals of Φ over [end - width, end].
 *
 * With Ψ(t) = tΦ(t) + φ(t) and Χ(t) = ½((t² + 1)Φ(t) + tφ(t)), the first and second antiderivatives
 * of Φ that vanish at -∞, they are Ψ(end) - Ψ(start) and Χ(end) - Χ(start) - width · Ψ(start).
 * These differences cancel when the interval is narrow or far in the tail; there the integrals are
 * summed by Gauss-Legendre quadrature, whose terms are all positive, so that the relative accuracy
 * stays near 1e-13 everywhere.
 *
 * @param end upper end of the interval; may be infinite
 * @param width length of the interval, at least 0; may be infinite if `end` is not
 */
export function lowerTailIntegrals(end: number, width: number): TailIntegrals {
  if (width === 0 || end === -Infinity) return { first: 0, second: 0 };
  const certain = Math.min(width, Math.max(0, end - certainFrom));
  if (certain === width) return { first: width, second: 0.5 * width * width };
  const rest = integralsBelow(Math.min(end, certainFrom), width - certain);
  return {
    first: certain + rest.first,
    second: 0.5 * certain * certain + certain * rest.first + rest.second,
  };
}

function integralsBelow(end: number, width: number): TailIntegrals {
  if (width <= 1 || end <= -3) return quadrature(end, width);
  const start = end - width;
  const first = start < -40 ? 0 : antiderivative(start);
  const second = start < -40 ? 0 : secondAntiderivative(start) + width * first;
  return { first: antiderivative(end) - first, second: secondAntiderivative(end) - second };
}

function antiderivative(t: number): number {
  return t * lowerTail(t) + density(t);
}

function secondAntiderivative(t: number): number {
  return 0.5 * ((t * t + 1) * lowerTail(t) + t * density(t));
}

function quadrature(end: number, width: number): TailIntegrals {
  const rate = Math.max(1, -end);
  // Φ(end - y) <= Φ(end) exp(-rate · y) for end < 0: what lies beyond this reach is below rounding.
  const reach = end <= -3 ? Math.min(width, 45 / rate) : width;
  const panels = Math.ceil(reach * rate / 8);
  const half = reach / panels / 2;
  let first = 0, second = 0;
  for (let panel = 0; panel < panels; panel++) {
    for (const { node, weight } of legendre) {
      const depth = half * (2 * panel + 1 + node);
      const term = half * weight * lowerTail(end - depth);
      first += term;
      second += depth * term;
    }
  }
  return { first, second };
}

/** Nodes and weights of Gauss-Legendre quadrature on [-1, 1]. */
const legendre: readonly { readonly node: number; readonly weight: number }[] = gaussLegendre(20);

function gaussLegendre(count: number): { node: number; weight: number }[] {
  return Array.from({ length: count }, (_, i) => {
    let node = Math.cos(Math.PI * (i + 0.75) / (count + 0.5)), slope = 1;
    for (let iteration = 0; iteration < 8; iteration++) {
      let previous = 1, value = node;
      for (let degree = 2; degree <= count; degree++) {
        const next = ((2 * degree - 1) * node * value - (degree - 1) * previous) / degree;
        previous = value;
        value = next;
      }
      slope = count * (node * value - previous) / (node * node - 1);
      node -= value / slope;
    }
    return { node, weight: 2 / ((1 - node * node) * slope * slope) };
  });
}
