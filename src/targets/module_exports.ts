/**
 * What a module exports: which of it is the sampler, and what is to be said if there is none.
 *
 * This runs in the process of the module, so it imports little.
 *
 * @module
 */

import { describe, errorText } from "../../spec/describe.ts";
import { type Sampler, TargetFault } from "../../spec/sampler.ts";
import { didYouMean } from "../../spec/nearest.ts";

/** A module of a person's own. */
export interface ModuleName {
  /** Its path, as the person wrote it. */
  readonly path: string;
  /** Its file URL. */
  readonly href: string;
  /** The export that the person chose. */
  readonly exportName: string | null;
  /** The folder that the person works in, for shorter places; `null` if it cannot be told. */
  readonly folder: string | null;
}

const samplerForm = 'a sampler: { name, networkReturns: "energy" | "logits", prepare(settings) }';

/**
 * The sampler of a module: the export that was chosen; or else its default export, an export named
 * `sampler`, or the only export that is a sampler.
 *
 * @throws {TargetFault} of the kind `contract`, if there is none
 */
export function samplerIn(
  { path, exportName }: ModuleName,
  module: Readonly<Record<string, unknown>>,
): Sampler {
  return exportName === null ? onlySampler(path, module) : namedSampler(path, module, exportName);
}

function namedSampler(
  path: string,
  module: Readonly<Record<string, unknown>>,
  name: string,
): Sampler {
  if (!Object.hasOwn(module, name)) {
    throw new TargetFault(
      "contract",
      `no export ${name} in ${path}, which exports ${exportsOf(module)}`,
      `an export that is ${samplerForm}${didYouMean(name, Object.keys(module))}`,
    );
  }
  const value = module[name];
  if (looksLikeSampler(value)) return value;
  throw new TargetFault(
    "contract",
    `${describe(value)} as the export ${name} of ${path}`,
    samplerForm,
  );
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
    throw new TargetFault(
      "contract",
      `${names.length} samplers in ${path}: ${names.slice(0, 20).join(", ")}`,
      `the name of one of them: ${path}#${names[0]}`,
    );
  }
  throw new TargetFault(
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
  return names.slice(0, 20).map((name) => `${name} (${describe(module[name])})`).join(", ");
}

/** The fault of a module that could not be loaded. */
export function loadFault(error: unknown, module: ModuleName): TargetFault {
  const text = errorText(error);
  const syntax = /SyntaxError: (.*)/.exec(text);
  const found = syntax
    ? `a syntax error in ${module.path}: ${firstLine(syntax[1]!)}`
    : `${firstLine(text)} thrown while ${module.path} was loading`;
  return new TargetFault("throws", found, permissionWords(error), {
    cause: error,
    place: placeIn(error, module),
  });
}

/** The permission that a sampler lacks and how to give it; empty if it lacks none. */
export function permissionWords(error: unknown): string {
  const flag = /--allow-[a-z]+/.exec(errorText(error))?.[0];
  if (flag === undefined) return "";
  return `the permission ${flag}, which a module has only if you give it: check ${flag} …`;
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!.replace(/ at file:\/\/\S+$/, "");
}

/** The first place of an error inside a person's own files, as `file:line:column`. */
export function placeIn(
  error: unknown,
  { href, folder }: Partial<Pick<ModuleName, "href" | "folder">>,
): string | undefined {
  const ours = new URL("../../", import.meta.url).href;
  const places = tracedText(error).matchAll(/(file:\/\/[^\s()"']+?):(\d+):(\d+)/g);
  let fallback: string | undefined;
  for (const [, file, line, column] of places) {
    const place = `${shownPath(file!, folder ?? null)}:${line}:${column}`;
    if (file === href) return place;
    if (file!.includes("/npm/") || file!.includes("/node_modules/")) continue;
    if (!file!.startsWith(ours) || /\/(docs|fixtures)\//.test(file!)) fallback ??= place;
  }
  return fallback;
}

/** Where an error says that it comes from; an error of a person's own may throw when it is read. */
function tracedText(error: unknown): string {
  try {
    return error instanceof Error ? `${error.message}\n${error.stack ?? ""}`.slice(0, 10_000) : "";
  } catch {
    return "";
  }
}

function shownPath(href: string, folder: string | null): string {
  const path = decodeURIComponent(new URL(href).pathname);
  return folder !== null && path.startsWith(`${folder}/`)
    ? `./${path.slice(folder.length + 1)}`
    : path;
}
