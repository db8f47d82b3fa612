/** The report as a page, in a real browser. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { pageTests } from "../fixtures/browser.ts";
import { fewOf, isWhole } from "../fixtures/sweep.ts";
import { type ReportName, reportNames, reportOf } from "../fixtures/reports.ts";
import { html } from "./html.ts";

const pageOf = (name: string) => `${name.replaceAll(" ", "-")}.html`;
const kinds: readonly ReportName[] = ["violating", "conforming", "not run"];
const shown: readonly ReportName[] = isWhole ? reportNames : kinds.slice(0, 2);
const all = shown.map(pageOf);

const pageTest = await pageTests(async (folder) => {
  for (const name of shown) {
    await Deno.writeTextFile(`${folder}/${pageOf(name)}`, html(await reportOf(name)));
  }
});

const wide = { viewport: { width: 1100, height: 900 } };
const narrow = { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true };

pageTest(
  "a page loads without a complaint and without a request, dark on light or light on dark as the system is",
  wide,
  fewOf(all, 1),
  async (page, name) => {
    assertEquals(await page.locator("h1").count(), 1, name);
    assert((await page.locator("main").innerText()).length > 40, name);
    await page.emulateMedia({ colorScheme: "light" });
    assertEquals(await page.evaluate(faintTexts), [], name);
    assert(await page.evaluate<number>(paperLight) > 0.9, name);
    await page.emulateMedia({ colorScheme: "dark" });
    assertEquals(await page.evaluate(faintTexts), [], name);
    assert(await page.evaluate<number>(paperLight) < 0.2, name);
  },
);

const telling = ["violating", "two axes", "own noise", "not run", "hostile"];

pageTest("a page fits on a phone", narrow, fewOf(telling, 1).map(pageOf), async (page, name) => {
  await page.evaluate("document.querySelectorAll('details').forEach((group) => group.open = true)");
  const widths = await page.evaluate(
    "[document.documentElement.scrollWidth, document.documentElement.clientWidth]",
  );
  assertEquals(widths, [360, 360], name);
});

pageTest(
  "the keyboard reaches the findings and every group",
  wide,
  fewOf(kinds, 1).map(pageOf),
  async (
    page,
    name,
  ) => {
    await page.keyboard.press("Tab");
    assertMatch(await page.evaluate<string>("document.activeElement.textContent"), /^Skip to/);
    await page.keyboard.press("Enter");
    assertEquals(await page.evaluate("document.activeElement.id"), "main");
    const groups = await page.locator("summary").count();
    const reached = new Set<string>();
    for (let i = 0; i < 20 + 12 * groups && reached.size < groups; i++) {
      await page.keyboard.press("Tab");
      const title = await page.evaluate<string | null>(
        "document.activeElement.matches('summary') ? document.activeElement.textContent : null",
      );
      if (title !== null) reached.add(title);
    }
    assertEquals(reached.size, groups, name);
    if (groups === 0) return;
    const open = () => page.evaluate<boolean>("document.activeElement.parentElement.open");
    const before = await open();
    await page.keyboard.press("Enter");
    assertEquals(await open(), !before, name);
  },
);

const judged = ["violating", "own noise"];

pageTest(
  "a command can be copied, and all groups opened",
  wide,
  fewOf(judged, 1).map(pageOf),
  async (
    page,
    name,
  ) => {
    const copy = page.locator("button[data-copy]").first();
    if (await copy.count() > 0) {
      await copy.click();
      await page.locator("#said", { hasText: /./ }).waitFor({ state: "attached" });
    }
    const all = page.locator("#open-all");
    if (await all.count() === 0) return;
    await all.click();
    assertEquals(await page.locator("details:not([open])").count(), 0, name);
    await all.click();
    assertEquals(await page.locator("details[open]").count(), 0, name);
  },
);

pageTest(
  "a page prints on four sheets at most",
  wide,
  [pageOf("violating")],
  async (page, name) => {
    const text = new TextDecoder("latin1").decode(await page.pdf({ format: "A4" }));
    const sheets = text.match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    assert(sheets > 0 && sheets <= 4, `${name}: ${sheets} sheets`);
  },
);

// What runs in the page is text: the types of the browser are not those of this program.

/** How light the paper is, from 0 to 1. */
const paperLight = `(() => {
  const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number);
  return (0.2126 * r + 0.7152 * g + 0.0722 * b) / 255;
})()`;

/** Texts whose contrast to their ground is less than 4.5. */
const faintTexts = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const mixed = new Map(); // reading a pixel is slow
  const over = (colors) => {
    const key = colors.join();
    if (!mixed.has(key)) mixed.set(key, mix(colors));
    return mixed.get(key);
  };
  const mix = (colors) => {
    canvas.clearRect(0, 0, 1, 1);
    for (const color of colors) {
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
    }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (color) => {
    const [r, g, b] = color.map((c) => {
      const s = c / 255;
      return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const grounded = new Map();
  const groundOf = (element) => {
    if (!grounded.has(element)) grounded.set(element, getComputedStyle(element).backgroundColor);
    return grounded.get(element);
  };
  const found = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) =>
      node.nodeType === 3 && node.textContent.trim() !== ""
    );
    if (!own || element.getClientRects().length === 0) continue;
    if (element.closest("title, desc, script")) continue;
    const grounds = [];
    for (let at = element; at; at = at.parentElement) grounds.unshift(groundOf(at));
    const style = getComputedStyle(element);
    const color = element.namespaceURI.endsWith("svg") ? style.fill : style.color;
    const a = light(over([...grounds, color])), b = light(over(grounds));
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) {
      found.push(element.tagName + " " + element.textContent.slice(0, 30) + " " + contrast.toFixed(2));
    }
  }
  return found;
})()`;
