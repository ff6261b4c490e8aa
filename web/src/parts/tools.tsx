// What can be undone, and the keys for it.
import { moved, redo, reset, scenario_now, state, undo } from "../store";

export function Tools() {
  return (
    <>
      <button type="button" onClick={undo} disabled={scenario_now.value.past.length === 0} title="Undo (Ctrl Z)">Undo</button>
      <button type="button" onClick={redo} disabled={scenario_now.value.future.length === 0} title="Redo (Ctrl Y)">Redo</button>
      <button type="button" onClick={reset} disabled={moved(state.value) === 0} title="Back to the case as it is written">Reset</button>
    </>
  );
}

const TYPED = "input:not([type=range], [type=checkbox], [type=radio], [readonly]), textarea, select, .editor, dialog";
export const typed = (of: EventTarget | null): boolean => of instanceof Element && of.closest(TYPED) !== null;

// Undo or redo where a key says so; whether it does.
export function undoing(event: KeyboardEvent): boolean {
  if (!event.ctrlKey && !event.metaKey) return false;
  const key = event.key.toLowerCase();
  if (key !== "z" && key !== "y") return false;
  event.preventDefault();
  (key === "y" || event.shiftKey ? redo : undo)();
  return true;
}
