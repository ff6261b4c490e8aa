"""Games as such, without a language: read from Gambit's files, solved, listed, and a draw of a case written as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from detente.display import Displayed, Several
from detente.draws.sampler import Draws
from detente.errors import ModelError, QuestionError, listed, nearest
from detente.game.blueprint import Blueprint
from detente.game.compile import compile_model
from detente.game.files.case import write_case
from detente.game.files.efg import decoded, read_efg, write_efg
from detente.game.files.nfg import read_nfg
from detente.game.tree import Game, GameError
from detente.language.characters import plain
from detente.model.find import is_pipe, pipe_name, read_pipe
from detente.model.load import load, loads, name_of
from detente.model.schema import Model
from detente.solve.base import Certificate, Solution, Solver, Status, advice, proper_precision
from detente.solve.certificate.certify import certify
from detente.solve.choose import choose
from detente.solve.nash.nash import Equilibria, Nash
from detente.solve.quantal.branches import Side, Sides, sides
from detente.solve.quantal.quantal import Quantal

READERS = {".efg": read_efg, ".nfg": read_nfg}


@dataclass(frozen=True, eq=False)
class Point(Displayed):
    """A game solved at one precision (None where it plays no part), with its certificate. There is one draw.

    `others`: what else lies at this precision on the principal branch where it folds, and on the bifurcating branches
    that part from it at bifurcations (see `solve.sides`), each a `Side` with `kind` ("fold" or "prong"), `behaviour`
    [A] and `certificate`. `note` says why some may be missing, or nothing."""

    precision: float | None
    game: Game
    solution: Solution
    certificate: Certificate
    others: tuple[Side, ...] = ()
    note: str = ""

    @property
    def converged(self) -> bool:
        """Whether behaviour is what was asked for (see `Certificate.converged`)."""
        return bool(self.certificate.converged(self.solution.status, self.precision is None)[0])

    @property
    def advice(self) -> str:
        """What to do where it is not; empty where it is."""
        stopped = self.solution.status[0] == Status.STOPPED
        return "" if self.converged else advice(self.solution.method, bool(stopped), "--precision")


def read_game(path: str | Path) -> Game:
    """The game in one of Gambit's files, .efg or .nfg, as a Game of one draw; `-` is standard input.

    Raises QuestionError for a file that cannot be read, GameError with line and column for one that is no game.
    """
    if is_pipe(str(path)):
        return _read_piped(str(path))
    path = Path(path)
    ending = path.suffix.lower()
    if ending not in READERS:
        raise QuestionError(f"{path} is neither an .efg nor an .nfg file")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise QuestionError(f"{path} cannot be read: {error.strerror}") from None
    return READERS[ending](decoded(raw), file=str(path))


def _read_piped(pipe: str) -> Game:
    """A game that comes through a pipe: which of the formats it has, its first word says."""
    try:
        text = decoded(read_pipe(pipe))
    except (OSError, ValueError) as error:
        raise QuestionError(f"{pipe_name(pipe)} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    read = read_nfg if text.lstrip("\ufeff \t\r\n").startswith("NFG") else read_efg
    return read(text, file=pipe_name(pipe))


def solve_game(
    game: str | Path | Game, precisions: Sequence[float] = (1.0, 5.0), method: str | Solver | None = None
) -> list[Point]:
    """Solve a game: a point for each of some rising precisions, or a single one where precision plays no part.

    `game`: a Game, or the path of an .efg or .nfg file; a Game may have a default (`Game.default`, [A, 1]: what is done
    without a reason), which such files have not. `method`: a solver, or its name as `--method` takes it;
    `quantal` if None (McKelvey & Palfrey 1998, followed along the principal branch). Behaviour is
    `point.solution.behaviour`, [A, 1]; `point.converged` says whether it is what was asked for, and where it is not
    `point.advice` what to do. Where the branch folds or bifurcates, `point.others` are the other points at the same
    precision; none are looked for in games too large for it, as `point.note` says.
    Raises QuestionError for a method that does not exist, or that cannot take this game, and for precisions that are
    negative or not finite.
    """
    game = game if isinstance(game, Game) else read_game(game)
    precisions = [proper_precision(precision) for precision in precisions]
    if method is None or isinstance(method, str):
        method = choose(at_precision(game, 1.0), method or "quantal").solver
    if isinstance(method, Quantal):
        solutions = method.path(game, precisions)
        games = [at_precision(game, precision) for precision in precisions]
        named: list[float | None] = list(precisions)
        beside = sides(game, precisions, solutions)
    else:
        named = list(precisions) if method.uses_precision else [None]
        games = [at_precision(game, np.inf if precision is None else precision) for precision in named]
        if refusal := next(filter(None, map(method.refuses, games)), ""):
            raise QuestionError(refusal)
        solutions = [method.solve(at) for at in games]
        beside = [Sides()] * len(games)
    return Several(
        Point(p, g, s, certify(g, s.behaviour), other.found, other.note)
        for p, g, s, other in zip(named, games, solutions, beside, strict=True)
    )


def equilibria(game: str | Path | Game) -> Equilibria:
    """All equilibria of a small game (or what stands for a family of them), each with its gain and whether it is
    sequential; which one a solver would take, and why; and whether nothing isolated can have been missed.

    `game`: a Game, or the path of an .efg or .nfg file. Raises QuestionError for a game that is too large to list.
    """
    return Nash().all(at_precision(game if isinstance(game, Game) else read_game(game), np.inf))


def import_game(path: str | Path) -> str:
    """The text of a case that is the game in an .efg or .nfg file: players as actors, information sets as stages,
    chance as stages of chance, and every payoff as a quantity to which a range can be given.

    At the same precision it has the same equilibria. Raises QuestionError for a file that cannot be read, or a game
    that the language cannot say, GameError with line and column for one that is no game.
    """
    game = read_game(path)
    try:
        text, stages = write_case(game, title=plain(name_of(str(path))))
    except GameError as error:
        raise QuestionError(f"{path}: {error}") from None
    try:
        tree = compile_model(loads(text, str(path))).tree
    except ModelError as error:  # its lines are those of the case, which nobody has
        said = error.problems[0].message
        raise QuestionError(f"{path}: this game cannot be written as a case: {said}") from None
    asked = {(tree.tags[x], tree.infoset[x]) for x in tree.members.tolist()}
    if len({stage for stage, _ in asked}) != len(asked) or {stage for stage, _ in asked} != set(filter(None, stages)):
        raise QuestionError(f"{path}: what the players can tell apart in this game cannot be said in the language")
    return text


NOBODY = "nobody"


def export_efg(
    case: str | Path | Model, draw: int = 0, seed: int = 1, *, seen_by: str | None = None
) -> tuple[str, Game]:
    """The text of an .efg file, which Gambit reads, of one draw of a case; and the Game it was written from.

    Draws are counted from 0, and are those of `run` with the same seed. `seen_by`: the game that this actor believes
    all to play, or with `nobody` the one without perceptions; None: each with its own payoffs as it sees them, which
    cannot be written where actors differ on the probability of an event. Nor can a default be, where moves differ in
    it. Raises ModelError, QuestionError.
    """
    model = case if isinstance(case, Model) else load(case)
    if seen_by is not None and seen_by not in (*model.actors, NOBODY):
        raise QuestionError(f"there is no actor {seen_by!r}; {nearest(seen_by, [*model.actors, NOBODY])}")
    blueprint = compile_model(model)
    draws = blueprint.sampler.draw(draw + 1, seed)
    if blueprint.members is not None:  # the game of the structures that the draw has
        blueprint = blueprint.members.blueprints[int(blueprint.members.which(blueprint.tape, draws)[draw])]
    eyes = seen_by if seen_by in model.actors else None
    title = f"{model.title}, draw {draw} of seed {seed}"
    if eyes is not None:
        title += f", as {eyes} sees it"
    elif seen_by == NOBODY:
        draws, title = replace(draws, views={}), f"{title}, without perceptions"
    game = blueprint.game(draws, eyes)
    try:
        return write_efg(game, draw, title=title), game
    except GameError as error:
        raise QuestionError(f"{error}{_advice(blueprint, draws)}") from None


def _advice(blueprint: Blueprint, draws: Draws) -> str:
    """What actors see otherwise that the probabilities of events are made of, and what to ask for instead."""
    players = blueprint.tree.players
    differs: dict[str, list[str]] = {}  # quantities by actor
    for row, viewer in blueprint.chance_rows:
        seen = draws.views.get(players[viewer], {}) if viewer >= 0 else {}
        for name in sorted(map(str, blueprint.tape.inputs_of([row]))):
            if name in seen and name not in differs.setdefault(players[viewer], []):
                differs[players[viewer]].append(name)
    if not any(differs.values()):  # what cannot be written is no matter of perception
        return ""
    which = "; ".join(f"{actor} sees {listed(names)} otherwise" for actor, names in differs.items())
    return (
        f": {which}\n    write the game as one of them believes it to be, with --seen-by {next(iter(differs))}, "
        f"or as it is in truth, with --seen-by {NOBODY}"
    )


def at_precision(game: Game, precision: float) -> Game:
    """The game with one precision for everybody, infinite for play without error."""
    return replace(game, precision=np.full_like(game.precision, precision))
