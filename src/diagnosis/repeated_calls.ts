/**
 * Calls of one sampler, one after the other: what a second one tells.
 *
 * @module
 */

import { same } from "../../spec/trajectory.ts";
import type { Observation } from "./observations.ts";

/** Whether two equal calls of one sampler have differed. */
export function remembers(observations: readonly Observation[]): boolean {
  return observations.some(({ probe, calls: [first, second] }) => {
    if (first === undefined || second === undefined) return false;
    if (first === "throws" || second === "throws") return first !== second;
    const [one, other] = probe.calls.map((problem) => JSON.stringify(problem));
    return one === other && !same(first.final, second.final);
  });
}

/** The first call of an observation alone: what is kept between calls does not show. */
export function firstCall({ probe, calls }: Observation): Observation {
  const { name, calls: [problem] } = probe;
  return {
    probe: { ...probe, name: `${name}, first call`, calls: [problem!] },
    calls: calls.slice(0, 1),
  };
}
