/**
 * `demo`: the reference and a faulty port, one after the other.
 *
 * @module
 */

import type { Report } from "../report/report.ts";
import { supervise } from "../run/supervise.ts";
import { type Arguments, type Command, type Io, noArguments } from "./command.ts";

/** The port of the demo: it lacks the delta clip. */
const faultyPort = "defect:delta-clip-missing";
const brokenClause = "delta-clip/limits-step";

/** The command `demo`. */
export const command: Command = {
  name: "demo",
  usage: "",
  summary: "judge the reference and a port without a delta clip, one after the other",
  options: {},
  details: "Exit code: 0 if both verdicts are as documented, else 1.",
  run: demo,
};

async function demo(args: Arguments, io: Io): Promise<number> {
  noArguments(command, args);
  const judge = (target: string) =>
    supervise({
      target,
      seed: 1,
      profile: "standard",
      timeout: 30,
      program: `${io.program} check`,
    });
  const [reference, port, { pretty }] = await Promise.all([
    judge("reference"),
    judge(faultyPort),
    import("../report/pretty.ts"),
  ]);
  io.out("The reference sampler, in tfjs with automatic differentiation:\n\n");
  io.out(`${pretty(reference, io)}\n`);
  io.out("A port that follows the rule, but forgot the delta clip:\n\n");
  io.out(pretty(port, io));
  const documented = reference.verdict === "conforms" && violated(port).join() === brokenClause;
  if (!documented) {
    io.err(
      `Demo: found the verdicts ${reference.verdict} and ${port.verdict} (${
        violated(port).join(", ")
      }), wanted conforms and violates (${brokenClause})\n`,
    );
  }
  return documented ? 0 : 1;
}

function violated(report: Report): string[] {
  return report.clauses.filter((clause) => clause.verdict === "violated").map(({ id }) => id);
}
