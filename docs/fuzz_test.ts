import { feed, fuzzed } from "./fuzz.ts";

for (const kind of fuzzed) {
  Deno.test(`${kind.name} that make no sense are refused with a message`, async () => {
    await feed(kind, 1, kind.name === "arguments" ? 40 : 100);
  });
}
