/**
 * Makes the pictures of the documentation: reports and the playground in a real browser.
 *
 *     deno task images
 *
 * Needs Chromium (`ULASPEC_CHROMIUM`, or /usr/bin/chromium). The pictures in the repository were made
 * on Debian with the fonts Inter, Noto Serif and STIX Two (`fonts-inter`, `fonts-noto-core`,
 * `fonts-stix`).
 *
 * @module
 */

import { startBrowser } from "../src/fixtures/browser.ts";
import { html } from "../src/report/html.ts";
import type { Report } from "../src/report/report.ts";
import { playgroundPage } from "./playground/page.ts";
import { withPalette } from "./palette_png.ts";

/** One picture of a page. */
interface Picture {
  readonly name: string;
  /** What is judged, for a picture of its report; or what the playground shows, as a fragment. */
  readonly shows: { readonly target: string } | { readonly playground: string };
  /** Of the page, in CSS pixels. */
  readonly width: number;
  readonly height: number;
  /** Pixels of the picture per CSS pixel. */
  readonly scale: number;
  readonly scheme: "light" | "dark";
}

const faulty = "docs/examples/ula_sampler_before.ts";

const pictures: readonly Picture[] = [
  {
    name: "report-fail",
    shows: { target: faulty },
    width: 1040,
    height: 1320,
    scale: 2,
    scheme: "light",
  },
  {
    name: "report-pass",
    shows: { target: "reference" },
    width: 1040,
    height: 1080,
    scale: 2,
    scheme: "light",
  },
  {
    name: "report-dark",
    shows: { target: "defect:delta-clip-by-norm" },
    width: 1040,
    height: 1180,
    scale: 2,
    scheme: "dark",
  },
  {
    name: "report-narrow",
    shows: { target: "defect:schedule-linear" },
    width: 360,
    height: 1240,
    scale: 2,
    scheme: "light",
  },
  {
    name: "playground",
    shows: { playground: "#defect=delta-clip-missing&init=0.5&step=8" },
    width: 1240,
    height: 830,
    scale: 2,
    scheme: "light",
  },
];

const root = new URL("..", import.meta.url);

async function reportOf(target: string): Promise<Report> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "-A", "src/cli.ts", "check", target, "--format", "json"],
    cwd: root,
  }).output();
  const report: Report = JSON.parse(new TextDecoder().decode(stdout));
  // A picture should not change with the speed of the machine.
  return { ...report, elapsedMs: Math.max(1000, Math.round(report.elapsedMs / 1000) * 1000) };
}

if (import.meta.main) {
  const browser = await startBrowser();
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(new URL("images/", import.meta.url), { recursive: true });
    for (const { name, shows, width, height, scale, scheme } of pictures) {
      const page = await browser.newPage({
        viewport: { width, height },
        deviceScaleFactor: scale,
        colorScheme: scheme,
      });
      const text = "target" in shows ? html(await reportOf(shows.target)) : await playgroundPage();
      await Deno.writeTextFile(`${folder}/${name}.html`, text);
      const fragment = "playground" in shows ? shows.playground : "";
      await page.goto(`file://${folder}/${name}.html${fragment}`);
      if (fragment !== "") await page.waitForSelector("#figure-actual g > *");
      const picture = withPalette(await page.screenshot());
      await Deno.writeFile(new URL(`images/${name}.png`, import.meta.url), picture);
      console.log(`docs/images/${name}.png: ${Math.round(picture.length / 1000)} kB`);
      await page.close();
    }
  } finally {
    await browser.close();
    await Deno.remove(folder, { recursive: true });
  }
}
