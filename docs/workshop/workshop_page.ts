/**
 * Builds the page on which a person judges a sampler, and the script that brings Python to it.
 *
 * @module
 */

import { plotStyle } from "../../src/report/plot/colours.ts";
import { pythonAdapter } from "../../src/targets/python_adapter.ts";
import { inScript } from "../playground/page.ts";
import { bundle } from "../site/bundle.ts";
import { palette } from "../site/palette.ts";
import { type PythonFiles, pythonScript } from "./python_runtime.ts";
import { starts } from "./starts.ts";

/**
 * The files of the page: path → content.
 *
 * @throws {BundleError} if `deno bundle` fails
 */
export async function workshopFiles(): Promise<ReadonlyMap<string, string>> {
  return new Map([
    ["workshop.html", await page()],
    [pythonScript, await pythonProgram()],
  ]);
}

const text = (path: string) => Deno.readTextFile(new URL(path, import.meta.url));

async function page(): Promise<string> {
  const [template, verdict, style, own, program, examples] = await Promise.all([
    text("./workshop.html"),
    text("../playground/verdict.css"),
    text("../playground/style.css"),
    text("./workshop.css"),
    // The traces are as large as the program, and the page does not replay them.
    bundle(new URL("workshop.ts", import.meta.url), ["*/traces/index.ts"]),
    starts(),
  ]);
  return template
    .replace("/* style */", () => `\n${palette}${plotStyle}${verdict}${style}${own}`)
    .replace("/* starts */", () => JSON.stringify(examples).replaceAll("<", "\\u003c"))
    .replace("/* program */", () => inScript(program));
}

/** A script and not files: a page that was opened as a file may not fetch another one. */
async function pythonProgram(): Promise<string> {
  const part = async (name: string) =>
    (await Deno.readFile(new URL(import.meta.resolve(`pyodide/${name}`)))).toBase64();
  const files: PythonFiles = {
    "pyodide.mjs": await part("pyodide.mjs"),
    "pyodide.asm.mjs": await part("pyodide.asm.mjs"),
    "pyodide.asm.wasm": await part("pyodide.asm.wasm"),
    "python_stdlib.zip": await part("python_stdlib.zip"),
    "pyodide-lock.json": await part("pyodide-lock.json"),
    "ulaspec.py": new TextEncoder().encode(await pythonAdapter()).toBase64(),
  };
  return `globalThis.pythonFiles=${JSON.stringify(files)};`;
}
