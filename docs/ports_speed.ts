/**
 * Measures how long ports in Python take, side by side, and writes `docs/ports-speed.md`.
 *
 *     ULASPEC_PYTHON=/path/to/python deno run -A docs/ports_speed.ts [RUNS]
 *
 * @module
 */

import { median, type Taken, taken } from "./speed.ts";

const ports = {
  "PyTorch": "docs/examples/python/ula_sampler_after.py",
  "JAX, compiled for every shape": "docs/examples/python/jax_port.py",
  "JAX, static settings, 25 steps unrolled": "src/fixtures/jax_unrolled.py",
};

if (import.meta.main) {
  const python = Deno.env.get("ULASPEC_PYTHON");
  if (python === undefined) throw new Error("ULASPEC_PYTHON: wanted a Python with torch and jax");
  const runs = Number(Deno.args[0] ?? 3), [load] = Deno.loadavg();
  const all = new Map<string, Taken[]>(Object.keys(ports).map((name) => [name, []]));
  // In turn, so that a machine whose speed drifts slows all of them.
  for (let run = 0; run < runs; run++) {
    for (const [name, file] of Object.entries(ports)) {
      all.get(name)!.push(await taken("src/cli.ts", "check", file, "--python", python));
      console.error(name, all.get(name)!.at(-1));
    }
  }
  const of = (name: string, what: keyof Taken) => median(all.get(name)!.map((one) => one[what]));
  const rows = Object.entries(ports).map(([name, file]) => {
    const cells = (["time", "processor"] as const).flatMap((what) => [
      `${of(name, what).toFixed(1)} s`,
      (of(name, what) / of("PyTorch", what)).toFixed(2),
    ]);
    return `| ${name} (\`${file.split("/").at(-1)}\`) | ${cells.join(" | ")} |`;
  });
  const date = new Date().toISOString().slice(0, 10);
  await Deno.writeTextFile(
    new URL("ports-speed.md", import.meta.url),
    `<!-- Written by docs/ports_speed.ts. -->

# How long ports in Python take

\`ulaspec check\` in the profile standard, whole processes with the import of the framework; medians of
${runs} runs each, in turn. Measured on ${date}: ${Deno.build.os} ${Deno.build.arch}, ${navigator.hardwareConcurrency} cores, at a load of
${load!.toFixed(1)} by other work.

| port | time | to PyTorch | processor time | to PyTorch |
|---|---:|---:|---:|---:|
${rows.join("\n")}
`,
  );
}
