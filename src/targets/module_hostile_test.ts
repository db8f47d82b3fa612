import { assertEquals, assertMatch } from "@std/assert";
import { type HostileModule, hostileModules, sourceOf } from "../fixtures/hostile/modules.ts";
import { judgedHere } from "../fixtures/judged_here.ts";
import { fewOf, isWhole } from "../fixtures/sweep.ts";
import { plainText } from "../report/plain_text.ts";

/** How many are judged at a time. */
const atOnce = 4;

Deno.test("hostile modules are not judged: each has one message, and it is true", () =>
  refuseAll(fewOf(hostileModules.filter(({ waits }) => !waits), 12), 60));

Deno.test("hostile modules that never end are not judged once their time is up", () => {
  const endless = hostileModules.filter(({ waits }) => waits);
  return refuseAll(isWhole ? endless : endless.slice(0, atOnce), isWhole ? 3 : 1);
});

async function refuseAll(modules: readonly HostileModule[], timeout: number): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (let i = 0; i < modules.length; i += atOnce) {
      const some = modules.slice(i, i + atOnce);
      await Promise.all(
        some.map((module, j) => refuse(module, `${folder}/${i + j}.ts`, timeout)),
      );
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function refuse(module: HostileModule, file: string, timeout: number): Promise<void> {
  await Deno.writeTextFile(file, sourceOf(module));
  const report = await judgedHere(file, { clauses: ["steps/count"], timeout });
  const words = `a module that ${module.name}`;
  assertEquals([report.verdict, report.clauses], ["not run", []], words);
  assertMatch(plainText(report.fault?.found ?? ""), module.found, words);
}
