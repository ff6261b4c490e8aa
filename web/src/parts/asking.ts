// A question with one answer, as a promise: undefined where another took its place. `told` hears how far long work is.
import { ask } from "../socket";
import type { Reply, State } from "../types";

const waiting = new Map<string, (reply: Reply | undefined) => void>();

export function asked(screen: string, key: string, of: State, options: Record<string, unknown>, told: (progress: [number, number, string]) => void = () => undefined): Promise<Reply | undefined> {
  waiting.get(key)?.(undefined);
  return new Promise((resolve) => {
    waiting.set(key, resolve);
    ask(screen, key, of, options, (reply) => {
      if (reply.final === false) {
        if (reply.progress) told(reply.progress as [number, number, string]);
        return;
      }
      waiting.delete(key);
      resolve(reply);
    });
  });
}
