// The sliders inside a report: one script, which works from a file and asks nobody. See present/report/sliders.py.
import { draws, type Belief, type Beliefs, type Data, type Found, type Handle } from "./offline/weights";
import { read, refused } from "./parts/decimal";
import { end, level, number, percent, quoted, shift, span } from "./offline/told";

interface Page extends Data {
  sliders: (Handle & { unit: string })[];
  chance: boolean;
  likeliest: string[];
  verdicts: [number, string, string][];
  again: [string, string] | null;
  bar: number;
}

const by = <T extends Element = HTMLElement>(id: string): T | null => document.querySelector<T>(`#sl-${id}`);
const all = <T extends Element = HTMLElement>(selector: string, of: ParentNode = document): T[] => [...of.querySelectorAll<T>(selector)];
const say = (element: Element | null, text: string): void => {
  if (element && element.textContent !== text) element.textContent = text;
};
const show = (element: HTMLElement | null, shown: boolean): void => {
  if (element) element.hidden = !shown;
};
// Numbers with the number itself for machines.
const tell = (element: Element | null | undefined, value: number, text: string): void => {
  const data = element?.querySelector("data");
  if (!data) return;
  data.value = String(Number(value.toPrecision(12)));
  say(data, text);
};

function start(page: Page, form: HTMLFormElement): void {
  const n = page.draws;
  const { before, at, gap } = draws(page);
  const beliefs: Beliefs = new Map();
  // Of a quantity with a few values those that were told, the latest last; the others share the rest as they did.
  const given = new Map<number, Map<number, number>>();
  const asked = page.outcomes + page.groups.length;
  const likeliest = (of: Found): number => of.rows.slice(0, page.outcomes).reduce((best, row, k, rows) => (row.mean > rows[best]!.mean ? k : best), 0);

  const controls = page.sliders.map((slider, k) => ({ slider, inputs: all<HTMLInputElement>(`[data-slider="${k}"]`, form), box: all(".slider", form)[k]! }));

  function shown(): void {
    for (const [k, { slider, inputs, box }] of controls.entries()) {
      const belief = beliefs.get(k);
      box.classList.toggle("moved", belief !== undefined);
      show(box.querySelector("button"), belief !== undefined);
      const outs = all("output", box);
      if (slider.kind === "chances") {
        const now = (belief ?? slider.chances) as number[];
        now.forEach((p, i) => {
          const text = percent(p);
          inputs[i]!.value = String(p);
          inputs[i]!.setAttribute("aria-valuetext", text);
          say(outs[i]!, text);
        });
        continue;
      }
      const value = (belief ?? slider.now) as number;
      const words = (x: number): string => (slider.kind === "structure" ? percent(x) : number(x));
      const text = `${words(value)} ${slider.unit}`.trim();
      for (const input of inputs) if (input !== document.activeElement || input.type === "range") input.value = String(Number(value.toPrecision(4)));
      inputs[0]!.setAttribute("aria-valuetext", text);
      say(outs[0]!.querySelector("span"), text);
      say(outs[0]!.querySelector(".was"), belief === undefined ? "" : ` (was ${words(slider.now)})`);
    }
    (by("back") as HTMLButtonElement).disabled = beliefs.size === 0;
    const found = at(beliefs);
    const few = !found || found.share < page.least;
    for (const part of [by("found")!, by("sentence")!]) part.inert = few;
    if (found) fill(found);
    show(by("few"), few && found !== undefined);
    show(by("sentence"), !few);
    show(by("told"), few);
    say(by("told"), !few ? "" : found
      ? `Too few draws are left to say: by their weights the ${count(n)} draws are worth ${number(found.worth, 0.5)}, less than ${percent(page.least)} of them.`
      : "These structures exclude each other: they cannot be so likely together.");
    if (page.again) say(document.querySelector("#sl-again code"), [page.again[0], ...[...beliefs].map(written), page.again[1]].filter((x) => x).join(" "));
  }

  function written([k, belief]: [number, Belief]): string {
    const { name, values } = page.sliders[k]!;
    return quoted(`${name}=${typeof belief === "number" ? belief : belief.map((p, i) => `${values[i]}:${p}`).join(",")}`);
  }

  function fill(found: Found): void {
    const changed = beliefs.size > 0;
    const k = page.asks ? asked : likeliest(found);
    const [row, old] = [found.rows[k]!, before.rows[k]!];
    const error = gap(k, found);
    if (!page.asks) say(by("said"), `${page.likeliest[k]}: `);
    tell(by("level"), row.mean, level(row.mean, row.error, page.chance));
    say(by("span"), page.chance ? ` (${span(row.low, row.high, row.error)} in 90% of draws)` : "");
    const moved = (x: number): string => shift(x, error / 4, page.chance);
    const [least, most] = [moved(row.mean - old.mean - 1.959963984540054 * error), moved(row.mean - old.mean + 1.959963984540054 * error)];
    say(by("was"), !changed ? "" : `As written it is ${level(old.mean, old.error, page.chance)}: ${moved(row.mean - old.mean)} (95%: ${least.replace(/ pt$/, "")} to ${most}).`);
    say(by("worth"), changed ? `${count(n)} draws, by their weights worth ${number(found.worth, 0.5)} (${percent(found.share)}).` : `${count(n)} draws.`);
    by("worth")!.dataset["ess"] = String(found.worth);
    const highest = Math.max(...found.rows.slice(0, page.outcomes).flatMap((r, i) => [r.high, r.mean, before.rows[i]!.mean].filter((x) => x === x)), 0);
    const top = [0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1].find((x) => x >= highest) ?? 1;
    say(by("scale"), `0 to ${percent(top)}`);
    for (const element of all("[data-row]")) {
      const where = Number(element.dataset["row"]);
      if (element.localName === "tr") ending(element, found, where, page.bar / top, changed);
      else claim(element, found.rows[where]!, before.rows[where]!, changed);
    }
  }

  function ending(element: HTMLElement, found: Found, k: number, scale: number, changed: boolean): void {
    const [row, old] = [found.rows[k]!, before.rows[k]!];
    const [bar, value, interval, moved] = all("td", element);
    tell(value, row.mean, percent(row.mean, row.error));
    const ends = all<HTMLDataElement>("data", interval!);
    for (const [i, p] of [row.low, row.high].entries()) {
      ends[i]!.value = String(Number(p.toPrecision(12)));
      say(ends[i]!, end(p, row.error));
    }
    say(moved!, changed ? shift(row.mean - old.mean, gap(k, found) / 4, true) : "");
    if (!bar?.firstElementChild || row.mean !== row.mean) return;
    const set = (selector: string, name: string, x: string | number): void => bar.querySelector(selector)!.setAttribute(name, String(x));
    const [low, high] = [row.low * scale, row.high * scale];
    set("rect", "width", row.mean * scale);
    set("path", "d", `M${low} 9H${high}M${low} 5v8M${high} 5v8`);
    set("circle", "cx", old.mean * scale);
    set("circle", "visibility", changed ? "visible" : "hidden");
  }

  function claim(element: HTMLElement, row: { mean: number; error: number; known: number }, old: { mean: number }, changed: boolean): void {
    if (!row.known) return;
    const [word, was] = [verdict(row.mean), verdict(old.mean)];
    const chip = element.querySelector(".chip")!;
    chip.className = `chip ${word[1]}`;
    say(chip, word[0]);
    const turned = changed && word[0] !== was[0];
    element.classList.toggle("turned", turned);
    say(element.querySelector(".was"), turned ? `was: ${was[0]}` : "");
    tell(element.querySelector(".share"), row.mean, percent(row.mean, row.error));
  }

  function verdict(share: number): [string, string] {
    const found = page.verdicts.find(([bound]) => share >= bound);
    return found ? [found[1], found[2]] : ["cannot be judged", "k3"];
  }

  form.addEventListener("input", (event) => {
    const input = event.target as HTMLInputElement;
    const k = Number(input.dataset["slider"]);
    const slider = page.sliders[k];
    const typed = read(input.value);
    say(input.closest(".slider")!.querySelector(".wrong"), typed === undefined && input.value ? refused(input.value) : "");
    if (!slider || typed === undefined) return;
    const value = Number(Math.min(Math.max(typed, Number(input.min)), Number(input.max)).toPrecision(4));
    if (slider.kind === "chances") beliefs.set(k, chances(k, slider, Number(input.dataset["value"]), value));
    else beliefs.set(k, value);
    shown();
  });
  form.addEventListener("change", shown);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("click", (event) => {
    const button = (event.target as Element).closest("button");
    if (!button) return;
    const back = button.dataset["back"];
    for (const k of back === undefined ? [...beliefs.keys()] : [Number(back)]) [beliefs.delete(k), given.delete(k)];
    if (back !== undefined) controls[Number(back)]!.inputs[0]!.focus();
    else controls[0]!.inputs[0]!.focus();
    shown();
  });

  function chances(k: number, slider: Handle, i: number, p: number): number[] {
    const told = given.get(k) ?? new Map<number, number>();
    given.set(k, told);
    told.delete(i);
    if (told.size === slider.chances.length - 1) told.delete([...told.keys()][0]!);
    const others = [...told.values()].reduce((a, b) => a + b, 0);
    told.set(i, Math.max(0, Math.min(p, 1 - others)));
    const rest = slider.chances.reduce((sum, old, j) => (told.has(j) ? sum : sum + old), 0);
    const left = Math.max(0, 1 - others - told.get(i)!) / rest;
    return slider.chances.map((old, j) => told.get(j) ?? Number((old * left).toPrecision(12)));
  }

  by("copy")?.addEventListener("click", async () => {
    const code = document.querySelector("#sl-again code")!;
    try {
      await navigator.clipboard.writeText(code.textContent ?? "");
      say(by("copy"), "Copied");
    } catch {
      getSelection()?.selectAllChildren(code);
      say(by("copy"), "Marked: Ctrl C");
    }
  });

  form.hidden = false;
  show(by("needs"), false);
  shown();
}

const count = (n: number): string => n.toLocaleString("en");
const template = by<HTMLTemplateElement>("data");
const form = by<HTMLFormElement>("form");
if (template && form) start(JSON.parse(template.content.textContent ?? "") as Page, form);
