import { assert, assertEquals } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import { type Change, samplerWith } from "../../defects/change.ts";
import { fromNumberText } from "../../../spec/numerics/number_text.ts";
import { lightRun } from "../../fixtures/sweep.ts";
import { judge } from "../../run/judge.ts";
import { typescriptRepro } from "./typescript.ts";

const changes = new URL("../../defects/change.ts", import.meta.url).href;
const config = new URL("../../../deno.json", import.meta.url).pathname;

/** Judges a faulty rule, and runs the script that reproduces its first violation. */
async function reproduce(change: Change, types: "--check" | "--no-check") {
  const sampler = samplerWith(change);
  const report = await judge(observe(sampler), lightRun);
  const clause = report.clauses.find((c) => c.verdict === "violated")!;
  const counterexample = clause.counterexample!;
  const folder = await Deno.makeTempDir();
  try {
    const port = `${folder}/port.ts`;
    await Deno.writeTextFile(
      port,
      `import { samplerWith } from ${JSON.stringify(changes)};
export const faulty = samplerWith(${JSON.stringify(change)});`,
    );
    const script = `${folder}/repro.ts`;
    await Deno.writeTextFile(
      script,
      typescriptRepro({
        clause: clause.id,
        sentence: clause.sentence,
        counterexample: { ...counterexample, message: 'two\nlines """ */ ${x} \\' },
        networkReturns: "energy",
        location: new URL(`file://${port}`).href,
        exportName: "faulty",
      }),
    );
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", types, `--config=${config}`, script],
      env: { NO_COLOR: "1" },
    }).output();
    const out = new TextDecoder().decode(stdout);
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    return { out, counterexample };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const faults: readonly Change[] = [
  { clippedStep: "delta" },
  { step: "eta * drift + sqrt(eta) * noise" },
  { observations: "tiled" },
];

for (const [index, change] of faults.entries()) {
  const [[field, formula]] = Object.entries(change) as [[string, string]];
  Deno.test(`the script for ${field} = ${formula} prints expected and actual`, async () => {
    const { out, counterexample } = await reproduce(change, index === 0 ? "--check" : "--no-check");
    const expected = Number(/^expected (.*)$/m.exec(out)![1]);
    const actual = Number(/^actual +(.*)$/m.exec(out)![1]);
    assertEquals(expected, fromNumberText(counterexample.expected));
    assertEquals(actual, fromNumberText(counterexample.actual));
    assert(actual !== expected);
  });
}
