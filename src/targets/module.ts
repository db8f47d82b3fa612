/**
 * Loads a sampler by its specifier: `reference`, `defect:ID`, or a module of a person's own.
 *
 * @module
 */

import { isModule, partsOf } from "../module_specifier.ts";
import { officialRule, type Rule, ruleSampler } from "../../spec/rule.ts";
import { type AskedRule, ruleAsked } from "../../spec/rules/family.ts";
import type { Sampler } from "../../spec/sampler.ts";
import { describe } from "../../spec/observe.ts";
import { didYouMean } from "../nearest.ts";

/** A target that cannot be loaded, with what was found, what was wanted and where to look. */
export class LoadFault extends Error {
  override readonly name = "LoadFault";
  /** Where to look: `file:line:column`. */
  readonly where: string | undefined;
  /**
   * @param kind what happened, in a word
   * @param found what was found
   * @param wanted what was wanted
   * @param options `where` to look, and the `cause`
   */
  constructor(
    readonly kind: "missing" | "throws" | "contract",
    readonly found: string,
    readonly wanted: string,
    options: ErrorOptions & { readonly where?: string | undefined } = {},
  ) {
    super(`Cannot load the target: found ${found}, wanted ${wanted}`, options);
    this.where = options.where;
  }
}

/** What a target may be, for messages. */
const targetForms = "reference, defect:ID or ./module.ts[#export]";
const samplerForm = 'a sampler: { name, networkReturns: "energy" | "logits", prepare(settings) }';

/**
 * Loads a sampler.
 *
 * @param specifier `reference`; `defect:ID`; the path or file URL of a module, with `#export` to
 *   choose one of its exports. Without it: the default export, an export named `sampler`, or the
 *   only export that is a sampler.
 * @param asked the rule that it is judged by, which `reference` follows and `defect:ID` breaks
 * @throws {LoadFault} if there is none
 */
export async function loadSampler(specifier: string, asked?: AskedRule): Promise<Sampler> {
  const rule = asked === undefined ? officialRule : ruleAsked(asked);
  if (specifier === "reference") {
    if (rule !== officialRule) return ruleSampler(rule, { name: "reference" });
    return (await import("../reference.ts")).reference;
  }
  if (specifier.startsWith("defect:")) return await defectSampler(specifier.slice(7), rule);
  if (isModule(specifier)) return await moduleSampler(specifier);
  throw new LoadFault(
    "missing",
    `the target ${specifier}`,
    targetForms + didYouMean(specifier, ["reference"]),
  );
}

async function defectSampler(id: string, rule: Rule): Promise<Sampler> {
  const { defects, ruleUnder, samplerWith } = await import("../defects/defects.ts");
  const defect = defects.find((d) => d.id === id);
  if (defect === undefined) {
    throw new LoadFault(
      "missing",
      `the defect ${id === "" ? "''" : id}`,
      `one of the ${defects.length} known defects (ulaspec defects lists them)` +
        didYouMean(id, defects.map((d) => d.id)),
    );
  }
  // A tape takes the place of the generator; a defect of the generator needs its own noise.
  const ownNoise = defect.change.noiseSource !== undefined;
  const options = { name: `defect:${id}`, ...(ownNoise ? { noise: "both" } as const : {}) };
  return rule === officialRule
    ? samplerWith(defect.change, options)
    : ruleSampler(ruleUnder(rule, defect.change), options);
}

async function moduleSampler(specifier: string): Promise<Sampler> {
  const { path, exportName } = partsOf(specifier);
  const url = await urlOf(path);
  requireFile(path, url);
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await import(url.href);
  } catch (error) {
    throw new LoadFault("throws", messageOf(error, path), `a module that loads`, {
      cause: error,
      where: placeIn(error, url.href),
    });
  }
  return exportName === null ? onlySampler(path, module) : namedSampler(path, module, exportName);
}

async function urlOf(path: string): Promise<URL> {
  if (path.startsWith("file:")) return new URL(path);
  return (await import("node:url")).pathToFileURL(path);
}

function requireFile(path: string, url: URL): void {
  const wanted = "the file of a module that exports a sampler";
  let info;
  try {
    info = Deno.statSync(url);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) {
      throw new LoadFault("missing", `${path}, which cannot be read: ${textOf(error)}`, wanted, {
        cause: error,
      });
    }
    throw new LoadFault("missing", `${path}, which does not exist`, wanted + neighbour(path, url));
  }
  if (info.isDirectory) throw new LoadFault("missing", `${path}, which is a folder`, wanted);
}

function neighbour(path: string, url: URL): string {
  const cut = Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1;
  try {
    const names = [...Deno.readDirSync(new URL(".", url))]
      .filter((entry) => entry.isFile && /\.[cm]?[jt]sx?$/.test(entry.name))
      .map((entry) => path.slice(0, cut) + entry.name);
    return didYouMean(path, names.sort());
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) return "";
    return `; its folder ${path.slice(0, cut)} does not exist either`;
  }
}

function namedSampler(
  path: string,
  module: Readonly<Record<string, unknown>>,
  name: string,
): Sampler {
  if (!Object.hasOwn(module, name)) {
    throw new LoadFault(
      "contract",
      `no export ${name} in ${path}, which exports ${exportsOf(module)}`,
      `an export that is ${samplerForm}${didYouMean(name, Object.keys(module))}`,
    );
  }
  const value = module[name];
  if (!looksLikeSampler(value)) {
    throw new LoadFault(
      "contract",
      `${describe(value)} as the export ${name} of ${path}`,
      samplerForm,
    );
  }
  return value;
}

function onlySampler(path: string, module: Readonly<Record<string, unknown>>): Sampler {
  for (const name of ["default", "sampler"]) {
    const value = module[name];
    if (looksLikeSampler(value)) return value;
  }
  const samplers = Object.entries(module).filter(([, value]) => looksLikeSampler(value));
  if (samplers.length === 1) return samplers[0]![1] as Sampler;
  if (samplers.length > 1) {
    const names = samplers.map(([name]) => name);
    throw new LoadFault(
      "contract",
      `${names.length} samplers in ${path}: ${names.join(", ")}`,
      `the name of one of them: ${path}#${names[0]}`,
    );
  }
  throw new LoadFault(
    "contract",
    `no sampler in ${path}, which exports ${exportsOf(module)}`,
    `a default export, an export named sampler or a single export that is ${samplerForm}`,
  );
}

/** Whether a value is meant as a sampler; `observe` checks whether it keeps the contract. */
function looksLikeSampler(value: unknown): value is Sampler {
  return typeof value === "object" && value !== null && "prepare" in value;
}

function exportsOf(module: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(module);
  if (names.length === 0) return "nothing";
  return names.map((name) => `${name} (${describe(module[name])})`).join(", ");
}

function messageOf(error: unknown, path: string): string {
  const text = textOf(error);
  const syntax = /SyntaxError: (.*)/.exec(text);
  if (syntax) return `a syntax error in ${path}: ${firstLine(syntax[1]!)}`;
  return `${firstLine(text)} thrown while ${path} was loading`;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!.replace(/ at file:\/\/\S+$/, "");
}

/** An error in words: its name and message, or the thrown value. */
export function textOf(error: unknown): string {
  if (!(error instanceof Error)) return describe(error);
  return error.message === "" ? error.name : `${error.name}: ${error.message}`;
}

/** The first place of an error inside a person's own files, as `file:line:column`. */
export function placeIn(error: unknown, href?: string): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const ours = new URL("../../", import.meta.url).href;
  const places = `${error.message}\n${error.stack ?? ""}`.matchAll(
    /(file:\/\/[^\s()"']+?):(\d+):(\d+)/g,
  );
  let fallback: string | undefined;
  for (const [, file, line, column] of places) {
    const place = `${shownPath(file!)}:${line}:${column}`;
    if (file === href) return place;
    if (file!.includes("/npm/") || file!.includes("/node_modules/")) continue;
    if (!file!.startsWith(ours) || /\/(docs|fixtures)\//.test(file!)) fallback ??= place;
  }
  return fallback;
}

function shownPath(href: string): string {
  const path = decodeURIComponent(new URL(href).pathname);
  try {
    const base = `${Deno.cwd()}/`;
    return path.startsWith(base) ? `./${path.slice(base.length)}` : path;
  } catch {
    // Where the person stands may not be read: the whole path says it, too.
    return path;
  }
}
