"""What a finished tree shows of a model: outcomes that no play comes to, and moves that nobody can ever make."""

from __future__ import annotations

from collections.abc import Iterator

from detente.errors import Problem, listed
from detente.game.plays import Plays
from detente.language.scenes import OUTCOME
from detente.model.schema import Model


def unplayed(model: Model, plays: Plays) -> list[str]:
    """The stages that no play comes to."""
    met = plays.met()
    return [name for name in model.stages if not met.get(name)]


def never(model: Model, plays: Plays) -> Iterator[Problem]:
    """What only a finished tree can show: outcomes and moves that no play comes to."""
    met, silent = plays.met(), unplayed(model, plays)
    for name, outcome in model.outcomes.items():
        if name not in met.get(OUTCOME, ()):
            if outcome.otherwise:
                continue  # a last resort need not be reached
            yield Problem(
                model.place("outcomes", name, "@key"),
                f"the outcome {name!r} can never be reached",
                "its condition never holds when it is tried, or an outcome before it always comes first",
                f"outcomes.{name}",
                True,
            )
    for name, stage in model.stages.items():
        never = [label for label in stage.results if label not in met.get(name, ())]
        if name in silent:
            yield Problem(
                model.place("stages", name, "@key"),
                f"the stage {name!r} is never played",
                "its condition never holds, or the game always ends before it",
                f"stages.{name}",
                True,
            )
        elif never:
            yield Problem(
                model.place("stages", name, "moves" if stage.moves else "offer", never[0]),
                f"the move{'s' * (len(never) > 1)} {listed(never)} of {name!r} can never be made",
                "the condition never holds",
                f"stages.{name}",
                True,
            )
