// A class: many logs of one case beside the model.
import { useState } from "preact/hooks";
import { asked } from "../parts/asking";
import { Markup } from "../parts/markup";
import { Mistakes } from "../parts/status";
import { go, state } from "../store";
import type { Mistake } from "../types";

export function Class() {
  const [html, show] = useState<string | undefined>(undefined);
  const [busy, wait] = useState(false);
  const [mistakes, tell] = useState<Mistake[]>([]);
  async function read(files: FileList | null): Promise<void> {
    if (!files || files.length === 0) return;
    wait(true);
    const logs = await Promise.all(Array.from(files, async (file) => ({ name: file.name, text: await file.text() })));
    const reply = await asked("class", "class", state.value, { logs });
    wait(false);
    tell(reply?.mistakes ?? []);
    show(reply?.html?.["class"] ?? "");
  }
  return (
    <section class="pane class" aria-busy={busy}>
      <p><button type="button" onClick={() => go("play")}>Back to playing</button></p>
      <h1>A class beside the model</h1>
      <p>Choose the logs of several plays of this case, with the values that are set now. You are told what people chose in each situation, and how often
        equilibrium play would have in the same worlds.</p>
      <p><label>Logs <input type="file" multiple accept=".json,application/json" onChange={(e) => void read(e.currentTarget.files)} /></label></p>
      <Mistakes mistakes={mistakes} />
      <p role="status" class="small">{busy && "being read"}</p>
      <Markup html={html} live />
    </section>
  );
}
