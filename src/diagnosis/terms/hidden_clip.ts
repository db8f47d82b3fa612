/**
 * Gradients that are limited though no gradient clip is set: by value, or by a norm.
 *
 * @module
 */

import { norm } from "../../../spec/numerics/norm.ts";
import type { Rows } from "../../../spec/problem.ts";
import { gentleSlopes, steeperSlopes } from "../experiments/gradient_ladder.ts";
import type { Observation } from "../experiments/observations.ts";
import { chainOf, type SeenChain } from "../experiments/response.ts";
import { movesOf } from "./swaps.ts";
import { type Hypothesis, knownSuspects, type Suspect } from "./suspects.ts";
import { rounded, shown } from "../figures/figures.ts";

/** How gradients can be limited to T, by what the limit acts on. */
const kinds = [
  {
    formula: (most: number) => `min(max(g, -${most}), ${most})`,
    title: (most: string) => `Gradients are clipped to ±${most}`,
    written: (symbol: string, most: string) => `clip(${symbol}, ±${most})`,
    limits: (slopes: Rows, most: number) =>
      slopes.map((row) => row.map((slope) => Math.min(Math.max(slope, -most), most))),
    most: (used: Rows) => Math.max(...used.flat().map(Math.abs)),
  },
  {
    formula: (most: number) => `g * min(1, ${most} / max(gNorm, 1e-12))`,
    title: (most: string) => `Each row's gradient is scaled to a norm of at most ${most}`,
    written: (symbol: string, most: string) => `${symbol}·min(1, ${most}/‖${symbol}‖)`,
    limits: (slopes: Rows, most: number) => slopes.map((row) => shortened(row, row, most)),
    most: (used: Rows) => Math.max(...used.map((row) => norm(row, "2"))),
  },
  {
    formula: (most: number) => `g * min(1, ${most} / max(gMax, 1e-12))`,
    title: (most: string) =>
      `Each row's gradient is scaled so that its largest component is at most ${most}`,
    written: (symbol: string, most: string) => `${symbol}·min(1, ${most}/‖${symbol}‖∞)`,
    limits: (slopes: Rows, most: number) => slopes.map((row) => shortened(row, row, most, "inf")),
    most: (used: Rows) => Math.max(...used.map((row) => norm(row, "inf"))),
  },
  {
    formula: (most: number) => `g * min(1, ${most} / max(gLargest, 1e-12))`,
    title: (most: string) =>
      `The gradients of all rows together are scaled so that the largest component is at most ` +
      `${most}`,
    written: (symbol: string, most: string) => `${symbol}·min(1, ${most}/‖all ∇E‖∞)`,
    limits: (slopes: Rows, most: number) =>
      slopes.map((row) => shortened(row, slopes.flat(), most, "inf")),
    most: (used: Rows) => norm(used.flat(), "inf"),
  },
  {
    formula: (most: number) => `g * min(1, ${most} / max(gAll, 1e-12))`,
    title: (most: string) =>
      `The gradients of all rows together are scaled to a norm of at most ${most}`,
    written: (symbol: string, most: string) => `${symbol}·min(1, ${most}/‖all ∇E‖)`,
    limits: (slopes: Rows, most: number) =>
      slopes.map((row) => shortened(row, slopes.flat(), most)),
    most: (used: Rows) => norm(used.flat(), "2"),
  },
] as const;

function shortened(
  row: readonly number[],
  of: readonly number[],
  most: number,
  order: "2" | "inf" = "2",
): number[] {
  return row.map((slope) => slope * Math.min(1, most / norm(of, order)));
}

/** What limits the gradients of the steeperSlopes, if it is one number in every step. */
export function hiddenClip(seen: Observation | undefined): Hypothesis {
  const [gentle, gentler, steep] = seen?.calls.map((call, c) => {
    const chain = call === "throws" ? undefined : chainOf(seen.probe.calls[c]!, call);
    return chain && movedIn(chain);
  }) ?? [];
  if (!gentle || !gentler || !steep || steep.length > gentle.length) return [];
  const used = steep.map((moved, k) => {
    const factor = factorOf(gentle[k], gentler[k]);
    return factor === undefined ? undefined : moved.map((row) => row.map((m) => m / factor));
  });
  if (used.length === 0 || !used.every((rows) => rows !== undefined)) return [];
  // Of limits that give the same the one is meant whose number is short.
  const limits = kinds.map((kind) => ({ kind, most: rounded(kind.most(used[0]!)) }))
    .sort((one, other) => String(one.most).length - String(other.most).length);
  for (const { kind, most } of limits) {
    if (!(most < norm(steeperSlopes.flat(), "2") / 2) || !(most > 0)) continue;
    const wanted = kind.limits(steeperSlopes, most);
    const holds = used.every((rows) =>
      rows.every((row, r) =>
        row.every((u, i) => Math.abs(u - wanted[r]![i]!) <= 2e-3 * Math.abs(wanted[r]![i]!))
      )
    );
    if (holds && wanted.some((row, r) => row.some((w, i) => w !== steeperSlopes[r]![i]))) {
      return [suspectOf(kind, most)];
    }
  }
  return [];
}

function suspectOf(kind: (typeof kinds)[number], most: number): Suspect {
  const noGradClip = kind.formula(most);
  const known = knownSuspects.find(({ change }) =>
    change.noGradClip === noGradClip && Object.keys(change).length === 1
  );
  return known ?? {
    key: `${measuredClip} ${noGradClip}`,
    id: null,
    title: kind.title(shown(most)) + unset,
    fix: "Clip gradients only where a gradient clip is set.",
    change: { noGradClip },
    written: (symbol) => kind.written(symbol, String(Number(most.toPrecision(3)))),
  };
}

const measuredClip = "measured clip", unset = ", though no gradient clip is set";

/** The same where a gradient clip is set, too; the hypothesis itself if nothing is limited so. */
export function withClipsAlways(hypothesis: Hypothesis): Hypothesis {
  const isMeasured = hypothesis.some(({ key }) => key.startsWith(measuredClip));
  return !isMeasured ? hypothesis : hypothesis.map((one) => {
    const { noGradClip } = one.change;
    return noGradClip === undefined || !one.key.startsWith(measuredClip) ? one : {
      ...one,
      key: `${one.key} always`,
      title: one.title.replace(unset, ", whatever gradient clip is set"),
      fix: "Use the gradient as it is; only a gradient clip may limit it.",
      change: { gradient: noGradClip },
    };
  });
}

/** Steps × rows × axes. */
function movedIn({ points }: SeenChain): readonly Rows[] {
  return points.slice(1).map((to, k) => movesOf([points[k]!, to]));
}

/** How much of a gentle gradient a step takes, if that is one number for all of two sizes. */
function factorOf(gentle: Rows | undefined, gentler: Rows | undefined): number | undefined {
  if (!gentle || !gentler) return undefined;
  const parts = gentleSlopes.flatMap((row, r) =>
    row.flatMap((slope, i) => [gentle[r]![i]! / slope, 4 * gentler[r]![i]! / slope])
  );
  const [first] = parts;
  return first !== undefined && first !== 0 &&
      parts.every((part) => Math.abs(part - first) <= 1e-3 * Math.abs(first))
    ? first
    : undefined;
}
