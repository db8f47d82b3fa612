/**
 * The name that a person probably meant.
 *
 * @module
 */

/** Letters that a part of a name must have to stand for it. */
const leastPart = 3;

/**
 * The name that begins with a word, else one that contains it, else the one with the fewest typos;
 * of several the shortest or first. `undefined` if none is near; a number is never proposed.
 */
export function nearest(found: string, names: Iterable<string>): string | undefined {
  const word = found.toLowerCase();
  const candidates = [...names].filter((name) => !/^\d+$/.test(name));
  if (word.length >= leastPart) {
    const shortest = candidates.toSorted((a, b) => a.length - b.length);
    const part = shortest.find((name) => name.toLowerCase().startsWith(word)) ??
      shortest.find((name) => name.toLowerCase().includes(word));
    if (part !== undefined) return part;
  }
  let best: string | undefined;
  let least = Math.max(1, Math.floor(found.length / 3)) + 1;
  for (const name of candidates) {
    const distance = editDistance(word, name.toLowerCase());
    if (distance < least) {
      least = distance;
      best = name;
    }
  }
  return best;
}

/** `; did you mean NAME?`, or nothing if no name is near. */
export function didYouMean(found: string, names: Iterable<string>): string {
  const name = nearest(found, names);
  return name === undefined ? "" : `; did you mean ${name}?`;
}

/** Insertions, deletions, replacements and swaps of neighbours between two words. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      row[j] = Math.min(row[j - 1]! + 1, last[j]! + 1, last[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        row[j] = Math.min(row[j]!, beforeLast[j - 2]! + 1);
      }
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
