import { assert, assertEquals } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };
import { testNeeding } from "../../fixtures/needing.ts";
import { sweep } from "../../fixtures/sweep.ts";
import { npmFiles, writePackage } from "./package.ts";

/** The folder of packages that ULASPEC_NODE_MODULES names: deno, fast-check, mathjs, vitest, zod … */
const modules = Deno.env.get("ULASPEC_NODE_MODULES");

sweep(
  "the npm package names its version, its ways in with their types, and the command",
  async () => {
    const files = await npmFiles();
    const { name, version, exports, bin, dependencies } = JSON.parse(files.get("package.json")!);
    assertEquals([name, version], ["ulaspec", config.version]);
    for (const { types, default: program } of Object.values<Record<string, string>>(exports)) {
      for (const path of [types!, program!]) assert(files.has(path.slice(2)), path);
    }
    assert(files.has(bin.ulaspec.slice(2)));
    assertEquals(Object.keys(dependencies), ["fast-check", "mathjs", "zod", "deno"]);
    const types = [...files].filter(([path]) => path.endsWith(".d.ts"));
    for (const [path, text] of types) {
      for (const [, name] of text.matchAll(/^(?:import|export)[^;]*? from "(\.[^"]+)\.js"/gm)) {
        const target = new URL(`${name}.d.ts`, `file:///${path}`).pathname.slice(1);
        assert(files.has(target), `${path} imports ${target}`);
      }
    }
  },
);

const nodeTest = `
import { test } from "node:test";
import { conformance } from "ulaspec/testing";
import { ruleSampler } from "ulaspec";

conformance({ ...ruleSampler(), name: "rule" }, { profile: "quick", clauses: ["drift"], test });
conformance({ ...ruleSampler(), name: "again", unsupported: ["grad-clip"] }, {
  profile: "quick",
  clauses: ["grad-clip"],
});
`;

testNeeding(
  "ULASPEC_NODE_MODULES, a node_modules folder with the packages that it depends on",
  modules,
  "the npm package registers its clauses with node:test",
  async (modules) => {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.mkdir(`${folder}/node_modules/ulaspec`, { recursive: true });
      for await (const { name } of Deno.readDir(modules)) {
        if (name.startsWith(".") || name === "ulaspec") continue;
        await Deno.symlink(`${modules}/${name}`, `${folder}/node_modules/${name}`);
      }
      await writePackage(`${folder}/node_modules/ulaspec`);
      await Deno.writeTextFile(`${folder}/rule.test.mjs`, nodeTest);
      const { code, stdout } = await new Deno.Command("node", {
        args: ["--test", "rule.test.mjs"],
        cwd: folder,
      }).output();
      const text = new TextDecoder().decode(stdout);
      assertEquals(code, 0, text);
      assert(/skipped [1-9]/.test(text) && /pass [1-9]/.test(text), text);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
