// Solved draws weighed anew, number for number as `detente.analyse.sensitivity.reweighting` does it in Python.
export interface Handle {
  name: string;
  kind: "number" | "chances" | "structure";
  now: number;
  scale: number;
  x: number[];
  ends: [number, number];
  row: number;
  values: number[];
  chances: number[];
  drawn: string;
  block: number;
  present: number[];
}

export interface Data {
  draws: number;
  least: number;
  outcomes: number;
  groups: number[][];
  asks: boolean;
  claims: number;
  rows: string;
  known: string;
  held: string;
  mixed: string;
  gram: number[][];
  blocks: { there: string; likely: string; count: number }[];
  sliders: Handle[];
}

// A belief: a best guess, how likely a structure is, or how likely each of a few values is.
export type Belief = number | number[];
export type Beliefs = Map<number, Belief>;

export interface Row {
  mean: number;
  error: number;
  low: number;
  high: number;
  known: number;
  pull: Float64Array;
}

export interface Found {
  rows: Row[];
  worth: number;
  share: number;
}

const bytes = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const floats = (text: string): Float32Array => new Float32Array(bytes(text).buffer);

const SCALES: ((v: number) => number)[] = [(v) => v, Math.log, (v) => -Math.log(-v), (v) => Math.log(v) - Math.log1p(-v)];

// The score at which a quantity has a value; knots lie evenly in scores: the cubic through the nearest four knots, a straight line through two.
export function score(of: Handle, value: number): number {
  if (value === of.now) return 0;
  const { x, ends } = of;
  const step = (ends[1] - ends[0]) / (x.length - 1);
  const at = SCALES[of.scale]!(value);
  const width = Math.min(4, x.length);
  let after = x.findIndex((knot) => knot >= at);
  if (after < 0) after = x.length;
  const first = Math.min(Math.max(after - (width >> 1), 0), x.length - width);
  let found = 0;
  for (let i = first; i < first + width; i++) {
    let part = ends[0] + step * i;
    for (let j = first; j < first + width; j++) if (j !== i) part *= (at - x[j]!) / (x[i]! - x[j]!);
    found += part;
  }
  return found;
}

export interface Draws {
  before: Found;
  // What the draws say under some beliefs; nothing where structures exclude each other and cannot be so likely.
  at: (beliefs: Beliefs) => Found | undefined;
  // The standard error of the difference between a mean and what it is as written, over the same draws.
  gap: (k: number, after: Found) => number;
}

const sum = (n: number, of: (i: number) => number): number => {
  let total = 0;
  for (let i = 0; i < n; i++) total += of(i);
  return total;
};

export function draws(data: Data): Draws {
  const { draws: n, sliders, gram } = data;
  const all = floats(data.rows);
  const row = (k: number): Float64Array => Float64Array.from(all.subarray(k * n, (k + 1) * n));
  const each = (of: (i: number) => number): Float64Array => new Float64Array(n).map((_, i) => of(i));
  // Outcomes, groups, the answer; then claims, which have no percentiles.
  const values: Float64Array[] = [];
  for (let k = 0; k < data.outcomes; k++) values.push(row(k));
  for (const of of data.groups) values.push(each((i) => of.reduce((total, k) => total + values[k]![i]!, 0)));
  if (data.asks) values.push(row(data.outcomes));
  const orders = values.map((v) => new Uint32Array(n).map((_, i) => i).filter((i) => v[i] === v[i]).sort((a, b) => v[a]! - v[b]! || a - b));
  const [known, held] = [bytes(data.known), bytes(data.held)];
  const bit = (of: Uint8Array, k: number): number => (of[k >> 3]! >> (7 - (k & 7))) & 1;
  for (let k = 0; k < data.claims; k++) values.push(each((i) => (bit(known, k * n + i) ? bit(held, k * n + i) : NaN)));
  const mixed = floats(data.mixed);
  const drawn = sliders.map((s) => bytes(s.drawn));
  const blocks = data.blocks.map((b) => ({ there: bytes(b.there), likely: floats(b.likely), count: b.count }));
  const before = at(new Map())!;

  function at(beliefs: Beliefs): Found | undefined {
    const weights = weighed(beliefs);
    if (!weights) return undefined;
    const squares = sum(n, (i) => weights[i]! ** 2);
    const worth = squares > 0 ? Math.min(sum(n, (i) => weights[i]!) ** 2 / squares, n) : 0;
    return { rows: values.map((_, k) => read(k, weights)), worth, share: worth / n };
  }

  function gap(k: number, after: Found): number {
    const [one, other] = [before.rows[k]!.pull, after.rows[k]!.pull];
    return Math.sqrt((sum(n, (i) => (other[i]! - one[i]!) ** 2) * n) / Math.max(n - 1, 1));
  }

  // How much each draw weighs: together 1, or 0 where none of them can be.
  function weighed(beliefs: Beliefs): Float64Array | undefined {
    const logs = new Float64Array(n);
    const shifts: [number, number][] = [];
    const wanted = new Map<number, [number[], number][]>();
    for (const [k, belief] of beliefs) {
      const of = sliders[k]!;
      if (typeof belief !== "number") {
        const ratio = belief.map((p, i) => Math.log(p / of.chances[i]!));
        for (let i = 0; i < n; i++) logs[i]! += ratio[drawn[k]![i]!]!;
      } else if (of.kind === "structure") wanted.set(of.block, [...(wanted.get(of.block) ?? []), [of.present, belief]]);
      else shifts.push([of.row, score(of, belief)]);
    }
    for (const [k, d] of shifts) {
      const middle = shifts.reduce((total, [other, e]) => total + gram[k]![other]! * e, 0) / 2;
      for (let i = 0; i < n; i++) logs[i]! += d * (mixed[k * n + i]! - middle);
    }
    for (const [block, some] of wanted) {
      const { there, likely, count } = blocks[block]!;
      if (!possible(count, some)) return undefined;
      const fitted = fit(likely, n, some);
      for (let i = 0; i < n; i++) logs[i]! += Math.log(fitted[there[i]! * n + i]! / likely[there[i]! * n + i]!);
    }
    const most = logs.reduce((a, b) => Math.max(a, b), -Infinity);
    if (!Number.isFinite(most)) return new Float64Array(n);
    const found = logs.map((x) => Math.exp(x - most));
    const total = sum(n, (i) => found[i]!);
    return found.map((w) => w / total);
  }

  function read(k: number, weights: Float64Array): Row {
    const v = values[k]!;
    const there = (i: number): boolean => v[i] === v[i];
    const known = sum(n, (i) => Number(there(i)));
    const total = sum(n, (i) => (there(i) ? weights[i]! : 0));
    const mean = total > 0 ? sum(n, (i) => (there(i) ? (weights[i]! / total) * v[i]! : 0)) : NaN;
    const pull = each((i) => (there(i) ? (weights[i]! / (total || 1)) * (v[i]! - mean) : 0));
    const error = known > 1 ? Math.sqrt((sum(n, (i) => pull[i]! ** 2) * known) / (known - 1)) : NaN;
    const [low, high] = orders[k] ? percentiles(v, orders[k].filter((i) => weights[i]! > 0), weights) : [NaN, NaN];
    return { mean, error, low, high, known, pull };
  }
  return { before, at, gap };
}

// The 5th and 95th percentile, linear between the middles of the masses of draws in ascending order.
function percentiles(v: Float64Array, order: Uint32Array, weights: Float64Array): [number, number] {
  const many = order.length;
  if (!many) return [NaN, NaN];
  let mass = 0;
  const middles = new Float64Array(many).map((_, j) => (mass += weights[order[j]!]!) - weights[order[j]!]! / 2);
  const at = (share: number): number => {
    const wanted = middles[0]! + share * (middles[many - 1]! - middles[0]!);
    let j = 1;
    while (j < many - 1 && middles[j]! <= wanted) j++;
    const [a, b] = [v[order[j - 1]!]!, v[order[j] ?? order[0]!]!];
    const width = middles[j]! - middles[j - 1]!;
    return width > 0 ? a + ((b - a) * (wanted - middles[j - 1]!)) / width : a;
  };
  return [at(0.05), at(0.95)];
}

type Wanted = [present: number[], weight: number][];

// [alternatives * n] the probabilities nearest to some in which structures are as likely as wanted.
function fit(likely: ArrayLike<number>, n: number, wanted: Wanted): Float64Array {
  const found = Float64Array.from(likely);
  for (let round = 0; round < (wanted.length > 1 ? 500 : 1); round++) {
    for (const [present, weight] of wanted)
      for (const inside of [1, 0])
        for (let i = 0; i < n; i++) {
          const by = (inside ? weight : 1 - weight) / (mass(found, n, i, present, inside) || 1);
          present.forEach((p, a) => p === inside && (found[a * n + i]! *= by));
        }
    if (away(found, n, wanted) < 1e-9) break;
  }
  return found;
}

const mass = (likely: Float64Array, n: number, i: number, present: number[], inside: number): number =>
  present.reduce((total, p, a) => (p === inside ? total + likely[a * n + i]! : total), 0);

// How far the farthest structure is from what is wanted.
function away(likely: Float64Array, n: number, wanted: Wanted): number {
  let most = 0;
  for (const [present, weight] of wanted) for (let i = 0; i < n; i++) most = Math.max(most, Math.abs(mass(likely, n, i, present, 1) - weight));
  return most;
}

const possible = (count: number, wanted: Wanted): boolean => away(fit(new Array<number>(count).fill(1), 1, wanted), 1, wanted) <= 1e-6;
