/**
 * The page `docs/statistics.md`: how the statistical verdicts keep their promise.
 *
 * @module
 */

import { noiseTests } from "../properties/battery.ts";
import { noiseClauses } from "../properties/clauses.ts";
import {
  drawsOfFirstStage,
  drawsPerClause,
  evidenceShare,
  singleTestLevel,
} from "../properties/noise_law.ts";
import { usualPower } from "../properties/power.ts";
import {
  alternatives,
  confirmationLevel,
  defaultFalseAlarm,
  scaleDivergence,
  stageThresholds,
  usualGrowth,
} from "../properties/sequential.ts";
import { hoeffdingRadius, oneStepLaw, randomisedTransform } from "../spec/laws.ts";
import { show } from "../spec/numerics/number_text.ts";
import { shapes } from "../properties/small_batches.ts";
import { clauseLink, counted, math, shown, table } from "./page_parts.ts";
import { printed } from "./printed.ts";
import { rulePictures } from "./rule_pictures.ts";

/** A small probability as mathematics writes it. */
function chance(p: number): string {
  const [digits, power] = p.toExponential(2).split("e") as [string, string];
  const factor = Number(digits);
  if (Math.abs(Number(power)) < 3) return `$${show(p, 3)}$`;
  return factor === 1 ? `$10^{${Number(power)}}$` : `$${factor} \\times 10^{${Number(power)}}$`;
}

const whole = (n: number): string => n.toLocaleString("en-US");

/** What the calibration measured, from its own page. */
function calibrated(page: string): {
  readonly runs: string;
  readonly draws: string;
  readonly alarms: string;
  readonly smallest: string;
  readonly atEnds: string;
  readonly reached: string;
  readonly may: string;
} {
  const found = (pattern: RegExp): string => {
    const value = pattern.exec(page.replace(/\s+/g, " "))?.[1];
    if (value === undefined) {
      throw new Error(`Cannot read docs/calibration.md: found nothing like ${pattern}`);
    }
    return value;
  };
  return {
    runs: found(/([\d,]+) seeded runs/),
    draws: found(/each with ([\d,]+) recovered draws/),
    alarms: found(/False alarms: (\d+)/),
    smallest: found(/smallest combined p-value: ([\d.e-]+\d)/),
    atEnds: found(/\(([\d.]+ %) of the coordinates/),
    reached: found(/ever reaches 20 in ([\d.]+ %)/),
    may: found(/at most (\d+ %) may/),
  };
}

const begin = (words: string): string => words[0]!.toUpperCase() + words.slice(1);

function budgetTable(level: number): string {
  return table(
    ["clause", "#draws", "#tests", "#level of one test", "smallest effect that it sees"],
    noiseClauses.map(({ id, noise: check }) => {
      const draws = drawsOfFirstStage(check, drawsPerClause.standard, "every-step");
      const single = singleTestLevel(level, check.tests.length);
      return [
        clauseLink(id),
        whole(draws),
        check.tests.length,
        check.tests.length === 0 ? "" : chance(single),
        check.effect(draws, single),
      ];
    }),
  );
}

function stageTable(level: number): string {
  const draws = drawsPerClause.standard;
  return table(
    ["#stage", "#draws", "#reject up to", "#accept above"],
    stageThresholds({ level }).map(({ reject, accept }, j) => [
      j + 1,
      whole(j === 0 ? draws : usualGrowth * draws),
      chance(reject),
      accept.toPrecision(3),
    ]),
  );
}

/** Three ends of the same step, and what they say of the noise. */
function transformTable(): string {
  const stepSize = 0.1, limit = 0.15, gradient = 1;
  const law = oneStepLaw({
    action: 0,
    gradient,
    limit,
    lower: -1,
    upper: 1,
    stepSize,
    noiseScale: 1,
  });
  const rows = [law.lower, -0.05, 0.1, law.upper].map((x) => {
    const at = (v: number) => {
      const found = randomisedTransform(law, x, 0, v);
      if (found.kind === "outside") throw new Error(`Cannot transform ${x}: it is out of reach`);
      return found;
    };
    const atom = at(0.5).kind === "atom";
    const range = (of: "uniform" | "normal") =>
      atom ? `${at(1e-9)[of].toFixed(3)} … ${at(1 - 1e-9)[of].toFixed(3)}` : at(0.5)[of].toFixed(3);
    return [
      show(x, 6).replace("-", "−"),
      atom ? "an end" : "inside",
      range("uniform").replaceAll("-", "−"),
      atom ? "drawn within that probability" : range("normal").replaceAll("-", "−"),
    ];
  });
  return table(["#$a'$", "where", "#$u$", "#$z$"], rows);
}

/** The text of `docs/statistics.md`. */
export async function statisticsPage(): Promise<string> {
  const calibration = calibrated(
    await Deno.readTextFile(new URL("calibration.md", import.meta.url)),
  );
  const level = defaultFalseAlarm / noiseClauses.length;
  const battery = level * (1 - evidenceShare);
  const stages = stageThresholds({ level: battery });
  const beta = stages[0]!.reject, gamma = stages[0]!.accept - beta;
  const power = await printed("power", "--profile", "quick");
  const wrong = await printed(
    "check",
    "defect:noise-same-every-call",
    "--clause",
    "noise/fresh-each-call",
  );
  const pictures = await rulePictures();
  const scales = alternatives.filter(({ mean }) => mean === 0);
  const shifts = alternatives.filter(({ mean }) => mean !== 0);
  return `<!-- Generated by \`deno task docs\` from docs/statistics_page.ts. Do not edit. -->

# How the statistics keep their promise

The promise is one number: a run of \`check\` rejects a correct sampler's noise with
probability at most ${
    chance(defaultFalseAlarm)
  }. It is not an estimate. This page shows what it rests on, what the
tests can see at that price, and what was measured.

## What may be asserted about random output

Less than you'd like. The mean energy of a chain need not fall: near a minimum the noise
lifts it. The final actions follow no density that could be compared with them:
[the rule does not sample $\\exp(-E)$](textbook.md). A mean of a few runs proves nothing by itself.

Two things can be asserted exactly.

- **With injected noise nothing is random.** A sampler that takes its draws from ulaspec is compared
  step by step, from the point where it really was, within the error of float32. That is no statistics,
  and no budget is spent on it. Most ports can be judged so.
- **The law of one step is known for every energy.** Given the point before the step, the gradient is a
  number, and each coordinate of the point after it is a normal variable of mean
  $\\mu = a - \\eta\\tilde g/2$ and deviation $s = \\eta\\sigma$, clamped to an interval $[L, U]$
  ([proof](rule.md#one-step-is-one-clamp-of-a-normal-draw)).

A sampler that draws its own noise is judged by the second. ulaspec asks the sampler for chains, looks
at the points where it asked its network, and recovers from each step the draw that must have been
behind it.

## Coordinates of a sampler's own

A chain in float32 may be kept in other coordinates than actions: places in the box from -1 to 1,
distances from a bound, what the mean and the deviation of data make of actions. Its rounding is as
large as the box, however short the steps. So each run first looks at a chain that rests, without
gradient and noise. One that is kept as actions stays exactly where it starts. One that is mapped and
mapped back is seen a few last digits away, and these are taken for rounding if they are no larger
than the bounds explain, lean to no side, are tiny in a tiny box and the same in every call.
A wrong limit, factor or memory doesn't move a chain that rests, so it is never excused by this.

Then, and only then, each step may be off by another $16\\,u\\max(|lo|, |hi|, |a|)$, $u = 2^{-24}$, and
by what numbers of the sampler's own round in a tiny box, four times over: in steps and traces, in
figures, at the ends of the intervals below. The experiments that measure the rule stand in nearer
walls. The report says how much was taken as rounding.

## From a clipped step back to its noise

Inside the interval the draw follows from the point: $z = (a' - \\mu)/s$. At an end it does not: all that
is known is that it was at least so large. There the checker draws by itself, uniformly within the
probability of the end. This is the randomised probability integral transform (Dunn and Smyth, 1996):

${
    math(
      "u = \\begin{cases}",
      "v \\cdot P(L) & a' = L \\\\",
      "P(a') & L < a' < U \\\\",
      "1 - (1 - v)(1 - P(U)) & a' = U",
      "\\end{cases}",
    )
  }

where $P(x)$ is the probability of at most $x$ without the clamp,
and $v$ uniform on $(0, 1)$ from a generator of the checker's own. If the sampler follows the rule,
$u$ is uniform and $z$, its normal quantile, is standard normal: not nearly, exactly, for any energy and
however often the clips act. And because that holds given everything before the step, the values of all
steps, rows and axes are independent. One table of them feeds every test. For $a = 0$, a gradient of 1,
step size 0.1, noise scale 1 and a limit of 0.15:

${transformTable()}

${shown(pictures["oneStep"]!)}

A point beyond the interval has the probability 0. It needs no test; it is a violation.

Where ulaspec sees nothing but final actions, chains of two steps with final step size 0 are run:
their result is one exact step.

## The tests

${
    begin(counted(Object.keys(noiseTests).length))
  } tests look at the recovered draws. Every p-value is exact or conservative at every number of draws:
normal, chi-square and binomial tails that are computed to the last digits that matter
(\`spec/numerics/tails.ts\`), Massart's bound for the distribution function. None rests on a limit theorem. Where
a test looks at several places, such as every step, it is corrected for their number inside.

${table(["test", "if the noise is right"], Object.entries(noiseTests))}

These tables are large, and their numbers of rows are even. So three clauses look at small batches as
well, of 1 to ${Math.max(...shapes.map(([groups, samples]) => groups * samples))} rows on up to ${
    Math.max(...shapes.map(([, , axes]) => axes))
  } axes, odd numbers among them: the size of the noise of
every row, axis and coordinate, draws that are those of another one, and the sums of every two.

## One budget

${
    begin(counted(noiseClauses.length))
  } clauses are judged statistically. Each gets an equal share of the budget $\\alpha$, of
which evidence that is gathered draw by draw, or small batches, may spend ${
    100 * evidenceShare
  } % and the battery the rest; within the
battery the smallest p-value counts, times the number of tests. By the union bound the whole run stays
within $\\alpha$, whatever the tests have to do with each other:

${
    math(
      `P(\\text{any false alarm}) \\le \\sum_{\\text{clauses}} \\frac{\\alpha}{${noiseClauses.length}} = \\alpha,\\qquad \\alpha = 10^{${
        Math.log10(defaultFalseAlarm)
      }}.`,
    )
  }

A share is ${chance(level)}. What the first stage sees with a power of ${usualPower}, in the profile
\`standard\`:

${budgetTable(level)}

A clause without tests counts only what is impossible: a step beyond its limit.

## Stages

A clear case should cost little and a doubtful one deserves more draws. So a check decides in up to
${counted(stages.length)} stages, each with fresh draws (Gandy and Scott, 2020). With
$\\beta = \\mathit{level}/${stages.length}$ and $\\gamma = \\beta^{1/${stages.length}}$, stage $j$ rejects
a p-value up to $\\beta\\gamma^{-(j-1)}$ and accepts one above that plus $\\gamma$; what lies between goes
on. A correct sampler reaches stage $j$ with probability at most $\\gamma^{j-1}$ and is then rejected
with at most $\\beta\\gamma^{-(j-1)}$: each stage costs $\\beta$, all together the level. Here
$\\beta$ = ${chance(beta)} and $\\gamma$ = ${gamma.toPrecision(3)}:

${stageTable(battery)}

So a correct sampler is done after the first stage in all but about ${
    (100 * gamma).toFixed(0)
  } of 100 cases, and the extra
stages are what lets the tests see effects that one stage would miss. After the last stage, what is not
rejected is accepted.

A rejection is not yet a verdict: another run with fresh draws must confirm it at
${
    chance(confirmationLevel)
  }. This can only make false alarms rarer. Verdicts that need no chance at all, a step
out of reach or a second call that repeats the first, are not asked twice.

## Why peeking costs nothing

Testing again after every few draws and stopping when it looks bad is the usual way to break a
statistical promise. The evidence that is gathered beside the stages is made for exactly that. It is
the likelihood of the draws under ${
    counted(alternatives.length)
  } alternatives, averaged, over their likelihood under the
standard normal law:

${
    math(
      `e_n = \\frac{1}{${alternatives.length}} \\sum_j \\frac{p_j(z_1)\\,p_j(z_2) \\dots p_j(z_n)}{p_0(z_1)\\,p_0(z_2) \\dots p_0(z_n)}`,
    )
  }

The alternatives are normal laws of deviation ${
    scales.map(({ deviation }) => deviation).join(", ")
  },
and of mean ${
    shifts.map(({ mean }) => String(mean).replace("-", "−")).join(", ")
  }. If the noise is right, $e_n$ has the mean 1 after every draw, given all before, and then the
chance that it *ever* reaches $1/\\alpha$ is at most $\\alpha$ (Ville's inequality). One may look at it
after every draw. A check rejects when it reaches ${
    whole(Math.round(1 / (level * evidenceShare)))
  }. Under an alternative its logarithm grows with each draw by the Kullback–Leibler divergence,
$(s^2 - 1)/2 - \\log s$ for a scale $s$: ${scaleDivergence(0.9).toFixed(5)} for noise that is
10 % too small, ${scaleDivergence(2).toFixed(3)} for noise that is twice too large.

## What “no verdict” means

- **holds** says that nothing spoke against the clause at this level. It does not say that the noise is
  right to the last per cent; the report prints, beside each statistical clause, the smallest effect that
  it would have seen.
- **not binding** on ${clauseLink("noise/standard-normal")}, ${
    clauseLink("noise/independent")
  } and ${clauseLink("noise/fresh-each-call")} means that ulaspec supplied the draws, so there is
  nothing of the sampler's to test. A sampler that can do both, take a tape and draw by itself, says so
  with \`noise: "both"\` and is judged in both ways.
- **not judged** stands where a foundation is violated: if the noise has the wrong size, its law is
  not looked at, so that one bug gives one violation.

A statistical violation looks like every other one, with the budget at its end:

\`\`\`console
$ deno task ulaspec check defect:noise-same-every-call --clause noise/fresh-each-call
${wrong}
\`\`\`

The same seed gives the same chains and the same p-values; a seeded sampler in CI cannot be flaky. A
sampler that ignores \`call.seed\` gives new draws in every run, and the promise above is then literally
about the runs.

## Choosing the price

\`--false-alarm P\` sets another budget: \`1e-9\` for a suite that runs thousands of times a day, \`0.01\`
for one look at a suspect. A smaller budget sees less, and by little: the number of draws that a test
needs grows with the logarithm of the budget. \`power\` prints the figures for any setting, exactly:

\`\`\`console
$ deno task ulaspec power --profile quick
${power}
\`\`\`

## The energy

${
    clauseLink("energy/expected-descent")
  } is about a mean over many rows, with injected draws. It is compared
with the exact value, within Hoeffding's radius: the mean of $n$ independent values, each within an
interval of length $R$, is farther from its expectation than

${math("R\\,\\sqrt{\\frac{\\log(2/\\alpha)}{2n}}")}

with probability at most $\\alpha$: ${
    hoeffdingRadius(1, 2048, 1e-10).toFixed(3)
  } for $R = 1$, $n = 2048$ and $\\alpha = 10^{-10}$. The draws are
ulaspec's own, the same for every sampler, so nothing of the budget is spent here.

## Measured

[docs/calibration.md](calibration.md) is the end of the argument. \`deno task calibrate\` ran
${calibration.runs} times the whole battery on correct samplers, the tensor reference among them, each with
${calibration.draws} recovered draws of a problem on which the clips act all the time
(${calibration.atEnds} of the coordinates rather at an end of their interval than inside): **${calibration.alarms} false
alarms**, smallest combined p-value ${calibration.smallest}. Against correct noise the gathered evidence ever reaches
20 in ${calibration.reached} of the runs, where ${calibration.may} may. The same page has the power of every test on noise with
known defects, simulated and exact.
`;
}
