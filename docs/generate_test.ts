import { assert, assertEquals } from "@std/assert";
import { clauses } from "../properties/clauses.ts";
import { defects } from "../src/defects/defects.ts";
import { isWhole } from "../src/fixtures/sweep.ts";
import { xmlFault } from "../src/fixtures/xml_fault.ts";
import { pages, stalePages, storedPages } from "./generate.ts";
import { ruleExamples } from "./rule_examples.ts";
import { rulePage } from "./rule_page.ts";

let made: ReturnType<typeof pages> | undefined;
/** The pages, made once for all tests; the quick run leaves out those that show what commands print. */
const all = () => made ??= isWhole ? pages() : storedPages();
const rule = async () => (await all()).get("rule.md")!;

Deno.test("every generated page is current", async () => {
  assertEquals(await stalePages(await all()), [], "run deno task docs");
});

Deno.test("the rule page has every clause with its sentence, once", async () => {
  const page = await rule();
  for (const clause of clauses) {
    assertEquals(
      page.split(`### <a id="${clause.id.replace("/", "-")}"></a>`).length,
      2,
      clause.id,
    );
    assert(page.includes(clause.sentence));
  }
});

Deno.test("links inside the rule page lead somewhere", async () => {
  const page = await rule();
  const headings = [...page.matchAll(/^#+ ([\w ]+)$/gm)]
    .map(([, words]) => words!.toLowerCase().replaceAll(" ", "-"));
  for (const [, target] of page.matchAll(/\]\(#([^)]+)\)/g)) {
    assert(headings.includes(target!) || page.includes(`<a id="${target}"></a>`), target);
  }
});

Deno.test("no generated page shows a time", async () => {
  for (const [path, text] of await all()) assert(!/ · \d+\.\d s$/m.test(text), path);
});

Deno.test("every generated page says so, and every picture says what it shows", async () => {
  for (const [path, text] of await all()) {
    if (path.endsWith(".svg")) {
      assertEquals(xmlFault(text), null, path);
      assert(/<title id="picture-title">[^<]{10,}<\/title>/.test(text), path);
      assert(/<desc id="picture-desc">[^<]{60,}<\/desc>/.test(text), path);
      assert(text.includes("prefers-color-scheme:dark"), path);
      assert(!text.includes("NaN") && !text.includes("Infinity"), path);
    } else {
      assert(text.startsWith("<!-- "), path);
      const prose = text.replace(/`[^`\n]*`/g, "");
      assert(!/\bundefined\b|\bNaN of|\[object /.test(prose), path);
    }
  }
});

Deno.test("every clause has an example, with a defect filed under it where there is one", async () => {
  const examples = await ruleExamples();
  for (const clause of clauses) {
    const example = examples.get(clause.id);
    if (example === undefined) throw new Error(`${clause.id} has no example`);
    const { problem, rule, wrong } = example;
    for (const text of [problem, rule, wrong.does]) assert(/[a-z]/.test(text), clause.id);
    const filed = defects.filter((defect) => defect.clause === clause.id);
    const candidates = filed.length === 0 ? defects : filed;
    assert(candidates.some(({ id }) => id === wrong.defect), clause.id);
  }
  assertEquals(examples.size, clauses.length);
});

Deno.test("the rule page shows the example of every clause in its section", async () => {
  const sections = (await rulePage()).split("# Proofs")[0]!.split(/^### /m).slice(1);
  assertEquals(sections.length, clauses.length);
  for (const section of sections) {
    assertEquals(section.split("**Example.** ").length, 2, section);
  }
});
