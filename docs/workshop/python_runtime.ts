/// <reference lib="dom" />
/**
 * Python in the page: the files of Pyodide, brought by a script that lies beside the page, because
 * a page that was opened as a file may not fetch another one.
 *
 * @module
 */

import type { PyodideAPI } from "pyodide";
import type { PythonRuntime } from "./python_target.ts";

/** What Pyodide is made of, file by file, in base64. */
export interface PythonFiles {
  readonly "pyodide.mjs": string;
  readonly "pyodide.asm.mjs": string;
  readonly "pyodide.asm.wasm": string;
  readonly "python_stdlib.zip": string;
  readonly "pyodide-lock.json": string;
  /** The packaged adapter. */
  readonly "ulaspec.py": string;
}

/** The script beside the page that brings the files. */
export const pythonScript = "workshop-python.js";

/**
 * Loads the script, once.
 *
 * @throws {Error} if it isn't beside the page
 */
export function pythonFiles(document: Document): Promise<PythonFiles> {
  const place = globalThis as { pythonFiles?: PythonFiles };
  if (place.pythonFiles) return Promise.resolve(place.pythonFiles);
  const script = document.createElement("script");
  script.src = pythonScript;
  const loaded = new Promise<PythonFiles>((resolve, reject) => {
    script.onload = () => resolve(place.pythonFiles!);
    script.onerror = () => reject(new Error(`Cannot start Python: found no ${pythonScript}`));
  });
  document.head.append(script);
  return loaded;
}

/** Where Pyodide looks for its files; nothing is asked for there. */
const nowhere = "https://pyodide.invalid/";

/** Starts Python from its files, in a worker. */
export function pythonRuntime(files: PythonFiles): PythonRuntime {
  const bytes = (name: keyof PythonFiles) => bytesOf(files[name]);
  const text = (name: keyof PythonFiles) => new TextDecoder().decode(bytes(name));
  const address = (name: keyof PythonFiles, type: string) =>
    URL.createObjectURL(new Blob([bytes(name)], { type }));
  return {
    adapter: text("ulaspec.py"),
    async start(): Promise<PyodideAPI> {
      const [{ loadPyodide }, asm] = await Promise.all([
        import(address("pyodide.mjs", "text/javascript")),
        import(address("pyodide.asm.mjs", "text/javascript")),
      ]);
      globalThis.fetch = (asked) => Promise.resolve(fetched(files, String(asked)));
      return await loadPyodide({
        indexURL: nowhere,
        createPyodideModule: asm.default,
        lockFileContents: text("pyodide-lock.json"),
        stdLibURL: `${nowhere}python_stdlib.zip`,
      });
    },
  };
}

/** What Pyodide asks the network for. */
function fetched(files: PythonFiles, asked: string): Response {
  switch (asked) {
    case `${nowhere}pyodide.asm.wasm`:
      return answer(files["pyodide.asm.wasm"], "application/wasm");
    case `${nowhere}python_stdlib.zip`:
      return answer(files["python_stdlib.zip"], "application/zip");
    default:
      return Response.error();
  }
}

function answer(base64: string, type: string): Response {
  return new Response(bytesOf(base64), { headers: { "content-type": type } });
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  return Uint8Array.from(text, (_, i) => text.charCodeAt(i));
}
