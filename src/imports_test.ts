/** Imports run one way: spec ← properties, golden ← src ← docs, and no file imports itself around. */

import { assertEquals } from "@std/assert";

const root = new URL("../", import.meta.url);
const isProduction = (path: string) =>
  path.endsWith(".ts") && !/_test\.ts$|_bench\.ts$|\/fixtures\/|\/examples\/|\/_site\//.test(path);

async function filesBelow(folder: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    const path = `${folder}${name}`;
    found.push(...isDirectory ? await filesBelow(`${path}/`) : [path]);
  }
  return found.filter(isProduction);
}

/** What each file imports from others of the project when it runs; types are left out. */
async function importsOf(path: string): Promise<readonly string[]> {
  const text = await Deno.readTextFile(new URL(path, root));
  const statements = text.matchAll(/^(?:import|export)\s(?!type\s)[^;]*?from\s+"(\.[^"]+\.ts)";/gm);
  return [...statements].filter(([statement]) =>
    !/^\w+\s+\{(\s*type\s[^,}]+,?)+\s*\}/.test(statement)
  )
    .map(([, specifier]) => new URL(specifier!, new URL(path, root)).href.slice(root.href.length));
}

const below: Readonly<Record<string, readonly string[]>> = {
  spec: ["spec"],
  properties: ["spec", "properties"],
  golden: ["spec", "golden"],
  src: ["spec", "properties", "golden", "src"],
  docs: ["spec", "properties", "golden", "src", "docs"],
};

const graph = new Map<string, readonly string[]>();
for (const folder of Object.keys(below)) {
  for (const path of await filesBelow(`${folder}/`)) graph.set(path, await importsOf(path));
}

Deno.test("no file imports from a room above its own", () => {
  const upward = [...graph].flatMap(([path, imports]) =>
    imports.filter((other) => !below[path.split("/")[0]!]!.includes(other.split("/")[0]!))
      .map((other) => `${path} imports ${other}`)
  );
  assertEquals(upward, []);
});

/** Ways that lead back to where they began. */
function circlesIn(graph: ReadonlyMap<string, Iterable<string>>): readonly string[] {
  const done = new Set<string>(), circles: string[] = [];
  const visit = (at: string, way: readonly string[]) => {
    if (way.includes(at)) {
      circles.push([...way.slice(way.indexOf(at)), at].join(" → "));
      return;
    }
    if (done.has(at)) return;
    for (const other of graph.get(at) ?? []) visit(other, [...way, at]);
    done.add(at);
  };
  for (const at of graph.keys()) visit(at, []);
  return circles;
}

Deno.test("no file imports itself by way of others", () => {
  assertEquals(circlesIn(graph), []);
});

Deno.test("no folder of src imports itself by way of others", () => {
  const folderOf = (path: string) => /^src\/\w+(?:\/\w+)?(?=\/)/.exec(path)?.[0];
  const folders = new Map<string, Set<string>>();
  for (const [path, imports] of graph) {
    const folder = folderOf(path);
    if (folder === undefined) continue;
    const others = folders.get(folder) ?? new Set();
    folders.set(folder, others);
    for (const other of imports.map(folderOf)) {
      // What stands in a folder itself joins its rooms, and gives them what they share.
      const isWithin = other?.startsWith(`${folder}/`) || folder.startsWith(`${other}/`);
      if (other !== undefined && other !== folder && !isWithin) others.add(other);
    }
  }
  assertEquals(circlesIn(folders), []);
});

Deno.test("reports only print: they import nothing that runs a target", () => {
  const running = /^src\/(run|diagnosis|targets|cli)\//;
  const found = [...graph].filter(([path]) => path.startsWith("src/report/"))
    .flatMap(([path, imports]) =>
      imports.filter((other) => running.test(other)).map((other) => `${path} imports ${other}`)
    );
  assertEquals(found, []);
});
