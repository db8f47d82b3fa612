/**
 * The test runners that tests may be registered with: those of Deno and of Node.js, and any other
 * that has a function `test`.
 *
 * @module
 */

/** A function that registers a test: `test` of vitest, of `node:test` and of others like them. */
export type RegisterTest = (
  name: string,
  body: (context: TestContext) => Promise<void>,
  timeout?: number,
) => unknown;

/** What a runner gives to a test that runs; vitest and `node:test` have `skip`. */
export interface TestContext {
  /** Reports the test as skipped. */
  readonly skip?: (reason?: string) => unknown;
}

/**
 * Registers a test that may find out, while it runs, that there is nothing to test: then it gives the
 * reason.
 */
export type Registrar = (
  name: string,
  ignore: boolean,
  body: () => Promise<string | null>,
) => void;

/** What a test of Deno is given. */
interface DenoStep {
  step(options: { readonly name: string; readonly ignore: true; fn(): void }): Promise<boolean>;
}

/**
 * The registrar of a runner: the one that is given, or that of the program that runs this.
 *
 * @throws {TypeError} if there is none
 */
export function registrar(given: RegisterTest | undefined): Registrar {
  if (given === undefined && "Deno" in globalThis) return withDeno;
  const test = given ?? nodeTest();
  return (name, ignore, body) =>
    void test(name, async (context) => {
      const left = ignore ? "the sampler lacks it" : await body();
      if (left !== null) await context?.skip?.(left);
    }, mostMilliseconds);
}

/** The first test judges the sampler for all of them: some runners would give it a few seconds. */
const mostMilliseconds = 600_000;

const withDeno: Registrar = (name, ignore, body) =>
  Deno.test({
    name,
    ignore,
    async fn(test: DenoStep) {
      const left = await body();
      if (left !== null) await test.step({ name: left, ignore: true, fn: () => {} });
    },
  });

/** What this module needs of Node.js. */
interface NodeProcess {
  readonly env: Readonly<Record<string, string | undefined>>;
  getBuiltinModule?(name: "node:test"): { readonly test: RegisterTest };
}

function nodeTest(): RegisterTest {
  const { process } = globalThis as { readonly process?: NodeProcess };
  const wanted = "wanted the function test of your runner: conformance(sampler, { test })";
  if (process?.env["VITEST"] !== undefined) {
    throw new TypeError(`Cannot register tests: found vitest, ${wanted}`);
  }
  const module = process?.getBuiltinModule?.("node:test");
  if (module === undefined) {
    throw new TypeError(`Cannot register tests: found neither Deno.test nor node:test, ${wanted}`);
  }
  return module.test;
}
