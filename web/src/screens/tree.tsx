// The tree: flows as wide as they are likely, stage by stage; walked by keyboard; what is known and done at each node.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { Details } from "../parts/node";
import { CHANCE, ENDING, FOLD, layout, mark, percent, tone, words_of, type Layout, type Placed } from "../parts/flowtree";
import { Markup } from "../parts/markup";
import { Pane } from "../parts/status";
import { Picture, type Acts } from "../parts/treepicture";
import { usePanel } from "../socket";
import { go, route } from "../store";
import type { TreeData, TreeNode } from "../types";

const CUTS: [string, string][] = [
  ["0.2", "20%"], ["0.1", "10%"], ["0.05", "5%"], ["0.02", "2%"], ["0.01", "1%"], ["0.005", "0.5%"], ["0.001", "0.1%"], ["0.0001", "0.01%"], ["0", "everything"],
];

export function Tree() {
  const asked = route.value.options;
  const set = (change: Record<string, string>): void => go("tree", Object.fromEntries(Object.entries({ ...asked, ...change }).filter(([, v]) => v !== "")));
  const [opened, set_opened] = useState<number[]>([]);
  const structure = asked["structure"] === undefined ? undefined : Number(asked["structure"]);
  const least = Number(asked["least"] ?? "0.05");
  const view = asked["view"] ?? "";
  const options = { least, view, opened, ...(structure === undefined ? {} : { structure }) };
  const panel = usePanel("tree", options, "tree");
  const data = panel.data as TreeData | undefined;
  const [closed, set_closed] = useState<ReadonlySet<number>>(new Set());
  const [brush, set_brush] = useState(-1);
  const current = useRef(0);
  const picture = useRef<SVGSVGElement>(null);
  const chosen = asked["node"] === undefined ? undefined : Number(asked["node"]);
  const began = useMemo(() => performance.now(), [data]);
  const drawn = useMemo(() => (data ? layout(data, closed) : undefined), [data, closed]);
  useEffect(() => {
    if (!data) return;
    const frame = requestAnimationFrame(() => setTimeout(() => performance.measure("tree", { start: began, detail: { nodes: data.nodes.length } }), 0));
    return () => cancelAnimationFrame(frame);
  }, [data]);
  const forget = (): void => {
    set_opened([]);
    set_closed(new Set());
  };

  const element = (id: number): SVGGElement | null => picture.current?.querySelector<SVGGElement>(`[data-id="${id}"]`) ?? null;
  const flow_to = (id: number): SVGGElement | null => picture.current?.querySelector<SVGGElement>(`[data-flow="${id}"]`) ?? null;
  const mark_current = (id: number, focused: boolean): void => {
    if (!drawn) return;
    picture.current?.querySelectorAll('[tabindex="0"]').forEach((e) => e.setAttribute("tabindex", "-1"));
    picture.current?.querySelectorAll(".way-here").forEach((e) => e.classList.remove("way-here"));
    current.current = id;
    element(id)?.setAttribute("tabindex", "0");
    for (let k = drawn.by_id.get(id) ?? -1; k >= 0; k = drawn.placed[k]!.parent) flow_to(drawn.placed[k]!.node.id)?.classList.add("way-here");
    if (focused) {
      const found = element(id);
      found?.focus({ preventScroll: true });
      found?.querySelector(".mark")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  };
  useLayoutEffect(() => {
    if (!drawn) return;
    const inside = picture.current?.contains(document.activeElement) ?? false;
    const there = drawn.by_id.has(current.current) ? current.current : (drawn.placed[0]?.node.id ?? 0);
    mark_current(there, inside && there !== Number(document.activeElement?.getAttribute("data-id")));
  }, [drawn]);

  const unfold = (id: number): void => {
    if (!data || !drawn) return;
    if (closed.has(id)) set_closed(new Set([...closed].filter((x) => x !== id)));
    else {
      const node = data.nodes.find((n) => n.id === id);
      const of = id < 0 ? -1 - id : id;
      if (node?.folded && !opened.includes(of)) {
        if (id < 0) mark_current(of, true);
        set_opened([...opened, of]);
      }
    }
  };
  const fold = (id: number): void => {
    const one = drawn?.placed[drawn.by_id.get(id) ?? -1];
    if (one && one.children.length > 0) set_closed(new Set([...closed, id]));
  };
  const acts: Acts = {
    focus: (id) => mark_current(id, true),
    come: (id) => { if (id !== current.current) mark_current(id, false); },
    open: unfold,
    toggle: (id) => (drawn?.placed[drawn.by_id.get(id)!]?.closed ? unfold(id) : fold(id)),
    look: (id) => {
      if (id < 0) unfold(id);
      else set({ node: `${id}` });
    },
  };
  const pressed = (event: KeyboardEvent): void => {
    if (!drawn || event.ctrlKey || event.metaKey || event.altKey) return;
    const k = drawn.by_id.get(current.current);
    const here = k === undefined ? undefined : drawn.placed[k];
    if (!here) return;
    const to = next(drawn, here, event.key);
    if (to !== undefined) mark_current(drawn.placed[to]!.node.id, true);
    else if (event.key === "+" || event.key === "=" || (event.key === "ArrowRight" && here.closed)) unfold(here.node.id);
    else if (event.key === "-") fold(here.node.id);
    else if (event.key === "Enter" || event.key === " ") acts.look(here.node.id);
    else if (event.key === "/") document.getElementById("find")?.focus();
    else if (!event.key.startsWith("Arrow")) return;
    event.preventDefault();
  };
  const reveal = (id: number): void => {
    if (!data) return;
    const shut = new Set(closed);
    for (let n = data.nodes.find((x) => x.id === id); n && n.parent >= 0; n = data.nodes[n.parent]) shut.delete(data.nodes[n.parent]!.id);
    if (shut.size !== closed.size) set_closed(shut);
    requestAnimationFrame(() => requestAnimationFrame(() => element(id)?.focus() ?? undefined));
  };

  return (
    <div class={chosen === undefined ? "walk" : "walk with-details"}>
      <Pane panel={panel} class="tree-pane">
        <h1>How it may go, step by step</h1>
        {data && (
          <>
            <Markup html={panel.html["note"]} />
            <WhichStructure data={data} />
            <Controls data={data} asked={structure} set={(change) => { forget(); set(change); }} />
            <Find data={data} reveal={reveal} back={() => mark_current(current.current, true)} />
            <Brush data={data} brush={brush} set={set_brush} />
            {view !== "" && <Differences data={data} reveal={reveal} />}
            {drawn && <Picture data={data} drawn={drawn} brush={brush} acts={acts} pressed={pressed} picture={picture} chosen={chosen} />}
            <Legend data={data} />
            <p class="small tree-said">
              The whole tree has {data.size.toLocaleString("en")} nodes and {data.plays.toLocaleString("en")} complete histories;
              {" "}{(drawn?.placed.length ?? 0).toLocaleString("en")} are drawn, and what is rarer is folded.
              {data.nodes.length >= data.most && ` No more than ${data.most.toLocaleString("en")} are drawn at once: what follows is folded by information set, that is, for all histories alike that an actor cannot tell apart.`}
              {" "}Widths and percentages are means over {data.draws.toLocaleString("en")} draws.
            </p>
            <TwinTable data={data} />
          </>
        )}
      </Pane>
      {chosen !== undefined && <Details key={chosen} node={chosen} structure={structure} close={() => { set({ node: "" }); mark_current(chosen, true); }} />}
    </div>
  );
}

// Where a key leads from a node, by place among those placed; undefined where it leads nowhere.
function next(drawn: Layout, here: Placed, key: string): number | undefined {
  const level = drawn.placed.map((p, k) => [p, k] as const).filter(([p]) => p.level === here.level).map(([, k]) => k);
  const me = level.findIndex((k) => drawn.placed[k] === here);
  switch (key) {
    case "ArrowRight": return here.children[0];
    case "ArrowLeft": return here.parent >= 0 ? here.parent : undefined;
    case "ArrowDown": return level[me + 1];
    case "ArrowUp": return level[me - 1];
    case "Home": return 0;
    case "End": return drawn.placed.length - 1;
    default: return undefined;
  }
}

// Of several rival structures the tree of one is shown: which, and what share of the weight it has.
function WhichStructure({ data }: { data: TreeData }) {
  const shown = data.structures[data.structure];
  if (!shown || data.structures.length < 2) return null;
  const first = data.structures.every((s) => s.share <= shown.share);
  return (
    <p class="which" role="status">
      This is one of {data.structures.length} rival structures of the crisis: <b>{shown.words}</b>, with {percent(shown.share)} of the weight{first && ", the most of any"}.
      {" "}The answer weighs all of them; choose another to see its tree.
    </p>
  );
}

function Controls({ data, asked, set }: { data: TreeData; asked: number | undefined; set: (change: Record<string, string>) => void }) {
  return (
    <div class="controls">
      {data.structures.length > 0 && (
        <label>Structure of the crisis{" "}
          <select value={`${asked ?? data.structure}`} onChange={(e) => set({ structure: e.currentTarget.value, node: "" })}>
            {data.structures.map((s, k) => <option key={s.name} value={`${k}`} disabled={s.draws === 0}>{s.words} (weight {percent(s.share)}{s.draws === 0 && ", in no draw"})</option>)}
          </select>
        </label>
      )}
      <label>The tree{" "}
        <select value={data.view} onChange={(e) => set({ view: e.currentTarget.value })}>
          <option value="">as it truly is</option>
          {data.actors.map((a) => <option key={a.name} value={a.name}>as {a.words} sees it{a.otherwise ? "" : " (the same)"}</option>)}
        </select>
      </label>
      <label>Fold what is rarer than{" "}
        <select value={`${data.least}`} onChange={(e) => set({ least: e.currentTarget.value })}>
          {CUTS.map(([value, said]) => <option key={value} value={`${Number(value)}`}>{value === "0" ? "nothing" : said}</option>)}
        </select>
      </label>
    </div>
  );
}

function Find({ data, reveal, back }: { data: TreeData; reveal: (id: number) => void; back: () => void }) {
  const [query, set_query] = useState("");
  const at = useRef(-1);
  const wanted = query.trim().toLowerCase();
  const found = useMemo(() => (wanted === "" ? [] : data.nodes.filter((n) => told(data, n).toLowerCase().includes(wanted))), [data, wanted]);
  return (
    <form class="find" role="search" onSubmit={(e) => { e.preventDefault(); if (found.length > 0) { at.current = (at.current + 1) % found.length; reveal(found[at.current]!.id); } }}>
      <label for="find">Find a stage, move or outcome</label>{" "}
      <input id="find" type="search" value={query} maxLength={80} autocomplete="off"
        onInput={(e) => { at.current = -1; set_query(e.currentTarget.value); }}
        onKeyDown={(e) => { if (e.key === "Escape") { set_query(""); back(); } }} />{" "}
      <button type="submit" disabled={found.length === 0}>Go to the next</button>{" "}
      <span role="status" class="small">{wanted !== "" && `${found.length} found`}</span>
    </form>
  );
}

const told = (data: TreeData, node: TreeNode): string => {
  const column = data.columns[node.column];
  const what = node.who === ENDING ? data.outcomes[node.outcome ?? 0]?.words : node.who === FOLD ? "" : `${column?.name} ${column?.what}`;
  return `${node.label} ${what}`;
};

function Brush({ data, brush, set }: { data: TreeData; brush: number; set: (outcome: number) => void }) {
  return (
    <fieldset class="brush">
      <legend>Show the paths to an outcome</legend>
      {data.outcomes.map((o, k) => ({ o, k })).filter(({ o }) => o.reach > 0).sort((a, b) => b.o.reach - a.o.reach).map(({ o, k }) => (
        <button type="button" key={o.name} aria-pressed={brush === k} title={o.means} onClick={() => set(brush === k ? -1 : k)}>
          <svg class="picture swatch" width="12" height="12" aria-hidden="true"><rect width="12" height="12" class={o.hue} /></svg> {o.words} {percent(o.reach)}
        </button>
      ))}
    </fieldset>
  );
}

function Differences({ data, reveal }: { data: TreeData; reveal: (id: number) => void }) {
  const who = data.actors.find((a) => a.name === data.view)?.words ?? data.view;
  const told = data.otherwise ?? [];
  return (
    <div class="differences">
      {told.length === 0 ? <p>{who} holds every step of this tree to be as likely as it is, to a percentage point.</p> : (
        <>
          <p>The tree as {who} takes it to be. A dashed edge marks a step that is not as likely as it seems to {who}. Where it is furthest from the truth:</p>
          <ul>
            {told.map((o) => {
              const said = `${o.event}: ${o.result}`;
              return <li key={said}>{o.node >= 0 ? <button type="button" class="link" onClick={() => reveal(o.node)}>{said}</button> : said}, {percent(o.seen)} as it sees it, {percent(o.truth)} in fact</li>;
            })}
          </ul>
        </>
      )}
    </div>
  );
}

const way = (data: TreeData, node: TreeNode): string => {
  const steps: string[] = [];
  for (let n: TreeNode | undefined = node; n && n.parent >= 0; n = data.nodes[n.parent]) steps.unshift(n.label);
  return (steps.length > 3 ? ["…", ...steps.slice(-3)] : steps).join(" → ");
};

function Legend({ data }: { data: TreeData }) {
  const sign = (who: number) => (
    <svg class="picture swatch" width="18" height="18" viewBox="-9 -9 18 18" aria-hidden="true"><path class={`mark ${tone(who)}`} d={mark(who)} /></svg>
  );
  return (
    <ul class="legend" aria-label="Signs">
      {data.actors.map((a, k) => <li key={a.name}>{sign(k)} {a.words} decides</li>)}
      <li>{sign(CHANCE)} chance, or what only one actor knows</li>
      {data.nodes.some((n) => n.folded) && <li>{sign(FOLD)} folded histories: open them with + or a click</li>}
      <li>an actor cannot tell apart what is joined by a dotted line; a square in colour is an outcome</li>
    </ul>
  );
}

function TwinTable({ data }: { data: TreeData }) {
  const [open, set_open] = useState(false);
  return (
    <details onToggle={(e) => set_open(e.currentTarget.open)}>
      <summary>The table behind this picture</summary>
      {open && (
        <div class="scroll" tabIndex={0} role="group" aria-label="The nodes that are drawn">
          <table>
            <caption>Each node that is drawn, with what led to it.</caption>
            <thead><tr><th scope="col">history</th><th scope="col">what follows</th><th scope="col" class="n">step</th><th scope="col" class="n">reached</th><th scope="col" class="n">90% of draws</th>{data.view !== "" && <th scope="col" class="n">in fact</th>}</tr></thead>
            <tbody>
              {data.nodes.filter((n) => n.parent >= 0).map((n) => (
                <tr key={n.id}>
                  <th scope="row">{n.who === FOLD ? `${way(data, data.nodes[n.parent]!)} → ${words_of(n)}` : way(data, n)}</th>
                  <td>{n.who === ENDING ? data.outcomes[n.outcome ?? 0]?.words : n.who === FOLD ? "folded" : `${data.columns[n.column]?.name}: ${data.columns[n.column]?.what}`}</td>
                  <td class="n">{percent(n.odds)}</td>
                  <td class="n">{percent(n.reach)}</td>
                  <td class="n">{n.low === null || n.high === null ? "" : `${percent(n.low)} to ${percent(n.high)}`}</td>
                  {data.view !== "" && <td class="n">{n.truth === null || n.truth === undefined ? "" : percent(n.truth)}</td>}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
