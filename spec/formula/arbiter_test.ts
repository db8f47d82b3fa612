import { assert, assertEquals, assertRejects } from "@std/assert";
import { evaluateExactly } from "./arbiter.ts";
import { type Expression, parseFormula } from "./formula.ts";

const parse = (text: string): Expression => parseFormula(text, () => true, "a symbol");
const exactly = async (
  text: string,
  scope: Readonly<Record<string, number>> = {},
): Promise<string> => (await evaluateExactly(parse(text), scope)).toString();

Deno.test("evaluateExactly keeps 64 digits", async () => {
  assertEquals(
    await exactly("sqrt(2)"),
    "1.414213562373095048801688724209698078569671875376948073176679738",
  );
});

Deno.test("evaluateExactly takes a literal as float64 or as it is written", async () => {
  assertEquals(await exactly("0.1"), (0.1).toFixed(55));
  const decimal = await evaluateExactly(parse("0.1+0.2"), {}, { literals: "decimal" });
  assertEquals(decimal.toString(), "0.3");
});

Deno.test("evaluateExactly takes a value with all its digits", async () => {
  assertEquals(await exactly("x", { x: 2 ** -30 }), "9.31322574615478515625e-10");
  assertEquals(
    await exactly("x-y", { x: 1 + 2 ** -52, y: 1 }),
    "2.220446049250313080847263336181640625e-16",
  );
  assertEquals(await exactly("-x", { x: -(2 ** 80) }), "1.208925819614629174706176e+24");
  assertEquals((await evaluateExactly(parse("x"), { x: 5e-324 })).toNumber(), 5e-324);
});

Deno.test("evaluateExactly has no tolerance in floor, min, max and where", async () => {
  const scope = { x: 1, y: 1 + 2 ** -52, below: 3 - 2 ** -51 };
  assertEquals(await exactly("max(x,y)-1", scope), await exactly("y-1", scope));
  assertEquals(await exactly("min(y,x)-1", scope), "0");
  assertEquals(await exactly("floor(below)", scope), "2");
  assertEquals(await exactly("where(y-x,1,2)", scope), "1");
  assertEquals(await exactly("where(x-x,1,2)", scope), "2");
});

Deno.test("evaluateExactly gives NaN where there is no real value", async () => {
  for (const text of ["sqrt(-1)", "log(-1)", "(-8)^0.5", "max(n,1)", "min(1,n)"]) {
    assertEquals(await exactly(text, { n: NaN }), "NaN", text);
  }
  assertEquals(await exactly("where(n,1,2)", { n: NaN }), "2");
  assertEquals(await exactly("1/0"), "Infinity");
});

Deno.test("evaluateExactly comes to an end at large arguments", async () => {
  assertEquals(await exactly("tanh(1e9)"), "1");
  assertEquals(await exactly("tanh(-1e9)"), "-1");
  assertEquals(await exactly("sinh(-1e6)/cosh(1e6)"), "-1");
  assert(Math.abs(Number(await exactly("log(cosh(200))-200+log(2)"))) < 1e-60);
});

Deno.test("evaluateExactly allows the words of mathjs as symbols", async () => {
  const words = ["end", "to", "in", "mod", "pi", "e", "i", "N", "not", "true"];
  for (const name of words) {
    assertEquals(await exactly(`${name}^2+1`, { [name]: 2 }), "5", name);
  }
});

Deno.test("evaluateExactly wants a value for each symbol", async () => {
  const error = await assertRejects(() => exactly("x+y", { x: 1 }), Error);
  assert(String(error).includes('found no value of "y"'), String(error));
  await assertRejects(() => exactly("constructor", {}), Error, 'found no value of "constructor"');
});
