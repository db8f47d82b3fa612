/**
 * What a person may choose in the playground: defects by words, settings as fields.
 *
 * @module
 */

import { type Defect, defects, factors } from "../../src/defects/defects.ts";
import { most, type Setup } from "./setup.ts";

/** The defects that have every word of a search, in the order of the catalogue. */
export function choices(search: string): readonly Defect[] {
  const words = search.toLowerCase().split(/\s+/).filter((word) => word !== "");
  return defects.filter((defect) => {
    const text = [defect.id, defect.title, defect.symptom, defect.clause, factors[defect.factor]]
      .join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** A setting as a field of the form. */
export type Field =
  & {
    /** Stable. */
    readonly id: string;
    /** Shown beside it. */
    readonly label: string;
    /** What it may be, in words; empty where that is seen. */
    readonly range: string;
    /** As text; a switch has `true` or `false`. */
    readonly value: string;
    /** What a text changes, or `null` if it makes no sense. */
    read(text: string): Partial<Setup> | null;
  }
  & (
    | { readonly kind: "number" | "switch" }
    | { readonly kind: "choice"; readonly options: readonly (readonly [string, string])[] }
  );

/** The fields that a setup has. */
export function settingsFields(setup: Setup): readonly Field[] {
  const polynomial = setup.schedule === "polynomial";
  return [
    number("steps", "Steps N", setup.steps, 1, most.steps, true),
    {
      id: "schedule",
      label: "Schedule",
      kind: "choice",
      range: "",
      options: [["polynomial", "polynomial"], ["exponential", "exponential"]],
      value: setup.schedule,
      read: (text) => ({ schedule: text === "exponential" ? "exponential" : "polynomial" }),
    },
    number("init", "Initial step size", setup.init, 0, 1e6),
    ...(polynomial
      ? [
        number("final", "Final step size", setup.final, 0, 1e6),
        number("power", "Power", setup.power, 0, 100),
      ]
      : [number("decay", "Decay", setup.decay, 0, 100)]),
    number("noiseScale", "Noise scale σ", setup.noiseScale, 0, 1e6),
    number("deltaClip", "Delta clip c", setup.deltaClip, 0, 1e6),
    {
      id: "gradClip",
      label: "Gradient clip γ",
      kind: "number",
      range: "none, or 0 and more",
      value: setup.gradClip === null ? "none" : String(setup.gradClip),
      read: (text) => {
        if (/^\s*(none)?\s*$/i.test(text)) return { gradClip: null };
        const value = Number(text);
        return value >= 0 && Number.isFinite(value) ? { gradClip: value } : null;
      },
    },
    ...Array.from({ length: setup.axes }, (_, axis): Field => ({
      id: `box${axis + 1}`,
      label: `Bounds of a${axis + 1}`,
      kind: "number",
      range: "low, high",
      value: `${setup.low[axis]}, ${setup.high[axis]}`,
      read: (text) => {
        const values = text.split(",").map((part) => part.trim() === "" ? NaN : Number(part));
        const [low, high] = values;
        if (values.length !== 2 || !(low! <= high!) || !values.every(Number.isFinite)) return null;
        return { low: setup.low.with(axis, low!), high: setup.high.with(axis, high!) };
      },
    })),
    number("rows", "Chains", setup.rows, 1, most.rows, true),
    {
      id: "applyExp",
      label: "Exponentiate the network's output",
      kind: "switch",
      range: "",
      value: String(setup.applyExp),
      read: (text) => ({ applyExp: text === "true" }),
    },
  ];
}

function number(
  id: keyof Setup & string,
  label: string,
  value: number,
  least: number,
  greatest: number,
  whole = false,
): Field {
  return {
    id,
    label,
    kind: "number",
    range: whole ? `${least} to ${greatest}` : greatest >= 1e6 ? "0 and more" : `0 to ${greatest}`,
    value: String(value),
    read: (text) => {
      const read = text.trim() === "" ? NaN : Number(text);
      const sound = read >= least && read <= greatest && (!whole || Number.isInteger(read));
      return sound ? { [id]: read } as Partial<Setup> : null;
    },
  };
}
