"""Counts of kinds of events in crises that became violent, before they did, and in crises that never did.

    uv run python docs/escalation/make.py EVENTS.csv      # ICBe version 1.1, one row for each coding of an event

Writes `src/detente/model/escalation.csv`. Only counts are shipped. The events are those of Douglass, Scherer, Gannon,
Gartzke and others (2024), Introducing ICBe: an event extraction dataset from narratives about international crises,
Political Science Research and Methods (arXiv:2202.07081): 475 crises of the International Crisis Behavior project, 1918
to 2017.

A crisis is *violent* from the first sentence of its account that has an attack, an invasion or occupation, a battle or
clash, or a bombardment. Events of that sentence and of all after it are not counted. Crises that begin with violence,
that go on from earlier fighting, or that somebody joins as a war, are left out. Each kind counts once in a crisis.

Accounts of crises that never became violent are counted to their end, and so are longer. So a kind is told as a share
of all kinds counted on the same side: how often an event, if one is reported, is of this kind.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from pathlib import Path

OUT = Path(__file__).parents[2] / "src" / "detente" / "model" / "escalation.csv"
KINDS = (
    "act_escalate", "act_deescalate", "interact_increasecoop", "interact_decreasecoop", "interact_escalate",
    "interact_deescalate", "sayintkind",
)  # fmt: skip
VIOLENT = frozenset({"attack", "invasion/occupation", "battle/clash", "bombard"})
WAR = frozenset({"continuation of previous fighting", "join ongoing war", "join war on behalf", "declaration of war"})
FEWEST = 10  # crises in which a kind is met, for it to be told


def main(source: Path) -> None:
    with source.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    told: dict[int, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        kinds = {kind.strip() for column in KINDS for kind in row[column].split(";") if kind.strip()}
        told[int(row["crisno"])][int(row["sentence_number_int_aligned"] or 0)] |= kinds
    before: dict[str, int] = defaultdict(int)
    never: dict[str, int] = defaultdict(int)
    violent = calm = 0
    for sentences in told.values():
        order = sorted(sentences)
        at = next((k for k, s in enumerate(order) if sentences[s] & (VIOLENT | WAR)), None)
        if at is None:
            calm += 1
            counted, count = order, never
        elif sentences[order[at]] & VIOLENT and any(sentences[s] for s in order[:at]):
            violent += 1
            counted, count = order[:at], before
        else:
            continue
        for kind in set().union(*(sentences[s] for s in counted)):
            count[kind] += 1
    with OUT.open("w", encoding="utf-8", newline="") as file:
        write = csv.writer(file, lineterminator="\n")
        write.writerow(["kind", "before violence", "of all kinds", "never violent", "of all kinds"])
        for kind in sorted({*before, *never}):
            if before[kind] + never[kind] >= FEWEST:
                write.writerow([kind, before[kind], sum(before.values()), never[kind], sum(never.values())])
    print(f"{violent} crises that became violent, {calm} that did not: {OUT.name}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
