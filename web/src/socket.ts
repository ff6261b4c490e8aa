// Questions and answers: what is asked under a key takes the place of what was asked under it before.
// A page whose server has died keeps everything, says so, and asks again when there is a server.
import { effect, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { type Say, connected, share, shared } from "./host";
import { state } from "./store";
import type { About, Mistake, Reply, State } from "./types";

export type Link = "connecting" | "open" | "lost";
export const link = signal<Link>("connecting");

interface Question {
  id: number;
  screen: string;
  key: string;
  state: State;
  options: Record<string, unknown>;
}

type Listener = (reply: Reply, question: Question) => void;

const asked = new Map<string, { question: Question; listener: Listener; done: boolean }>();
let say: Say | undefined;
let number = 0;

// Texts that this page has sent as cases: a server that does not know one is sent it again.
const drafts = new Map<string, { text: string; name: string }>(Object.entries(JSON.parse(shared() || "{}")));
const putting: ((key: string) => void)[] = [];

export function connect(): void {
  say = connected({
    opened: () => {
      link.value = "open";
      for (const entry of asked.values()) if (!entry.done) send(entry.question);
    },
    heard: (text) => heard(JSON.parse(text) as Reply),
    lost: () => {
      link.value = "lost";
      for (const entry of asked.values()) entry.done = false;
    },
  });
}

function send(message: unknown): void {
  if (link.value !== "connecting") say?.(JSON.stringify(message));
}

function heard(reply: Reply): void {
  if (reply.key === "put") {
    putting.shift()?.((reply.data as { case: string }).case);
    return;
  }
  const entry = asked.get(reply.key ?? "");
  if (!entry || entry.question.id !== reply.id) return; // an answer that nobody waits for
  if (reply.need) {
    const draft = drafts.get(reply.need);
    if (draft) {
      send({ put: draft.text, name: draft.name });
      putting.push(() => send(entry.question));
      return;
    }
    reply = { ...reply, mistakes: [{ message: "this text is not at hand any more; open it again" }] };
  }
  if (reply.final !== false) entry.done = true;
  entry.listener(reply, entry.question);
}

export function ask(screen: string, key: string, of: State, options: Record<string, unknown>, listener: Listener): void {
  const question: Question = { id: ++number, screen, key, state: of, options };
  asked.set(key, { question, listener, done: false });
  send(question);
}

export function stop(key: string): void {
  if (asked.delete(key)) send({ cancel: key });
}

// Have a text at hand as a case, under the key that comes back.
export function put(text: string, name: string): Promise<string> {
  return new Promise((resolve) => {
    putting.push((key) => {
      drafts.set(key, { text, name });
      while (drafts.size > 12) drafts.delete(drafts.keys().next().value!);
      share(JSON.stringify(Object.fromEntries(drafts)));
      resolve(key);
    });
    send({ put: text, name });
  });
}

export const draft_of = (key: string): { text: string; name: string } | undefined => drafts.get(key);

// ------------------------------------------------------------------------------------------------------ panels

export interface Panel {
  html: Record<string, string>;
  data: unknown;
  about: About | undefined;
  mistakes: Mistake[];
  progress: [number, number, string] | undefined;
  busy: boolean; // something newer was asked than is shown
  behind: boolean; // and for so long that it is to be seen: what is shown belongs to a state that was looked at before
  stale: boolean; // what is shown belongs to another state, and the server said so
  milliseconds: number;
  shown: State | undefined;
}

const EMPTY: Panel = { html: {}, data: undefined, about: undefined, mistakes: [], progress: undefined, busy: true, behind: false, stale: false, milliseconds: 0, shown: undefined };

const LATE = 300; // milliseconds after which something newer is waited for: sooner it would only flicker

// What a screen has answered for the state that is looked at; asked anew whenever that changes, or its options do.
// `calm`: milliseconds for which nothing has to change before it is asked: for what is not read while one moves a slider.
export function usePanel(screen: string, options: Record<string, unknown> = {}, key = screen, of?: State, calm = 0): Panel {
  const panel = useMemo(() => signal<Panel>(EMPTY), [screen, key]);
  const written = JSON.stringify(options);
  const own = of && JSON.stringify(of);
  useEffect(() => {
    let waiting = 0;
    let late = 0;
    const end = effect(() => {
      const now = of ?? state.value;
      if (!panel.peek().busy) panel.value = { ...panel.peek(), busy: true };
      late ||= window.setTimeout(() => {
        panel.value = { ...panel.peek(), behind: panel.peek().shown !== undefined };
      }, LATE);
      clearTimeout(waiting);
      if (calm > 0 && panel.peek().shown) waiting = window.setTimeout(() => inquire(now), calm);
      else inquire(now);
    });
    function inquire(now: State): void {
      ask(screen, key, now, options, (reply, question) => {
        const before = panel.peek();
        const progress = reply.progress as [number, number, string] | undefined;
        if (progress && !reply.html && reply.data === undefined) {
          panel.value = { ...before, progress };
          return;
        }
        clearTimeout(late);
        late = 0;
        const wrong = (reply.mistakes ?? []).length > 0;
        panel.value = {
          html: reply.html ? { ...before.html, ...reply.html } : before.html,
          data: reply.data ?? before.data,
          about: reply.about ?? before.about,
          mistakes: reply.mistakes ?? [],
          progress: reply.final === false ? before.progress : undefined,
          busy: reply.final === false,
          behind: false,
          stale: reply.stale === true || (wrong && before.shown !== undefined),
          milliseconds: reply.milliseconds ?? 0,
          shown: wrong ? before.shown : question.state,
        };
      });
    }
    return () => {
      clearTimeout(waiting);
      clearTimeout(late);
      end();
      stop(key);
    };
  }, [screen, key, written, own]);
  return panel.value;
}
