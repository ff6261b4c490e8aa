// A play that is over: what is told, what it was like, the same choices elsewhere, and how to go on.
import { useRef, useState } from "preact/hooks";
import { Markup } from "../parts/markup";
import { asked } from "../parts/asking";
import { type Held, leave, sit } from "../parts/seat";
import { Mistakes, Pane } from "../parts/status";
import { usePanel } from "../socket";
import { plain, state } from "../store";
import type { Again, AtSeat, Ended, Mistake } from "../types";
import { save } from "./share";

const WORLDS = 200;

export function Over({ seat, at }: { seat: Held; at: AtSeat }) {
  const { table, key } = seat;
  const panel = usePanel("debrief", { table, key }, "debrief", plain(""));
  const ended = panel.data as Ended | undefined;
  const [mistakes, tell] = useState<Mistake[]>([]);
  const again = (world: string): void => void sit({ table, again: key, world }).then(tell);
  return (
    <Pane panel={panel} class="over">
      <Markup html={panel.html["ending"]} class="lede" />
      <p class="row">
        <button type="button" class="primary" onClick={() => again("other")}>Play {at.label} again in another world</button>
        <button type="button" onClick={() => again("same")}>Again in the same world</button>
        <button type="button" onClick={() => leave(state.value.case)}>Play somebody else</button>
        {ended && <button type="button" onClick={() => save(new Blob([ended.log], { type: "application/json" }), ended.file)}>Download the log</button>}
      </p>
      <p class="small">The same world has the same numbers and the same luck: where you choose differently, what follows from it differs, and nothing else. The log can be opened here or with <code>detente play</code>.</p>
      <Mistakes mistakes={mistakes} />
      <h2>Your decisions</h2>
      {panel.html["decisions"] ? <Markup html={panel.html["decisions"]} class="decisions" /> : <p class="small">There was nothing for you to decide.</p>}
      <Elsewhere seat={seat} decided={(ended?.made ?? 0) > 0} />
      <h2>Who got what</h2>
      <Markup html={panel.html["paid"]} />
      <h2>All that happened</h2>
      <Markup html={panel.html["course"]} />
      {panel.html["others"] && <details><summary>What the others did, beside equilibrium play</summary><Markup html={panel.html["others"]} /></details>}
      {ended && ended.made > 0 && <Replay seat={seat} of={ended.made} />}
    </Pane>
  );
}

// What the same choices are worth in other worlds: it is solved when it is asked for.
function Elsewhere({ seat, decided }: { seat: Held; decided: boolean }) {
  const [html, show] = useState<string | undefined>(undefined);
  const [busy, wait] = useState("");
  const [mistakes, tell] = useState<Mistake[]>([]);
  if (!decided) return null;
  async function look(): Promise<void> {
    wait(`0 of ${WORLDS} worlds`);
    const reply = await asked("elsewhere", "elsewhere", state.value, { table: seat.table, key: seat.key, draws: WORLDS }, ([done, total, what]) => wait(`${done} of ${total} ${what}`));
    wait("");
    tell(reply?.mistakes ?? []);
    show(reply?.html?.["elsewhere"]);
  }
  return (
    <section aria-busy={busy !== ""}>
      <h2>The same choices in other worlds</h2>
      {html === undefined && <p><button type="button" disabled={busy !== ""} onClick={() => void look()}>Try them in {WORLDS} worlds</button></p>}
      <p role="status" class="small">{busy && `being solved: ${busy}`}</p>
      <Mistakes mistakes={mistakes} />
      <Markup html={html} live />
    </section>
  );
}

// The play again, decision by decision, as it was seen then.
function Replay({ seat, of }: { seat: Held; of: number }) {
  const [number, step] = useState<number | undefined>(undefined);
  return (
    <details class="replay" onToggle={(e) => step(e.currentTarget.open ? (number ?? 0) : undefined)}>
      <summary>Step through it again, as you saw it at the time</summary>
      {number !== undefined && <Then seat={seat} number={number} of={of} step={step} />}
    </details>
  );
}

function Then({ seat, number, of, step }: { seat: Held; number: number; of: number; step: (number: number) => void }) {
  const panel = usePanel("again", { table: seat.table, key: seat.key, number }, "again", plain(""));
  const again = panel.data as Again | undefined;
  const head = useRef<HTMLHeadingElement>(null);
  const to = (next: number): void => {
    step(next);
    head.current?.focus();
  };
  return (
    <Pane panel={panel}>
      <p class="row">
        <button type="button" disabled={number === 0} onClick={() => to(number - 1)}>Before</button>
        <button type="button" disabled={number + 1 >= of} onClick={() => to(number + 1)}>Next</button>
        <span role="status">Decision {number + 1} of {of}</span>
      </p>
      {again && <h3 ref={head} tabIndex={-1}>{again.heading}. You chose {again.chose}</h3>}
      <Markup html={panel.html["seen"]} />
      <Markup html={panel.html["levels"]} />
      <Markup html={panel.html["beliefs"]} />
      <Markup html={panel.html["prospects"]} />
    </Pane>
  );
}
