// Every question that can be asked of the case: a form of what it takes, and the answer as the report has it.
import { useEffect, useRef, useState } from "preact/hooks";
import { Markup } from "../parts/markup";
import { NumberField } from "../parts/number";
import { Pane } from "../parts/status";
import { usePanel } from "../socket";
import { go, route, state } from "../store";
import type { Input, Offer } from "../types";

type Given = Record<string, string | number | boolean | string[]>;

export function Questions() {
  const offers = usePanel("questions", {}, "questions");
  const all = (offers.data ?? []) as Offer[];
  const chosen = all.find((o) => o.name === route.value.options["ask"]);
  const topics = [...new Set(all.map((o) => o.topic))];
  return (
    <div class="asking">
      <Pane panel={offers} class="offers">
        <h1>Ask the case</h1>
        {topics.map((topic) => (
          <section key={topic}>
            <h2>{topic}</h2>
            <ul>
              {all.filter((o) => o.topic === topic).map((o) => (
                <li key={o.name}>
                  <button type="button" class="link" aria-pressed={o === chosen} onClick={() => go("questions", { ask: o.name })}>{o.name}</button>
                  <span class="small"> {o.says}</span>
                </li>
              ))}
            </ul>
          </section>
        ))}
      </Pane>
      {chosen && <Question key={chosen.name} offer={chosen} />}
    </div>
  );
}

function Question({ offer }: { offer: Offer }) {
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => head.current?.focus(), []); // the form stands at the top of the page, the list goes on below
  const [given, set] = useState<Given>({});
  const [draws, set_draws] = useState<number | undefined>(undefined);
  const needs = offer.inputs.some((i) => i.required);
  const [asked, ask] = useState<{ given: Given; draws: number | undefined } | undefined>(needs ? undefined : { given: {}, draws: undefined });
  return (
    <div class="question-asked">
      <h2 ref={head} tabIndex={-1}>{offer.name}</h2>
      <p class="small">{offer.says}</p>
      {offer.details && <details><summary>How it is answered</summary>{offer.details.split("\n\n").map((p, k) => <p key={k} class="small">{p.replaceAll("`", "")}</p>)}</details>}
      <form onSubmit={(e) => { e.preventDefault(); ask({ given, draws }); }}>
        {offer.inputs.map((input) => (
          <Field key={input.name} input={input} value={given[input.name]} set={(value) => set({ ...given, [input.name]: value })} />
        ))}
        {offer.draws !== null && (
          <label>Draws
            <NumberField low={2} high={10000} whole live placeholder={String(offer.draws)} set={set_draws} />
          </label>
        )}
        <button type="submit" class="primary">Ask</button>
      </form>
      <Left />
      {asked && <Result name={offer.name} asked={asked} />}
    </div>
  );
}

// What of the state this answer does not take in, said where it is read.
function Left() {
  const { suppose, changes } = state.value;
  const left = [suppose && Object.keys(suppose).length > 0 && "best guesses that were moved", changes && changes.length > 0 && "moves and mechanisms that were changed"].filter(Boolean);
  return left.length > 0 ? <p class="warning small">This answer does not take in {left.join(", nor ")}; what is held to be known, and the day, it does.</p> : null;
}

function Field({ input, value, set }: { input: Input; value: Given[string] | undefined; set: (value: Given[string]) => void }) {
  const list = `offered-${input.name}`;
  const help = `help-${input.name}`;
  const common = { id: `field-${input.name}`, "aria-describedby": help, required: input.required };
  const words = input.name.replaceAll("_", " ");
  const lines = input.kind === "list" || input.kind === "changes";
  let control;
  if (input.kind === "switch") control = <input {...common} type="checkbox" checked={value === true} onChange={(e) => set(e.currentTarget.checked)} />;
  else if (input.kind === "choice")
    control = (
      <select {...common} value={String(value ?? input.default)} onChange={(e) => set(e.currentTarget.value)}>
        {input.offered.map((o) => <option key={o}>{o}</option>)}
      </select>
    );
  else if (input.kind === "whole" || input.kind === "number")
    control = <NumberField {...common} live whole={input.kind === "whole"} low={input.low ?? undefined} high={input.high ?? undefined} placeholder={input.default} set={(to) => set(to ?? "")} />;
  else if (lines)
    control = <textarea {...common} rows={Math.max(2, ((value as string[] | undefined) ?? []).length)} placeholder="one in a line" onInput={(e) => set(e.currentTarget.value.split("\n").map((l) => l.trim()).filter(Boolean))} />;
  else control = <input {...common} type="text" list={list} placeholder={input.default} onInput={(e) => set(e.currentTarget.value)} autocomplete="off" />;
  return (
    <div class="field">
      <label for={`field-${input.name}`}>{words}{input.required ? "" : " (optional)"}</label>
      {control}
      <p id={help} class="small">{input.help}{input.hint && (input.kind === "changes" ? ` ${input.hint}` : "")}{lines && input.offered.length > 0 && ` Known here: ${input.offered.slice(0, 12).join(", ")}${input.offered.length > 12 ? " …" : ""}`}</p>
      {input.kind === "text" && input.offered.length > 0 && <datalist id={list}>{input.offered.map((o) => <option key={o} value={o} />)}</datalist>}
    </div>
  );
}

function Result({ name, asked }: { name: string; asked: { given: Given; draws: number | undefined } }) {
  const panel = usePanel("questions", { question: name, given: asked.given, ...(asked.draws === undefined ? {} : { draws: asked.draws }) }, "question");
  return (
    <Pane panel={panel} class="result">
      <Markup html={panel.html["answer"]} live />
    </Pane>
  );
}
