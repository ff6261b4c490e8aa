// What can be taken away and sent: a link, the command for the same numbers, reports, tables, pictures.
import { useState } from "preact/hooks";
import { Mistakes } from "../parts/status";
import { draft_of, link, put, usePanel } from "../socket";
import { shared, state } from "../store";
import type { Mistake, Share as Data, State } from "../types";

const FILES: [string, string, string][] = [
  ["report", "Report", "everything, as one page (HTML) that needs no server"],
  ["brief", "Brief", "one sheet of paper (HTML, to be printed)"],
  ["variant", "Variant file", "a model file that extends the case with what is set otherwise (YAML)"],
  ["csv", "Table", "outcomes, claims and what they depend on (CSV)"],
  ["json", "Data", "as `detente --json` prints it"],
  ["model", "Model", "the text of the case itself (YAML)"],
];
const OF_A_MODEL = new Set(["report", "brief"]);

export function Share() {
  const panel = usePanel("share");
  const data = panel.data as Data | undefined;
  const [making, make] = useState("");
  const [wrong, tell] = useState<Mistake[]>([]);
  const [done, say] = useState("");
  const [sliders, carry] = useState(false);
  const ready = data !== undefined && panel.shown !== undefined && panel.mistakes.length === 0 && link.value === "open";
  const take = async (what: string, name: string, picture = "", png = false): Promise<void> => {
    [make(name), tell([]), say("")];
    try {
      const [file, blob] = await fetched(what, state.value, data?.digest ?? "", picture);
      if (png) await save(await painted(await blob.text()), file.replace(/\.svg$/, ".png"));
      else save(blob, file);
      say(`${png ? file.replace(/\.svg$/, ".png") : file} was made.`);
    } catch (error) {
      tell(error instanceof Refusal ? error.mistakes : [{ message: "the file could not be made; is the server there?" }]);
    }
    make("");
  };
  return (
    <section class="pane sharing" aria-busy={data === undefined && panel.mistakes.length === 0}>
      <h1>Share</h1>
      <Mistakes mistakes={panel.mistakes} />
      {data && (data.otherwise ?? []).length > 0 && (
        <div class="otherwise">
          <h2>Set otherwise than the case has it</h2>
          <ul>{(data.otherwise ?? []).map((told) => <li key={told}>{told}</li>)}</ul>
          {(data.unsaid ?? []).length > 0 && (
            <p class="small">No model can say this, so that a report, a brief and pictures cannot be had with it: {(data.unsaid ?? []).join("; ")}. Tables and data can.</p>
          )}
        </div>
      )}
      <h2>A link</h2>
      {data?.draft
        ? <p class="small">This is a draft, and the link opens it in this browser alone. To share it, save it, or download the model as a file.</p>
        : <p class="small">It holds the case, all that is changed, and the seed. Whoever opens it in a workbench that has the case sees the same numbers, or a note that the case has changed since.</p>}
      {data && <Copied label="Link to this state" text={shared({ screen: "answer", options: {} }, state.value, data.digest)} />}
      <Another digest={data?.digest ?? ""} />
      <h2>{data && (data.draft || data.unsaid.length > 0) ? "From the command line" : "The same numbers from the command line"}</h2>
      {data && data.unsaid.length > 0 && <p class="warning small">This command does not give the numbers of the page: {data.unsaid.join("; ")}, which no file can say.</p>}
      {data?.draft && <p class="warning small">This command asks the file on disk, not the draft: take the model away (Model, below) and put the name of that file in place of {state.value.case.startsWith("text:") ? "the case" : state.value.case}.</p>}
      {data && <Copied label="Command" text={data.command} />}
      {data?.in_file && <p class="small">What is set otherwise is in the variant file: download it first, and run it in the folder of the case that it extends.</p>}
      <h2>Download</h2>
      <ul class="files">
        {FILES.map(([what, name, says]) => (
          <li key={what}>
            <button type="button" disabled={!ready || making !== "" || (OF_A_MODEL.has(what) && (data?.unsaid ?? []).length > 0)} onClick={() => void take(what === "report" && sliders ? "sliders" : what, name)}>{name}</button>
            <span class="small"> {says}</span>
            {what === "report" && (
              <label class="small sure"><input type="checkbox" checked={sliders} onChange={(e) => carry(e.currentTarget.checked)} /> with sliders that work offline</label>
            )}
          </li>
        ))}
      </ul>
      <div role="status" class="status">
        {making && <span class="busy">{making} is being made; this may take a minute</span>}
        {done && !making && <span>{done}</span>}
      </div>
      <Mistakes mistakes={wrong} />
      <h2>Pictures</h2>
      {data?.pictures ? (
        <ul class="files">
          {Object.entries(data.pictures).map(([key, title]) => (
            <li key={key}>
              <span class="title">{title}</span>
              <button type="button" disabled={!ready || making !== ""} onClick={() => void take("svg", title, key)} aria-label={`${title} as SVG`}>SVG</button>
              <button type="button" disabled={!ready || making !== ""} onClick={() => void take("svg", title, key, true)} aria-label={`${title} as PNG`}>PNG</button>
            </li>
          ))}
        </ul>
      ) : (
        <p class="small">{(data?.unsaid ?? []).length > 0 ? "There are none for this state." : "They come when the case is solved."}</p>
      )}
    </section>
  );
}

// A text to be copied: by a button where the browser allows that, and by hand everywhere.
function Copied({ label, text }: { label: string; text: string }) {
  const [said, say] = useState("");
  const copy = async (input: HTMLInputElement | null): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text);
      say("Copied.");
    } catch {
      input?.select();
      say(document.execCommand("copy") ? "Copied." : "Press Ctrl C to copy what is marked.");
    }
  };
  let input: HTMLInputElement | null = null;
  return (
    <div class="copied">
      <input type="text" readOnly aria-label={label} value={text} ref={(e) => { input = e; }} onFocus={(e) => e.currentTarget.select()} />
      <button type="button" onClick={() => void copy(input)} aria-label={`Copy: ${label}`}>Copy</button>
      <span role="status" class="small">{said}</span>
    </div>
  );
}

// A link for another browser on this machine: it opens once.
function Another({ digest }: { digest: string }) {
  const [path, found] = useState("");
  const [wrong, tell] = useState("");
  const ask = async (): Promise<void> => {
    try {
      const answer = await fetch("/links", { method: "POST" });
      if (!answer.ok) throw new Error(await answer.text());
      const made = ((await answer.json()) as { path: string }).path;
      const state_of = shared({ screen: "answer", options: {} }, state.value, digest).split("#")[1] ?? "";
      [found(`${location.origin}${made}#${state_of}`), tell("")];
    } catch {
      tell("There is no link: the server does not answer.");
    }
  };
  return (
    <div class="another">
      <button type="button" onClick={() => void ask()} disabled={!digest}>Make a link for another browser on this machine</button>
      {wrong && <span role="alert" class="small"> {wrong}</span>}
      {path && <Copied label="Link that opens once" text={path} />}
    </div>
  );
}

class Refusal extends Error {
  constructor(readonly mistakes: Mistake[]) {
    super(mistakes[0]?.message ?? "refused");
  }
}

async function fetched(what: string, of: State, digest: string, picture: string, again = true): Promise<[string, Blob]> {
  const answer = await fetch("/exports", { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ what, state: of, digest, picture }) });
  if (answer.ok) {
    const named = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition") ?? "");
    return [named?.[1] ?? "detente", await answer.blob()];
  }
  const told = (await answer.json().catch(() => ({}))) as { need?: string; mistakes?: Mistake[] };
  const draft = told.need ? draft_of(told.need) : undefined;
  if (draft && again) {
    await put(draft.text, draft.name);
    return fetched(what, of, digest, picture, false);
  }
  throw new Refusal(told.mistakes ?? [{ message: "the file could not be made" }]);
}

export function save(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const anchor = document.createElement("a");
  [anchor.href, anchor.download] = [address, name];
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

// An SVG with its style inside, painted at twice its size.
async function painted(svg: string): Promise<Blob> {
  const drawn = new Image();
  drawn.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await drawn.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [2 * drawn.naturalWidth, 2 * drawn.naturalHeight];
  canvas.getContext("2d")?.drawImage(drawn, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => canvas.toBlob((made) => (made ? resolve(made) : reject(new Error("nothing was painted")))));
}
