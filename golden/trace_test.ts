import { assert, assertEquals, assertThrows } from "@std/assert";
import * as fc from "fast-check";
import { officialTraces } from "./load.ts";
import { readTrace } from "./read.ts";
import { type Trace, TraceError } from "./trace.ts";
import { type TraceFile, traceJsonSchema } from "./trace_file.ts";
import { writeTrace } from "./write.ts";

const folder = new URL("./traces/", import.meta.url);
const textOf = (name: string) => Deno.readTextFileSync(new URL(`${name}.json`, folder));
const traces = await officialTraces();

Deno.test("every official trace keeps to the schema, which changes nothing of it", () => {
  for (const trace of traces) assertEquals(readTrace(textOf(trace.id), trace.id), trace);
});

Deno.test("a trace that is written has the numbers of its file", () => {
  for (const trace of traces) {
    assertEquals(JSON.parse(writeTrace(trace)), JSON.parse(textOf(trace.id)), trace.id);
  }
});

Deno.test("a trace that is written and read is the same trace", () => {
  for (const trace of traces) {
    assertEquals(readTrace(writeTrace(trace), trace.id), trace);
  }
});

Deno.test("every float32 is written as a decimal that rounds to it", () => {
  const trace = traces.find(({ id }) => id === "single-row")!;
  const number = fc.float({ noDefaultInfinity: false, noNaN: false });
  fc.assert(
    fc.property(fc.array(number, { minLength: 25, maxLength: 25 }), (numbers) => {
      const gradNorms = numbers.map((value) => [value]);
      const text = writeTrace({ ...trace, recorded: { ...trace.recorded, gradNorms } });
      assertEquals(readTrace(text, "x").recorded.gradNorms, gradNorms);
      for (const value of JSON.parse(text).chain.gradNorms.flat()) {
        assert(
          typeof value === "string" || String(value).replace(/^-?0\.0*|e.*|\D/g, "").length <= 39,
        );
      }
    }),
    { seed: 1, numRuns: 200 },
  );
});

Deno.test("a group's observation is written once for each of its rows", () => {
  const trace = traces.find(({ id }) => id === "tanh-network")!;
  const problem = {
    ...trace.problem,
    groups: 2,
    samples: 2,
    observations: trace.problem.observations.slice(0, 2),
  };
  const [first, second] = problem.observations;
  const read = readTrace(writeTrace({ ...trace, problem }), "x").problem;
  assertEquals(read.observations, [first!, first!, second!, second!]);
  assertEquals([read.groups, read.samples], [4, 1]);
});

Deno.test("a trace without a noise tape cannot be written", () => {
  const trace = traces[0]!;
  const problem: Trace["problem"] = { ...trace.problem, noise: { kind: "own" } };
  assertThrows(() => writeTrace({ ...trace, problem }), TypeError, "wanted a noise tape");
});

Deno.test("without observations all rows are samples of one group", () => {
  const one = traces.find(({ id }) => id === "default-quadratic-2d")!.problem;
  assertEquals([one.groups, one.samples, one.axes, one.observations], [1, 4, 2, [[]]]);
  const many = traces.find(({ id }) => id === "tanh-network")!.problem;
  assertEquals([many.groups, many.samples, many.observations.length], [4, 1, 4]);
});

Deno.test("numbers are rounded to float32 as they are read", () => {
  const { problem } = traces.find(({ id }) => id === "default-quadratic-2d")!;
  assertEquals(problem.settings.deltaClip, Math.fround(0.1));
  assertEquals(problem.settings.schedule.init, Math.fround(0.1));
  assert(problem.initial.flat().every((value) => Math.fround(value) === value));
});

Deno.test("the JSON schema describes every field and refuses others", () => {
  const schema = traceJsonSchema() as {
    required: string[];
    additionalProperties: boolean;
    properties: Record<string, { description?: string; const?: string; properties?: object }>;
  };
  assertEquals(schema.additionalProperties, false);
  assertEquals(Object.keys(schema.properties), [...schema.required, "deviation"]);
  for (const [name, field] of Object.entries(schema.properties)) {
    assert(field.description !== undefined || field.const !== undefined, name);
  }
});

/** A way to spoil a trace: what is done to it, where the fault is, what was found and wanted. */
interface Spoiled {
  readonly of?: string;
  readonly edit: (file: TraceFile & Record<string, unknown>) => void;
  readonly message: string;
}

// deno-lint-ignore no-explicit-any
const wrong = (value: unknown) => value as any;
const anyNumber = 'a float32 number or one of "NaN", "Infinity", "-Infinity", "-0"';

const spoiled: Readonly<Record<string, Spoiled>> = {
  "a number changed in final": {
    edit: (file) => file.final[1]![0] = 0.25,
    message:
      "Cannot use final[1][0] of x.json: found 0.25, wanted -0.099293716 as in chain.actions[24][1][0]",
  },
  "NaN put into final": {
    edit: (file) => file.final[0]![1] = "NaN",
    message: "Cannot use final[0][1] of x.json: found NaN, wanted -0.",
  },
  "a number changed in the last of the chain": {
    edit: (file) => file.chain.actions[24]![0]![0] = 0.5,
    message: "wanted 0.5 as in chain.actions[24][0][0]",
  },
  "a step missing from the chain": {
    edit: (file) => file.chain.actions.pop(),
    message:
      "Cannot use chain.actions of x.json: found a list of 24, wanted a list of 25, one entry per step",
  },
  "a row missing from the noise": {
    edit: (file) => file.noise[3]!.pop(),
    message:
      "Cannot use noise[3] of x.json: found a list of 3, wanted a list of 4, one entry per row",
  },
  "a number missing from the noise": {
    edit: (file) => file.noise[3]![1]!.pop(),
    message:
      "Cannot use noise[3][1] of x.json: found a list of 1, wanted a list of 2, one entry per axis",
  },
  "a row missing from the outputs": {
    edit: (file) => file.chain.networkOutputs[7]!.pop(),
    message:
      "Cannot use chain.networkOutputs[7] of x.json: found a list of 3, wanted a list of 4, one entry per row",
  },
  "a step too many in the gradient norms": {
    edit: (file) => file.chain.gradNorms.push([0, 0, 0, 0]),
    message: "Cannot use chain.gradNorms of x.json: found a list of 26, wanted a list of 25",
  },
  "a word for a number of the noise": {
    edit: (file) => file.noise[3]![1]![0] = wrong("much"),
    message: 'Cannot use noise[3][1][0] of x.json: found "much", wanted a finite float32 number',
  },
  "NaN in the noise": {
    edit: (file) => file.noise[0]![0]![1] = wrong("NaN"),
    message: 'Cannot use noise[0][0][1] of x.json: found "NaN", wanted a finite float32 number',
  },
  "an unknown word for an action": {
    edit: (file) => file.chain.actions[2]![3]![1] = wrong("nan"),
    message: `Cannot use chain.actions[2][3][1] of x.json: found "nan", wanted ${anyNumber}`,
  },
  "null for a gradient norm": {
    edit: (file) => file.chain.gradNorms[2]![3] = wrong(null),
    message: `Cannot use chain.gradNorms[2][3] of x.json: found null, wanted ${anyNumber}`,
  },
  "a number beyond float32": {
    edit: (file) => file.initial[2]![0] = 1e39,
    message: "Cannot use initial[2][0] of x.json: found 1e+39, wanted a finite float32 number",
  },
  "no rows": {
    edit: (file) => file.initial = [],
    message: "Cannot use initial of x.json: found an empty list, wanted one row or more",
  },
  "another format": {
    edit: (file) => file.format = wrong("golden-trace/2"),
    message: 'Cannot use format of x.json: found "golden-trace/2", wanted "golden-trace/1"',
  },
  "an unknown field": {
    edit: (file) => file["seed"] = 3,
    message:
      'Cannot use x.json: found the unknown field "seed", wanted only the fields of the schema',
  },
  "an unknown setting": {
    edit: (file) => Object.assign(file.config, { gradclip: 1 }),
    message: 'Cannot use config of x.json: found the unknown field "gradclip", wanted only',
  },
  "a missing field": {
    edit: (file) => delete wrong(file).bounds,
    message: "Cannot use bounds of x.json: found nothing, wanted an object with min, max",
  },
  "a missing table": {
    edit: (file) => delete wrong(file).noise,
    message: "Cannot use noise of x.json: found nothing, wanted a list of one entry per step",
  },
  "a list for the whole": {
    edit: () => {},
    message: "Cannot use x.json: found a list of 1, wanted an object with format, id, title,",
  },
  "a formula with an unknown symbol": {
    edit: (file) => file.energy.formula = "a1^2+b2^2",
    message: 'Cannot use energy.formula, character 5, of x.json: found "b2"',
  },
  "a formula with an axis too many": {
    edit: (file) => file.energy.formula = "a1^2+a3^2",
    message: "Cannot use energy.formula, character 5, of x.json: found",
  },
  "a formula of observations that the trace has not": {
    edit: (file) => file.energy.formula = "(a1-o1)^2",
    message: "Cannot use energy.formula, character 4, of x.json: found",
  },
  "an unfinished formula": {
    edit: (file) => file.energy.formula = "a1^2+",
    message: "Cannot use energy.formula, character 5, of x.json: found",
  },
  "another convention": {
    edit: (file) => file.energy.convention = wrong("E is high for good actions"),
    message:
      'Cannot use energy.convention of x.json: found "E is high for good actions", wanted "E is',
  },
  "max below min": {
    edit: (file) => file.bounds.max[1] = -2,
    message: "Cannot use bounds.max[1] of x.json: found -2, wanted at least bounds.min: -1",
  },
  "a bound too few": {
    edit: (file) => file.bounds.min.pop(),
    message:
      "Cannot use bounds.min of x.json: found a list of 1, wanted a list of 2, one entry per axis",
  },
  "an infinite bound": {
    edit: (file) => file.bounds.max[0] = wrong("Infinity"),
    message: 'Cannot use bounds.max[0] of x.json: found "Infinity", wanted a finite float32 number',
  },
  "another dimension": {
    edit: (file) => file.dimension = 3,
    message:
      "Cannot use bounds.min of x.json: found a list of 2, wanted a list of 3, one entry per axis",
  },
  "a dimension beyond any memory": {
    edit: (file) => file.dimension = 1e9,
    message:
      "Cannot use bounds.min of x.json: found a list of 2, wanted a list of 1000000000, one entry per axis",
  },
  "half a step": {
    edit: (file) => file.config.steps = 24.5,
    message: "Cannot use config.steps of x.json: found 24.5, wanted a whole number of at least 1",
  },
  "no steps": {
    edit: (file) => file.config.steps = 0,
    message: "Cannot use config.steps of x.json: found 0, wanted a whole number of at least 1",
  },
  "an unknown schedule": {
    edit: (file) => wrong(file.config.schedule).kind = "cosine",
    message:
      'Cannot use config.schedule.kind of x.json: found "cosine", wanted "polynomial" or "exponential"',
  },
  "a decay of a polynomial schedule": {
    edit: (file) => Object.assign(file.config.schedule, { decay: 0.8 }),
    message: 'Cannot use config.schedule of x.json: found the unknown field "decay", wanted only',
  },
  "a negative delta clip": {
    edit: (file) => file.config.deltaActionClip = -0.1,
    message:
      "Cannot use config.deltaActionClip of x.json: found -0.1, wanted a number of at least 0",
  },
  "an unknown norm": {
    edit: (file) => file.config.gradNormType = wrong("3"),
    message: 'Cannot use config.gradNormType of x.json: found "3", wanted "1", "2", "inf" or null',
  },
  "an id with blanks": {
    edit: (file) => file.id = "My Trace",
    message: 'Cannot use id of x.json: found "My Trace", wanted lower-case words joined by hyphens',
  },
  "an empty source": {
    edit: (file) => Object.assign(file.source, { commit: "" }),
    message: 'Cannot use source.commit of x.json: found "", wanted a text that is not empty',
  },
  "an observation missing": {
    of: "tanh-network",
    edit: (file) => file.observations!.pop(),
    message:
      "Cannot use observations of x.json: found a list of 3, wanted a list of 4, one entry per row",
  },
  "a feature missing": {
    of: "tanh-network",
    edit: (file) => file.observations![2]!.pop(),
    message:
      "Cannot use observations[2] of x.json: found a list of 1, wanted a list of 2, one entry per feature",
  },
  "observations without features": {
    of: "tanh-network",
    edit: (file) => file.observations = file.observations!.map(() => []),
    message:
      "Cannot use observations[0] of x.json: found an empty list, wanted one feature or more",
  },
};

for (const [name, { of = "default-quadratic-2d", edit, message }] of Object.entries(spoiled)) {
  Deno.test(`a trace with ${name} is refused`, () => {
    const file = JSON.parse(textOf(of));
    edit(file);
    const text = JSON.stringify(name === "a list for the whole" ? [file] : file);
    const error = assertThrows(() => readTrace(text, "x.json"), TraceError);
    assert(error.message.includes(message), `${error.message}\n${message}`);
  });
}

Deno.test("a trace that is no JSON is refused by line and column", () => {
  const text = textOf("one-step").replace(/,"(\w+)":/g, ',\n"$1":');
  const truncated = text.slice(0, text.indexOf('"noise"') + 30);
  const line = truncated.split("\n").length;
  assertThrows(
    () => readTrace(truncated, "x.json"),
    TraceError,
    `Cannot use line ${line}, column 31, of x.json: found the end of the text, wanted a comma or ]`,
  );
  assertThrows(
    () => readTrace(text.replace(/NaN|0\.1,/, "NaN,"), "x.json"),
    TraceError,
    'of x.json: found "NaN", wanted a value',
  );
});

Deno.test("a number that is changed in final is always refused", () => {
  const texts = traces.map(({ id }) => textOf(id));
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.nat(), fc.float(), (which, r, i, value) => {
      const file: TraceFile = JSON.parse(texts[which % texts.length]!);
      const row = file.final[r % file.final.length]!;
      const axis = i % row.length;
      const before = Number(row[axis]);
      fc.pre(!Object.is(Math.fround(before), value) && before !== value);
      row[axis] = Number.isFinite(value) ? value : String(value) as "NaN";
      const place = `final[${r % file.final.length}][${axis}] of x.json`;
      assertThrows(() => readTrace(JSON.stringify(file), "x.json"), TraceError, place);
    }),
    { seed: 1, numRuns: 100 },
  );
});
