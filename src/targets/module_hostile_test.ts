import { assertEquals, assertMatch } from "@std/assert";
import { hostileModules, sourceOf } from "../fixtures/hostile/modules.ts";
import { judgedHere } from "../fixtures/judged_here.ts";
import { plainText } from "../report/plain_text.ts";

/** How many are judged at a time. */
const atOnce = 4;

Deno.test("hostile modules are not judged: each has one message, and it is true", async (t) => {
  const folder = await Deno.makeTempDir();
  try {
    const quick = hostileModules.filter(({ waits }) => !waits);
    for (let i = 0; i < quick.length; i += atOnce) {
      const reports = await Promise.all(
        quick.slice(i, i + atOnce).map(async (module, j) => {
          const file = `${folder}/${i + j}.ts`;
          await Deno.writeTextFile(file, sourceOf(module));
          return { module, report: await judgedHere(file, { clauses: ["steps/count"] }) };
        }),
      );
      for (const { module: { name, found }, report } of reports) {
        await t.step(`a module that ${name}`, () => {
          assertEquals([report.verdict, report.clauses], ["not run", []]);
          assertMatch(plainText(report.fault?.found ?? ""), found);
        });
      }
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
