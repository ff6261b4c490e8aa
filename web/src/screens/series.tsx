// The forecast by day up to the cursor: its line with 90% of draws, what came as dots, what others said as diamonds.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { between, plus, told } from "../parts/days";
import type { Level, Stop, Timeline, Without } from "../types";

const [WIDE, LEFT, RIGHT, TOP, TALL, GROUP] = [760, 46, 18, 16, 250, 54];
const LETTERS = 13; // from one line of text to the next
const HALF = 34; // the width of a day below the picture, from its middle
const LABELS = 7;

interface Point { x: number; level: Level }

export function Series({ found, cursor, less }: { found: Timeline; cursor: string; less?: Without | undefined }) {
  const span = Math.max(between(found.first, found.last), 1);
  const across = (day: string): number => LEFT + ((WIDE - LEFT - RIGHT) * Math.max(between(found.first, day), 0)) / span;
  const stops = found.stops ?? [];
  const groups = found.groups ?? [];
  const here = across(cursor);
  const frame = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const box = frame.current; // on a narrow screen the cursor stays in sight
    if (!box || box.scrollWidth <= box.clientWidth) return;
    const at = (here / WIDE) * box.scrollWidth;
    if (at < box.scrollLeft + 60 || at > box.scrollLeft + box.clientWidth - 60) box.scrollLeft = at - 0.7 * box.clientWidth;
  }, [here]);
  const scale = over(found, stops);
  const up = (p: number): number => TOP + TALL * (1 - (p - scale.low) / (scale.high - scale.low || 1));
  const points = (of: Stop[], level: (s: Stop) => Level | undefined): Point[] =>
    of.filter((s, k) => k === 0 || s.date <= cursor).map((s, k) => ({ x: k === 0 ? across(found.first) : across(s.date), level: level(s) }))
      .filter((p): p is Point => p.level !== undefined && p.level.mean !== null);
  const marks = found.probability ? [0, 0.25, 0.5, 0.75, 1] : [scale.low, (scale.low + scale.high) / 2, scale.high];
  const dots = [...new Set(found.items.filter((i) => i.date <= cursor).map((i) => i.date))];
  const foot = TOP + TALL + 12;
  const bottom = foot + 14 + groups.length * GROUP;
  const said = found.others.filter((o) => !o.base_rate && o.date !== null && o.date <= cursor);
  const rates = found.others.filter((o) => o.base_rate && o.asked);
  const end = bottom + 44;
  const name = `${found.says || "The forecast"}, by day, as known from ${told(found.first)} to ${told(cursor)}.`;
  return (
    <figure>
      <figcaption>
        <b>The forecast as evidence came in</b>
        {name} Line: the mean; band: 90% of draws. Dots: days on which something came. Diamonds: forecasts of others, open ones of another event or time.{less && " Dashed: without what is left out."} What lies after the cursor is not drawn.
      </figcaption>
      <div ref={frame} class="scroll" tabIndex={0} role="group" aria-label="The forecast by day">
        <svg class="picture dated-line" viewBox={`0 0 ${WIDE} ${end}`} role="img" aria-label={name}>
          <rect x={here} y={TOP} width={Math.max(WIDE - RIGHT - here, 0)} height={bottom - TOP} class="faint" />
          {WIDE - RIGHT - here > 90 && <text x={(here + WIDE - RIGHT) / 2} y={TOP + TALL / 2} text-anchor="middle" font-size="11" class="muted">hidden: later</text>}
          {marks.map((m) => (
            <g key={m}>
              <line x1={LEFT} x2={WIDE - RIGHT} y1={up(m)} y2={up(m)} class="rule" />
              <text x={LEFT - 6} y={up(m) + 4} text-anchor="end" font-size="10.5" class="muted">{found.probability ? `${Math.round(100 * m)}%` : m.toPrecision(2)}</text>
            </g>
          ))}
          <Line points={points(stops, (s) => s.answer)} end={here} up={up} tone="k2" />
          {less && <Line points={points(less.stops, (s) => s.answer)} end={here} up={up} tone="k1" dashed />}
          {rates.map((o) => <line key={o.who} x1={LEFT} x2={here} y1={up(o.p)} y2={up(o.p)} class="mean" />)}
          {found.probability && said.map((o, k) => (
            <Diamond key={k} x={across(o.date ?? found.first)} y={up(o.p)} tone={o.asked ? "k3" : "ring"}>
              {`${o.who}, ${told(o.date ?? found.first)}: ${o.said} (${o.event})${o.ours ? `; of that event this model gave ${o.ours}` : ""}`}
            </Diamond>
          ))}
          {apart(rates.map((o) => up(o.p) - 4)).map((y, k) => (
            <text key={k} x={LEFT + 4} y={y} font-size="10.5" class="muted on">{rates[k]!.who.replace(/^B/, "b")}: {rates[k]!.said}</text>
          ))}
          {dots.map((day) => {
            const items = found.items.filter((i) => i.date === day);
            return (
              <circle key={day} cx={across(day)} cy={foot} r={4.2} class={items.some((i) => i.used) ? "ink" : "ring"}>
                <title>{`${told(day)}: ${items.map((i) => `${i.kind}: ${i.says}`).join("; ")}`}</title>
              </circle>
            );
          })}
          {groups.map((g, k) => {
            const base = foot + 14 + (k + 1) * GROUP - 8;
            const height = (p: number): number => base - (GROUP - 20) * p;
            return (
              <g key={g.name}>
                {[0, 1].map((m) => <line key={m} x1={LEFT} x2={WIDE - RIGHT} y1={height(m)} y2={height(m)} class="rule" />)}
                <Line points={points(stops, (s) => s.groups[k])} end={here} up={height} tone={g.colour} />
                <text x={LEFT + 4} y={height(1) + 12} font-size="11" class="bold on">{g.name}</text>
                <text x={LEFT - 6} y={height(1) + 4} text-anchor="end" font-size="10" class="muted">100%</text>
                <text x={LEFT - 6} y={height(0) + 4} text-anchor="end" font-size="10" class="muted">0%</text>
              </g>
            );
          })}
          <line x1={here} x2={here} y1={TOP - 6} y2={bottom} class="cursor-line" />
          {found.happened && found.happened.date <= cursor && (
            <g>
              <line x1={across(found.happened.date)} x2={across(found.happened.date)} y1={TOP} y2={bottom} class="axis" stroke-dasharray="4 3" />
              <text x={across(found.happened.date) - 6} y={TOP + 12} text-anchor="end" font-size="11" class="bold on">happened: {found.happened.said}</text>
            </g>
          )}
          {labels(span).map((k) => (
            <text key={k} x={Math.min(across(plus(found.first, k)), WIDE - HALF)} y={bottom + 16} text-anchor="middle" font-size="10.5" class="muted">{told(plus(found.first, k), true)}</text>
          ))}
          <text x={Math.min(Math.max(here, HALF), WIDE - HALF)} y={bottom + 34} text-anchor="middle" font-size="11.5" class="bold">{told(cursor, true)}</text>
        </svg>
      </div>
      <Table found={found} cursor={cursor} less={less} />
    </figure>
  );
}

function over(found: Timeline, stops: Stop[]): { low: number; high: number } {
  if (found.probability) return { low: 0, high: 1 };
  const ends = stops.flatMap((s) => [s.answer.low, s.answer.high, s.answer.mean]).filter((x): x is number => x !== null);
  return { low: Math.min(0, ...ends), high: Math.max(0, ...ends) };
}

// Base lines of texts, moved up where one would stand on another.
function apart(lines: number[]): number[] {
  const found = [...lines];
  const order = lines.map((_, k) => k).sort((a, b) => lines[b]! - lines[a]!);
  order.forEach((k, i) => {
    const below = order[i - 1];
    if (below !== undefined) found[k] = Math.min(found[k]!, found[below]! - LETTERS);
  });
  return found;
}

const labels = (span: number): number[] => {
  const step = Math.max(1, Math.ceil(span / LABELS));
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, k) => k * step);
};

// A forecast that holds until the next: its mean, and 90% of draws about it.
function Line({ points, end, up, tone, dashed }: { points: Point[]; end: number; up: (p: number) => number; tone: string; dashed?: boolean }) {
  if (points.length === 0) return null;
  const ends = points.map((p, k) => points[k + 1]?.x ?? Math.max(end, p.x));
  const along = (value: (l: Level) => number): string[] => points.flatMap((p, k) => [`${p.x.toFixed(1)} ${up(value(p.level)).toFixed(1)}`, `${(ends[k] ?? p.x).toFixed(1)} ${up(value(p.level)).toFixed(1)}`]);
  const mean = (l: Level): number => l.mean ?? 0;
  const band = [...along((l) => l.high ?? mean(l)), ...along((l) => l.low ?? mean(l)).reverse()];
  return (
    <g>
      {!dashed && <path d={`M${band.join("L")}Z`} class={tone} opacity="0.2" />}
      <path d={`M${along(mean).join("L")}`} class={`curve s${tone}`} stroke-dasharray={dashed ? "6 4" : undefined} />
    </g>
  );
}

function Diamond({ x, y, tone, children }: { x: number; y: number; tone: string; children: ComponentChildren }) {
  return <path d={`M${x} ${y - 6}L${x + 6} ${y}L${x} ${y + 6}L${x - 6} ${y}Z`} class={tone}><title>{children}</title></path>;
}

// The same in numbers.
function Table({ found, cursor, less }: { found: Timeline; cursor: string; less: Without | undefined }) {
  const stops = (found.stops ?? []).filter((s, k) => k === 0 || s.date <= cursor);
  const said = found.others.filter((o) => o.base_rate || (o.date !== null && o.date <= cursor));
  return (
    <details>
      <summary>The same as a table</summary>
      <div class="scroll" tabIndex={0} role="group" aria-label="The forecast by day, as a table">
        <table>
          <caption>The forecast as known on each day, up to {told(cursor)}.</caption>
          <thead>
            <tr><th scope="col">day</th><th scope="col" class="n">answer</th><th scope="col" class="n">90% of draws</th>{less && <th scope="col" class="n">without</th>}{(found.groups ?? []).map((g) => <th key={g.name} scope="col" class="n">{g.name}</th>)}<th scope="col" class="n">draws effective</th></tr>
          </thead>
          <tbody>
            {stops.map((s, k) => (
              <tr key={k}>
                <th scope="row">{k === 0 ? "before any evidence" : told(s.date)}{s.passed && " (time passes)"}</th><td class="n">{s.answer.said}</td><td class="n">{s.answer.span}</td>
                {less && <td class="n">{(k === 0 ? less.stops[0] : less.stops.slice(1).filter((o) => o.date <= s.date).at(-1) ?? less.stops[0])?.answer.said}</td>}
                {s.groups.map((g, j) => <td key={j} class="n">{g.said}</td>)}<td class="n">{Math.round(s.ess).toLocaleString("en")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {said.length > 0 && (
        <div class="scroll" tabIndex={0} role="group" aria-label="What others said, as a table">
          <table>
            <caption>Forecasts of others by then, and base rates; beside those of another event by the same day what this model gave that event.</caption>
            <thead><tr><th scope="col">who</th><th scope="col">day</th><th scope="col" class="n">probability</th><th scope="col" class="n">this model</th><th scope="col">event</th></tr></thead>
            <tbody>{said.map((o, k) => <tr key={k}><th scope="row">{o.who}</th><td>{o.date && told(o.date)}</td><td class="n">{o.said}</td><td class="n">{o.ours}</td><td>{o.event}</td></tr>)}</tbody>
          </table>
        </div>
      )}
    </details>
  );
}
