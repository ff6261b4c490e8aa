import { Markup } from "../parts/markup";
import { Pane } from "../parts/status";
import { usePanel } from "../socket";

export function Answer() {
  const panel = usePanel("answer");
  return (
    <Pane panel={panel}>
      <Markup html={panel.html["sentence"]} class="lede" live />
      <Markup html={panel.html["outcomes"]} />
      <Markup html={panel.html["claims"]} />
    </Pane>
  );
}
