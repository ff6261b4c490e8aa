"""What is told when a play is over: the debrief, the log to take away, each view again, the same choices in other
worlds; and many plays beside the model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from detente.errors import QuestionError
from detente.present.figures.playing.class_page import class_page
from detente.present.figures.playing.ended import debrief_page, elsewhere_page
from detente.present.figures.playing.seat import heading
from detente.present.web.screens.play import over_at, playing_of, view_reply
from detente.present.web.screens.registry import screen
from detente.present.web.state import Mistake, Reply, State
from detente.present.web.workspace import Work
from detente.present.wording.numbers import words
from detente.study.seats import Log

MOST_WORLDS = 1000
MOST_LOGS = 500


@dataclass(frozen=True)
class Ended:
    """A play that is over: its log, what the file is called, and how many moves were made from this seat."""

    log: str
    file: str
    made: int
    seed: int


@dataclass(frozen=True)
class Again:
    """A decision seen again: which of how many, and what was chosen."""

    number: int
    of: int
    heading: str
    chose: str


@screen("debrief", data=Ended)
def debrief(work: Work, _: State, options: Mapping[str, Any]) -> Iterator[Reply]:
    """What happened, what equilibrium play would have been, what each decision cost, who believed what."""
    playing, table, actor = over_at(work, options)
    log = table.log
    found = playing.debrief(log)
    made = sum(m.actor == actor for m in log.moves)
    file = f"{log.case}-{actor}-{log.seed}.json".replace("/", "-")
    yield Reply(html=dict(debrief_page(playing.model, found, actor)), data=Ended(log.to_json(), file, made, log.seed))


@screen("again", data=Again)
def again(work: Work, _: State, options: Mapping[str, Any]) -> Iterator[Reply]:
    """What a seat saw when it made a move of a play that is over: which one (`number`, from 0)."""
    playing, table, actor = over_at(work, options)
    moves = table.log.moves
    own = [k for k, made in enumerate(moves) if made.actor == actor]
    number = options.get("number")
    if not isinstance(number, int) or not 0 <= number < len(own):
        raise QuestionError(f"number: expected a whole number from 0 to {len(own) - 1}")
    view = playing.view(replace(table.log, moves=moves[: own[number]]), actor)
    html = view_reply(playing.model, view)
    html["feedback"] = ""
    yield Reply(html=html, data=Again(number, len(own), heading(view), words(moves[own[number]].move)))


@screen("elsewhere")
def elsewhere(work: Work, _: State, options: Mapping[str, Any]) -> Iterator[Reply]:
    """What the same choices are worth in other worlds (`draws`)."""
    playing, table, actor = over_at(work, options)
    draws = options.get("draws", 200)
    if not isinstance(draws, int) or not 2 <= draws <= MOST_WORLDS:
        raise QuestionError(f"draws: expected a whole number from 2 to {MOST_WORLDS:,}")
    found = playing.elsewhere(table.log, actor, draws, work.progress("worlds"))
    yield Reply(html={"elsewhere": elsewhere_page(found)})


@screen("class")
def class_(work: Work, state: State, options: Mapping[str, Any]) -> Iterator[Reply]:
    """Many plays beside the model (`logs`: a `name` and a `text` each). Those that do not fit are named, and left
    out."""
    given = options.get("logs")
    if not isinstance(given, list) or not 0 < len(given) <= MOST_LOGS:
        raise QuestionError(f"logs: expected 1 to {MOST_LOGS} of them")
    playing = playing_of(work, State(case=state.case, set=state.set))
    found: list[Log] = []
    mistakes: list[Mistake] = []
    for one in given:
        work.alive()
        name, text = (str(one.get(k, "")) for k in ("name", "text")) if isinstance(one, dict) else ("", "")
        try:
            found.append(playing.resume(text, name[:80] or "a file"))
        except QuestionError as error:
            mistakes.append(Mistake(message=f"{name[:80]}: {error}"))
    html = {"class": class_page(playing.summary(found))} if found else {"class": ""}
    yield Reply(html=html, mistakes=mistakes)
