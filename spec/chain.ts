/**
 * A sampler that follows any {@linkcode Rule}, in plain arrays.
 *
 * The official rule gives a correct sampler; a rule with a defect gives a faulty one. It is the
 * body of every small wrong sampler of the tests, of `check defect:ID` and of the playground.
 *
 * @module
 */

import { roundToFloat16 } from "./numerics/floats.ts";
import { copyRows, type Rows, type Settings } from "./problem.ts";
import { officialRule, type Rule, type RuleSymbol } from "./rule.ts";
import type { Call, Feature, NetworkReturns, NoiseOrigin, Sample, Sampler } from "./sampler.ts";
import { setSchedule, stepSizes } from "./schedule.ts";
import { type CompiledRule, compileRule, Slots } from "./step.ts";
import { noiseOfLaw, sharedNoise } from "../src/defects/noise_laws.ts";

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
  const { rule, uses } = compiled;
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
  let gradientSum: Rows | undefined;
  let driftBefore: readonly (readonly number[])[] | undefined;
  let best: { energy: number[]; points: number[][] } | undefined;
  const visited: Rows[] = [];
  const actions: Rows[] = [], outputs: number[][] = [], gradNorms: number[][] = [];
  const clip = settings.gradClip === 0 && rule.zeroGradClip === "none" ? null : settings.gradClip;
  const coordinates = coordinateSlots(call, settings, clip);
  const set = (symbol: RuleSymbol, value: number) => {
    for (const s of coordinates) s.set(symbol, value);
  };

  for (let k = 0; k < rates.length; k++) {
    const eta = rates[k]!;
    set("k", k);
    set("eta", eta);
    let xi: Rows = reseeded?.[k] ?? call.noise.draw();
    drawn.push(xi);
    xi = sharedNoise(rule.noiseSharing, noiseOfLaw(rule.noiseLaw, xi), firstDraw, samples);
    firstDraw ??= xi;
    const at = pointsOf[rule.gradientAt]({
      current: x,
      previous,
      initial,
      inside: clipped,
      noised: (a, r, i) => a - eta * settings.noiseScale * xi[r]![i]!,
    });
    const asked = call.network.gradient(at, observations);
    let g: Rows = sign === 1 ? asked : asked.map((row) => row.map((v) => -v));
    const told = call.network.outputs(at, observations);
    const energies = sign === 1 ? told : told.map((v) => -v);
    if (rule.memory === "gradient" && k === 0) {
      if (memory.gradient?.length === rows) {
        g = g.map((row, r) => row.map((v, i) => v + memory.gradient![r]![i]!));
      }
      memory.gradient = g;
    }
    if (uses.has("gSum")) {
      const before = gradientSum;
      gradientSum = before ? g.map((row, r) => row.map((v, i) => v + before[r]![i]!)) : g;
    }
    setBatch(uses, g, coordinates);
    const gradient = settings.applyExp ? compiled.gradientOfExp : compiled.gradient;
    g = g.map((row, r) => {
      setRow(uses, row, coordinates);
      return row.map((v, i) => {
        const s = coordinates[i]!;
        s.set("E", energies[r]!);
        if (gradientSum) s.set("gSum", gradientSum[r]![i]!);
        s.set("a", x[r]![i]!);
        s.set("a0", initial[r]![i]!);
        s.set("g", v);
        return gradient(s);
      });
    });
    setBatch(uses, g, coordinates);
    const drifts: number[][] = [], used: number[][] = [];
    const next = x.map((row, r) => {
      const gRow = g[r]!, rowDrifts: number[] = [], rowUsed: number[] = [], moved: number[] = [];
      setRow(uses, gRow, coordinates);
      for (let i = 0; i < axes; i++) {
        const s = coordinates[i]!;
        s.set("a", row[i]!);
        s.set("a0", initial[r]![i]!);
        s.set("g", gRow[i]!);
        s.set("xi", xi[r]![i]!);
        s.set("driftBefore", driftBefore === undefined ? 0 : driftBefore[r]![i]!);
        const gt = (clip === null ? compiled.noGradClip : compiled.gradClip)(s);
        s.set("gt", gt);
        rowUsed.push(gt);
        const drift = compiled.drift(s);
        s.set("drift", drift);
        rowDrifts.push(drift);
        s.set("noise", compiled.noise(s));
        s.set("delta", round(compiled.step(s)));
        s.set("limit", compiled.limit(s));
      }
      drifts.push(rowDrifts);
      used.push(rowUsed);
      setNorms(uses, coordinates);
      for (const s of coordinates) s.set("move", compiled.clippedStep(s));
      setInside(uses, coordinates);
      for (const s of coordinates) moved.push(round(compiled.result(s)));
      return moved;
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

// A call runs to its end before the next one begins, so all calls share these.
const scratch: Slots[] = [];

/** The symbols of each axis, with what does not change during a call set and the rest 0. */
function coordinateSlots(call: Call, settings: Settings, clip: number | null): readonly Slots[] {
  const { min, max } = settings.bounds;
  const ranges = max.map((hi, i) => hi - min[i]!);
  while (scratch.length < ranges.length) scratch.push(new Slots());
  const coordinates = scratch.slice(0, ranges.length), common = coordinates[0]!;
  common.values.fill(0);
  common.set("N", settings.steps);
  common.set("sigma", settings.noiseScale);
  common.set("c", settings.deltaClip);
  if (clip !== null) common.set("gamma", clip);
  common.set("rows", call.initial.length);
  common.set("samples", call.samples);
  common.set("axes", call.axes);
  common.set("loFirst", min[0]!);
  common.set("hiFirst", max[0]!);
  common.set("loLeast", Math.min(...min));
  common.set("hiMost", Math.max(...max));
  common.set("rangeMost", Math.max(...ranges));
  common.set("rangeLeast", Math.min(...ranges));
  common.set("rangeMean", ranges.reduce((sum, r) => sum + r, 0) / ranges.length);
  setSchedule(common, settings.schedule);
  coordinates.forEach((s, i) => {
    if (i > 0) s.values.set(common.values);
    s.set("lo", min[i]!);
    s.set("hi", max[i]!);
  });
  return coordinates;
}

/** The points to choose from when a gradient is asked for. */
interface Points {
  readonly current: Rows;
  readonly previous: Rows;
  readonly initial: Rows;
  readonly inside: (points: Rows) => Rows;
  readonly noised: (a: number, row: number, axis: number) => number;
}

const pointsOf: Readonly<Record<Rule["gradientAt"], (points: Points) => Rows>> = {
  current: ({ current }) => current,
  previous: ({ previous }) => previous,
  initial: ({ initial }) => initial,
  noised: ({ current, noised }) => current.map((row, r) => row.map((a, i) => noised(a, r, i))),
  "inside-box": ({ current, inside }) => inside(current),
};

type Uses = CompiledRule["uses"];

/** Sets what a defect takes from the gradients of the whole batch. */
function setBatch(uses: Uses, g: Rows, coordinates: readonly Slots[]): void {
  if (uses.has("gAll")) {
    const norm = Math.hypot(...g.flat());
    for (const s of coordinates) s.set("gAll", norm);
  }
  if (!uses.has("gBatch") && !uses.has("gFirst")) return;
  coordinates.forEach((s, i) => {
    s.set("gBatch", g.reduce((sum, row) => sum + row[i]!, 0) / g.length);
    s.set("gFirst", g[0]![i]!);
  });
}

/** Sets what a defect takes from the gradient of the whole row. */
function setRow(uses: Uses, row: readonly number[], coordinates: readonly Slots[]): void {
  if (!uses.has("gNorm") && !uses.has("gMax")) return;
  const norm = Math.hypot(...row), most = Math.max(...row.map(Math.abs));
  for (const s of coordinates) {
    s.set("gNorm", norm);
    s.set("gMax", most);
  }
}

/** Sets what a defect takes from the step of the whole row. */
function setNorms(uses: Uses, coordinates: readonly Slots[]): void {
  if (!uses.has("deltaNorm") && !uses.has("unitNorm")) return;
  const steps = coordinates.map((s) => s.get("delta"));
  const inLimits = coordinates.map((s) =>
    s.get("delta") === 0 ? 0 : s.get("delta") / s.get("limit")
  );
  for (const s of coordinates) {
    s.set("deltaNorm", Math.hypot(...steps));
    s.set("unitNorm", Math.hypot(...inLimits));
  }
}

/** Sets whether the moved row lies in the box. */
function setInside(uses: Uses, coordinates: readonly Slots[]): void {
  if (!uses.has("rowInside")) return;
  const inside = coordinates.every((s) => {
    const to = s.get("a") - s.get("move");
    return to >= s.get("lo") && to <= s.get("hi");
  });
  for (const s of coordinates) s.set("rowInside", inside ? 1 : 0);
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
        return values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
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
