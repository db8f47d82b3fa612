import { assertEquals, assertMatch } from "@std/assert";
import { runProcess } from "../fixtures/command_line.ts";
import { judgedHere } from "../fixtures/judged_here.ts";
import {
  answered,
  hang,
  hello,
  left,
  prepared,
  ready,
  say,
  shell,
  table,
} from "../fixtures/shell_target.ts";
import type { Report } from "../report/report.ts";

/** Seconds after which a target that says nothing is given up. */
const patience = 1;

/** Judges a hostile shell script: no verdict, one message that names the cause, no process left. */
function hostile(
  name: string,
  script: string,
  found: RegExp,
  wanted: RegExp = /./,
  stderr?: string,
  judge: (command: readonly string[], timeout: number) => Promise<Report> = (command, timeout) =>
    judgedHere(command, { timeout }),
): void {
  Deno.test(`a process that ${name} is not judged`, async () => {
    const command = shell(script);
    // Only where the silence itself is the fault is it waited for.
    const timeout = found.source.includes(`after ${patience} s`) ? patience : 60;
    const report = await judge(command, timeout);
    assertEquals([report.verdict, report.clauses], ["not run", []]);
    assertMatch(report.fault?.found ?? "", found);
    assertMatch(report.fault?.wanted ?? "", wanted);
    if (stderr !== undefined) {
      assertMatch(report.fault?.stderr ?? "", new RegExp(`^${stderr}$`, "m"));
    }
    assertEquals(await left(command.at(-1)!), []);
  });
}

/** Of a target whose next process is silent. */
function judgedShortly(command: readonly string[]): Promise<Report> {
  return judgedHere(command, { timeout: 5 });
}

/** In a process of its own, as people run it. */
async function judgedApart(command: readonly string[]): Promise<Report> {
  const { out } = await runProcess("check", "--format", "json", "--", ...command);
  return JSON.parse(out);
}

// The start.
hostile("exits at once", "exit 3", /an end of the process with code 3 during start/, /until stop/);
hostile(
  "lacks a module of Python",
  "echo \"ModuleNotFoundError: No module named 'torch'\" >&2; exit 1",
  /a Python without the module torch during start/,
  /--python PATH/,
);
hostile(
  "exits at once with a message",
  "echo no module named torch >&2; exit 1",
  /code 1 during start/,
  /./,
  "no module named torch",
);
hostile("kills itself", "kill -SEGV $$", /SIGSEGV during start/);
hostile("never says that it is ready", hang, /no answer to start after 1 s/, /--timeout S/);
hostile(
  "prints before it is ready",
  `read q; echo Loading model; ${say(hello)}; ${hang}`,
  /the line "Loading model" on standard output/,
  /belongs to standard error/,
);
hostile("prints an empty line", `read q; echo; ${hang}`, /an empty line on standard output/);
hostile(
  "speaks before it is asked",
  `${say({ ...hello, id: 7 })}; ${hang}`,
  /an answer with the id 7, which nobody asked: ready/,
  /the id of an open request: 0/,
);
hostile(
  "prints half a line and dies",
  `read q; printf '{"id":0,"type":"re'; exit 4`,
  /code 4 during start, after half a line: "{\\"id\\":0/,
);
hostile(
  "forgets the end of a line",
  `read q; printf '{"id":0,"type":"ready"}'; ${hang}`,
  /no answer to start after 1 s, but a line without its end: "{\\"id\\"/,
  /a whole line within 1 s/,
);
hostile("prints invalid UTF-8", `read q; printf '{"id\\377":0}\\n'; ${hang}`, /no UTF-8/, /UTF-8/);
hostile(
  "prints a line of 100 MB",
  `read q; head -c 100000000 /dev/zero | tr '\\0' x; echo; ${hang}`,
  /a line of more than 16 MiB that begins with "xxx/,
  /at most 16 MiB/,
);
hostile("floods without line ends", "cat /dev/zero", /a line of more than 16 MiB/);
hostile("floods with lines", "yes", /the line "y" on standard output/, /one JSON object/);
hostile(
  "floods standard error and dies",
  "head -c 30000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo the end >&2; exit 5",
  /code 5 during start/,
  /./,
  "x{4087}\nthe end",
);
hostile(
  "steers the terminal",
  `printf '\\033[31mred\\033[0m \\007bell\\n' >&2; exit 6`,
  /code 6/,
  /./,
  "red bell",
);
hostile("prints a list", `read q; echo '[1]'; ${hang}`, /the line "\[1\]"/);
hostile(
  "prints broken JSON",
  `read q; echo '{"id":0,"type":ready}'; ${hang}`,
  /"ready" after "{\\"id\\":0,\\"type\\":", which isn't JSON/,
  /a value/,
);
hostile("prints zero bytes", `read q; printf '\\0\\0\\n'; ${hang}`, /"\\u0000\\u0000"/);
hostile(
  "says a key twice",
  `${prepared}; printf '{"id":9,"id":2,"type":"failed","type":"results","results":[]}\\n'; ${hang}`,
  /0 results in the answer 2/,
);
hostile(
  "nests its answer deeply",
  `read q; printf '{"id":0,"x":'; head -c 200000 /dev/zero | tr '\\0' '['; echo; ${hang}`,
  /lists in lists more than 16 deep/,
);
hostile(
  "speaks another version",
  `read q; ${say({ ...hello, protocol: 2 })}; ${hang}`,
  /2 as protocol in the answer ready/,
  /^ *1$/,
);
hostile(
  "lacks a feature that does not exist",
  `read q; ${say({ ...hello, unsupported: ["grad-clips"] })}; ${hang}`,
  /"grad-clips" as unsupported\[0\] in the answer ready/,
  /grad-clip, exponential-schedule/,
);
hostile(
  "leaves out a field",
  `read q; ${say({ ...hello, networkReturns: undefined })}; ${hang}`,
  /nothing as networkReturns in the answer ready/,
  /"energy" or "logits"/,
);
hostile(
  "adds a field",
  `read q; ${say({ ...hello, version: "1.2" })}; ${hang}`,
  /a field version in the answer ready/,
  /only the fields of the protocol/,
);
hostile(
  "answers with another type",
  `read q; ${say({ id: 0, type: "hello" })}; ${hang}`,
  /"hello" as the type of/,
  /ready, prepared, unsupported/,
);
hostile(
  "answers something else",
  `read q; ${say({ id: 0, type: "stopped" })}; ${hang}`,
  /the answer stopped to start \(id 0\)/,
  /the answer ready/,
);
hostile(
  "has a name that does not fit",
  `read q; ${say({ ...hello, name: "two\nlines" })}; ${hang}`,
  /"two\\nlines" as name/,
  /on one line/,
);

// The first problem.
hostile("hangs in prepare", `${ready}; ${hang}`, /no answer to prepare after 1 s \(3 steps\)/);
hostile(
  "claims a feature and lacks it",
  `${ready}; ${
    say({ id: 1, type: "unsupported", feature: "noise-tape", reason: "no way in" })
  }; cat >&2`,
  /the answer unsupported to prepare: noise-tape \(no way in\)/,
  /its name in the list unsupported of the answer ready/,
);
hostile("hangs in a sample", `${prepared}; ${hang}`, /no answer to sample after 1 s \(energy .*/);
hostile(
  "exits in a sample",
  `${prepared}; echo out of memory >&2; exit 9`,
  /code 9 during sample \(energy/,
  /./,
  "out of memory",
);
hostile(
  "fails in a sample",
  `${prepared}; ${
    say({ id: 2, type: "failed", message: "boom\nbang", trace: "line 1\nline 2" })
  }; cat >&2`,
  /boom bang, thrown in sample \(energy/,
  /^$/,
);
hostile(
  "answers with a wrong id",
  `${ready}; ${say({ id: 5, type: "prepared", prepared: 0 })}; ${hang}`,
  /an answer with the id 5, which nobody asked: prepared/,
  /the id of an open request: 1/,
);
hostile(
  "answers twice",
  `${ready}; ${say({ id: 1, type: "prepared", prepared: 0 })}; ${
    say({ id: 1, type: "prepared", prepared: 1 })
  }; ${hang}`,
  /a second answer with the id 1: prepared/,
);
hostile(
  "changes its name",
  `${ready}; ${say({ ...hello, name: "other" })}; ${hang}`,
  /a second answer with the id 0: ready/,
);
hostile(
  "answers without an id",
  `${ready}; ${say({ type: "prepared", prepared: 0 })}; ${hang}`,
  /nothing as id in the answer prepared/,
  /a whole number/,
);
hostile(
  "closes its standard input",
  `${ready}; exec <&-; ${say({ id: 1, type: "prepared", prepared: 0 })}; ${hang}`,
  /a closed standard input during sample/,
  /./,
  undefined,
  // In a process where other threads start children, one that has just been forked may hold the
  // pipe open, so that what is written into it goes nowhere without an error.
  judgedApart,
);
hostile(
  "closes its standard output but lives on",
  `${ready}; exec >&-; ${hang}`,
  /a closed standard output during prepare .*while the process lives on/,
);
hostile(
  "ignores SIGTERM",
  `trap '' TERM; ${prepared}; while :; do sleep 0.05; done`,
  /no answer to sample after 1 s/,
);

// Results.
hostile(
  "gives too few results",
  `${prepared}; ${say({ id: 2, type: "results", results: [] })}; ${hang}`,
  /0 results in the answer 2, to a sample request of 1 problem/,
);
hostile(
  "gives results of a wrong shape",
  answered({ final: table.slice(1) }),
  /results\[0\]\.final of shape 3×2/,
  /4×2 or 2×2×2 numbers/,
);
hostile(
  "gives ragged rows",
  answered({ final: [[0, 0], [0], [0, 0], [0, 0]] }),
  /results\[0\]\.final of shape 4×ragged/,
);
hostile(
  "gives texts for numbers",
  answered({ final: [[0, 0], [0, "0.5"], [0, 0], [0, 0]] }),
  /"0.5" as results\[0\]\.final\[1\]\[1\]/,
  /a number or one of "NaN"/,
);
hostile(
  "gives null for a number",
  answered({ final: [[0, 0], [0, null], [0, 0], [0, 0]] }),
  /null as results\[0\]\.final\[1\]\[1\]/,
);
hostile(
  "gives NaN",
  answered({ final: [[0, 0], [0, "NaN"], [0, 0], [0, 0]] }),
  /NaN as the final action of row 1, axis 1/,
  /finite numbers/,
  undefined,
  judgedShortly,
);
for (const word of ["Infinity", "NaN", "-Infinity"]) {
  hostile(
    `writes a bare ${word}`,
    `${prepared}; echo '{"id":2,"type":"results","results":[{"final":[[${word}]]}]}'; ${hang}`,
    new RegExp(`"${word}" after ".*\\\\"final\\\\":\\[\\[", which isn't JSON`),
    /as texts: "NaN", "Infinity"/,
  );
}
hostile(
  "leaves out what it returned",
  answered({ final: undefined }),
  /nothing as results\[0\]\.final in the answer results/,
  /a table of numbers/,
);
hostile(
  "leaves out its draws",
  answered({ draws: undefined }),
  /nothing as results\[0\]\.draws in the answer results/,
  /a whole number/,
);
hostile(
  "logs points of a wrong shape",
  answered({ evaluations: [{ kind: "gradient", points: [[0, 0, 0]] }] }),
  /results\[0\]\.evaluations\[0\]\.points of shape 1×3/,
);
hostile(
  "logs no question",
  answered({ evaluations: [] }),
  /no question for a gradient in a chain of 3 steps/,
  /./,
  undefined,
  judgedShortly,
);
hostile(
  "reports a chain of a wrong shape",
  answered({ chain: { outputs: [[0, 0, 0]] } }),
  /chain\.outputs\[0\] of shape 3/,
  /4 numbers, one per row/,
);
// Whatever the shell does here comes between the first problem and the next.
hostile(
  "exits between two requests",
  `${answered({})} & read never; exit 7`.replace("cat >&2 & read never", "true"),
  /code 7 (between two requests|during (?:prepare|sample))/,
);
