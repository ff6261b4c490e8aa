"""Solved draws, weighed by the probability that each gives to what is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from detente.analyse.evidence.known import Known
from detente.arrays import Floats
from detente.engine.batch import Batch
from detente.engine.rivals import apart


@dataclass(frozen=True, eq=False)
class Cloud:
    """Solved draws, as batches. They are drawn from what is known in `given` (None: from the prior)."""

    batches: Sequence[Batch]
    given: Known | None = None
    free: Floats | None = None  # [S, n] the points they stand at, where they were renewed

    @property
    def n(self) -> int:
        return sum(batch.n for batch in self.batches)

    def log(self, known: Known) -> Floats:
        """[n] the logarithm of the probability that each draw gives to what is known."""
        return np.concatenate([_log(batch) for batch in self.knowing(known)])

    def weights(self, known: Known) -> Floats:
        """[n] the weight of each draw given what is known, the largest 1; 0 for all where it cannot be."""
        logs = self._logs(known)
        most = logs.max()
        return np.zeros(self.n) if np.isneginf(most) else np.asarray(np.exp(logs - most))

    def likely(self, known: Known, before: Known) -> float:
        """How likely what is known was, given what was known before."""
        now, then = (float(np.logaddexp.reduce(self._logs(k))) for k in (known, before))
        return float(np.exp(now - then)) if then > -np.inf else np.nan

    def _logs(self, known: Known) -> Floats:
        logs = self.log(known)
        if self.given is None:
            return logs
        return np.where(np.isneginf(self._drawn), -np.inf, logs - np.where(np.isneginf(self._drawn), 0.0, self._drawn))

    @cached_property
    def _drawn(self) -> Floats:
        assert self.given is not None
        return self.log(self.given)

    def knowing(self, known: Known) -> Sequence[Batch]:
        """The batches given what is known; those of the last that was asked about are held."""
        if self._last.get("known") is not known:
            self._last["known"], self._last["batches"] = known, [batch.knowing(known) for batch in self.batches]
        found: Sequence[Batch] = self._last["batches"]
        return found

    def let_go(self) -> None:
        """Hold no more than the draws and the behaviour in them: games, plays and their weights are worked out again
        when they are asked for, to the same numbers."""
        self._last.clear()
        object.__setattr__(self, "batches", [_fresh(batch) for batch in self.batches])

    @cached_property
    def _last(self) -> dict[str, Any]:
        return {}

    def truth(self, name: str) -> Floats:
        """[n] a quantity, as it is."""
        return np.concatenate([batch.draws.truth[name] for batch in self.batches])


def _fresh(batch: Batch) -> Batch:
    """The same batch, of which nothing is worked out yet; with common perceptions the game is made again."""
    inner = batch.inner and [(where, _fresh(inside)) for where, inside in batch.inner]
    made = partial(batch.blueprint.game, batch.draws) if batch.seen is None else batch.made
    return replace(batch, made=made, inner=inner)


def _log(batch: Batch) -> Floats:
    """[n] the logarithm of the probability of what is known of a batch."""
    if batch.blueprint.members is None:
        known = batch.known
        assert isinstance(known, Known)
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(batch.likely) + known.measured(batch))
    found = np.zeros(batch.n)
    for where, inside in apart(batch):
        found[where] = _log(inside)
    return found
