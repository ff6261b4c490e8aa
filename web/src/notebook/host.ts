// What the pieces stand in, in a notebook: the output of a cell. Messages go by the notebook's own connection to its
// kernel; what outlives a view is kept by the widget there. Everything here is of one view: see build.mjs.
import type { Ear, Say } from "../host";
import type { State } from "../types";

export interface Model {
  get(name: string): string;
  set(name: string, value: string): void;
  save_changes(): void;
  send(text: string): void;
  on(event: string, heard: (told: unknown) => void): void;
  off(event: string, heard: (told: unknown) => void): void;
}

declare const context: { model: Model; el: HTMLElement };
export const { model, el } = context;

const told = JSON.parse(model.get("_basis")) as { draws: number; seed: number; title: string };
export const title = told.title;
export const meta = (name: string): string => (name === "case" ? "study" : "");
export const basis: Partial<State> = { draws: told.draws, seed: told.seed };
export const SILENT = "The kernel does not answer: it is busy with another cell, or not there. Nothing you did is lost; this continues by itself when it answers.";
export const place = (): string => "";

export const kept = (): string => model.get("_kept");
export function keep(text: string): void {
  if (text === kept()) return;
  model.set("_kept", text);
  model.save_changes();
}
export const shared = (): string => "";
export const share = (): void => undefined;

const HEARD = "."; // comes at once for every message, before its answer
const PATIENCE = 3000; // milliseconds without that, after which nobody seems to be there

const ends: (() => void)[] = [];
export const at_end = (end: () => void): number => ends.push(end);
export const end = (): void => ends.splice(0).forEach((done) => done());

export function connected(ear: Ear): Say {
  let silence = 0;
  let lost = false;
  const heard = (text: unknown): void => {
    clearTimeout(silence);
    silence = 0;
    if (lost) {
      lost = false;
      ear.opened();
    }
    if (typeof text === "string" && text !== HEARD) ear.heard(text);
  };
  model.on("msg:custom", heard);
  at_end(() => {
    clearTimeout(silence);
    model.off("msg:custom", heard);
  });
  queueMicrotask(() => ear.opened()); // when whoever connects knows how to speak
  return (text) => {
    model.send(text);
    silence ||= window.setTimeout(() => {
      lost = true;
      ear.lost();
    }, PATIENCE);
  };
}
