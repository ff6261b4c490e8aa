"""What a run can take from the store, and do again when it is asked for: the compiled model, the parts, behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from detente.analyse.forecast.settled import Settled
from detente.arrays import Floats
from detente.draws.sampler import Draws, Sampler
from detente.engine.store.compiled import blueprint_of
from detente.engine.store.remembering import FEWEST
from detente.game.blueprint import Blueprint
from detente.study.memo.parts import Part, Played, asked, played_in, read, written
from detente.study.settings import Ready


@dataclass(eq=False)
class Again:
    """A model, how it is solved, and which draws."""

    ready: Ready
    settled: Mapping[str, Settled] | None = None  # what settles the claims, once that is known

    @cached_property
    def draws(self) -> Draws:
        return Sampler(self.ready.model).draw(self.ready.draws, self.ready.seed)

    @cached_property
    def blueprint(self) -> Blueprint:
        """The compiled model. Raises ModelError."""
        return blueprint_of(self.ready.model, self.ready.store)

    @cached_property
    def _address(self) -> str | None:
        if self.ready.store is None or self.ready.draws < FEWEST:
            return None
        return asked(self.ready.model, self.ready.engine, self.ready.seed, self.ready.draws)

    def parts(self) -> tuple[Part, ...]:
        """What was read off these draws before, if it is kept; else nothing."""
        store, n = self.ready.store, self.ready.draws
        if store is None or self._address is None:
            return ()
        found = store.answers(self._address, n, lambda raw: read(raw, self._play, self.ready.model, n))
        if found is None:
            return ()
        store.reused += n
        parts, self.settled = found
        return parts

    def keep(self, parts: tuple[Part, ...], settled: Mapping[str, Settled]) -> None:
        """Keep what was read off, and what settles the claims."""
        store = self.ready.store
        if store is not None and self._address is not None:
            about = store.about(self.ready.engine, self.ready.model, self.ready.seed)
            store.keep_answers(self._address, self.ready.draws, written(parts, settled), about)

    def _play(self, start: int, stop: int) -> Played:
        """The behaviour in some of the draws."""
        everything = self._played
        return Played(everything.behaviour[:, start:stop], tuple(b[:, start:stop] for b in everything.believed))

    @cached_property
    def _played(self) -> Played:
        store = self.ready.store
        counted = (store.reused, store.solved) if store else (0, 0)
        found = [played_in(solved) for solved in self.ready.engine.solve(self.blueprint, self.draws)]
        if store:  # these draws are counted already
            store.reused, store.solved = counted

        def whole(arrays: list[Floats]) -> Floats:
            return np.concatenate(arrays, axis=1)

        believed = zip(*(played.believed for played in found), strict=True)
        return Played(whole([played.behaviour for played in found]), tuple(whole(list(b)) for b in believed))
