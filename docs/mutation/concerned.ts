/**
 * Which files are mutated, and which tests concern them.
 *
 * A test concerns a file that it reaches through imports, except those of types. The tests of the
 * mutated folders are asked, not those of what stands on them (report, command line, targets,
 * docs), which would find a mutant only because some page or printout reads differently.
 *
 * @module
 */

import ts from "typescript";

/** The folders whose sources are mutated, and whose tests are run. */
export const mutatedFolders = [
  "spec/",
  "properties/",
  "golden/",
  "src/run/",
  "src/diagnosis/",
  "src/defects/",
] as const;

/** Tests outside of these folders that judge samplers from end to end, in this process. */
const furtherTests = ["src/reference_test.ts", "src/testing_test.ts"];

const inMutatedFolder = (path: string) => mutatedFolders.some((folder) => path.startsWith(folder));

/** Whether a file is mutated. */
export function isProduction(path: string): boolean {
  return inMutatedFolder(path) && path.endsWith(".ts") &&
    !/(_test|_bench|\.d)\.ts$|\/fixtures\/|\/traces\//.test(path);
}

/** Whether a file holds tests that are asked. */
export function isAsked(path: string): boolean {
  return path.endsWith("_test.ts") && (inMutatedFolder(path) || furtherTests.includes(path));
}

/** The paths that each file imports at run time. */
export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/**
 * The imports among files.
 *
 * @param sources text by path from the root
 * @param named the import map: specifier to path from the root
 */
export function importGraph(
  sources: ReadonlyMap<string, string>,
  named: Readonly<Record<string, string>> = {},
): ImportGraph {
  return new Map(
    [...sources].map(([path, text]) => {
      const found = specifiers(path, text)
        .map((specifier) => named[specifier] ?? resolved(path, specifier))
        .filter((target) => sources.has(target));
      return [path, [...new Set(found)]];
    }),
  );
}

function resolved(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

/** What a source imports, loads later, or names by its URL: `new URL("./worker.ts", …)`. */
function specifiers(path: string, text: string): string[] {
  const tree = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node) => {
    const specifier = specifierOf(node);
    if (specifier !== undefined && ts.isStringLiteralLike(specifier)) found.push(specifier.text);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found.filter((specifier) => !/^(npm|jsr|node|https?|data):/.test(specifier));
}

function specifierOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isImportDeclaration(node)) return isOfTypes(node) ? undefined : node.moduleSpecifier;
  if (ts.isExportDeclaration(node)) return node.isTypeOnly ? undefined : node.moduleSpecifier;
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
    return node.arguments[0];
  }
  const isUrl = ts.isNewExpression(node) && node.expression.getText() === "URL";
  return isUrl ? node.arguments?.[0] : undefined;
}

function isOfTypes({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false;
  if (importClause.isTypeOnly) return true;
  const { name, namedBindings } = importClause;
  return name === undefined && namedBindings !== undefined && ts.isNamedImports(namedBindings) &&
    namedBindings.elements.length > 0 && namedBindings.elements.every((one) => one.isTypeOnly);
}

/** A test file and how many imports lie between it and a source. */
export interface Concerned {
  /** Path of the test file. */
  readonly test: string;
  /** 1 for a direct import. */
  readonly distance: number;
}

/** The tests that reach a file: those that are asked of every file, and those of its own folder. */
export function testsConcerned(graph: ImportGraph, file: string): Concerned[] {
  const beside = (path: string) => path.endsWith("_test.ts") && folderOf(path) === folderOf(file);
  return [...graph.keys()].filter((path) => isAsked(path) || beside(path)).flatMap((test) => {
    const distance = distanceBetween(graph, test, file);
    return distance === undefined ? [] : [{ test, distance }];
  });
}

function folderOf(path: string): string {
  return path.replace(/[^/]*$/, "");
}

function distanceBetween(graph: ImportGraph, from: string, to: string): number | undefined {
  const seen = new Set([from]);
  let reached = [from];
  for (let distance = 1; reached.length > 0; distance++) {
    reached = [...new Set(reached.flatMap((path) => graph.get(path) ?? []))]
      .filter((path) => !seen.has(path));
    if (reached.includes(to)) return distance;
    reached.forEach((path) => seen.add(path));
  }
  return undefined;
}

/**
 * Puts tests in the order in which they are asked, in a few groups: a file's own test first, then
 * the near and cheap ones. Each group runs in one process, so that most mutants cost one start.
 *
 * @param seconds how long each test file takes
 */
export function stages(
  file: string,
  concerned: readonly Concerned[],
  seconds: (test: string) => number,
): string[][] {
  const own = file.replace(/\.ts$/, "_test.ts");
  const cost = ({ test, distance }: Concerned) =>
    test === own ? -1 : (0.2 + seconds(test)) * distance;
  const ordered = concerned.toSorted((a, b) => cost(a) - cost(b)).map(({ test }) => test);
  const groups: string[][] = [];
  let spent = 0;
  for (const test of ordered) {
    const isNext = groups.length === 0 || spent + seconds(test) > groupSeconds(groups.length);
    if (isNext) {
      groups.push([]);
      spent = 0;
    }
    groups.at(-1)!.push(test);
    spent += seconds(test);
  }
  return groups;
}

/** How long a group may take: each about three times the one before. */
function groupSeconds(group: number): number {
  return 1.5 * 3 ** (group - 1);
}
