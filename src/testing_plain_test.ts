// A person's own test run: `deno test` without a single flag, in a folder of its own.

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { clauses } from "../properties/clauses.ts";

/** A sampler as its author writes it; DRIFT is what moves it. */
const sampler = `import type { Call, Sampler, Settings } from "ulaspec";

const clip = (x: number, most: number) => Math.min(Math.max(x, -most), most);

export const port = {
  name: "a port",
  networkReturns: "energy",
  unsupported: ["apply-exp", "chain-actions", "chain-outputs", "chain-grad-norms"],
  prepare: (settings: Settings) => (call: Call) => {
    const { bounds: { min, max }, schedule, steps, noiseScale, gradClip, deltaClip } = settings;
    let x = call.initial;
    for (let k = 0; k < steps; k++) {
      const eta = schedule.kind === "exponential"
        ? schedule.init * schedule.decay ** k
        : k === 0
        ? schedule.init
        : (schedule.init - schedule.final) * (1 - k / (steps - 1)) ** schedule.power +
          schedule.final;
      const slopes = call.network.gradient(x), xi = call.noise.draw();
      x = x.map((row, r) =>
        row.map((a, i) => {
          const g = clip(slopes[r][i], gradClip ?? Infinity);
          const step = eta * (DRIFT + noiseScale * xi[r][i]);
          const moved = a - clip(step, deltaClip / 2 * (max[i] - min[i]));
          return Math.min(Math.max(moved, min[i]), max[i]);
        })
      );
    }
    return x;
  },
} satisfies Sampler;
`;

const suite = (file: string) =>
  `import { conformance } from "ulaspec/testing";
import { port } from "./${file}";

conformance(port);
`;

/** Where an import of the suite leads to from another folder. */
const elsewhere = (specifier: string) =>
  specifier.startsWith("./") ? new URL(`../${specifier}`, import.meta.url).href : specifier;

/** What one test run prints of two samplers, by the name of the test file. */
async function plainTestRun(): Promise<ReadonlyMap<string, string>> {
  const imports = Object.fromEntries(
    Object.entries(config.imports).map(([name, specifier]) => [name, elsewhere(specifier)]),
  );
  const files = {
    "deno.json": JSON.stringify({ imports, lock: false }),
    "right.ts": sampler.replace("DRIFT", "g / 2"),
    "right_test.ts": suite("right.ts"),
    "wrong.ts": sampler.replace("DRIFT", "g"),
    "wrong_test.ts": suite("wrong.ts"),
  };
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test"],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    const decoder = new TextDecoder();
    const out = decoder.decode(stdout) + decoder.decode(stderr);
    const parts = out.split(/^running \d+ tests from \.\//m).slice(1);
    return new Map(parts.map((part) => [part.split("\n", 1)[0]!, part]));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const plain = plainTestRun();

Deno.test("a correct sampler passes every test under deno test without any flag", async () => {
  const out = (await plain).get("right_test.ts") ?? "";
  const results = out.matchAll(/^(\S+\/\S+): .* \.\.\. (\S+)/gm);
  assertEquals(
    Array.from(results, ([, id, result]) => [id, result]),
    clauses.map(({ id }) => [id, "ok"]),
    out,
  );
});

Deno.test("a faulty sampler fails under deno test without any flag, for its own fault", async () => {
  const out = (await plain).get("wrong_test.ts") ?? "";
  assertMatch(out, /^drift\/half: .* \.\.\. FAILED/m);
  assertStringIncludes(out, "The smallest problem that shows it");
  assert(!out.includes("NotCapable"), out);
});
