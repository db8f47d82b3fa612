/**
 * Pictures as SVG text: within a page, or as files that stand by themselves.
 *
 * @module
 */

import { joined, type Markup, markup, trusted } from "../markup.ts";
import { dark, light, plotStyle, type } from "./colours.ts";
import { type Plot, plotOf, tips } from "./plot.ts";

/** What a picture says of itself to those who cannot see it, and how large it is. */
export interface Sheet {
  /** A few words. */
  readonly title: string;
  /** What is to be seen, in sentences. */
  readonly description: string;
  /** In pixels. */
  readonly width: number;
  /** In pixels. */
  readonly height: number;
}

type Parts = readonly (Markup | null)[];

/**
 * A picture within a page, as wide as its place.
 *
 * @param id by which no other element of the page goes
 */
export function pictureIn(sheet: Sheet, id: string, parts: Parts): Markup {
  return markup`<svg class="plot" viewBox="0 0 ${sheet.width} ${sheet.height}" role="img" aria-labelledby="${id}-title ${id}-desc">
${told(sheet, id)}
${joined(parts, "\n")}
</svg>`;
}

/** The text of an SVG file, in light or dark colours as the reader's system is. */
export function pictureFile(sheet: Sheet, parts: Parts): string {
  const { width, height } = sheet;
  return markup`<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="picture-title picture-desc">
${told(sheet, "picture")}
<style>${trusted(fileStyle)}</style>
<defs>${tips}</defs>
<rect class="paper" width="${width}" height="${height}" rx="8"/>
${joined(parts, "\n")}
</svg>
`.markup;
}

function told({ title, description }: Sheet, id: string): Markup {
  return markup`<title id="${id}-title">${title}</title>
<desc id="${id}-desc">${description}</desc>`;
}

// A file is seen beside text, smaller than it is: what the rule gives stands out there.
const fileStyle = `:root{color-scheme:light dark;${light}${type}}
@media (prefers-color-scheme:dark){:root{${dark}}}
:root{--raised:var(--paper)}${plotStyle}svg text{font-size:12px}
svg .name{font-style:normal}
.paper{fill:var(--paper)}
.line.expected{stroke-width:2.6}
.line.actual{stroke-width:1.5}
.band{stroke:none}
`;

/** Where the marks of a legend are drawn: around (0, 0), a unit to the pixel. */
export const legendPlot: Plot = plotOf({
  left: -10,
  top: -7,
  width: 20,
  height: 14,
  across: [-10, 10],
  up: [7, -7],
});

/** An entry of a legend. */
export interface LegendEntry {
  /** In the {@link legendPlot}. */
  readonly drawn: Markup | null;
  readonly words: string;
}

/** What the marks of a picture mean. */
export function legend(entries: readonly (LegendEntry | null)[]): Markup {
  const items = entries.map((entry) =>
    entry === null
      ? null
      : markup`<li><svg viewBox="-10 -7 20 14" aria-hidden="true">${entry.drawn}</svg>${entry.words}</li>`
  );
  return markup`<ul class="legend">${joined(items)}</ul>`;
}
