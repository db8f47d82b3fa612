/**
 * The terms of a step that breaks a clause, as the named bugs make them: from the step alone most
 * of them cannot be told.
 *
 * @module
 */

import { toNumberText } from "../../../spec/numerics/number_text.ts";
import { openSession } from "../../../spec/observe.ts";
import type { Problem } from "../../../spec/problem.ts";
import { type Rule, ruleSampler, type TermName, type Terms } from "../../../spec/rule.ts";
import type { NetworkReturns } from "../../../spec/sampler.ts";
import { ruleUnder } from "../../defects/change.ts";
import type {
  Counterexample,
  DiagnosisReport,
  LedgerText,
  MeasuredRuleReport,
} from "../../report/report.ts";
import { problemFromText } from "../../report/page/seen_step.ts";
import { close } from "../experiments/simulate.ts";
import { turned } from "../terms/turned_draws.ts";

/**
 * The ledger of a counterexample beside a diagnosis: where named bugs explain everything and give its
 * step, with the terms that they change; else without those that were measured to be
 * others.
 *
 * @param base the rule that the target is judged by
 */
export function ledgerBeside(
  found: Counterexample,
  diagnosis: DiagnosisReport,
  base: Rule,
  returns: NetworkReturns,
): LedgerText[] {
  const terms = termsByNames(found, diagnosis, base, returns);
  const measured = diagnosis.measuredRule?.terms ?? [];
  if (terms === undefined) {
    const ledger = notBefore(found.ledger, measured);
    return pointed(ledger.map((line) => asMeasured(line, measured) ?? hiddenIn(line, measured)));
  }
  const ledger = withTerms(found.ledger, terms);
  const isStepRight = ledger.some(({ term, expected }) =>
    term === "step" && close(Number(expected), terms.step)
  );
  // A step that is right has parts that are.
  return pointed(ledger.map((line) => (isStepRight ? null : asMeasured(line, measured)) ?? line));
}

/** What comes before the drift. */
const beforeDrift: readonly TermName[] = ["gradient", "clippedGradient"];

/**
 * Without what was inferred of the gradient where the measured rule has another multiple of it: the
 * step alone shows no difference.
 */
function notBefore(
  ledger: readonly LedgerText[],
  measured: Measured,
): readonly LedgerText[] {
  const drift = measured.find(({ name }) => name === "drift");
  const isMultiple = drift?.deviates === true && drift.value?.kind === "number" &&
    drift.value.of === plain.drift!.of;
  return !isMultiple
    ? ledger
    : ledger.map((line) =>
      line.basis === "inferred" && beforeDrift.includes(line.term)
        ? { ...line, actual: line.expected, basis: "not contradicted", differs: false }
        : line
    );
}

/** What the rule multiplies by what. */
const plain: Readonly<Record<string, { readonly of: string; readonly factor: number }>> = {
  drift: { of: "∇E", factor: 0.5 },
  noise: { of: "σξ", factor: 1 },
};

type Measured = MeasuredRuleReport["terms"];

const otherValue = ({ term, basis, expected }: LedgerText, measured: Measured) =>
  basis !== "not contradicted" || Number(expected) === 0
    ? undefined
    : measured.find(({ name, deviates }) => name === term && deviates)?.value;

/** A line that nothing contradicts, by the measured rule where that has another number in it. */
function asMeasured(line: LedgerText, measured: Measured): LedgerText | undefined {
  const value = otherValue(line, measured), usual = plain[line.term];
  if (value?.kind !== "number" || usual?.of !== value.of) return undefined;
  const actual = toNumberText(Number(line.expected) * value.factor / usual.factor);
  return { ...line, actual, basis: "as measured" };
}

/** The same where it has another term of which the step tells no more. */
function hiddenIn(line: LedgerText, measured: Measured): LedgerText {
  return otherValue(line, measured) === undefined
    ? line
    : { ...line, actual: null, basis: "hidden" };
}

/** Every term of the step that a counterexample shows, if the named bugs give it. */
function termsByNames(
  { ledger, problem: text, step, row, axis }: Counterexample,
  { defects, unexplained }: DiagnosisReport,
  base: Rule,
  returns: NetworkReturns,
): Terms | undefined {
  const changes = defects.flatMap(({ change, alternatives = [] }) =>
    change && alternatives.length === 0 ? [change] : []
  );
  const told = unexplained === undefined && changes.length > 0 && changes.length === defects.length;
  const result = ledger.at(-1)?.actual ?? null;
  if (!told || result === null || step === null || row === null || axis === null) return undefined;
  const problem = problemFromText(text);
  if (problem.noise.kind === "own" && problem.settings.noiseScale !== 0) return undefined;
  const rule = ruleUnder(base, ...changes);
  return [problem, turned(problem)]
    .map((given) => termsOf(rule, given, returns)[step]?.[row]?.[axis])
    .find((found) => found !== undefined && close(Number(result), found.result));
}

/** Every term of every step of a chain under a rule, by step, row and axis; none where it fails. */
function termsOf(
  rule: Rule,
  problem: Problem,
  returns: NetworkReturns,
): readonly (readonly (readonly Terms[])[])[] {
  const seen: (readonly (readonly Terms[])[])[] = [];
  const watched: Rule = {
    ...rule,
    loop: () => {
      const loop = rule.loop();
      return {
        ...loop,
        report: (run, taken) => {
          seen.push(taken.terms);
          return loop.report(run, taken);
        },
      };
    },
  };
  try {
    const sample = ruleSampler(watched, { networkReturns: returns }).prepare(problem.settings);
    sample(openSession(problem, returns).call);
    return seen;
  } catch {
    return [];
  }
}

/** Where the step ended stays; the movement is that of the clipped step unless names say otherwise. */
function withTerms(ledger: readonly LedgerText[], terms: Terms): LedgerText[] {
  return ledger.map((line): LedgerText => {
    const expected = Number(line.expected), value = terms[line.term];
    const known = line.actual === null ? NaN : Number(line.actual);
    const stays = line.term === "result" || close(known, value) ||
      line.basis === "hidden" && close(expected, value);
    return stays ? line : { ...line, actual: toNumberText(value), basis: "as measured" };
  });
}

/** The first term that differs is the one to look at. */
function pointed(ledger: readonly LedgerText[]): LedgerText[] {
  const isPointed = ledger.some(({ differs }) => differs);
  if (isPointed && !ledger.some(({ basis }) => basis === "as measured")) return [...ledger];
  const first = ledger.find(({ actual, expected, basis }) =>
    actual !== null && basis !== "not contradicted" && !close(Number(actual), Number(expected))
  );
  return ledger.map((line) => ({ ...line, differs: first ? line === first : line.differs }));
}
