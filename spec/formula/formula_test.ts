import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { all, create, type MathNode } from "mathjs";
import {
  type Bounded,
  compile,
  compileBounded,
  derivative,
  type Expression,
  fold,
  FormulaError,
  type FunctionName,
  functionNames,
  parseFormula,
  symbolsOf,
  toInfix,
  toTeX,
} from "./formula.ts";
import { evaluateExactly } from "./arbiter.ts";

const layout = ["a1", "a2", "a3"];
const words = ["delta", "limit", "init", "final", "k", "N", "power", "o1"];
const parse = (text: string): Expression =>
  parseFormula(
    text,
    (symbol) => layout.includes(symbol) || words.includes(symbol),
    "an action a1...a3",
  );
const valueOf = (text: string, scope: Readonly<Record<string, number>> = {}): number => {
  const names = Object.keys(scope);
  return compile(parse(text), names)(names.map((name) => scope[name] ?? NaN));
};

/** Formulas that occur in problems and in the rule. */
const formulas = [
  "1.5*(a1-0.2)^2+4*(a2+0.3)^2",
  "log(1+exp(3*a1-2*a2))+0.5*a1^2+0.7*a2^2",
  "log(cosh(4*(a1-0.3)))",
  "a1*log(a1)+a2^2",
  "sqrt(a1)+a2^2",
  "0.4*cos(9*a1)+0.3*sin(7*a2)+0.5*a1^2",
  "0*a1",
  "1.3*tanh(a1-a2+0.5*a3)",
  "6*(a1^2-0.3)^2+a2^2",
  "max(0,a1-0.25)",
  "abs(a1-a2)/(1+a3^2)",
  "where(a1-0.5,a1^3,sinh(a2))",
];

/** Random formulas in a1...a3 of the given functions. */
function expressions(functions: readonly FunctionName[]): fc.Arbitrary<Expression> {
  const number = (value: number): Expression => ({ kind: "number", value, text: String(value) });
  const numbers = fc.constantFrom(0, 0.1, 0.25, 0.5, 1, 1.3, 2, 3, 10).map(number);
  const { tree } = fc.letrec<{ tree: Expression }>((tie) => ({
    tree: fc.oneof(
      { depthSize: "medium", withCrossShrink: true },
      numbers,
      fc.constantFrom(...layout).map((name): Expression => ({ kind: "symbol", name })),
      tie("tree").map((operand): Expression => ({ kind: "negate", operand })),
      fc.record({
        kind: fc.constant("binary" as const),
        operator: fc.constantFrom("+" as const, "-" as const, "*" as const, "/" as const),
        left: tie("tree"),
        right: tie("tree"),
      }),
      fc.record({
        kind: fc.constant("binary" as const),
        operator: fc.constant("^" as const),
        left: tie("tree"),
        right: fc.constantFrom(0, 1, 2, 3, 4, 5, 0.5, 1.3).map(number),
      }),
      ...functions.map((name) =>
        fc.record({
          kind: fc.constant("call" as const),
          name: fc.constant(name),
          operands: name === "where"
            ? fc.tuple(tie("tree"), tie("tree"), tie("tree"))
            : name === "min" || name === "max"
            ? fc.array(tie("tree"), { minLength: 2, maxLength: 3 })
            : fc.tuple(tie("tree")),
        })
      ),
    ),
  }));
  return tree;
}

const point = fc.tuple(
  ...layout.map(() => fc.double({ min: -2, max: 2, noNaN: true }).map(Math.fround)),
);

const numeric: (name: FunctionName, operands: readonly number[]) => number = (name, operands) => {
  const [x = NaN, y = NaN, z = NaN] = operands;
  if (name === "where") return x > 0 ? y : z;
  return (Math[name] as (...operands: readonly number[]) => number)(...operands);
};

/** The largest magnitude on the way to the value; infinite if any part is not a number. */
function largestPart(e: Expression, values: readonly number[]): number {
  let largest = 0;
  const note = (value: number): number => {
    largest = Math.max(largest, Number.isNaN(value) ? Infinity : Math.abs(value));
    return value;
  };
  fold<number>(e, {
    number: note,
    symbol: (name) => note(values[layout.indexOf(name)] ?? NaN),
    negate: (x) => -x,
    binary: (operator, x, y) =>
      note(
        operator === "+"
          ? x + y
          : operator === "-"
          ? x - y
          : operator === "*"
          ? x * y
          : operator === "/"
          ? x / y
          : Math.pow(x, y),
      ),
    call: (name, operands) => note(numeric(name, operands)),
  });
  return largest;
}

function isWithin(distance: number, { value, error }: Bounded): boolean {
  return distance <= error || (distance <= 1e-300 && Math.abs(value) <= 1e-300);
}

Deno.test("parseFormula follows the usual precedence", () => {
  const table: readonly (readonly [string, number])[] = [
    ["1+2*3", 7],
    ["(1+2)*3", 9],
    ["-2^2", -4],
    ["(-2)^2", 4],
    ["2^-1", 0.5],
    ["2^3^2", 512],
    ["2^-3^2", 2 ** -9],
    ["7-2-1", 4],
    ["8/4/2", 1],
    ["2*-3", -6],
    ["1 - -1", 2],
    ["--3", 3],
    ["+3", 3],
    [" 1.5e2\t+ .5 +\n2. ", 152.5],
    ["2E-1", 0.2],
    ["0^0", 1],
  ];
  for (const [text, expected] of table) assertEquals(valueOf(text), expected, text);
});

Deno.test("parseFormula knows every function", () => {
  const table: Readonly<Record<FunctionName, readonly [string, number]>> = {
    abs: ["abs(-2)", 2],
    sqrt: ["sqrt(9)", 3],
    exp: ["exp(1)", Math.E],
    log: ["log(8)", Math.log(8)],
    sin: ["sin(1)", Math.sin(1)],
    cos: ["cos(1)", Math.cos(1)],
    tanh: ["tanh(1)", Math.tanh(1)],
    cosh: ["cosh(1)", Math.cosh(1)],
    sinh: ["sinh(1)", Math.sinh(1)],
    floor: ["floor(-0.5)", -1],
    sign: ["sign(-3)", -1],
    min: ["min(3,1,2)", 1],
    max: ["max(3,1)", 3],
    where: ["where(1,2,3)", 2],
  };
  assertEquals(Object.keys(table), [...functionNames]);
  for (const [text, expected] of Object.values(table)) assertEquals(valueOf(text), expected, text);
});

Deno.test("where takes the second value at zero and at NaN", () => {
  assertEquals(valueOf("where(a1,2,3)", { a1: 0 }), 3);
  assertEquals(valueOf("where(a1,2,3)", { a1: NaN }), 3);
  assertEquals(valueOf("where(a1,2,3)", { a1: 1e-300 }), 2);
});

Deno.test("compile propagates NaN through min and max", () => {
  assertEquals(valueOf("max(0,a1)", { a1: NaN }), NaN);
  assertEquals(valueOf("min(a1,0,1)", { a1: NaN }), NaN);
  assertEquals(valueOf("a1*log(a1)", { a1: -1 }), NaN);
});

Deno.test("compile evaluates the schedule at its last step", () => {
  const schedule = "(init-final)*(1-k/(N-1))^power+final";
  const scope = { init: 0.1, final: 1e-5, N: 25 };
  assertEquals(valueOf(schedule, { ...scope, k: 24, power: 2 }), 1e-5);
  assertEquals(valueOf(schedule, { ...scope, k: 24, power: 0 }), 0.1 - 1e-5 + 1e-5);
  assertEquals(valueOf("min(max(delta,-limit),limit)", { delta: -3, limit: 0.2 }), -0.2);
});

Deno.test("compile refuses a symbol outside the layout", () => {
  assertThrows(
    () => compile(parse("a1+a2"), ["a1"]),
    Error,
    'Cannot compile the formula: found the symbol "a2", wanted one of a1',
  );
});

Deno.test("symbolsOf lists each symbol once, sorted", () => {
  assertEquals(symbolsOf(parse("a2*a1+max(a2,o1)-0*a3")), ["a1", "a2", "a3", "o1"]);
  assertEquals(symbolsOf(parse("1")), []);
});

Deno.test("parseFormula refuses what is no formula and says where", () => {
  const table: readonly (readonly [string, number, string])[] = [
    ["", 0, "found the end of the formula"],
    ["2*a1+foo", 5, 'found "foo", wanted an action a1...a3'],
    ["(a1", 3, 'found the end of the formula, wanted an operator or ")"'],
    ["a1)", 2, 'found ")", wanted an operator or the end of the formula'],
    ["2a1", 1, 'found "a1"'],
    ["a1 a2", 3, 'found "a2"'],
    ["a1+", 3, "found the end of the formula"],
    ["*a1", 0, 'found "*"'],
    ["a1**2", 3, 'found "*"'],
    ["1.2.3", 3, 'found ".3"'],
    ["1e999", 0, 'found "1e999", wanted a number below 1.8e308'],
    ["a1,a2", 2, 'found ","'],
    ["()", 1, 'found ")"'],
    ["exp a1", 0, 'found "exp"'],
    ["exp()", 4, 'found ")"'],
    ["foo(a1)", 0, 'found "foo", wanted one of the functions abs, sqrt'],
    ["max(a1)", 0, "found 1 operand of max, wanted 2 or more"],
    ["1+exp(a1,a2)", 2, "found 2 operands of exp, wanted 1"],
    ["where(a1,a2)", 0, "found 2 operands of where, wanted 3"],
    ["a4", 0, 'found "a4", wanted an action a1...a3'],
    ["a1;a2", 2, 'found ";"'],
    ["a1[0]", 2, 'found "["'],
    ["a1.constructor", 2, 'found "."'],
    ["constructor", 0, 'found "constructor"'],
    ["constructor(1)", 0, 'found "constructor"'],
    ["__proto__", 0, 'found "__proto__"'],
    ["toString(a1)", 0, 'found "toString"'],
    ["import('fs')", 7, 'found "\'"'],
    ["import(a1)", 0, 'found "import"'],
    ["a1−a2", 2, 'found "−"'],
    ["а1", 0, 'found "а"'],
    ["2*🙂", 2, 'found "🙂"'],
    ["a1\u0000", 2, "found"],
  ];
  for (const [text, position, message] of table) {
    const error = assertThrows(() => parse(text), FormulaError, message) as FormulaError;
    assertEquals(error.position, position, text);
    assertEquals(error.formula, text);
    assert(
      error.message.startsWith(`Cannot parse the formula at character ${position}: found `),
      error.message,
    );
  }
});

Deno.test("FormulaError shows the place with a caret", () => {
  const error = assertThrows(() => parse("2*a1+foo"), FormulaError) as FormulaError;
  assertEquals(
    error.message,
    'Cannot parse the formula at character 5: found "foo", wanted an action a1...a3\n' +
      "  2*a1+foo\n" +
      "       ^",
  );
});

Deno.test("parseFormula refuses hostile texts, however long", () => {
  const texts = [
    "a1+".repeat(400_000),
    " ".repeat(1_000_000),
    "(".repeat(10_000),
    "(".repeat(5_000) + "a1" + ")".repeat(5_000),
    "-".repeat(9_999) + "1",
    "a1^".repeat(3_000) + "a1",
    "a1+".repeat(3_000) + "a1",
    `max(${"1,".repeat(4_000)}1)`,
    "9".repeat(9_999),
    "abs(".repeat(2_000) + "a1" + ")".repeat(2_000),
  ];
  for (const text of texts) {
    const error = assertThrows(() => parse(text), FormulaError) as FormulaError;
    assert(error.message.length < 400, error.message);
  }
});

Deno.test("the largest formulas still compile, differentiate and print", () => {
  const texts = [
    "a1*".repeat(999) + "a1",
    "a1/".repeat(999) + "a1",
    `max(${"a1,".repeat(998)}a1)`,
    "sign(".repeat(199) + "a1" + ")".repeat(199),
    "tanh(".repeat(199) + "a1" + ")".repeat(199),
    "where(".repeat(199) + "a1" + "-1,a1,a1)".repeat(199),
  ];
  for (const text of texts) {
    const e = parse(text);
    const slope = derivative(e, "a1");
    assert(!Number.isNaN(compile(slope, ["a1"])([1.001])));
    assert(!Number.isNaN(compileBounded(slope, ["a1"])([1.001], 2 ** -24).error));
    for (const language of ["plain", "python", "typescript"] as const) {
      assert(toInfix(e, language).length < 50_000);
    }
    assert(toTeX(e).length < 50_000);
  }
});

Deno.test("compile agrees with 64 digits on random formulas", async () => {
  let judged = 0;
  await fc.assert(
    fc.asyncProperty(expressions(functionNames), point, async (e, values) => {
      if (!(largestPart(e, values) < 1e100)) return;
      const bounded = compileBounded(e, layout)(values, 2 ** -53);
      assertEquals(compile(e, layout)(values), bounded.value);
      if (bounded.error > 1e-3) return;
      const exact = await evaluateExactly(
        e,
        Object.fromEntries(layout.map((n, i) => [n, values[i] ?? NaN])),
      );
      const distance = Math.abs(exact.toNumber() - bounded.value);
      assert(isWithin(distance, bounded), `${toInfix(e)}: ${exact} and ${bounded.value}`);
      judged++;
    }),
    { seed: 1, numRuns: 600 },
  );
  assert(judged > 250, `${judged}`);
});

Deno.test("toInfix reads back to the same evaluation", () => {
  fc.assert(
    fc.property(expressions(functionNames), point, (e, values) => {
      const again = parse(toInfix(e));
      assertEquals(again, e);
      assertEquals(compile(again, layout)(values), compile(e, layout)(values));
    }),
    { seed: 2, numRuns: 500 },
  );
});

Deno.test("toInfix writes Python and TypeScript", () => {
  const table: readonly (readonly [string, string, string])[] = [
    ["-a1^2", "-a1**2", "-(a1 ** 2)"],
    ["2^-a1^2", "2.0**-a1**2", "2 ** -(a1 ** 2)"],
    ["(-a1)^2", "(-a1)**2", "(-a1) ** 2"],
    ["--a1", "-(-a1)", "-(-a1)"],
    ["1.5*(a1-0.2)^2", "1.5*(a1 - 0.2)**2", "1.5*(a1 - 0.2) ** 2"],
    ["max(0,tanh(a1))", "max(0.0, m.tanh(a1))", "Math.max(0, Math.tanh(a1))"],
    ["abs(floor(a1))", "abs(m.floor(a1))", "Math.abs(Math.floor(a1))"],
    ["where(a1-a2,a1,a2)", "(a1 if a1 - a2 > 0 else a2)", "((a1 - a2) > 0 ? a1 : a2)"],
    ["sign(a1)", "(lambda x: (x > 0) - (x < 0))(a1)", "Math.sign(a1)"],
    ["a1/(a2*a3)", "a1/(a2*a3)", "a1/(a2*a3)"],
    ["a1-(a2-a3)", "a1 - (a2 - a3)", "a1 - (a2 - a3)"],
  ];
  for (const [text, python, typescript] of table) {
    assertEquals(toInfix(parse(text), "python"), python);
    assertEquals(toInfix(parse(text), "typescript"), typescript);
  }
});

Deno.test("toTeX writes mathematics", () => {
  const table: readonly (readonly [string, string])[] = [
    ["2*a1", "2 a_{1}"],
    ["a1*a2", "a_{1}\\,a_{2}"],
    ["a1*2", "a_{1} \\cdot 2"],
    ["2*3", "2 \\cdot 3"],
    ["1.5*(a1-0.2)^2", "1.5 \\left(a_{1} - 0.2\\right)^{2}"],
    ["a1/(a2+1)", "\\frac{a_{1}}{a_{2} + 1}"],
    ["(a1/a2)^2", "\\left(\\frac{a_{1}}{a_{2}}\\right)^{2}"],
    ["-a1^2", "-a_{1}^{2}"],
    ["a1-(a2-a3)", "a_{1} - \\left(a_{2} - a_{3}\\right)"],
    ["a1*-a2", "a_{1}\\,\\left(-a_{2}\\right)"],
    ["sqrt(abs(a1))", "\\sqrt{\\left|a_{1}\\right|}"],
    ["exp(-a1)^2", "\\left(\\exp\\left(-a_{1}\\right)\\right)^{2}"],
    ["1e-5*a1", "10^{-5}\\,a_{1}"],
    ["2.5e3", "2.5 \\times 10^{3}"],
    ["floor(a1)", "\\left\\lfloor a_{1} \\right\\rfloor"],
    ["sign(a1)", "\\operatorname{sign}\\left(a_{1}\\right)"],
    [
      "where(a1-a2,a1,0)",
      "\\begin{cases} a_{1} & \\text{if } a_{1} > a_{2} \\\\ 0 & \\text{otherwise} \\end{cases}",
    ],
    [
      "min(max(delta,-limit),limit)",
      "\\min\\left(\\max\\left(\\delta, -\\ell\\right), \\ell\\right)",
    ],
    [
      "(init-final)*(1-k/(N-1))^power+final",
      "\\left(\\mathrm{init} - \\mathrm{final}\\right)\\,\\left(1 - \\frac{k}{N - 1}\\right)^{p} + \\mathrm{final}",
    ],
  ];
  const names = { delta: "\\delta", limit: "\\ell", power: "p" };
  for (const [text, expected] of table) assertEquals(toTeX(parse(text), names), expected);
});

Deno.test("derivative simplifies lightly", () => {
  const table: readonly (readonly [string, string])[] = [
    ["0*a1", "0"],
    ["0*a1^2", "0*a1"],
    ["a2", "0"],
    ["1.5*(a1-0.25)^2", "3*(a1 - 0.25)"],
    ["6*(a1^2-0.3)^2", "24*((a1^2 - 0.3)*a1)"],
    ["a1^3", "3*a1^2"],
    ["a1^-1", "-a1^-2"],
    ["a1^0.3", "0.3*a1^(0.3 - 1)"],
    ["a1^0", "0"],
    ["1/a1", "-(1/a1/a1)"],
    ["sqrt(a1)", "1/(2*sqrt(a1))"],
    ["tanh(2*a1)", "2*(1 - tanh(2*a1)^2)"],
    ["abs(a1)", "sign(a1)"],
    ["max(0,a1)", "where(0 - a1, 0, 1)"],
    ["min(a1,a2)", "where(a2 - a1, 1, 0)"],
    ["floor(a1)+sign(a1)", "0"],
    ["where(a1,a1^2,a2)", "where(a1, 2*a1, 0)"],
  ];
  for (const [text, expected] of table) {
    assertEquals(toInfix(derivative(parse(text), "a1")), expected, text);
  }
});

Deno.test("derivative is infinite where the slope is", () => {
  assertEquals(compile(derivative(parse("sqrt(a1)"), "a1"), ["a1"])([0]), Infinity);
  assertEquals(compile(derivative(parse("a1*log(a1)"), "a1"), ["a1"])([-1]), NaN);
});

const smooth: readonly FunctionName[] = [
  "sqrt",
  "exp",
  "log",
  "sin",
  "cos",
  "tanh",
  "cosh",
  "sinh",
];

/** What decides: equal up to a relative error of parts as large as `scale`. */
function assertClose(actual: number, expected: number, scale: number, message: string): void {
  assert(Math.abs(actual - expected) <= 1e-9 * (1 + scale), `${message}: ${actual}, ${expected}`);
}

Deno.test("derivative agrees with the derivative of mathjs", () => {
  const math = create(all ?? {}, { predictable: true });
  let judged = 0;
  fc.assert(
    fc.property(expressions([...smooth, "abs"]), point, (e, values) => {
      const slope = derivative(e, "a1");
      const scale = Math.max(largestPart(e, values), largestPart(slope, values));
      if (!(scale < 1e6)) return;
      const second: MathNode = math.derivative(toInfix(e), "a1", { simplify: false });
      const scope = Object.fromEntries(layout.map((name, index) => [name, values[index]]));
      const expected: unknown = second.evaluate(scope);
      // mathjs divides by zero at the kinks of abs and in x^0.
      if (typeof expected !== "number" || !Number.isFinite(expected)) return;
      assertClose(compile(slope, layout)(values), expected, scale, toInfix(e));
      judged++;
    }),
    { seed: 3, numRuns: 250 },
  );
  assert(judged > 120, `${judged}`);
});

Deno.test("derivative agrees with differences of the formula", () => {
  let judged = 0;
  fc.assert(
    fc.property(expressions(functionNames), point, (e, values) => {
      const slope = derivative(e, "a1");
      const scale = Math.max(largestPart(e, values), largestPart(slope, values));
      if (!(scale < 1e3)) return;
      const f = compile(e, layout);
      const g = compile(slope, layout);
      const shifted = (by: number): number[] => values.map((v, index) => index === 0 ? v + by : v);
      const h = 1e-4;
      const slopes = [-h, -h / 2, 0, h / 2, h].map((by) => g(shifted(by)));
      const spread = Math.max(...slopes) - Math.min(...slopes);
      // A kink or a pole is next to the point.
      if (!(spread <= 1e-2 * (1 + scale))) return;
      const [far = NaN, near = NaN] = [h, h / 2].map((by) =>
        Math.abs((f(shifted(by)) - f(shifted(-by))) / (2 * by) - g(values))
      );
      // Outside the domain it is not finite; at a jump it doubles as the points approach.
      if (!Number.isFinite(far + near) || (far > 1e-9 && near > 1.5 * far)) return;
      assert(
        Math.min(far, near) <= 2 * spread + 1e-6 * (1 + scale),
        `${toInfix(e)} at ${values}: off by ${far}, ${near}`,
      );
      judged++;
    }),
    { seed: 4, numRuns: 3000 },
  );
  assert(judged > 1500, `${judged}`);
});

Deno.test("derivative of a power with both parts variable is right", async () => {
  const e = parse("(1+a1^2)^(a1*a2)");
  const at = [0.7, 0.4];
  const h = 1e-5;
  const f = async (a1: number): Promise<number> =>
    (await evaluateExactly(e, { a1, a2: 0.4 })).toNumber();
  const difference = (await f(0.7 + h) - await f(0.7 - h)) / (2 * h);
  const slope = compile(derivative(e, "a1"), ["a1", "a2"])(at);
  assert(Math.abs(slope - difference) < 1e-8, `${slope}, ${difference}`);
});

/** A generator of numbers in [0, 1) with a fixed seed (mulberry32). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** float32 after every operation, sums in random order, functions up to two units wrong. */
function inFloat32(e: Expression, values: readonly number[], random: () => number): number {
  const round = Math.fround;
  const total = (terms: readonly number[]): number => {
    const rest = [...terms];
    let sum = rest.splice(Math.floor(random() * rest.length), 1)[0] ?? NaN;
    while (rest.length > 0) {
      sum = round(sum + (rest.splice(Math.floor(random() * rest.length), 1)[0] ?? NaN));
    }
    return sum;
  };
  const terms = fold<readonly number[]>(e, {
    number: (value) => [round(value)],
    symbol: (name) => [values[layout.indexOf(name)] ?? NaN],
    negate: (x) => x.map((term) => -term),
    binary(operator, xs, ys) {
      if (operator === "+") return [...xs, ...ys];
      if (operator === "-") return [...xs, ...ys.map((term) => -term)];
      const x = total(xs);
      const y = total(ys);
      if (operator === "*") return [round(x * y)];
      if (operator === "/") return [round(x / y)];
      return [round(Math.pow(x, y))];
    },
    call(name, operands) {
      const value = numeric(name, operands.map(total));
      const exact = ["abs", "min", "max", "floor", "sign", "where", "sqrt"].includes(name);
      return [round(exact ? value : value * (1 + (random() - 0.5) * 2 ** -22))];
    },
  });
  return total(terms);
}

Deno.test("compileBounded bounds float32 on random formulas", () => {
  const random = uniform(5);
  let judged = 0;
  fc.assert(
    fc.property(expressions(functionNames), point, (e, values) => {
      if (!(largestPart(e, values) < 1e30)) return;
      const bounded = compileBounded(e, layout)(values, 2 ** -24);
      if (bounded.error > 1e10) return;
      for (let order = 0; order < 3; order++) {
        const distance = Math.abs(inFloat32(e, values, random) - bounded.value);
        assert(
          distance <= bounded.error,
          `${toInfix(e)} at ${values}: off by ${distance}, bound ${bounded.error}`,
        );
      }
      judged++;
    }),
    { seed: 5, numRuns: 4000 },
  );
  assert(judged > 2000, `${judged}`);
});

Deno.test("compileBounded is sharp on the energies that occur", () => {
  const random = uniform(6);
  const ratios: number[] = [];
  for (const text of formulas) {
    for (const e of [parse(text), derivative(parse(text), "a1")]) {
      const run = compileBounded(e, layout);
      for (let sample = 0; sample < 150; sample++) {
        const values = layout.map(() => Math.fround(2 * random() - 1));
        const { value, error } = run(values, 2 ** -24);
        if (!Number.isFinite(value)) continue;
        const distance = Math.abs(inFloat32(e, values, random) - value);
        assert(distance <= error, `${toInfix(e)} at ${values}: off by ${distance}, bound ${error}`);
        const scale = 1 + largestPart(e, values);
        assert(error < 1e-4 * scale || text.startsWith("where"), `${toInfix(e)}: ${error}`);
        if (distance > 0) ratios.push(error / distance);
      }
    }
  }
  ratios.sort((x, y) => x - y);
  const median = ratios[Math.floor(ratios.length / 2)] ?? NaN;
  assert(ratios.length > 1000 && median < 30, `${ratios.length} ratios, median ${median}`);
});

Deno.test("compileBounded gives a function of an exact number a few roundings, and no more", () => {
  const unit = 2 ** -24;
  const errorOf = (text: string) => compileBounded(parse(text), layout)([0.75], unit);
  for (const name of ["exp", "sqrt", "log", "cosh"]) {
    const { value, error } = errorOf(`${name}(a1)`);
    const roundings = error / (unit * Math.abs(value));
    assert(roundings >= 1 && roundings <= 8, `${name}: ${roundings} roundings`);
  }
  // These are computed to within a few units of 1, not of the value.
  for (const name of ["sin", "cos", "tanh", "sinh"]) {
    const roundings = errorOf(`${name}(a1)`).error / unit;
    assert(roundings >= 1 && roundings <= 8, `${name}: ${roundings} roundings of 1`);
  }
});

Deno.test("compileBounded passes the error of an argument on, as far as the function is steep", () => {
  const unit = 2 ** -24;
  const bounded = (text: string) => compileBounded(parse(text), layout)([30], unit);
  const argument = bounded("a1*0.1").error;
  const slopes = { exp: Math.exp(3), sqrt: 0.5 / Math.sqrt(3), log: 1 / 3, cosh: Math.sinh(3) };
  for (const [name, slope] of Object.entries(slopes)) {
    const { value, error } = bounded(`${name}(a1*0.1)`);
    assert(error >= slope * argument, name);
    assert(error <= slope * argument + 8 * unit * value, name);
  }
});

Deno.test("compileBounded gives no error to what is exact", () => {
  const run = (text: string, values: readonly number[]): Bounded =>
    compileBounded(parse(text), layout)(values, 2 ** -24);
  assertEquals(run("0*a1", [0.3]), { value: 0, error: 0 });
  assertEquals(run("abs(-0.25)", []), { value: 0.25, error: 0 });
  assertEquals(run("0.1", []), { value: 0.1, error: 0.1 * 2 ** -24 });
  assertEquals(run("log(a1)", [-1]), { value: NaN, error: 0 });
  assertEquals(run("1/a1", [0]), { value: Infinity, error: 0 });
});

Deno.test("compileBounded allows a jump that the error can cross", () => {
  const run = (text: string, values: readonly number[]): number =>
    compileBounded(parse(text), layout)(values, 2 ** -24).error;
  assertEquals(run("sign(a1)", [0.5]), 0);
  assertEquals(run("sign(a1)", [0]), 1);
  assertEquals(run("sign(a1-0.1)", [Math.fround(0.1)]), 2);
  assertEquals(run("floor(a1)", [2]), 0);
  assertEquals(run("floor(10*0.1)", []), 1);
  assertEquals(run("where(a1,5,2)", [1e-9]), 0);
  assertEquals(run("where(a1-0.1,5,2)", [Math.fround(0.1)]), 3);
});

Deno.test("compileBounded says when nothing can be said", () => {
  const run = (text: string): number =>
    compileBounded(parse(text), layout)([Math.fround(0.1)], 2 ** -24).error;
  for (const text of ["1/(a1-0.1)", "sqrt(a1-0.1)", "log(a1-0.1)", "(a1-0.1)^-2"]) {
    assertEquals(run(text), Number.MAX_VALUE);
    for (const around of ["cos(", "0*(", "max(1,", "where(1,", "where("]) {
      const rest = around === "where(1," ? ",0)" : around === "where(" ? ",1,2)" : ")";
      assertEquals(run(around + text + rest), Number.MAX_VALUE, around + text);
    }
    assertEquals(run(`where(-1,${text},0)`), 0);
  }
});

Deno.test("fold visits a shared part once", () => {
  let visits = 0;
  let e: Expression = { kind: "symbol", name: "a1" };
  for (let depth = 0; depth < 100; depth++) {
    e = { kind: "binary", operator: "+", left: e, right: e };
  }
  const count = fold<number>(e, {
    number: () => 0,
    symbol: () => 1,
    negate: (x) => x,
    binary: (_operator, x, y) => (visits++, x + y),
    call: () => 0,
  });
  assertEquals([visits, count], [100, 2 ** 100]);
});
