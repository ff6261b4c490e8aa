// Evidence and forecasts by date: a cursor over the days hides what came later, an item can be left out.
import { useEffect, useState } from "preact/hooks";
import { between, clamp, plus, told } from "../parts/days";
import { Markup } from "../parts/markup";
import { Pane } from "../parts/status";
import { usePanel, type Panel } from "../socket";
import { edit, go, route, state } from "../store";
import type { Day, Item, Pulled, State, Stop, Timeline as Record, Without } from "../types";
import { Series } from "./series";

const REST = 250; // milliseconds that the cursor stands still before its day is asked about

export function Timeline() {
  const { suppose: _, ...of }: State = state.value; // no best guess that was moved is in these numbers, as `left` says
  const panel = usePanel("timeline");
  const found = panel.data as Record | undefined;
  return (
    <div class="dated">
      <h1>What was known, and when</h1>
      <AsOf />
      <Markup html={panel.html["left"]} />
      {found ? <Dated found={found} panel={panel} of={of} /> : <Pane panel={panel}>{panel.busy && <p class="loading">The evidence is being read.</p>}</Pane>}
    </div>
  );
}

// That everything is asked as of a day, and how to go back.
function AsOf() {
  const day = state.value.as_of;
  if (!day) return null;
  return (
    <p class="warning" role="status">
      Everything on this page, and on the other screens, is asked as known on {told(day)}: what is dated later was not sent to it.{" "}
      <button type="button" onClick={() => edit((s) => ({ ...s, as_of: null }))}>Ask without a day again</button>
    </p>
  );
}

function Dated({ found, panel, of }: { found: Record; panel: Panel; of: State }) {
  const [wanted, set] = useState(route.value.options["day"] ?? found.known);
  const cursor = clamp(wanted, found.first, found.last);
  const [rested, rest] = useState(cursor);
  const out = (route.value.options["out"] ?? "").split(",").filter((k) => /^\d+$/.test(k)).map(Number)
    .filter((k) => found.items.some((i) => i.place === k && i.date <= found.known));
  useEffect(() => {
    const waits = setTimeout(() => {
      rest(cursor);
      const { day, ...others } = route.value.options;
      if (route.value.screen === "timeline" && day !== cursor && (day || cursor !== found.known)) go("timeline", { ...others, day: cursor });
    }, REST);
    return () => clearTimeout(waits);
  }, [cursor]);
  const leave = (places: number[]): void => {
    const { out: _, ...others } = route.value.options;
    go("timeline", places.length > 0 ? { ...others, out: places.join(",") } : others);
  };
  const reached = (found.stops ?? []).at(-1)?.date ?? "";
  const through = !panel.busy || reached > cursor; // whether the days up to the cursor are worked through
  const stop = through ? now(found.stops ?? [], cursor) : undefined;
  const later = found.items.filter((i) => i.date > cursor).length;
  const days = [...new Set(found.items.map((i) => i.date))];
  const before = days.filter((d) => d < cursor).at(-1);
  const after = days.find((d) => d > cursor);
  return (
    <>
      <div class="cursor" role="group" aria-label="The day as known on which is shown">
        <label for="cursor">As known on <b>{told(cursor)}</b></label>
        <input id="cursor" type="range" min={0} max={between(found.first, found.last)} step={1} value={between(found.first, cursor)}
          aria-valuetext={told(cursor)} onInput={(e) => set(plus(found.first, e.currentTarget.valueAsNumber))} />
        <button type="button" disabled={!before} onClick={() => before && set(before)}>← Item before</button>
        <button type="button" disabled={!after} onClick={() => after && set(after)}>Next item →</button>
      </div>
      <div aria-live="polite" class="now">
        {stop
          ? <p><span class="level">{stop.answer.said}</span> {found.says || "the most likely outcome"}{stop.answer.span && ` (${stop.answer.span} in 90% of draws)`}, {stop === found.stops?.[0] ? "before any evidence" : `as known on ${told(cursor)}`}{out.length > 0 && ", with every item: without what is left out see below"}.</p>
          : <p class="small">The forecast of this day comes when the days before it are worked through.</p>}
        {stop?.passed && <p class="small">On {told(stop.date)} time alone moves it: {stop.passed}.</p>}
        <p class="small">
          {later > 0 ? `${later} ${later === 1 ? "item" : "items"} dated later ${later === 1 ? "is" : "are"} hidden. ` : ""}
          {found.happened && (found.happened.date > cursor
            ? "What happened is hidden, too: the cursor stands before it."
            : <>What happened, on {told(found.happened.date)}: <b>{found.happened.said}</b>.</>)}
          {!found.happened && found.sealed && "Whether it happened was not sent."}
        </p>
      </div>
      <Pane panel={panel} class="line">
        {out.length > 0
          ? <Less found={found} cursor={cursor} out={out} of={of} ready={!panel.busy} back={() => leave([])} />
          : <Series found={found} cursor={cursor} />}
      </Pane>
      <p>
        <button type="button" disabled={state.value.as_of === cursor || cursor > found.known || !found.items.some((i) => i.date <= cursor)} onClick={() => edit((s) => ({ ...s, as_of: cursor }))}>Ask everything as known on {told(cursor)}</button>
        <span class="small"> The other screens, too; nothing dated later is read or sent.</span>
      </p>
      {panel.busy
        ? <Items found={found} cursor={cursor} pulls={undefined} out={out} leave={leave} />
        : <Known found={found} cursor={cursor} rested={clamp(rested, found.first, found.known)} of={of} out={out} leave={leave} />}
    </>
  );
}

// The stop whose forecast holds on a day.
export const now = (stops: Stop[], day: string): Stop | undefined => {
  const known = stops.slice(1).filter((s) => s.date <= day);
  return known.at(-1) ?? stops[0];
};

// The line without some items beside the whole one.
function Less({ found, cursor, out, of, ready, back }: { found: Record; cursor: string; out: number[]; of: State; ready: boolean; back: () => void }) {
  const shown = found.items.filter((i) => out.includes(i.place) && i.date <= cursor).map((i) => i.says);
  const later = out.length - shown.length;
  return (
    <>
      <p class="out" role="status">
        Left out: {[...shown, ...(later > 0 ? [`${later} dated later`] : [])].join("; ")}.{" "}
        <button type="button" onClick={back}>Put everything back</button>
      </p>
      {ready ? <Weighed found={found} cursor={cursor} out={out} of={of} /> : <Series found={found} cursor={cursor} />}
    </>
  );
}

function Weighed({ found, cursor, out, of }: { found: Record; cursor: string; out: number[]; of: State }) {
  const panel = usePanel("without", { out }, "without", of);
  const less = panel.data as Without | undefined;
  const fits = less && less.out.join() === out.join() ? less : undefined;
  const here = fits && now(fits.stops, cursor);
  return (
    <>
      <Series found={found} cursor={cursor} less={fits} />
      <Pane panel={panel}>
        {fits && here && (
          <p aria-live="polite">
            Without {out.length === 1 ? "it" : "them"}, as known on {told(cursor)}: <b>{here.answer.said}</b>{here.answer.span && ` (${here.answer.span} in 90% of draws)`}.
            {cursor >= found.known && fits.pull !== null && <> What {out.length === 1 ? "it adds" : "they add"} on the last day: <b>{fits.said}</b>{found.probability && fits.error !== null && ` (standard error ${(100 * fits.error).toFixed(1)} pt)`}.</>}
            <span class="small"> {fits.anew ? "Solved again without what is left out." : fits.enough ? "The same solved draws, weighed by what is left." : "Few draws are left by their weights; it is being solved again."}</span>
          </p>
        )}
      </Pane>
    </>
  );
}

// What is asked of the day at which the cursor rests: what each item did, and what would change it.
function Known({ found, cursor, rested, of, out, leave }: { found: Record; cursor: string; rested: string; of: State; out: number[]; leave: (places: number[]) => void }) {
  const some = found.items.some((i) => i.date <= rested);
  if (!some) return <p class="small">Nothing was known on {told(cursor)} that the case lists.</p>;
  return <Asked found={found} cursor={cursor} rested={rested} of={of} out={out} leave={leave} />;
}

function Asked({ found, cursor, rested, of, out, leave }: { found: Record; cursor: string; rested: string; of: State; out: number[]; leave: (places: number[]) => void }) {
  const panel = usePanel("day", { day: rested }, "day", of);
  const day = panel.data as Day | undefined;
  const fits = day !== undefined && day.date === clamp(cursor, found.first, found.known);
  return (
    <>
      <Pane panel={{ ...panel, stale: panel.stale || (day !== undefined && !fits) }} class="known">
        {day && <h2>As known on {told(day.date)}</h2>}
        <Markup html={panel.html["said"]} />
        <h2>What would change your mind</h2>
        <div class={day?.complete ? "" : "veiled"}><Markup html={panel.html["signs"]} /></div>
        {!day?.complete && <p class="small" role="status">The signs of this day are being worked out.</p>}
        {panel.html["certified"] && <details><summary>How far these numbers can be trusted</summary><Markup html={panel.html["certified"]} /></details>}
      </Pane>
      <Items found={found} cursor={cursor} pulls={fits && day.complete ? day.pulls : undefined} out={out} leave={leave} />
    </>
  );
}

function Items({ found, cursor, pulls, out, leave }: { found: Record; cursor: string; pulls: Pulled[] | undefined; out: number[]; leave: (places: number[]) => void }) {
  const stops = found.stops ?? [];
  const passing = stops.map((s, k) => ({ stop: s, before: stops[k - 1], date: s.date })).filter((p) => p.stop.passed && p.date <= cursor);
  const shown = [...found.items.filter((i) => i.date <= cursor), ...passing].sort((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : 0)).reverse();
  const pull = new Map((pulls ?? []).map((p) => [p.place, p]));
  if (shown.length === 0) return null;
  return (
    <section aria-labelledby="items">
      <h2 id="items">The evidence, the latest first</h2>
      <p class="small">Untick an item to see the forecast without it. Pull: how far the answer of the day is above what it would be without the item. Facts are for the reader: the model has no event for them, so they move nothing.</p>
      <div class="scroll listed" tabIndex={0} role="group" aria-label="The evidence, item by item">
        <ol class="items">
          {shown.map((item) => "stop" in item
            ? <Passed key={`passed ${item.date}`} stop={item.stop} before={item.before} alone={!found.items.some((i) => i.used && i.date === item.date)} />
            : <One key={item.place} item={item} pull={pull.get(item.place)} waits={pulls === undefined} out={out} leave={leave} known={found.known} />)}
        </ol>
      </div>
    </section>
  );
}

// Time that passed without the event: nothing came, and the forecast moves.
function Passed({ stop, before, alone }: { stop: Stop; before: Stop | undefined; alone: boolean }) {
  return (
    <li class="item passed">
      <span class="nothing" aria-hidden="true">·</span>
      <span class="when">{told(stop.date)}</span>
      <span class="what">waiting: {stop.passed}</span>
      <span class="pull">{before && alone ? `${before.answer.said} → ${stop.answer.said}` : ""}</span>
    </li>
  );
}

function One({ item, pull, waits, out, leave, known }: { item: Item; pull: Pulled | undefined; waits: boolean; out: number[]; leave: (places: number[]) => void; known: string }) {
  const off = out.includes(item.place);
  const id = `item-${item.place}`;
  return (
    <li class={off ? "item off" : "item"}>
      {item.used && item.date <= known
        ? <input type="checkbox" checked={!off} aria-labelledby={id} onChange={() => leave(off ? out.filter((k) => k !== item.place) : [...out, item.place])} />
        : <span class="nothing" aria-hidden="true">·</span>}
      <span class="when">{told(item.date)}</span>
      <span class="what">
        <span id={id}>{item.kind}: {item.says}</span>{item.held && <span class="small"> (the model expected it at {item.held})</span>}
        {item.cites.length > 0 && <span class="small"> · {item.cites.map((c, k) => <span key={k}>{k > 0 && "; "}{c.url ? <a href={c.url} target="_blank" rel="noreferrer noopener">{c.title}</a> : c.title}</span>)}</span>}
        {(item.why || item.telling) && <details><summary>Why it counts as it does</summary>{item.why && <p class="small">{item.why}</p>}{item.telling && <p class="small">How likely it was: {item.telling}</p>}</details>}
      </span>
      <span class="pull">{!item.used ? "moves nothing" : off ? "left out" : pull ? pull.said : waits ? "…" : ""}</span>
    </li>
  );
}
