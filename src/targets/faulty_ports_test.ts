/** Ports with several faults at once, in the style of large code bases: all have their names. */

import { assertEquals } from "@std/assert";
import { diagnose } from "../diagnosis/diagnose.ts";
import { testWith } from "../fixtures/frameworks.ts";
import { openProcess } from "./process.ts";

/** By the file of the ports: the faults of each. */
const faults: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  torch: {
    textbook: ["delta-clip-missing", "half-missing", "textbook-noise"],
    optimizer: ["bounds-scalar", "delta-clip-missing", "momentum"],
    policy: ["grad-clip-by-global-norm", "returns-best", "schedule-constant"],
  },
  jax: {
    scan: ["delta-clip-upper-bound", "gradient-mean-over-rows", "noise-scale-as-variance"],
    agent: ["bounds-at-the-end", "noise-halved", "schedule-over-n"],
  },
};

for (const [framework, ports] of Object.entries(faults)) {
  const file = new URL(`../fixtures/${framework}_ports.py`, import.meta.url);
  for (const [port, ids] of Object.entries(ports)) {
    testWith(
      framework,
      `all faults of the ${framework} port "${port}" have their names`,
      async (python) => {
        await using target = await openProcess([python, decodeURIComponent(file.pathname), port]);
        const { defects } = await diagnose(target);
        // What differs by an optional feature that a port lacks is named in a class.
        const named = defects.map((
          { id, title, alternatives = [] },
        ) => [id ?? title, ...alternatives.map((other) => other.id)]);
        assertEquals(ids.filter((id) => !named.some((names) => names.includes(id))), []);
        assertEquals(named.length, ids.length, named.join("; "));
      },
      port === "policy",
    );
  }
}
