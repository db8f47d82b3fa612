/**
 * Files that a person names for what a command writes: tried before anything is run, written beside
 * and renamed, so that a file is there as a whole or not at all.
 *
 * @module
 */

import { plainLine } from "../report/plain_text.ts";
import { within } from "../targets/child.ts";
import { messageOf, UsageError } from "./command.ts";

/** What stands for standard output. */
export const standardOutput = "-";
/** Milliseconds that a pipe or a device has to take what is written. */
const patience = 10_000;

/**
 * Makes sure that files can be written, before there is anything to write.
 *
 * @param files by the options that name them
 * @throws {UsageError} if one cannot be written, or two are the same
 */
export async function tryOutputs(
  files: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const seen = new Map<string, string>();
  for (const [option, file] of Object.entries(files)) {
    if (file === undefined) continue;
    const place = file === standardOutput ? file : await placeOf(file);
    const other = seen.get(place);
    if (other !== undefined) {
      throw new UsageError(`the same file for ${other} and ${option}: ${file}`, "two files");
    }
    seen.set(place, option);
    if (file !== standardOutput) await tryFile(file);
  }
}

/** A name that two paths to the same file share. */
async function placeOf(file: string): Promise<string> {
  try {
    return await Deno.realPath(file);
  } catch {
    // It is not there yet: then its folder tells.
  }
  const [folder, name] = partsOf(file);
  try {
    return `${await Deno.realPath(folder)}/${name}`;
  } catch {
    // There is no such folder, as is told when it is tried.
    return file;
  }
}

function partsOf(file: string): readonly [string, string] {
  const cut = Math.max(
    file.lastIndexOf("/"),
    Deno.build.os === "windows" ? file.lastIndexOf("\\") : -1,
  );
  return cut < 0 ? [".", file] : [file.slice(0, cut) || "/", file.slice(cut + 1)];
}

async function tryFile(file: string): Promise<void> {
  try {
    const info = await infoOf(file);
    if (info?.isDirectory) throw new Error("it is a folder");
    // A pipe is opened when there is something to write: that may wait for its reader.
    if (info !== null && !info.isFile) return;
    if (info !== null) (await Deno.open(file, { write: true })).close();
    else {
      await Deno.writeTextFile(file, "", { createNew: true });
      await Deno.remove(file);
    }
  } catch (error) {
    throw unwritable(file, error);
  }
}

async function infoOf(file: string): Promise<Deno.FileInfo | null> {
  try {
    return await Deno.stat(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

function unwritable(file: string, error: unknown): UsageError {
  return new UsageError(
    `the output file ${plainLine(file)}, which cannot be written: ${messageOf(error)}`,
    "a file in a folder that exists",
  );
}

/**
 * Writes a file that a person has named, as a whole or not at all.
 *
 * @throws {UsageError} if it cannot be written
 */
export async function writeOutput(file: string, text: string): Promise<void> {
  try {
    const info = await infoOf(file);
    if (info !== null && !info.isFile) await writeThere(file, text);
    else await writeBeside(info === null ? file : await Deno.realPath(file), text, info);
  } catch (error) {
    throw unwritable(file, error);
  }
}

/** Into a pipe or a device, which may take its time. */
async function writeThere(file: string, text: string): Promise<void> {
  const written = Deno.writeTextFile(file, text).then(() => true);
  if (await within(written, patience) === undefined) {
    throw new Error(`nobody has read it for ${patience / 1000} s`);
  }
}

async function writeBeside(
  file: string,
  text: string,
  before: Deno.FileInfo | null,
): Promise<void> {
  const [folder, name] = partsOf(file);
  const beside = `${folder}/.${name.slice(0, 100)}.${crypto.randomUUID().slice(0, 8)}.tmp`;
  try {
    await Deno.writeTextFile(beside, text, {
      createNew: true,
      ...(before?.mode ? { mode: before.mode & 0o777 } : {}),
    });
    await Deno.rename(beside, file);
  } catch (error) {
    await Deno.remove(beside).catch(() => {});
    // A folder may take no new files and have one that may be written, like a mounted one.
    if (before === null) throw error;
    await Deno.writeTextFile(file, text);
  }
}
