import { assert, assertEquals } from "@std/assert";
import { traceJsonSchema } from "../golden/trace_file.ts";
import { partsOfSchema } from "./schema_parts.ts";

Deno.test("the fields of a schema come with their types, the choices of a union as one field", () => {
  const parts = partsOfSchema({
    type: "object",
    required: ["kind"],
    properties: {
      kind: { type: "string" },
      way: {
        oneOf: [
          { type: "object", required: ["of"], properties: { of: { const: "a" } } },
          { type: "object", required: ["of"], properties: { of: { const: "b" } } },
        ],
      },
      table: { type: "array", items: { type: "array", items: { type: "number" } } },
    },
  });
  assertEquals(parts.map(({ path, type }) => `${path}: ${type}`), [
    "kind: string",
    "way: object, optional",
    'way.of: `"a"` or `"b"`',
    "table: list of lists of numbers, optional",
  ]);
});

Deno.test("every field of a trace is listed once", () => {
  const paths = partsOfSchema(traceJsonSchema()).map(({ path }) => path);
  assertEquals(new Set(paths).size, paths.length);
  for (const path of ["config.schedule.decay", "chain.networkOutputs", "deviation"]) {
    assert(paths.includes(path), path);
  }
});
