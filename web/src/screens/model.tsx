// The model as a text: written here, checked while it is written, used when its writer says so, saved when asked to.
import type { EditorState } from "@codemirror/state";
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { forget, keep, name_of, typed } from "../drafts";
import type { Asks, Editor } from "../editor";
import { asked } from "../parts/asking";
import { Markup } from "../parts/markup";
import { Mistakes } from "../parts/status";
import { ask, link, put, stop, usePanel } from "../socket";
import { edit, editor_address, files, moved, nonce, plain, state } from "../store";
import type { Checked, Choices, Fit, Fix, Mark, Mistake, ModelText, Size } from "../types";
import { NewCase } from "./newcase";
import { save as take } from "./share";

const SLOW = 400; // milliseconds after which an answer to an older text is told to be one
const PAUSE = 25; // milliseconds after the last key, before the text is looked at
const before = new Map<string, EditorState>(); // of each case, while the page is open

export function Model() {
  const [form, show] = useState(state.value.case === "");
  const [version, renew] = useState(0);
  if (form || state.value.case === "") return <NewCase close={state.value.case === "" ? undefined : () => show(false)} />;
  return <Writing key={`${state.value.case} ${version}`} renew={() => renew(version + 1)} version={version} anew={() => show(true)} />;
}

function Writing({ renew, version, anew }: { renew: () => void; version: number; anew: () => void }) {
  const key = state.value.case;
  const panel = usePanel("model", { version }, "model", plain(key));
  const data = panel.data as ModelText | undefined;
  const name = data?.name ?? name_of(key);
  const kept = typed(name);
  if (!data && kept && link.value === "lost") return <Written data={{ key, name, text: kept.text, digest: "", saved: "", saved_digest: kept.base, file: files.includes(name) }} renew={renew} anew={anew} />;
  return (
    <section class="pane writing" aria-busy={!data && panel.mistakes.length === 0}>
      <Mistakes mistakes={panel.mistakes} />
      {data && <Written data={data} renew={renew} anew={anew} />}
    </section>
  );
}

function Written({ data, renew, anew }: { data: ModelText; renew: () => void; anew: () => void }) {
  const { name } = data;
  const [begun] = useState(() => typed(name));
  const first = begun?.text ?? data.text;
  const [text, wrote] = useState(first);
  const [checked, check] = useState<Checked | undefined>();
  const [waiting, wait] = useState(false); // what is told of is an older text
  const [word, tell] = useState("");
  const [said, say] = useState("");
  const [wrong, refuse] = useState<Mistake[]>([]);
  const [dialog, open] = useState<"" | "changes" | "save">("");
  const [failed, fail] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const editor = useRef<Editor | undefined>(undefined);
  const timers = useRef({ look: 0, at: 0, keep: 0, slow: 0, gone: 0 });
  const dropped = useRef(false); // what was typed is not to be kept any more
  const base = useRef(begun?.base || data.saved_digest);
  const changed = data.saved_digest !== "" ? text !== data.saved : true;
  const used = text === data.text;

  const look = (of: string): void => {
    clearTimeout(timers.current.slow);
    timers.current.slow = window.setTimeout(() => wait(true), SLOW);
    ask("check", "check", plain(state.value.case), { text: of, name }, (reply) => {
      const found = reply.data as Checked | undefined;
      if (!found) return;
      clearTimeout(timers.current.slow);
      wait(false);
      check((last) => ({ ...found, size: found.size ?? (found.whole ? undefined : last?.size) }) as Checked);
      editor.current?.show(of, found.marks ?? []);
    });
  };
  const use = async (): Promise<void> => {
    const of = editor.current?.text() ?? text;
    [say("The text is being read."), refuse([])];
    const to = of === data.saved && data.saved_digest ? name : await put(of, name);
    let now = state.value;
    let reply = await asked("fit", "fit", { ...now, case: to }, {});
    while (reply && state.value !== now && state.value.case === now.case) { // something was moved meanwhile
      now = state.value;
      reply = await asked("fit", "fit", { ...now, case: to }, {});
    }
    if (!reply || state.value.case !== now.case) return;
    if ((reply.mistakes ?? []).length > 0) {
      notes.set(name, "This text was not used, since it has a mistake: the other screens keep the text they have.");
      if (!timers.current.gone) notes.delete(name); // told here at once
      [say(""), refuse([{ message: "The other screens keep the text they have until this is corrected:" }, ...(reply.mistakes ?? [])])];
      return;
    }
    const fit = reply.data as Fit;
    const dropped = fit.dropped ?? [];
    notes.set(name, `This text is used on every screen now.${dropped.length > 0 ? ` Dropped, since it does not apply to it: ${dropped.join("; ")}.` : ""}`);
    refocus.add(name);
    if (to === now.case) [say(notes.get(name)!), notes.delete(name)];
    else edit(() => fit.state);
  };
  const asks: Asks = {
    complete: async (of, offset) => (await asked("complete", "complete", plain(state.value.case), { text: of, offset, name }))?.data as Choices | undefined,
    hover: async (of, offset) => (await asked("hover", "hover", plain(state.value.case), { text: of, offset, name }))?.html?.["word"] ?? "",
    fill: (element, html) => render(<Markup html={html} />, element),
    changed: (of) => {
      wrote(of);
      say("");
      clearTimeout(timers.current.look);
      timers.current.look = window.setTimeout(() => look(of), PAUSE);
      clearTimeout(timers.current.keep);
      timers.current.keep = window.setTimeout(() => store(of), 150);
    },
    at: (of, offset) => {
      clearTimeout(timers.current.at);
      timers.current.at = window.setTimeout(async () => {
        const reply = await asked("hover", "word", plain(state.value.case), { text: of, offset, name });
        if (reply?.html) tell(reply.html["word"] ?? "");
      }, 300);
    },
    use: () => void use(),
  };
  const store = (of: string): void => {
    if (of === data.saved && data.saved_digest) forget(name);
    else if (!keep(name, of, base.current)) refuse([{ message: "This browser has no room left to keep what you type: download it as a file before you close the page." }]);
  };
  const holder = useRef({ now: asks });
  holder.current.now = asks;

  useEffect(() => {
    let gone = false;
    const timed = timers.current;
    const leave = (): void => { if (editor.current && !dropped.current) store(editor.current.text()); };
    (import(editor_address) as Promise<typeof import("../editor")>).then(
      (made) => {
        if (gone || !place.current) return;
        const old = before.get(name);
        editor.current = made.open(place.current, first, old, old ? (holders.get(name) ?? holder.current) : holder.current, nonce, `The model ${name}, as text. Escape, then Tab, leaves it.`);
        const mine = holders.get(name);
        if (old && mine) [mine.now, holder.current] = [asks, mine];
        else holders.set(name, holder.current);
        if (refocus.delete(name)) editor.current.focus();
        look(first);
      },
      () => fail(true),
    );
    const note = notes.get(name);
    if (note) [say(note), notes.delete(name)];
    addEventListener("pagehide", leave);
    return () => {
      [gone, timed.gone] = [true, 1];
      removeEventListener("pagehide", leave);
      for (const timer of Object.values(timed)) clearTimeout(timer);
      const last = editor.current;
      if (last && !dropped.current) [store(last.text()), before.set(name, last.close())];
      else last?.close();
      if (dropped.current) [forget(name), before.delete(name)];
      const old = back.get(name);
      if (old) [back.delete(name), keep(name, old.text, old.base)];
      for (const asking of ["check", "complete", "hover", "word"]) stop(asking); // not "fit": whoever leaves has asked for the text to be used
    };
  }, []);

  const mend = (fix: Fix): void => {
    editor.current?.replace(fix.start, fix.stop, fix.text);
    editor.current?.focus();
  };
  const discard = (): void => {
    const last = editor.current?.text() ?? text;
    discarded.set(name, { text: last, base: base.current, case: state.value.case });
    dropped.current = true;
    if (state.value.case !== name && data.saved_digest) edit((s) => ({ ...s, case: name }));
    else renew();
  };
  const bring_back = (): void => {
    const old = discarded.get(name);
    if (!old) return;
    discarded.delete(name);
    dropped.current = true; // what is typed gives way to what was discarded
    back.set(name, { text: old.text, base: old.base });
    notes.set(name, "The draft is restored.");
    if (old.case !== state.value.case) edit((s) => ({ ...s, case: old.case }));
    else renew();
  };
  const gone = discarded.get(name);
  return (
    <>
      <div class="head">
        <h1>{name}{changed && <small> draft</small>}</h1>
        <div class="tools" role="group" aria-label="The text">
          <button type="button" class="primary" onClick={() => void use()} disabled={used} title="Ctrl Enter">Use this text</button>
          <button type="button" onClick={() => open("changes")} disabled={!changed || !data.saved_digest}>Changes</button>
          {data.file
            ? <button type="button" onClick={() => open("save")} disabled={!changed}>Save…</button>
            : <button type="button" onClick={() => take(new Blob([text], { type: "application/yaml" }), `${name}.yaml`)}>Save as…</button>}
          <button type="button" onClick={discard} disabled={!changed || !data.saved_digest}>Discard the draft</button>
          {gone && !changed && <button type="button" onClick={bring_back}>Restore the draft</button>}
          <button type="button" onClick={anew}>New case…</button>
        </div>
      </div>
      <p class="small" role="status">
        {said || (used ? (changed ? "Every screen shows this draft. " : "Every screen shows this text. ") : "The other screens show the text before your changes, until you use this one (Ctrl Enter). ")}
        {changed && !said && "What you type is kept in this browser; nothing is written to disk until you ask."}
      </p>
      {begun && data.saved_digest && begun.base && begun.base !== data.saved_digest && <p class="warning">The case has changed on disk since you began to type: look at the changes before you save.</p>}
      <Mistakes mistakes={wrong} />
      {failed && <p class="warning">The editor could not be loaded. <button type="button" onClick={renew}>Try again</button></p>}
      <div class="desk">
        <div class="editor" ref={place} />
        <aside class="side" aria-label="About the text">
          <Marks checked={checked} waiting={waiting} mend={mend} go={(mark) => editor.current?.go(mark.start)} />
          <Large size={checked?.size ?? undefined} />
          <h2>The word at the cursor</h2>
          {word ? <Markup html={word} /> : <p class="small">Put the cursor on a name or a key, and its meaning is shown here.</p>}
        </aside>
      </div>
      {dialog && <Compared saving={dialog === "save"} take={discard} data={data} text={text} base={base.current} close={() => { open(""); editor.current?.focus(); }}
        saved={() => { dropped.current = true; notes.set(name, "Saved."); if (state.value.case !== name) edit((s) => ({ ...s, case: name })); else renew(); }} />}
      {moved(state.value) > 0 && !used && <p class="small">What you changed on other screens stays where it applies to the text you use.</p>}
    </>
  );
}

const holders = new Map<string, { now: Asks }>();
const notes = new Map<string, string>();
const discarded = new Map<string, { text: string; base: string; case: string }>(); // drafts that can be brought back, while the page is open
const back = new Map<string, { text: string; base: string }>(); // drafts that are being brought back
const refocus = new Set<string>();

function Marks({ checked, waiting, mend, go }: { checked: Checked | undefined; waiting: boolean; mend: (fix: Fix) => void; go: (mark: Mark) => void }) {
  const marks = checked?.marks ?? [];
  const errors = marks.filter((m) => !m.warning).length;
  const told = errors > 0 ? `${errors} ${errors === 1 ? "mistake" : "mistakes"}` : marks.length > 0 ? "It can be used; there are warnings" : "Nothing is wrong";
  return (
    <section class="marks" aria-label="What is wrong">
      <h2>Check</h2>
      <p role="status">{checked && !waiting ? told : "It is being read."}{checked && !waiting && !checked.whole && errors === 0 && <span class="small"> at first sight; the rest is being checked</span>}</p>
      <ul>
        {marks.slice(0, 40).map((m) => (
          <li key={`${m.line} ${m.column} ${m.message}`} class={m.warning ? "caution" : "mistake"}>
            <button type="button" class="link" onClick={() => go(m)}>{m.warning ? "⚠" : "✖"} Line {m.line}</button>: {m.message}
            {m.hint && <span class="hint"> {m.hint}</span>}
            {(m.fixes ?? []).map((fix) => <button key={fix.label} type="button" class="fix" onClick={() => mend(fix)}>{fix.label}</button>)}
          </li>
        ))}
        {marks.length > 40 && <li>and {marks.length - 40} more</li>}
      </ul>
    </section>
  );
}

const count = (n: number, one: string): string => `${Math.round(n).toLocaleString("en")} ${one}${Math.round(n) === 1 ? "" : "s"}`;

function Large({ size }: { size: Size | undefined }) {
  if (!size) return null;
  return (
    <p class="small size" role="status">
      {size.exact ? `The tree has ${count(size.nodes, "node")}` : `The tree will have about ${count(size.nodes, "node")}`}
      {size.exact && `, ${count(size.information_sets ?? 0, "information set")} and ${count(size.plays ?? 0, "play")}`}
      {(size.structures ?? 0) > 1 && `, over ${count(size.structures ?? 0, "combination")} of structures`}.
    </p>
  );
}

// What is changed beside the case on disk; and, where that is asked for, saved after it was looked at.
function Compared({ saving, take, data, text, base, close, saved }: { saving: boolean; take: () => void; data: ModelText; text: string; base: string; close: () => void; saved: () => void }) {
  const box = useRef<HTMLDialogElement>(null);
  const [theirs, found] = useState(""); // what the file is known by now, where somebody else has changed it
  const panel = usePanel("diff", { text, name: data.name, theirs }, "diff", plain(state.value.case));
  const [wrong, refuse] = useState<Mistake[]>([]);
  const [writing, write] = useState(false);
  useEffect(() => box.current?.showModal(), []);
  const go = async (): Promise<void> => {
    [write(true), refuse([])];
    try {
      const answer = await fetch("/files", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ name: data.name, text, digest: theirs || base }) });
      const told = (await answer.json()) as { digest?: string; now?: string; mistakes?: Mistake[] };
      if (answer.ok && told.digest) {
        box.current?.close();
        saved();
        return;
      }
      found(told.now ?? "");
      refuse(told.mistakes ?? [{ message: "it was not saved" }]);
    } catch {
      refuse([{ message: "It was not saved: the server does not answer. What you typed is kept in this browser." }]);
    }
    write(false);
  };
  return (
    <dialog ref={box} class="card changes" aria-labelledby="changes-title" onClose={close}>
      <h2 id="changes-title">{saving ? `Save ${data.name}?` : `Changes to ${data.name}`}</h2>
      {saving && !theirs && <p class="small">The file it was opened from is written as shown.</p>}
      {theirs && <p class="warning">What follows sets your text beside the file as it is now: what is marked as removed is in the file, some of it perhaps by somebody else, and is lost if yours is written over it. To keep both, take the file’s text and make your changes in it; your draft can be brought back.</p>}
      <Mistakes mistakes={[...panel.mistakes, ...wrong]} />
      <Markup html={panel.html["diff"]} />
      <div class="tools">
        {theirs && <button type="button" class="primary" onClick={() => { box.current?.close(); take(); }}>Take the file’s text</button>}
        {saving && <button type="button" class={theirs ? "" : "primary"} disabled={writing || panel.busy} onClick={() => void go()}>{theirs ? "Write mine over it" : "Save"}</button>}
        <button type="button" onClick={() => box.current?.close()}>{saving ? "Do not save" : "Close"}</button>
      </div>
    </dialog>
  );
}

