/**
 * Numbers of steps, as a formula and in words.
 *
 * @module
 */

/** A formula that is another one in each step; neighbours that agree stand together. */
export function byStep(values: readonly string[]): string {
  const starts = startsOf(values);
  // Halves keep the nesting flat.
  const build = (from: number, to: number): string => {
    if (to - from === 1) return values[starts[from]!]!;
    const middle = Math.floor((from + to) / 2);
    return `where(k - ${starts[middle]! - 0.5}, ${build(middle, to)}, ${build(from, middle)})`;
  };
  return build(0, starts.length);
}

/** The places of values that are not those before them. */
function startsOf(values: readonly string[]): readonly number[] {
  return values.flatMap((value, k) => value === values[k - 1] ? [] : [k]);
}

/** Numbers of steps in words, equal ones in a row together; of many only the first. */
export function runsOf(values: readonly string[]): string {
  const starts = startsOf(values);
  const runs = starts.slice(0, 6).map((from, j) => {
    const to = (starts[j + 1] ?? values.length) - 1;
    const steps = from === to ? ` ${from}` : `s ${from} ${to === from + 1 ? "and" : "to"} ${to}`;
    return `${values[from]} in step${steps}`;
  });
  return runs.join(", ") + (starts.length > 6 ? ", …" : "");
}
