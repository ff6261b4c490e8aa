// What is known, believed and done at a node of the tree, and why.
import { useEffect, useRef, useState } from "preact/hooks";
import { usePanel } from "../socket";
import type { NodeData } from "../types";
import { Markup } from "./markup";
import { Pane } from "./status";

interface Props {
  node: number;
  structure: number | undefined;
  close: () => void;
}

const PARTS: [string, string][] = [
  ["knows", "Who knows what"],
  ["believes", "What it believes"],
  ["does", "What happens here"],
  ["why", "Why this move"],
  ["turn", "What would have to be believed"],
];

export function Details({ node, structure, close }: Props) {
  const [moves, set_moves] = useState<{ move?: string; against?: string }>({});
  const [needs, set_needs] = useState(false);
  const options = { node, ...moves, needs, ...(structure === undefined ? {} : { structure }) };
  const panel = usePanel("node", options, "node");
  const data = panel.data as NodeData | undefined;
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => title.current?.focus(), [node]);
  const compare = (change: { move?: string; against?: string }): void => {
    set_needs(false);
    set_moves({ move: data?.move ?? "", against: data?.against ?? "", ...change });
  };
  const choices = data?.moves as [string, string][] | undefined;
  return (
    <aside class="details" aria-labelledby="node-title" onKeyDown={(e) => { if (e.key === "Escape") close(); }}>
      <div class="details-head">
        <h2 id="node-title" ref={title} tabIndex={-1}>{data?.title ?? "A node"}</h2>
        <button type="button" onClick={close}>Close</button>
      </div>
      <Pane panel={panel}>
        <Markup html={panel.html["where"]} />
        {PARTS.filter(([slot]) => panel.html[slot]).map(([slot, heading]) => (
          <section key={slot} aria-label={heading}>
            <h3>{heading}</h3>
            {slot === "why" && choices && choices.length > 1 && (
              <p class="compare">
                <label>Why <select value={data?.move} onChange={(e) => compare({ move: e.currentTarget.value })}>{choices.map(([name, said]) => <option key={name} value={name} disabled={name === data?.against}>{said}</option>)}</select></label>{" "}
                <label>rather than <select value={data?.against} onChange={(e) => compare({ against: e.currentTarget.value })}>{choices.map(([name, said]) => <option key={name} value={name} disabled={name === data?.move}>{said}</option>)}</select></label>
              </p>
            )}
            <Markup html={panel.html[slot]} live={slot === "why"} />
          </section>
        ))}
        {data?.sees && data.moves && data.moves.length > 1 && (
          <section aria-label="What it would have to misperceive">
            <p>{data.actor} sees some of the quantities otherwise than they are.</p>
            <button type="button" disabled={needs && panel.busy} onClick={() => set_needs(true)}>
              What would {data.actor} have to believe of them for “{choices?.find(([name]) => name === data.against)?.[1]}” to be its best move?
            </button>
            <Markup html={panel.html["needs"]} live />
          </section>
        )}
      </Pane>
    </aside>
  );
}
