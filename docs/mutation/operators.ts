/**
 * The mutations: single small changes of a source that leave it valid TypeScript.
 *
 * A change is made where the program computes or decides. Types, imports, texts for people and the
 * construction of errors stay as they are: a test that told their wording apart would be a copy of
 * it. So do the numbers of the problems that are tried: on another problem of the same kind every
 * judgement must be the same.
 *
 * @module
 */

import ts from "typescript";

/** One change of one file. */
export interface Mutant {
  /** Path of the file from the root. */
  readonly file: string;
  /** Line of the change, from 1. */
  readonly line: number;
  /** What kind of change it is, in words. */
  readonly operator: Operator | "named";
  /** The changed lines as they are, on one line. */
  readonly before: string;
  /** The same lines with the change. */
  readonly after: string;
  /** Which of several equal changes of a file this is, from 1. */
  readonly occurrence: number;
  /** Offset of the first character that is replaced. */
  readonly start: number;
  /** Offset behind the last one. */
  readonly end: number;
  /** What takes their place. */
  readonly replacement: string;
}

/** The kinds of change. */
export const operators = [
  "constant",
  "comparison",
  "logic",
  "arithmetic",
  "condition",
  "extreme",
  "dropped call",
  "dropped exit",
  "swapped arguments",
] as const;

/** A kind of change. */
export type Operator = typeof operators[number];

/** The opposite of each order. */
const turned: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [ts.SyntaxKind.LessThanToken, ">="],
  [ts.SyntaxKind.LessThanEqualsToken, ">"],
  [ts.SyntaxKind.GreaterThanToken, "<="],
  [ts.SyntaxKind.GreaterThanEqualsToken, "<"],
]);

/** A measured number or what it is compared with: the two are never equal but by accident. */
const measured = /Math\.abs|tolerance|distance|slack|radius|error|pValue|level|\de-\d/i;

type Change = Pick<Mutant, "operator" | "start" | "end" | "replacement">;

const replacedTokens: ReadonlyMap<ts.SyntaxKind, readonly [Operator, string]> = new Map([
  [ts.SyntaxKind.LessThanToken, ["comparison", "<="]],
  [ts.SyntaxKind.LessThanEqualsToken, ["comparison", "<"]],
  [ts.SyntaxKind.GreaterThanToken, ["comparison", ">="]],
  [ts.SyntaxKind.GreaterThanEqualsToken, ["comparison", ">"]],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, ["comparison", "!=="]],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, ["comparison", "==="]],
  [ts.SyntaxKind.AmpersandAmpersandToken, ["logic", "||"]],
  [ts.SyntaxKind.BarBarToken, ["logic", "&&"]],
  [ts.SyntaxKind.PlusToken, ["arithmetic", "-"]],
  [ts.SyntaxKind.MinusToken, ["arithmetic", "+"]],
  [ts.SyntaxKind.AsteriskToken, ["arithmetic", "/"]],
  [ts.SyntaxKind.SlashToken, ["arithmetic", "*"]],
]);

/** Functions whose arguments may stand in any order. */
const symmetric = /^(Math\.(min|max|hypot)|same)$/;

/**
 * Every mutant of a source, in the order of the text.
 *
 * In `src/defects/` only the bodies of functions are changed: the catalogue is data, and each of its
 * entries is a mutation already.
 *
 * @param file path from the root
 */
export function mutantsOf(file: string, source: string): Mutant[] {
  const tree = ts.createSourceFile(file, source, ts.ScriptTarget.Latest, true);
  const changes: Change[] = [];
  const generators = generatorsOf(tree);
  const visit = (node: ts.Node, at: Place) => {
    if (isSpared(node)) return;
    const { inFunction } = at;
    const inProblem = !isJudgement(node) && (at.inProblem || isProblem(node, generators));
    if (inFunction || !file.startsWith("src/defects/")) {
      const found = changesOf(node, tree);
      changes.push(...inProblem ? found.filter(({ operator }) => !numeric.has(operator)) : found);
    }
    const below: Place = { inFunction: inFunction || ts.isFunctionLike(node), inProblem };
    ts.forEachChild(node, (child) => visit(child, below));
  };
  visit(tree, { inFunction: false, inProblem: false });
  return described(file, source, changes.sort((a, b) => a.start - b.start || a.end - b.end));
}

/** The source with one change. */
export function mutated(source: string, { start, end, replacement }: Change): string {
  return source.slice(0, start) + replacement + source.slice(end);
}

/** Where a node stands. */
interface Place {
  readonly inFunction: boolean;
  /** In what makes the problems that are tried. */
  readonly inProblem: boolean;
}

/** Changes of numbers. */
const numeric: ReadonlySet<Mutant["operator"]> = new Set([
  "constant",
  "arithmetic",
  "extreme",
  "swapped arguments",
]);

/** The functions of this source that come from the module that makes problems. */
function generatorsOf(tree: ts.SourceFile): ReadonlySet<string> {
  return new Set(tree.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement)) return [];
    const { moduleSpecifier, importClause } = statement;
    const names = importClause?.namedBindings;
    const isOfProblems = /\/arbitraries\.ts"$/.test(moduleSpecifier.getText(tree));
    if (!isOfProblems || names === undefined || !ts.isNamedImports(names)) return [];
    return names.elements.map(({ name }) => name.text);
  }));
}

/**
 * Whether a node makes problems: a call of a generator or of fast-check, what a clause lists as its
 * random problems and edge cases, or what is declared to be a problem or a part of one.
 */
function isProblem(node: ts.Node, generators: ReadonlySet<string>): boolean {
  if (ts.isCallExpression(node)) {
    const called = node.expression.getText();
    return called.startsWith("fc.") || generators.has(called);
  }
  if (ts.isPropertyAssignment(node) || ts.isMethodDeclaration(node)) {
    return /^(random|edges|problem)$/.test(node.name.getText());
  }
  const hasType = ts.isVariableDeclaration(node) || ts.isFunctionDeclaration(node);
  return hasType && /^(Problem|Settings|Schedule|Noise)$/.test(node.type?.getText() ?? "");
}

/** Whether a node judges, wherever it stands. */
function isJudgement(node: ts.Node): boolean {
  return ts.isMethodDeclaration(node) && node.name.getText() === "judge";
}

/** What stays as it is, with everything inside. */
function isSpared(node: ts.Node): boolean {
  if (ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) {
    return true;
  }
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return true;
  if (ts.isThrowStatement(node) || isProse(node)) return true;
  return ts.isNewExpression(node) && /(Error|Fault)$/.test(node.expression.getText());
}

/** A text for people: two words in a row, with numbers between them. */
function isProse(node: ts.Node): boolean {
  return ts.isTemplateExpression(node) &&
    [node.head, ...node.templateSpans.map(({ literal }) => literal)].some(({ text }) =>
      /[a-z]{2,} [a-z]/i.test(text)
    );
}

function changesOf(node: ts.Node, tree: ts.SourceFile): Change[] {
  if (ts.isNumericLiteral(node)) return constantChange(node, tree);
  if (ts.isBinaryExpression(node)) return tokenChange(node, tree);
  if (ts.isIfStatement(node)) {
    return [...negation(node.expression, tree), ...exitDropped(node, tree)];
  }
  if (ts.isConditionalExpression(node)) return negation(node.condition, tree);
  if (ts.isExpressionStatement(node)) return callDropped(node, tree);
  if (ts.isCallExpression(node)) return argumentsSwapped(node, tree);
  if (ts.isPropertyAccessExpression(node)) return extremeChange(node, tree);
  return [];
}

function change(operator: Operator, node: ts.Node, tree: ts.SourceFile, replacement: string) {
  return { operator, start: node.getStart(tree), end: node.getEnd(), replacement };
}

function constantChange(node: ts.NumericLiteral, tree: ts.SourceFile): Change[] {
  if (ts.isPropertyAssignment(node.parent) && node.parent.name === node) return [];
  return [change("constant", node, tree, changedConstant(node.getText(tree)))];
}

/** 0 ↔ 1, small counts one more, everything else ten times as large. */
function changedConstant(text: string): string {
  const value = Number(text.replaceAll("_", ""));
  if (value === 0) return "1";
  if (value === 1) return "0";
  return Number.isInteger(value) && value < 10 ? String(value + 1) : String(10 * value);
}

function tokenChange(node: ts.BinaryExpression, tree: ts.SourceFile): Change[] {
  const found = replacedTokens.get(node.operatorToken.kind);
  if (found === undefined) return [];
  const [operator, usual] = found;
  const opposite = turned.get(node.operatorToken.kind);
  const replacement = opposite !== undefined && measured.test(node.getText(tree))
    ? opposite
    : usual;
  if (operator === "arithmetic" && (isText(node.left) || isText(node.right))) return [];
  return [change(operator, node.operatorToken, tree, replacement)];
}

/** Whether an operand of `+` is a text as far as the syntax tells. */
function isText(node: ts.Expression): boolean {
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) return true;
  if (ts.isParenthesizedExpression(node)) return isText(node.expression);
  if (ts.isConditionalExpression(node)) return isText(node.whenTrue) || isText(node.whenFalse);
  return ts.isBinaryExpression(node) && (isText(node.left) || isText(node.right));
}

function negation(condition: ts.Expression, tree: ts.SourceFile): Change[] {
  return [change("condition", condition, tree, `!(${condition.getText(tree)})`)];
}

/** `if (…) return …;` and the like, dropped. */
function exitDropped(node: ts.IfStatement, tree: ts.SourceFile): Change[] {
  const { thenStatement, elseStatement } = node;
  const only = ts.isBlock(thenStatement) && thenStatement.statements.length === 1
    ? thenStatement.statements[0]!
    : thenStatement;
  const leaves = ts.isReturnStatement(only) || ts.isContinueStatement(only) ||
    ts.isThrowStatement(only);
  return leaves && elseStatement === undefined ? [change("dropped exit", node, tree, "{}")] : [];
}

function callDropped(node: ts.ExpressionStatement, tree: ts.SourceFile): Change[] {
  const inner = ts.isAwaitExpression(node.expression)
    ? node.expression.expression
    : node.expression;
  const isSuper = ts.isCallExpression(inner) &&
    inner.expression.kind === ts.SyntaxKind.SuperKeyword;
  return ts.isCallExpression(inner) && !isSuper ? [change("dropped call", node, tree, ";")] : [];
}

/** The first two neighbours that may stand for one another: no functions, records or texts. */
function argumentsSwapped(node: ts.CallExpression, tree: ts.SourceFile): Change[] {
  if (symmetric.test(node.expression.getText(tree))) return [];
  const given = node.arguments;
  for (let i = 0; i + 1 < given.length; i++) {
    const one = given[i]!, other = given[i + 1]!;
    const texts = [one, other].map((argument) => argument.getText(tree));
    if (!isPlain(one) || !isPlain(other) || texts[0] === texts[1]) continue;
    const between = tree.text.slice(one.getEnd(), other.getStart(tree));
    const replacement = `${texts[1]}${between}${texts[0]}`;
    const start = one.getStart(tree), end = other.getEnd();
    return [{ operator: "swapped arguments", start, end, replacement }];
  }
  return [];
}

function isPlain(node: ts.Expression): boolean {
  return !ts.isFunctionLike(node) && !ts.isObjectLiteralExpression(node) && !isText(node) &&
    !ts.isSpreadElement(node);
}

function extremeChange(node: ts.PropertyAccessExpression, tree: ts.SourceFile): Change[] {
  if (node.expression.getText(tree) !== "Math") return [];
  const name = node.name.text;
  if (name !== "min" && name !== "max") return [];
  return [change("extreme", node.name, tree, name === "min" ? "max" : "min")];
}

/** Adds the place of each change and how it reads. */
function described(file: string, source: string, changes: readonly Change[]): Mutant[] {
  const seen = new Map<string, number>();
  return changes.map((one) => {
    const from = source.lastIndexOf("\n", one.start - 1) + 1;
    const newline = source.indexOf("\n", one.end);
    const to = newline === -1 ? source.length : newline;
    const before = oneLine(source.slice(from, to));
    const after = oneLine(
      source.slice(from, one.start) + one.replacement + source.slice(one.end, to),
    );
    const key = `${before} → ${after}`;
    const occurrence = (seen.get(key) ?? 0) + 1;
    seen.set(key, occurrence);
    const line = source.slice(0, one.start).split("\n").length;
    return { file, line, before, after, occurrence, ...one };
  });
}

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}
