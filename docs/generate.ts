/**
 * Writes the generated pages, or checks that they are current.
 *
 *     deno task docs            write
 *     deno task docs --check    exit 1 if a page is stale
 *
 * @module
 */

import { defectsPage } from "./defects_page.ts";
import { killMatrixPage, readMatrix } from "./kill_matrix.ts";
import { readmePage } from "./readme_page.ts";
import { rulePage } from "./rule_page.ts";

/** Every generated page: path below `docs/` → text. */
export async function pages(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ["rule.md", rulePage()],
    ["defects.md", defectsPage()],
    ["kill-matrix.md", killMatrixPage(await readMatrix())],
    ["../README.md", await readmePage()],
  ]);
}

/** The pages whose file differs from what would be generated. */
export async function stalePages(): Promise<string[]> {
  const stale: string[] = [];
  for (const [path, text] of await pages()) {
    const found = await Deno.readTextFile(new URL(path, import.meta.url)).catch(() => "");
    if (found !== text) stale.push(path);
  }
  return stale;
}

if (import.meta.main) {
  const stale = await stalePages();
  if (Deno.args.includes("--check")) {
    for (const path of stale) {
      console.error(`docs/${path} is stale: found other text than the specification gives`);
    }
    if (stale.length > 0) {
      console.error("Run deno task docs and commit the result");
      Deno.exit(1);
    }
  } else {
    const all = await pages();
    for (const path of stale) {
      await Deno.writeTextFile(new URL(path, import.meta.url), all.get(path)!);
      console.error(`Wrote docs/${path}`);
    }
    if (stale.length === 0) console.error("Every page is current");
  }
}
