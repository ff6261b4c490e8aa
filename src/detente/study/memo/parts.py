"""What a Study holds of each solved batch, and how that is kept: as numbers that later questions read at once.

The store keeps behaviour (`kept`), from which everything can be worked out again once the model is compiled. Beside it
lies, for a whole run, what was read off: outcomes, ways, mechanisms, claims and certificates, draw by draw. Its address
is a digest of all that was asked (the model as it was written, seed, draws, solver) and of all code that answers, so
that the next question about the same draws neither solves nor compiles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import partial
from itertools import pairwise
from typing import Any, get_type_hints

import numpy as np

from detente.analyse.forecast.claims import Question
from detente.analyse.forecast.outcomes import Way, mechanism_probabilities, outcome_probabilities, way_probabilities
from detente.analyse.forecast.settled import Settled
from detente.analyse.forecast.why import reached
from detente.arrays import Bools, Bytes, Floats, Longs
from detente.engine.engine import Solving
from detente.engine.solved import Solved
from detente.engine.store.codec import decode, encode, fits
from detente.engine.surroundings import code, digest, surroundings
from detente.model.fields import spelled
from detente.model.schema import Model
from detente.solve.base import Certificate
from detente.solve.registry import is_ours


@dataclass(frozen=True, eq=False)
class Played:
    """Behaviour in a batch, [A, n]; `believed` in each player's eyes, empty where all see alike."""

    behaviour: Floats
    believed: tuple[Floats, ...]


@dataclass(frozen=True, eq=False)
class Part:
    """What is kept of a solved batch: everything but the numbers of its game, which are cheap to put on again.

    `play` gives the behaviour, from memory or from the store.
    """

    n: int
    play: Callable[[], Played]
    status: Bytes
    reached: Floats
    folded: Bools
    forked: Bools
    evaluations: Longs
    residual: Floats
    gain: Floats
    value: Floats
    outcomes: Mapping[str, Floats]
    ways: Mapping[Way, Floats]
    mechanisms: Mapping[tuple[str, str], Floats]
    claims: Mapping[str, Floats]
    beside: Mapping[str, Floats]  # [3 comparisons, n] what is read beside each claim
    asked: Mapping[str, Floats]  # the answer, and the events that others spoke of, by question
    coming: Floats  # [H] sums over draws
    method: str
    unlimited: bool
    reason: str
    references: tuple[str, ...]

    @property
    def converged(self) -> Bools:
        """[n] (see `Certificate.converged`)"""
        return Certificate(self.residual, self.gain, self.value).converged(self.status, self.unlimited)

    @property
    def behaviour(self) -> Floats:
        return self.play().behaviour

    @property
    def believed(self) -> tuple[Floats, ...]:
        return self.play().believed

    @classmethod
    def of(cls, solved: Solved, claims: Mapping[str, Question], asked: Mapping[str, Question]) -> Part:
        """What is kept of a batch, with the answers to the claims and to what else the case asks."""
        batch, solution, certificate = solved.batch, solved.solution, solved.certificate
        played = played_in(solved)
        read = {name: question.together(batch) for name, question in claims.items()}
        return cls(
            batch.n, partial(_itself, played),
            solution.status, solution.reached, solution.folded, solution.forked, solution.evaluations,
            certificate.residual, certificate.gain, certificate.value,
            outcome_probabilities(batch), way_probabilities(batch), mechanism_probabilities(batch),
            {name: rows[0] for name, rows in read.items()}, {name: rows[1:] for name, rows in read.items()},
            {text: question(batch) for text, question in asked.items()},
            reached(batch).sum(axis=1), solution.method, solved.unlimited, solved.reason, solution.references,
        )  # fmt: skip


def _itself(played: Played) -> Played:
    return played


def claim_draws(parts: Sequence[Part]) -> dict[str, Floats]:
    """[n] each claim in all draws."""
    return {name: np.concatenate([part.claims[name] for part in parts]) for name in parts[0].claims}


_READ = {field.name: None for field in fields(Part) if field.name != "play"}.keys()


def played_in(solved: Solved) -> Played:
    """The behaviour in a batch."""
    batch = solved.batch
    inner = [batch] if batch.inner is None else [inside for _, inside in batch.inner]
    alike = all(game is one.game for one in inner for game, _ in one.views)
    return Played(solved.solution.behaviour, () if alike else tuple(b for _, b in batch.views))


def asked(model: Model, engine: Solving, seed: int, draws: int) -> str | None:
    """The digest of all that the answers of a run depend on; None for a solver of somebody else or no plain value."""
    method = engine.method
    if not is_ours(method) or not (method is None or isinstance(method, str) or is_dataclass(method)):
        return None
    parts = [spelled(model), engine.perception, f"{type(method).__qualname__} {method!r}", f"{seed} {draws}"]
    parts += [f"as known on {model._updated.day}"] if model._updated else []
    return digest("\n".join((*parts, surroundings(), code())).encode())


def written(parts: tuple[Part, ...], settled: Mapping[str, Settled]) -> bytes:
    """The parts of a run, all but behaviour, and what settles its claims, as the bytes of their file."""
    return encode((settled, [{name: getattr(part, name) for name in _READ} for part in parts]))


def read(
    raw: bytes, play: Callable[[int, int], Played], model: Model, draws: int
) -> tuple[tuple[Part, ...], Mapping[str, Settled]]:
    """The parts of a run of a model, and what settles its claims, from the bytes of their file.

    `play(start, stop)` gives the behaviour in some of the draws. Raises ValueError for a file that is no such thing.
    """
    settled, told = decode(raw, (Way, Settled), tuple[dict[str, Settled], list[dict[str, Any]]])
    hints = get_type_hints(Part, include_extras=True)
    for one in told:
        if one.keys() != _READ or not all(fits(one[name], hints[name]) for name in _READ) or not _whole(one, model):
            raise ValueError("the file holds no parts of a run")
    ends = np.cumsum([0, *(one["n"] for one in told)]).tolist()
    if ends[-1] != draws or not settled.keys() <= model.claims.keys():
        raise ValueError("the file holds other draws or claims")
    parts = (Part(play=partial(play, *span), **one) for span, one in zip(pairwise(ends), told, strict=True))
    return tuple(parts), settled


def _whole(one: Mapping[str, Any], model: Model) -> bool:
    """Whether a part speaks of this model, in arrays for all its draws."""
    by_draw = [one[name] for name in ("status", "reached", "folded", "forked", "evaluations", "residual")]
    by_draw += [array for name in ("outcomes", "ways", "mechanisms", "claims", "asked") for array in one[name].values()]
    by_actor = [one[name] for name in ("gain", "value")]
    shapes = {array.shape for array in by_draw} == {(one["n"],)} and one["n"] > 0
    shapes = (
        shapes and {array.shape for array in by_actor} == {(len(model.actors), one["n"])} and one["coming"].ndim == 1
    )
    return shapes and one["outcomes"].keys() == model.outcomes.keys() and one["claims"].keys() == model.claims.keys()
