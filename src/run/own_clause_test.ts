import { assertEquals } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import type { Change } from "../defects/change.ts";
import { samplerWith } from "../defects/defects.ts";
import { judge } from "./judge.ts";

/** The clauses that a change breaks, of some and of the one on the whole step. */
async function broken(change: Change, ...clauses: readonly string[]) {
  const how = { seed: 1, profile: "quick", diagnosis: "none" } as const;
  const report = await judge(observe(samplerWith(change)), {
    ...how,
    clauses: [...clauses, "step/exact"],
  });
  return report.clauses.filter(({ verdict }) => verdict === "violated").map(({ id }) =>
    id as string
  );
}

Deno.test("an axis that is wrong by itself does not depend on other axes", async () => {
  const onSecond = { drift: "where(axis - 0.5, gt, gt / 2)" };
  assertEquals(await broken(onSecond, "drift/own-axis"), ["step/exact"]);
  const mixed = { gradient: "gAxisNext", gradientOfExp: "exp(-E) * gAxisNext" };
  assertEquals((await broken(mixed, "drift/own-axis")).includes("drift/own-axis"), true);
});

Deno.test("rows that are wrong with any observation have no other row's observation", async () => {
  const ofThree = { drift: "where(0.5 - abs(rows / samples - 3), gt, gt / 2)" };
  assertEquals(
    (await broken(ofThree, "drift/own-observation")).includes("drift/own-observation"),
    false,
  );
  assertEquals(await broken({ observations: "of-next-row" }, "drift/own-observation"), [
    "drift/own-observation",
  ]);
});

Deno.test("chains that go wrong from inside of the bounds, too, do not for starting outside", async () => {
  const ofThree = { drift: "where(0.5 - abs(rows - 3), gt, gt / 2)" };
  assertEquals(await broken(ofThree, "bounds/outside-start"), ["step/exact"]);
  const outside = { result: "where(max(lo - a, a - hi), a, min(max(a - move, lo), hi))" };
  assertEquals(
    (await broken(outside, "bounds/outside-start")).includes("bounds/outside-start"),
    true,
  );
});

Deno.test("a coordinate that stays on its wall breaks the clause on walls", async () => {
  const stuck = { drift: "where(min(a - lo, hi - a), gt / 2, 0)" };
  assertEquals(
    (await broken(stuck, "bounds/on-the-wall", "bounds/outside-start"))
      .filter((id) => id !== "step/exact"),
    ["bounds/on-the-wall"],
  );
});
