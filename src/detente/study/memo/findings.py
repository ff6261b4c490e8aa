"""What the questions that solve again read off their draws, kept, so that the same question is not worked out twice.

Two things lie in the store. The whole finding, under a digest of all that was asked (the models as they were written,
seed, draws, solver, the question itself) and of all code that answers: asked again, nothing is solved or compiled. And,
on the way to it, the answers of each batch, under a digest of the compiled game, of every number of the draws, and of
what is watched: a question that was interrupted goes on from there, and questions that solve the same share it. None of
it is behaviour, which is far larger.

Every number comes back as it was (`codec`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar, cast, get_args, get_type_hints

import numpy as np

from detente.draws.sampler import Draws
from detente.engine.engine import Solving
from detente.engine.executors.local import Piece, Trip
from detente.engine.store.codec import decode, encode
from detente.engine.store.fingerprint import address
from detente.engine.store.remembering import FEWEST
from detente.engine.store.store import Store
from detente.engine.surroundings import code, digest
from detente.game.blueprint import Blueprint
from detente.model.fields import spelled
from detente.model.schema import Model
from detente.study.memo.parts import asked
from detente.study.settings import Ready

Found = TypeVar("Found")


@dataclass(frozen=True, eq=False)
class Readings:
    """A place in the store for what is read, by spans; without one nothing is kept."""

    store: Store | None = None
    address: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_question(cls, ready: Ready, models: Sequence[Model], *question: object) -> Readings:
        """The place for the whole finding. `question`: all else that was asked, as plain values."""
        keys = [asked(model, ready.engine, ready.seed, ready.draws) for model in models]
        if ready.store is None or None in keys:
            return cls()
        name = digest("\n".join((*map(str, keys), repr([model.name for model in models]), repr(question))).encode())
        return cls(ready.store, name, ready.store.about(ready.engine, models[0], ready.seed))

    @classmethod
    def of_draws(
        cls, store: Store | None, engine: Solving, blueprint: Blueprint, points: Sequence[Draws],
        forced: Mapping[str, str], watched: object,
    ) -> Readings:  # fmt: skip
        """The place for what is read off some draws, or off the same draws at several points, by this engine."""
        if store is None or points[0].n < FEWEST:
            return cls()
        head = address(engine, blueprint, points[0].part(0, FEWEST), forced)
        if head is None:
            return cls()
        whole = hashlib.blake2b(digest_size=16)
        updated = blueprint.model._updated
        for part in (head, code(), spelled(blueprint.model), repr(watched), str(updated and updated.day)):
            whole.update(f"{len(part)} {part}".encode())
        for draws in points:
            for viewer, values in (("", draws.truth), *draws.views.items()):
                for name, value in values.items():
                    whole.update(f"|{viewer}|{name}|{draws.n}|".encode())
                    whole.update(np.ascontiguousarray(value, float).tobytes())
        about = store.about(engine, blueprint.model, points[0].seed)
        return cls(store, whole.hexdigest(), about)

    def get(self, start: int, stop: int, answer: Any, good: Callable[[Any], bool] = lambda _: True) -> Any:
        """What was kept for this span, if it is there: something of the type `answer`, and `good`."""

        def read(raw: bytes) -> Any:
            found = decode(raw, kinds_of(answer), answer)
            if not good(found):
                raise ValueError("the file holds the answers to something else")
            return found

        return None if self.store is None else self.store.answers(self.address, stop, read, start)

    def piece(
        self, start: int, stop: int, answer: Any, good: Callable[[Any], bool], piece: Piece[Found]
    ) -> Piece[Found]:
        """A piece of work whose result is taken from here if it is there, and else kept."""

        def recalled() -> Any:
            return self.get(start, stop, answer, good)

        def kept(found: Found) -> Found:
            self.put(start, stop, found)
            return found

        def here() -> Found:
            if (known := recalled()) is None:
                return kept(piece())
            if self.store is not None:
                self.store.reused += stop - start
            return cast("Found", known)

        def away() -> Trip[Found] | None:
            trip = piece.away() if recalled() is None else None
            return trip and replace(trip, then=lambda back: kept(trip.then(back)))

        return Piece(here, away)

    def put(self, start: int, stop: int, value: object) -> None:
        """Keep something for this span."""
        if self.store is not None:
            self.store.keep_answers(self.address, stop, encode(value), self.about, start)

    def drop(self, start: int | None = None, stop: int | None = None) -> None:
        """Remove what is kept here of this span, or all: it was needed on the way only."""
        if self.store is not None:
            self.store.forget(self.address, start, stop)

    def once(self, n: int, answer: Any, ask: Callable[[], Found]) -> Found:
        """The finding of a question over n draws: the one that is kept, else what `ask` finds, which is kept.

        `answer`: its type.
        """
        if (known := self.get(0, n, answer)) is not None:
            if self.store is not None:
                self.store.reused += n
            return cast("Found", known)
        found = ask()
        self.put(0, n, found)
        return found


def once(ready: Ready, answer: Any, ask: Callable[[], Found], *question: object, models: Sequence[Model] = ()) -> Found:
    """The answer to a question: the one that is kept, else what `ask` finds, which is kept.

    `answer`: its type; `question`: its name and all that was asked beside the case, as plain values; `models`: the
    cases, where there are several.
    """
    where = Readings.of_question(ready, models or [ready.model], *question)
    return where.once(ready.draws, answer, ask)


@lru_cache(maxsize=64)
def kinds_of(answer: Any) -> tuple[type, ...]:
    """The dataclasses that an answer of some type may be made of."""
    found: dict[type, None] = {}

    def look(kind: Any) -> None:
        for part in get_args(kind):
            look(part)
        if is_dataclass(kind) and isinstance(kind, type) and kind not in found:
            found[kind] = None
            for inner in get_type_hints(kind, include_extras=True).values():
                look(inner)

    look(answer)
    return tuple(found)
