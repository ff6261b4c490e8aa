"""Searches that are asked for points and told what is there, one step at a time.

A search solves nothing. Whoever conducts it asks for the points it wants to know about (`ask`), has them solved, and
tells it (`tell`), until it asks no more and its `found` can be read. So many searches share one batch, and each can be
stepped through (the ask-and-tell interface of sequential optimisers: Collette et al. 2013, Object-oriented programming
of optimizers, Multidisciplinary Design Optimization in Computational Mechanics, ch. 14).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from detente.arrays import Floats, Longs


class Probe(NamedTuple):
    """What is known of m points: 1 turned, 0 not, -1 unknown; the margin, below zero where it has turned; and, where
    they were asked for, its derivatives [S, m] (nan where there are none). Where derivatives are asked for,
    probabilities are compared by their ratio in the margin (`language.margins`)."""

    labels: Longs
    margins: Floats
    slopes: Floats | None = None


class Steep(NamedTuple):
    """Points at which derivatives are asked for, too."""

    points: Floats  # [S, m]


Points = Floats | Steep
"""Points in free scores, [S, m]."""

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
_Then = Callable[[Any], None]


class Search(Protocol[T_co]):
    """What can be asked and told."""

    @property
    def found(self) -> T_co:
        """What was found, once it asks no more."""
        ...

    def ask(self) -> Points | None:
        """The points to be probed next, the same until they are told; None once the search has ended."""
        ...

    def tell(self, probe: Probe) -> None:
        """What is known of the points asked for."""
        ...


class Staged(Generic[T]):
    """A search in stages. Each is begun with what goes on with its result: `probe` points, `run` another search, or
    `end` with what was found. What makes a search adds methods for its stages, and changes none of these."""

    found: T

    def __init__(self) -> None:
        self._points: Points | None = None
        self._inner: Search[Any] | None = None
        self._then: _Then | None = None

    def ask(self) -> Points | None:
        """The points to be probed next, the same until they are told; None once the search has ended."""
        while (inner := self._inner) is not None:
            if (points := inner.ask()) is not None:
                return points
            self._inner = None
            self._go_on(inner.found)
        return self._points

    def tell(self, probe: Probe) -> None:
        """What is known of the points asked for."""
        if self._inner is not None:
            self._inner.tell(probe)
            return
        self._points = None
        self._go_on(probe)

    def probe(self, points: Points, then: Callable[[Probe], None]) -> None:
        """Ask for points, and go on with what is known of them."""
        self._points, self._then = points, then

    def run(self, search: Search[Any], then: _Then) -> None:
        """Go through another search, and go on with what it has found."""
        self._inner, self._then = search, then

    def end(self, found: T) -> None:
        self.found = found

    def _go_on(self, result: Any) -> None:
        then, self._then = self._then, None
        assert then is not None, "nothing was asked for"
        then(result)
