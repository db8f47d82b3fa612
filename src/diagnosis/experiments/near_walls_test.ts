import { assertAlmostEquals, assertEquals } from "@std/assert";
import { probes } from "./probes.ts";
import { windows } from "./experiments.ts";
import { inCoordinates, slackOf, slackOfReports } from "./near_walls.ts";

const coordinates = { ofBounds: 16, ofOwn: 0 };

Deno.test("walls that take no part stand nearer to a chain that is rounded as its box is, and others stay", () => {
  const [{ drift }] = windows as [(typeof windows)[number]];
  const nearer = inCoordinates(drift, coordinates).calls[0]!.settings.bounds;
  const { bounds } = drift.calls[0]!.settings;
  assertEquals(nearer.max.map((hi, i) => bounds.max[i]! / hi), [32, 32, 32]);
  const asFound = inCoordinates({ ...drift, name: "clause drift/half" }, coordinates);
  assertEquals(asFound.calls[0]!.settings.bounds, bounds);
  const [sink] = probes;
  const kept = inCoordinates(sink!, coordinates);
  assertEquals(kept.calls[0]!.settings, sink!.calls[0]!.settings);
  assertEquals([slackOf(sink!.calls[0]!), slackOf(kept.calls[0]!) > 0], [0, true]);
});

Deno.test("what is reported may be off by as much as it changes where points are off", () => {
  const [{ drift }] = windows as [(typeof windows)[number]];
  const [problem] = inCoordinates(drift, coordinates).calls as [(typeof drift.calls)[number]];
  const slack = slackOf(problem), points = [[[1, 2]]];
  const steep = slackOfReports(problem, points, (_, [x, y]) => 100 * x! - 8 * y!)(0, 0);
  assertAlmostEquals(steep, slack * (1 + 2 * 108), 1e-9);
  assertEquals(slackOfReports(problem, points, () => 1)(1, 0), slack);
  assertEquals(slackOfReports(drift.calls[0]!, points, () => 1)(0, 0), 0);
});
