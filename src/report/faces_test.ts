import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { xmlFault } from "../fixtures/xml_fault.ts";
import { harm, reportNames, reports } from "../fixtures/reports.ts";
import { badgeJson, badgeSvg } from "./badge.ts";
import { faceOf, formats } from "./formats.ts";
import { html } from "./html.ts";
import { json } from "./json.ts";
import { junit } from "./junit.ts";
import { markdown } from "./markdown.ts";
import { script, scriptHash } from "./page/script.ts";
import { pretty } from "./pretty.ts";
import type { Report } from "./report.ts";
import { reportSchema } from "./schema.ts";

const all = await reports();
const style = { color: false, width: 100 };

Deno.test("the reports of these tests are what their names say", () => {
  for (const name of reportNames) reportSchema.parse(all[name]);
  const verdicts = reportNames.map((name) => all[name].verdict);
  assertEquals(verdicts, [
    "conforms",
    "violates",
    "violates",
    "violates",
    "conforms",
    "violates",
    "not run",
    "violates",
    "incomplete",
  ]);
});

Deno.test("every format writes every report, and ends with a newline", async () => {
  for (const format of formats) {
    const face = await faceOf(format);
    for (const name of reportNames) {
      const text = face(all[name], style);
      assert(text.endsWith("\n") && !text.endsWith("\n\n"), `${format} of ${name}`);
      assertEquals(face(all[name], style), text);
    }
  }
});

Deno.test("pages, JUnit and badges are well-formed XML", () => {
  for (const name of reportNames) {
    for (const face of [html, junit, badgeSvg]) {
      assertEquals(xmlFault(face(all[name])), null, `${face.name} of ${name}`);
    }
  }
});

Deno.test("bug and fix come before counts and evidence, on a page and in Markdown", () => {
  const { title, fix } = all.violating.diagnosis!.defects[0]!;
  const page = html(all.violating), text = markdown(all.violating);
  const orders = [
    [page, [
      "</h1>",
      title,
      fix,
      "The rule that it really follows",
      'class="lead"',
      "clauses hold",
    ]],
    [text, ["# ", title, fix, "The rule that it really follows", "## "]],
  ] as const;
  for (const [face, order] of orders) {
    const places = order.map((part, i) => face.indexOf(part, i === 0 ? 0 : 2));
    assertEquals(places, places.toSorted((a, b) => a - b));
    assert(!places.includes(-1), `${order} at ${places}`);
  }
});

Deno.test("a terminal of 80 columns gets 12 lines on a success, 45 on a violation", () => {
  const lines = (report: Report) =>
    pretty(report, { color: false, width: 80 }).split("\n").length - 1;
  assert(lines(all.conforming) <= 12, pretty(all.conforming, style));
  assert(lines(all.violating) <= 45, pretty(all.violating, style));
});

Deno.test("a page loads nothing from anywhere", () => {
  for (const name of reportNames) {
    const page = html(all[name]);
    const spoken = page.replaceAll(/ xmlns="http:\/\/www\.w3\.org\/[^"]*"/g, "")
      .replaceAll("http://evil.example", "");
    assert(!/https?:|\/\/[a-z]/i.test(spoken.replace(/<script>[^]*<\/script>/, "")), name);
    assert(!/<(?:link|img|iframe|object|embed|base|form)\b|@import|url\((?!#)/i.test(page), name);
    assertMatch(page, /Content-Security-Policy" content="default-src &#39;none&#39;;/);
  }
});

Deno.test("what a target writes never becomes markup", () => {
  const page = html(all.hostile);
  assertEquals(page.match(/<script/g)?.length, 1);
  assertEquals(page.match(/<\/title>/g)?.length, page.match(/<title/g)?.length);
  assert(!/<[^>]*\sonerror=/.test(page));
  assertStringIncludes(page, "&lt;script&gt;alert(1)");
  assert(!junit(all.hostile).includes("<script"));
  assert(!badgeSvg(all.hostile).includes("script"));
});

Deno.test("the page's policy lets exactly its own script run", async () => {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(script));
  assertEquals(scriptHash, `sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`);
  assertStringIncludes(html(all.conforming), `<script>${script}</script>`);
});

Deno.test("a number of a row is told in units in the last place, a count is not", async () => {
  const counting: Report = {
    ...all.violating,
    clauses: all.violating.clauses.map((clause) =>
      clause.counterexample === undefined ? clause : {
        ...clause,
        counterexample: {
          ...clause.counterexample,
          ...{ step: null, row: null, axis: null, ledger: [], expected: 2, actual: 25, ulps: 9e7 },
        },
      }
    ),
  };
  for (const format of formats.filter((format) => format !== "json")) {
    const face = await faceOf(format);
    assert(!/\bulps?\b/.test(face(counting, style)), format);
  }
  assertMatch(html(all.violating), /tolerances = \S+ ulps/);
});

Deno.test("headings go down one level at a time, ids are unique and links lead somewhere", () => {
  for (const name of reportNames) {
    const page = html(all[name]);
    const levels = Array.from(page.matchAll(/<h([1-6])[ >]/g), (match) => Number(match[1]));
    assertEquals(levels.filter((level) => level === 1).length, 1, name);
    levels.forEach((level, i) => assert(i === 0 || level <= levels[i - 1]! + 1, `${name} ${i}`));
    const ids = Array.from(page.matchAll(/ id="([^"]*)"/g), (match) => match[1]!);
    assertEquals(ids.length, new Set(ids).size, name);
    const aims = Array.from(
      page.matchAll(/ (?:href="#|data-copy="|aria-labelledby=")([^"]*)"/g),
      (match) => match[1]!.split(" "),
    ).flat();
    for (const aim of aims) assert(ids.includes(aim), `${name}: ${aim}`);
  }
});

Deno.test("every drawing has a name and a description, every table a caption", () => {
  for (const name of reportNames) {
    const page = html(all[name]);
    // A drawing with a place is a part of another one.
    for (const [drawing] of page.matchAll(/<svg (?!x=)[^>]*>/g)) {
      assert(/aria-hidden="true"|role="img" aria-labelledby="/.test(drawing), `${name} ${drawing}`);
    }
    assertEquals(page.match(/<table/g)?.length, page.match(/<caption/g)?.length, name);
    assert(
      !/="[^"]*(?:NaN|Infinity|undefined)[^"]*"/.test(page.replaceAll(/<desc[^]*?<\/desc>/g, "")),
    );
  }
});

Deno.test("a violation is shown with sentence, formula, problem, ledger, picture and replay", () => {
  const page = html(all.violating);
  for (
    const part of [
      "A step moves a coordinate by at most the limit",
      "<math",
      "The smallest problem that shows it",
      'class="differs"',
      'class="band"',
      'class="mark actual"',
      "--clause</span> delta-clip/limits-step",
      "To fix it:",
      "Step sizes, measured against the closed form",
      "Mean energy along the chain",
    ]
  ) assertStringIncludes(page, part);
  assertStringIncludes(html(all["two axes"]), 'class="contour"');
  assertStringIncludes(html(all["later step"]), "before step 1");
});

Deno.test("recovered noise is shown as histogram and quantiles", () => {
  for (const name of ["own noise", "wrong own noise"] as const) {
    const page = html(all[name]);
    assertStringIncludes(page, 'class="bar"', name);
    assertStringIncludes(page, 'class="mark found"', name);
    assertStringIncludes(page, "Tests of the recovered noise", name);
  }
});

Deno.test("a page stays small", () => {
  for (const name of reportNames) {
    if (name !== "hostile") assert(html(all[name]).length < 120_000, name);
  }
});

Deno.test("JUnit counts one case per clause", () => {
  for (const name of reportNames) {
    const { clauses, verdict } = all[name];
    const text = junit(all[name]);
    const count = (pattern: RegExp) => text.match(pattern)?.length ?? 0;
    const open = verdict === "not run" || verdict === "incomplete" ? 1 : 0;
    assertEquals(count(/<testcase /g), clauses.length + open, name);
    assertEquals(count(/<failure /g), clauses.filter((c) => c.verdict === "violated").length);
    assertEquals(count(/<error /g), open);
    const skipped = clauses.filter((c) => c.verdict !== "holds" && c.verdict !== "violated");
    assertEquals(count(/<skipped /g), skipped.length);
    assertStringIncludes(text, ` skipped="${skipped.length}"`);
  }
  assertStringIncludes(junit(all.violating), "The smallest problem that shows it");
  assertStringIncludes(junit(all["not run"]), 'type="exit"');
});

Deno.test("every face of an incomplete run says first which clause has no verdict, and why", () => {
  const report = all.incomplete;
  const why = "drift/own-row could not be judged, because there was nothing to compare on any";
  const text = pretty(report, style).replaceAll(/\s+/g, " ");
  assert(text.startsWith(`! the rule is incomplete: ${why}`), text);
  assertMatch(
    markdown(report),
    /^# ⚠️ the rule is incomplete\n\ndrift\/own-row could not be judged/,
  );
  assertMatch(
    html(report),
    /data-verdict="incomplete"[^]*<p class="lead">drift\/own-row could not/,
  );
  assertStringIncludes(junit(report), `<error message="${why}`);
  assertEquals(JSON.parse(badgeJson(report)).message, "incomplete");
  assertStringIncludes(badgeSvg(report), "! incomplete");
  assert(JSON.parse(json(report)).incomplete.reason.startsWith(why));
});

Deno.test("Markdown says what happened, and a target cannot add to it", () => {
  const text = markdown(all.violating);
  assertMatch(text, /^# ❌ delta-clip-missing violates 1 clause\n/);
  assertStringIncludes(text, "| **→ clipped step** |");
  assertStringIncludes(text, "```sh\nulaspec check defect:delta-clip-missing");
  assertMatch(markdown(all.conforming), /^# ✅ the rule conforms\n/);
  assertStringIncludes(markdown(all["not run"]), "**found** a process that ended with code 1");
  // Outside of code, nothing of what it wrote is left to be read as markup.
  const prose = markdown(all.hostile).replaceAll(/^(`{3,})[^]*?^\1$/gm, "")
    .replaceAll(/(`+)[^`](?:[^]*?[^`])??\1(?!`)/g, "");
  assert(!/<(?!\/?sub>)|\]\(|https?:\/\//.test(prose), prose.slice(0, 2000));
});

Deno.test("badges say the verdict, or the bug if there is one", () => {
  assertEquals(JSON.parse(badgeJson(all.conforming)), {
    schemaVersion: 1,
    label: "Langevin rule",
    message: "conforms",
    color: "brightgreen",
  });
  assertEquals(JSON.parse(badgeJson(all.violating)).message, "delta-clip-missing");
  assertEquals(JSON.parse(badgeJson(all["not run"])).isError, true);
  assertStringIncludes(badgeSvg(all.violating), "✗ delta-clip-missing");
  assert(harm.length > 3000 && badgeSvg(all.hostile).length < 2000);
});

Deno.test("every face says in one line what was tried, and nothing where nothing was", () => {
  const conforming = all[reportNames[0]!];
  const coverage = {
    pairs: { tried: 788, total: 2144 },
    triples: { tried: 3622, total: 41_578 },
    untried: { axes: ["30"] },
  };
  const faces = [pretty, markdown, html, junit];
  for (const face of faces) {
    const said = face({ ...conforming, coverage }, style);
    assertStringIncludes(said, "pairs tried 788 of 2144, triples 3622 of 41 578");
    const { coverage: _, ...rest } = conforming;
    assert(!face(rest, style).includes("pairs tried"));
  }
  assertEquals(JSON.parse(json({ ...conforming, coverage })).coverage, coverage);
});

/** The totals of each element of a name, as a build server reads them. */
function totals(xml: string, element: string): Readonly<Record<string, number>>[] {
  return [...xml.matchAll(new RegExp(`<${element} ([^>]*)>`, "g"))].map(([, attributes]) =>
    Object.fromEntries(
      [...attributes!.matchAll(/ (tests|failures|errors|skipped)="(\d+)"/g)]
        .map(([, name, value]) => [name!, Number(value)]),
    )
  );
}

Deno.test("JUnit's totals are the numbers of its cases, so that a build server counts what it lists", () => {
  for (const name of reportNames) {
    const xml = junit(all[name]);
    const cases = (element: string) => xml.split(`<${element} `).length - 1;
    const wanted = {
      tests: cases("testcase"),
      failures: cases("failure"),
      errors: cases("error"),
      skipped: cases("skipped"),
    };
    assertEquals(totals(xml, "testsuites"), [wanted], name);
    assertEquals(totals(xml, "testsuite"), [wanted], name);
  }
});

Deno.test("JUnit counts a clause that holds as passed, and only a violated one as a failure", () => {
  const [conforming] = totals(junit(all.conforming), "testsuite");
  assertEquals([conforming!["failures"], conforming!["errors"]], [0, 0]);
  const [violating] = totals(junit(all.violating), "testsuite");
  assertEquals([violating!["failures"], violating!["errors"]], [1, 0]);
  const [lost] = totals(junit(all["not run"]), "testsuite");
  assertEquals([lost!["tests"], lost!["failures"], lost!["errors"]], [1, 0, 1]);
});
