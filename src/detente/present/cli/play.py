"""`detente play`: take the seat of an actor on the terminal."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detente.present.cli.complete import names_of
from detente.present.cli.options import (
    CASE,
    JSON,
    METHOD,
    OK,
    ONLY,
    OUTPUT,
    PERCEPTION,
    SET,
    WITHOUT,
    changes,
    print_json,
    progress,
    say,
    stop,
    told,
)

if TYPE_CHECKING:
    from detente.study.playing import Playing
    from detente.study.seats import Log

AS = Annotated[
    list[str] | None,
    typer.Option(
        "--as", metavar="ACTOR", help="The actor to play. Given twice, two people take turns at one terminal.",
        show_default=False, autocompletion=names_of("actors"),
    ),
]  # fmt: skip
SEED = Annotated[
    int | None, typer.Option(help="The same seed and world give the same game. [default: 1]", show_default=False)
]
WORLD = Annotated[
    str | None,
    typer.Option(
        metavar="N", help="The draw of the uncertain quantities, counted from 0, or `central`: all at their medians. "
        "[default: 0]", show_default=False,
    ),
]  # fmt: skip
COACH = Annotated[bool, typer.Option("--coach", help="Review each move as soon as it is made, not only at the end.")]
LOG = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="The log, written after every move. An existing log is continued. [default: no log]",
        dir_okay=False, show_default=False, rich_help_panel=OUTPUT,
    ),
]  # fmt: skip
MOVES = Annotated[
    str | None,
    typer.Option(metavar="A,B,...", help="Moves to make, in turn, without asking. [default: ask]", show_default=False),
]
WORLDS = Annotated[
    int, typer.Option("--elsewhere", min=0, metavar="N", help="At the end, try the same choices in N other draws.")
]


def play(
    case: CASE, seats: AS = None, seed: SEED = None, world: WORLD = None, coach: COACH = False, log: LOG = None,
    moves: MOVES = None, worlds: WORLDS = 0, quantities: SET = None, only: ONLY = None, without: WITHOUT = None,
    perception: PERCEPTION = None, method: METHOD = None, as_json: JSON = False,
) -> None:  # fmt: skip
    """Play an actor: see what it sees, move, and be told afterwards what equilibrium play would have been."""
    with told():
        from detente.study.playing import Playing

        with progress("draws"):
            playing = Playing.of(
                case, set=changes(quantities, only, without), perception=perception and perception.value, method=method
            )
            begun = _begun(playing, log, seats, seed, world, coach)
        made = _moved(playing, begun, [m.strip() for m in moves.split(",") if m.strip()] if moves else [], log)
        if as_json:
            _print(playing, made, worlds)
        else:
            _show(playing, made, log, worlds, ask=moves is None)
    raise typer.Exit(OK)


def _begun(
    playing: Playing, log: Path | None, seats: list[str] | None, seed: int | None, world: str | None, coach: bool
) -> Log:
    """The play that a file holds, or a new one."""
    from detente.errors import QuestionError
    from detente.output import keep_apart

    if log is not None:
        keep_apart({"the log": log}, playing.model.files)
    if log is None or not log.exists():
        if not seats:
            stop(f"name the actor to play, --as ACTOR; the actors are {', '.join(playing.model.actors)}")
        found = playing.start(seats, 1 if seed is None else seed, _world(world or "0"), coach)
        _keep(found, log)
        return found
    try:
        found = playing.resume(log.read_bytes(), str(log))
    except OSError as error:
        stop(f"{log} cannot be read: {error.strerror}")
    asked = {"--as": (tuple(seats) if seats else None, found.seats), "--seed": (seed, found.seed),
             "--world": (None if world is None else _world(world), found.world)}  # fmt: skip
    for name, (wanted, there) in asked.items():
        if wanted is not None and wanted != there:
            raise QuestionError(f"{log} holds a play with another {name}: leave it out, or begin another file")
    return found


def _world(text: str) -> Any:
    if text == "central" or text.isdecimal():
        return text if text == "central" else int(text)
    return stop(f"--world {text}: write the number of a draw, from 0, or central")


def _keep(log: Log, path: Path | None) -> None:
    from detente.output import write_whole

    if path is not None:
        try:
            write_whole(path, log.to_json().encode())
        except OSError as error:
            stop(f"{path} cannot be written: {error.strerror or error}")


def _moved(playing: Playing, log: Log, moves: list[str], path: Path | None) -> Log:
    from detente.errors import QuestionError

    for k, move in enumerate(moves):
        if not (actor := playing.turn(log)):
            left = ", ".join(moves[k:])
            raise QuestionError(f"play is over before {left}: leave that out")
        log = playing.move(log, actor, move)
        _keep(log, path)
    return log


def _print(playing: Playing, log: Log, worlds: int) -> None:
    from dataclasses import asdict

    from pydantic import TypeAdapter

    from detente.analyse.playing.elsewhere import Elsewhere
    from detente.study.debriefing import Debrief, View

    def plain(kind: Any, value: Any) -> Any:
        return json.loads(TypeAdapter(kind).dump_json(value))

    turn = playing.turn(log)
    found: dict[str, Any] = {"log": asdict(log), "turn": turn}
    if turn:
        found["views"] = {seat: plain(View, playing.view(log, seat)) for seat in log.seats}
    else:
        found["debrief"] = plain(Debrief, playing.debrief(log))
        if worlds:
            found["elsewhere"] = {seat: plain(Elsewhere, playing.elsewhere(log, seat, worlds)) for seat in log.seats}
    print_json(found)


def _show(playing: Playing, log: Log, path: Path | None, worlds: int, ask: bool) -> None:
    from detente.present.terminal.play import show_briefing, show_debrief, show_elsewhere, show_view

    last = ""
    if not log.moves:
        for seat in log.seats[: 1 if len(log.seats) == 1 else 0]:
            show_briefing(playing.briefing(log, seat))
    while actor := playing.turn(log):
        if ask and len(log.seats) > 1 and actor != last:
            _hand_over(actor)
        last, view = actor, playing.view(log, actor)
        show_view(playing.model, view)
        if not ask:
            return
        if (move := _asked([option.move for option in view.moves])) is None:
            say("\nthe play stops here" + (f"; the same command goes on from {path}" if path else ""), err=True)
            return
        log = playing.move(log, actor, move)
        _keep(log, path)
    show_debrief(playing.model, playing.debrief(log))
    for seat in log.seats if worlds else ():
        show_elsewhere(playing.elsewhere(log, seat, worlds))


def _hand_over(actor: str) -> None:
    """Two people at one terminal: nobody sees what the other was shown."""
    if sys.stdin.isatty() and sys.stdout.isatty():
        from detente.present.terminal.console import console

        console.clear()
        say(f"It is the turn of {actor}. Press Enter when nobody else can see the screen.")
        sys.stdin.readline()


def _asked(moves: list[str]) -> str | None:
    """The move that somebody chooses, by its name or number; None where there is nobody any more."""
    from detente.present.wording.numbers import words

    while True:
        typer.echo("\nYour move: ", nl=False)
        line = sys.stdin.readline()
        if not line:
            return None
        text = line.strip()
        for move in moves:
            if words(text) == words(move):
                return move
        if text.isdecimal() and 1 <= int(text) <= len(moves):
            return moves[int(text) - 1]
        say(f"this is not one of the moves: write its name, or a number from 1 to {len(moves)}")
