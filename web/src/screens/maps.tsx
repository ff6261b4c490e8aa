// Tipping lines and maps: choose quantities, see where the answer turns, point at a value and go on from there.
import { useEffect, useRef, useState } from "preact/hooks";
import { Markup } from "../parts/markup";
import { clamped, is_step, place_of, said_of, stepped, value_at } from "../parts/frame";
import { Pane } from "../parts/status";
import { usePanel } from "../socket";
import { add_scenario, edit, go, route, state } from "../store";
import type { Axis, MapsData, Shot, State } from "../types";

interface Point {
  across: number;
  up: number | undefined;
}

export function Maps() {
  const asked = route.value.options;
  const [fine, set_fine] = useState(true);
  const options = { across: asked["across"] ?? "", up: asked["up"] ?? "", fine };
  const panel = usePanel("maps", options, "maps");
  const told = panel.data as MapsData | undefined;
  const last = useRef<MapsData>();
  if (told && ((told.shots ?? []).length > 0 || told.across !== last.current?.across || told.up !== last.current.up)) last.current = told;
  const data = told && last.current; // a picture stays while the next one of the same quantities is made
  const [which, set_which] = useState(0);
  const choose = (across: string, up: string): void => {
    set_fine(true);
    set_which(0);
    go("maps", { across, ...(up && up !== across ? { up } : {}) });
  };
  const shots = data?.shots ?? [];
  const shown = shots[Math.min(which, shots.length - 1)];
  return (
    <Pane panel={panel}>
      <h1>Where the answer changes</h1>
      <Markup html={panel.html["left"]} />
      {data && (
        <>
          <div class="controls">
            <label>Along{" "}
              <select value={data.across} onChange={(e) => choose(e.currentTarget.value, data.up)}>
                {data.quantities.map((q) => <option key={q.name} value={q.name}>{q.words}{weight(q.index)}</option>)}
              </select>
            </label>
            <label>and over{" "}
              <select value={data.up} onChange={(e) => choose(data.across, e.currentTarget.value)}>
                <option value="">nothing else: a tipping line</option>
                {data.quantities.filter((q) => q.name !== data.across).map((q) => <option key={q.name} value={q.name}>{q.words}{weight(q.index)}</option>)}
              </select>
            </label>
            {shots.length > 1 && (
              <label>What is mapped{" "}
                <select value={`${which}`} onChange={(e) => set_which(Number(e.currentTarget.value))}>
                  {shots.map((s, k) => <option key={s.slot} value={`${k}`}>{s.what}</option>)}
                </select>
              </label>
            )}
          </div>
          <p class="small">In brackets: the share of the variance of the answer that a quantity explains by itself.</p>
          <p role="status" class="small grid-said">
            {shots.length === 0 ? "The first, coarse picture is on its way." : panel.busy && !data.fine ? "This is a coarse grid; a finer one is on its way. " : data.fine ? "This is the fine grid." : "This is the coarse grid. "}
            {shots.length > 0 && panel.busy && !data.fine && <button type="button" onClick={() => set_fine(false)}>Keep the coarse one</button>}
            {!panel.busy && !data.fine && shots.length > 0 && <button type="button" onClick={() => set_fine(true)}>Work out the finer one</button>}
          </p>
          <Markup html={panel.html["said"]} class="lede maps-said" />
          {shown && <Picture key={`${data.across} ${data.up}`} data={data} shot={shown} html={panel.html[shown.slot]} />}
          {shown && <Markup html={panel.html[shown.slot.replace("picture", "caption")]} class="caption" />}
          {shown && <Markup html={panel.html[shown.slot.replace("picture", "table")]} />}
          <Markup html={panel.html["after"]} />
        </>
      )}
    </Pane>
  );
}

const weight = (index: number | null | undefined): string => (index === null || index === undefined ? "" : ` (${Math.round(100 * index)}%)`);

// The picture that Python drew, with a cross-hair over it.
function Picture({ data, shot, html }: { data: MapsData; shot: Shot; html: string | undefined }) {
  const { across, up } = shot.frame;
  const here = data.here ?? [];
  const set = state.value.set ?? {};
  const at_start: Point = { across: number_of(set[data.across]) ?? here[0] ?? across.low, up: up ? (number_of(set[data.up]) ?? here[1] ?? up.low) : undefined };
  const [point, set_point] = useState<Point>(at_start);
  const [cloud, set_cloud] = useState(false);
  const [loaded, set_loaded] = useState("");
  const target = useRef<SVGSVGElement>(null);
  useEffect(() => set_point(at_start), [set[data.across], set[data.up]]);
  const words = (name: string): string => data.quantities.find((q) => q.name === name)?.words ?? name;
  const unit = (name: string): string => data.quantities.find((q) => q.name === name)?.unit ?? "";
  const told = (p: Point): string => [`${words(data.across)} ${said_of(p.across)} ${unit(data.across)}`, ...(p.up === undefined ? [] : [`${words(data.up)} ${said_of(p.up)} ${unit(data.up)}`])].map((s) => s.trim()).join(", ");
  const regime = (p: Point): string => (up && p.up !== undefined && shot.regimes?.length ? (shot.regimes[nearest(up, p.up)]?.[nearest(across, p.across)] ?? "") : "");
  const changed = (p: Point) => (s: State): State => ({ ...s, set: { ...(s.set ?? {}), [data.across]: p.across, ...(p.up === undefined ? {} : { [data.up]: p.up }) } });
  const load = (p: Point): void => {
    add_scenario(told(p).slice(0, 60), changed(p)(state.value));
    set_loaded(`Loaded as a new scenario: ${told(p)}.`);
  };
  const put = (p: Point): void => {
    edit(changed(p));
    set_loaded(`Set in this scenario: ${told(p)}.`);
  };
  const pointed = (event: MouseEvent): Point => {
    const box = target.current!.getBoundingClientRect();
    const [x, y] = [((event.clientX - box.left) * shot.width) / box.width, ((event.clientY - box.top) * shot.height) / box.height];
    return { across: value_at(across, x), up: up ? value_at(up, y) : undefined };
  };
  const pressed = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Enter") (event.shiftKey ? put : load)(point);
    else if (is_step(event.key) && !(up === undefined || up === null ? event.key === "ArrowUp" || event.key === "ArrowDown" : false)) {
      const vertical = event.key === "ArrowUp" || event.key === "ArrowDown";
      set_point(vertical && up ? { ...point, up: stepped(up, point.up!, event.key) } : { ...point, across: stepped(across, point.across, event.key) });
      set_loaded("");
    } else return;
    event.preventDefault();
  };
  const x = place_of(across, point.across);
  const y = up && point.up !== undefined ? place_of(up, point.up) : undefined;
  const [x0, x1] = [place_of(across, clamped(across, -Infinity)), place_of(across, clamped(across, Infinity))];
  const [top, bottom] = up ? [place_of(up, clamped(up, Infinity)), place_of(up, clamped(up, -Infinity))] : [18, shot.height - 40];
  return (
    <div class="map-picture">
      <div class="scroll" tabIndex={0} role="group" aria-label="The picture">
        <div class="pointing">
          <Markup html={html} />
          <svg ref={target} class="picture aim" viewBox={`0 0 ${shot.width} ${shot.height}`} preserveAspectRatio="none" role="application" tabindex={0}
            aria-label="A cross-hair over the picture. Arrow keys move it by a point of the grid, Enter loads the point as a new scenario, Shift Enter sets it in this one." aria-describedby="point-said"
            onClick={(e) => { const p = pointed(e); set_point(p); (e.shiftKey ? put : load)(p); }} onKeyDown={pressed}>
            {cloud && (data.cloud ?? []).filter((c) => inside(across, c[0]) && (!up || inside(up, c[1]))).map((c, k) => (
              <circle key={k} class="cloud" cx={place_of(across, c[0] as number)} cy={up ? place_of(up, c[1] as number) : bottom - 4} r="2.2" />
            ))}
            <line class="hair" x1={x} x2={x} y1={top} y2={bottom} />
            {y !== undefined && <line class="hair" x1={x0} x2={x1} y1={y} y2={y} />}
            {y !== undefined && <circle class="aimed" cx={x} cy={y} r="5" />}
          </svg>
        </div>
      </div>
      <p id="point-said" role="status" class="point-said">{told(point)}{regime(point) && <>: <b>{regime(point)}</b> at the nearest point of the grid</>}. {loaded}</p>
      <p class="point-acts">
        <button type="button" class="primary" onClick={() => load(point)}>Load this point as a new scenario</button>{" "}
        <button type="button" onClick={() => put(point)}>Set it in this scenario</button>{" "}
        <label><input type="checkbox" checked={cloud} onChange={(e) => set_cloud(e.currentTarget.checked)} /> show {(data.cloud ?? []).length} draws</label>
      </p>
      <p class="small">A click on the picture loads that point as a new scenario; with Shift it is set in this one. Everything that is not on the axes keeps its distribution.</p>
    </div>
  );
}

const number_of = (value: number | string | undefined): number | undefined => (typeof value === "number" ? value : undefined);
const inside = (axis: Axis, value: unknown): boolean => typeof value === "number" && value >= axis.low && value <= axis.high;
const nearest = (axis: Axis, value: number): number => axis.values.reduce((best, v, k) => (Math.abs(v - value) < Math.abs(axis.values[best]! - value) ? k : best), 0);
