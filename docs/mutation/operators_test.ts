import { assert, assertEquals } from "@std/assert";
import { mutantsOf, mutated } from "./operators.ts";

/** Every change of a source, as `before → after` without what the two share at their ends. */
function changes(source: string, file = "spec/x.ts"): string[] {
  return mutantsOf(file, source).map((mutant) =>
    `${source.slice(mutant.start, mutant.end)} → ${mutant.replacement}`
  );
}

Deno.test("a number is zero or one, one more, or ten times as large", () => {
  assertEquals(changes("const a = [0, 1, 3, 12, 0.5, 2e-3, 16_000];"), [
    "0 → 1",
    "1 → 0",
    "3 → 4",
    "12 → 120",
    "0.5 → 5",
    "2e-3 → 0.02",
    "16_000 → 160000",
  ]);
});

Deno.test("comparisons, logic and arithmetic change one token", () => {
  assertEquals(changes("f(a < b, c === d, e && g);"), [
    "f(a < b, c === d, e && g); → ;",
    "a < b, c === d → c === d, a < b",
    "< → <=",
    "=== → !==",
    "&& → ||",
  ]);
  // Between a distance and its tolerance a boundary decides nothing: the comparison is turned.
  assertEquals(changes("const x = distance <= tolerance;"), ["<= → >"]);
  assertEquals(changes("const x = a * b - c / d;"), ["* → /", "- → +", "/ → *"]);
});

Deno.test("conditions are negated, and exits and calls dropped", () => {
  assertEquals(changes("function f(a) { if (a) return b; g(a); await h(); }"), [
    "if (a) return b; → {}",
    "a → !(a)",
    "g(a); → ;",
    "await h(); → ;",
  ]);
  assertEquals(changes("const x = a ? b : c;"), ["a → !(a)"]);
  // With another way out an exit isn't an early one.
  assertEquals(changes("function f(a) { if (a) return b; else return c; }"), ["a → !(a)"]);
});

Deno.test("extremes change places, and so do arguments that may stand for one another", () => {
  assertEquals(changes("const x = Math.min(a, b);"), ["min → max"]);
  assertEquals(changes("const x = f((a) => a, b, c);"), ["b, c → c, b"]);
  assertEquals(changes('const x = f("a", { b });'), []);
});

Deno.test("types, imports, errors and texts for people stay as they are", () => {
  const source = `import { a } from "b";
    interface Pair { readonly length: 2; kind: 0 | 1 }
    type Three = [1, 2, 3];
    const one = 'x' as 'x' | 1;
    throw new Error(text + 5);
    const error = new TargetFault("contract", f(2, 3));
    const sentence = \`step \${k + 1} of many\`;
    const sum = "a" + b + "c";`;
  assertEquals(changes(source), []);
  assertEquals(changes("const energy = `a${i + 1}^2`;"), ["+ → -", "1 → 0"]);
});

Deno.test("the numbers of problems that are tried stay, what decides about them does not", () => {
  const source = `import { fraction, problemOf } from "./arbitraries.ts";
    const settings: Settings = { noiseScale: 0.5 };
    const slope = fraction(1 / 16, 4);
    const made = problemOf({ initial: [[0, 7]] });
    const size = fc.integer({ min: 1, max: x ? 3 : 4 });
    const record = { random: (a) => a + 1, edges: () => other(2, b), judge: (c) => c > 3 };
    const other = { random: { judge() { return 5; } } };`;
  assertEquals(changes(source), ["x → !(x)", "> → >=", "3 → 4", "5 → 6"]);
});

Deno.test("the catalogue of defects is data: only functions are changed there", () => {
  const source = "const share = 0.5; const f = () => 2;";
  assertEquals(changes(source, "src/defects/x.ts"), ["2 → 3"]);
  assertEquals(changes(source).length, 2);
});

Deno.test("a mutant tells its line before and after, and which of several equal ones it is", () => {
  const source = "const a = 1;\nconst b =\n  f(1,  1);\n";
  const found = mutantsOf("spec/x.ts", source);
  assertEquals(
    found.map(({ line, before, after, occurrence }) => [line, before, after, occurrence]),
    [
      [1, "const a = 1;", "const a = 0;", 1],
      [3, "f(1, 1);", "f(0, 1);", 1],
      [3, "f(1, 1);", "f(1, 0);", 1],
    ],
  );
  assertEquals(mutated(source, found[1]!), "const a = 1;\nconst b =\n  f(0,  1);\n");
  const twice = mutantsOf("spec/x.ts", "x = 1;\nx = 1;\n");
  assertEquals(twice.map(({ occurrence }) => occurrence), [1, 2]);
});

Deno.test("every mutant of a real source is another text", async () => {
  const source = await Deno.readTextFile(new URL("../../spec/tolerance.ts", import.meta.url));
  const found = mutantsOf("spec/tolerance.ts", source);
  assert(found.length > 50);
  for (const mutant of found) {
    assert(mutated(source, mutant) !== source);
    assert(mutant.before !== mutant.after, mutant.before);
  }
});
