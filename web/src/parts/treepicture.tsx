// The picture of a tree: each node is an item of a tree, with what a screen reader says of it.
import { useMemo } from "preact/hooks";
import type { TreeData } from "../types";
import { CHANCE, differs_at, ENDING, FOLD, GATED, letters, mark, percent, ribbon, tone, toward, words_of, type Layout, type Placed } from "./flowtree";

const HEAD = 62;

export interface Acts {
  focus: (id: number) => void;
  come: (id: number) => void;
  open: (id: number) => void;
  toggle: (id: number) => void;
  look: (id: number) => void;
}

interface Drawing {
  data: TreeData;
  drawn: Layout;
  brush: number;
  acts: Acts;
  pressed: (event: KeyboardEvent) => void;
  picture: { current: SVGSVGElement | null };
  chosen: number | undefined;
}

export function Picture({ data, drawn, brush, acts, pressed, picture, chosen }: Drawing) {
  const share = useMemo(() => (brush < 0 ? undefined : toward(data, brush)), [data, brush]);
  const clicked = (event: MouseEvent): void => {
    const hit = (event.target as Element).closest<SVGElement>("[data-id], [data-flow]");
    if (!hit) return;
    const id = Number(hit.getAttribute("data-id") ?? hit.getAttribute("data-flow"));
    acts.focus(id);
    if ((event.target as Element).closest(".knob")) acts.toggle(id);
    else acts.look(id);
  };
  const arrived = (event: FocusEvent): void => {
    const id = (event.target as Element).getAttribute("data-id");
    if (id !== null) acts.come(Number(id));
  };
  const who = data.view === "" ? "as it truly is" : `as ${data.view} sees it`;
  const flows = useMemo(() => drawn.placed.map((one) => <Flow key={one.node.id} one={one} drawn={drawn} part={share?.[one.index]} hue={brush < 0 ? "" : data.outcomes[brush]!.hue} />), [data, drawn, share]);
  const nodes = useMemo(() => drawn.placed.map((one) => <Node key={one.node.id} one={one} data={data} drawn={drawn} off={share?.[one.index] === 0} chosen={chosen === one.node.id} />), [data, drawn, share, chosen]);
  return (
    <div class="scroll flow" role="group" aria-label="The tree; it scrolls sideways">
      <Heads data={data} drawn={drawn} />
      <svg ref={picture} class={`picture tree${brush < 0 ? "" : " brushed"}`} role="tree" width={drawn.width} height={drawn.height} aria-label={`The tree ${who}: right to what follows, left to what came before, up and down along a stage, Enter for details`}
        onClick={clicked} onKeyDown={pressed} onFocusIn={arrived}>
        <g aria-hidden="true">{flows}</g>
        <Kin drawn={drawn} />
        {nodes}
      </svg>
    </div>
  );
}

function Heads({ data, drawn }: { data: TreeData; drawn: Layout }) {
  return (
    <svg class="picture heads" width={drawn.width} height={HEAD} aria-hidden="true">
      {drawn.columns.map((c, k) => {
        const column = data.columns[c.index];
        const before = data.columns[drawn.columns[k - 1]?.index ?? -1];
        if (!column) return null;
        const inner = k === 0 ? 0 : 4;
        const next = drawn.columns.slice(k + 1).find((other) => data.columns[other.index]?.period !== column.period);
        const room = (next?.x ?? drawn.width) - c.x - 16; // up to where another period begins
        return (
          <g key={c.index} transform={`translate(${c.x} 0)`}>
            {column.period !== (before?.period ?? "") && <text class="bold" x={-inner} y="13" font-size="11.5">{fitted(column.period, room)}</text>}
            <line class="rule" x1="0" x2="0" y1="20" y2={HEAD} />
            {column.who >= 0 && <path class={`mark ${tone(column.who)}`} d={mark(column.who, 4.5)} transform="translate(11 31)" />}
            <text x={column.who >= 0 ? 20 : 6} y="35" font-size="11.5" class="bold">{fitted(column.name, c.width - 22)}</text>
            <text x="6" y="50" font-size="11.5">{fitted(column.what, c.width - 10)}</text>
          </g>
        );
      })}
    </svg>
  );
}

const fitted = (said: string, room: number): string => (letters(said) <= room ? said : `${said.slice(0, Math.max(3, Math.floor(room / 7) - 1)).trimEnd()}…`);

// Histories that look alike to whoever decides there are joined.
function Kin({ drawn }: { drawn: Layout }) {
  const sets = new Map<number, Placed[]>();
  for (const one of drawn.placed) if ((one.node.set ?? -1) >= 0 && (one.node.kin ?? 1) > 1) sets.set(one.node.set!, [...(sets.get(one.node.set!) ?? []), one]);
  return (
    <g aria-hidden="true">
      {[...sets].filter(([, some]) => some.length > 1).map(([set, some], n) => {
        const x = some[0]!.x - 9 - 4 * (n % 3);
        const [top, bottom] = [Math.min(...some.map((s) => s.y)), Math.max(...some.map((s) => s.y))];
        return <path key={set} class="kin" d={`M${x} ${top}V${bottom}${some.map((s) => `M${x} ${s.y}H${s.x - 2}`).join("")}`} />;
      })}
    </g>
  );
}

// The flow to a node: under every mark, so that a mark is hit wherever it is seen. It belongs to the node it leads to.
function Flow({ one, drawn, part, hue }: { one: Placed; drawn: Layout; part: number | undefined; hue: string }) {
  const { node } = one;
  const parent = one.parent < 0 ? undefined : drawn.placed[one.parent]!;
  if (!parent) return null;
  return (
    <g class="flow-to" data-flow={node.id}>
      <path class={`edge-flow ${tone(parent.node.who)}${differs_at(node) ? " differs" : ""}${node.who === FOLD ? " rest" : ""}`} d={ribbon(one, parent)} />
      {part !== undefined && part > 0 && <path class={`brushed-flow ${hue}`} d={ribbon(one, parent, Math.min(part / node.reach, 1))} />}
    </g>
  );
}

interface One {
  one: Placed;
  data: TreeData;
  drawn: Layout;
  off: boolean;
  chosen: boolean;
}

function Node({ one, data, drawn, off, chosen }: One) {
  const { node } = one;
  const parent = one.parent < 0 ? undefined : drawn.placed[one.parent]!;
  const inner = one.children.length > 0 || one.closed;
  const differs = differs_at(node);
  const ending = node.who === ENDING ? data.outcomes[node.outcome ?? 0] : undefined;
  const knob = inner && parent !== undefined;
  const words = node.who === FOLD ? "" : node.label;
  return (
    <g role="treeitem" class={`node${chosen ? " chosen" : ""}${off ? " off" : ""}`} data-id={node.id} tabindex={-1} aria-level={one.level} aria-posinset={one.position} aria-setsize={one.siblings}
      {...(inner ? { "aria-expanded": !one.closed } : {})} aria-selected={chosen} aria-label={spoken(data, one, drawn)}>
      <rect class="hit" x={one.x - 12} y={one.y - 12} width={knob && node.who !== FOLD ? 18 : 24} height="24" />
      {parent && words && (
        <text x={one.x - one.room - 6} y={one.y - one.width / 2 - 4} font-size="11.5">
          {fitted(words, one.room - letters(percent(node.odds)) - (differs ? 76 : 0))} <tspan class="muted">{percent(node.odds)}{differs && ` (truly ${percent(node.truly!)})`}</tspan>
        </text>
      )}
      {ending ? <rect class={`mark ${ending.hue} ending`} x={one.x - 6} y={one.y - 6} width="12" height="12" /> : <path class={`mark ${tone(node.who)}`} d={mark(node.who)} transform={`translate(${one.x} ${one.y})`} />}
      {ending && <text x={one.x + 11} y={one.y + 4} font-size="12"><tspan class="bold">{ending.words}</tspan> {percent(node.reach)}</text>}
      {node.who === FOLD && <text class="muted" x={one.x + 13} y={one.y + 4} font-size="11.5">{words_of(node)}, {percent(node.reach)}</text>}
      {node.who === FOLD && <path class="plus" d={`M${one.x - 4} ${one.y}h8m-4 -4v8`} />}
      {knob && node.who !== FOLD && (
        <g class="knob">
          <rect class="hit" x={one.x + 6} y={one.y - 12} width="20" height="24" />
          <path d={`M${one.x + 8.5} ${one.y}a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0 -13 0m3 0h7${one.closed ? "m-3.5 -3.5v7" : ""}`} />
        </g>
      )}
      {one.closed && node.who !== FOLD && <text class="muted" x={one.x + 27} y={one.y + 4} font-size="11.5">{(node.plays ?? 0).toLocaleString("en")} {node.plays === 1 ? "history" : "histories"}, {percent(node.reach)}</text>}
    </g>
  );
}

// What a screen reader says of a node.
function spoken(data: TreeData, { node, closed, children }: Placed, drawn: Layout): string {
  const column = data.columns[node.column];
  const range = node.low === null || node.high === null ? "" : `, 90% of draws ${percent(node.low)} to ${percent(node.high)}`;
  const reach = `${percent(node.reach)} of all cases${range}`;
  const truth = node.truth === null || node.truth === undefined ? "" : `, in fact ${percent(node.truth)}`;
  const truly = node.truly === null || node.truly === undefined ? "" : `, truly ${percent(node.truly)}`;
  if (node.who === FOLD) return `${words_of(node)} folded, ${percent(node.reach)} of all cases${truth}`;
  const came = node.label ? `${node.label}, ${percent(node.odds)}${truly}. ` : "";
  if (node.who === ENDING) return `${came}Ends in ${data.outcomes[node.outcome ?? 0]?.words}: ${reach}${truth}`;
  const what = node.who === CHANCE ? `Then chance: ${column?.what}` : node.who === GATED ? `Then it depends: ${column?.what}` : `Then ${column?.name} decides: ${column?.what}`;
  const unseen = drawn.unseen.get(node.id);
  const less = unseen ? `, ${unseen} more rarer than 0.01%` : "";
  const more = closed ? `${(node.plays ?? 0).toLocaleString("en")} histories folded` : `${children.length} ${children.length === 1 ? "branch" : "branches"}${less}`;
  const alike = (node.kin ?? 1) > 1 ? `; it cannot tell ${node.kin} histories apart here` : "";
  return `${came}${what}${column?.period ? `, ${column.period}` : ""}. ${reach}${truth}; ${more}${alike}`;
}
