import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { LoadFault, loadSampler, placeIn } from "./module.ts";
import { isModule } from "../module_specifier.ts";

const sampler = '{ name: "mine", networkReturns: "energy", prepare: () => () => [] }';

async function inFolder(
  files: Readonly<Record<string, string>>,
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The fault of loading `specifier` from a folder with the given files. */
async function faultOf(
  files: Readonly<Record<string, string>>,
  specifier: string,
): Promise<LoadFault> {
  let fault: LoadFault | undefined;
  await inFolder(files, async (folder) => {
    fault = await assertRejects(() => loadSampler(`${folder}/${specifier}`), LoadFault);
  });
  return fault!;
}

Deno.test("a default export is loaded", () =>
  inFolder({ "a.ts": `export default ${sampler};` }, async (folder) => {
    assertEquals((await loadSampler(`${folder}/a.ts`)).name, "mine");
  }));

Deno.test("an export named sampler goes before other samplers", () =>
  inFolder(
    { "a.mjs": `export const other = ${sampler}; export const sampler = ${sampler};` },
    async (folder) => {
      assertEquals((await loadSampler(`${folder}/a.mjs`)).name, "mine");
    },
  ));

Deno.test("the only export that is a sampler is loaded", () =>
  inFolder({ "a.js": `export const f = 1; export const it = ${sampler};` }, async (folder) => {
    assertEquals((await loadSampler(`${folder}/a.js`)).name, "mine");
  }));

Deno.test("an export is chosen by its name", () =>
  inFolder(
    { "a.ts": `export const one = ${sampler}; export const two = { ...one, name: "two" };` },
    async (folder) => {
      assertEquals((await loadSampler(`${folder}/a.ts#two`)).name, "two");
    },
  ));

Deno.test("a file URL and a name with spaces are loaded", () =>
  inFolder({ "my sampler.ts": `export default ${sampler};` }, async (folder) => {
    assertEquals((await loadSampler(`${folder}/my sampler.ts`)).name, "mine");
    assertEquals((await loadSampler(`file://${folder}/my%20sampler.ts`)).name, "mine");
  }));

Deno.test("a file that does not exist is named, and the nearest one proposed", async () => {
  const fault = await faultOf({ "my_sampler.ts": "" }, "my_samplr.ts");
  assertEquals(fault.kind, "missing");
  assertStringIncludes(fault.found, "my_samplr.ts, which does not exist");
  assertStringIncludes(fault.wanted, "/my_sampler.ts?");
});

Deno.test("a folder that does not exist is named", async () => {
  const fault = await faultOf({}, "nowhere/a.ts");
  assertStringIncludes(fault.wanted, "nowhere/ does not exist either");
});

Deno.test("a folder is no module", async () => {
  const fault = await faultOf({}, "");
  assertStringIncludes(fault.found, "which is a folder");
});

Deno.test("a module without a sampler is told with what it exports", async () => {
  const fault = await faultOf(
    { "a.ts": "export const speed = 3; export function go() {}" },
    "a.ts",
  );
  assertEquals(fault.kind, "contract");
  assertStringIncludes(fault.found, "no sampler in");
  assertStringIncludes(fault.found, "go (a function), speed (3)");
});

Deno.test("two samplers need a name", async () => {
  const fault = await faultOf(
    { "a.ts": `export const one = ${sampler}; export const two = one;` },
    "a.ts",
  );
  assertStringIncludes(fault.found, "2 samplers in");
  assertStringIncludes(fault.wanted, "a.ts#one");
});

Deno.test("an unknown export is told with those that exist", async () => {
  const fault = await faultOf({ "a.ts": `export const langevin = ${sampler};` }, "a.ts#langevn");
  assertStringIncludes(fault.found, "which exports langevin");
  assertStringIncludes(fault.wanted, "did you mean langevin?");
});

Deno.test("an export that is no sampler is told", async () => {
  const fault = await faultOf({ "a.ts": "export const speed = 3;" }, "a.ts#speed");
  assertStringIncludes(fault.found, "3 as the export speed");
});

Deno.test("a module that throws is told with its message and the place in its file", async () => {
  const fault = await faultOf({ "a.ts": '\nthrow new RangeError("too far");' }, "a.ts");
  assertEquals(fault.kind, "throws");
  assertStringIncludes(fault.found, "RangeError: too far thrown while");
  assert(fault.where?.endsWith("a.ts:2:7"), fault.where);
});

Deno.test("a syntax error is told with its place", async () => {
  const fault = await faultOf({ "a.ts": "\nexport default {{;" }, "a.ts");
  assertStringIncludes(fault.found, "a syntax error in");
  assert(/a\.ts:2:\d+$/.test(fault.where ?? ""), fault.where);
});

Deno.test("a missing import is told", async () => {
  const fault = await faultOf({ "a.ts": 'import "./gone.ts";' }, "a.ts");
  assertStringIncludes(fault.found, "gone.ts");
});

Deno.test("an unknown target and an unknown defect get the nearest name", async () => {
  const target = await assertRejects(() => loadSampler("refrence"), LoadFault);
  assertStringIncludes(target.wanted, "did you mean reference?");
  const defect = await assertRejects(() => loadSampler("defect:delta-clip-mising"), LoadFault);
  assertStringIncludes(defect.wanted, "did you mean delta-clip-missing?");
});

Deno.test("a module is told from a name by its path", () => {
  assert(["./a.ts", "a.mjs", "/x/a", "file:///a.ts#b", "a.ts#b"].every(isModule));
  assert(!["reference", "refrence", "python"].some(isModule));
});

Deno.test("the place of an error outside of a person's files is not shown", () => {
  assertEquals(placeIn(new Error("here")), undefined);
});
