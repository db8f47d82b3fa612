/**
 * A target that is a module of a person's own: its sampler runs in a process of Deno's, with no
 * permissions but those that the person gives.
 *
 * @module
 */

import { fileURLToPath, pathToFileURL } from "node:url";
import { errorText } from "../../spec/describe.ts";
import { TargetFault } from "../../spec/sampler.ts";
import { didYouMean } from "../../spec/nearest.ts";
import { partsOf } from "../module_specifier.ts";
import type { Conversation } from "./conversation.ts";
import type { ModuleName } from "./module_exports.ts";
import { moduleDialect } from "./module_wire.ts";
import { open, type ProcessTarget } from "./process.ts";

/** How the process of a module is started. */
export interface ModuleOptions {
  /** Seconds that loading the module or one of its calls may take. */
  readonly timeout: number;
  /** Permissions that the module has, as options of Deno, like `--allow-read=weights`. */
  readonly permissions: readonly string[];
  /** Told of what it prints; nobody by default. */
  readonly onPrint?: (text: string) => void;
  /** The URL of the configuration of Deno that its imports are read with. */
  readonly config?: string | undefined;
  /** Bytes that it may have in use; four gigabytes by default. */
  readonly mostMemory?: number;
}

/** Milliseconds between two looks at its memory. */
const memoryPoll = 200;

/**
 * Starts the process of a module and waits until its sampler is loaded.
 *
 * @param specifier the path or file URL of a module, with `#export` to choose one of its exports
 * @throws {TargetFault} if it has no sampler, or cannot be loaded in time
 */
export async function openModule(
  specifier: string,
  { timeout, permissions, config, onPrint = () => {}, mostMemory = 4e9 }: ModuleOptions,
): Promise<ProcessTarget> {
  const module = moduleNamed(specifier);
  return await open({
    command: [
      ...[Deno.execPath(), "run", "--quiet", "--no-prompt"],
      ...(config === undefined ? importsOfNode(module) : ["--config", fileURLToPath(config)]),
      ...permissions,
      mainOf(module),
    ],
    env: { NO_COLOR: "1" },
    dialect: moduleDialect(module.path, onPrint),
    limits: { timeout, grace: 2 },
    mostPrepared: 64,
    watch: (conversation) => watchMemory(conversation, mostMemory),
  });
}

/**
 * How Deno is told to import as Node.js and its tools do, for a module of a project of theirs: from
 * `node_modules`, and without the extensions of files.
 */
function importsOfNode({ href }: ModuleName): readonly string[] {
  for (let folder = new URL(".", href);; folder = new URL("..", folder)) {
    if (["deno.json", "deno.jsonc"].some((name) => exists(new URL(name, folder)))) return [];
    if (exists(new URL("node_modules", folder))) {
      return ["--node-modules-dir=manual", "--sloppy-imports"];
    }
    if (folder.href === new URL("..", folder).href) return [];
  }
}

function exists(url: URL): boolean {
  try {
    return Deno.statSync(url) !== undefined;
  } catch {
    // What may not be read is not looked for.
    return false;
  }
}

function moduleNamed(specifier: string): ModuleName {
  const { path, exportName } = partsOf(specifier);
  const url = path.startsWith("file:") ? new URL(path) : pathToFileURL(path);
  requireFile(path, url);
  return { path, href: url.href, exportName, folder: workingFolder() };
}

/**
 * The main module of the process. It names the module in an import that can be read without being
 * run: such imports need no permission.
 */
function mainOf({ path, href, exportName, folder }: ModuleName): string {
  const name = { path, href, exportName, folder };
  const host = new URL("./module_host.ts", import.meta.url).href;
  const code = `import { host } from ${JSON.stringify(host)};
await host({ ...${JSON.stringify(name)}, load: () => import(${JSON.stringify(href)}) });`;
  return `data:application/typescript,${encodeURIComponent(code)}`;
}

function workingFolder(): string | null {
  try {
    return Deno.cwd();
  } catch {
    // Where the person stands may not be read: whole paths say it, too.
    return null;
  }
}

function requireFile(path: string, url: URL): void {
  const wanted = "the file of a module that exports a sampler";
  const missing = (found: string, more = "") => new TargetFault("missing", found, wanted + more);
  let info;
  try {
    info = Deno.statSync(url);
  } catch (error) {
    // Deno itself may read what this process may not.
    if (error instanceof Deno.errors.NotCapable) return;
    if (error instanceof Deno.errors.NotFound) {
      throw missing(`${path}, which does not exist`, neighbour(path, url));
    }
    throw missing(`${path}, which cannot be read: ${errorText(error)}`);
  }
  if (info.isDirectory) throw missing(`${path}, which is a folder`);
  if (!info.isFile) throw missing(`${path}, which is no file`);
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

/** Ends a module that eats up the memory of the machine, where the memory in use can be read. */
function watchMemory(conversation: Conversation, mostMemory: number): () => void {
  const file = `/proc/${conversation.pid}/statm`;
  const limit = `${mostMemory / 1e9} GB`;
  const timer = setInterval(() => {
    if (residentBytes(file) > mostMemory) {
      const found = `more than ${limit} of memory in use`;
      conversation.lose("memory", { found, wanted: `at most ${limit}` });
    }
  }, memoryPoll);
  return () => clearInterval(timer);
}

function residentBytes(file: string): number {
  try {
    return 4096 * Number(Deno.readTextFileSync(file).split(" ")[1]);
  } catch {
    // No Linux, no permission, or no process any more.
    return 0;
  }
}
