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

export { judge } from "./run/judge.ts";
export type { JudgeOptions, Progress } from "./run/options.ts";
export type { RuleGiven } from "./run/rule_given.ts";
export type { RulePart, ruleParts } from "../spec/rule_parts.ts";
export {
  type DocumentFormulas,
  type RuleDocument,
  RuleError,
  ruleFrom,
  type RuleOption,
} from "../spec/rules/document.ts";
export { type AskedRule, family, ruleNamed } from "../spec/rules/family.ts";
export { json } from "./report/json.ts";
export { type Extent, pretty, type Style } from "./report/pretty.ts";
export {
  type bases,
  type ClauseReport,
  type Counterexample,
  type CoverageText,
  type DiagnosisReport,
  type diagnosisViews,
  type EnergyText,
  exitCodes,
  type FaultReport,
  type GoldenReport,
  type IncompleteReport,
  type InfluenceReport,
  type influences,
  type LedgerText,
  type measuredParts,
  type MeasuredRuleReport,
  type MeasuredValueReport,
  type NamedDefectReport,
  type NoiseShapeText,
  type ProblemText,
  type Profile,
  type profiles,
  type Reason,
  type Report,
  type reportFormat,
  type RuleText,
  type runVerdicts,
  type StatisticsText,
  type TriedText,
  type verdicts,
} from "./report/report.ts";
export type { Json, SettingsText } from "../spec/settings_text.ts";
export { readTraceFolder } from "../golden/folder.ts";
export { officialTraces } from "../golden/load.ts";
export type { Level, Statement as Clause } from "../properties/clauses.ts";
export { clauseOf, clauses } from "./catalogue.ts";
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
export type { OwnCoordinates } from "../spec/tolerance.ts";
export type { CompiledRule, Evaluate, Slots, Symbols } from "../spec/compiled_rule.ts";
export {
  type AboutRule,
  type Answer,
  type Asked,
  type Begun,
  type FormulaName,
  type Formulas,
  type Loop,
  officialRule,
  type OwnSetting,
  type Rule,
  type RuleSampler,
  ruleSampler,
  type RuleSamplerOptions,
  type RuleSymbol,
  ruleSymbols,
  type Run,
  type Step,
  type StepReport,
  type TermName,
  termNames,
  type Terms,
} from "../spec/rule.ts";
export {
  type Arrays,
  type Call,
  type CompiledFor,
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
export type { Chain, Evaluation, ServedDraws, Trajectory } from "../spec/trajectory.ts";
export type { Recorded, Trace, TraceSource } from "../golden/trace.ts";
