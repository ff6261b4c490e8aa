// A first version of a case from a form: who decides, what happens in order, how it may end, what that is worth to each.
import { useState } from "preact/hooks";
import { open_text, typed } from "../drafts";
import { asked } from "../parts/asking";
import { NumberField } from "../parts/number";
import { plain } from "../store";
import type { Made, Mistake } from "../types";

const KEPT = "detente-new";
type Numbers = { low: number | null; high: number | null };
interface Move { name: string; means: string; ends: number; p: Numbers }
interface Step { name: string; actor: number; moves: Move[]; after: [number, number] | null }
interface Ending { name: string; means: string; worth: Numbers[] }
interface Filled { title: string; question: string; stake: string; actors: { name: string; means: string }[]; steps: Step[]; endings: Ending[]; rest: number; count: number; unit: string }

const none = (): Numbers => ({ low: null, high: null });
const a_move = (): Move => ({ name: "", means: "", ends: -1, p: none() });
const EMPTY: Filled = {
  title: "", question: "", stake: "",
  actors: [{ name: "", means: "" }, { name: "", means: "" }],
  steps: [{ name: "", actor: 0, moves: [a_move(), a_move()], after: null }],
  endings: [{ name: "", means: "", worth: [none(), none()] }, { name: "", means: "", worth: [none(), none()] }],
  rest: 1, count: 1, unit: "month",
};

function begun(): Filled {
  try {
    return { ...EMPTY, ...(JSON.parse(localStorage.getItem(KEPT) ?? "") as Filled) };
  } catch {
    return structuredClone(EMPTY);
  }
}

export function NewCase({ close }: { close: (() => void) | undefined }) {
  const [form, fill] = useState<Filled>(begun);
  const [wrong, tell] = useState<Record<string, string>>({});
  const [mistakes, refuse] = useState<Mistake[]>([]);
  const change = (how: (f: Filled) => void): void => {
    const next = structuredClone(form);
    how(next);
    localStorage.setItem(KEPT, JSON.stringify(next));
    fill(next);
  };
  const make = async (): Promise<void> => {
    const reply = await asked("new", "new", plain(""), { form });
    if (!reply) return;
    const made = reply.data as Made | undefined;
    refuse([...(reply.mistakes ?? []), ...(made?.marks ?? []).filter((m) => !m.warning).map((m) => ({ message: `${m.message}. ${m.hint}` }))]);
    tell(made?.fields ?? {});
    const first = Object.keys(made?.fields ?? {})[0];
    if (first) document.querySelector<HTMLElement>(`[data-field="${first}"]`)?.focus();
    if (!made?.text || Object.keys(made.fields ?? {}).length > 0) return;
    let name = made.name;
    for (let k = 2; typed(name); k += 1) name = `${made.name}-${k}`;
    localStorage.removeItem(KEPT);
    await open_text(made.text, name);
    close?.();
  };
  const why = (at: string) => (wrong[at] ? <span class="why" role="alert">{wrong[at]}</span> : null);
  const line = (at: string, label: string, value: string, set: (f: Filled, value: string) => void) => (
    <label>
      <span>{label}</span>
      <input type="text" data-field={at} value={value} maxLength={300} aria-invalid={wrong[at] !== undefined} onInput={(e) => { const v = e.currentTarget.value; change((f) => set(f, v)); }} />
      {why(at)}
    </label>
  );
  const range = (at: string, label: string, value: Numbers, set: (f: Filled) => Numbers) => (
    <fieldset class="range">
      <legend>{label}</legend>
      {(["low", "high"] as const).map((end) => (
        <label key={end}>
          <span>{end === "low" ? "from" : "to"}</span>
          <NumberField data-field={end === "low" ? at : undefined} value={value[end] ?? undefined} aria-invalid={wrong[at] !== undefined}
            live set={(v) => change((f) => { set(f)[end] = v ?? null; })} />
        </label>
      ))}
      {why(at)}
    </fieldset>
  );
  const choose = (at: string, label: string, value: number | string, options: [number | string, string][], set: (f: Filled, value: string) => void) => (
    <label>
      <span>{label}</span>
      <select data-field={at} value={String(value)} onChange={(e) => { const v = e.currentTarget.value; change((f) => set(f, v)); }}>
        {options.map(([v, told]) => <option key={v} value={String(v)}>{told}</option>)}
      </select>
      {why(at)}
    </label>
  );
  const remove = (label: string, how: (f: Filled) => void) => <button type="button" class="mini" aria-label={`Remove ${label}`} onClick={() => change(how)}>×</button>;
  const named = (text: string, other: string): string => text.trim() || other;
  const endings: [number, string][] = [[-1, "the story goes on"], ...form.endings.map((e, k): [number, string] => [k, `it ends: ${named(e.name, `outcome ${k + 1}`)}`])];
  return (
    <section class="pane newcase" aria-label="A new case">
      <div class="head">
        <h1>A new case</h1>
        {close && <button type="button" onClick={close}>Back to the text</button>}
      </div>
      <p class="lede">Who decides, what happens in order, how it may end, and what each outcome is worth to each. It makes a first model that runs; everything else is written in its text.</p>
      <form onSubmit={(e) => { e.preventDefault(); void make(); }}>
        <fieldset>
          <legend>The crisis</legend>
          {line("title", "What it is, in a line", form.title, (f, v) => { f.title = v; })}
          {line("question", "What the reader wants to know", form.question, (f, v) => { f.question = v; })}
          {line("stake", "What a payoff of 1 means", form.stake, (f, v) => { f.stake = v; })}
          <div class="row">
            <label><span>How many times the steps are run through</span><NumberField low={1} high={12} whole value={form.count} set={(v) => change((f) => { f.count = v ?? 1; })} /></label>
            {choose("unit", "once a", form.unit, ["day", "week", "fortnight", "month", "quarter", "year", "round"].map((u) => [u, u]), (f, v) => { f.unit = v; })}
          </div>
        </fieldset>
        <fieldset>
          <legend>Who decides</legend>{why("actors")}
          {form.actors.map((a, k) => (
            <div class="row" key={k}>
              {line(`actors.${k}.name`, `Actor ${k + 1}`, a.name, (f, v) => { f.actors[k]!.name = v; })}
              {line(`actors.${k}.means`, "Who this is", a.means, (f, v) => { f.actors[k]!.means = v; })}
              {form.actors.length > 1 && remove(`actor ${k + 1}`, (f) => {
                f.actors.splice(k, 1);
                for (const e of f.endings) e.worth.splice(k, 1);
                for (const s of f.steps) s.actor = s.actor === k ? 0 : s.actor > k ? s.actor - 1 : s.actor;
              })}
            </div>
          ))}
          <button type="button" onClick={() => change((f) => { f.actors.push({ name: "", means: "" }); for (const e of f.endings) e.worth.push(none()); })} disabled={form.actors.length >= 8}>+ Actor</button>
        </fieldset>
        <fieldset>
          <legend>How it may end</legend>{why("endings")}
          {form.endings.map((e, k) => (
            <div class="part" key={k}>
              <div class="row">
                {line(`endings.${k}.name`, `Outcome ${k + 1}`, e.name, (f, v) => { f.endings[k]!.name = v; })}
                {line(`endings.${k}.means`, "What that is", e.means, (f, v) => { f.endings[k]!.means = v; })}
                {form.endings.length > 1 && remove(`outcome ${k + 1}`, (f) => {
                  f.endings.splice(k, 1);
                  const shifted = (n: number): number => (n === k ? -1 : n > k ? n - 1 : n);
                  f.rest = shifted(f.rest);
                  for (const s of f.steps) for (const m of s.moves) m.ends = shifted(m.ends);
                })}
              </div>
              <div class="row">{form.actors.map((a, j) => <div key={j}>{range(`endings.${k}.worth.${j}`, `Worth to ${named(a.name, `actor ${j + 1}`)}, nine times in ten`, e.worth[j] ?? none(), (f) => (f.endings[k]!.worth[j] ??= none()))}</div>)}</div>
            </div>
          ))}
          <div class="row">
            <button type="button" onClick={() => change((f) => { f.endings.push({ name: "", means: "", worth: f.actors.map(none) }); })} disabled={form.endings.length >= 16}>+ Ending</button>
            {choose("rest", "When the time is over and nothing else has happened, it is", form.rest, [[-1, "none of these: every path ends before"], ...form.endings.map((e, k): [number, string] => [k, named(e.name, `outcome ${k + 1}`)])], (f, v) => { f.rest = Number(v); })}
          </div>
        </fieldset>
        <fieldset>
          <legend>What happens, in order</legend>{why("steps")}
          {form.steps.map((s, k) => (
            <div class="part" key={k}>
              <div class="row">
                {line(`steps.${k}.name`, `Step ${k + 1}: what is decided`, s.name, (f, v) => { f.steps[k]!.name = v; })}
                {choose(`steps.${k}.actor`, "by", s.actor, [...form.actors.map((a, j): [number, string] => [j, named(a.name, `actor ${j + 1}`)]), [-1, "chance"]], (f, v) => { f.steps[k]!.actor = Number(v); })}
                {k > 0 && choose(`steps.${k}.after`, "only after", s.after ? s.after.join(" ") : "", [["", "whatever came before"], ...form.steps.slice(0, k).flatMap((o, i) => o.moves.map((m, j): [string, string] => [`${i} ${j}`, `${named(o.name, `step ${i + 1}`)}: ${named(m.name, `move ${j + 1}`)}`]))], (f, v) => { f.steps[k]!.after = v ? (v.split(" ").map(Number) as [number, number]) : null; })}
                {form.steps.length > 1 && remove(`step ${k + 1}`, (f) => { f.steps.splice(k, 1); for (const o of f.steps) o.after = o.after && (o.after[0] === k ? null : o.after[0] > k ? [o.after[0] - 1, o.after[1]] : o.after); })}
              </div>
              {s.moves.map((m, j) => (
                <div class="row move" key={j}>
                  {line(`steps.${k}.moves.${j}.name`, s.actor < 0 ? `Result ${j + 1}` : `Move ${j + 1}`, m.name, (f, v) => { f.steps[k]!.moves[j]!.name = v; })}
                  {choose(`steps.${k}.moves.${j}.ends`, "then", m.ends, endings, (f, v) => { f.steps[k]!.moves[j]!.ends = Number(v); })}
                  {s.actor < 0 && (j < s.moves.length - 1 ? range(`steps.${k}.moves.${j}.p`, "How likely", m.p, (f) => f.steps[k]!.moves[j]!.p) : <span class="small">the rest</span>)}
                  {s.moves.length > 2 && remove(`move ${j + 1} of step ${k + 1}`, (f) => { f.steps[k]!.moves.splice(j, 1); for (const o of f.steps) if (o.after?.[0] === k) o.after = null; })}
                </div>
              ))}
              {why(`steps.${k}.moves`)}
              <button type="button" onClick={() => change((f) => { f.steps[k]!.moves.push(a_move()); })} disabled={s.moves.length >= 12}>+ {s.actor < 0 ? "Result" : "Move"}</button>
            </div>
          ))}
          <button type="button" onClick={() => change((f) => { f.steps.push({ name: "", actor: 0, moves: [a_move(), a_move()], after: null }); })} disabled={form.steps.length >= 12}>+ Step</button>
        </fieldset>
        {mistakes.length > 0 && <div role="alert" class="mistakes"><ul>{mistakes.map((m) => <li key={m.message}>{m.message}</li>)}</ul></div>}
        {Object.keys(wrong).length > 0 && <p role="status" class="why">{Object.keys(wrong).length} fields are to be filled in.</p>}
        <button type="submit" class="primary">Make the case</button>
      </form>
    </section>
  );
}

