/**
 * A sampler that follows any {@linkcode Rule}, in plain arrays.
 *
 * The official rule gives a correct sampler; a rule with a defect gives a faulty one. It is the
 * body of every small wrong sampler of the tests, of `check defect:ID` and of the playground.
 *
 * @module
 */

import { copyRows, type Rows, type Settings } from "./problem.ts";
import { officialRule, type Rule } from "./rule.ts";
import type { Call, Feature, NetworkReturns, NoiseOrigin, Sample, Sampler } from "./sampler.ts";
import { stepSizes } from "./schedule.ts";
import { type CompiledRule, compileRule, Slots } from "./step.ts";
import { noiseOfLaw, sharedNoise } from "./noise.ts";

/** How a rule sampler presents itself. */
export interface RuleSamplerOptions {
  /** `rule` by default. */
  readonly name?: string;
  /** `energy` by default. */
  readonly networkReturns?: NetworkReturns;
  /** None by default. */
  readonly unsupported?: readonly Feature[];
  /** `tape`, or `own` if `noise-tape` is unsupported, by default. Its own noise follows the rule's
   * law and sharing, from seeded draws. */
  readonly noise?: NoiseOrigin;
}

/** A sampler that follows a rule to the letter. */
export function ruleSampler(rule: Rule = officialRule, options: RuleSamplerOptions = {}): Sampler {
  const networkReturns = options.networkReturns ?? "energy";
  return {
    name: options.name ?? "rule",
    networkReturns,
    unsupported: options.unsupported ?? [],
    ...(options.noise === undefined ? {} : { noise: options.noise }),
    prepare: (settings) => prepareRule(compileRule(rule), settings, networkReturns),
  };
}

function prepareRule(rule: CompiledRule, settings: Settings, returns: NetworkReturns): Sample {
  const memory: Memory = { gradient: undefined, rate: undefined, noise: undefined };
  return (call) => runChain(rule, settings, returns, call, memory);
}

interface Memory {
  gradient: Rows | undefined;
  rate: number | undefined;
  noise: readonly Rows[] | undefined;
}

function runChain(
  compiled: CompiledRule,
  settings: Settings,
  returns: NetworkReturns,
  call: Call,
  memory: Memory,
) {
  const { rule } = compiled;
  const { min, max } = settings.bounds;
  const sign = returns === "energy" ? 1 : -1;
  const rows = call.initial.length, axes = call.axes, samples = call.samples;
  const clipped = (points: Rows) =>
    points.map((row) => row.map((a, i) => Math.min(Math.max(a, min[i]!), max[i]!)));
  const round = rounding[rule.precision];
  let rates = stepSizes(settings.schedule, settings.steps, rule);
  if (rule.memory === "schedule" && settings.schedule.kind === "exponential") {
    const decay = settings.schedule.decay;
    rates = rates.map((rate, k) => memory.rate === undefined ? rate : memory.rate * decay ** k);
    memory.rate = (rates.at(-1) ?? settings.schedule.init) * decay;
  }
  const observations = rule.observations === "repeated"
    ? call.observations
    : Array.from({ length: rows }, (_, r) => call.observations[r % call.observations.length]!);
  const initial = copyRows(call.initial);
  let x: Rows = rule.start === "clipped" ? clipped(initial) : initial;
  let previous = x;
  const reseeded = rule.noiseSource === "same-every-call" &&
      memory.noise?.[0]?.length === rows
    ? memory.noise
    : undefined;
  const drawn: Rows[] = [];
  let firstDraw: Rows | undefined;
  let gradientSum: number[][] | undefined;
  let driftBefore: number[][] = initial.map((row) => row.map(() => 0));
  let best: { energy: number[]; points: number[][] } | undefined;
  const visited: Rows[] = [];
  const actions: Rows[] = [], outputs: number[][] = [], gradNorms: number[][] = [];
  const s = new Slots();
  s.set("N", settings.steps);
  s.set("sigma", settings.noiseScale);
  s.set("c", settings.deltaClip);
  s.set("rows", rows);
  s.set("samples", samples);
  s.set("axes", axes);
  for (const [key, value] of Object.entries(settings.schedule)) {
    if (key !== "kind") s.set(key as "init", value as number);
  }
  const ranges = max.map((hi, i) => hi - min[i]!);
  s.set("loFirst", min[0]!);
  s.set("hiFirst", max[0]!);
  s.set("loLeast", Math.min(...min));
  s.set("hiMost", Math.max(...max));
  s.set("rangeMost", Math.max(...ranges));
  s.set("rangeLeast", Math.min(...ranges));
  s.set("rangeMean", ranges.reduce((sum, r) => sum + r, 0) / ranges.length);
  const clip = settings.gradClip === 0 && rule.zeroGradClip === "none" ? null : settings.gradClip;
  if (clip !== null) s.set("gamma", clip);

  for (let k = 0; k < rates.length; k++) {
    const eta = rates[k]!;
    s.set("k", k);
    s.set("eta", eta);
    let xi: Rows = reseeded?.[k] ?? call.noise.draw();
    drawn.push(xi);
    xi = sharedNoise(rule.noiseSharing, noiseOfLaw(rule.noiseLaw, xi), firstDraw, samples);
    firstDraw ??= xi;
    const at: Rows = {
      current: () => x,
      previous: () => previous,
      initial: () => initial,
      noised: () =>
        x.map((row, r) => row.map((a, i) => a - eta * settings.noiseScale * xi[r]![i]!)),
      "inside-box": () => clipped(x),
    }[rule.gradientAt]();
    const asked = call.network.gradient(at, observations).map((row) => row.map((v) => sign * v));
    const energies = call.network.outputs(at, observations).map((v) => sign * v);
    let g = asked;
    if (rule.memory === "gradient" && k === 0) {
      if (memory.gradient?.length === rows) {
        g = g.map((row, r) => row.map((v, i) => v + memory.gradient![r]![i]!));
      }
      memory.gradient = g;
    }
    const before = gradientSum;
    gradientSum = before ? g.map((row, r) => row.map((v, i) => v + before[r]![i]!)) : g;
    const norms = batchSymbols(compiled, g, s);
    g = g.map((row, r) =>
      row.map((v, i) => {
        rowSymbols(s, row);
        norms(i);
        s.set("E", energies[r]!);
        s.set("gSum", gradientSum![r]![i]!);
        coordinateSymbols(s, x[r]![i]!, initial[r]![i]!, min[i]!, max[i]!);
        s.set("g", v);
        return (settings.applyExp ? compiled.gradientOfExp : compiled.gradient)(s);
      })
    );
    const axisNorms = batchSymbols(compiled, g, s);
    const drifts: number[][] = [];
    const used: number[][] = [];
    const next = x.map((row, r) => {
      const gRow = g[r]!;
      rowSymbols(s, gRow);
      const terms = row.map((a, i) => {
        axisNorms(i);
        coordinateSymbols(s, a, initial[r]![i]!, min[i]!, max[i]!);
        s.set("g", gRow[i]!);
        s.set("xi", xi[r]![i]!);
        s.set("driftBefore", driftBefore[r]![i]!);
        const gt = (clip === null ? compiled.noGradClip : compiled.gradClip)(s);
        s.set("gt", gt);
        const drift = compiled.drift(s);
        s.set("drift", drift);
        const noise = compiled.noise(s);
        s.set("noise", noise);
        const delta = round(compiled.step(s));
        s.set("delta", delta);
        return { gt, drift, noise, delta, limit: compiled.limit(s) };
      });
      drifts.push(terms.map((t) => t.drift));
      used.push(terms.map((t) => t.gt));
      s.set("deltaNorm", Math.hypot(...terms.map((t) => t.delta)));
      s.set("unitNorm", Math.hypot(...terms.map((t) => t.delta === 0 ? 0 : t.delta / t.limit)));
      const restore = (i: number) => {
        const t = terms[i]!;
        axisNorms(i);
        coordinateSymbols(s, row[i]!, initial[r]![i]!, min[i]!, max[i]!);
        s.set("g", gRow[i]!);
        s.set("xi", xi[r]![i]!);
        s.set("gt", t.gt);
        s.set("drift", t.drift);
        s.set("noise", t.noise);
        s.set("delta", t.delta);
        s.set("limit", t.limit);
      };
      const moves = terms.map((_, i) => {
        restore(i);
        return compiled.clippedStep(s);
      });
      const inside = row.every((a, i) => a - moves[i]! >= min[i]! && a - moves[i]! <= max[i]!);
      s.set("rowInside", inside ? 1 : 0);
      return row.map((_, i) => {
        restore(i);
        s.set("move", moves[i]!);
        return round(compiled.result(s));
      });
    });
    driftBefore = drifts;
    if (rule.returns === "best") {
      const seen = best;
      best = {
        energy: energies.map((e, r) => seen && seen.energy[r]! <= e ? seen.energy[r]! : e),
        points: x.map((row, r) =>
          seen && seen.energy[r]! <= energies[r]! ? seen.points[r]! : [...row]
        ),
      };
    }
    actions.push(rule.reportedActions === "after" ? next : x);
    outputs.push(reportedOutputs(rule, settings, energies, sign, next, call, observations));
    gradNorms.push(reportedNorms(rule, settings, rule.reportedNorm === "clipped" ? used : g));
    previous = x;
    x = next;
    visited.push(x);
    if (rule.callersArray === "overwritten") {
      x.forEach((row, r) => row.forEach((v, i) => call.initial[r]![i] = v));
    }
  }
  if (rule.noiseSource === "same-every-call") memory.noise ??= drawn;
  return {
    final: returned(rule, call, x, previous, visited, best, sign, observations),
    chain: { actions, outputs, gradNorms },
  };
}

function coordinateSymbols(s: Slots, a: number, a0: number, lo: number, hi: number): void {
  s.set("a", a);
  s.set("a0", a0);
  s.set("lo", lo);
  s.set("hi", hi);
}

function rowSymbols(s: Slots, row: readonly number[]): void {
  s.set("gNorm", Math.hypot(...row));
  s.set("gMax", Math.max(...row.map(Math.abs)));
}

/** Sets what a defect takes from the whole batch; gives a function that sets one axis' share. */
function batchSymbols(rule: CompiledRule, g: Rows, s: Slots): (axis: number) => void {
  if (rule.uses.has("gAll")) s.set("gAll", Math.hypot(...g.flat()));
  if (!rule.uses.has("gBatch") && !rule.uses.has("gFirst")) return () => {};
  const means = g[0]!.map((_, i) => g.reduce((sum, row) => sum + row[i]!, 0) / g.length);
  return (axis) => {
    s.set("gBatch", means[axis]!);
    s.set("gFirst", g[0]![axis]!);
  };
}

function reportedOutputs(
  rule: Rule,
  settings: Settings,
  energies: readonly number[],
  sign: number,
  next: Rows,
  call: Call,
  observations: Rows,
): number[] {
  const exponentiates = rule.reportedOutputs === "with-exp" ||
    settings.applyExp && rule.reportedOutputs !== "without-exp";
  const shown = (e: number) => exponentiates ? Math.exp(-e) : sign * e;
  switch (rule.reportedOutputs) {
    case "before":
    case "with-exp":
    case "without-exp":
      return energies.map(shown);
    case "negated":
      return energies.map((e) => -shown(e));
    case "after":
      return energiesAt(call, next, observations, sign).map(shown);
  }
}

function energiesAt(call: Call, points: Rows, observations: Rows, sign: number): number[] {
  return call.network.outputs(points, observations).map((v) => sign * v);
}

function reportedNorms(rule: Rule, settings: Settings, g: Rows): number[] {
  const order = rule.reportedNorm === "euclidean" ? "2" : settings.gradNorm;
  const norm = (values: readonly number[]) => {
    switch (order) {
      case null:
        return 0;
      case "1":
        return values.reduce((sum, v) => sum + Math.abs(v), 0);
      case "2":
        return Math.hypot(...values);
      case "inf":
        return Math.max(...values.map(Math.abs));
    }
  };
  if (rule.reportedNorm !== "over-rows") return g.map(norm);
  const columns = g[0]!.map((_, i) => g.map((row) => row[i]!));
  return g.map((_, r) => norm(columns[r % columns.length]!));
}

function returned(
  rule: Rule,
  call: Call,
  last: Rows,
  beforeLast: Rows,
  visited: readonly Rows[],
  best: { energy: number[]; points: number[][] } | undefined,
  sign: number,
  observations: Rows,
): Rows {
  switch (rule.returns) {
    case "last":
      return rule.precision === "float64" ? last : last.map((row) => row.map(Math.fround));
    case "before-last":
      return beforeLast;
    case "mean":
      return last.map((row, r) =>
        row.map((_, i) => visited.reduce((sum, x) => sum + x[r]![i]!, 0) / visited.length)
      );
    case "best": {
      const energies = energiesAt(call, last, observations, sign);
      return last.map((row, r) => best && best.energy[r]! <= energies[r]! ? best.points[r]! : row);
    }
    case "sorted": {
      const energies = energiesAt(call, last, observations, sign);
      return last.map((row, r) => ({ row, energy: energies[r]! }))
        .sort((a, b) => a.energy - b.energy).map(({ row }) => row);
    }
  }
}

const rounding: Record<Rule["precision"], (value: number) => number> = {
  float64: (value) => value,
  float32: Math.fround,
  float16: roundToFloat16,
};

/** The nearest float16 (round half to even). */
function roundToFloat16(value: number): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const exponent = Math.max(-14, Math.floor(Math.log2(Math.abs(value))));
  const unit = 2 ** (exponent - 10);
  const scaled = value / unit, floor = Math.floor(scaled), rest = scaled - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
  const result = rounded * unit;
  return Math.abs(result) > 65504 ? Math.sign(value) * Infinity : result;
}
