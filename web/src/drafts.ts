// What is being typed: kept for each case in this browser, so that it survives a reload, a closed tab and a dead server.
import { open_state, plain } from "./store";
import { draft_of, put } from "./socket";

export interface Typed {
  text: string;
  base: string; // the digest of the text that the case had on disk when typing began
}

const KEY = "detente-typed:";

export function typed(name: string): Typed | undefined {
  try {
    const found = JSON.parse(localStorage.getItem(KEY + name) ?? "") as Typed;
    if (typeof found.text === "string") return found;
  } catch {
    // nothing was typed, or nothing that can be read
  }
  return undefined;
}

export function keep(name: string, text: string, base: string): boolean {
  try {
    localStorage.setItem(KEY + name, JSON.stringify({ text, base }));
    return true;
  } catch {
    return false; // no room
  }
}

export const forget = (name: string): void => localStorage.removeItem(KEY + name);

// The case that a state is of, or is a draft of.
export const name_of = (key: string): string => (key.startsWith("text:") ? (draft_of(key)?.name ?? "draft") : key);

// Open a text as a case of its own.
export async function open_text(text: string, name: string): Promise<void> {
  keep(name, text, "");
  open_state(plain(await put(text, name)), "As written", "model");
}
