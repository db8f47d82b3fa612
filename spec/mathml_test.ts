import { assert, assertEquals, assertThrows } from "@std/assert";
import { SaxesParser } from "saxes";
import { defects } from "../src/defects/defects.ts";
import { parseFormula } from "./formula/parse.ts";
import { mathOfTeX, toMathML } from "./mathml.ts";
import { officialRule, type Rule, ruleSymbols } from "./rule.ts";
import { formulaNames, parseRuleFormula } from "./step.ts";

const names = Object.fromEntries(
  Object.entries(ruleSymbols).map(([symbol, { tex }]) => [symbol, tex]),
);

/** Throws with the place if a text is not well-formed XML. */
function requireXml(text: string): void {
  new SaxesParser().write(text).close();
}

/** The content of the math element. */
function inner(math: string): string {
  return math.replace(/^<math [^>]*>/, "").replace(/<\/math>$/, "");
}

const energyOf = (text: string) =>
  inner(toMathML(parseFormula(text, (symbol) => /^[ao]\d$/.test(symbol), "a1 or o1")));

Deno.test("an energy becomes presentation MathML", () => {
  assertEquals(
    energyOf("a1/2-0.5"),
    "<mrow><mfrac><msub><mi>a</mi><mn>1</mn></msub><mn>2</mn></mfrac><mo>−</mo><mn>0.5</mn></mrow>",
  );
  assertEquals(energyOf("a1^2"), "<msubsup><mi>a</mi><mn>1</mn><mn>2</mn></msubsup>");
  assertEquals(energyOf("where(a1-a2, a1, 0)").match(/<mtr>/g)?.length, 2);
});

Deno.test("a word is one name in plain letters, and a table aligns without a style sheet", () => {
  const drift = mathOfTeX("\\mathit{drift}_{k-1} + h");
  assert(drift.includes('<mi style="font-style:italic">drift</mi>'), drift);
  assert(drift.includes("<mi>h</mi>"), drift);
  const table = mathOfTeX("\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}", "block");
  assertEquals(table.match(/text-align:right/g)?.length, 2);
  assertEquals(table.match(/text-align:left/g)?.length, 2);
  assert(!/class="tml-(left|right)"/.test(table));
});

Deno.test("every formula of the rule and of every defect becomes well-formed MathML", () => {
  const rules: readonly Partial<Rule>[] = [officialRule, ...defects.map((defect) => defect.change)];
  let written = 0;
  for (const rule of rules) {
    for (const name of formulaNames) {
      const text = rule[name];
      if (text === undefined || text === "throws") continue;
      requireXml(toMathML(parseRuleFormula(text), names, "block"));
      written++;
    }
  }
  assert(written > 60, `${written}`);
});

Deno.test("every symbol's TeX can be written", () => {
  for (const { tex } of Object.values(ruleSymbols)) requireXml(mathOfTeX(tex));
});

Deno.test("the mathematics of the rule page can be written", async () => {
  const page = await Deno.readTextFile(new URL("../docs/rule.md", import.meta.url));
  const blocks = Array.from(page.matchAll(/```math\n([^]*?)```/g), (match) => match[1]!);
  const inline = Array.from(page.replaceAll(/```[^]*?```/g, "").matchAll(/\$([^$\n]+)\$/g))
    .map((match) => match[1]!);
  assert(blocks.length > 20 && inline.length > 20);
  for (const tex of [...blocks, ...inline]) {
    requireXml(mathOfTeX(tex, "block"));
  }
});

Deno.test("what is no TeX is refused", () => {
  for (const tex of ["a + \\nonsense{x}", "\\frac{a}", "{a", "a}", "\\left( a"]) {
    assertThrows(() => mathOfTeX(tex), Error);
  }
});

Deno.test("text is escaped", () => {
  const math = mathOfTeX("\\text{a < b \\& c}");
  requireXml(math);
  assert(math.includes("&lt;") && math.includes("&amp;"), math);
});
