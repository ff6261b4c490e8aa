// A slider of something that may be believed otherwise, in the analyst's words, with its source.
import { edit, state } from "../store";
import { NumberField } from "./number";
import type { Control, State } from "../types";

const STEPS = 200;

// A number with three digits, as people write it.
export function digits(x: number): string {
  if (x === 0) return "0";
  const size = Math.floor(Math.log10(Math.abs(x)));
  if (size >= 5 || size < -4) return x.toExponential(1);
  return x.toLocaleString("en", { maximumFractionDigits: Math.max(0, 2 - size), useGrouping: true });
}

const without = <T,>(record: Record<string, T> | undefined, name: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record ?? {}).filter(([key]) => key !== name));

function suppose(name: string, value: number | Record<string, number> | undefined): void {
  edit((s: State) => {
    const set = without(s.set, name);
    const rest = without(s.suppose, name);
    return { ...s, set, suppose: value === undefined ? rest : { ...s.suppose, [name]: value } };
  }, `suppose ${name}`);
}

function know(name: string, value: number | undefined): void {
  edit((s: State) => {
    const suppose = without(s.suppose, name);
    const rest = without(s.set, name);
    return { ...s, suppose, set: value === undefined ? rest : { ...s.set, [name]: value } };
  }, `set ${name}`);
}

export function Slider({ control }: { control: Control }) {
  const { suppose: supposed, set } = state.value;
  const known = set?.[control.name];
  const moved = supposed?.[control.name] !== undefined || known !== undefined;
  const id = `slider-${control.name}`;
  return (
    <div class={moved ? "slider moved" : "slider"} role="group" aria-labelledby={`${id}-name`}>
      <p class="name">
        <label id={`${id}-name`} for={id}>{capital(control.label)}</label>
        {moved && <button type="button" class="mini" aria-label={`${control.label} as written`} onClick={() => { suppose(control.name, undefined); know(control.name, undefined); }}>↺</button>}
      </p>
      {control.kind === "chances" ? <Chances control={control} id={id} /> : <Value control={control} id={id} known={known} />}
      <details>
        <summary>{control.means || "What it is"}</summary>
        <p>As written: <code>{control.written}</code></p>
        {control.because && <p>{control.because}</p>}
        {control.sources.length > 0 && (
          <ul>
            {control.sources.map((s) => <li key={s.text}>{s.url ? <a href={s.url} target="_blank" rel="noreferrer noopener">{s.text}</a> : s.text}</li>)}
          </ul>
        )}
        {control.index !== null && <p>By itself it explains {Math.round(100 * control.index)}% of the uncertainty about the answer.</p>}
      </details>
    </div>
  );
}

function Value({ control, id, known }: { control: Control; id: string; known: string | number | undefined }) {
  const believed = state.value.suppose?.[control.name];
  const sure = known !== undefined;
  const value = Number(sure ? known : typeof believed === "number" ? believed : control.now);
  const step = (control.high - control.low) / STEPS || 1;
  const move = (to: number): void => {
    if (!Number.isFinite(to)) return;
    const rounded = Number(to.toPrecision(4));
    if (sure) know(control.name, rounded);
    else suppose(control.name, rounded);
  };
  const structure = control.kind === "structure";
  const shown = structure ? `${Math.round(100 * value)}%` : `${digits(value)} ${control.unit}`.trim();
  return (
    <>
      <div class="line">
        <input id={id} type="range" min={control.low} max={control.high} step={step} value={value} aria-valuetext={shown}
          onInput={(e) => move(e.currentTarget.valueAsNumber)} />
        <NumberField value={Number(value.toPrecision(4))} aria-label={`${control.label}, as a number`} set={(to) => to !== undefined && move(to)} />
      </div>
      <p class="small ends">
        <span>{structure ? "absent" : digits(control.low)}</span>
        <output for={id}>{sure ? "known: " : structure ? "likely: " : "best guess: "}{shown}{value !== control.now && !sure && <span class="was"> (was {structure ? `${Math.round(100 * control.now)}%` : digits(control.now)})</span>}</output>
        <span>{structure ? "present" : digits(control.high)}</span>
      </p>
      {!structure && !control.name.includes(" seen by ") && (
        <label class="small sure"><input type="checkbox" checked={sure} onChange={(e) => (e.currentTarget.checked ? know(control.name, value) : suppose(control.name, value === control.now ? undefined : value))} /> known for sure</label>
      )}
    </>
  );
}

// A quantity with a few values: how likely each is. What is not moved shares the rest as it did.
function Chances({ control, id }: { control: Control; id: string }) {
  const believed = state.value.suppose?.[control.name];
  const given = (typeof believed === "object" ? believed : {}) as Record<string, number>;
  const rest = 1 - Object.values(given).reduce((a, b) => a + b, 0);
  const free = control.values.filter((v) => given[String(v)] === undefined).map((v) => control.chances[control.values.indexOf(v)] ?? 0).reduce((a, b) => a + b, 0);
  return (
    <ul class="chances">
      {control.values.map((v, k) => {
        const p = given[String(v)] ?? (free > 0 ? (Math.max(rest, 0) * (control.chances[k] ?? 0)) / free : 0);
        const room = 1 - Object.entries(given).filter(([key]) => key !== String(v)).reduce((a, [, b]) => a + b, 0);
        return (
          <li key={v}>
            <label for={`${id}-${k}`}>{digits(v)}</label>
            <input id={k === 0 ? id : `${id}-${k}`} aria-label={`${control.label}: how likely ${digits(v)} is`} type="range" min={0} max={1} step={0.01} value={p} aria-valuetext={`${Math.round(100 * p)}%`}
              onInput={(e) => suppose(control.name, { ...given, [String(v)]: Math.min(e.currentTarget.valueAsNumber, Number(room.toFixed(6))) })} />
            <output>{Math.round(100 * p)}%</output>
          </li>
        );
      })}
    </ul>
  );
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
