// The pieces of the page in the output of a cell: what the answer rests on, and what follows.
import { effect } from "@preact/signals";
import { render } from "preact";
import { Scenarios } from "../parts/scenarios";
import { Tools, typed, undoing } from "../parts/tools";
import { Answer } from "../screens/answer";
import { connect, link } from "../socket";
import { held, take } from "../store";
import { SILENT, at_end, el, end, keep, kept, model, title } from "./host";

const REST = 300; // milliseconds after which what is looked at is kept

function Widget() {
  const silent = link.value === "lost";
  return (
    <section class="bench explorer" aria-label={`Explore: ${title}`} onKeyDown={pressed}>
      <div class="bar">
        <Scenarios />
        <div class="tools" role="group" aria-label="Changes"><Tools /></div>
      </div>
      <div role="status" class="link">{silent && <p class="warning">{SILENT}</p>}</div>
      <Answer />
      {silent && <Plain />}
    </section>
  );
}

// What was said when the widget was made, where nobody answers any more.
function Plain() {
  return (
    <details class="plain" open={kept() === ""}>
      <summary>As it was solved</summary>
      <div dangerouslySetInnerHTML={{ __html: model.get("_fallback") }} />
    </details>
  );
}

function pressed(event: KeyboardEvent): void {
  if (!typed(event.target)) undoing(event);
  event.stopPropagation(); // the notebook has keys of its own
}

// Which theme the page of the notebook says it has; nothing where it says none.
function theme(look: { light: string; dark: string }): string {
  for (let at: Element | null = el; at; at = at.parentElement ?? (at.getRootNode() as ShadowRoot).host ?? null) {
    if (at.matches(look.light)) return "light";
    if (at.matches(look.dark)) return "dark";
  }
  return "";
}

export function start(): () => void {
  const look = JSON.parse(model.get("_look")) as { style: string; light: string; dark: string };
  const host = document.createElement("div");
  host.dataset["lmSuppressShortcuts"] = "true"; // of JupyterLab
  const root = host.attachShadow({ mode: "open" });
  const style = document.createElement("style");
  style.textContent = look.style;
  const place = document.createElement("div");
  root.append(style, place);
  el.append(host);

  const clothe = (): void => {
    host.dataset["theme"] = theme(look);
  };
  const watch = new MutationObserver(clothe);
  for (const of of [document.documentElement, document.body]) watch.observe(of, { attributes: true });
  clothe();

  connect();
  let waiting = 0;
  const stop = effect(() => {
    const text = JSON.stringify(held());
    clearTimeout(waiting);
    waiting = window.setTimeout(() => keep(text), REST);
  });
  const follow = (): void => take(kept()); // what another view of the same widget keeps
  model.on("change:_kept", follow);
  render(<Widget />, place);
  at_end(() => {
    render(null, place);
    stop();
    clearTimeout(waiting);
    keep(JSON.stringify(held()));
    watch.disconnect();
    model.off("change:_kept", follow);
  });
  return end;
}
