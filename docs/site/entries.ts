/**
 * The search of the site: a list of sections, and which of them have all the words.
 *
 * @module
 */

/** A section that can be found. */
export interface Entry {
  /** The page, relative to the root of the site, with the section's anchor. */
  readonly url: string;
  /** The title of the page. */
  readonly page: string;
  /** The heading of the section; that of the page for its beginning. */
  readonly heading: string;
  /** What it says. */
  readonly text: string;
}

/** A section that was found. */
export interface Hit {
  /** The section. */
  readonly entry: Entry;
  /** A few words around the first find. */
  readonly excerpt: string;
}

/** Words of a text: letters and digits, without case. */
export function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

/**
 * Sections that have a word beginning with each word of the query, the best first: words in the
 * heading count more than words in the text, and the whole query in one piece counts most.
 */
export function find(entries: readonly Entry[], query: string, most = 12): Hit[] {
  const wanted = wordsOf(query);
  if (wanted.length === 0) return [];
  const phrase = wanted.join(" ");
  const scored = entries.flatMap((entry, order) => {
    const heading = wordsOf(entry.heading), text = wordsOf(entry.text), page = wordsOf(entry.page);
    let score = 0;
    for (const word of wanted) {
      const own = (heading.some((w) => w === word) ? 8 : 0) +
        (heading.some((w) => w.startsWith(word)) ? 4 : 0) +
        (page.some((w) => w.startsWith(word)) ? 2 : 0) +
        (text.some((w) => w.startsWith(word)) ? 1 : 0);
      if (own === 0) return [];
      score += own;
    }
    if (` ${heading.join(" ")}`.includes(` ${phrase}`)) score += 12;
    if (heading.join(" ") === phrase) score += 12;
    if (` ${text.join(" ")}`.includes(` ${phrase}`)) score += 3;
    return [{ entry, score, order }];
  });
  return scored.sort((a, b) => b.score - a.score || a.order - b.order).slice(0, most)
    .map(({ entry }) => ({ entry, excerpt: excerptOf(entry, wanted[0]!) }));
}

function excerptOf({ heading, text }: Entry, word: string): string {
  const length = 150;
  // Where the heading was found, the text may begin at its beginning.
  const at = wordsOf(heading).some((w) => w.startsWith(word))
    ? 0
    : text.toLowerCase().indexOf(word);
  const start = at < 60 ? 0 : text.lastIndexOf(" ", at - 40) + 1;
  const cut = start + length < text.length;
  const part = text.slice(start, start + length);
  return `${start > 0 ? "… " : ""}${cut ? part.replace(/\s\S*$/, "") : part}${cut ? " …" : ""}`;
}
