import { assert, assertEquals } from "@std/assert";
import { defectOf } from "../../src/defects/defects.ts";
import { siteFiles } from "./build.ts";
import { render } from "./render.ts";
import { type Entry, find } from "./entries.ts";

const files = await siteFiles();
const pages = [...files].filter(([path]) => path.endsWith(".html"))
  .map(([path, text]) => [path, text as string] as const);
const entries: readonly Entry[] = JSON.parse(
  (files.get("entries.js") as string).replace("globalThis.searchEntries=", "").slice(0, -1),
);

/** Where a link of a page leads, or why it leads nowhere. */
function faultOf(path: string, href: string): string | null {
  const url = new URL(href, `file:///${path}`);
  const target = decodeURIComponent(url.pathname.slice(1));
  const text = files.get(target);
  if (text === undefined) return "no such file";
  const anchor = decodeURIComponent(url.hash.slice(1));
  if (anchor === "") return null;
  if (target === "playground.html") {
    const defect = new URLSearchParams(anchor).get("defect");
    return defect === null ? null : defectOf(defect) ? null : "no such defect";
  }
  return (text as string).includes(`id="${anchor}"`) ? null : "no such anchor";
}

Deno.test("every internal link of the site leads somewhere", () => {
  const faults: string[] = [];
  let count = 0;
  for (const [path, text] of pages) {
    // Programs are no pages: what looks like a link in them is made at run time.
    const page = text.replace(/<script[^>]*>[^]*?<\/script>/g, (script) => script.split(">")[0]!);
    for (const [, href] of page.matchAll(/\b(?:href|src)="([^"]*)"/g)) {
      if (/^(https?|data|mailto):/.test(href!)) continue;
      count++;
      const fault = faultOf(path, href!.replaceAll("&amp;", "&"));
      if (fault) faults.push(`${path}: ${href}: ${fault}`);
    }
  }
  assertEquals(faults, []);
  assert(count > 500, `${count} links`);
});

Deno.test("every entry of the search leads somewhere", () => {
  assertEquals(entries.filter(({ url }) => faultOf("", url)), []);
});

Deno.test("the links that the playground makes lead to the clauses of the rule", async () => {
  const { clauseLink } = await import("../playground/page_text.ts");
  const { clauses } = await import("../../properties/clauses.ts");
  assertEquals(clauses.filter(({ id }) => faultOf("playground.html", clauseLink(id))), []);
});

Deno.test("the search finds a clause, a defect, a page and an example", () => {
  const first = (query: string) => find(entries, query)[0]?.entry.url;
  assertEquals(first("delta clip"), "rule.html#delta-clip");
  assertEquals(first("half-missing"), "defects.html#half-missing");
  assert(find(entries, "judge python port").some(({ entry }) => entry.url === "python.html"));
  assert(find(entries, "numpy_port").some(({ entry }) => entry.url.includes("numpy_port")));
  assertEquals(find(entries, "no such words here"), []);
  assertEquals(find(entries, "  "), []);
});

Deno.test("every page has a language, one title, a place to skip to and no address elsewhere", () => {
  for (const [path, text] of pages) {
    assert(text.includes('<html lang="en"'), path);
    // A program of a page may write other pages.
    const shown = text.replaceAll(/<script[^]*?<\/script>/g, "");
    assertEquals(shown.split("<title>").length, 2, path);
    assert(/<a class="skip" href="#\w+">/.test(text.replaceAll("\n", " ")), path);
    assert(!/<(?:script|link|img|iframe)[^>]+(?:src|href)="(?:https?:)?\/\//.test(text), path);
  }
});

Deno.test("the playground allows itself no request", () => {
  const page = files.get("playground.html") as string;
  assert(/Content-Security-Policy"\s+content="default-src 'none'/.test(page));
});

Deno.test("mathematics becomes MathML, in lines and in blocks, and prices stay prices", () => {
  const { html } = render("# A\n\nWith $a^2$, for $5 or $6.\n\n```math\n\\frac{a}{b}\n```\n", {
    link: (href) => href,
  });
  assertEquals(html.split("<math").length, 3);
  assert(html.includes("for $5 or $6."));
});

Deno.test("headings have the ids that links to them use", () => {
  const { headings } = render('# A\n\n## What it is not?\n\n## <a id="b"></a>`b`\n\n## `b`\n', {
    link: (href) => href,
  });
  assertEquals(headings.map(({ id }) => id), ["a", "what-it-is-not", "b", "b-1"]);
});

Deno.test("code is highlighted and cannot break out of its block", () => {
  const { html } = render("# A\n\n```ts\nconst a = '</code><script>';\n```\n", {
    link: (href) => href,
  });
  assert(html.includes("hljs-keyword") && !html.includes("<script>"));
});
