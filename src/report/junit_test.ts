import { assertEquals } from "@std/assert";
import { reportNames, reports } from "../fixtures/reports.ts";
import { junit } from "./junit.ts";

const all = await reports();

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
