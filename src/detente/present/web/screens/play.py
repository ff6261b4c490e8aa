"""Playing a role in the page: who can be played, a seat at a table, its view and its moves.

A page has the number of a table and the key of its seat, and is told what the view of that seat says. The log stays
with the server until play is over.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from detente.errors import QuestionError
from detente.model.schema import Model
from detente.present.figures.playing.seat import briefing_page, heading, news, view_page
from detente.present.web.screens.registry import screen
from detente.present.web.state import Reply, State
from detente.present.web.tables import Seat, Table, Tables, checked, digest
from detente.present.web.workspace import TEXT, Work
from detente.present.wording.names import assumed
from detente.present.wording.numbers import words
from detente.present.wording.playing import wanted
from detente.study.debriefing import View, Wish
from detente.study.playing import Playing
from detente.study.seats import CENTRAL, Log

LARGEST_SEED = 2**31
_WORLDS = 50  # that are tried for one in which an actor has a part


@dataclass(frozen=True)
class Role:
    """An actor that can be played: who it is, what it wants, and what it decides."""

    name: str
    label: str
    means: str
    wants: tuple[str, ...]
    decides: tuple[str, ...]


@dataclass(frozen=True)
class Cast:
    """Who can be played, and what of the state of the page a play takes in (`taken`) and what it leaves out."""

    title: str
    roles: tuple[Role, ...]
    taken: tuple[str, ...]
    left: tuple[str, ...]


@dataclass(frozen=True)
class Invitation:
    """A seat for somebody else, and what it is exchanged for a key with."""

    actor: str
    label: str
    invitation: str


@dataclass(frozen=True)
class Seated:
    """A seat at a table, and those that are kept for others."""

    table: str
    actor: str
    case: str
    invitations: tuple[Invitation, ...]


@dataclass(frozen=True)
class Button:
    """A move that can be made now."""

    move: str
    label: str
    means: str


@dataclass(frozen=True)
class AtSeat:
    """A seat as it is shown. `mark`: what this state of it is known by; `same`: it is as it was, and no markup is
    sent; `made`: how many moves were made from this seat; `news`: all that it has seen, in sentences; `empty`: the
    other seats at which nobody sits yet."""

    mark: str
    same: bool
    actor: str
    label: str
    phase: str
    heading: str
    made: int
    moves: tuple[Button, ...]
    news: tuple[str, ...]
    taken: tuple[str, ...]
    seats: tuple[str, ...]
    empty: tuple[str, ...]
    coached: bool


@screen("roles", data=Cast)
def roles(work: Work, state: State, _: Mapping[str, Any]) -> Iterator[Reply]:
    """Who can be played. The case is made ready to be played meanwhile."""
    model = work.model(_played(state))
    yield Reply(data=_cast(model, state))
    playing_of(work, _played(state))


@screen("sit", data=Seated)
def sit(work: Work, state: State, options: Mapping[str, Any]) -> Iterator[Reply]:
    """Begin a play (`seats`, of which the first is one's own, `world`, `number`, `coached`), take the seat of an
    invitation (`table`, `invitation`), play again (`again`: the key at a `table` that is over), or go on with a log
    (`log`). The page has made the `key` of its seat."""
    key = checked(options.get("key"))
    tables = tables_of(work)
    if "invitation" in options:
        table = tables.change(_text(options, "table"), lambda t: t.taken(_text(options, "invitation"), key))
        yield Reply(data=Seated(table.id, table.seat_of(key), table.case, ()))
        return
    if "again" in options:
        before = tables.read(_text(options, "table"))
        own = before.seat_of(_text(options, "again"))
        playing = playing_at(work, before)
        _over(playing, before.log)
        order = (own, *(seat for seat in before.log.seats if seat != own))
        log = replace(before.log, seats=order, moves=())
        if options.get("world") != "same":
            central = before.log.world == CENTRAL
            log = _begun(playing, order, CENTRAL if central else None, None, before.log.coached)
        table = replace(before, log=log)
    else:
        state = _played(state)
        playing = playing_of(work, state)
        if "log" in options:
            log = playing.resume(_text(options, "log"), str(options.get("name") or "this file")[:80])
        else:
            log = _asked(playing, options)
        source = work.space.source(state.case)
        text = source.text if state.case.startswith(TEXT) else ""
        table = Table(state.case, source.name, text, dict(state.set), log, {})
    yield Reply(data=_seated(tables, table, key))


@screen("seat", data=AtSeat)
def seat(work: Work, _: State, options: Mapping[str, Any]) -> Iterator[Reply]:
    """What a seat sees (`table`, `key`), after a `move`, where one is made: the first, second, ... of it (`made`, from
    0). With the `mark` of what is shown, no more than whether that is what is so still."""
    tables, key = tables_of(work), _text(options, "key")
    table = tables.read(_text(options, "table"))
    actor = table.seat_of(key)
    playing = playing_at(work, table)
    if "move" in options:
        move, made = _text(options, "move"), options.get("made")
        table = tables.change(table.id, lambda t: replace(t, log=_moved(playing, t.log, actor, move, made)))
    reply = _shown(playing, table, actor)
    if reply.data.mark == options.get("mark"):
        reply = Reply(data=replace(reply.data, same=True))
    yield reply


@screen("briefing")
def briefing(work: Work, _: State, options: Mapping[str, Any]) -> Iterator[Reply]:
    """What the actor of a seat knows all through play."""
    table, actor = seat_of(work, options)
    playing = playing_at(work, table)
    yield Reply(html=briefing_page(playing.model, playing.briefing(table.log, actor)))


# ------------------------------------------------------------------------------------------------ what is shared


def tables_of(work: Work) -> Tables:
    """The tables of the server. Raises QuestionError where it keeps none."""
    if work.space.plays is None:
        raise QuestionError("this server keeps no plays; start the workbench with `detente open`")
    return Tables(work.space.plays)


def seat_of(work: Work, options: Mapping[str, Any]) -> tuple[Table, str]:
    """The table of a seat, and who is played there, by the number of the table and the key. Raises QuestionError."""
    table = tables_of(work).read(_text(options, "table"))
    return table, table.seat_of(_text(options, "key"))


def playing_of(work: Work, state: State) -> Playing:
    """A case made ready to be played, with what is held to be known. Raises ModelError, QuestionError."""
    key = ("playing", work.mark(state))
    model = work.model(state)
    return work.space.once(key, lambda: Playing.of(model, store=work.space.store, workers=work.space.workers))


def playing_at(work: Work, table: Table) -> Playing:
    """The case of a table, made ready to be played. Raises ModelError, QuestionError."""
    if table.text:  # a worker that was never sent this text has it from the table
        work.space.put(table.text, table.name)
    return playing_of(work, State(case=table.case, set=dict(table.set)))


def over_at(work: Work, options: Mapping[str, Any]) -> tuple[Playing, Table, str]:
    """A play that is over, by a seat of it: nothing of it is kept back any more. Raises QuestionError."""
    table, actor = seat_of(work, options)
    playing = playing_at(work, table)
    _over(playing, table.log)
    return playing, table, actor


def view_reply(model: Model, view: View) -> dict[str, str]:
    """What a view shows, by slot."""
    return dict(view_page(model, view))


def _over(playing: Playing, log: Log) -> None:
    if playing.turn(log):
        raise QuestionError("this play is not over; its log would tell a player what it may not see")


def _text(options: Mapping[str, Any], name: str) -> str:
    value = options.get(name)
    if not isinstance(value, str) or not value:
        raise QuestionError(f"{name}: a text is needed here")
    return value


# ------------------------------------------------------------------------------------------------ to sit down


def _played(state: State) -> State:
    """What of a state is played: the case, and what is held to be known in it."""
    return State(case=state.case, set=state.set)


def _cast(model: Model, state: State) -> Cast:
    found = []
    rivals = model._rivals
    stages = {n: s for m in (rivals.members if rivals else (model,)) for n, s in m.stages.items()}
    for name, actor in model.actors.items():
        own = {n: stage for n, stage in stages.items() if stage.actor == name}
        if not own:
            continue
        wishes = [
            Wish(term, t.formula.text if t.formula else "", t.means, t.because)
            for term, t in model.payoffs.get(name, {}).items()
        ]
        wants = tuple(f"{words(w.term)}: {said}" if (said := wanted(model, w)) else words(w.term) for w in wishes)
        decides = tuple(f"{words(n)}: {s.means}" if s.means else words(n) for n, s in own.items())
        found.append(Role(name, words(name), actor.means, wants, decides))
    taken = tuple(f"{assumed(name)} is {value}" for name, value in state.set.items())
    left = []
    if state.suppose:
        left.append("best guesses that were moved")
    if state.changes:
        left.append("moves and mechanisms that were changed")
    if state.as_of is not None:
        left.append("the day as known on which is asked")
    return Cast(model.title, tuple(found), taken, tuple(left))


def _asked(playing: Playing, options: Mapping[str, Any]) -> Log:
    """A new play, as a page asks for it."""
    seats, number = options.get("seats"), options.get("number")
    if not isinstance(seats, list) or not seats or not all(isinstance(s, str) for s in seats):
        raise QuestionError("seats: say who is played, one's own seat first")
    if number is not None and (not isinstance(number, int) or not 0 <= number < LARGEST_SEED):
        raise QuestionError(f"the number of a world is a whole one from 0 to {LARGEST_SEED - 1:,}")
    world = CENTRAL if options.get("world") == CENTRAL else None
    return _begun(playing, seats, world, number, options.get("coached") is True)


def _begun(playing: Playing, seats: Any, world: Any, number: int | None, coached: bool) -> Log:
    """A new play, in a world and with luck that nobody knows, or those of a number that somebody chose."""
    if world is not None or number is not None:
        seed = secrets.randbelow(LARGEST_SEED) if number is None else number
        return playing.start(seats, seed, 0 if world is None else world, coached)
    for tries in range(_WORLDS):
        try:
            return playing.start(seats, secrets.randbelow(LARGEST_SEED), 0, coached)
        except QuestionError as error:  # of rival structures, one in which this actor has no part
            if "has no part" not in str(error) or tries == _WORLDS - 1:
                raise
    raise AssertionError


def _seated(tables: Tables, table: Table, key: str) -> Seated:
    """Begin a table: the first seat is that of the key, each other one has an invitation."""
    own, *others = table.log.seats
    invitations = {actor: secrets.token_urlsafe(24) for actor in others}
    seats = {own: Seat(key=digest(key)), **{a: Seat(invitation=digest(text)) for a, text in invitations.items()}}
    made = tables.add(replace(table, seats=seats))
    return Seated(
        made.id, own, made.case, tuple(Invitation(a, words(a), text) for a, text in invitations.items())
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ at a seat


def _moved(playing: Playing, log: Log, actor: str, move: str, made: object) -> Log:
    """The log with the next move of a seat, of which `made` were made before. One that came twice counts once."""
    own = [m for m in log.moves if m.actor == actor]
    if not isinstance(made, int) or isinstance(made, bool):
        raise QuestionError("made: say how many moves were made from this seat before")
    if len(own) == made + 1 and own[-1].move == move:
        return log
    if len(own) != made:
        raise QuestionError("this was decided already, in another window; what is shown now is how it stands")
    return playing.move(log, actor, move)


def _shown(playing: Playing, table: Table, actor: str) -> Reply:
    """All that a seat is shown: what its view says, and nothing else of the log."""
    model, log = playing.model, table.log
    view = playing.view(log, actor)
    html = view_reply(model, view)
    at = AtSeat(
        "", False, actor, words(actor), view.phase, heading(view), sum(m.actor == actor for m in log.moves),
        tuple(Button(m.move, words(m.move), m.means) for m in view.moves), news(model, view),
        tuple(f"{assumed(name)} is {value}" for name, value in table.set.items()), tuple(map(words, log.seats)),
        tuple(words(a) for a, s in table.seats.items() if not s.key), log.coached,
    )  # fmt: skip
    whole = json.dumps([html, asdict(at)], sort_keys=True)
    return Reply(html=html, data=replace(at, mark=hashlib.sha256(whole.encode()).hexdigest()[:24]))
