import { assertEquals, assertMatch } from "@std/assert";
import { observe } from "../../../spec/observe.ts";
import { samplerWith } from "../../defects/defects.ts";
import { isWhole } from "../../fixtures/sweep.ts";
import { diagnose } from "../diagnose.ts";

const cases = [
  ["0.8 * noiseBefore + sigma * xi", "0.8 of the last noise is added to each", /\(σξ \+ 0\.8·last/],
  [
    "0.7 * noiseBefore + 0.3 * sigma * xi",
    "0.7 of the last noise is added to 0.3 of each",
    /\(0\.3·/,
  ],
  ["0.5 * sigma * (xi + xiBefore)", "0.5 of the last draw is added to 0.5 of each", /\(0\.5·σξ \+/],
] as const;
for (const [noise, title, rule] of cases) {
  Deno.test(`noise that remembers is told with its figure, for certain: ${noise}`, async () => {
    // Momentum beside it takes ten times as long to tell.
    const drift = isWhole ? "0.9 * driftBefore + gt / 2" : "gt / 2";
    const { defects, unexplained, measured } = await diagnose(
      observe(samplerWith({ noise, drift })),
    );
    assertEquals(unexplained, undefined);
    assertEquals(defects.map(({ id, title, certain }) => [id ?? title, certain]).toSorted(), [
      [title, true],
      ...(isWhole ? [["momentum", true]] : []),
    ]);
    assertMatch(measured!.text, rule);
  });
}
