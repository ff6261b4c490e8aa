"""What information sets are called: who decides what and when, and what its owner knows that tells it from the others.

`Russia (aim subjugate): posture in period 2 after voice warn, presence lvov (period 1)`: its own secrets stand
beside the actor; what it has seen stands behind `after`, the period where it was an earlier one. What every set
of the same actor, stage and period has in common is left out, so that names stay short and no two are alike.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TypeVar

from detente.game.tree import Infoset
from detente.model.periods import date

Key = TypeVar("Key")
LAST = 3  # events that are shown where nothing need be told apart


def named(infosets: Mapping[Key, Infoset], players: Sequence[str], slices: int = 1) -> dict[Key, Infoset]:
    """The information sets with their names; until now each had that of the stage at which it stands.

    `slices`: into how many every period is cut.
    """
    alike: dict[tuple[int, str, int], list[Key]] = {}
    for key, info in infosets.items():
        alike.setdefault((info.player, info.name, info.step), []).append(key)
    found: dict[Key, str] = {}
    for (player, stage, step), keys in alike.items():
        when = date(step, slices) if step else ""
        common = set.intersection(*(set(infosets[key].situation) for key in keys))
        for key in keys:
            info = infosets[key]
            telling = [entry for entry in info.situation if entry not in common]
            if len(keys) == 1:
                telling = list(info.situation[-LAST:])
            found[key] = _name(players[player], stage, when, telling)
    return {key: replace(info, name=found[key]) for key, info in infosets.items()}


def _name(actor: str, stage: str, now: str, telling: Sequence[tuple[str, str]]) -> str:
    own = [f"{event.partition('.')[2]} {label}" for event, label in telling if _own(event, actor)]
    seen = [entry for entry in telling if not _own(entry[0], actor)]
    parts = []
    for when, entries in groupby(seen, key=lambda entry: entry[0].rpartition(":")[0]):
        words = ", ".join(f"{event.rpartition(':')[2]} {label}" for event, label in entries)
        parts.append(words + (f" (period {when})" if when and when != now else ""))
    who = actor + (f" ({', '.join(own)})" if own else "")
    return f"{who}: {stage}" + (f" in period {now}" if now else "") + (f" after {'; '.join(parts)}" if seen else "")


def _own(event: str, actor: str) -> bool:
    """Whether an event is the actor's own private type (not the signal of it, which everybody sees)."""
    return event.startswith(f"{actor}.") and not event.endswith(".seen")
