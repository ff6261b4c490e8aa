// A seat at a table: what its actor knows, what it can do, and what is told when play is over.
import { useEffect, useRef, useState } from "preact/hooks";
import { Markup } from "../parts/markup";
import { type Held, leave, link_to, useSeat } from "../parts/seat";
import { Mistakes } from "../parts/status";
import { usePanel } from "../socket";
import { address, plain, state } from "../store";
import type { AtSeat, Invitation } from "../types";
import { Over } from "./play_over";

export function AtTable({ seat }: { seat: Held }) {
  const { html, at, mistakes, busy, move } = useSeat(seat);
  const head = useRef<HTMLHeadingElement>(null);
  const was = useRef<AtSeat | undefined>(undefined);
  const [told, tell] = useState("");
  useEffect(() => {
    const before = was.current;
    was.current = at;
    if (!at || !before) return;
    const known = new Set(before.news);
    const fresh = at.news.filter((n) => !known.has(n));
    if (at.made !== before.made || at.phase !== before.phase) head.current?.focus();
    if (fresh.length > 0 || at.heading !== before.heading) tell([...fresh, at.heading].map((n) => `${n.replace(/\.$/, "")}.`).join(" "));
  }, [at?.mark]);
  if (!at) {
    return (
      <section class="pane" aria-busy={busy}>
        {busy && <p>The world is being solved…</p>}
        <Mistakes mistakes={mistakes} />
        {!busy && <p><button type="button" onClick={() => leave(state.value.case)}>Start another game</button></p>}
      </section>
    );
  }
  const over = at.phase === "over";
  return (
    <section class="pane seat" aria-busy={busy}>
      <p class="eyebrow">You are {at.label}{at.seats.length > 1 && ` · ${at.seats.length} seats: ${at.seats.join(" and ")}`}{at.coached && " · coached"}{at.taken.length > 0 && ` · held to be known: ${at.taken.join(", ")}`}</p>
      <h1 ref={head} tabIndex={-1}>{at.heading}</h1>
      <p class="unseen" aria-live="polite">{told}</p>
      <Mistakes mistakes={mistakes} />
      {!over && seat.invitations.filter((i) => at.empty.includes(i.label)).map((i) => <Invite key={i.actor} seat={seat} invitation={i} />)}
      {over ? <Over seat={seat} at={at} /> : <Turn seat={seat} at={at} html={html} busy={busy} move={move} />}
      {!over && <Leave />}
    </section>
  );
}

function Turn({ seat, at, html, busy, move }: { seat: Held; at: AtSeat; html: Record<string, string>; busy: boolean; move: (name: string) => void }) {
  const mine = at.phase === "turn";
  return (
    <div class="playing">
      <div class="doing">
        <Markup html={html["about"]} class="lede" />
        {mine ? (
          <>
            <h2 id="moves">What do you do?</h2>
            <ul class="moves" aria-labelledby="moves">
              {at.moves.map((m) => (
                <li key={m.move}>
                  <button type="button" disabled={busy} onClick={() => move(m.move)}><b>{m.label}</b>{m.means && <span>{m.means}</span>}</button>
                </li>
              ))}
            </ul>
          </>
        ) : (
          <p>It is not your turn. This page continues by itself when there is something for you to see.</p>
        )}
        {html["feedback"] && <details class="coach" open><summary>Your last choice, reviewed</summary><Markup html={html["feedback"]} /></details>}
        {html["beliefs"] && <><h2>What you believe of what you do not see</h2><Markup html={html["beliefs"]} /></>}
        {mine && <><h2>What it may lead to</h2><Markup html={html["prospects"]} /></>}
      </div>
      <aside class="knowing" aria-label="What you know">
        <h2>What you have seen</h2>
        {html["seen"] ? <Markup html={html["seen"]} /> : <p class="small">Nothing yet.</p>}
        {html["levels"] && <Markup html={html["levels"]} />}
        <Briefing seat={seat} open={at.made === 0} />
      </aside>
    </div>
  );
}

function Briefing({ seat, open }: { seat: Held; open: boolean }) {
  const panel = usePanel("briefing", { table: seat.table, key: seat.key }, "briefing", plain(""));
  const begun = useRef(open);
  return (
    <>
      <details open={begun.current}><summary>Your briefing</summary><Markup html={panel.html["briefing"]} /></details>
      <details><summary>The numbers, as you see them</summary><Markup html={panel.html["numbers"]} /></details>
      <Mistakes mistakes={panel.mistakes} />
    </>
  );
}

// A link for somebody else: made when it is asked for, since it opens the workbench once.
function Invite({ seat, invitation }: { seat: Held; invitation: Invitation }) {
  const [link, make] = useState("");
  const [said, say] = useState("");
  const of = address({ screen: "play", options: { table: seat.table, invitation: invitation.invitation } });
  const shown = useRef<HTMLInputElement>(null);
  return (
    <div class="invite">
      <p>Nobody sits at the seat of <b>{invitation.label}</b> yet. A link opens it once, in another browser on this machine; what you see is hidden from it, and what it sees is hidden from you.</p>
      {link === "" ? (
        <button type="button" onClick={() => void link_to(of).then(make, () => say("No link could be made; the server does not answer."))}>Make the link</button>
      ) : (
        <p class="row">
          <label>Link <input ref={shown} type="text" readOnly value={link} onFocus={(e) => e.currentTarget.select()} /></label>
          <button type="button" onClick={() => { shown.current?.select(); void navigator.clipboard?.writeText(link).then(() => say("Copied."), () => say("Copy it by hand.")); }}>Copy</button>
        </p>
      )}
      <p role="status" class="small">{said}</p>
    </div>
  );
}

function Leave() {
  const [sure, ask] = useState(false);
  return (
    <p class="leave">
      {sure ? (
        <>This seat cannot be taken again. <button type="button" onClick={() => leave(state.value.case)}>Leave it</button> <button type="button" onClick={() => ask(false)}>Stay</button></>
      ) : (
        <button type="button" onClick={() => ask(true)}>Leave this play</button>
      )}
    </p>
  );
}
