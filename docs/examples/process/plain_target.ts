/**
 * A sampler in a process of its own that speaks the protocol by hand: no imports at all.
 *
 *     ulaspec check -- deno run docs/examples/process/plain_target.ts
 */

type Tree = number | string | [string, ...Tree[]];
/** A value and its slopes along the axes. */
type Dual = { x: number; d: number[] };

const functions: Record<string, [(x: number) => number, (x: number) => number]> = {
  neg: [(x) => -x, () => -1],
  abs: [Math.abs, Math.sign],
  sqrt: [Math.sqrt, (x) => 0.5 / Math.sqrt(x)],
  exp: [Math.exp, Math.exp],
  log: [Math.log, (x) => 1 / x],
  sin: [Math.sin, Math.cos],
  cos: [Math.cos, (x) => -Math.sin(x)],
  tanh: [Math.tanh, (x) => 1 - Math.tanh(x) ** 2],
  cosh: [Math.cosh, Math.sinh],
  sinh: [Math.sinh, Math.cosh],
  floor: [Math.floor, () => 0],
  sign: [Math.sign, () => 0],
};

/** An axis that does not matter has no slope, even where 0 meets infinity or NaN. */
const times = (slope: number, d: number) => d === 0 ? 0 : slope * d;

function dual(tree: Tree, symbols: Record<string, Dual>, axes: number): Dual {
  if (typeof tree === "number") return { x: tree, d: Array(axes).fill(0) };
  if (typeof tree === "string") return symbols[tree]!;
  const [name, ...operands] = tree;
  if (name === "where") {
    const positive = dual(operands[0]!, symbols, axes).x > 0;
    return dual(operands[positive ? 1 : 2]!, symbols, axes);
  }
  const [p, q, ...more] = operands.map((operand) => dual(operand, symbols, axes));
  if (name === "min" || name === "max") {
    const first = (a: Dual, b: Dual) => (name === "min" ? b.x < a.x : b.x > a.x) ? b : a;
    return [q!, ...more].reduce(first, p!);
  }
  const { x, d } = p!;
  if (name in functions) {
    const [value, slope] = functions[name]!;
    return { x: value(x), d: d.map((a) => times(slope(x), a)) };
  }
  const { x: y, d: e } = q!;
  const joined = (x: number, byX: number, byY: number): Dual => ({
    x,
    d: d.map((a, i) => times(byX, a) + times(byY, e[i]!)),
  });
  if (name === "+") return joined(x + y, 1, 1);
  if (name === "-") return joined(x - y, 1, -1);
  if (name === "*") return joined(x * y, y, x);
  if (name === "/") return joined(x / y, 1 / y, -x / y / y);
  return joined(x ** y, y * x ** (y - 1), x ** y * Math.log(x));
}

const clip = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);

// deno-lint-ignore no-explicit-any
function sample(settings: any, problem: any) {
  const { bounds: { min, max }, steps, schedule, noiseScale, gradClip, deltaClip } = settings;
  const { samples, axes, energy } = problem;
  const observations = numbers(problem.observations) as number[][];
  const draws = numbers(problem.noise.draws) as number[][][];
  let x = numbers(problem.initial) as number[][];
  const evaluations = [];
  for (let k = 0; k < steps; k++) {
    const eta = schedule.kind === "exponential"
      ? schedule.init * schedule.decay ** k
      : k === 0
      ? schedule.init
      : (schedule.init - schedule.final) * (1 - k / (steps - 1)) ** schedule.power +
        schedule.final;
    evaluations.push({ kind: "gradient", points: x });
    x = x.map((row, r) => {
      const symbols: Record<string, Dual> = {};
      row.forEach((a, i) => symbols[`a${i + 1}`] = { x: a, d: row.map((_, j) => +(i === j)) });
      observations[Math.floor(r / samples)]!.forEach((o, i) =>
        symbols[`o${i + 1}`] = { x: o, d: row.map(() => 0) }
      );
      return dual(energy.expression, symbols, axes).d.map((slope, i) => {
        const g = gradClip === null ? slope : clip(slope, -gradClip, gradClip);
        const limit = deltaClip * 0.5 * (max[i] - min[i]);
        const delta = clip(eta * (0.5 * g + noiseScale * draws[k]![r]![i]!), -limit, limit);
        return clip(row[i]! - delta, min[i], max[i]);
      });
    });
  }
  return { final: x, evaluations, draws: steps, initialAfter: problem.initial };
}

/** Reads "NaN", "Infinity", "-Infinity" and "-0", which come as texts. */
function numbers(value: unknown): unknown {
  return Array.isArray(value) ? value.map(numbers) : Number(value);
}

/** Writes them: JSON would make null of NaN. */
const texts = (_key: string, value: unknown) =>
  typeof value === "number" && !Number.isFinite(value) ? String(value) : value;

const prepared: unknown[] = [];

// deno-lint-ignore no-explicit-any
function answer(request: any): object {
  switch (request.type) {
    case "start":
      return {
        type: "ready",
        protocol: 1,
        name: "plain TypeScript",
        networkReturns: "energy",
        unsupported: ["apply-exp", "chain-actions", "chain-outputs", "chain-grad-norms"],
        noise: "tape",
        language: "typescript",
      };
    case "prepare":
      return request.settings.applyExp
        ? { type: "unsupported", feature: "apply-exp", reason: "never needed" }
        : { type: "prepared", prepared: prepared.push(request.settings) - 1 };
    case "sample": {
      const settings = prepared[request.prepared];
      // deno-lint-ignore no-explicit-any
      const results = request.problems.map((problem: any) => sample(settings, problem));
      return { type: "results", results };
    }
    case "release":
      prepared[request.prepared] = undefined;
      return { type: "released" };
    default:
      return { type: "stopped" };
  }
}

let text = "";
const decoder = new TextDecoder();
for await (const chunk of Deno.stdin.readable) {
  text += decoder.decode(chunk, { stream: true });
  const lines = text.split("\n");
  text = lines.pop()!;
  for (const line of lines) {
    const request = JSON.parse(line);
    console.log(JSON.stringify({ id: request.id, ...answer(request) }, texts));
    if (request.type === "stop") Deno.exit();
  }
}
