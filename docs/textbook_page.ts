/**
 * The page `docs/textbook.md`: the rule beside textbook Langevin dynamics, and its picture.
 *
 * @module
 */

import { defectOf, ruleOf } from "../src/defects/defects.ts";
import {
  quadraticChainLaw,
  squaredStepTemperature,
  stationaryTemperature,
  textbookTemperature,
} from "../spec/laws.ts";
import { density } from "../spec/numerics/normal.ts";
import { officialDefaults } from "../spec/problem.ts";
import { compileRule, slots } from "../spec/compiled_rule.ts";
import { officialRule, stepCoordinate, stepSizes } from "../spec/rule.ts";
import { labels } from "../src/report/plot/labels.ts";
import { line, type Point, under } from "../src/report/plot/plot.ts";
import { markText, spread } from "../src/report/plot/scales.ts";
import { clauseLink, defectLink, math, shown, table, tex } from "./page_parts.ts";
import { inSequence, panelOf, type Picture, pictureOf } from "./panels.ts";
import { printed } from "./printed.ts";

const textbookNoise = defectOf("textbook-noise")!;
/** N, h and a_0 of the chain whose energy is shown. */
const steps = 100, curvature = 10, start = 1;

/** E[½h a_k²] before each step and after the last one, from the moments of a_k. */
function energies(stepSize: readonly number[], sampler: "rule" | "textbook"): number[] {
  let mean = start, variance = 0;
  const value = () => curvature / 2 * (mean * mean + variance);
  const result = [value()];
  for (const eta of stepSize) {
    const rho = 1 - eta * curvature * (sampler === "rule" ? 0.5 : 1);
    mean *= rho;
    variance = rho * rho * variance + (sampler === "rule" ? eta * eta : 2 * eta);
    result.push(value());
  }
  return result;
}

function officialSizes(): number[] {
  return stepSizes(officialDefaults.schedule, steps);
}

/** The picture of the page. */
export function textbookPicture(): Picture {
  const eta = officialDefaults.schedule.init;
  const deviation = Math.sqrt(stationaryTemperature(eta, 1, 1));
  const textbook = Math.sqrt(textbookTemperature(eta, 1));
  const bell = (s: number): Point[] => spread([-3.5, 3.5], 201).map((x) => [x, density(x / s) / s]);
  const left = panelOf({
    left: 48,
    width: 260,
    height: 230,
    across: [-3.5, 3.5],
    up: [0, 1.3],
    head: `Where chains settle, η = ${eta}, E = ½a²`,
    name: "action",
  });
  const sizes = officialSizes();
  const log = (values: readonly number[]) => inSequence(values.map(Math.log10));
  const rule = log(energies(sizes, "rule")), other = log(energies(sizes, "textbook"));
  const right = panelOf({
    left: 390,
    width: 240,
    height: 230,
    across: [0, steps],
    up: [-2.5, 1],
    upTicks: [[-2, "0.01"], [-1, "0.1"], [0, "1"], [1, "10"]],
    head: `Mean energy along a chain, E = ½·${curvature}a²`,
    name: "step",
  });
  const description =
    `Left: the densities that two chains of constant step size ${eta} settle at on the energy ½a². The rule's is narrow, of deviation ${
      markText(deviation)
    }; that of the textbook is nearly exp(−E), of deviation ${
      markText(textbook)
    }. Right: the exact mean energy along a chain of ${steps} steps with the official schedule, on a logarithmic scale. The rule goes down to ${
      markText(10 ** rule.at(-1)![1])
    }; the textbook stays near a half.`;
  return pictureOf("textbook", {
    title: "The rule and textbook Langevin dynamics",
    description,
    height: 325,
  }, [
    left.ground,
    under(left, bell(1)),
    line(left, bell(textbook), "actual"),
    line(left, bell(deviation), "expected"),
    labels(left, [
      { at: [0.45, 1.05], words: "the rule", kind: "expected" },
      { at: [1.05, 0.3], words: "textbook", kind: "actual" },
      { at: [-1.2, 0.27], words: "exp(−E)", kind: "guide", side: "left" },
    ]),
    right.ground,
    line(right, other, "actual"),
    line(right, rule, "expected"),
    labels(right, [
      { at: rule.at(-1)!, words: "the rule", kind: "expected" },
      { at: other.at(-1)!, words: "textbook", kind: "actual" },
    ]),
  ]);
}

const four = (value: number) => value.toFixed(4);
const short = (value: number) => String(Number(value.toPrecision(5)));

function temperatures(): string {
  return table(
    ["#step size", "#the rule", "#textbook", "#squared step"],
    [0.5, 0.1, 0.01, 0.001].map((size) => [
      size,
      four(stationaryTemperature(size, 1, 1)),
      four(textbookTemperature(size, 1)),
      four(squaredStepTemperature(size, 1)),
    ]),
  );
}

function deviations(): string {
  const { schedule } = officialDefaults;
  const final = schedule.kind === "polynomial" ? schedule.final : 0;
  const size = (id: string | null, eta: number) => {
    const rule = id === null ? officialRule : ruleOf(defectOf(id)!);
    return compileRule(rule).step(slots({ eta, drift: 0, noise: 1 }, rule));
  };
  return table(
    [
      "#$\\eta$",
      "#the rule, $\\eta$",
      "#$\\sqrt{\\eta}$",
      "#textbook, $\\sqrt{2\\eta}$",
      "#too large",
    ],
    [schedule.init, 0.01, 0.001, final].map((eta) => [
      eta === final ? "0.00001" : eta,
      eta === final ? "0.00001" : short(size(null, eta)),
      short(size("noise-root-of-step", eta)),
      short(size(textbookNoise.id, eta)),
      `${short(size(textbookNoise.id, eta) / eta)} ×`,
    ]),
  );
}

/** The same step, as the rule takes it and as the other two would at a temperature. */
function sameStep(): string {
  const action = 0.5, gradient = 1.5, draw = -0.75;
  const rows = [[0.25, 1], [0.1, 1], [0.1, 0.5]].map(([eta, sigma]) => {
    const { result } = stepCoordinate({
      action,
      gradient,
      gradClip: null,
      noiseScale: sigma!,
      draw,
      stepSize: eta!,
      deltaClip: 1,
      lower: -16,
      upper: 16,
    });
    const temperature = eta! * sigma! ** 2;
    const textbookStep = (eta! * sigma!) ** 2 / 2, squared = eta! * sigma!;
    const textbook = action - textbookStep * gradient / temperature -
      Math.sqrt(2 * textbookStep) * draw;
    const other = action - squared ** 2 / 2 * gradient / temperature - squared * draw;
    return [
      eta!,
      sigma!,
      short(temperature),
      short(textbookStep),
      short(squared),
      short(result),
      short(textbook),
      short(other),
    ];
  });
  for (const [, , , , , rule, textbook, other] of rows) {
    if (rule !== textbook || rule !== other) {
      throw new Error(`Cannot convert a step: found ${textbook} and ${other}, wanted ${rule}`);
    }
  }
  return table(
    [
      "#$\\eta$",
      "#$\\sigma$",
      "#$T$",
      "#$\\varepsilon$ of the textbook",
      "#$\\varepsilon$ of the squared step",
      "#the rule moves to",
      "#textbook at $T$",
      "#squared step at $T$",
    ],
    rows,
  );
}

/** The text of `docs/textbook.md`. */
export async function textbookPage(): Promise<string> {
  const sizes = officialSizes();
  const rule = energies(sizes, "rule"), textbook = energies(sizes, "textbook");
  const law = quadraticChainLaw({
    stepSizes: sizes,
    curvature,
    centre: 0,
    start,
    noiseScale: 1,
  });
  const exact = curvature / 2 * (law.mean ** 2 + law.variance);
  if (Math.abs(exact - rule.at(-1)!) > 1e-12) {
    throw new Error(`Cannot draw the chain: found the energy ${rule.at(-1)}, wanted ${exact}`);
  }
  return `<!-- Generated by \`deno task docs\` from docs/textbook_page.ts. Do not edit. -->

# Not the textbook sampler

The rule is called Langevin sampling, and it is not the Langevin sampler of the textbooks. Both follow
half or all of the gradient and add normal noise; they differ in what the noise is multiplied by. A
port that is written from a textbook, or from the prose of a paper, gets this wrong more easily than
anything else, and its chains still look alive: they move, they stay in the box, they find the good
region. What differs is how well.

## Three updates

Without the clips, with the step size $\\eta$ or $\\varepsilon$ and a standard normal draw $\\xi$:

${
    math(
      "\\begin{aligned}",
      `\\text{the rule}\\quad a' &= a - \\left(${tex(officialRule.step)}\\right) \\\\`,
      `\\mathit{drift} &= ${tex(officialRule.drift)},\\; \\mathit{noise} = ${
        tex(officialRule.noise)
      } \\\\`,
      "\\text{textbook}\\quad a' &= a - \\varepsilon\\,\\nabla E + \\sqrt{2\\varepsilon}\\,\\xi \\\\",
      "\\text{squared step}\\quad a' &= a - \\frac{\\varepsilon^2}{2}\\,\\nabla E + \\varepsilon\\,\\xi",
      "\\end{aligned}",
    )
  }

The second is the unadjusted Langevin algorithm; the third is the same with
$\\varepsilon^2 / 2$ for $\\varepsilon$, as Monte Carlo texts write it. Both take noise whose variance is
twice the factor of the gradient. The rule does not: its noise has the variance $\\eta^2\\sigma^2$
where the drift has the factor $\\eta / 2$.

## What each settles at

On the quadratic $h a^2 / 2$ with a constant step size, each settles at a normal law. Its temperature,
$h$ times its variance, is

${
    math(
      "\\begin{aligned}",
      "\\text{the rule}\\quad T &= \\frac{\\eta\\sigma^2}{1 - \\eta h/4} \\\\",
      "\\text{textbook}\\quad T &= \\frac{1}{1 - \\varepsilon h/2} \\\\",
      "\\text{squared step}\\quad T &= \\frac{1}{1 - \\varepsilon^2 h/4}",
      "\\end{aligned}",
    )
  }

For $h = 1$ and $\\sigma = 1$:

${temperatures()}

The other two approach $\\exp(-E)$, whose temperature is 1, as the step size falls. The rule approaches
temperature 0: to leading order it samples $\\exp(-E / (\\eta\\sigma^2))$, and along a falling schedule
it is an optimiser that starts warm and ends cold. That is what it is for: a policy wants a good
action, not a fair draw.

${shown(textbookPicture())}

The right side of the picture is exact: with the official schedule over ${steps} steps, from
$a = ${start}$ on $E = \\frac{1}{2} \\cdot ${curvature} a^2$ where no clip acts, the mean energy goes from
${rule[0]} to ${short(rule.at(-1)!)}; the textbook, given the same step sizes, ends at
${short(textbook.at(-1)!)}. Smaller steps do not cool it.

Further reasons why the rule is no sampler of any fixed density: its temperature changes with the
schedule and, where $\\eta h$ is not small, with the curvature; nothing corrects its discretisation; the
delta clip shortens its tails; the bounds gather probability on the walls; and the schedule freezes it
before it could settle. Tests of a stationary law therefore have nothing to test here, and ulaspec
has none. It judges [the law of one step](statistics.md).

## How wrong the noise is

The standard deviation of one step's noise at $\\sigma = 1$, over the range of the official schedule:

${deviations()}

The first steps are several times too wild, and the delta clip hides most of that. The last ones are
hundreds of times too wild, and nothing hides it: the chain does not come to rest.

## What it looks like in a check

The defect ${defectLink(textbookNoise.id)} is the rule with the textbook's noise, as it was seen in
${textbookNoise.seen}; its clause is ${clauseLink(textbookNoise.clause)}.

\`\`\`console
$ deno task ulaspec check defect:${textbookNoise.id} --clause noise
${await printed("check", `defect:${textbookNoise.id}`, "--clause", "noise")}
\`\`\`

Three lines give it away: the bug by name, the measured rule with the square root in it, and in the ledger
the first term that differs. The gradient and the draw are as they should be, and the step is not. A
port that has the textbook's drift too, the whole gradient instead of its half, shows
${clauseLink("drift/half")} beside it; [the tutorial](tutorial.md) starts from such a port.

## From one to the other

A step of the rule that no clip touches is a step of the other two on the energy $E / T$:

${
    math(
      "\\begin{aligned}",
      "T &= \\eta\\sigma^2 \\\\",
      "\\varepsilon &= \\frac{\\eta^2\\sigma^2}{2}\\quad\\text{(textbook)} \\\\",
      "\\varepsilon &= \\eta\\sigma\\quad\\text{(squared step)}",
      "\\end{aligned}",
    )
  }

From $a = 0.5$ with the gradient 1.5 and the draw −0.75, whose sign the rule turns:

${sameStep()}

The other way round, an implementation of the rule takes textbook steps of size $\\varepsilon$ with
$\\eta = 2\\varepsilon$ and $\\sigma = 1/\\sqrt{2\\varepsilon}$, the clips set so wide that they never act.
The noise scale then depends on the step size: with a falling schedule no single \`noise_scale\` will do,
and it is set anew in every step. To hit temperature 1 exactly on a quadratic of curvature $h$, take
$\\sigma_k = \\sqrt{(1 - \\eta_k h/4)/\\eta_k}$.

A robotics team's question whether the official noise is scaled rightly has been open since 2021
(\`google-research/ibc\`, issue 6). Measured against the official code, the answer is that the code
multiplies the noise by the step size, and that the published results were made so. A port that is
meant to reproduce them does the same.
`;
}
