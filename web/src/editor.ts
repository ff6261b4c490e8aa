// The editor: a bundle of its own, loaded when the Model screen is first looked at. It knows nothing of the page: what it
// needs to ask it asks through `Asks`, which may be another at any time.
import { acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type Completion, type CompletionContext, type CompletionResult } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics, type Diagnostic } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { crosshairCursor, drawSelection, dropCursor, EditorView, highlightActiveLine, highlightActiveLineGutter, highlightSpecialChars, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import type { Choices, Mark } from "./types";

export interface Asks {
  complete: (text: string, offset: number) => Promise<Choices | undefined>;
  hover: (text: string, offset: number) => Promise<string>;
  fill: (element: HTMLElement, html: string) => void; // puts markup of the server into an element
  changed: (text: string) => void;
  at: (text: string, offset: number) => void; // the cursor moved
  use: () => void;
}

export interface Editor {
  text: () => string;
  set: (text: string) => void;
  show: (text: string, marks: Mark[]) => void;
  go: (offset: number) => void;
  replace: (start: number, stop: number, text: string) => void;
  focus: () => void;
  close: () => EditorState; // what to open it with again: the text, its past, where one was
}

const KINDS: Record<string, string> = { key: "property", actor: "class", quantity: "variable", move: "enum", type: "enum", outcome: "constant", stage: "method", function: "function", word: "keyword", source: "text", mechanism: "text", unit: "text", case: "text", structure: "interface", state: "variable" };

const extensions = (asks: { now: Asks }, nonce: string, label: string) => [
  EditorView.cspNonce.of(nonce),
  EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
  EditorView.darkTheme.of(matchMedia("(prefers-color-scheme: dark)").matches),
  EditorView.lineWrapping,
  EditorState.tabSize.of(2),
  indentUnit.of("  "),
  lineNumbers(), foldGutter(), lintGutter(), highlightActiveLineGutter(), highlightSpecialChars(), history(), drawSelection(), dropCursor(),
  indentOnInput(), bracketMatching(), closeBrackets(), crosshairCursor(), highlightActiveLine(), highlightSelectionMatches(), search({ top: true }),
  yaml(), syntaxHighlighting(classHighlighter),
  autocompletion({ override: [(context) => completions(asks.now, context)], maxRenderedOptions: 60 }),
  hoverTooltip((view, place) => tooltip(asks.now, view, place), { hoverTime: 350 }),
  keymap.of([
    { key: "Mod-Enter", run: () => { asks.now.use(); return true; } },
    { key: "Tab", run: acceptCompletion },
    ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...foldKeymap, ...completionKeymap, ...lintKeymap, indentWithTab,
  ]),
  EditorView.domEventHandlers({
    // A browser that replaces several lines by itself writes styles into the page, which its policy refuses: done here.
    beforeinput: (event, view) => {
      const range = view.state.selection.main;
      if (event.inputType !== "insertText" || event.isComposing || event.data === null || view.state.doc.lineAt(range.from).to >= range.to) return false;
      view.dispatch(view.state.replaceSelection(event.data), { scrollIntoView: true, userEvent: "input.type" });
      event.preventDefault();
      return true;
    },
  }),
  EditorView.updateListener.of((update) => {
    const { doc, selection } = update.state;
    if (update.docChanged) asks.now.changed(doc.toString());
    if (update.docChanged || update.selectionSet) asks.now.at(doc.toString(), selection.main.head);
  }),
];

export function open(parent: HTMLElement, text: string, before: EditorState | undefined, asks: { now: Asks }, nonce: string, label: string): Editor {
  const state = before && before.doc.toString() === text ? before : EditorState.create({ doc: text, extensions: extensions(asks, nonce, label) });
  const view = new EditorView({ state, parent });
  if (before === state) view.dispatch({ effects: EditorView.scrollIntoView(state.selection.main, { y: "center" }) });
  const change = (from: number, to: number, insert: string): void => view.dispatch({ changes: { from, to, insert }, userEvent: "input" });
  return {
    text: () => view.state.doc.toString(),
    set: (other) => change(0, view.state.doc.length, other),
    show: (of, marks) => {
      if (view.state.doc.length === of.length && view.state.doc.toString() === of) view.dispatch(setDiagnostics(view.state, marks.map((m) => diagnostic(m, of.length))));
    },
    go: (offset) => {
      const place = Math.min(offset, view.state.doc.length);
      view.dispatch({ selection: { anchor: place }, effects: EditorView.scrollIntoView(place, { y: "center" }) });
      view.focus();
    },
    replace: (start, stop, insert) => change(start, Math.min(stop, view.state.doc.length), insert),
    focus: () => view.focus(),
    close: () => {
      const last = view.state;
      view.destroy();
      return last;
    },
  };
}

function diagnostic(mark: Mark, length: number): Diagnostic {
  const from = Math.min(mark.start, length);
  return {
    from,
    to: Math.max(from, Math.min(mark.stop, length)),
    severity: mark.warning ? "warning" : "error",
    message: mark.hint ? `${mark.message}. ${mark.hint}` : mark.message,
    actions: (mark.fixes ?? []).map((fix) => ({
      name: fix.label,
      apply: (view: EditorView) => view.dispatch({ changes: { from: fix.start, to: fix.stop, insert: fix.text }, userEvent: "input" }),
    })),
  };
}

async function completions(asks: Asks, context: CompletionContext): Promise<CompletionResult | null> {
  const word = context.matchBefore(/[\w.]*/);
  const before = context.state.sliceDoc(Math.max(0, context.pos - 3), context.pos);
  if (!context.explicit && (!word || word.from === word.to) && !/(is|\() ?$/.test(before)) return null;
  let gone = false;
  context.addEventListener("abort", () => { gone = true; });
  const found = await asks.complete(context.state.doc.toString(), context.pos);
  if (!found || gone || (found.choices ?? []).length === 0) return null;
  const options: Completion[] = (found.choices ?? []).map((c, k) => ({
    label: c.name, detail: c.kind, type: KINDS[c.kind] ?? "text", boost: -k / 10, apply: c.writes || c.name, ...(c.means ? { info: c.means } : {}),
  }));
  return { from: found.start, options, validFor: /^[\w.]*$/ };
}

async function tooltip(asks: Asks, view: EditorView, place: number) {
  const html = await asks.hover(view.state.doc.toString(), place);
  if (!html) return null;
  const word = view.state.wordAt(place);
  return {
    pos: word?.from ?? place,
    end: word?.to ?? place,
    above: true,
    create: () => {
      const dom = document.createElement("div");
      dom.className = "meaning";
      asks.fill(dom, html);
      return { dom };
    },
  };
}
