"""What is kept of a sweep: the tallies of spans of its draws, so that one that was stopped goes on from there, and one
of more draws begins with what is there.

Draws are cut into spans of the same size, counted from the first. Of two spans that are one of twice the size (`[0, 1)`
and `[1, 2)`, but not `[1, 2)` and `[2, 3)`) the tally of both is kept in place of theirs, and so on upwards: of k spans
there are at most log2 k tallies, in memory and on disk, whoever has worked them out, and in whatever order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial

from detente.engine.executors.local import Piece
from detente.study.memo.findings import Readings
from detente.study.memo.tally import CLAIM, OUTCOME, Tally
from detente.study.settings import Ready


@dataclass(eq=False)
class Spans:
    """The first n draws of a model, in spans of `size` draws, and the tallies of those that are done, from the first
    on."""

    ready: Ready
    size: int
    done: list[Tally] = field(default_factory=list)
    reached: int = 0

    def __post_init__(self) -> None:
        every = replace(self.ready, draws=0)  # a sweep of more draws is the same sweep
        self.kept = Readings.of_question(every, [self.ready.model], "sweep", self.size)

    def pieces(self, work: Callable[[int, int], Piece[Tally]]) -> Iterator[Piece[Tally]]:
        """What is left to be done: what is kept, or what `work` makes of a span, from its first draw up to its last.

        It is looked at what is kept when a piece is asked for, since another machine may have put it there.
        """
        at = 0
        while at < self.ready.draws:
            stop, known = self._longest(at)
            if known is None:
                stop = min(at + self.size, self.ready.draws)
                yield self.kept.piece(at, stop, Tally, partial(self._suits, stop - at), work(at, stop))
            else:
                yield Piece(partial(_itself, known), _nowhere)
            at = stop

    def add(self, tally: Tally) -> None:
        """Take in the tally of the draws that follow those that are done."""
        self.done.append(tally)
        self.reached += tally.draws
        while len(self.done) > 1 and self._twins(self.done[-2].draws, self.done[-1].draws):
            second, first = self.done.pop(), self.done.pop()
            start, between = self.reached - first.draws - second.draws, self.reached - second.draws
            self.done.append(Tally.merged([first, second]))
            self.kept.put(start, self.reached, self.done[-1])
            self.kept.drop(start, between)
            self.kept.drop(between, self.reached)

    def _twins(self, first: int, second: int) -> bool:
        """Whether the last two tallies, of so many draws, are one of twice the size."""
        return first == second and first % self.size == 0 and self.reached % (2 * first) == 0

    @property
    def tally(self) -> Tally:
        """The tally of all that is done."""
        return Tally.merged(self.done)

    def _longest(self, start: int) -> tuple[int, Tally | None]:
        """The longest tally of several spans that is kept from a draw on, and where it ends."""
        longer = self.size * 2
        found: tuple[int, Tally | None] = (start, None)
        while start % longer == 0 and start + longer <= self.ready.draws:
            known = self.kept.get(start, start + longer, Tally, partial(self._suits, longer))
            found = found if known is None else (start + longer, known)
            longer *= 2
        if found[1] is not None and self.ready.store is not None:
            self.ready.store.reused += found[0] - start
        return found

    def _suits(self, draws: int, found: Tally) -> bool:
        """Whether a tally is of so many draws of this model."""
        model, names = self.ready.model, {kind: {k[1] for k in found.moments if k[0] == kind} for kind in _KINDS}
        whole = all(found.moments[key].count == sketch.count for key, sketch in found.sketches.items())
        return found.draws == draws and whole and names == {OUTCOME: {*model.outcomes}, CLAIM: {*model.claims}}


_KINDS = (OUTCOME, CLAIM)


def _itself(tally: Tally) -> Tally:
    return tally


def _nowhere() -> None:
    return None
