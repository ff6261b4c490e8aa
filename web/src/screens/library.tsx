// The library: a card for each case.
import { Pane } from "../parts/status";
import { usePanel } from "../socket";
import { open_case, plain } from "../store";
import type { Card } from "../types";

export function Library() {
  const panel = usePanel("library", {}, "library", plain(""));
  const cards = (panel.data ?? []) as Card[];
  return (
    <Pane panel={panel}>
      <h1>Crises</h1>
      <ul class="cards">
        {cards.map((card) => (
          <li key={card.key} class="tile">
            <h2><button type="button" class="link" onClick={() => open_case(card.key)}>{card.title}</button></h2>
            <p>{card.question}</p>
            {card.as_of && <p class="small">As of {card.as_of}{card.happened && `; what happened: ${card.happened}`}</p>}
            {card.mistake && <p class="small">It cannot be opened: {card.mistake}</p>}
          </li>
        ))}
      </ul>
    </Pane>
  );
}
