import { officialTraces } from "../../golden/load.ts";
import { replayTarget } from "../../golden/replay.ts";
import { ruleSampler } from "../../spec/rule.ts";
import { observe } from "../../spec/observe.ts";
import { judge } from "./judge.ts";
import { reference } from "../reference.ts";

const traces = await officialTraces();
const plain = observe(ruleSampler()), tensors = observe(reference);

Deno.bench("a standard run on plain arrays", async () => {
  await judge(plain, { golden: [] });
});

Deno.bench("a standard run on the tfjs reference", async () => {
  await judge(tensors, { golden: [] });
});

Deno.bench("fifty traces on plain arrays", async () => {
  for (const trace of traces) await replayTarget(trace, plain);
});

Deno.bench("fifty traces on the tfjs reference", async () => {
  for (const trace of traces) await replayTarget(trace, tensors);
});
