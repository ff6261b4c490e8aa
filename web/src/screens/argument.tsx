// The argument: paragraphs beside the mechanisms and claims that take them up. Mechanisms are switches, claims open.
import { useEffect, useRef, useState } from "preact/hooks";
import { Markup } from "../parts/markup";
import { Slider } from "../parts/slider";
import { Pane } from "../parts/status";
import { usePanel, type Panel } from "../socket";
import { edit, go, plain, route, state } from "../store";
import type { Argument as Argued, Assertion, Cite, Control, Judgement, Passage, State, Text, Thread } from "../types";

const drop = (name: string): string => `drop ${name}`;
const MOST = 12; // changes of a state

export function Argument() {
  const panel = usePanel("argument", {}, "argument", plain(state.value.case));
  const [unfolded, unfold] = useState(false);
  const answer = usePanel("answer", unfolded ? { table: true } : {});
  const verdicts = usePanel("verdicts");
  const found = panel.data as Argued | undefined;
  const off = (state.value.changes ?? []).filter((c) => c.startsWith("drop "));
  return (
    <div class="argued">
      <Pane panel={answer} class="what">
        <h1>The argument, piece by piece</h1>
        <Markup html={answer.html["sentence"]} class="lede" live />
        {off.length > 0 && (
          <p class="off-list" role="status">Switched off: {off.map((c) => c.slice(5).replaceAll("_", " ")).join(", ")}. <button type="button" onClick={() => edit((s) => ({ ...s, changes: (s.changes ?? []).filter((c) => !c.startsWith("drop ")) }))}>Switch everything on</button></p>
        )}
        {off.length > 0 && (
          <details onToggle={(e) => unfold(e.currentTarget.open)}>
            <summary>The outcomes, as written and as changed</summary>
            <Markup html={answer.html["outcomes"]} />
            {unfolded && <Markup html={answer.html["table"]} />}
          </details>
        )}
        <Markup html={answer.html["notes"]} />
      </Pane>
      {found && (found.structures ?? []).length > 0 && <Rivals />}
      <Pane panel={panel}>{found && <Pieces found={found} verdicts={verdicts} />}</Pane>
    </div>
  );
}

// Rival structures: present, absent, or as likely as one holds them to be.
function Rivals() {
  const of: State = { ...plain(state.value.case), ...(state.value.as_of ? { as_of: state.value.as_of } : {}) };
  const panel = usePanel("controls", {}, "controls", of);
  const all = ((panel.data ?? []) as Control[]).filter((c) => c.kind === "structure");
  return (
    <Pane panel={panel} class="rivals">
      <h2>Rival structures</h2>
      <p class="small">Where others argued for a different game. Each is present with some probability; changing it reweights the solved draws.</p>
      {all.length === 0 && <p class="small">They come when the case is solved.</p>}
      <div class="pieces-of">
        {all.map((c) => (
          <div key={c.name}>
            <Slider control={c} />
            <p class="presence" role="group" aria-label={`${c.label}: present or absent`}>
              {([["Absent", 0], ["Present", 1]] as const).map(([word, weight]) => (
                <button key={word} type="button" aria-pressed={state.value.suppose?.[c.name] === weight} onClick={() => weigh(c.name, state.value.suppose?.[c.name] === weight ? undefined : weight)}>{word}</button>
              ))}
            </p>
          </div>
        ))}
      </div>
    </Pane>
  );
}

function weigh(name: string, weight: number | undefined): void {
  edit((s) => {
    const { [name]: _, ...suppose } = s.suppose ?? {};
    return { ...s, suppose: weight === undefined ? suppose : { ...suppose, [name]: weight } };
  });
}

function Pieces({ found, verdicts }: { found: Argued; verdicts: Panel }) {
  const judged = new Map(((verdicts.data ?? []) as Judgement[]).map((j) => [j.name, j]));
  const seen = new Set<string>();
  const first = (name: string): boolean => !seen.has(name) && seen.add(name) !== undefined;
  const parts = (p: Passage): { threads: Thread[]; claims: Assertion[]; again: string[] } => {
    const told = [...p.mechanisms, ...p.claims].filter((n) => seen.has(n));
    const threads = p.mechanisms.filter((n) => first(n)).map((n) => found.mechanisms.find((t) => t.name === n)).filter((t): t is Thread => t !== undefined);
    const claims = p.claims.filter((n) => first(n)).map((n) => found.claims.find((c) => c.name === n)).filter((c): c is Assertion => c !== undefined);
    return { threads, claims, again: told.map((n) => n.replaceAll("_", " ")) };
  };
  const apart = found.apart.mechanisms.length + found.apart.claims.length > 0;
  return (
    <>
      {found.texts.map((text) => (
        <section key={text.source} class="text" aria-label={text.title}>
          <h2>{text.url ? <a href={text.url} target="_blank" rel="noreferrer noopener">{text.title}</a> : text.title}</h2>
          <p class="small">{[text.about, text.note].filter(Boolean).join("; ")}</p>
          <Covered text={text} />
          <Pane panel={verdicts}>
            <ol class="passages">
              {text.passages.map((p) => {
                const { threads, claims, again } = parts(p);
                const bare = p.mechanisms.length + p.claims.length === 0;
                return (
                  <li key={p.number} class={bare ? "passage uncovered" : "passage"}>
                    <h3>Paragraph {p.number}</h3>
                    <Cells threads={threads} claims={claims} judged={judged} own={`${text.source} ${p.number}`} />
                    {again.length > 0 && <p class="small again">Told above: {again.join(", ")}.</p>}
                    {bare && <p class="small again">No mechanism and no claim takes it up{p.others > 0 ? `; ${p.others} other ${p.others === 1 ? "part of the case cites it" : "parts of the case cite it"}` : ", and nothing else of the case cites it"}.</p>}
                  </li>
                );
              })}
            </ol>
          </Pane>
        </section>
      ))}
      {apart && (
        <section class="text" aria-label="What cites no paragraph">
          <h2>{found.texts.length > 0 ? "Not from a paragraph" : found.mechanisms.length > 0 ? "Mechanisms and claims" : "Claims"}</h2>
          <ol class="passages"><li class="passage"><h3>{found.texts.length > 0 ? "From other sources" : "As the case has them"}</h3><Cells {...parts(found.apart)} judged={judged} own="" /></li></ol>
        </section>
      )}
      {found.texts.length === 0 && found.mechanisms.length + found.claims.length > 0 && <p class="small">No text is cited by paragraph or by sentence, so that what this case leaves out of its texts cannot be shown here (<code>paragraphs:</code> or <code>sentences:</code> of a source would).</p>}
      {found.mechanisms.length + found.claims.length === 0 && <p>This case names no mechanisms and makes no claims.</p>}
    </>
  );
}

// Which paragraphs nothing takes up, as far as the case says how many there are.
function Covered({ text }: { text: Text }) {
  const bare = text.passages.filter((p) => p.mechanisms.length + p.claims.length === 0).map((p) => p.number);
  if (!text.complete) return <p class="small">The paragraphs that are cited; the case does not say how many there are (<code>paragraphs:</code> of the source would).</p>;
  if (bare.length === 0) return <p class="small">Each of its {text.passages.length} paragraphs is taken up by a mechanism or a claim.</p>;
  return <p class="small"><b>{bare.length} of {text.passages.length} paragraphs</b> {bare.length === 1 ? "is" : "are"} taken up by no mechanism and no claim: {bare.join(", ")}.</p>;
}

function Cells({ threads, claims, judged, own }: { threads: Thread[]; claims: Assertion[]; judged: Map<string, Judgement>; own: string }) {
  const open = route.value.options["claim"];
  const shown = claims.find((c) => c.name === open);
  return (
    <>
      <div class={threads.length === 0 && own === "" ? "alone" : "pieces-of"}>
        <div class="threads">{threads.map((t) => <Switch key={t.name} thread={t} own={own} />)}</div>
        <ul class="claims-of">{claims.map((c) => <Claim key={c.name} claim={c} judgement={judged.get(c.name)} open={c.name === open} own={own} />)}</ul>
      </div>
      {shown && <Opened key={shown.name} claim={shown} />}
    </>
  );
}

function Switch({ thread, own }: { thread: Thread; own: string }) {
  const changes = state.value.changes ?? [];
  const on = !changes.includes(drop(thread.name));
  const stuck = thread.stuck ? thread.stuck : on && changes.length >= MOST ? `no more than ${MOST} changes at once` : "";
  const id = `thread-${thread.name}`;
  const toggle = (): void => edit((s) => ({ ...s, changes: on ? [...(s.changes ?? []), drop(thread.name)] : (s.changes ?? []).filter((c) => c !== drop(thread.name)) }));
  return (
    <div class={on ? "thread" : "thread off"}>
      <label class="switch"><input type="checkbox" role="switch" checked={on} disabled={stuck !== ""} aria-describedby={`${id}-says`} onChange={toggle} /> <b>{capital(thread.label)}</b> <span class="small" aria-hidden="true">{on ? "on" : "off"}</span></label>
      <p id={`${id}-says`}>{thread.says}</p>
      <Cited cites={thread.cites} own={own} />
      {stuck && <p class="small">It cannot be switched off: {stuck}.</p>}
      {!stuck && (thread.kept ?? []).length > 0 && <details><summary>What stays when it is off</summary><ul class="small">{(thread.kept ?? []).map((k) => <li key={k}>{k}</li>)}</ul></details>}
    </div>
  );
}

function Claim({ claim, judgement, open, own }: { claim: Assertion; judgement: Judgement | undefined; open: boolean; own: string }) {
  const { claim: _, ...others } = route.value.options;
  const turned = judgement !== undefined && judgement.was !== "" && judgement.was !== judgement.verdict;
  return (
    <li class={turned ? "asserted turned" : "asserted"}>
      <button type="button" class="link" aria-expanded={open} onClick={() => go("argument", open ? others : { ...others, claim: claim.name })}>{capital(claim.says)}</button>
      <p>
        {judgement ? <><span class={`chip ${judgement.chip}`}>{judgement.verdict}</span> {turned && <b>was: {judgement.was} </b>}<span class="small">{judgement.share}{judgement.by && `, ${judgement.by}`}</span></> : <span class="small">not judged yet</span>}
      </p>
      <Cited cites={claim.cites} own={own} />
    </li>
  );
}

// What else is cited, beside the paragraph under which it stands.
function Cited({ cites, own }: { cites: Cite[]; own: string }) {
  const others = cites.filter((c) => `${c.source} ${c.paragraph}` !== own);
  if (others.length === 0) return null;
  const here = own.split(" ")[0];
  const place = (c: Cite): string => (c.source === here && c.paragraph ? `paragraph ${c.paragraph}` : c.title + (c.paragraph && `, ${c.paragraph}`));
  return <p class="small">{own ? "Also " : "From "}{others.map((c, k) => <span key={k}>{k > 0 && "; "}{c.url && c.source !== here ? <a href={c.url} target="_blank" rel="noreferrer noopener">{place(c)}</a> : place(c)}</span>)}</p>;
}

function Opened({ claim }: { claim: Assertion }) {
  const { suppose: _, changes: __, ...of } = state.value;
  const panel = usePanel("claim", { claim: claim.name }, "claim", of);
  const changed = Object.keys(state.value.suppose ?? {}).length + (state.value.changes ?? []).length > 0;
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => place.current?.scrollIntoView({ block: "nearest" }), [claim.name]);
  return (
    <div ref={place} class="brought" aria-label={`On the claim: ${claim.says}`} role="group">
    <Pane panel={panel} class="opened">
      <h4>{capital(claim.says)}</h4>
      <p class="small">It holds where <code>{claim.holds}</code>.{changed && " What follows is of the case as written: what is switched off or believed otherwise is not in it."}</p>
      <Markup html={panel.html["judged"]} />
      <h4>What it depends on</h4>
      {panel.html["drivers"] === undefined && <p class="small">It is being worked out.</p>}
      <Markup html={panel.html["drivers"]} />
      <h4>What would flip it</h4>
      {!panel.html["breaking"] && panel.busy && <p class="small" role="status">The smallest change of assumptions that turns it is being searched for{panel.progress && ` (${panel.progress[2]}: ${panel.progress[0]} of ${panel.progress[1]})`}.</p>}
      <Markup html={panel.html["breaking"]} />
    </Pane>
    </div>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
