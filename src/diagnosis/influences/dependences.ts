/**
 * On what a step depends beside gradients and draws, where nothing that is known explains it: on
 * gradients at other points, on the value of the energy, on a setting that is none of its business.
 *
 * @module
 */

import { sameSlopesAlong } from "../../../properties/arbitraries.ts";
import type { Problem, Rows, Settings } from "../../../spec/problem.ts";
import { problemFor } from "../../../spec/rule_parts.ts";
import { noiseOrigin, type Target } from "../../../spec/sampler.ts";
import { same } from "../../../spec/trajectory.ts";
import { singled } from "../experiments/end_experiments.ts";
import { windows } from "../experiments/experiments.ts";
import type { Influence } from "../figures/measurement.ts";
import { observeProbes } from "../experiments/observations.ts";
import { bothShown, shown } from "../figures/figures.ts";

const plain: Problem = (() => {
  const [given] = windows[0]!.drift.calls, { init } = given!.settings.schedule;
  const schedule = { kind: "polynomial", init, final: init, power: 1 } as const;
  return { ...given!, settings: { ...given!.settings, schedule, steps: 2 } };
})();

/** What a target returns for problems, each of a sampler of its own; nothing where it fails. */
async function endsOf(
  target: Target,
  problems: readonly Problem[],
): Promise<readonly (Rows | undefined)[]> {
  const seen = await observeProbes(
    target,
    problems.map((problem, j) => ({
      name: `dependence ${j}`,
      calls: [problemFor(target, problem)],
    })),
  );
  return seen.map(({ calls: [call] }) => call === "throws" ? undefined : call!.final);
}

const withSettings = (change: Partial<Settings>): Problem => ({
  ...plain,
  settings: { ...plain.settings, ...change },
});

const raised = (by: number): Problem => ({ ...plain, energy: `${plain.energy} + (${by})` });

/** Other bounds, which nothing reaches. */
const wider = withSettings({
  bounds: {
    min: plain.settings.bounds.min.map((lo) => lo - 64),
    max: plain.settings.bounds.max.map((hi) => hi + 128),
  },
});

/** Changes that move nothing under any rule of the family. */
const changes: readonly (readonly [Influence["on"], string, Problem])[] = [
  ["other", "the value of the energy: it is another one where 16 is added to it", raised(16)],
  ["other", "the value of the energy: it is another one where 16 is taken from it", raised(-16)],
  ["setting", "the noise scale, though all draws are zero", withSettings({ noiseScale: 2 })],
  ["setting", "the delta clip, though nothing reaches the limit", withSettings({ deltaClip: 40 })],
  ["setting", "the bounds, though nothing reaches them", wider],
];

/** What the steps of a target depend on beside the gradient at the point where they begin. */
export async function dependencesOf(target: Target): Promise<readonly Influence[]> {
  const silent = noiseOrigin(target) !== "own";
  const tried = changes.filter(([on, , { settings }]) =>
    on !== "setting" || silent || settings.noiseScale === 0
  ).filter(([, , problem]) => target.bounds !== "scalar" || problem !== wider);
  const [usual, again, ...others] = await endsOf(
    target,
    [plain, plain, ...tried.map(([, , problem]) => problem)],
  );
  // Whatever differs from call to call tells nothing.
  if (usual === undefined || again === undefined || !same(usual, again)) return [];
  const { min, max } = plain.settings.bounds;
  const walled = usual.some((row) => row.some((a, i) => a <= min[i]! || a >= max[i]!));
  const found = tried.flatMap(([on, text, problem], j): Influence[] => {
    // What runs into the walls depends on them.
    if (walled && problem === wider) return [];
    const other = others[j];
    return other === undefined || isNear(usual, other) ? [] : [{
      on,
      text: `A step depends on ${text}${on === "setting" ? `; ${apartWords(usual, other)}` : ""}`,
    }];
  });
  const byValue = found.filter(({ on }) => on === "other").slice(0, 1);
  const rows = await followsOthers(target);
  const all = [...rows, ...byValue, ...found.filter(({ on }) => on !== "other")];
  const isElsewhere = byValue.length === 0 && await asksElsewhere(target);
  // A drift that goes by more than the gradient makes draws move otherwise, too.
  if (!isElsewhere && all.length === 0) return await noiseBySlope(target);
  return isElsewhere ? [elsewhere, ...all] : all;
}

/** Whether a row moves otherwise where only the other rows start elsewhere, without noise or with it. */
async function followsOthers(target: Target): Promise<readonly Influence[]> {
  const { settings, initial } = plain, own = noiseOrigin(target) === "own";
  const energy = `${plain.energy} + 0.25*(${initial[0]!.map((_, i) => `a${i + 1}^2`).join(" + ")})`;
  const draws = Array.from(
    { length: settings.steps },
    (_, k) => initial.map((row, r) => row.map((_, i) => (1 + k + 2 * r + i) / 16)),
  );
  const silent = { ...plain, energy },
    noisy: Problem = {
      ...silent,
      settings: { ...settings, noiseScale: 1 },
      noise: { kind: "tape", draws },
    };
  const pairs = (own ? [silent] : [silent, noisy]).map((problem) => [
    problem,
    { ...problem, initial: initial.map((row, r) => r === 0 ? row : row.map((a) => a / 2 - 1 / 8)) },
  ]);
  const ends = await endsOf(target, pairs.flat());
  const from = initial[0]!;
  for (let j = 0; j < ends.length; j += 2) {
    const one = ends[j]?.[0], other = ends[j + 1]?.[0];
    if (one === undefined || other === undefined || isNear([one], [other])) continue;
    const axis = one.findIndex((a, i) => !isNear([[a]], [[other[i]!]]));
    const [moved, instead] = bothShown(one[axis]! - from[axis]!, other[axis]! - from[axis]!);
    return [{
      on: "other row",
      text:
        `A row depends on where other rows are: one moves by ${moved}, and by ${instead} where ` +
        "they start elsewhere",
    }];
  }
  return [];
}

/** Whether a step without noise is another one where the same slopes begin elsewhere. */
export async function placeDependence(target: Target): Promise<readonly Influence[]> {
  const single = { ...plain, settings: { ...plain.settings, noiseScale: 0 } };
  const initial = single.initial.map((row) => row.map((a) => a + 0.375));
  const [here, there] = await endsOf(target, [single, { ...single, initial }]);
  if (!here || !there) return [];
  for (const [r, row] of here.entries()) {
    for (const [i, a] of row.entries()) {
      const from = single.initial[r]![i]!, one = a - from, other = there[r]![i]! - from - 0.375;
      if (isNear([[one]], [[other]])) continue;
      const [first, second] = bothShown(one, other);
      return [{
        on: "action",
        text: `A step depends on the action, not only through the gradient: on one slope it ` +
          `moves by ${first} from ${shown(from)}, and by ${second} from ${shown(from + 0.375)}`,
      }];
    }
  }
  return [];
}

/** How a coordinate moves by a draw where there is no slope, and on one. */
interface Drawn {
  readonly flatly: number;
  readonly steeply: number;
  /** Whether drift and noise go farther together than each by itself, which no limit makes of them. */
  readonly isFarther: boolean;
}

/** Whether draws move a coordinate otherwise on a slope than where there is none. */
async function noiseBySlope(target: Target): Promise<readonly Influence[]> {
  if (noiseOrigin(target) === "own") return [];
  const found = await drawnOnSlope(target, 1);
  if (found === undefined) return [];
  // What small slopes and draws do not show, a limit or a wall may have made.
  if (!found.isFarther && await drawnOnSlope(target, 1 / 64) === undefined) return [];
  const [flatly, steeply] = bothShown(found.flatly, found.steeply);
  return [{
    on: "other",
    text: `The noise depends on the gradient: draws of 1 move a coordinate by ${flatly} ` +
      `where there is no slope, and by ${steeply} on one`,
  }];
}

/** A coordinate that draws move otherwise on a slope, both of a part of the usual size. */
async function drawnOnSlope(target: Target, part: number): Promise<Drawn | undefined> {
  const { settings, initial, energy } = plain;
  const tape = (size: number): Problem["noise"] => ({
    kind: "tape",
    draws: Array.from({ length: settings.steps }, () => initial.map((row) => row.map(() => size))),
  });
  const noisy = { ...plain, settings: { ...settings, noiseScale: 1 } };
  const problems = [0, part].flatMap((slope) =>
    [0, part].map((size): Problem => ({
      ...noisy,
      energy: `${slope} * (${energy})`,
      noise: tape(size),
    }))
  );
  const [still, drawn, sloped, both] = await endsOf(target, problems);
  if (!still || !drawn || !sloped || !both) return undefined;
  // What moves without both is drawn to something, such as another wall.
  if (!isNear(still, initial)) return undefined;
  for (const [r, row] of still.entries()) {
    for (const [i, from] of row.entries()) {
      const flatly = drawn[r]![i]! - from, drift = sloped[r]![i]! - from;
      const steeply = both[r]![i]! - sloped[r]![i]!;
      if (isNear([[flatly]], [[steeply]])) continue;
      const isFarther = Math.abs(drift + steeply) > Math.abs(drift) + Math.abs(flatly) + 1e-5;
      return { flatly, steeply, isFarther };
    }
  }
  return undefined;
}

const elsewhere: Influence = {
  on: "other",
  text: "A step depends on the gradient at another point than the one where it begins: another " +
    "curvature changes it, though gradients at the points of the chain stay the same",
};

/** Whether a chain of two steps ends elsewhere where the gradients at its points are the same. */
async function asksElsewhere(target: Target): Promise<boolean> {
  const row = (rows: Rows) => rows.slice(0, 1);
  const straight: Problem = {
    ...plain,
    groups: 1,
    samples: 1,
    observations: row(plain.observations),
    initial: row(plain.initial),
    noise: { kind: "tape", draws: [0, 1].map(() => [plain.initial[0]!.map(() => 0)]) },
  };
  const single = singled["second step without size"](straight);
  const [first, alone, end] = await endsOf(target, [
    single,
    singled["one step"](straight),
    straight,
  ]);
  if (first === undefined || alone === undefined || end === undefined) return false;
  // Where the second step has a size, its end tells nothing of the first.
  if (!isNear(first, alone)) return false;
  const from = straight.initial[0]!, to = first[0]!;
  const bent = { ...straight, energy: straight.energy + sameSlopesAlong(from, to) };
  const [other] = await endsOf(target, [bent]);
  return other !== undefined && !isNear(end, other);
}

function isNear(one: Rows, other: Rows): boolean {
  return one.every((row, r) =>
    row.every((a, i) => Math.abs(a - other[r]![i]!) <= 3e-6 * (1 + Math.abs(a)))
  );
}

/** Where two ends differ most, in words. */
function apartWords(usual: Rows, other: Rows): string {
  let most = { off: 0, row: 0, axis: 0 };
  usual.forEach((ends, row) =>
    ends.forEach((a, axis) => {
      const off = Math.abs(a - other[row]![axis]!);
      if (off > most.off) most = { off, row, axis };
    })
  );
  const { row, axis } = most, from = plain.initial[row]![axis]!;
  const [moved, instead] = bothShown(other[row]![axis]! - from, usual[row]![axis]! - from);
  return `in two steps one coordinate moves by ${moved} instead of ${instead}`;
}
