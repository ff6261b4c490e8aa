// Where the nodes of a tree stand: a column for each stage, a row for each leaf, and flows as wide as they are likely.
import type { TreeData, TreeNode } from "../types";

export const [CHANCE, ENDING, FOLD, GATED] = [-1, -2, -3, -4];
export const WHOLE = 72; // pixels, for what is certain
const BEND = 54; // pixels in which a flow turns into its row
const [ABOVE, BESIDE] = [16, 8]; // pixels for the words on a flow, and for half of those at its end
const RIGHT = 190; // room for the name of an ending in the last column
export const UNSEEN = 5e-5; // a fold less likely than that is not drawn, but told

export interface Placed {
  node: TreeNode;
  index: number; // its place in the data
  parent: number; // the place of its parent among those placed, -1 at the root
  children: number[];
  closed: boolean; // folded in the page, or by the server
  level: number;
  position: number; // among its siblings, from 1
  siblings: number;
  x: number;
  y: number;
  width: number; // of its flow
  from: number; // where its flow leaves its parent, the upper side
  room: number; // pixels for the words on its flow
}

export interface Layout {
  placed: Placed[];
  by_id: Map<number, number>;
  columns: { x: number; index: number; width: number }[];
  width: number;
  height: number;
  unseen: Map<number, number>; // by id: of how many branches nothing is drawn
}

export const letters = (text: string): number => 6.3 * text.length;

export function percent(p: number): string {
  if (p === 0 || p === 1) return `${100 * p}%`;
  const rest = Math.min(p, 1 - p);
  const digits = rest >= 0.1 ? 0 : rest >= 0.001 ? 1 : 2;
  const step = 10 ** -(digits + 2);
  if (p < 0.51 * step) return `<${(100 * step).toFixed(digits)}%`;
  if (p > 1 - 0.51 * step) return p > 1 - 1e-12 ? "100%" : `>${(100 * (1 - step)).toFixed(digits)}%`;
  return `${(100 * p).toFixed(digits)}%`;
}

const DIFFERENT = 0.01; // by which a step is more or less likely to an actor than it is
export const differs_at = (node: TreeNode): boolean => node.truly !== null && node.truly !== undefined && Math.abs(node.truly - node.odds) >= DIFFERENT;

export const words_of = (node: TreeNode): string =>
  node.who === FOLD ? `+${(node.plays ?? 0).toLocaleString("en")} ${node.plays === 1 ? "history" : "histories"}` : node.label;

// Lay out what is drawn of a tree. `closed`: nodes that are folded in the page.
export function layout(data: TreeData, closed: ReadonlySet<number>): Layout {
  const below: number[][] = data.nodes.map(() => []);
  const unseen = new Map<number, number>();
  data.nodes.forEach((node, k) => {
    if (node.parent < 0) return;
    const above = data.nodes[node.parent]!;
    if (node.who === FOLD && node.reach < UNSEEN) unseen.set(above.id, node.branches ?? 1);
    else below[node.parent]!.push(k);
  });
  const placed: Placed[] = [];
  const by_id = new Map<number, number>();
  const place = (index: number, parent: number, position: number, siblings: number): number => {
    const node = data.nodes[index]!;
    const me = placed.length;
    const shut = closed.has(node.id) && below[index]!.length > 0;
    const width = WHOLE * node.reach;
    placed.push({ node, index, parent, children: [], closed: shut || node.folded === true, level: parent < 0 ? 1 : placed[parent]!.level + 1, position, siblings, x: 0, y: 0, width, from: 0, room: 0 });
    by_id.set(node.id, me);
    if (!shut) {
      const kin = below[index]!;
      kin.forEach((child, k) => placed[me]!.children.push(place(child, me, k + 1, kin.length)));
    }
    return me;
  };
  if (data.nodes.length > 0) place(0, -1, 1, 1);
  let y = 0;
  const settle = (k: number): void => {
    const one = placed[k]!;
    if (one.children.length === 0) {
      one.y = y + one.width / 2 + ABOVE;
      y = one.y + Math.max(one.width / 2, BESIDE) + 1;
      return;
    }
    one.children.forEach(settle);
    one.y = (placed[one.children[0]!]!.y + placed[one.children.at(-1)!]!.y) / 2;
    let from = one.y - one.children.reduce((sum, c) => sum + placed[c]!.width, 0) / 2;
    for (const c of one.children) {
      placed[c]!.from = from;
      from += placed[c]!.width;
    }
  };
  if (placed.length > 0) settle(0);
  const used = [...new Set(placed.map((p) => p.node.column))].sort((a, b) => a - b);
  const wide = new Map<number, number>(used.map((c) => [c, 0]));
  for (const one of placed) {
    const said = words_of(one.node).length + percent(one.node.odds).length + (differs_at(one.node) ? 14 : 2);
    const needed = Math.min(BEND + 18 + letters("x".repeat(said)), 230);
    wide.set(one.node.column, Math.max(wide.get(one.node.column)!, needed));
  }
  const columns: Layout["columns"] = [];
  let x = 14;
  used.forEach((index, k) => {
    x += k === 0 ? 0 : Math.max(wide.get(index)!, 84);
    columns.push({ x, index, width: 0 });
  });
  const at = new Map(columns.map((c) => [c.index, c.x]));
  columns.forEach((c, k) => (c.width = (columns[k + 1]?.x ?? x + RIGHT) - c.x));
  for (const one of placed) {
    one.x = at.get(one.node.column)!;
    if (one.parent >= 0) one.room = one.x - placed[one.parent]!.x - BEND - 14;
  }
  return { placed, by_id, columns, width: x + RIGHT, height: y + 10, unseen };
}

// The outline of the flow to a node; `share` of it, from its upper side, where a part is meant.
export function ribbon(one: Placed, parent: Placed, share = 1): string {
  const wide = Math.max(one.width * share, 1);
  const slack = share === 1 ? (wide - one.width) / 2 : 0; // what is too thin to be seen is drawn a pixel wide
  const [x0, x1, x2] = [parent.x, parent.x + BEND, one.x];
  const [a, b] = [one.from - slack, one.y - one.width / 2 - slack];
  const half = (x0 + x1) / 2;
  const n = (v: number): string => v.toFixed(1);
  return `M${n(x0)} ${n(a)}C${n(half)} ${n(a)} ${n(half)} ${n(b)} ${n(x1)} ${n(b)}H${n(x2)}V${n(b + wide)}H${n(x1)}C${n(half)} ${n(b + wide)} ${n(half)} ${n(a + wide)} ${n(x0)} ${n(a + wide)}Z`;
}

// How much of what comes to each node goes on to an outcome, by place among those placed.
export function toward(data: TreeData, outcome: number): number[] {
  const found = data.nodes.map((node) => {
    if (node.outcome === outcome && node.who === ENDING) return node.reach;
    return ((node.ends ?? []) as [number, number][]).reduce((sum, [o, p]) => sum + (o === outcome ? p : 0), 0);
  });
  for (let k = data.nodes.length - 1; k > 0; k--) {
    const above = data.nodes[k]!.parent;
    if (above >= 0) found[above]! += found[k]!;
  }
  return found;
}

// Marks of actors: told apart by their shape, whatever one sees of tones. Chance has a small ring.
const SHAPES: ((r: number) => string)[] = [
  (r) => `M${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`,
  (r) => `M${-r} ${-r}H${r}V${r}H${-r}Z`,
  (r) => `M0 ${-1.3 * r}L${1.3 * r} 0L0 ${1.3 * r}L${-1.3 * r} 0Z`,
  (r) => `M0 ${-1.2 * r}L${1.2 * r} ${r}H${-1.2 * r}Z`,
  (r) => `M0 ${1.2 * r}L${1.2 * r} ${-r}H${-1.2 * r}Z`,
  (r) => `M${-r} ${-0.4 * r}H${-0.4 * r}V${-r}H${0.4 * r}V${-0.4 * r}H${r}V${0.4 * r}H${0.4 * r}V${r}H${-0.4 * r}V${0.4 * r}H${-r}Z`,
];
export const mark = (who: number, r = 6): string => (who >= 0 ? SHAPES[who % SHAPES.length]!(r) : SHAPES[0]!(who === FOLD ? 7.5 : 3.5));
export const tone = (who: number): string => (who >= 0 ? `k${1 + (who % 3)} actor` : who === FOLD ? "fold" : "chance");
