// Playing a role: who is played and how, the seat, and what is told when it is over.
import { useEffect, useState } from "preact/hooks";
import { accept, held, new_key, sit } from "../parts/seat";
import { NumberField } from "../parts/number";
import { Mistakes, Pane } from "../parts/status";
import { usePanel } from "../socket";
import { go, route, state } from "../store";
import type { Cast, Mistake, Role } from "../types";
import { Class } from "./play_class";
import { AtTable } from "./play_seat";

export function Play() {
  const { table, invitation } = route.value.options;
  const [mistakes, tell] = useState<Mistake[]>([]);
  useEffect(() => {
    if (!table || !invitation) return;
    void accept(table, invitation).then((wrong) => {
      tell(wrong);
      if (wrong.length > 0) go("play");
    });
  }, [table, invitation]);
  if (route.value.options["class"]) return <Class />;
  if (table && invitation) return <section class="pane" aria-busy><p>Taking the seat…</p></section>;
  const mine = held.value[state.value.case];
  return (
    <>
      <Mistakes mistakes={mistakes} />
      {mine ? <AtTable key={mine.table} seat={mine} /> : <Start />}
    </>
  );
}

function Start() {
  const panel = usePanel("roles", {}, "roles");
  const cast = panel.data as Cast | undefined;
  const [actor, choose] = useState("");
  const [other, invite] = useState("");
  const [world, place] = useState("drawn");
  const [number, count] = useState<number | undefined>(undefined);
  const [coached, coach] = useState(false);
  const [busy, wait] = useState(false);
  const [mistakes, tell] = useState<Mistake[]>([]);

  async function begin(options: Record<string, unknown>): Promise<void> {
    wait(true);
    tell([]);
    const wrong = await sit(options, new_key());
    wait(false);
    tell(wrong);
  }
  const roles = cast?.roles ?? [];
  return (
    <Pane panel={panel} class="start">
      <h1>Play a role</h1>
      <p class="lede">Take the seat of one actor. You see what it sees and nothing more, and move when it is asked; the others, and chance, play as the
        model says. When it is over you are told what equilibrium play would have been, what each of your choices was worth, and what the others believed of you.</p>
      {cast && (cast.taken.length > 0 || cast.left.length > 0) && (
        <div class="warning small">
          {cast.taken.length > 0 && <p>It is played with what is held to be known: {cast.taken.join(", ")}.</p>}
          {cast.left.length > 0 && <p>A play takes place in one world of the case, so these do not enter: {cast.left.join("; ")}.</p>}
        </div>
      )}
      <Mistakes mistakes={mistakes} />
      <form onSubmit={(e) => { e.preventDefault(); if (actor) void begin({ seats: other ? [actor, other] : [actor], world, coached, ...(number === undefined || world !== "drawn" ? {} : { number }) }); }}>
        <fieldset class="roles">
          <legend>Who are you?</legend>
          {roles.map((role) => <RoleCard key={role.name} role={role} chosen={role.name === actor} choose={() => { choose(role.name); if (other === role.name) invite(""); }} />)}
        </fieldset>
        <div class="ways">
          <fieldset>
            <legend>In which world?</legend>
            <label><input type="radio" name="world" checked={world === "drawn"} onChange={() => place("drawn")} /> One drawn from all that the case considers possible: you are shown its numbers, but not its luck</label>
            <label><input type="radio" name="world" checked={world === "central"} onChange={() => place("central")} /> The median one: every uncertain number is at its median</label>
            {world === "drawn" && (
              <details>
                <summary>The same world for a class</summary>
                <label>Number <NumberField low={0} high={2147483647} whole live set={count} /></label>
                <p class="small">Whoever plays with the same number meets the same world and the same luck. Without one, nobody knows the number before the end.</p>
              </details>
            )}
          </fieldset>
          <fieldset>
            <legend>How?</legend>
            <label><input type="checkbox" checked={coached} onChange={(e) => coach(e.currentTarget.checked)} /> Coached: each choice is reviewed at once, and not only at the end</label>
            <label>Somebody else plays{" "}
              <select value={other} onChange={(e) => invite(e.currentTarget.value)}>
                <option value="">nobody: the model does</option>
                {roles.filter((r) => r.name !== actor).map((r) => <option key={r.name} value={r.name}>{r.label}</option>)}
              </select>
            </label>
            {other && <p class="small">You will get a link that opens the other seat, once, in another browser on this machine.</p>}
          </fieldset>
        </div>
        <p><button type="submit" class="primary" disabled={!actor || busy}>{busy ? "The world is being solved…" : "Sit down"}</button>
          {!actor && <span class="small"> Choose an actor first.</span>}</p>
      </form>
      <details class="logs">
        <summary>Logs of plays</summary>
        <p><label>Open the log of a play: one that is over is replayed, another is continued <input type="file" accept=".json,application/json" onChange={(e) => void opened(e.currentTarget)} /></label></p>
        <p><button type="button" onClick={() => go("play", { class: "yes" })}>A class: many logs beside the model</button></p>
      </details>
    </Pane>
  );

  async function opened(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    if (file) await begin({ log: await file.text(), name: file.name });
    input.value = "";
  }
}

function RoleCard({ role, chosen, choose }: { role: Role; chosen: boolean; choose: () => void }) {
  const more = `role-${role.name.replaceAll(/[^\w-]/g, "-")}`;
  return (
    <div class={chosen ? "tile role chosen" : "tile role"}>
      <label>
        <input type="radio" name="role" checked={chosen} onChange={choose} aria-describedby={role.means ? more : undefined} />
        <span class="name">{role.label}</span>
      </label>
      {role.means && <p id={more}>{role.means}</p>}
      <p class="small">It decides: {role.decides.map((d) => d.split(":")[0]).join(", ")}.</p>
      <details>
        <summary>What counts for it</summary>
        <ul>{role.wants.map((want) => <li key={want}>{want}</li>)}</ul>
      </details>
    </div>
  );
}
