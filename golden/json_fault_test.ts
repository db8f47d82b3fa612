import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { locateJsonFault } from "./json_fault.ts";

const cases: Record<
  string,
  readonly [line: number, column: number, found: string, wanted: string]
> = {
  "": [1, 1, "the end of the text", "a value"],
  "[1,\n 2": [2, 3, "the end of the text", "a comma or ]"],
  "[1,]": [1, 4, '"]"', "a value"],
  "[1 2]": [1, 4, '"2"', "a comma or the end of what is open"],
  "[1]]": [1, 4, '"]"', "the end of the text"],
  '{"a":1,}': [1, 8, '"}"', "a field name"],
  '{"a" 1}': [1, 6, '"1"', "a colon"],
  '{"a":1]': [1, 7, '"]"', "a comma or the end of what is open"],
  "{a:1}": [1, 2, '"a"', "a value, or a field name in quotes"],
  "[NaN]": [1, 2, '"NaN"', "a value, or a field name in quotes"],
  "[-Infinity]": [1, 2, '"-Infinity"', "a value, or a field name in quotes"],
  "[0, 01]": [1, 6, '"1"', "a comma or the end of what is open"],
  "[.5]": [1, 2, '".5"', "a value, or a field name in quotes"],
  "[1.]": [1, 2, '"1."', "a number"],
  '["a\nb"]': [1, 2, '"\\"a"', "a string that ends on its line"],
  '{\n\n"id": "x': [3, 7, '"\\"x"', "a string that ends on its line"],
  '["a\tb"]': [1, 2, '"\\"a\\tb\\""', "a string without control characters"],
  '["\\x"]': [1, 2, '"\\"\\\\x\\""', "a string with the escapes that JSON has"],
  "\ufeff[1]": [1, 1, "a byte order mark", "UTF-8 without one"],
  "[1] // one": [1, 5, '"/"', "JSON, which has no comments"],
};

Deno.test("a fault of JSON is found at its line and column", () => {
  for (const [text, [line, column, found, wanted]] of Object.entries(cases)) {
    assertEquals(locateJsonFault(text), { line, column, found, wanted }, text);
  }
});

Deno.test("a fault of JSON is found no later than the parser finds it", () => {
  const damage = fc.tuple(
    fc.json({ maxDepth: 3 }),
    fc.nat(200),
    fc.constantFrom("", "]", "}", ",", ":", "x", '"', "-", "1."),
    fc.nat(3),
  );
  let faults = 0;
  fc.assert(
    fc.property(damage, ([json, at, put, cut]) => {
      const start = at % (json.length + 1);
      const text = json.slice(0, start) + put + json.slice(start + cut);
      try {
        JSON.parse(text);
      } catch (error) {
        faults++;
        const { column } = locateJsonFault(text);
        assert(column >= 1 && column <= text.length + 1);
        const position = /at position (\d+)/.exec((error as Error).message);
        if (position) assert(column - 1 <= Number(position[1]), text);
      }
    }),
    { seed: 1, numRuns: 2000 },
  );
  assert(faults > 500);
});
