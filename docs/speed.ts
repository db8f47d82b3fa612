/**
 * Measures how long the suite takes and writes `docs/speed.md`, with the date and the machine.
 *
 *     deno task speed [RUNS]
 *
 * Two processes are started in turn, so that a machine whose speed drifts slows both; ratios are
 * taken pair by pair.
 *
 * @module
 */

const root = new URL("../", import.meta.url);
const runs = Number(Deno.args[0] ?? 11);

/** A process that only imports what the suite stands on. */
const importsOnly = 'import "@tensorflow/tfjs"; import "mathjs"; import "fast-check";';

async function seconds(...args: readonly string[]): Promise<number> {
  const started = performance.now();
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: root,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return (performance.now() - started) / 1000;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

const commands = [
  ["check reference", ["run", "-q", "-A", "src/cli.ts", "check", "reference"]],
  ["check reference --profile quick", [
    "run",
    "-q",
    "-A",
    "src/cli.ts",
    "check",
    "reference",
    "--profile",
    "quick",
  ]],
  ["check docs/examples/plain_arrays.ts", [
    "run",
    "-q",
    "-A",
    "src/cli.ts",
    "check",
    "docs/examples/plain_arrays.ts",
  ]],
  ["demo", ["run", "-q", "-A", "src/cli.ts", "demo"]],
] as const;

if (import.meta.main) {
  const probe = await Deno.makeTempFile({ suffix: ".ts", dir: new URL("docs/", root).pathname });
  const rows: string[] = [];
  try {
    await Deno.writeTextFile(probe, importsOnly);
    for (const [name, args] of commands) {
      await seconds(...args);
      await seconds("run", "-q", "-A", probe);
      const own: number[] = [], ratios: number[] = [];
      for (let i = 0; i < runs; i++) {
        const a = await seconds(...args), b = await seconds("run", "-q", "-A", probe);
        own.push(a);
        ratios.push(a / b);
      }
      rows.push(
        `| \`${name}\` | ${median(own).toFixed(2)} s | ${median(ratios).toFixed(2)} | ${
          Math.min(...ratios).toFixed(2)
        } – ${Math.max(...ratios).toFixed(2)} |`,
      );
      console.error(rows.at(-1));
    }
  } finally {
    await Deno.remove(probe);
  }
  const { build, version } = Deno;
  await Deno.writeTextFile(
    new URL("docs/speed.md", root),
    `<!-- Written by \`deno task speed\`. -->

# Speed

Measured on ${
      new Date().toISOString().slice(0, 10)
    }: ${build.os} ${build.arch}, ${navigator.hardwareConcurrency} cores, Deno ${version.deno}. Whole processes,
${runs} runs each, in turn with a process that only imports TensorFlow.js, mathjs and fast-check; medians.

| command | time | ratio to the imports alone | least – most |
|---|---:|---:|---:|
${rows.join("\n")}
`,
  );
}
