/**
 * Measures how long the suite takes and writes `docs/speed.md`, with the date and the machine.
 *
 *     deno task speed [RUNS]
 *
 * Two processes are started in turn, so that a machine whose speed drifts slows both; ratios are
 * taken pair by pair. Bash tells the time and the processor time of each.
 *
 * @module
 */

const root = new URL("../", import.meta.url);
const runs = Number(Deno.args[0] ?? 11);

/** A process that only imports what the suite stands on. */
const importsOnly = 'import "@tensorflow/tfjs"; import "mathjs"; import "fast-check";';

/** Seconds that a process took. */
export interface Taken {
  readonly time: number;
  /** Of all processors, in all processes that it waited for. */
  readonly processor: number;
}

export async function taken(...args: readonly string[]): Promise<Taken> {
  const script = "TIMEFORMAT='%R %U %S'; time \"$@\" >/dev/null 2>&1";
  const { code, stderr } = await new Deno.Command("bash", {
    args: ["-c", script, "bash", Deno.execPath(), "run", "-q", "-A", ...args],
    cwd: root,
    stderr: "piped",
  }).output();
  const text = new TextDecoder().decode(stderr);
  const [time, user, system] = text.trim().split(" ").map(Number);
  // The port of the demo violates a clause.
  if (code > 1 || system === undefined) {
    throw new Error(`Cannot measure ${args.join(" ")}: ${text}`);
  }
  return { time: time!, processor: user! + system };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

const commands = [
  ["check", "reference"],
  ["check", "reference", "--profile", "quick"],
  ["check", "docs/examples/plain_arrays.ts"],
  ["demo"],
];

if (import.meta.main) {
  const probe = await Deno.makeTempFile({ suffix: ".ts", dir: new URL("docs/", root).pathname });
  const rows: string[] = [];
  const [load] = Deno.loadavg();
  try {
    await Deno.writeTextFile(probe, importsOnly);
    for (const args of commands) {
      const command = ["src/cli.ts", ...args];
      await taken(...command);
      await taken(probe);
      const pairs: (readonly [Taken, Taken])[] = [];
      for (let i = 0; i < runs; i++) pairs.push([await taken(...command), await taken(probe)]);
      const cells = (["time", "processor"] as const).flatMap((what) => {
        const ratios = pairs.map(([own, imports]) => own[what] / imports[what]);
        return [
          `${median(pairs.map(([own]) => own[what])).toFixed(2)} s`,
          median(ratios).toFixed(2),
          `${Math.min(...ratios).toFixed(2)} – ${Math.max(...ratios).toFixed(2)}`,
        ];
      });
      rows.push(`| \`${args.join(" ")}\` | ${cells.join(" | ")} |`);
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
${
      load! > 0.5
        ? `The machine was busy with other work: its load was ${
          load!.toFixed(1)
        } at the beginning, so times
are longer than on an idle one, and the more so the more threads a process has; processor time is
less so.\n`
        : ""
    }
| command | time | ratio to the imports alone | least – most | processor time | ratio | least – most |
|---|---:|---:|---:|---:|---:|---:|
${rows.join("\n")}
`,
  );
}
