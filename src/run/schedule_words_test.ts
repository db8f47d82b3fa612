import { assert, assertEquals, assertMatch } from "@std/assert";
import { observe } from "../../spec/observe.ts";
import { type Change, samplerWith } from "../defects/defects.ts";
import { judge } from "./judge.ts";
import { fewOf, sweep } from "../fixtures/sweep.ts";

const overN = "(init - final) * (1 - k / N) ^ power + final";
const ramp = "(sqrt(init) + k / (N - 1) * (sqrt(final) - sqrt(init))) ^ 2";

async function told(change: Change) {
  const { clauses, diagnosis, remarks } = await judge(observe(samplerWith(change)), {
    profile: "quick",
    golden: [],
  });
  const violated = clauses.filter(({ verdict }) => verdict === "violated");
  return {
    ids: violated.map(({ id }) => id as string),
    message: (id: string) =>
      violated.find((one) => one.id === id)?.counterexample?.message ?? "not violated",
    dialect: diagnosis?.dialect,
    rule: remarks.find((remark) => remark.startsWith("It follows the rule")) ?? "",
  };
}

Deno.test("beside a wrong schedule a textbook's drift and noise are told with the step sizes that there are", async () => {
  for (
    const [change, words, temperature] of fewOf(
      [
        [
          { drift: "gt", step: "eta * drift + sqrt(2 * eta) * noise", polynomial: overN },
          "drift η·∇E, noise √(2·η)·σξ",
          1 / 0.95,
        ],
        [
          { step: "eta * drift + sqrt(eta) * noise", polynomial: ramp },
          "drift 0.5·η·∇E, noise √η·σξ",
          1 / 0.975,
        ],
      ] as const,
      1,
    )
  ) {
    const { dialect, rule } = await told(change);
    assert(dialect!.text.includes(words), dialect!.text);
    assert(Math.abs(Number(dialect!.temperature) - temperature) < 1e-3);
    assertMatch(rule, /one step size where one is asked for/);
    assertMatch(rule, /Of a schedule it makes its own: the step sizes 0\.25, 0\.1[67]/);
    assertMatch(rule, /It limits its steps by a delta clip, too/);
  }
});

Deno.test("what was measured at one noise scale is not told of all", async () => {
  const { rule } = await told({
    drift: "gt",
    step: "eta * drift + sqrt(2 * eta) * noise",
    noise: "sigma ^ 2 * xi",
  });
  assertMatch(rule, /and temperature 1 where the noise scale is 1\./);
  assertMatch(rule, /^It follows the rule ula.*--rule ula\S*$/);
});

Deno.test("a factor of the drift is none of the step sizes, of which one that is wrong is shown", async () => {
  const { ids, message } = await told({
    drift: "gt / 4",
    polynomial: "init * (final / init) ^ (k / (N - 1))",
  });
  assertEquals(ids, ["drift/half", "schedule/polynomial"]);
  const [, step, found, wanted] = /^The step size of step (\d) is ([\d.]+) instead of ([\d.]+)$/
    .exec(message("schedule/polynomial"))!;
  assert(step !== "0");
  // With the factor of the drift in it, it would be less than a third of what is wanted.
  assert(Number(found) / Number(wanted) > 0.4, `${found} ${wanted}`);
});

sweep(
  "a first step that is too long is told as such beside a drift that is not halved",
  async () => {
    const { message } = await told({ polynomialFirst: "2 * init", drift: "gt" });
    assertEquals(message("schedule/constant"), "The step size of step 0 is 0.5 instead of 0.25");
  },
);

Deno.test("another size of the last step is told whatever sign the draws have", async () => {
  const other =
    "where(k - (N - 1.5), (init - final) / 4 + final, (init - final) * (1 - k / (N - 1)) ^ power + final)";
  for (const noise of ["sigma * xi", "-sigma * xi"]) {
    const { clauses } = await judge(observe(samplerWith({ polynomial: other, noise })), {
      profile: "quick",
      clauses: ["schedule/polynomial"],
      diagnosis: "none",
    });
    const { verdict, counterexample } = clauses.find(({ id }) => id === "schedule/polynomial")!;
    assertEquals(verdict, "violated");
    assertMatch(counterexample!.message, /^The step size of step [1-9]\d* is/);
  }
});
