import { assertEquals } from "@std/assert";
import { fewOf, isWhole, lightRun } from "../../fixtures/sweep.ts";
import { judge } from "../../run/judge.ts";
import { observe } from "../../../spec/observe.ts";
import type { Sampler } from "../../../spec/sampler.ts";
import { typescriptRepro } from "./typescript.ts";

const changes = new URL("../../defects/change.ts", import.meta.url).href;
const config = new URL("../../../deno.json", import.meta.url).pathname;

/** Modules with a sampler that has a change, each in a way of its own to draw and to ask. */
const ports = {
  plainly: "export const faulty = samplerWith(change);",
  "with its draws turned round, and a look at every step": `
const inner = samplerWith(change);
export const faulty = {
  ...inner,
  prepare: (settings) => {
    const sample = inner.prepare(settings);
    return (call) => {
      const drawn = Array.from({ length: settings.steps }, () => call.noise.draw().reverse());
      const gradient = (points, observations) => {
        call.network.gradient(points.map((row) => row.map((a) => a + 1 / 4)));
        return call.network.gradient(points, observations);
      };
      return sample({
        ...call,
        network: { ...call.network, gradient },
        noise: { ...call.noise, draw: () => drawn.pop() },
      });
    };
  },
};`,
};

/** Judges a faulty port, and runs the script for its first violation on it and on the mended one. */
async function exitCodes(change: object, port: string, types: "--check" | "--no-check") {
  const folder = await Deno.makeTempDir();
  try {
    const file = `${folder}/port.js`, script = `${folder}/repro.ts`;
    const write = (change: object) =>
      Deno.writeTextFile(
        file,
        `import { samplerWith } from ${JSON.stringify(changes)};
const change = ${JSON.stringify(change)};
${port}`,
      );
    await write(change);
    const { faulty } = await import(`file://${file}`) as { faulty: Sampler };
    const report = await judge(observe(faulty), lightRun);
    const clause = report.clauses.find((c) => c.verdict === "violated")!;
    await Deno.writeTextFile(
      script,
      typescriptRepro({
        clause: clause.id,
        sentence: clause.sentence,
        counterexample: { ...clause.counterexample!, message: 'two\nlines """ */ ${x} \\' },
        networkReturns: "energy",
        location: `file://${file}`,
        exportName: "faulty",
      }),
    );
    const run = () =>
      new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", types, `--config=${config}`, script],
        env: { NO_COLOR: "1" },
        stdout: "null",
      }).output();
    const { code } = await run();
    await write({});
    const mended = await run();
    assertEquals(mended.code, 0, new TextDecoder().decode(mended.stderr));
    return { id: clause.id, code };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const faults: readonly (readonly [object, keyof typeof ports, string])[] = [
  [{ clippedStep: "delta" }, "plainly", "delta-clip/limits-step"],
  [
    { noise: "9 / 10 * sigma * xi" },
    "with its draws turned round, and a look at every step",
    "noise/step-size",
  ],
  [{ observations: "tiled" }, "plainly", "drift/own-observation"],
];

for (const [index, [change, port, id]] of fewOf(faults, 2).entries()) {
  const what = `${JSON.stringify(change)}, ${port}`;
  Deno.test(`a script ends with 1 until the sampler is mended: ${what}`, async () => {
    const found = await exitCodes(
      change,
      ports[port],
      isWhole && index === 0 ? "--check" : "--no-check",
    );
    assertEquals(found, { id, code: 1 });
  });
}
