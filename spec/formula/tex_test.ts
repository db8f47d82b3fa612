import { assertEquals } from "@std/assert";
import { parse } from "../../src/fixtures/random_formulas.ts";
import { toTeX } from "./tex.ts";

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
