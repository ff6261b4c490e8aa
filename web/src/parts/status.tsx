// What the numbers of a panel rest on, whether newer ones are on their way, and what is wrong.
import type { ComponentChildren } from "preact";
import type { Panel } from "../socket";
import type { About, Mistake } from "../types";

export const count = (n: number): string => n.toLocaleString("en");

function basis(about: About): string {
  const told: string[] = [];
  const draws = about.draws ?? 0;
  if (draws) told.push(`${count(draws)} draws, seed ${about.seed ?? 1}`);
  if (about.how === "weighted") told.push(`reweighted: worth ${count(Math.round(about.worth ?? 0))} of them`);
  if (about.how === "solved") told.push("solved");
  if (about.converged !== undefined && about.converged !== null) told.push(about.converged === 1 ? "all converged" : `${(100 * about.converged).toFixed(2)}% converged`);
  return told.join(" · ");
}

export function Status({ panel }: { panel: Panel }) {
  const { about, busy, progress, stale, mistakes, milliseconds } = panel;
  const waiting = busy && (panel.behind || stale || progress !== undefined || panel.shown === undefined);
  const waits = progress ? `${progress[2]}: ${count(progress[0])} of ${count(progress[1])}` : "working";
  return (
    <div class="status" role="status">
      {about && <span>{basis(about)}</span>}
      {milliseconds > 0 && !waiting && <span class="took">{milliseconds < 1000 ? `${Math.max(1, Math.round(milliseconds))} ms` : `${(milliseconds / 1000).toFixed(1)} s`}</span>}
      {waiting && <span class="busy">{stale || panel.shown ? "newer numbers are on their way" : "being solved"} ({waits})</span>}
      {stale && !busy && mistakes.length > 0 && <span class="busy">the numbers shown are those of the state before</span>}
    </div>
  );
}

export function Mistakes({ mistakes }: { mistakes: Mistake[] }) {
  if (mistakes.length === 0) return null;
  return (
    <div role="alert" class="mistakes">
      <ul>
        {mistakes.map((m, k) => (
          <li key={k}>
            {(m.line ?? 0) > 0 && <span class="where">{m.file}:{m.line}:{m.column} </span>}
            {m.message}
            {m.hint && <span class="hint"> {m.hint}</span>}
          </li>
        ))}
      </ul>
    </div>
  );
}

// A part of a screen: veiled while what it shows is not what the controls say.
export function Pane({ panel, children, class: name }: { panel: Panel; children: ComponentChildren; class?: string }) {
  return (
    <section class={`pane ${panel.stale ? "stale" : panel.behind ? "behind" : ""} ${name ?? ""}`} aria-busy={panel.busy}>
      <Mistakes mistakes={panel.mistakes} />
      <div class="content">{children}</div>
      <Status panel={panel} />
    </section>
  );
}
