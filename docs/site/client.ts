/// <reference lib="dom" />
/// <reference lib="dom.iterable" />
/**
 * What a page of the site does in the browser: search, light and dark.
 *
 * @module
 */

import { type Entry, find } from "./entries.ts";
import { theme } from "./theme.ts";

const place = globalThis as unknown as { readonly searchEntries: readonly Entry[] };

function search(): void {
  const input = document.getElementById("search") as HTMLInputElement;
  const list = document.getElementById("hits") as HTMLElement;
  const told = document.getElementById("told") as HTMLElement;
  const root = document.documentElement.dataset["root"] ?? "";
  const show = () => {
    const hits = find(place.searchEntries, input.value);
    list.replaceChildren(...hits.map(({ entry, excerpt }) => {
      const item = document.createElement("li");
      const link = document.createElement("a");
      link.href = root + entry.url;
      const heading = document.createElement("strong"), page = document.createElement("span");
      const text = document.createElement("small");
      heading.textContent = entry.heading;
      page.textContent = entry.page === entry.heading ? "" : entry.page;
      text.textContent = excerpt;
      link.append(heading, page, text);
      item.append(link);
      return item;
    }));
    const asked = input.value.trim() !== "";
    list.hidden = hits.length === 0;
    told.textContent = !asked
      ? ""
      : hits.length === 0
      ? "Nothing has all these words."
      : `${hits.length} ${hits.length === 1 ? "place" : "places"} found.`;
    told.classList.toggle("unseen", hits.length > 0 || !asked);
  };
  input.addEventListener("input", show);
  const links = () => [...list.querySelectorAll<HTMLAnchorElement>("a")];
  document.addEventListener("keydown", (event) => {
    const inside = event.target === input || list.contains(event.target as Node);
    if (event.key === "/" && !(event.target as HTMLElement).closest("input, textarea, select")) {
      event.preventDefault();
      input.focus();
    } else if (event.key === "Escape" && inside) {
      input.value = "";
      show();
      input.focus();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && inside) {
      const all: HTMLElement[] = [input, ...links()];
      const at = all.indexOf(document.activeElement as HTMLElement);
      const next = all[at + (event.key === "ArrowDown" ? 1 : -1)];
      if (next) {
        event.preventDefault();
        next.focus();
      }
    } else if (event.key === "Enter" && event.target === input) links()[0]?.click();
  });
  list.addEventListener("click", () => {
    // A hit on this page only moves it.
    input.value = "";
    show();
  });
}

/** On a phone the pages are one row: the present one is brought into view. */
function present(): void {
  const pages = document.querySelector<HTMLElement>(".pages");
  const link = pages?.querySelector<HTMLElement>("[aria-current]");
  if (pages && link) pages.scrollLeft = link.offsetLeft - pages.offsetLeft - pages.clientWidth / 3;
}

search();
present();
theme(document.getElementById("theme")!);
