/**
 * Judges whether a sampler follows the Langevin update rule of Implicit Behavioral Cloning.
 *
 * ```ts
 * import { judge, observe, pretty, ruleSampler } from "ulaspec";
 *
 * const report = await judge(observe(ruleSampler()), { profile: "quick" });
 * console.log(report.verdict); // conforms
 * ```
 *
 * @module
 */

export { type Elsewhere, judge, type JudgeOptions } from "./run/judge.ts";
export { type Fault, notRun } from "./report/not_run.ts";
export { json } from "./report/json.ts";
export { pretty, type Style } from "./report/pretty.ts";
export {
  type bases,
  type ClauseReport,
  type Counterexample,
  type DiagnosisReport,
  type diagnosisViews,
  type EnergyText,
  exitCodes,
  type FaultReport,
  type GoldenReport,
  type LedgerText,
  type measuredParts,
  type MeasuredRuleReport,
  type NamedDefectReport,
  type NoiseShapeText,
  type ProblemText,
  type Profile,
  type profiles,
  type Report,
  type reportFormat,
  type StatisticsText,
  type verdicts,
} from "./report/report.ts";
export type { Json, SettingsText } from "./settings_text.ts";
export { officialTraces, readTraceFolder } from "../golden/load.ts";
export {
  type Clause,
  type ClauseId,
  clauseOf,
  clauses,
  type Level,
  type Statement,
} from "../properties/clauses.ts";
export { ruleSampler, type RuleSamplerOptions } from "../spec/chain.ts";
export { observe } from "../spec/observe.ts";
export {
  flattened,
  type GradNorm,
  type Grouped,
  grouped,
  type Noise,
  officialDefaults,
  type Problem,
  type Rows,
  type Schedule,
  type Settings,
} from "../spec/problem.ts";
export {
  officialRule,
  type Rule,
  type RuleSymbol,
  ruleSymbols,
  type TermName,
  termNames,
} from "../spec/rule.ts";
export {
  type Arrays,
  type Call,
  type FaultKind,
  type Feature,
  features,
  type Network,
  type NetworkReturns,
  type NoiseOrigin,
  type NoiseSource,
  type PreparedTarget,
  type Result,
  type Reveals,
  type Sample,
  type Sampler,
  type Target,
  TargetFault,
} from "../spec/sampler.ts";
export {
  fromNumberText,
  type NumberText,
  numberWords,
  toNumberText,
} from "../spec/numerics/number_text.ts";
export type { Chain, Evaluation, Trajectory } from "../spec/trajectory.ts";
export type { Comparison, Replay } from "../golden/replay.ts";
export type { Recorded, Trace, TraceSource } from "../golden/trace.ts";
