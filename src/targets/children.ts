/**
 * The children of a run, of every thread: none of them outlives it, however it ends.
 *
 * @module
 */

import {
  type ChildNews,
  killGroup,
  killMarked,
  markChildren,
  tellOfChildren,
  within,
} from "./child.ts";

/** Keeps the children of a run in view. */
export interface Children {
  /** What the children of every thread are to be marked with. */
  readonly mark: string;
  /** Hears of a child of another thread. */
  hear(news: ChildNews): void;
  /** Kills all that are left, and ends the watch. */
  end(): Promise<void>;
}

/**
 * Keeps the children of this thread in view, and those that it is told of. They are killed when this
 * process is told to end, ends by an error, or, where there is a shell to see it, is killed itself.
 */
export function keepChildren(): Children {
  const mark = crypto.randomUUID();
  const alive = new Set<number>();
  const guard = startGuard(mark);
  markChildren(mark);
  const killAll = () => {
    alive.forEach((pid) => killGroup(pid));
    killMarked(mark);
  };
  const hear = ({ news, pid }: ChildNews) => {
    if (news === "started") alive.add(pid);
    else alive.delete(pid);
    guard.tell({ news, pid });
  };
  const undo = [tellOfChildren(hear), onSignals(killAll), onErrors(killAll)];
  return {
    mark,
    hear,
    async end() {
      undo.forEach((take) => take());
      if (alive.size > 0) killAll();
      await guard.end(seesProcesses() ? "end" : "sweep");
    },
  };
}

/** For a run that starts no process. */
export const noChildren: Children = {
  mark: "none",
  hear: () => {},
  end: () => Promise.resolve(),
};

/** Whether children that have left their groups can be found from here: Deno asks for all rights. */
function seesProcesses(): boolean {
  try {
    Deno.readTextFileSync("/proc/self/environ");
    return true;
  } catch {
    return false;
  }
}

function onSignals(act: () => void): () => void {
  const signals = Deno.build.os === "windows"
    ? [["SIGINT", 2]] as const
    : [["SIGINT", 2], ["SIGTERM", 15], ["SIGHUP", 1]] as const;
  const undo = signals.map(([signal, number]) => {
    const handler = () => {
      act();
      Deno.exit(128 + number);
    };
    Deno.addSignalListener(signal, handler);
    return () => Deno.removeSignalListener(signal, handler);
  });
  return () => undo.forEach((take) => take());
}

function onErrors(act: () => void): () => void {
  const events = ["unload", "error", "unhandledrejection"];
  for (const event of events) globalThis.addEventListener(event, act);
  return () => {
    for (const event of events) globalThis.removeEventListener(event, act);
  };
}

interface Guard {
  tell(news: ChildNews): void;
  /** @param word whether there may be processes left that this process can't see */
  end(word: "end" | "sweep"): Promise<void>;
}

const noGuard: Guard = { tell: () => {}, end: () => Promise.resolve() };

/**
 * A shell that reads which children there are. If its input ends before it is told so, this process
 * has been killed: then it kills them, those by their groups and all that carry their marks. The same
 * at the end of a run that may not look for them itself.
 */
const script = `trap '' INT TERM HUP
kids=
while read -r word pid; do
  case $word in
    started) kids="$kids $pid" ;;
    ended) left=; for kid in $kids; do [ "$kid" = "$pid" ] || left="$left $kid"; done; kids=$left ;;
    end) exit 0 ;;
    sweep) break ;;
  esac
done
for kid in $kids; do kill -KILL "-$kid" 2>/dev/null; done
for round in 1 2 3; do
  for file in $(grep -las "ULASPEC_CHILD=$0" /proc/[0-9]*/environ 2>/dev/null); do
    pid=\${file#/proc/}; kill -KILL "\${pid%/environ}" 2>/dev/null
  done
done`;

function startGuard(mark: string): Guard {
  if (Deno.build.os === "windows") return noGuard;
  // Asked first: without the permission, the person would be asked for it.
  if (Deno.permissions.querySync({ name: "run", command: "sh" }).state !== "granted") {
    return noGuard;
  }
  let shell;
  try {
    shell = new Deno.Command("sh", {
      args: ["-c", script, mark],
      stdin: "piped",
      stdout: "null",
      stderr: "null",
      detached: true,
    }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return noGuard;
  }
  const input = shell.stdin.getWriter();
  const encoder = new TextEncoder();
  // A guard that has gone says nothing of the run.
  const write = (line: string) => input.write(encoder.encode(`${line}\n`)).catch(() => {});
  return {
    tell: ({ news, pid }) => void write(`${news} ${pid}`),
    async end(word) {
      await write(word);
      await input.close().catch(() => {});
      if (await within(shell.status, 1000) === undefined) shell.kill("SIGKILL");
      await shell.status;
    },
  };
}
