/**
 * Builds the site: static pages that need no server and no network.
 *
 *     deno task site            write docs/_site/
 *
 * @module
 */

import { defectOf } from "../../src/defects/defects.ts";
import { escaped } from "../../src/report/markup.ts";
import { playgroundPage } from "../playground/page.ts";
import { workshopFiles } from "../workshop/workshop_page.ts";
import { bundle } from "./bundle.ts";
import { codeBlock, type Heading, render, type Rendered } from "./render.ts";
import { palette } from "./palette.ts";
import type { Entry } from "./entries.ts";

/** A site that cannot be built. */
export class SiteError extends Error {
  /** Always "SiteError". */
  override readonly name = "SiteError";
}

/** The root of the repository. */
const repository = new URL("../../", import.meta.url);

/** A page of the site. */
interface Page {
  /** The file it is made from, relative to the repository. */
  readonly source: string;
  /** Where it lies in the site. */
  readonly path: string;
  /** In the navigation. */
  readonly name: string;
}

/** Pages in the order of the navigation; other pages of `docs/` follow. */
const first: readonly Page[] = [
  { source: "README.md", path: "index.html", name: "Start" },
  { source: "docs/tutorial.md", path: "tutorial.html", name: "Tutorial" },
  { source: "docs/rule.md", path: "rule.html", name: "The rule" },
  { source: "docs/textbook.md", path: "textbook.html", name: "Not the textbook sampler" },
  { source: "docs/defects.md", path: "defects.html", name: "Known defects" },
  { source: "docs/python.md", path: "python.html", name: "Judge a Python port" },
  { source: "docs/targets.md", path: "targets.html", name: "A target in any language" },
  { source: "docs/ci.md", path: "ci.html", name: "In your own CI" },
  { source: "docs/statistics.md", path: "statistics.html", name: "The statistics" },
  { source: "docs/traces.md", path: "traces.html", name: "The official traces" },
];
const playground: Page = {
  source: "docs/playground/index.html",
  path: "playground.html",
  name: "Playground",
};
const workshop: Page = {
  source: "docs/workshop/workshop.html",
  path: "workshop.html",
  name: "Judge your own",
};
const examplesPage: Page = { source: "docs/examples", path: "examples.html", name: "Examples" };

const read = (path: string) => Deno.readTextFile(new URL(path, repository));

async function markdownPages(): Promise<readonly Page[]> {
  const sources: string[] = [];
  for await (const { name } of Deno.readDir(new URL("docs/", repository))) {
    if (name.endsWith(".md")) sources.push(`docs/${name}`);
  }
  const known = first.filter(({ source }) => source === "README.md" || sources.includes(source));
  const rest = sources.filter((source) => !first.some((page) => page.source === source)).sort();
  return [
    ...known,
    ...await Promise.all(rest.map(async (source) => ({
      source,
      path: source.replace(/^docs\//, "").replace(/\.md$/, ".html"),
      name: /^# (.+)$/m.exec(await read(source))?.[1] ?? source,
    }))),
  ];
}

/** A file of `docs/examples/`. */
interface Example {
  /** Relative to `docs/examples/`. */
  readonly name: string;
  readonly text: string;
  /** The first sentences of its own description. */
  readonly about: string;
}

async function examples(folder = ""): Promise<Example[]> {
  const found: Example[] = [];
  const base = new URL(`docs/examples/${folder}`, repository);
  for await (const { name, isDirectory } of Deno.readDir(base)) {
    if (isDirectory && !name.startsWith(".") && !name.startsWith("__")) {
      found.push(...await examples(`${folder}${name}/`));
    } else if (/\.(ts|py|yml)$/.test(name) && !name.endsWith("examples_test.ts")) {
      const text = await Deno.readTextFile(new URL(name, base));
      found.push({ name: folder + name, text, about: aboutOf(text) });
    }
  }
  return found.sort((a, b) => a.name < b.name ? -1 : 1);
}

/** The first paragraph of a file's docstring. */
function aboutOf(text: string): string {
  const comment = /^"""([^]*?)"""/.exec(text)?.[1] ?? /^\/\*\*([^]*?)\*\//.exec(text)?.[1] ?? "";
  return comment.replace(/^ *\* ?/gm, "").trim().split(/\n\s*\n/)[0]!.replace(/\s+/g, " ");
}

/** A description as HTML: what stands in backticks is code. */
function inWords(about: string): string {
  return escaped(about).replace(/`([^`]+)`/g, "<code>$1</code>");
}

const languages: Readonly<Record<string, string>> = { ts: "ts", py: "python", yml: "yaml" };
const examplePath = (name: string) => `examples/${name}.html`;

/** The files of the site: path → content. */
type SiteFiles = ReadonlyMap<string, string | Uint8Array>;

let built: Promise<SiteFiles> | undefined;

/** Every file of the site, built once for all that ask. */
export function siteFiles(): Promise<SiteFiles> {
  return built ??= buildSite();
}

async function buildSite(): Promise<SiteFiles> {
  const pages = await markdownPages();
  const samples = await examples();
  const bySource = new Map([
    ...[...pages, playground, workshop, examplesPage].map(({ source, path }) =>
      [source, path] as const
    ),
    ...samples.map(({ name }) => [`docs/examples/${name}`, examplePath(name)] as const),
  ]);
  const copied = new Map<string, Uint8Array>();
  /** Where a link of a source leads, from a page of the site. */
  const linkFrom = (source: string) => async (href: string): Promise<string> => {
    if (/^[a-z]+:/.test(href) || href.startsWith("#")) return href;
    const url = new URL(href, new URL(source, "file:///"));
    const wanted = decodeURIComponent(url.pathname.slice(1)).replace(/\/$/, "");
    const page = bySource.get(wanted);
    if (page !== undefined) return page + url.hash;
    try {
      copied.set(`files/${wanted}`, await Deno.readFile(new URL(wanted, repository)));
    } catch {
      throw new SiteError(
        `Cannot build the site: found a link to ${href} in ${source}, wanted a page or a file`,
      );
    }
    return `files/${wanted}`;
  };

  const files = new Map<string, string | Uint8Array>();
  const entries: Entry[] = [];
  const [start, ...others] = pages;
  const navigation = [start!, playground, workshop, ...others, examplesPage];
  const add = (path: string, source: string, page: Rendered) => {
    files.set(path, shell(path, page, navigation));
    for (const { heading, text } of page.sections) {
      const anchor = heading === null || heading.level === 1 ? "" : `#${heading.id}`;
      entries.push({
        url: path + anchor,
        page: page.title,
        heading: heading?.text ?? page.title,
        text,
      });
    }
    if (page.title === "") {
      throw new SiteError(`Cannot build the site: found no title in ${source}, wanted a heading`);
    }
  };

  for (const { source, path } of pages) {
    const text = await read(source);
    if (source === "README.md") copied.set("files/docs/images/playground.png", await heroImage());
    // Links are looked up before the page is rendered, because a file may have to be read.
    const links = new Map<string, string>();
    const resolve = linkFrom(source);
    render(text, { link: (href) => (links.set(href, ""), href) });
    for (const href of links.keys()) links.set(href, await resolve(href));
    const besideHeading = source === "docs/defects.md"
      ? (id: string) =>
        defectOf(id)
          ? ` <a class="watch" href="playground.html#defect=${id}" aria-label="Watch it: ${id} in the playground">Watch it</a>`
          : ""
      : () => "";
    add(path, source, render(text, { link: (href) => links.get(href) ?? href, besideHeading }));
  }
  for (const { name, text, about } of samples) {
    const extension = name.split(".").at(-1)!;
    add(examplePath(name), name, {
      title: name,
      html: `<h1>${escaped(name)}</h1>\n<p class="lead">${inWords(about)}</p>\n` +
        codeBlock(text, languages[extension]!),
      headings: [],
      sections: [{ heading: null, text: `${about} ${text}` }],
    });
  }
  add(examplesPage.path, examplesPage.source, examplesList(samples));
  files.set("playground.html", await playgroundPage());
  entries.push({
    url: "playground.html",
    page: "Playground",
    heading: "Playground",
    text: "Watch chains of the rule and of a defective rule side by side, step by step.",
  });
  for (const [path, content] of await workshopFiles()) files.set(path, content);
  entries.push({
    url: "workshop.html",
    page: "Judge your own",
    heading: "Judge your own sampler",
    text: "Paste a sampler in TypeScript or plain Python and see which clause it breaks.",
  });
  for (const [path, content] of copied) files.set(path, content);
  files.set("style.css", palette + await Deno.readTextFile(new URL("style.css", import.meta.url)));
  files.set("site.js", await bundle(new URL("client.ts", import.meta.url)));
  // A script and not JSON: a page that was opened as a file may not fetch another one.
  files.set("entries.js", `globalThis.searchEntries=${JSON.stringify(entries)};`);
  return files;
}

const heroImage = () => Deno.readFile(new URL("docs/images/playground.png", repository));

/** What a visitor sees and can do first, below the question that the page opens with. */
const hero = `<div class="hero">
<p><a class="act main" href="playground.html">Watch a bug in the playground</a>
<a class="act" href="workshop.html">Judge your own sampler</a>
<a class="act" href="rule.html">Read the rule</a></p>
<a href="playground.html"><img src="files/docs/images/playground.png" alt="The playground: chains of the rule next to those of a sampler with a bug"></a>
</div>`;

function examplesList(samples: readonly Example[]): Rendered {
  const folders = Map.groupBy(samples, ({ name }) => name.split("/").slice(0, -1).join("/"));
  const headings: Heading[] = [{ level: 1, id: "examples", text: "Examples" }];
  const lists = [...folders].sort().map(([folder, members]) => {
    const id = folder === "" ? "typescript" : folder.replaceAll("/", "-");
    const text = { "": "TypeScript", "process": "By hand, in a process", "python": "Python" }[
      folder
    ] ?? folder;
    headings.push({ level: 2, id, text });
    return `<h2 id="${id}">${text}</h2><ul class="examples">${
      members.map(({ name, about }) =>
        `<li><a href="${examplePath(name)}"><code>${
          escaped(name.split("/").at(-1)!)
        }</code></a> <span>${inWords(about)}</span></li>`
      ).join("")
    }</ul>`;
  });
  return {
    title: "Examples",
    html:
      `<h1>Examples</h1><p>Samplers that the tests judge, each with the verdict it must get.</p>${
        lists.join("")
      }`,
    headings,
    sections: [{ heading: headings[0]!, text: "Samplers in TypeScript and Python" }],
  };
}

/** A whole page around its body. */
function shell(path: string, page: Rendered, navigation: readonly Page[]): string {
  const root = "../".repeat(path.split("/").length - 1);
  const current = (target: string) =>
    target === path || (target === "examples.html" && path.startsWith("examples/"))
      ? ' aria-current="page"'
      : "";
  const parts = page.headings.filter(({ level }) => level === 2 || (level === 1));
  const within = parts.filter((heading, i) => i > 0 || heading.level === 2);
  const contents = within.length < 3 ? "" : contentsOf(within);
  const body = root === ""
    ? path === "index.html" ? page.html.replace("</p>", `</p>\n${hero}`) : page.html
    : page.html.replace(/(href|src)="(?![a-z]+:|#|\/)/g, `$1="${root}`);
  return `<!doctype html>
<html lang="en" data-root="${root}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(page.title)}${page.title === "ulaspec" ? "" : " · ulaspec"}</title>
<link rel="icon" href="data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='5' cy='8' r='3.4' fill='%230068a8'/%3E%3Cpath d='M11 3.5 15 8l-4 4.5L7 8z' fill='none' stroke='%23b84a00' stroke-width='1.6'/%3E%3C/svg%3E">
<link rel="stylesheet" href="${root}style.css">
<script>try{const t=localStorage.getItem("theme");if(t)document.documentElement.dataset.theme=t}catch{}</script>
</head>
<body>
<a class="skip" href="#content">Skip to the text</a>
<header class="top">
<p class="brand"><a href="${root}index.html">ulaspec</a></p>
<div class="find" role="search">
<label class="unseen" for="search">Search</label>
<input id="search" type="search" placeholder="Search  ( / )" autocomplete="off" spellcheck="false" aria-describedby="told">
<ul id="hits" hidden></ul>
<p id="told" class="unseen" role="status" aria-live="polite"></p>
</div>
<button type="button" id="theme">Dark</button>
</header>
<div class="columns">
<nav class="pages" aria-label="Pages">
<ul>${
    navigation.map(({ path: target, name }) =>
      `<li><a href="${root}${target}"${current(target)}>${escaped(name)}</a></li>`
    ).join("")
  }</ul>
</nav>
<main id="content" tabindex="-1">
${contents === "" ? body : body.replace("</h1>", `</h1>\n${contents}`)}
</main>
${
    within.length < 3
      ? "<div></div>"
      : `<nav class="within" aria-label="On this page"><p>On this page</p><ul>${
        within.map(({ id, text, level }) =>
          `<li class="level-${level}"><a href="#${escaped(id)}">${escaped(text)}</a></li>`
        ).join("")
      }</ul></nav>`
  }
</div>
<footer><p>ulaspec, an executable specification of the Langevin update rule of Implicit Behavioral Cloning. Apache-2.0.</p></footer>
<script src="${root}entries.js"></script>
<script src="${root}site.js"></script>
</body>
</html>
`;
}

/** The headings of a page, folded, for screens without room beside the text. */
function contentsOf(headings: readonly Heading[]): string {
  const links = headings.filter(({ level }) => level === 2).map(({ id, text }) =>
    `<li><a href="#${escaped(id)}">${escaped(text)}</a></li>`
  );
  return `<details class="contents"><summary>On this page</summary><ul>${
    links.join("")
  }</ul></details>`;
}

/** Writes the site into a folder, which is emptied first. */
export async function writeSite(folder: URL): Promise<void> {
  const files = await siteFiles();
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  for (const [path, content] of files) {
    const url = new URL(path, folder);
    await Deno.mkdir(new URL(".", url), { recursive: true });
    await (typeof content === "string"
      ? Deno.writeTextFile(url, content)
      : Deno.writeFile(url, content));
  }
}

if (import.meta.main) {
  const folder = new URL("../_site/", import.meta.url);
  await writeSite(folder);
  console.error("Wrote docs/_site/: open docs/_site/index.html");
}
