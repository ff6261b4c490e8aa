// What the pieces stand in: here a page of their own, before a server. In a notebook `notebook/host.ts` stands in its
// place (build.mjs): the same names, and another way for messages, and for what is kept.
import type { State } from "./types";

export interface Ear {
  opened(): void; // there is somebody who answers, for the first time or again
  heard(text: string): void;
  lost(): void; // what was asked meanwhile has to be asked again
}
export type Say = (text: string) => void;

export const meta = (name: string): string => document.querySelector<HTMLMetaElement>(`meta[name="detente-${name}"]`)?.content ?? "";
export const basis: Partial<State> = {}; // what every state of a case begins with
export const SILENT = "The server does not answer. Nothing you did is lost; this page continues by itself when it is back (detente open).";

// The address of what is looked at.
export const place = (): string => location.hash;

// What outlives a reload of what is looked at, and what all pages share.
export const kept = (): string => sessionStorage.getItem("detente") ?? "";
export const keep = (text: string): void => sessionStorage.setItem("detente", text);
export const shared = (): string => localStorage.getItem("detente-drafts") ?? "";
export const share = (text: string): void => localStorage.setItem("detente-drafts", text);

// Connect, and again whenever the connection is lost.
export function connected(ear: Ear): Say {
  let socket: WebSocket | undefined;
  let pause = 250;
  function open(): void {
    socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/socket`);
    socket.onopen = () => {
      pause = 250;
      ear.opened();
    };
    socket.onmessage = (event: MessageEvent<string>) => ear.heard(event.data);
    socket.onclose = () => {
      ear.lost();
      setTimeout(open, pause);
      pause = Math.min(2 * pause, 4000);
    };
  }
  open();
  return (text) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(text);
  };
}
