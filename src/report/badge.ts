/**
 * A report as a badge.
 *
 * @module
 */

import { plainTexts } from "./plain_text.ts";
import { escaped } from "./markup.ts";
import type { Report } from "./report.ts";
import { bugNames } from "./summary.ts";

const label = "Langevin rule";

/** What the badge says, and in which colour of shields.io. */
function message(report: Report): { readonly words: string; readonly color: string } {
  if (report.verdict === "not run") return { words: "not run", color: "inactive" };
  if (report.verdict === "conforms") {
    const meant = report.clauses.filter(({ verdict }) => verdict === "accepted").length;
    const words = meant === 0 ? "conforms" : `conforms, ${meant} accepted`;
    return { words, color: "brightgreen" };
  }
  if (report.verdict === "incomplete") return { words: "incomplete", color: "yellow" };
  const broken = report.clauses.filter(({ verdict }) => verdict === "violated").length;
  const { defects = [], unexplained } = report.diagnosis ?? {};
  const [bug] = bugNames(report);
  if (bug !== undefined && defects.length === 1 && unexplained === undefined) {
    return { words: bug, color: "red" };
  }
  return { words: broken === 0 ? "violates" : `${broken} violated`, color: "red" };
}

/** A report as JSON for an endpoint badge of shields.io; ends with a newline. */
export function badgeJson(given: Report): string {
  const report = plainTexts(given);
  const { words, color } = message(report);
  const badge = {
    schemaVersion: 1,
    label,
    message: words,
    color,
    ...(report.verdict === "not run" ? { isError: true } : {}),
  };
  return `${JSON.stringify(badge, null, 2)}\n`;
}

const looks = {
  "conforms": { sign: "✓", ground: "#00704f" },
  "violates": { sign: "✗", ground: "#b84a00" },
  "incomplete": { sign: "!", ground: "#7a5c00" },
  "not run": { sign: "!", ground: "#59616b" },
} as const;

/** A report as an SVG badge of our own, which needs no service; ends with a newline. */
export function badgeSvg(given: Report): string {
  const report = plainTexts(given);
  const { words } = message(report);
  const { sign, ground } = looks[report.verdict];
  const text = `${sign} ${words}`;
  const left = widthOf(label), right = widthOf(text);
  const name = escaped(`${label}: ${words}`);
  const half = (value: number) => Math.round(value * 5) / 10;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${
    left + right
  }" height="20" viewBox="0 0 ${left + right} 20" role="img" aria-label="${name}">
<title>${name}</title>
<clipPath id="shape"><rect width="${left + right}" height="20" rx="4"/></clipPath>
<g clip-path="url(#shape)"><rect width="${left}" height="20" fill="#353b42"/><rect x="${left}" width="${right}" height="20" fill="${ground}"/></g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">
<text x="${half(left)}" y="14" textLength="${left - 14}">${escaped(label)}</text>
<text x="${left + half(right)}" y="14" textLength="${right - 14}">${escaped(text)}</text>
</g>
</svg>
`;
}

/** The width of a text in Verdana 11, about, with room on both sides. */
function widthOf(text: string): number {
  const narrow = text.match(/[ filjtrI.!1]/g)?.length ?? 0;
  return Math.round(7.1 * (text.length - narrow) + 4.2 * narrow) + 14;
}
