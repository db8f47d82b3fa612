/** The page on which a person judges a sampler: its parts here, and the page in a real browser. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Page } from "playwright-core";
import { observe } from "../../spec/observe.ts";
import { judge } from "../../src/run/judge.ts";
import { pageTests } from "../../src/fixtures/browser.ts";
import { isWhole, sweep } from "../../src/fixtures/sweep.ts";
import { samplerFrom, SourceFault } from "./sampler_source.ts";
import { starts } from "./starts.ts";
import { workshopFiles } from "./workshop_page.ts";

Deno.test("every TypeScript sampler that the page starts from is what its title says", async () => {
  const slips = ["drift/half", "noise/step-size", "delta-clip/scaled-by-range"];
  const verdicts: string[] = [];
  for (const { language, text } of await starts()) {
    if (language !== "typescript") continue;
    const target = observe(await samplerFrom(text));
    const { clauses } = await judge(target, {
      profile: "quick",
      golden: [],
      diagnosis: "none",
      ...(isWhole ? {} : { clauses: slips }),
    });
    verdicts.push(
      clauses.filter(({ verdict }) => verdict === "violated").map(({ id }) => id).join(),
    );
  }
  assertEquals(verdicts, ["", ...slips]);
});

for (
  const [sentence, source, told] of [
    ["a text that doesn't parse is told where", "export default {\n  name: ,\n}", /\(2:9\)/],
    ["a module that imports values is told so", 'import { x } from "y";\nx();', /from "y"/],
    ["a module that throws is told what it threw", "throw new Error('no luck')", /no luck/],
    ["a module without a sampler is told its exports", "export const a = 1", /exports a/],
    ["a module without exports is told that it has none", "const a = 1", /no export/],
  ] as const
) {
  Deno.test(sentence, async () => {
    const { message } = await assertRejects(() => samplerFrom(source), SourceFault);
    assert(told.test(message), message);
  });
}

Deno.test("types of a sampler may be imported, and its only export is found", async () => {
  const sampler = await samplerFrom(
    'import type { Sampler } from "ulaspec";\n' +
      'export const mine: Sampler = { name: "mine", networkReturns: "energy", prepare: () => () => [] };',
  );
  assertEquals(sampler.name, "mine");
});

const test = await pageTests(async (folder) => {
  for (const [path, text] of await workshopFiles()) {
    await Deno.writeTextFile(`${folder}/${path}`, text);
  }
});

const slowTest = isWhole ? test : (sentence: string) => sweep(sentence, () => {});

async function judgedOn(page: Page, wanted: RegExp): Promise<void> {
  await page.click("#judge");
  await page.locator("#verdict-words").filter({ hasText: wanted }).waitFor({ timeout: 120_000 });
}

slowTest(
  "a sampler is judged in the page, with its report and a script that shows the bug",
  {},
  ["workshop.html"],
  async (page) => {
    await page.selectOption("#start", "1");
    await judgedOn(page, /^✗ plain arrays violates 1 clause$/);
    const report = page.frameLocator("#report");
    await report.locator("text=drift/half").first().waitFor();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.click("#save-repro"),
    ]);
    assertEquals(download.suggestedFilename(), "repro.ts");
  },
);

slowTest(
  "a sampler that never ends can be stopped, and its text can be mended",
  { viewport: { width: 360, height: 740 } },
  ["workshop.html"],
  async (page) => {
    await page.locator(".cm-content").fill("for (;;);");
    await page.click("#judge");
    await page.click("#stop");
    assertEquals(await page.textContent("#verdict-words"), "Stopped.");
    await page.locator(".cm-content").fill("export const a = 1;");
    await judgedOn(page, /no sampler among the exports a/);
  },
);

slowTest(
  "a plain Python sampler is judged by Python in the page",
  {},
  ["workshop.html"],
  async (page) => {
    await page.check("[value=python]");
    await page.selectOption("#start", "2");
    await judgedOn(page, /^✗ plain Python violates 1 clause$/);
    await page.frameLocator("#report").locator("text=noise/step-size").first().waitFor();
  },
);
