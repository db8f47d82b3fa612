import { assert, assertEquals, assertThrows } from "@std/assert";
import { defects, ruleOf } from "../src/defects/defects.ts";
import { defectSymbols } from "../src/defects/symbols.ts";
import { parseFormula } from "./formula/formula.ts";
import { mathOfTeX, TeXError, toMathML } from "./mathml.ts";
import { parseRuleFormula, type Symbols } from "./compiled_rule.ts";
import { formulaNames, officialRule, ruleSymbols } from "./rule.ts";
import { xmlFault } from "./xml_fault.ts";

const namesOf = (symbols: Symbols) =>
  Object.fromEntries(Object.entries(symbols).map(([symbol, { tex }]) => [symbol, tex]));

/** The content of the math element. */
function inner(math: string): string {
  return math.replace(/^<math [^>]*>/, "").replace(/<\/math>$/, "");
}

const energyOf = (text: string) =>
  inner(toMathML(parseFormula(text, (symbol) => /^[ao]\d$/.test(symbol), "a1 or o1")));

Deno.test("numbers, symbols and operators become elements", () => {
  assertEquals(
    energyOf("2*a1-0.5"),
    "<mn>2</mn><msub><mi>a</mi><mn>1</mn></msub><mo>−</mo><mn>0.5</mn>",
  );
});

Deno.test("a minus is a sign or a difference", () => {
  assertEquals(energyOf("-a1"), '<mo form="prefix">−</mo><msub><mi>a</mi><mn>1</mn></msub>');
  const clip = toMathML(parseRuleFormula(officialRule.clippedStep), namesOf(ruleSymbols));
  assert(clip.includes('<mo>,</mo><mo form="prefix">−</mo><mi>ℓ</mi>'), clip);
});

Deno.test("fractions, roots, powers and bars have one element in every place", () => {
  assertEquals(
    energyOf("a1/(a2+1)"),
    "<mfrac><msub><mi>a</mi><mn>1</mn></msub>" +
      "<mrow><msub><mi>a</mi><mn>2</mn></msub><mo>+</mo><mn>1</mn></mrow></mfrac>",
  );
  assertEquals(
    energyOf("sqrt(abs(a1))"),
    '<msqrt><mrow><mo fence="true">|</mo><msub><mi>a</mi><mn>1</mn></msub>' +
      '<mo fence="true">|</mo></mrow></msqrt>',
  );
  assertEquals(
    energyOf("a1^2"),
    "<msubsup><mi>a</mi><mn>1</mn><mn>2</mn></msubsup>",
  );
});

Deno.test("a choice becomes a table", () => {
  const math = energyOf("where(a1-a2, a1, 0)");
  assert(math.startsWith('<mrow><mo fence="true">{</mo><mtable>'), math);
  assertEquals(math.match(/<mtr>/g)?.length, 2);
  assert(math.includes("<mtext>if </mtext>"), math);
});

Deno.test("every formula of the rule and of every defect becomes well-formed MathML", () => {
  const rules = [officialRule, ...defects.map(ruleOf)];
  let written = 0;
  for (const rule of rules) {
    for (const name of formulaNames) {
      const text = rule[name];
      assertEquals(
        xmlFault(toMathML(parseRuleFormula(text, rule.symbols), namesOf(rule.symbols), "block")),
        null,
        text,
      );
      written++;
    }
  }
  assert(written > 60, `${written}`);
});

Deno.test("every symbol's TeX can be written", () => {
  for (const { tex } of Object.values(defectSymbols)) assertEquals(xmlFault(mathOfTeX(tex)), null);
});

Deno.test("the mathematics of the rule page can be written", async () => {
  const page = await Deno.readTextFile(new URL("../docs/rule.md", import.meta.url));
  const blocks = Array.from(page.matchAll(/```math\n([^]*?)```/g), (match) => match[1]!);
  const inline = Array.from(page.replaceAll(/```[^]*?```/g, "").matchAll(/\$([^$\n]+)\$/g))
    .map((match) => match[1]!);
  assert(blocks.length > 20 && inline.length > 20);
  for (const tex of [...blocks, ...inline]) {
    assertEquals(xmlFault(mathOfTeX(tex, "block")), null, tex);
  }
});

Deno.test("what is not known is refused with its place", () => {
  for (
    const [tex, place] of [
      ["a + \\href{x}{y}", 4],
      ["\\frac{a}", 8],
      ["{a", 2],
      ["a}", 1],
      ["\\left( a", 8],
      ["a @ b", 2],
      ["\\begin{matrix}a\\end{matrix}", 13],
    ] as const
  ) {
    assertThrows(() => mathOfTeX(tex), TeXError, `Cannot read TeX at character ${place}: found`);
  }
});

Deno.test("text is escaped", () => {
  assert(mathOfTeX("\\text{a < b & c}").includes("a &lt; b &amp; c"));
});
