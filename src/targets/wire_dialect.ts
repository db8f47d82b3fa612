/**
 * How a process in any language is spoken to: by the wire protocol.
 *
 * @module
 */

import type { Dialect } from "./dialect.ts";
import { excerpt } from "./excerpt.ts";
import { longestLine, problemOnWire, protocolVersion, readAnswer } from "./protocol.ts";

/** The wire protocol. */
export const wireDialect: Dialect = {
  longestLine,
  start: { type: "start", protocol: protocolVersion },
  names: {
    start: "start",
    prepare: "prepare",
    sample: "sample",
    release: "release",
    stop: "stop",
  },
  releases: "by requests",
  read(line) {
    const answer = readAnswer(line);
    if (answer.type !== "ready") return answer;
    // Where its noise comes from, its features say.
    const { noise, protocol: _, unsupported, ...rest } = answer;
    const lacking = noise === "own" && !unsupported.includes("noise-tape");
    return { ...rest, unsupported: lacking ? [...unsupported, "noise-tape"] : unsupported };
  },
  sampling: (prepared, problem) => ({
    type: "sample",
    prepared,
    problems: [problemOnWire(problem)],
  }),
  late: (name, about, seconds, half) => ({
    found: `no answer to ${name} after ${seconds} s${about}` +
      (half === "" ? "" : `, but a line without its end: ${excerpt(half)}`),
    wanted: `${half === "" ? "an answer, flushed," : "a whole line"} within ${seconds} s; ` +
      "--timeout S allows more",
  }),
  endOf(stderr) {
    const lacking = /^ModuleNotFoundError: No module named '([^']{1,100})'/m.exec(stderr)?.[1];
    return lacking === undefined ? undefined : {
      kind: "exit",
      found: `a Python without the module ${lacking}`,
      wanted: "the Python of your project: --python PATH, or its environment made active",
    };
  },
};
