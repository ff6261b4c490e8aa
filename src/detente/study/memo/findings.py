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
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

import numpy as np

from detente.draws.sampler import Draws
from detente.engine.engine import Engine
from detente.engine.store.codec import decode, encode
from detente.engine.store.fingerprint import address, digest
from detente.game.blueprint import Blueprint
from detente.model.schema import Model
from detente.study.memo.parts import asked, code

if TYPE_CHECKING:
    from detente.engine.store.store import Store

Found = TypeVar("Found")


@dataclass(frozen=True, eq=False)
class Readings:
    """A place in the store for what is read, by spans; without one nothing is kept."""

    store: Store | None = None
    address: str = ""
    about: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of_question(cls, engine: Engine, models: Sequence[Model], seed: int, draws: int, *question: object) -> Readings:
        """The place for the whole finding. `question`: all else that was asked, as plain values."""
        keys = [asked(model, engine, seed, draws) for model in models]
        if engine.store is None or None in keys:
            return cls()
        name = digest("\n".join((*map(str, keys), repr([model.name for model in models]), repr(question))).encode())
        return cls(engine.store, name, engine.store.about(engine, models[0], seed))

    @classmethod
    def of_draws(
        cls, engine: Engine, blueprint: Blueprint, points: Sequence[Draws], forced: Mapping[str, str], watched: object
    ) -> Readings:
        """The place for what is read off some draws, or off the same draws at several points, by this engine."""
        from detente.engine.store.store import FEWEST  # here, because a store is only known where there is one

        if engine.store is None or points[0].n < FEWEST:
            return cls()
        head = address(engine, blueprint, points[0].part(0, FEWEST), forced)
        if head is None:
            return cls()
        whole = hashlib.blake2b(digest_size=16)
        for part in (head, code(), repr(blueprint.model), repr(watched)):
            whole.update(f"{len(part)} {part}".encode())
        for draws in points:
            for viewer, values in (("", draws.truth), *draws.views.items()):
                for name, value in values.items():
                    whole.update(f"|{viewer}|{name}|{draws.n}|".encode())
                    whole.update(np.ascontiguousarray(value, float).tobytes())
        about = engine.store.about(engine, blueprint.model, points[0].seed)
        return cls(engine.store, whole.hexdigest(), about)

    def get(self, start: int, stop: int, kinds: Sequence[type]) -> Any:
        """What was kept for this span, if it is there; `kinds` are the dataclasses it may be made of."""
        if self.store is None or (raw := self.store.answers(self.address, stop, start)) is None:
            return None
        try:
            return decode(raw, kinds)
        except ValueError:
            return None

    def put(self, start: int, stop: int, value: object) -> None:
        """Keep something for this span."""
        if self.store is not None:
            self.store.keep_answers(self.address, stop, encode(value), self.about, start)

    def drop(self) -> None:
        """Remove all that is kept here: it was needed on the way only."""
        if self.store is not None:
            self.store.forget(self.address)

    def once(self, n: int, kinds: Sequence[type], ask: Callable[[], Found]) -> Found:
        """The finding of a question over n draws: the one that is kept, else what `ask` finds, which is kept."""
        if (known := self.get(0, n, kinds)) is not None:
            if self.store is not None:
                self.store.reused += n
            return cast("Found", known)
        found = ask()
        self.put(0, n, found)
        return found
