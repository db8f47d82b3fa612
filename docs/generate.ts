/**
 * Writes the generated pages, or checks that they are current.
 *
 *     deno task docs            write
 *     deno task docs --check    exit 1 if a page is stale
 *
 * @module
 */

import { conditionsPage, readConditions } from "./conditions_sweep.ts";
import { defectsPage } from "./defects_page.ts";
import { familyPicture } from "./family_pictures.ts";
import { killMatrixPage, readMatrix } from "./kill_matrix.ts";
import { mutationPage, readExplanations, readRun } from "./mutation/score_page.ts";
import { readmePage } from "./readme_page.ts";
import { rulePage } from "./rule_page.ts";
import { rulePictures } from "./rule_pictures.ts";
import { readTried, rulesPage } from "./rules_page.ts";
import { statisticsPage } from "./statistics_page.ts";
import { textbookPage, textbookPicture } from "./textbook_page.ts";
import { tracesPage } from "./traces_page.ts";
import { wordsPage } from "./words.ts";

/** Every generated page and picture: path below `docs/` → text. */
export async function pages(): Promise<ReadonlyMap<string, string>> {
  return new Map([...await storedPages(), ...await printedPages()]);
}

/** The pages that show what commands print, which takes most of the time. */
async function printedPages(): Promise<ReadonlyMap<string, string>> {
  const [statistics, textbook, traces, readme] = await Promise
    .all([statisticsPage(), textbookPage(), tracesPage(), readmePage()]);
  return new Map([
    ["statistics.md", statistics],
    ["textbook.md", textbook],
    ["traces.md", traces],
    ["../README.md", readme],
  ]);
}

/** The pages and pictures that follow from the rule, from catalogues and from stored figures. */
export async function storedPages(): Promise<ReadonlyMap<string, string>> {
  const [rule, matrix, pictures, run, survivors, conditions] = await Promise
    .all([
      rulePage(),
      readMatrix(),
      rulePictures(),
      readRun(),
      readExplanations(),
      readConditions(),
    ]);
  return new Map([
    ["rule.md", rule],
    ["rules.md", rulesPage(await readTried())],
    ["conditions.md", conditionsPage(conditions)],
    ["defects.md", defectsPage()],
    ["kill-matrix.md", killMatrixPage(matrix)],
    ["mutation.md", mutationPage(run, survivors)],
    ["words.md", wordsPage()],
    ...[...Object.values(pictures), textbookPicture(), familyPicture()].map(
      ({ file, svg }) => [`images/${file}`, svg] as const,
    ),
  ]);
}

/** The pages whose file differs from what would be generated. */
export async function stalePages(all: ReadonlyMap<string, string>): Promise<string[]> {
  const stale: string[] = [];
  for (const [path, text] of all) {
    const found = await Deno.readTextFile(new URL(path, import.meta.url)).catch(() => "");
    if (found !== text) stale.push(path);
  }
  return stale;
}

if (import.meta.main) {
  const all = await pages();
  const stale = await stalePages(all);
  if (Deno.args.includes("--check")) {
    for (const path of stale) {
      console.error(`docs/${path} is stale: found other text than the specification gives`);
    }
    if (stale.length > 0) {
      console.error("Run deno task docs and commit the result");
      Deno.exit(1);
    }
  } else {
    await Deno.mkdir(new URL("images/", import.meta.url), { recursive: true });
    for (const path of stale) {
      await Deno.writeTextFile(new URL(path, import.meta.url), all.get(path)!);
      console.error(`Wrote docs/${path}`);
    }
    if (stale.length === 0) console.error("Every page is current");
  }
}
