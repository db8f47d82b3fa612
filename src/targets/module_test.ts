import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { TargetFault } from "../../spec/sampler.ts";
import { isModule, partsOf } from "../module_specifier.ts";
import { builtInSampler } from "./built_in.ts";
import { loadFault, placeIn, samplerIn } from "./module_exports.ts";
import { openModule } from "./module_process.ts";

const sampler = { name: "mine", networkReturns: "energy", prepare: () => () => [] };
const text = '{ name: "mine", networkReturns: "energy", prepare: () => () => [] }';

const module = (exportName: string | null = null) => ({
  path: "./a.ts",
  href: "file:///project/a.ts",
  exportName,
  folder: "/project",
});

async function inFolder(
  files: Readonly<Record<string, string>>,
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.mkdir(`${folder}/${name}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const options = { timeout: 30, permissions: [] };

/** The fault of opening `specifier` in a folder with the given files. */
async function faultOf(
  files: Readonly<Record<string, string>>,
  specifier: string,
): Promise<TargetFault> {
  let fault: TargetFault | undefined;
  await inFolder(files, async (folder) => {
    fault = await assertRejects(() => openModule(`${folder}/${specifier}`, options), TargetFault);
  });
  return fault!;
}

Deno.test("the default export goes before one named sampler, and that before others", () => {
  const { name } = samplerIn(module(), { other: 1, sampler, default: { ...sampler, name: "it" } });
  assertEquals(name, "it");
  assertEquals(samplerIn(module(), { other: { prepare() {} }, sampler }).name, "mine");
  assertEquals(samplerIn(module(), { f: 1, it: sampler }).name, "mine");
  assertEquals(
    samplerIn(module("two"), { one: sampler, two: { ...sampler, name: "two" } }).name,
    "two",
  );
});

Deno.test("a module without one sampler is told with what it exports", () => {
  const cases: [Record<string, unknown>, string | null, RegExp, RegExp][] = [
    [
      { go() {}, speed: 3 },
      null,
      /no sampler in .*go \(a function\), speed \(3\)/,
      /single export/,
    ],
    [{ one: sampler, two: sampler }, null, /2 samplers in/, /a\.ts#one/],
    [{ langevin: sampler }, "langevn", /which exports langevin/, /did you mean langevin\?/],
    [{ speed: 3 }, "speed", /3 as the export speed/, /prepare\(settings\)/],
    [{}, null, /which exports nothing/, /./],
  ];
  for (const [exports, name, found, wanted] of cases) {
    const fault = assertThrows(() => samplerIn(module(name), exports), TargetFault);
    assertEquals(fault.kind, "contract");
    assert(found.test(fault.found) && wanted.test(fault.wanted), fault.message);
  }
});

Deno.test("a module is opened by a path or a file URL, whatever is in its name", () =>
  inFolder({
    "my # sampler.ts": `export default ${text};`,
    "a#b/c%d.ts": `export const it = ${text};`,
  }, async (folder) => {
    const opened = await Promise.all([
      openModule(`${folder}/my # sampler.ts`, options),
      openModule(`file://${folder}/a%23b/c%25d.ts`, options),
      openModule(`${folder}/a#b/c%d.ts#it`, options),
    ]);
    for (const target of opened) {
      assertEquals(target.name, "mine");
      await target.close();
      assertEquals(target.remarks, []);
    }
  }));

Deno.test("a # belongs to the path, unless the name of an export is behind it", () => {
  assertEquals(partsOf("./a.ts#one"), { path: "./a.ts", exportName: "one" });
  assertEquals(partsOf("./a#b/c.ts"), { path: "./a#b/c.ts", exportName: null });
  assertEquals(partsOf("./a#b/c.ts#two"), { path: "./a#b/c.ts", exportName: "two" });
  assertEquals(partsOf("./a#b.ts"), { path: "./a#b.ts", exportName: null });
  assertEquals(partsOf("file:///x/a.js#d"), { path: "file:///x/a.js", exportName: "d" });
});

Deno.test("a file that does not exist is named, and the nearest one proposed", async () => {
  const fault = await faultOf({ "my_sampler.ts": "" }, "my_samplr.ts");
  assertEquals(fault.kind, "missing");
  assertStringIncludes(fault.found, "my_samplr.ts, which does not exist");
  assertStringIncludes(fault.wanted, "/my_sampler.ts?");
  assertStringIncludes((await faultOf({}, "no/a.ts")).wanted, "no/ does not exist either");
  assertStringIncludes((await faultOf({}, "")).found, "which is a folder");
});

Deno.test("a module that cannot be loaded is told with its message and the place in its file", async () => {
  const thrown = await faultOf({ "a.ts": '\nthrow new RangeError("too far");' }, "a.ts");
  assertEquals(thrown.kind, "throws");
  assertStringIncludes(thrown.found, "RangeError: too far thrown while");
  assert(thrown.place?.endsWith("a.ts:2:7"), thrown.place);
  const broken = await faultOf({ "a.ts": "\nexport default {{;" }, "a.ts");
  assertStringIncludes(broken.found, "a syntax error in");
  assert(/a\.ts:2:\d+$/.test(broken.place ?? ""), broken.place);
  assertStringIncludes((await faultOf({ "a.ts": 'import "./gone.ts";' }, "a.ts")).found, "gone.ts");
});

Deno.test("a module of a project for Node.js imports from node_modules, and without extensions", () =>
  inFolder({
    "package.json": JSON.stringify({ type: "module", dependencies: { names: "1.0.0" } }),
    "node_modules/names/package.json": JSON.stringify({
      name: "names",
      version: "1.0.0",
      type: "module",
      exports: "./index.js",
    }),
    "node_modules/names/index.js": 'export const title = "from Node";',
    "src/name.ts": 'export { title } from "names";',
    "src/a.ts": `import { title } from "./name";
export default { name: title, networkReturns: "energy", prepare() {} };`,
  }, async (folder) => {
    const opened = await openModule(`${folder}/src/a.ts`, options);
    assertEquals(opened.name, "from Node");
    await opened.close();
  }));

Deno.test("a module has the permissions that it is given, and no others", () => {
  const reads = 'export const text = Deno.readTextFileSync(new URL("w.txt", import.meta.url));';
  const files = {
    "a.ts": `${reads}\nexport default { ...${text}, name: text };`,
    "w.txt": "weights",
  };
  return inFolder(files, async (folder) => {
    const open = (...permissions: string[]) =>
      openModule(`${folder}/a.ts`, { timeout: 30, permissions });
    const { found, wanted } = await assertRejects(() => open(), TargetFault);
    assertStringIncludes(found, "Requires read access");
    assertStringIncludes(wanted, "check --allow-read");
    await using target = await open(`--allow-read=${folder}`);
    assertEquals(target.name, "weights");
  });
});

Deno.test({
  name: "a module that takes more memory than it may is ended (needs Linux's /proc)",
  ignore: Deno.build.os !== "linux",
  fn: () => {
    const eats = "const kept = []; for (;;) kept.push(new Float64Array(1e6).fill(1));";
    return inFolder({ "a.ts": eats }, async (folder) => {
      const { kind, found } = await assertRejects(
        () => openModule(`${folder}/a.ts`, { timeout: 60, permissions: [], mostMemory: 4e8 }),
        TargetFault,
      );
      assertEquals(kind, "memory");
      assertStringIncludes(found, "more than 0.4 GB of memory");
    });
  },
});

Deno.test("the rule that a module declares comes with it", () =>
  inFolder({ "a.ts": `export default { ...${text}, rule: "ula" };` }, async (folder) => {
    await using target = await openModule(`${folder}/a.ts`, options);
    assertEquals(target.declares, "ula");
  }));

Deno.test("an unknown target and an unknown defect get the nearest name", async () => {
  const target = await assertRejects(() => builtInSampler("refrence"), TargetFault);
  assertStringIncludes(target.wanted, "did you mean reference?");
  const defect = await assertRejects(() => builtInSampler("defect:delta-clip-mising"), TargetFault);
  assertStringIncludes(defect.wanted, "did you mean delta-clip-missing?");
});

Deno.test("a module is told from a name by its path", () => {
  assert(["./a.ts", "a.mjs", "/x/a", "file:///a.ts#b", "a.ts#b"].every(isModule));
  assert(!["reference", "refrence", "python"].some(isModule));
});

Deno.test("the place of an error outside of a person's files is not shown, others in short", () => {
  assertEquals(placeIn(new Error("here"), {}), undefined);
  const error = new Error("there");
  error.stack = "Error: there\n  at file:///npm/x.js:1:2\n  at file:///project/b.ts:3:4";
  assertEquals(loadFault(error, module()).place, "./b.ts:3:4");
});
