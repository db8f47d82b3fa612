/**
 * Records golden traces of a target in a process of its own.
 *
 * @module
 */

import { TargetFault } from "../../spec/sampler.ts";
import { type Fault, faultOf } from "../report/not_run.ts";
import { endChildrenOnSignals } from "../targets/child.ts";
import { openProcess } from "../targets/process.ts";
import { type Recording, recordTraces } from "./record.ts";

/**
 * Records a process, which has ended when the traces are there.
 *
 * @param command the program and its arguments
 * @param timeout seconds that the start and each answer may take
 * @returns what was recorded, or why the target cannot be observed
 */
export async function recordProcess(
  command: readonly string[],
  timeout: number,
): Promise<Recording | Fault> {
  const forget = endChildrenOnSignals();
  try {
    await using target = await openProcess(command, { timeout });
    return await recordTraces(target);
  } catch (error) {
    if (!(error instanceof TargetFault)) throw error;
    return faultOf(error);
  } finally {
    forget();
  }
}
