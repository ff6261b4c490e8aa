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

export class Draws {
  readonly n: number;
  // Outcomes, groups, the answer; then claims, which have no percentiles.
  readonly values: Float64Array[] = [];
  readonly ranged: number;
  private readonly orders: Uint32Array[];
  private readonly mixed: Float32Array;
  private readonly drawn: Uint8Array[];
  private readonly blocks: { there: Uint8Array; likely: Float32Array; count: number }[];
  readonly before: Found;

  constructor(readonly data: Data) {
    const n = (this.n = data.draws);
    const all = floats(data.rows);
    const row = (k: number): Float64Array => Float64Array.from(all.subarray(k * n, (k + 1) * n));
    for (let k = 0; k < data.outcomes; k++) this.values.push(row(k));
    for (const of of data.groups) this.values.push(new Float64Array(n).map((_, i) => of.reduce((sum, k) => sum + this.values[k]![i]!, 0)));
    if (data.asks) this.values.push(row(data.outcomes));
    this.ranged = this.values.length;
    const [known, held] = [bytes(data.known), bytes(data.held)];
    const bit = (of: Uint8Array, k: number): number => (of[k >> 3]! >> (7 - (k & 7))) & 1;
    for (let k = 0; k < data.claims; k++) this.values.push(new Float64Array(n).map((_, i) => (bit(known, k * n + i) ? bit(held, k * n + i) : NaN)));
    this.orders = this.values.slice(0, this.ranged).map((v) => new Uint32Array(n).map((_, i) => i).filter((i) => v[i] === v[i]).sort((a, b) => v[a]! - v[b]! || a - b));
    this.mixed = floats(data.mixed);
    this.drawn = data.sliders.map((s) => bytes(s.drawn));
    this.blocks = data.blocks.map((b) => ({ there: bytes(b.there), likely: floats(b.likely), count: b.count }));
    this.before = this.at(new Map())!;
  }

  // What the draws say under some beliefs; nothing where structures exclude each other and cannot be so likely.
  at(beliefs: Beliefs): Found | undefined {
    const weights = this.weights(beliefs);
    if (!weights) return undefined;
    const squares = weights.reduce((sum, w) => sum + w * w, 0);
    const total = weights.reduce((sum, w) => sum + w, 0);
    const worth = squares > 0 ? Math.min((total * total) / squares, this.n) : 0;
    return { rows: this.values.map((_, k) => this.row(k, weights)), worth, share: worth / this.n };
  }

  // The standard error of the difference between two means over the same draws.
  gap(k: number, after: Found): number {
    const [one, other] = [this.before.rows[k]!.pull, after.rows[k]!.pull];
    const sum = other.reduce((total, p, i) => total + (p - one[i]!) ** 2, 0);
    return Math.sqrt((sum * this.n) / Math.max(this.n - 1, 1));
  }

  private weights(beliefs: Beliefs): Float64Array | undefined {
    const { n, data } = this;
    const logs = new Float64Array(n);
    const shifts: [number, number][] = [];
    const wanted = new Map<number, [number[], number][]>();
    for (const [k, belief] of beliefs) {
      const of = data.sliders[k]!;
      if (typeof belief !== "number") {
        const ratio = belief.map((p, i) => Math.log(p / of.chances[i]!));
        for (let i = 0; i < n; i++) logs[i]! += ratio[this.drawn[k]![i]!]!;
      } else if (of.kind === "structure") wanted.set(of.block, [...(wanted.get(of.block) ?? []), [of.present, belief]]);
      else shifts.push([of.row, score(of, belief)]);
    }
    for (const [row, d] of shifts) {
      const mixed = this.mixed.subarray(row * n, (row + 1) * n);
      const middle = shifts.reduce((sum, [other, e]) => sum + data.gram[row]![other]! * e, 0) / 2;
      for (let i = 0; i < n; i++) logs[i]! += d * (mixed[i]! - middle);
    }
    for (const [block, some] of wanted) {
      const { there, likely, count } = this.blocks[block]!;
      if (!possible(count, some)) return undefined;
      const fitted = fit(likely, n, some);
      for (let i = 0; i < n; i++) {
        const at = there[i]! * n + i;
        logs[i]! += Math.log(fitted[at]! / Math.max(likely[at]!, 1e-300));
      }
    }
    const most = logs.reduce((a, b) => Math.max(a, b), -Infinity);
    if (!Number.isFinite(most)) return new Float64Array(n);
    const found = logs.map((x) => Math.exp(x - most));
    const total = found.reduce((sum, w) => sum + w, 0);
    return found.map((w) => w / total);
  }

  private row(k: number, weights: Float64Array): Row {
    const [values, n] = [this.values[k]!, this.n];
    let [total, known] = [0, 0];
    for (let i = 0; i < n; i++) if (values[i] === values[i]) (total += weights[i]!), known++;
    const pull = new Float64Array(n);
    let mean = total > 0 ? 0 : NaN;
    for (let i = 0; i < n; i++) if (values[i] === values[i]) mean += (weights[i]! / total) * values[i]!;
    let squares = 0;
    for (let i = 0; i < n; i++) if (values[i] === values[i]) squares += (pull[i] = (weights[i]! / (total || 1)) * (values[i]! - mean)) ** 2;
    const error = known > 1 ? Math.sqrt((squares * known) / (known - 1)) : NaN;
    const [low, high] = k < this.ranged ? this.percentiles(k, weights) : [NaN, NaN];
    return { mean, error, low, high, known, pull };
  }

  // The 5th and 95th percentile, linear between the middles of the masses of draws.
  private percentiles(k: number, weights: Float64Array): [number, number] {
    const values = this.values[k]!;
    const order = this.orders[k]!.filter((i) => weights[i]! > 0);
    if (!order.length) return [NaN, NaN];
    const middles = new Float64Array(order.length);
    let sum = 0;
    order.forEach((i, j) => ((sum += weights[i]!), (middles[j] = sum - weights[i]! / 2)));
    const [first, last] = [middles[0]!, middles[middles.length - 1]!];
    const at = (share: number): number => {
      const wanted = first + share * (last - first);
      let j = 1;
      while (j < middles.length - 1 && middles[j]! <= wanted) j++;
      const [a, b] = [values[order[j - 1]!]!, values[order[j] ?? order[j - 1]!]!];
      const width = middles[j]! - middles[j - 1]!;
      return width > 0 ? a + ((b - a) * (wanted - middles[j - 1]!)) / width : a;
    };
    return [at(0.05), at(0.95)];
  }
}

// [alternatives * n] the probabilities nearest to some in which structures are as likely as wanted.
function fit(likely: ArrayLike<number>, n: number, wanted: [number[], number][]): Float64Array {
  const found = Float64Array.from(likely);
  const mass = (i: number, present: number[], inside: number): number => present.reduce((sum, p, a) => (p === inside ? sum + found[a * n + i]! : sum), 0);
  for (let round = 0; round < (wanted.length > 1 ? 500 : 1); round++) {
    for (const [present, weight] of wanted)
      for (const inside of [1, 0])
        for (let i = 0; i < n; i++) {
          const by = (inside ? weight : 1 - weight) / (mass(i, present, inside) || 1);
          present.forEach((p, a) => p === inside && (found[a * n + i]! *= by));
        }
    if (wanted.every(([present, weight]) => { for (let i = 0; i < n; i++) if (Math.abs(mass(i, present, 1) - weight) >= 1e-9) return false; return true; })) break;
  }
  return found;
}

function possible(count: number, wanted: [number[], number][]): boolean {
  const fitted = fit(new Array<number>(count).fill(1), 1, wanted);
  return wanted.every(([present, weight]) => Math.abs(present.reduce((sum, p, a) => sum + p * fitted[a]!, 0) - weight) <= 1e-6);
}
