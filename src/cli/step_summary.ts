/**
 * The summary page of a job on GitHub: the report is added to it without being asked for.
 *
 * @module
 */

import type { Report } from "../report/report.ts";
import { type Io, messageOf } from "./command.ts";

/** Where GitHub says that summaries go. */
const variable = "GITHUB_STEP_SUMMARY";

/**
 * Adds the report to the summary, where there is one and this process may write there. A summary
 * that can't be written changes no verdict.
 */
export async function addStepSummary(report: Report, io: Io): Promise<void> {
  const file = summaryFile();
  if (file === null) return;
  try {
    const { markdown } = await import("../report/markdown.ts");
    await Deno.writeTextFile(file, markdown(report), { append: true });
  } catch (error) {
    io.err(`The job summary was not written: ${messageOf(error)}\n`);
  }
}

function summaryFile(): string | null {
  if (Deno.permissions.querySync({ name: "env", variable }).state !== "granted") return null;
  return Deno.env.get(variable) || null;
}
