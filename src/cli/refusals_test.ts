/** What the command line says of modules that can't be judged; `module_hostile_test.ts` has more of them. */

import { assertEquals, assertMatch } from "@std/assert";
import { type Outcome, run, runProcess } from "../fixtures/command_line.ts";
import { moduleWith, withModule } from "../fixtures/written_module.ts";

/** What the message about a hostile module must say. */
interface Refusal {
  readonly found: RegExp;
  readonly wanted: RegExp;
  readonly where?: RegExp;
}

/** One clause is judged in one thread; two threads, and all clauses, are for `refusedByAll`. */
const oneThread = ["--clause", "steps/count"];

/** Judges a hostile module: the exit code must be 2, and the message must say all of `parts`. */
function refused(module: string, parts: Refusal, ...args: string[]): Promise<void> {
  return refusedBy(run, module, parts, ...oneThread, ...args);
}

/** The same in two threads. */
function refusedByAll(module: string, parts: Refusal): Promise<void> {
  return refusedBy(run, module, parts);
}

/**
 * The same in a process of its own, with a short time-out. A thread that runs in circles goes on
 * for two seconds after it is told to end; a process takes it along.
 */
function refusedInTime(module: string, parts: Refusal, ...args: string[]): Promise<void> {
  return refusedBy(runProcess, module, parts, "--timeout", "0.6", ...args);
}

async function refusedBy(
  judge: (...args: string[]) => Promise<Outcome>,
  module: string,
  parts: Refusal,
  ...args: string[]
): Promise<void> {
  await withModule(module, async (file) => {
    const { code, out } = await judge("check", file, ...args);
    assertEquals(code, 2, out);
    assertEquals(out.match(/^! /gm)?.length, 1, out);
    const text = out.replaceAll(/\n {10}/g, " ");
    assertMatch(/^ {2}(?:found|error) (.*)$/m.exec(text)?.[1] ?? "", parts.found);
    assertMatch(/^ {2}wanted (.*)$/m.exec(text)?.[1] ?? "", parts.wanted);
    if (parts.where) assertMatch(/^ {2}where (.*)$/m.exec(text)?.[1] ?? "", parts.where);
  });
}

Deno.test("a module without a sampler is not judged", () =>
  refused("export const speed = 3;", { found: /no sampler in .*speed \(3\)/, wanted: /prepare/ }));

Deno.test("a module with two samplers and no name is not judged", () =>
  refused(`export const one = { prepare() {} }; export const two = { prepare() {} };`, {
    found: /2 samplers .*one, two/,
    wanted: /#one/,
  }));

Deno.test("a sampler that does not keep the contract is not judged", () =>
  refused(`export default { name: "x", networkReturns: "energies", prepare() {} };`, {
    found: /networkReturns: "energies"/,
    wanted: /"energy" \| "logits"/,
  }));

Deno.test("a sampler that prepares nothing is not judged", () =>
  refused(`export default { name: "x", networkReturns: "energy", prepare() {} };`, {
    found: /undefined from prepare/,
    wanted: /a function that samples/,
  }));

Deno.test("a sampler that throws in prepare is not judged", () =>
  refused(
    `export default { name: "x", networkReturns: "energy",
  prepare() { throw new Error("no weights"); } };`,
    { found: /no weights, thrown in prepare/, wanted: /^$/, where: /port\.ts:2:21/ },
  ));

Deno.test("a sampler that throws in sample is not judged", () =>
  refusedByAll(moduleWith(`throw new Error("no memory");`), {
    found: /no memory, thrown in sample/,
    wanted: /^$/,
    where: /port\.ts:11:11/,
  }));

Deno.test("an endless loop ends with the time-out", () =>
  refusedInTime(moduleWith("while (true);"), {
    found: /sample\(call\) still running after 0.6 s \(energy .*steps/,
    wanted: /--timeout/,
  }));

Deno.test("a slow sampler that fails on chains of one step violates that clause", () =>
  withModule(
    `import { samplerWith } from "${new URL("../defects/defects.ts", import.meta.url)}";
const inner = samplerWith({ singleStep: "throws" }, { name: "slow" });
export default { ...inner, prepare: async (settings) => {
  const sample = await inner.prepare(settings);
  return async (call) => {
    await new Promise((resolve) => setTimeout(resolve, 4));
    return sample(call);
  };
} };`,
    async (file) => {
      const { code, out } = await run(
        ...["check", file, "--profile", "quick", "--clause", "schedule/one-step"],
      );
      assertEquals(code, 1, out);
      assertMatch(out, /violates 1 clause: schedule\/one-step/);
    },
  ));

Deno.test("a syntax error is not judged", () =>
  refused("export default {{;", {
    found: /a syntax error in/,
    wanted: /^$/,
    where: /port\.ts:1:/,
  }));
