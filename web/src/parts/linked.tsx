// Whoever comes by a link is told when the case has another text by now than when the link was made.
import { usePanel } from "../socket";
import { linked, plain, state } from "../store";
import type { CaseMark } from "../types";

export function Linked() {
  const link = linked.value;
  if (!link || link.case !== state.value.case) return null;
  return <Compared digest={link.digest} />;
}

function Compared({ digest }: { digest: string }) {
  const panel = usePanel("mark", {}, "mark", plain(state.value.case));
  const now = (panel.data as CaseMark | undefined)?.digest;
  if (panel.mistakes.length > 0) return <p role="status" class="linked warning">The link is to a text that existed only in the browser in which it was made. <Dismiss /></p>;
  if (!now || now === digest) return null;
  return <p role="status" class="linked warning">The case has changed since this link was made: its numbers are different now. <Dismiss /></p>;
}

const Dismiss = () => <button type="button" class="mini" onClick={() => (linked.value = undefined)} aria-label="Close this note">×</button>;
