// The seats that this tab holds, one for each case: the number of a table and the key of a seat, and nothing of the play.
import { signal } from "@preact/signals";
import { useEffect, useRef, useState } from "preact/hooks";
import { ask, stop } from "../socket";
import { go, open_case, plain, state } from "../store";
import { asked } from "./asking";
import type { AtSeat, Invitation, Mistake, Reply, Seated } from "../types";

export interface Held {
  table: string;
  key: string;
  invitations: Invitation[];
}

const KEPT = "detente-plays";
const KEYS = "detente-keys"; // of invitations that are being accepted: a page that is loaded again asks with the same key
const RHYTHM = 1000; // milliseconds; always the same, so that nobody learns from it whose move it is

const stored = <T>(name: string): Record<string, T> => JSON.parse(sessionStorage.getItem(name) ?? "{}") as Record<string, T>;
export const held = signal<Record<string, Held>>(stored<Held>(KEPT));

function keep(all: Record<string, Held>): void {
  held.value = all;
  sessionStorage.setItem(KEPT, JSON.stringify(all));
}

export const hold = (of: string, seat: Held): void => keep({ ...held.value, [of]: seat });

export function leave(of: string): void {
  const { [of]: _, ...rest } = held.value;
  keep(rest);
}

export const new_key = (): string => Array.from(crypto.getRandomValues(new Uint8Array(24)), (b) => b.toString(16).padStart(2, "0")).join("");

// Sit down: at a new table, at one that is gone on with, or at the seat of an invitation. What is wrong is returned.
export async function sit(options: Record<string, unknown>, key = new_key()): Promise<Mistake[]> {
  const reply = await asked("sit", "sit", state.value, { ...options, key });
  const seated = reply?.data as Seated | undefined;
  if (!seated) return reply?.mistakes ?? [];
  hold(seated.case, { table: seated.table, key, invitations: seated.invitations });
  if (seated.case !== state.value.case) open_case(seated.case);
  go("play");
  return [];
}

export async function accept(table: string, invitation: string): Promise<Mistake[]> {
  const keys = stored<string>(KEYS);
  const key = (keys[invitation] ??= new_key());
  sessionStorage.setItem(KEYS, JSON.stringify(keys));
  return sit({ table, invitation }, key);
}

export interface Shown {
  html: Record<string, string>;
  at: AtSeat | undefined;
  mistakes: Mistake[];
  busy: boolean;
  move: (name: string) => void;
}

// What a seat sees. With somebody else at the table it is asked for again and again, at one rhythm.
export function useSeat({ table, key }: Held): Shown {
  const [shown, show] = useState<Omit<Shown, "move">>({ html: {}, at: undefined, mistakes: [], busy: true });
  const now = useRef(shown);
  const set = (next: Omit<Shown, "move">): void => show((now.current = next));
  const name = `seat ${table}`;

  function heard(reply: Reply, moved: boolean): void {
    const [data, before] = [reply.data as AtSeat | undefined, now.current];
    const mistakes = reply.mistakes ?? [];
    if (!data) set({ ...before, mistakes, busy: false });
    else if (data.same) {
      if (moved || before.mistakes.length > 0 || before.busy) set({ ...before, mistakes: moved ? mistakes : [], busy: false });
    } else if (!before.at || data.made >= before.at.made) set({ html: reply.html ?? {}, at: data, mistakes, busy: false }); // else it was on its way when a move was made
  }
  const look = (): void => ask("seat", name, plain(""), { table, key, ...(now.current.at ? { mark: now.current.at.mark } : {}) }, (reply) => heard(reply, false));

  function move(wanted: string): void {
    const at = now.current.at;
    if (!at || now.current.busy) return;
    set({ ...now.current, busy: true, mistakes: [] });
    ask("seat", `${name} move`, plain(""), { table, key, move: wanted, made: at.made }, (reply) => heard(reply, true));
  }

  useEffect(() => {
    look();
    return () => {
      stop(name);
      stop(`${name} move`);
    };
  }, [table, key]);
  const several = (shown.at?.seats.length ?? 0) > 1 && shown.at?.phase !== "over";
  useEffect(() => {
    if (!several) return;
    const clock = setInterval(look, RHYTHM);
    return () => clearInterval(clock);
  }, [table, key, several]);
  return { ...shown, move };
}

// A link that opens the workbench once, and in it the seat of an invitation. Fragments are not sent to any server.
export async function link_to(address: string): Promise<string> {
  const answer = await fetch("/links", { method: "POST" });
  if (!answer.ok) throw new Error("no link");
  const { path } = (await answer.json()) as { path: string };
  return `${location.origin}${path}${address}`;
}
