import { assert, assertEquals } from "@std/assert";
import { banned, terms, wordsPage } from "./words.ts";

const root = new URL("../", import.meta.url);
const folders = ["docs/", "golden/", "properties/", "spec/", "src/"];

/** Every text that a person may read, but for the list of the phrases itself. */
async function* texts(folder: string): AsyncGenerator<readonly [string, string]> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    const path = `${folder}${name}`;
    if (isDirectory && !/^[_.]|^(?:traces|images)$/.test(name)) yield* texts(`${path}/`);
    if (!/\.(?:ts|py|md|html)$/.test(name) || /^docs\/words(?:_test)?\.(?:ts|md)$/.test(path)) {
      continue;
    }
    yield [path, await Deno.readTextFile(new URL(path, root))];
  }
}

Deno.test("no text has a phrase that the page of words bans", async () => {
  const found: string[] = [];
  const look = (path: string, text: string) => {
    const flat = text.replaceAll(/\s+(?:\* |\/\/ |# )?/g, " ").toLowerCase();
    for (const { phrase } of banned) if (flat.includes(phrase)) found.push(`${path}: ${phrase}`);
  };
  look("README.md", await Deno.readTextFile(new URL("README.md", root)));
  for (const folder of folders) for await (const [path, text] of texts(folder)) look(path, text);
  assertEquals(found, []);
});

Deno.test("a word has one meaning, and no word stands in for another", () => {
  const words = terms.map(({ term }) => term);
  assertEquals(new Set(words).size, words.length);
  for (const { term, not } of terms) for (const other of not) assert(!words.includes(other), term);
  for (const { phrase } of banned) assertEquals(phrase, phrase.toLowerCase());
  for (const word of words) assert(wordsPage().includes(`**${word}**`));
});
