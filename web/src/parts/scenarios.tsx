// Scenarios side by side: each is a state with a past of its own.
import { useState } from "preact/hooks";
import { AS_WRITTEN, type Scenario, add_scenario, bring_back, current, drop_scenario, moved, removed, rename_scenario, scenarios } from "../store";

// A scenario that has been changed is not called as if it had not been.
function shown(s: Scenario): string {
  if (s.name !== AS_WRITTEN) return s.name || "(no name)";
  return s.now.case.startsWith("text:") ? "Draft" : moved(s.now) > 0 ? "Changed" : s.name;
}

export function Scenarios() {
  const [renaming, rename] = useState("");
  return (
    <section class="scenarios" aria-label="Scenarios">
      {scenarios.value.map((s) => (
        <span key={s.id} class={s.id === current.value ? "scenario on" : "scenario"}>
          {renaming === s.id ? (
            <input aria-label="Name of the scenario" value={s.name} maxLength={60}
              ref={(e) => e?.focus()}
              onBlur={() => rename("")}
              onKeyDown={(e) => { if (e.key === "Enter" || e.key === "Escape") rename(""); }}
              onInput={(e) => rename_scenario(s.id, e.currentTarget.value)} />
          ) : (
            <button type="button" aria-pressed={s.id === current.value} onClick={() => (current.value = s.id)} onDblClick={() => rename(s.id)}>
              {shown(s)}{moved(s.now) > 0 && <small> {moved(s.now)} changed</small>}
            </button>
          )}
          {s.id === current.value && (
            <>
              <button type="button" class="mini" aria-label={`Rename ${s.name}`} onClick={() => rename(s.id)}>✎</button>
              {scenarios.value.length > 1 && <button type="button" class="mini" aria-label={`Remove ${s.name}`} onClick={() => drop_scenario(s.id)}>×</button>}
            </>
          )}
        </span>
      ))}
      <button type="button" class="add" onClick={() => add_scenario(`Scenario ${scenarios.value.length + 1}`)}>+ Scenario</button>
      {removed.value && <button type="button" class="add" onClick={bring_back}>Bring back “{removed.value.name}”</button>}
    </section>
  );
}
