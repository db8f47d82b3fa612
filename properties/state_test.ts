/** Samplers that remember something, and what finds them. */

import { assert, assertEquals } from "@std/assert";
import * as fc from "fast-check";
import { observe } from "../spec/observe.ts";
import type { Rows, Settings } from "../spec/problem.ts";
import { ruleSampler } from "../spec/rule.ts";
import type { Call, Sampler } from "../spec/sampler.ts";
import { judge } from "../src/run/judge.ts";
import { clauseOf } from "./clauses.ts";
import type { Facts, Observer } from "./observer.ts";

const facts: Facts = {
  returns: "energy",
  unsupported: new Set(),
  noiseSign: 1,
  leastSteps: 1,
  sharp: true,
};
const rule = ruleSampler();
const { problems } = clauseOf("state/second-call")!;

type Prepared = ReturnType<Sampler["prepare"]>;

/** The rule, with something remembered by whatever `prepare` gives. */
function remembering(prepare: () => (settings: Settings) => Prepared): Sampler {
  return { ...rule, name: "remembering", prepare: prepare() };
}

/** Some settings forgotten from the second call on. */
const forgetting = (changed: (settings: Settings) => Settings): Sampler =>
  remembering(() => (settings) => {
    let calls = 0;
    return (call: Call) => rule.prepare(calls++ === 0 ? settings : changed(settings))(call);
  });

const halved = (settings: Settings): Settings => {
  const { schedule } = settings;
  return { ...settings, schedule: { ...schedule, init: schedule.init / 2 } };
};

/** The network, asked with these observations whatever the call has. */
const seeing = (network: Call["network"], observations: Call["observations"]): Call["network"] => ({
  ...network,
  gradient: ((actions: Rows) => network.gradient(actions, observations)) as typeof network.gradient,
  outputs: (actions) => network.outputs(actions, observations),
  log: (kind, points) => network.log(kind, points),
});

/** A sampler that remembers something, and what it takes for a call to show it. */
const samplers: Readonly<Record<string, readonly [Sampler, RegExp]>> = {
  "a schedule that is not reset from the third call on": [
    remembering(() => (settings) => {
      let calls = 0;
      return (call: Call) => rule.prepare(calls++ < 2 ? settings : halved(settings))(call);
    }),
    /^The third call puts/,
  ],
  "a gradient clip that the first call alone has": [
    forgetting((settings) => ({ ...settings, gradClip: null })),
    /^The second call puts/,
  ],
  "a clip of the step that the first call alone has": [
    forgetting((settings) => ({ ...settings, deltaClip: 8 })),
    /^The second call puts/,
  ],
  "an exponential that the first call alone has": [
    forgetting((settings) => ({ ...settings, applyExp: false })),
    /^The second call puts/,
  ],
  "settings of the last prepared sampler for all": [
    remembering(() => {
      let last: Settings;
      return (settings) => {
        last = settings;
        return (call: Call) =>
          rule.prepare({
            ...settings,
            schedule: last.schedule,
          })(call);
      };
    }),
    /^The first call of a sampler, with another one prepared, puts/,
  ],
  "observations of the first call with as many rows": [
    remembering(() => (settings) => {
      const prepared = rule.prepare(settings), kept = new Map<number, Call["observations"]>();
      return (call: Call) => {
        const { length } = call.initial, observations = kept.get(length) ?? call.observations;
        kept.set(length, observations);
        return prepared({ ...call, network: seeing(call.network, observations), observations });
      };
    }),
    /^The second call, after one with another observation, puts/,
  ],
  "a state that depends on the rows of the call before": [
    remembering(() => (settings) => {
      let rows = 0;
      return (call: Call) => {
        const smaller = call.initial.length < rows;
        rows = call.initial.length;
        return rule.prepare(smaller ? halved(settings) : settings)(call);
      };
    }),
    /^The second call, after one of \d rows, puts/,
  ],
};

function observerOf(sampler: Sampler): Observer {
  const target = observe(sampler);
  const open: Observer["open"] = async (settings) => {
    const prepared = await target.prepare(settings);
    return (problem) => prepared.sample(problem);
  };
  return {
    facts,
    open,
    run: async (problem) => await (await open(problem.settings))(problem),
    compared: () => {},
  };
}

const trials = [
  ...fc.sample(problems!.random(facts), { seed: 1, numRuns: 25 }),
  ...problems!.edges(facts),
];

for (const [name, [sampler, words]] of Object.entries(samplers)) {
  Deno.test(`${name} is found, and told by what a call needs before it to show it`, async () => {
    const observer = observerOf(sampler);
    const messages: string[] = [];
    for (const trial of trials) {
      const outcome = await trial.judge(observer);
      if (outcome !== null && outcome !== "nothing") messages.push(outcome.message);
    }
    assert(messages.length > 0);
    for (const message of messages) assert(words.test(message), message);
  });
}

Deno.test("a sampler that remembers nothing gives the same whatever was called before", async () => {
  const observer = observerOf(rule);
  for (const trial of trials) assertEquals(await trial.judge(observer), null);
});

Deno.test("a sampler that keeps the settings of its first call for all is found by other clauses", async () => {
  const sampler = remembering(() => {
    let first: Settings | undefined;
    return (settings) => (call: Call) => {
      first ??= settings;
      return rule.prepare({ ...settings, schedule: first.schedule })(call);
    };
  });
  const report = await judge(observe(sampler), { golden: [], diagnosis: "none" });
  assertEquals(report.verdict, "violates");
});
