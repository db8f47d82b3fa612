/// <reference lib="dom" />
/**
 * The editor of the page, in the colours of the site.
 *
 * @module
 */

import { indentWithTab } from "@codemirror/commands";
import { javascript } from "@codemirror/lang-javascript";
import { python } from "@codemirror/lang-python";
import { HighlightStyle, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { basicSetup } from "codemirror";
import type { SourceLanguage } from "./trial.ts";

const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--raised)", fontSize: "0.86rem" },
  "&.cm-focused": { outline: "2px solid var(--expected)" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
  ".cm-content": { caretColor: "var(--ink)" },
  ".cm-cursor": { borderLeftColor: "var(--ink)" },
  ".cm-gutters": {
    color: "var(--soft)",
    backgroundColor: "var(--sunk)",
    borderRight: "1px solid var(--line)",
  },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "var(--sunk)" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground":
    { backgroundColor: "color-mix(in srgb, var(--expected) 25%, transparent)" },
  ".cm-tooltip, .cm-panels": { color: "var(--ink)", backgroundColor: "var(--raised)" },
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.operatorKeyword], color: "var(--expected)" },
  { tag: [tags.string, tags.number, tags.bool, tags.null], color: "var(--holds)" },
  { tag: tags.comment, color: "var(--soft)", fontStyle: "italic" },
  { tag: [tags.definition(tags.variableName), tags.className], fontWeight: "600" },
]);

/** An editor of a text. */
export interface Editor {
  text(): string;
  /** Replaces all of it. */
  show(text: string, language: SourceLanguage): void;
}

/**
 * Puts an editor into the page.
 *
 * @param parent where it stands
 * @param onRun called when Ctrl+Enter is pressed
 */
export function editorIn(parent: HTMLElement, onRun: () => void): Editor {
  const language = new Compartment();
  const of = (name: SourceLanguage) =>
    name === "python"
      ? [python(), indentUnit.of("    ")]
      : [javascript({ typescript: true }), indentUnit.of("  ")];
  const view = new EditorView({
    parent,
    state: EditorState.create({
      extensions: [
        // Before the usual keys: Ctrl+Enter inserts a line there.
        keymap.of([{ key: "Mod-Enter", run: () => (onRun(), true) }, indentWithTab]),
        basicSetup,
        language.of(of("typescript")),
        look,
        syntaxHighlighting(colours),
        EditorView.contentAttributes.of({ "aria-label": "Source of the sampler", tabindex: "0" }),
      ],
    }),
  });
  return {
    text: () => view.state.doc.toString(),
    show: (text, name) =>
      view.dispatch({
        changes: { from: 0, to: view.state.doc.length, insert: text },
        effects: language.reconfigure(of(name)),
      }),
  };
}
