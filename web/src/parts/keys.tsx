// What can be done by keyboard, on one card.
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

export const keys_open = signal(false);
const OFF = "detente-single-keys-off";
// Whether a key by itself does something: whoever speaks to the machine, or rests a hand on it, can switch that off.
export const single_keys = signal(localStorage.getItem(OFF) === null);

function switch_keys(on: boolean): void {
  single_keys.value = on;
  if (on) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
}
const KEYS: [string, string][] = [
  ["?", "This card"],
  ["1 … 9", "Go to a screen, in the order of the navigation"],
  ["Ctrl Z, Ctrl Y", "Undo and redo whatever was changed"],
  ["Tab, Shift Tab", "From one control to the next, and back"],
  ["← → and Page Up, Page Down", "Move a slider by little, and by much; Home and End to its ends"],
  ["↑ ↓ ← →, + −, Enter", "In the tree: walk along it, open and fold, look at a node"],
  ["Ctrl Enter", "In the model: use what is written"],
  ["Esc", "Close a card; leave the editor (then Tab)"],
];

export function Keys() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (keys_open.value && !dialog.current?.open) dialog.current?.showModal();
    if (!keys_open.value && dialog.current?.open) dialog.current.close();
  }, [keys_open.value]);
  return (
    <dialog ref={dialog} class="card" aria-labelledby="keys-title" onClose={() => (keys_open.value = false)}>
      <h2 id="keys-title">Keys</h2>
      <dl>
        {KEYS.map(([key, does]) => (
          <div key={key}>
            <dt><kbd>{key}</kbd></dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p><label><input type="checkbox" checked={single_keys.value} onChange={(e) => switch_keys(e.currentTarget.checked)} /> Keys without Ctrl do something</label></p>
      <button type="button" onClick={() => (keys_open.value = false)}>Close</button>
    </dialog>
  );
}
