/**
 * The line on standard error that shows how far a run is.
 *
 * @module
 */

import { counted } from "../report/layout.ts";
import type { Progress } from "../run/options.ts";
import type { Io } from "./command.ts";

const frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";

/** A line that can be changed, and is gone when the run ends. */
export interface ProgressLine {
  show(progress: Progress): void;
  erase(): void;
}

/**
 * Shows a line from the first moment on: what is judged, for how long, what was found. In a log
 * there are lines of a long run alone.
 *
 * @param target its name, as the person typed it
 * @param betweenLines of a log, in milliseconds
 */
export function progressLine(
  target: string,
  io: Pick<Io, "err" | "progress" | "width">,
  betweenLines = 30_000,
): ProgressLine {
  const began = performance.now();
  let last: Progress | null = null, turn = 0;
  const words = () => progressWords(target, last, Math.round((performance.now() - began) / 1000));
  const draw = io.progress
    ? () => {
      const text = `${frames[turn++ % frames.length]} ${words()}`;
      io.err(`\r\x1b[2K${text.slice(0, io.width - 1)}`);
    }
    : () => io.err(`${words()}\n`);
  if (io.progress) draw();
  const timer = setInterval(draw, io.progress ? 120 : betweenLines);
  Deno.unrefTimer(timer);
  return {
    show(progress) {
      last = progress;
    },
    erase() {
      clearInterval(timer);
      if (io.progress) io.err("\r\x1b[2K");
    },
  };
}

/** How far a run is, in words. */
export function progressWords(target: string, progress: Progress | null, seconds: number): string {
  if (progress === null) return `starting ${target} · ${seconds} s`;
  const { clause, done, total, violated } = progress;
  const found = violated > 0 ? ` · ${counted(violated, "violation")}` : "";
  const what = clause === null ? "measuring the rule" : `${done} of ${total} · ${clause}`;
  return `judging ${target} · ${what}${found} · ${seconds} s`;
}
