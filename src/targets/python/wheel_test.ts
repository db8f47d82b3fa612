import { assert, assertEquals } from "@std/assert";
import { strFromU8, unzipSync } from "fflate";
import config from "../../../deno.json" with { type: "json" };
import { sweep } from "../../fixtures/sweep.ts";
import { wheel, wheelName } from "./wheel.ts";

sweep(
  "the wheel holds the suite, the adapter and the command, runs alone and says its version",
  async () => {
    const bytes = await wheel();
    const files = unzipSync(bytes);
    const text = (path: string) => strFromU8(files[path]!);
    const { version } = config;
    assert(wheelName.startsWith(`ulaspec-${version}-`));
    assert(text("ulaspec/__init__.py").includes(`__version__ = "${version}"`));
    const info = `ulaspec-${version}.dist-info`;
    assert(text(`${info}/METADATA`).includes(`\nVersion: ${version}\n`));
    assertEquals(text(`${info}/METADATA`).match(/^Requires-Dist: .*$/gm), [
      "Requires-Dist: deno<3,>=2.9",
    ]);
    const listed = text(`${info}/RECORD`).trim().split("\n").map((line) => line.split(",")[0]);
    assertEquals(listed.toSorted(), Object.keys(files).toSorted());

    const folder = await Deno.makeTempDir();
    try {
      for (const [path, data] of Object.entries(files)) {
        await Deno.mkdir(`${folder}/${path.split("/").slice(0, -1).join("/")}`, {
          recursive: true,
        });
        await Deno.writeFile(`${folder}/${path}`, data);
      }
      const suite = async (...words: string[]) => {
        const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
          args: ["run", "-A", "--no-config", "--no-remote", "--no-npm"]
            .concat(`${folder}/ulaspec/suite/cli.js`, words),
          env: { ULASPEC_PROGRAM: "ulaspec", DENO_DIR: `${folder}/cache`, NO_COLOR: "1" },
          cwd: folder,
        }).output();
        return {
          code,
          out: new TextDecoder().decode(stdout),
          err: new TextDecoder().decode(stderr),
        };
      };
      assertEquals((await suite("--version")).out, `ulaspec ${version}\n`);
      const judged = await suite("check", "defect:half-missing", "--clause", "drift/half");
      assertEquals(judged.code, 1, judged.err);
      assert(judged.out.includes("ulaspec check defect:half-missing --clause"), judged.out);
      assert((await suite("adapter", "python")).out.includes("\ndef serve("));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);
