import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { clauseOf } from "../../properties/clauses.ts";
import {
  type Change,
  type Defect,
  defectOf,
  defects,
  equivalents,
  factors,
  replacements,
  ruleOf,
  samplerWith,
} from "./defects.ts";
import { observe } from "../../spec/observe.ts";
import { officialDefaults, type Problem, type Schedule } from "../../spec/problem.ts";
import { compileRule } from "../../spec/compiled_rule.ts";
import { TargetFault } from "../../spec/sampler.ts";

/** The defects of the numerical experiments. */
const experiments = `
  g_sign g_nohalf g_quarter g_two g_mean_batch g_mean_n g_mean_dim g_batchavg g_row0 g_normalised g_signgrad g_leak10 g_accum_steps g_accum_calls g_stale g_frozen g_noised g_momentum g_range g_tile
  exp_ignored exp_always exp_wrong_sign exp_energy_raw
  gc_ignored gc_norm gc_globalnorm gc_infnorm gc_after_half gc_after_noise gc_upper gc_zero gc_default1 gc_falsy
  n_sqrt n_sqrt2 n_noeta n_half n_eta2 n_init n_sigma_sq n_sigma_sqrt n_sigma_one n_none n_090 n_range n_notlast n_notfirst n_uniform n_rand01 n_unif11 n_trunc n_laplace n_rademacher n_t5 n_abs n_sh_batch n_sh_dim n_sh_step n_sh_all n_sh_obs n_sh_sample n_antithetic n_corr50 n_ar50 n_seeded n_after_dclip n_after_pclip
  d_none d_nohalf d_quarter d_abs d_globalrange d_minrange d_meanrange d_dim0range d_max d_absmax d_midsum d_minmax d_centred d_norm d_normunit d_pre_eta d_upper d_once d_zero d_fromstart d_hard010
  p_none p_end p_butlast p_before p_pm1 p_scalar p_dim0 p_upper p_lower p_reflect p_wrap p_reject p_rejectrow p_init_too p_gradinbox
  s_kN s_k1N s_plus1 s_minus1 s_const s_constfinal s_linear s_power2 s_nofinal s_nominus s_zerofinal s_exp s_geom s_cos s_reversed s_powinside s_double s_noeta s_init010 s_final1e5 s_exp_shift s_exp_frozen s_exp_late s_exp_persist s_exp_square s_exp_natural s_exp_poly s_n1_crash s_n1_nan s_n1_final
  k_minus1 k_plus1 k_hard25
  io_inplace io_best io_mean io_prev io_sorted
  r_energy_post r_energy_neg r_actions_pre r_gnorm_clipped r_gnorm_l2 r_gnorm_axis0
  x_half
`.trim().split(/\s+/);

/** Defects that must throw when there is one step only. */
const throwing = ["schedule-one-ahead", "one-step-throws"];
/** Defects that take the step size NaN when there is one step only. */
const notANumber = ["one-step-not-a-number"];

const polynomial: Schedule = { kind: "polynomial", init: 0.25, final: 1 / 64, power: 3 };
const exponential: Schedule = { kind: "exponential", init: 0.25, decay: 0.5 };

function problemWith(steps: number, schedule: Schedule): Problem {
  const draws = Array.from({ length: steps }, (_, k) => [[0.5, -1], [k, 0.25], [-0.5, 2], [1, -k]]);
  return {
    energy: "(a1 - 0.25*o1)^2 + 2*(a2 + 0.5)^2",
    settings: {
      ...officialDefaults,
      bounds: { min: [-1, -0.5], max: [1, 3] },
      steps,
      schedule,
      gradClip: 1,
    },
    groups: 2,
    samples: 2,
    axes: 2,
    observations: [[0.5], [-1]],
    initial: [[0.5, 1], [-0.75, 2], [0, 0], [0.25, -0.25]],
    noise: { kind: "tape", draws },
    seed: 1,
  };
}

async function finalOf(change: Change, problem: Problem): Promise<number[]> {
  const target = observe(samplerWith(change));
  const prepared = await target.prepare(problem.settings);
  return (await prepared.sample(problem)).final.flat();
}

Deno.test("defect ids are words, each used once", () => {
  assertEquals(new Set(defects.map(({ id }) => id)).size, defects.length);
  for (const { id } of [...defects, ...equivalents]) assertMatch(id, /^[a-z]+\d*(-[a-z]+)*$/);
  for (const defect of defects) assertEquals(defectOf(defect.id), defect);
  assertEquals(defectOf("no-such-defect"), undefined);
});

Deno.test("defects are ordered by factor", () => {
  const order = Object.keys(factors);
  const places = defects.map(({ factor }) => order.indexOf(factor));
  assertEquals(places, places.toSorted((a, b) => a - b));
  assertEquals(new Set(places).size, order.length);
});

Deno.test("every defect of the experiments is in the catalogue, once", () => {
  assertEquals(experiments.length, 149);
  const tried = defects.flatMap(({ experiment = [] }) => experiment);
  assertEquals(tried.toSorted(), experiments.toSorted());
});

Deno.test("every defect differs from the official rule, and from all others", () => {
  for (const { id, change } of [...defects, ...equivalents]) {
    assert(Object.keys(change).length > 0, id);
    for (const { part, official, changed } of replacements(change)) {
      assertNotEquals(changed, official, `${id}: ${part}`);
    }
  }
  const changes = new Set(defects.map(({ change }) => JSON.stringify(change)));
  assertEquals(changes.size, defects.length);
});

Deno.test("the rule of a defect is one object, so that it is compiled once", () => {
  for (const defect of defects) assertEquals(ruleOf(defect) === ruleOf(defect), true);
});

Deno.test("every formula of a defect parses", () => {
  for (const known of [...defects, ...equivalents]) compileRule(ruleOf(known));
});

Deno.test("every defect names clauses that exist", () => {
  for (const { id, clause, alsoBreaks = [] } of defects) {
    for (const broken of [clause, ...alsoBreaks]) assert(clauseOf(broken), `${id}: ${broken}`);
    assertEquals(new Set([clause, ...alsoBreaks]).size, 1 + alsoBreaks.length, id);
  }
});

Deno.test("defects are told in sentences", () => {
  for (const { id, title, symptom, fix } of defects) {
    assertMatch(title, /^[A-Za-z0-9][^\n]*[^.]$/, id);
    assertMatch(symptom, /^[A-Z][^\n]*\.$/, id);
    assertMatch(fix, /^[A-Z][^\n]*\.$/, id);
    for (const text of [title, symptom, fix]) assert(text.length <= 120, `${id}: ${text}`);
  }
});

Deno.test("every defect gives finite actions in a chain of four steps", async () => {
  for (const { id, change } of defects) {
    for (const schedule of [polynomial, exponential]) {
      const final = await finalOf(change, problemWith(4, schedule));
      assert(final.every(Number.isFinite), id);
    }
  }
});

Deno.test("a chain of one step throws or is not a number where the defect says so", async () => {
  const problem = problemWith(1, polynomial);
  const of = (outcome: (defect: Defect) => boolean) => defects.filter(outcome);
  for (const { change } of of(({ id }) => throwing.includes(id))) {
    await assertRejects(() => finalOf(change, problem), TargetFault, "division by zero");
  }
  for (const { id, change } of of(({ id }) => !throwing.includes(id))) {
    const finite = (await finalOf(change, problem)).every(Number.isFinite);
    assertEquals(finite, !notANumber.includes(id), id);
  }
});

Deno.test("equivalents give the official chain, but for the sign of the noise", async () => {
  const problem = problemWith(4, polynomial);
  const turned: Problem = problem.noise.kind === "tape"
    ? {
      ...problem,
      noise: {
        kind: "tape",
        draws: problem.noise.draws.map((draw) => draw.map((row) => row.map((z) => -z))),
      },
    }
    : problem;
  for (const { id, change } of equivalents) {
    const wanted = await finalOf({}, id === "noise-negated" ? turned : problem);
    const found = await finalOf(change, problem);
    wanted.forEach((value, i) => assert(Math.abs(found[i]! - value) < 1e-6, id));
  }
});

Deno.test("settings of another preparation hold for the sampler, and no other", async () => {
  const problem = problemWith(4, polynomial), longer = problemWith(6, polynomial);
  const steps = async (change: Change) => {
    const target = observe(samplerWith(change));
    const first = await target.prepare(problem.settings);
    const second = await target.prepare(longer.settings);
    const chains = [await first.sample(longer), await second.sample(longer)];
    return chains.map(({ evaluations }) =>
      evaluations.filter(({ kind }) => kind === "gradient").length
    );
  };
  for (let again = 0; again < 2; again++) {
    assertEquals(await steps({}), [4, 6]);
    assertEquals(await steps(defectOf("settings-of-first-preparation")!.change), [4, 4]);
    assertEquals(await steps(defectOf("settings-of-last-preparation")!.change), [6, 6]);
  }
});
