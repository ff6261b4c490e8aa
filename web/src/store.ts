// What the page is looking at: scenarios, each with its past; what was undone; where in the page one is.
// The page owns all of this. It survives a reload (session storage), and a server that dies.
import { computed, effect, signal } from "@preact/signals";
import * as host from "./host";
import { basis, meta } from "./host";
import type { State } from "./types";

export interface Scenario {
  id: string;
  name: string;
  past: State[];
  now: State;
  future: State[];
}

export interface Route {
  screen: string;
  options: Record<string, string>;
}

export const cases: string[] = JSON.parse(meta("cases") || "[]");
export const nonce = meta("nonce");
export const editor_address = meta("editor");
export const files: string[] = JSON.parse(meta("files") || "[]"); // the cases that were opened from a file
const first = meta("case");
export const AS_WRITTEN = "As written"; // what the first scenario of a case is called
const MOST = 200; // steps that can be undone
const TOGETHER = 800; // milliseconds within which moves of one slider are one step

export const plain = (name: string): State => ({ case: name, ...basis });
const scenario = (state: State, name: string): Scenario => ({ id: crypto.getRandomValues(new Uint32Array(4)).join("-"), name, past: [], now: state, future: [] });

interface Kept {
  scenarios: Scenario[];
  current: string;
  route?: Route;
  hash?: string; // the address when this was kept: it is written a little later than what is looked at changes
}

// What a text holds that was kept; undefined where it is empty, or cannot be read.
function unkept(text: string): Kept | undefined {
  try {
    const found = JSON.parse(text) as Kept;
    return found.scenarios.some((s) => s.id === found.current) ? found : undefined;
  } catch {
    return undefined;
  }
}

function kept(): Kept {
  const found = unkept(host.kept());
  if (found) return found;
  const one = scenario(plain(first), AS_WRITTEN);
  return { scenarios: [one], current: one.id };
}

const begun = kept();
const told_all = begun.hash !== undefined && begun.hash === host.place(); // then the address knows nothing newer
export const scenarios = signal<Scenario[]>(begun.scenarios);
export const current = signal<string>(begun.current);
export const scenario_now = computed<Scenario>(() => scenarios.value.find((s) => s.id === current.value) ?? scenarios.value[0]!);
export const state = computed<State>(() => scenario_now.value.now);
export const route = signal<Route>((told_all && begun.route) || read_route());

let last_key = "";
let last_time = 0;

// Change the state of the scenario that is looked at. Changes with the same key that follow each other at once are one step.
export function edit(change: (state: State) => State, key = ""): void {
  const time = performance.now();
  const joined = key !== "" && key === last_key && time - last_time < TOGETHER;
  [last_key, last_time] = [key, time];
  update((s) => {
    const now = trimmed(change(s.now));
    if (same(now, s.now)) return s;
    const past = joined && s.past.length > 0 ? s.past : [...s.past, s.now].slice(-MOST);
    return { ...s, past, now, future: [] };
  });
}

export function undo(): void {
  last_key = "";
  update((s) => {
    const before = s.past.at(-1);
    return before ? { ...s, past: s.past.slice(0, -1), now: before, future: [s.now, ...s.future] } : s;
  });
}

export function redo(): void {
  last_key = "";
  update((s) => {
    const [next, ...rest] = s.future;
    return next ? { ...s, past: [...s.past, s.now], now: next, future: rest } : s;
  });
}

export function reset(): void {
  edit((s) => ({ case: s.case, ...(s.seed === undefined ? {} : { seed: s.seed }), ...(s.draws === undefined ? {} : { draws: s.draws }) }));
}

export const open_case = (name: string): void => open_state(plain(name), AS_WRITTEN, "answer");

export function open_state(of: State, name: string, screen: string): void {
  const one = scenario(of, name);
  [scenarios.value, current.value] = [[one], one.id];
  go(screen);
}

export function add_scenario(name: string, from: State = state.value): string {
  const one = scenario(from, name);
  [scenarios.value, current.value] = [[...scenarios.value, one], one.id];
  return one.id;
}

export const damaged = signal(false); // whether the address held a state that cannot be read

export const removed = signal<Scenario | undefined>(undefined); // the last one, which can be brought back

export function bring_back(): void {
  const one = removed.value;
  if (!one) return;
  [scenarios.value, current.value, removed.value] = [[...scenarios.value, one], one.id, undefined];
}

export function drop_scenario(id: string): void {
  if (scenarios.value.length < 2) return;
  removed.value = scenarios.value.find((s) => s.id === id);
  scenarios.value = scenarios.value.filter((s) => s.id !== id);
  if (current.value === id) current.value = scenarios.value[0]!.id;
}

export function rename_scenario(id: string, name: string): void {
  scenarios.value = scenarios.value.map((s) => (s.id === id ? { ...s, name } : s));
}

// What is set otherwise than the case has it, in how many places.
export const moved = (s: State): number =>
  Object.keys(s.suppose ?? {}).length + Object.keys(s.set ?? {}).length + (s.changes ?? []).length + (s.as_of ? 1 : 0);

export const same = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, sorted(v)]));
}

function trimmed(s: State): State {
  const empty = (value: unknown): boolean => value === null || value === undefined || (typeof value === "object" && Object.keys(value).length === 0);
  return Object.fromEntries(Object.entries(s).filter(([, value]) => !empty(value))) as unknown as State;
}

function update(change: (s: Scenario) => Scenario): void {
  scenarios.value = scenarios.value.map((s) => (s.id === current.value ? change(s) : s));
}

// -------------------------------------------------------------------------------------------------- addresses

export function go(screen: string, options: Record<string, string> = {}): void {
  route.value = { screen, options };
}

const written = (s: State): string => btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(s)))).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const unwritten = (text: string): State =>
  JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0)))) as State;

// The address of what is looked at: the screen, its options, and the state.
export function address(to: Route = route.value, of: State = state.value): string {
  const asked = new URLSearchParams(to.options);
  if (of.case) asked.set("s", written(of));
  return `#/${to.screen}?${asked.toString()}`;
}

function read_route(): Route {
  const [path, query] = host.place().replace(/^#\/?/, "").split("?");
  const asked = Object.fromEntries(new URLSearchParams(query ?? ""));
  delete asked["s"];
  delete asked["h"];
  return { screen: path || (first ? "answer" : "library"), options: asked };
}

// What the text of the case was known by when the link was made that one came by.
export const linked = signal<{ case: string; digest: string } | undefined>(undefined);

// An address to be sent: it says, too, what the text of the case is known by.
export const shared = (to: Route, of: State, digest: string): string => `${location.origin}/${address(to, { ...of, seed: of.seed ?? 1 })}&h=${digest}`;

// Take over the state that an address holds, unless it is the one that is looked at.
export function follow(): void {
  const asked = new URLSearchParams(location.hash.split("?")[1] ?? "");
  const text = asked.get("s");
  route.value = read_route();
  if (!text) return;
  try {
    const told = unwritten(text);
    const digest = asked.get("h");
    if (digest) linked.value = { case: told.case, digest };
    if (!same(told, state.value)) {
      if (told.case === state.value.case) edit(() => told);
      else {
        const one = scenario(told, "From a link");
        [scenarios.value, current.value] = [[one], one.id];
      }
    }
    damaged.value = false;
  } catch {
    damaged.value = true; // an address that nobody wrote here, or that was cut
  }
}

export const held = (): Kept => ({ scenarios: scenarios.value, current: current.value, route: route.value });
const keep = (): void => host.keep(JSON.stringify({ ...held(), hash: host.place() }));

// Look at what was kept elsewhere.
export function take(text: string): void {
  const found = unkept(text);
  if (found && !same([found.scenarios, found.current], [scenarios.value, current.value])) [scenarios.value, current.value] = [found.scenarios, found.current];
}

let waiting = 0;
let keeping = 0;
export function start(): void {
  if (!told_all) follow();
  addEventListener("hashchange", follow);
  effect(() => {
    const to = address();
    held(); // whatever of it changes
    clearTimeout(keeping);
    keeping = window.setTimeout(keep, 0); // a page that is loaded again may begin before this one hears of its end
    clearTimeout(waiting);
    waiting = window.setTimeout(() => {
      if (location.hash !== to) history.replaceState(null, "", to); // browsers refuse more than a few a second
      keep();
    }, 300);
  });
  addEventListener("pagehide", keep);
}
