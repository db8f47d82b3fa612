/**
 * The faces of a report: the one list of formats.
 *
 * @module
 */

import type { Style } from "./layout.ts";
import type { Extent } from "./pretty.ts";
import type { Report } from "./report.ts";

/** Writes a report; style and extent concern terminals only. */
export type Face = (report: Report, style: Style, extent?: Extent) => string;

const faces = {
  "pretty": async () => (await import("./pretty.ts")).pretty,
  "json": async () => (await import("./json.ts")).json,
  "html": async () => (await import("./html.ts")).html,
  "markdown": async () => (await import("./markdown.ts")).markdown,
  "junit": async () => (await import("./junit.ts")).junit,
  "badge-json": async () => (await import("./badge.ts")).badgeJson,
  "badge-svg": async () => (await import("./badge.ts")).badgeSvg,
} as const satisfies Record<string, () => Promise<Face>>;

/** The name of a format. */
export type Format = keyof typeof faces;

/** Every format, that of the terminal first. */
export const formats: readonly Format[] = Object.keys(faces) as Format[];

/** Loads what writes a format, and nothing else. */
export function faceOf(format: Format): Promise<Face> {
  return faces[format]();
}
