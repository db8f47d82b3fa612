/**
 * Markdown pages as HTML: mathematics as MathML, code in colours, links that lead to pages.
 *
 * @module
 */

import hljs from "highlight.js/core";
import bash from "highlight.js/bash";
import diff from "highlight.js/diff";
import jsonLanguage from "highlight.js/json";
import python from "highlight.js/python";
import typescript from "highlight.js/typescript";
import yaml from "highlight.js/yaml";
import { Marked, type Tokens } from "marked";
import { mathOfTeX } from "../../spec/mathml.ts";
import { escaped } from "../../src/report/markup.ts";

hljs.registerLanguage("sh", bash);
hljs.registerLanguage("diff", diff);
hljs.registerLanguage("json", jsonLanguage);
hljs.registerLanguage("python", python);
hljs.registerLanguage("ts", typescript);
hljs.registerLanguage("yaml", yaml);

/** A heading of a page. */
export interface Heading {
  /** 1 to 6. */
  readonly level: number;
  /** What a link names it by. */
  readonly id: string;
  /** Its text without markup. */
  readonly text: string;
}

/** A part of a page, from one heading to the next, for the search. */
export interface Section {
  /** The heading it stands under; `null` before the first one. */
  readonly heading: Heading | null;
  /** What it says, without markup. */
  readonly text: string;
}

/** A page that has been read. */
export interface Rendered {
  /** The text of the first heading. */
  readonly title: string;
  /** Body. */
  readonly html: string;
  /** In order. */
  readonly headings: readonly Heading[];
  /** In order. */
  readonly sections: readonly Section[];
}

/** What a page leaves to its site. */
export interface Surroundings {
  /** Where a link or a picture leads in the site. */
  readonly link: (href: string) => string;
  /** More behind a heading, as HTML. */
  readonly besideHeading?: (id: string) => string;
}

/** A Markdown page as HTML. */
export function render(markdown: string, { link, besideHeading }: Surroundings): Rendered {
  const headings: Heading[] = [];
  const sections: { heading: Heading | null; parts: string[] }[] = [{ heading: null, parts: [] }];
  const taken = new Map<string, number>();
  const say = (text: string) => sections.at(-1)!.parts.push(text);
  const marked = new Marked({
    extensions: [{
      name: "mathematics",
      level: "inline",
      start: (source: string) => {
        const at = source.search(/(?<![\w$\\])\$(?=[^\s$])/);
        return at < 0 ? undefined : at;
      },
      tokenizer(source: string) {
        const found = /^\$((?:[^$\\\n]|\\.)+?)\$(?![\w$])/.exec(source);
        return found ? { type: "mathematics", raw: found[0], tex: found[1] } : undefined;
      },
      renderer: (token) => mathOfTeX(String(token["tex"])),
    }],
    renderer: {
      heading({ tokens, depth }: Tokens.Heading) {
        const html = this.parser.parseInline(tokens);
        const anchor = /^<a id="([^"]+)"><\/a>/.exec(html)?.[1];
        const text = plain(html);
        const slug = anchor ?? slugOf(text);
        const count = taken.get(slug) ?? 0;
        taken.set(slug, count + 1);
        const id = count === 0 ? slug : `${slug}-${count}`;
        const heading = { level: depth, id, text };
        headings.push(heading);
        sections.push({ heading, parts: [] });
        const shown = anchor ? html.replace(/^<a id="[^"]+"><\/a>/, "") : html;
        const beside = besideHeading?.(id) ?? "";
        return `<h${depth} id="${escaped(id)}">${shown}${
          depth === 1
            ? ""
            : `<a class="anchor" href="#${escaped(id)}" aria-label="Link to ${escaped(text)}">#</a>`
        }${beside}</h${depth}>\n`;
      },
      code({ text, lang }: Tokens.Code) {
        const [language = "", name = ""] = (lang ?? "").split(/\s+/);
        if (language === "math") {
          return `<div class="math scroll" tabindex="0" role="group" aria-label="Formula">${
            mathOfTeX(text, "block")
          }</div>\n`;
        }
        say(text);
        return codeBlock(text, language, name);
      },
      table(token: Tokens.Table) {
        // A head without words is no head to a screen reader.
        const cell = (wanted: "th" | "td", { text, tokens, align }: Tokens.TableCell) => {
          const kind = text.trim() === "" ? "td" : wanted;
          return `<${kind}${kind === "th" ? ' scope="col"' : ""}${
            align ? ` class="${align}"` : ""
          }>${this.parser.parseInline(tokens)}</${kind}>`;
        };
        const row = (cells: string[]) => `<tr>${cells.join("")}</tr>`;
        const head = row(token.header.map((one) => cell("th", one)));
        const body = token.rows.map((cells) => row(cells.map((one) => cell("td", one))));
        say(plain(body.join(" ")));
        return `<div class="scroll table" tabindex="0" role="group" aria-label="Table"><table><thead>${head}</thead><tbody>${
          body.join("")
        }</tbody></table></div>\n`;
      },
      paragraph({ tokens }: Tokens.Paragraph) {
        const html = this.parser.parseInline(tokens);
        say(plain(html));
        return `<p>${html}</p>\n`;
      },
      listitem(item: Tokens.ListItem) {
        const html = this.parser.parse(item.tokens);
        say(plain(html));
        return `<li>${html}</li>\n`;
      },
      link({ href, tokens }: Tokens.Link) {
        return `<a href="${escaped(link(href))}">${this.parser.parseInline(tokens)}</a>`;
      },
      image({ href, text }: Tokens.Image) {
        return `<img src="${escaped(link(href))}" alt="${escaped(text)}" loading="lazy">`;
      },
      html({ text }: Tokens.HTML | Tokens.Tag) {
        return text.replace(/<!--[^]*?-->/g, "");
      },
    },
  });
  const html = marked.parse(markdown, { async: false });
  return {
    title: headings.find(({ level }) => level === 1)?.text ?? "",
    html,
    headings,
    sections: sections.map(({ heading, parts }) => ({
      heading,
      text: parts.join(" ").replace(/\s+/g, " ").trim(),
    })).filter(({ heading, text }) => heading !== null || text !== ""),
  };
}

/** A block of code in colours, with the name of its file where it has one. */
export function codeBlock(text: string, language: string, name = ""): string {
  const known = { typescript: "ts", py: "python", bash: "sh", jsonc: "json" }[language] ?? language;
  const colours = hljs.getLanguage(known)
    ? hljs.highlight(text, { language: known }).value
    : escaped(text);
  const caption = name === "" ? "" : `<figcaption>${escaped(name)}</figcaption>`;
  return `<figure class="code">${caption}<pre tabindex="0"><code>${colours}</code></pre></figure>\n`;
}

/** HTML without its marks. */
function plain(html: string): string {
  return html.replace(/<annotation[^]*?<\/annotation>/g, "").replace(/<[^>]+>/g, "")
    .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'").replaceAll("&amp;", "&").replace(/\s+/g, " ").trim();
}

/** The id of a heading as GitHub makes it. */
function slugOf(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/\s/g, "-");
}
