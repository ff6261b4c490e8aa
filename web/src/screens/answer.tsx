// The answer to the case's question while one moves what it rests on.
import { useState } from "preact/hooks";
import { said } from "../parts/changes";
import { told } from "../parts/days";
import { Markup } from "../parts/markup";
import { Slider } from "../parts/slider";
import { name_of } from "../drafts";
import { Mistakes, Pane, count } from "../parts/status";
import { phone } from "../parts/width";
import { type Panel, usePanel } from "../socket";
import { address, edit, go, moved, plain, scenarios, state } from "../store";
import type { Control } from "../types";

const FIRST = 6;
const FIRST_ON_A_PHONE = 2; // the picture is to be seen below them
const SLIDERS = <Sliders />; // always the same, so that it is not drawn again with every answer

export function Answer() {
  const [table, unfold] = useState(false);
  const [traced, trace] = useState(false);
  const panel = usePanel("answer", table ? { table } : {});
  return (
    <div class="answering">
      <div class={panel.stale ? "head stale" : panel.behind ? "head behind" : "head"}>
        <Markup html={panel.html["question"]} />
        <Markup html={panel.html["sentence"]} class="lede" live />
        {state.value.case.startsWith("text:") && <p class="small">Of a draft, not of {name_of(state.value.case)} as it is kept. What differs is on <a href={address({ screen: "share", options: {} })} onClick={(e) => { e.preventDefault(); go("share"); }}>Share</a>.</p>}
        <Sofar panel={panel} />
      </div>
      {SLIDERS}
      <div class="body">
        <Pane panel={panel}>
          <Changed />
          <Markup html={panel.html["outcomes"]} />
          <details onToggle={(e) => unfold(e.currentTarget.open)}>
            <summary>The table behind this picture</summary>
            {table && <Markup html={panel.html["table"]} />}
          </details>
          <details onToggle={(e) => trace(e.currentTarget.open)}>
            <summary>By which paths, and by which mechanisms</summary>
            {traced && <Ways />}
          </details>
          <Markup html={panel.html["claims"]} />
          <Markup html={panel.html["notes"]} />
        </Pane>
        {(scenarios.value.length > 1 || moved(state.value) > 1) && <Beside />}
      </div>
    </div>
  );
}

// A first answer says that it is one.
function Sofar({ panel }: { panel: Panel }) {
  const draws = panel.about?.draws ?? 0;
  const all = panel.about?.asked ?? 0;
  if (!panel.busy || draws === 0 || draws >= all) return null;
  const done = panel.progress ? ` (${count(panel.progress[0])} so far)` : "";
  return <p class="small sofar busy">A first answer, from {count(draws)} draws; all {count(all)} are being solved{done}.</p>;
}

function Ways() {
  const panel = usePanel("ways", {}, "ways", undefined, 300);
  return <Pane panel={panel}><Markup html={panel.html["ways"]} /></Pane>;
}

// The sliders of what the answer depends on most; the others can be looked for.
function Sliders() {
  const of = { ...plain(state.value.case), ...(state.value.as_of ? { as_of: state.value.as_of } : {}) };
  const panel = usePanel("controls", {}, "controls", of);
  const [wanted, want] = useState("");
  const [open, unfold] = useState(false);
  const all = (panel.data ?? []) as Control[];
  const touched = new Set([...Object.keys(state.value.suppose ?? {}), ...Object.keys(state.value.set ?? {})]);
  const shown = all.filter((c, k) => k < (phone.value ? FIRST_ON_A_PHONE : FIRST) || touched.has(c.name));
  const others = all.filter((c) => !shown.includes(c) && matches(c, wanted));
  return (
    <section class="side sliders" aria-label="What it rests on" aria-busy={panel.busy && all.length === 0}>
      <h2>What it rests on</h2>
      {all.length > 0 && <p class="small">Those first that explain most of the uncertainty of this answer.</p>}
      <Mistakes mistakes={panel.mistakes} />
      {all.length === 0 && panel.busy && <p class="small">All draws are being solved; then the sliders come.</p>}
      {shown.map((c) => <Slider key={c.name} control={c} />)}
      {all.length > shown.length && (
        <details class="others" onToggle={(e) => unfold(e.currentTarget.open)}>
          <summary>{all.length - shown.length} more</summary>
          {open && <label class="small">Find <input type="search" value={wanted} onInput={(e) => want(e.currentTarget.value)} /></label>}
          {open && others.map((c) => <Slider key={c.name} control={c} />)}
        </details>
      )}
    </section>
  );
}

const matches = (c: Control, wanted: string): boolean => `${c.label} ${c.means}`.toLowerCase().includes(wanted.trim().toLowerCase());

// What is changed beside the sliders, each to be taken back.
function Changed() {
  const { changes, as_of } = state.value;
  if (!as_of && !(changes && changes.length > 0)) return null;
  return (
    <ul class="changed">
      {as_of && <li>as known on {told(as_of)} <button type="button" class="mini" aria-label="Without a day" onClick={() => edit((s) => ({ ...s, as_of: null }))}>×</button></li>}
      {(changes ?? []).map((text) => (
        <li key={text}>{said(text)} <button type="button" class="mini" aria-label={`Take back: ${said(text)}`} onClick={() => edit((s) => ({ ...s, changes: (s.changes ?? []).filter((c) => c !== text) }))}>×</button></li>
      ))}
    </ul>
  );
}

function Beside() {
  const told = scenarios.value.length > 1 ? scenarios.value.map((s) => ({ name: s.name, state: s.now })) : [];
  const panel = usePanel("beside", { scenarios: told }, "beside", undefined, 300);
  return (
    <Pane panel={panel} class="beside">
      <Markup html={panel.html["beside"]} />
      <Markup html={panel.html["steps"]} />
    </Pane>
  );
}
