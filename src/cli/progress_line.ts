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
 * Shows a line from the first moment on: what is judged, for how long, what was found.
 *
 * @param target its name, as the person typed it
 */
export function progressLine(target: string, io: Io): ProgressLine {
  if (!io.progress) return { show: () => {}, erase: () => {} };
  const began = performance.now();
  let last: Progress | null = null, turn = 0;
  const draw = () => {
    const seconds = Math.round((performance.now() - began) / 1000);
    const text = `${frames[turn++ % frames.length]} ${progressWords(target, last, seconds)}`;
    io.err(`\r\x1b[2K${text.slice(0, io.width - 1)}`);
  };
  draw();
  const timer = setInterval(draw, 120);
  Deno.unrefTimer(timer);
  return {
    show(progress) {
      last = progress;
    },
    erase() {
      clearInterval(timer);
      io.err("\r\x1b[2K");
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
