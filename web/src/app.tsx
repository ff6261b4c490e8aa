// The frame of the page: what is looked at, where one can go, what can be undone, and whether the server is there.
import { useEffect, useRef } from "preact/hooks";
import { name_of } from "./drafts";
import { SILENT } from "./host";
import { Keys, keys_open, single_keys } from "./parts/keys";
import { Linked } from "./parts/linked";
import { Scenarios } from "./parts/scenarios";
import { Tools, typed, undoing } from "./parts/tools";
import { SCREENS } from "./screens";
import { link } from "./socket";
import { address, damaged, go, route, state } from "./store";

// The screens in the navigation: the library is behind the name of the page once a case is open.
const listed = (): typeof SCREENS => SCREENS.filter((s) => (s.name === "library") === (state.value.case === ""));

export function App() {
  const { screen } = route.value;
  const shown = SCREENS.find((s) => s.name === screen) ?? SCREENS[0]!;
  const main = useRef<HTMLElement>(null);
  const last = useRef(shown.name);
  useEffect(() => {
    document.title = `${shown.title} · ${state.value.case || "Library"} · Detente`;
    if (last.current !== shown.name) main.current?.focus(); // who came by a link goes on in what it leads to
    last.current = shown.name;
  }, [shown.name]);
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (typed(event.target) || undoing(event)) return;
      if (!event.ctrlKey && !event.metaKey && !event.altKey && single_keys.value) {
        if (event.key === "?") keys_open.value = !keys_open.value;
        else if (/^[1-9]$/.test(event.key)) {
          const to = listed()[Number(event.key) - 1];
          if (to) go(to.name);
        }
      }
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
  const Screen = shown.screen;
  const inside = state.value.case !== "" && shown.name !== "library";
  return (
    <div class="bench">
      <a class="skip" href="#main" onClick={(e) => { e.preventDefault(); main.current?.focus(); }}>Skip to the screen</a>
      <header class="top">
        <p class="brand">
          <a href={address({ screen: "library", options: {} })} onClick={(e) => { e.preventDefault(); go("library"); }}>Detente</a>
          {state.value.case && <span class="case">{state.value.case.startsWith("text:") ? `draft of ${name_of(state.value.case)}` : state.value.case}</span>}
        </p>
        <nav aria-label="Screens">
          <ul>
            {listed().map((s) => (
              <li key={s.name}>
                <a href={address({ screen: s.name, options: {} })} aria-current={s.name === shown.name ? "page" : undefined}
                  onClick={(e) => { if (!e.ctrlKey && !e.metaKey) { e.preventDefault(); go(s.name); } }}>{s.title}</a>
              </li>
            ))}
          </ul>
        </nav>
        <div class="tools" role="group" aria-label="Changes">
          <Tools />
          <button type="button" onClick={() => (keys_open.value = true)} title="Keys (?)" aria-label="Keys">?</button>
        </div>
      </header>
      <Lost />
      <Linked />
      {inside && <Scenarios />}
      <main id="main" ref={main} tabIndex={-1} class={`screen ${shown.name}`} aria-label={shown.title}>
        <Screen key={`${shown.name} ${state.value.case}`} />
      </main>
      <Keys />
    </div>
  );
}

function Lost() {
  return (
    <div role="status" class="link">
      {damaged.value && (
        <p class="warning">This link is damaged: what it holds cannot be read, and what is shown is not what was shared. <button type="button" onClick={() => (damaged.value = false)}>All right</button></p>
      )}
      {link.value === "lost" && (
        <p class="warning">{SILENT}</p>
      )}
    </div>
  );
}
