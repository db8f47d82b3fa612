/**
 * The samplers that the page starts from: an example of the documentation, and what goes wrong in it.
 *
 * @module
 */

import type { SourceLanguage } from "./trial.ts";

/** A sampler to start from. */
export interface Start {
  readonly language: SourceLanguage;
  readonly title: string;
  readonly text: string;
}

/** A start whose text isn't what it was made for. */
export class StartError extends Error {
  /** Always "StartError". */
  override readonly name = "StartError";
}

interface Slip {
  readonly title: string;
  /** What the right text has, once. */
  readonly right: string;
  readonly wrong: string;
}

const sources: Readonly<
  Record<SourceLanguage, { readonly path: string; readonly slips: readonly Slip[] }>
> = {
  typescript: {
    path: "../examples/plain_arrays.ts",
    slips: [
      { title: "half of the gradient forgotten", right: "0.5 * clipped", wrong: "clipped" },
      {
        title: "noise outside the step size",
        right: "stepSize(settings, k) * (0.5 * clipped + noiseScale * xi[r]![i]!)",
        wrong: "stepSize(settings, k) * 0.5 * clipped + noiseScale * xi[r]![i]!",
      },
      {
        title: "delta clip not scaled by the box",
        right: "deltaClip * 0.5 * (high - min[i]!)",
        wrong: "deltaClip",
      },
    ],
  },
  python: {
    path: "../examples/python/plain_port.py",
    slips: [
      { title: "half of the gradient forgotten", right: "0.5 * slope", wrong: "slope" },
      {
        title: "the square root of textbook dynamics",
        right: "rate * (0.5 * slope + scale * xi)",
        wrong: "rate * 0.5 * slope + math.sqrt(rate) * scale * xi",
      },
    ],
  },
};

/**
 * All starts, read from the examples.
 *
 * @throws {StartError} if an example has changed, so that a slip can't be made in it
 */
export async function starts(): Promise<readonly Start[]> {
  const of = async (language: SourceLanguage): Promise<readonly Start[]> => {
    const { path, slips } = sources[language];
    const text = await Deno.readTextFile(new URL(path, import.meta.url));
    return [
      { language, title: "a sampler that conforms", text },
      ...slips.map(({ title, right, wrong }) => ({
        language,
        title,
        text: replacedOnce(text, right, wrong, path),
      })),
    ];
  };
  return [...await of("typescript"), ...await of("python")];
}

function replacedOnce(text: string, right: string, wrong: string, path: string): string {
  const parts = text.split(right);
  if (parts.length === 2) return parts.join(wrong);
  throw new StartError(
    `Cannot make a start from ${path}: found ${parts.length - 1} times ${right}, wanted one`,
  );
}
