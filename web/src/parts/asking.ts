// A question with one answer, as a promise: undefined where another took its place.
import { ask } from "../socket";
import type { Reply, State } from "../types";

const waiting = new Map<string, (reply: Reply | undefined) => void>();

export function asked(screen: string, key: string, of: State, options: Record<string, unknown>): Promise<Reply | undefined> {
  waiting.get(key)?.(undefined);
  return new Promise((resolve) => {
    waiting.set(key, resolve);
    ask(screen, key, of, options, (reply) => {
      if (reply.final === false) return;
      waiting.delete(key);
      resolve(reply);
    });
  });
}
