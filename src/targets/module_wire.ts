/**
 * What the process of a module says, and how it is read: with bounds, as from anybody else. By hand,
 * for a schema would cost more than the sampling.
 *
 * @module
 */

import { describe } from "../../spec/describe.ts";
import { toNumberText } from "../../spec/numerics/number_text.ts";
import type { Problem, Rows } from "../../spec/problem.ts";
import { type Feature, features } from "../../spec/sampler.ts";
import { settingsText } from "../../spec/settings_text.ts";
import type { Dialect, Heard } from "./dialect.ts";
import { excerpt } from "./excerpt.ts";
import type { ResultOnWire } from "./protocol.ts";
import { ProtocolFault } from "./protocol_fault.ts";

/** Characters of a text, and entries of a list of texts. */
const longestText = 100_000, longestList = 100;

function refused(value: unknown, place: string): ProtocolFault {
  return new ProtocolFault(
    `${describe(value)} as ${place} in an answer of the module's process`,
    "an answer of ulaspec's own; does the module write to standard output, or change built-ins?",
  );
}

type Fields = Readonly<Record<string, unknown>>;

function fieldsOf(value: unknown, place: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw refused(value, place);
}

function listOf(value: unknown, place: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw refused(value, place);
}

function countOf(value: unknown, place: string): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0) return value;
  throw refused(value, place);
}

function textOf(value: unknown, place: string): string {
  if (typeof value === "string" && value.length <= longestText) return value;
  throw refused(value, place);
}

function wordOf<Word extends string>(
  value: unknown,
  place: string,
  words: readonly Word[],
): Word {
  const word = words.find((word) => word === value);
  if (word !== undefined) return word;
  throw refused(value, place);
}

function textsOf(value: unknown, place: string): string[] {
  const list = listOf(value, place);
  if (list.length > longestList) throw refused(value, place);
  return list.map((text) => textOf(text, place));
}

/** A field that may be absent. */
function optional<T>(
  fields: Fields,
  name: string,
  read: (value: unknown, place: string) => T,
): { readonly [name: string]: T } {
  return fields[name] === undefined ? {} : { [name]: read(fields[name], name) };
}

const featureNames = Object.keys(features) as Feature[];
const faultKinds = ["throws", "shape", "not-finite", "contract", "dies"] as const;

function read(line: string): Heard {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new ProtocolFault(
      `the line ${excerpt(line)} on the standard output of the module's process`,
      "only ulaspec's own answers; what a module prints belongs to standard error",
    );
  }
  const fields = fieldsOf(value, "an answer");
  const id = countOf(fields["id"], "id");
  switch (fields["type"]) {
    case "ready":
      return {
        id,
        type: "ready",
        name: textOf(fields["name"], "name"),
        networkReturns: wordOf(fields["networkReturns"], "networkReturns", ["energy", "logits"]),
        unsupported: textsOf(fields["unsupported"], "unsupported").map((name) =>
          wordOf(name, "unsupported", featureNames)
        ),
        ...optional(fields, "noise", (noise, of) => wordOf(noise, of, ["tape", "own", "both"])),
        ...optional(
          fields,
          "reveals",
          (reveals, of) => wordOf(reveals, of, ["every-step", "final-actions"]),
        ),
        ...optional(fields, "bounds", (bounds, of) => wordOf(bounds, of, ["scalar"])),
        ...optional(fields, "rule", textOf),
        changed: textsOf(fields["changed"], "changed"),
      };
    case "prepared":
      return { id, type: "prepared", prepared: countOf(fields["prepared"], "prepared") };
    case "results":
      return { id, type: "results", results: listOf(fields["results"], "results").map(resultOf) };
    case "stopped":
      return { id, type: "stopped", changed: textsOf(fields["changed"], "changed") };
    case "fault":
      return {
        id,
        type: "fault",
        kind: wordOf(fields["kind"], "kind", faultKinds),
        found: textOf(fields["found"], "found"),
        wanted: textOf(fields["wanted"], "wanted"),
        ...optional(fields, "place", textOf),
      };
    default:
      throw refused(fields["type"], "type");
  }
}

/** A result; what stands in its tables is read with the problem. */
function resultOf(value: unknown): ResultOnWire {
  const { final, evaluations, chain, draws, initialAfter } = fieldsOf(value, "a result");
  let before: readonly unknown[] = [];
  return {
    final: listOf(final, "final"),
    evaluations: listOf(evaluations, "evaluations").map((value) => {
      const { kind, points } = fieldsOf(value, "an evaluation");
      // Rows that rest are 0.
      const told = listOf(points, "points").map((row, r) => row === 0 ? before[r] : row);
      before = told;
      return { kind: wordOf(kind, "kind", ["gradient", "outputs"]), points: told };
    }),
    draws: countOf(draws, "draws"),
    initialAfter: listOf(initialAfter, "initialAfter"),
    ...(chain === undefined ? {} : { chain: chainOf(fieldsOf(chain, "chain")) }),
  };
}

function chainOf(chain: Fields): NonNullable<ResultOnWire["chain"]> {
  return {
    ...optional(chain, "actions", listOf),
    ...optional(chain, "outputs", listOf),
    ...optional(chain, "gradNorms", listOf),
  };
}

function problemText(problem: Problem): unknown {
  const rows = (table: Rows) => table.map((row) => row.map(toNumberText));
  const { rule: _, ...data } = problem, { noise } = data;
  return {
    ...data,
    settings: settingsText(problem.settings),
    observations: rows(problem.observations),
    initial: rows(problem.initial),
    noise: noise.kind === "tape" ? { kind: "tape", draws: noise.draws.map(rows) } : noise,
  };
}

/**
 * How the process of a module is spoken to.
 *
 * @param path of the module, for messages
 * @param onStderr told of what it prints
 */
export function moduleDialect(path: string, onStderr: (text: string) => void): Dialect {
  return {
    // A module that asks its network much has much to tell.
    longestLine: 256 * 2 ** 20,
    start: { type: "start" },
    names: {
      start: path,
      prepare: "prepare(settings)",
      sample: "sample(call)",
      release: "a release",
      stop: "the end",
    },
    releases: "with prepare",
    read,
    sampling: (prepared, problem) => ({ type: "sample", prepared, problem: problemText(problem) }),
    late: (name, about, seconds) => ({
      found: `${name} still ${name === path ? "loading" : "running"} after ${seconds} s${about}`,
      wanted: `an end within ${seconds} s; --timeout S allows more`,
    }),
    onStderr,
    endOf: (stderr) =>
      /out of memory|heap limit|allocation failed/i.test(stderr)
        ? { kind: "memory", found: "a module that ran out of memory", wanted: "less memory in use" }
        : undefined,
  };
}
