/** The site and the playground in a real browser. */

import { assert, assertEquals } from "@std/assert";
import axe from "axe-core";
import type { BrowserContextOptions, Page } from "playwright-core";
import { clauseOf } from "../../properties/clauses.ts";
import { pageTests } from "../../src/fixtures/browser.ts";
import { fewOf, isWhole, sweep } from "../../src/fixtures/sweep.ts";
import { writeSite } from "./build.ts";

const images = new URL("../images/", import.meta.url);
const pictures = [...Deno.readDirSync(images)].map(({ name }) => name)
  .filter((name) => name.endsWith(".svg")).sort();

const test = await pageTests(async (folder) => {
  await writeSite(new URL(`file://${folder}/`));
  for (const name of pictures) await Deno.copyFile(new URL(name, images), `${folder}/${name}`);
});

/** Registers a test of one page. */
function pageTest(
  sentence: string,
  address: string,
  options: BrowserContextOptions,
  body: (page: Page) => Promise<void>,
): void {
  test(sentence, options, [address], body);
}

/** Chains that are judged in the page take their time. */
const slowTest: typeof pageTest = isWhole ? pageTest : (sentence) => sweep(sentence, () => {});

/** The page allows itself no evaluation of texts, so it is asked by its elements alone. */
const verdict = (page: Page, wanted: RegExp) =>
  page.locator("#verdict-words").filter({ hasText: wanted }).waitFor();
const textOf = async (page: Page, selector: string) => await page.textContent(selector) ?? "";
const marks = (page: Page, side: string) =>
  page.$eval(`#figure-${side}`, (figure) => figure.querySelector("g")?.innerHTML ?? "");

pageTest(
  "a click on a defect turns the verdict to the broken clause",
  `playground.html#defect=${isWhole ? "none" : "delta-clip-missing"}`,
  {},
  async (page) => {
    await verdict(page, isWhole ? /^Conforms/ : /^Violates delta-clip/);
    await page.click("text=The whole gradient is used instead of its half");
    await verdict(page, /^Violates drift\/half$/);
    const details = await textOf(page, "#verdict-details");
    assert(details.includes(clauseOf("drift/half")!.sentence), details.slice(0, 300));
    assert(details.includes("made without knowing the defect"), details.slice(0, 900));
    assertEquals(await page.getAttribute("#verdict", "aria-busy"), "false");
    assert(page.url().endsWith("#defect=half-missing"));
  },
);

pageTest(
  "the keyboard steps, plays and pauses, and the slider follows",
  "playground.html#defect=half-missing",
  { reducedMotion: "reduce" },
  async (page) => {
    await page.waitForSelector("#figure-actual g > *");
    const before = await marks(page, "actual");
    await page.focus("#stage");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    assertEquals(await textOf(page, "#moment"), "step 2 of 25");
    assertEquals(await page.inputValue("#scrub"), "2");
    assert(await marks(page, "actual") !== before);
    assert((await textOf(page, "#told")).startsWith("step 2 of 25. Chain 1 is at "));
    assert(page.url().includes("step=2"));
    await page.keyboard.press("Space");
    await page.locator("#moment").filter({ hasText: /^step [4-9] / }).waitFor();
    await page.keyboard.press("Space");
    assertEquals(await page.getAttribute("#play", "aria-label"), "Play");
    await page.keyboard.press("End");
    assertEquals(await textOf(page, "#moment"), "step 25 of 25");
    await page.fill("#scrub", "7");
    assertEquals(await textOf(page, "#moment"), "step 7 of 25");
  },
);

pageTest(
  "play moves the chains every time that it is pressed",
  "playground.html#steps=200&rows=1",
  {},
  async (page) => {
    await page.waitForSelector("#figure-actual g > *");
    const rewind = async () => {
      await page.focus("#stage");
      await page.keyboard.press("Home");
    };
    await rewind();
    const { x, y, width, height } = (await page.locator("#play").boundingBox())!;
    const press = () => page.mouse.click(x + width / 2, y + height / 2);
    for (let time = 1; time <= (isWhole ? 30 : 3); time++) {
      await rewind();
      await press();
      await page.locator("#moment").filter({ hasText: /^step/ }).waitFor({ timeout: 5000 });
      await press();
      assertEquals(await page.getAttribute("#play", "aria-label"), "Play", `press ${time}`);
    }
  },
);

pageTest(
  "a faulty formula is told by the parser, and the chains stay as they were",
  "playground.html#defect=none",
  {},
  async (page) => {
    await page.waitForSelector("#figure-expected g > *");
    const before = await marks(page, "expected");
    await page.fill("#energy", "a1^2 + q");
    const told = await textOf(page, "#energy-fault");
    assert(told.includes("Cannot parse the formula at character 7: found"), told);
    assertEquals(told.split("\n").at(-1)!.indexOf("^"), told.split("\n").at(-2)!.indexOf("q"));
    assertEquals(await page.getAttribute("#energy", "aria-invalid"), "true");
    assertEquals(await marks(page, "expected"), before);
    await page.fill("#energy", "4*a1^2 + a2^2");
    assert(await page.isHidden("#energy-fault"));
    await page.fill("#field-deltaClip", "much");
    assertEquals(await page.getAttribute("#field-deltaClip", "aria-invalid"), "true");
  },
);

slowTest(
  "the search narrows the defects, and the smallest problem comes onto the stage",
  "playground.html",
  {},
  async (page) => {
    await page.fill("#search", "momentum last drift");
    assertEquals(await page.locator("#defects label").count(), 1);
    await page.click("#defects label");
    await verdict(page, /^Violates drift\/no-memory/);
    await page.click("text=Show this problem above");
    await page.waitForSelector("text=The smallest problem on which the clause breaks");
    assert(page.url().includes("stage=smallest"));
    await page.click("text=Back to my settings");
    await page.waitForSelector("#notice", { state: "hidden" });
  },
);

pageTest(
  "a link brings a setting back",
  "playground.html#energy=8*(a1^2-0.4)^2&axes=1&low=-2&high=1&steps=7&step=3&defect=steps-one-more",
  { colorScheme: "dark" },
  async (page) => {
    if (isWhole) await verdict(page, /^Violates steps\/count/);
    assertEquals(await page.inputValue("#energy"), "8*(a1^2-0.4)^2");
    assertEquals(await page.inputValue("#field-box1"), "-2, 1");
    assertEquals(await textOf(page, "#moment"), "step 3 of 8");
    assert(await page.isChecked("input[value=steps-one-more]"));
  },
);

const phone = { viewport: { width: 360, height: 740 }, hasTouch: true };

const everyKind = [
  "workshop.html",
  "playground.html#defect=noise-laplace",
  "index.html",
  "rule.html",
  "defects.html",
  "kill-matrix.html",
  "examples.html",
  "examples/python/numpy_port.py.html",
];

test(
  "no page needs scrolling aside on a phone",
  phone,
  fewOf(everyKind.toReversed(), 3),
  async (page, address) => {
    if (address.startsWith("playground")) await verdict(page, /^Violates noise\/own-draw/);
    const width = await page.evaluate("document.documentElement.scrollWidth");
    assertEquals(width, 360, address);
    assert(await page.locator("h1").first().isVisible(), address);
  },
);

pageTest(
  "the search of the site finds “delta clip”, and a hit leads there",
  "index.html",
  {},
  async (page) => {
    await page.keyboard.press("/");
    await page.keyboard.type("delta clip");
    await page.waitForSelector("#hits a");
    assert((await textOf(page, "#told")).endsWith("places found."));
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/rule\.html#delta-clip$/);
    assert(await page.locator("h2#delta-clip").isVisible());
  },
);

pageTest(
  "the search works in a folder of the site, too",
  "examples/plain_arrays.ts.html",
  {},
  async (page) => {
    await page.fill("#search", "no such words at all");
    assertEquals(await textOf(page, "#told"), "Nothing has all these words.");
    await page.fill("#search", "half-missing");
    await page.click("#hits a");
    await page.waitForURL(/defects\.html#half-missing$/);
  },
);

pageTest("the colours can be chosen, and are kept", "rule.html", {}, async (page) => {
  const ground = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
  const light = await ground();
  await page.click("#theme");
  assert(await ground() !== light);
  assertEquals(await textOf(page, "#theme"), "Light");
  await page.reload();
  assert(await ground() !== light);
});

test(
  "no words of a picture lie upon others, or beyond its edge",
  {},
  fewOf(pictures, 3),
  async (page, address) => {
    assertEquals(await page.evaluate<string[]>(collisions), [], address);
  },
);

/** Pairs of texts of a picture that cover each other, and texts that leave it. */
const collisions = `(() => {
  const edge = document.documentElement.getBoundingClientRect();
  const texts = [...document.querySelectorAll("text")]
    .map((text) => ({ words: text.textContent, box: text.getBoundingClientRect() }));
  const spare = 2; // a box is as tall as the tallest letter of the font
  const covers = (a, b) =>
    a.left < b.right - spare && b.left < a.right - spare &&
    a.top < b.bottom - spare && b.top < a.bottom - spare;
  return texts.flatMap(({ words, box }, i) => [
    ...(box.right > edge.right || box.left < edge.left ? [words + " leaves the picture"] : []),
    ...texts.slice(i + 1).filter((other) => covers(box, other.box))
      .map((other) => words + " / " + other.words),
  ]);
})()`;

slowTest(
  "the playground opens on a defect whose chains move by themselves",
  "playground.html",
  {},
  async (page) => {
    await page.locator("#moment").filter({ hasText: /^step [3-9]/ }).waitFor();
    await verdict(page, /^Violates noise\/step-size$/);
  },
);

test(
  "axe finds nothing to mend, in the light and in the dark",
  { bypassCSP: true, reducedMotion: "reduce" },
  fewOf(everyKind, 1),
  async (page, address) => {
    for (const scheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme: scheme });
      assertEquals(await axeFindings(page), [], `${address}, ${scheme}`);
    }
  },
);

/** What axe-core finds on a page, in short. */
async function axeFindings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return await page.evaluate<string[]>(
    `axe.run({ preload: false }).then(({ violations }) => violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => id + " " + target + " " + failureSummary)))`,
  );
}

pageTest("a formula of the rule is drawn as mathematics", "rule.html", {}, async (page) => {
  const box = await page.locator("math mfrac").first().boundingBox();
  assert(box !== null && box.height > 20, JSON.stringify(box));
});
