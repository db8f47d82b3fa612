import { assert, assertEquals } from "@std/assert";
import { reportSchema } from "../report/schema.ts";
import { fewOf } from "../fixtures/sweep.ts";

const suite = new URL("../cli.ts", import.meta.url).href;
const sampler = new URL("../../docs/examples/plain_arrays.ts", import.meta.url).pathname;
const hungModule = `export default { name: "hung", networkReturns: "energy",
  prepare: () => () => { for (;;); } };`;
const hung = 'trap "" TERM INT HUP; while true; do sleep 1; done';

/** What is judged when the kill comes. */
const targets: Readonly<Record<string, readonly string[]>> = {
  "a module": [sampler],
  "a module that hangs": ["hung.ts"],
  "a process that reads": ["--", "sh", "-c", "cat > /dev/null"],
  "a process that hangs": ["--", "sh", "-c", hung],
};

/** Moments in milliseconds, from the start or from when the target runs, and signals in turn. */
const kills = Array.from({ length: 20 }, (_, n) => ({
  target: Object.keys(targets)[n % 4]!,
  since: (["the target runs", "the start"] as const)[n % 3 === 1 ? 1 : 0]!,
  after: [150, 400, 900, 1600, 2700][n % 5]! + 37 * n,
  signal: (["SIGKILL", "SIGTERM", "SIGINT"] as const)[n % 3]!,
}));

for (const kill of fewOf(kills, 2)) {
  const { signal, after, since, target } = kill;
  Deno.test({
    name: `${signal} ${after} ms since ${since} leaves nothing of ${target}, nor half a report`,
    ignore: Deno.build.os !== "linux",
    fn: async () => {
      const folder = await Deno.makeTempDir();
      try {
        await killed(folder, kill);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

async function killed(folder: string, { target, since, after, signal }: typeof kills[number]) {
  const report = `${folder}/report.json`;
  await Deno.writeTextFile(`${folder}/hung.ts`, hungModule);
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", suite, "check", "--profile", "quick", "--format", "json"]
      .concat("--output", report, ...targets[target]!),
    cwd: folder,
    stdout: "null",
    stderr: "null",
  }).spawn();
  if (since === "the target runs") await until(() => familyOf(process.pid).length > 1);
  await new Promise((resolve) => setTimeout(resolve, after));
  const family = familyOf(process.pid);
  try {
    process.kill(signal);
  } catch {
    // It has ended already.
  }
  await process.status;
  const left = () => allProcesses().filter((one) => family.some(({ key }) => key === one.key));
  await until(() => left().length === 0);
  assertEquals(left(), []);
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name);
  if (!files.includes("report.json")) return;
  const text = await Deno.readTextFile(report);
  assert(reportSchema.safeParse(JSON.parse(text)).success);
}

/** Waits as long as a start or an end may take. */
async function until(isSo: () => boolean): Promise<void> {
  for (let wait = 0; wait < 200 && !isSo(); wait++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** The number of the process with the time of its start: numbers are used again. */
  readonly key: string;
}

/** A process and all that it has started. */
function familyOf(pid: number): Process[] {
  const all = allProcesses(), family = all.filter((one) => one.pid === pid);
  for (const one of family) family.push(...all.filter(({ parent }) => parent === one.pid));
  return family;
}

/** All processes that aren't ended, as Linux tells them in `/proc`. */
function allProcesses(): Process[] {
  return [...Deno.readDirSync("/proc")].flatMap(({ name }) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const words = Deno.readTextFileSync(`/proc/${name}/stat`).split(") ").at(-1)!.split(" ");
      const [state, parent] = words, start = words[19];
      const pid = Number(name);
      return state === "Z" ? [] : [{ pid, parent: Number(parent), key: `${pid} ${start}` }];
    } catch {
      return [];
    }
  });
}
