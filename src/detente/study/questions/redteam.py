"""The cheapest structural edit that flips the conclusion."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, partial
from operator import add, sub
from typing import Annotated, NamedTuple, Unpack, cast

from detente.analyse.counterfactual.knockout import indispensable
from detente.analyse.counterfactual.redteam import Comparison, Edited, RedTeam
from detente.analyse.forecast.readout import Answers
from detente.draws.edits import KINDS, Edit, edits
from detente.draws.variants import Variant
from detente.engine.engine import Engine
from detente.engine.executors.local import Executor, Local, Piece, Trip
from detente.engine.executors.processes import Processes
from detente.errors import ModelError, QuestionError, nearest
from detente.game.blueprint import Blueprint
from detente.game.compile import watched
from detente.game.unreached import unplayed
from detente.model.schema import Model
from detente.study.evaluate.variant import Arm, of_the_game
from detente.study.memo.findings import Readings
from detente.study.registry import Option, question
from detente.study.settings import Case, How, Ready, Settings

OF_KIND = Option(f"Only edits of this kind. Repeatable: {', '.join(KINDS)}.", flag="kind", metavar="KIND")

MOST = 4  # processes: each holds the trees of the edit that it is at
SCREEN = 200  # draws in which all edits are solved, where more are asked for
MOST_LOOKED_AT = 12  # edits that move the answer most are solved in all draws, beside those that flip the conclusion
WORTH_IT = 20_000  # nodes of all edits together: fewer are solved before processes are started


CLAIMS = Option(
    "Judge this claim. Repeatable. [default: the first, and all without an intervention]",
    flag="claim",
    metavar="NAME",
    names="claims",
)


@question("redteam", topic="counterfactual", draws=200, counts="edits", dossier=False)
def redteam(
    case: Case,
    *,
    kinds: Annotated[Sequence[str], OF_KIND] = (),
    claims: Annotated[Sequence[str], CLAIMS] = (),
    **settings: Unpack[Settings],
) -> RedTeam:
    """Edit the structure one part at a time: which edit flips the conclusion, and how far each moves the answer.

    Every edit that the file offers (`kinds`: of some kinds) is solved in the same draws: a rival structure settled; a
    stage, move, result, payoff term or state taken out; a stage shown to an actor or hidden from it; moves made in turn
    and not at once; neighbouring stages in the other order; a type known to all; a period more or less; perceptions
    read otherwise. Those that leave no game are listed with the reason. Where more than 400 draws are asked for, all
    edits are solved in the first 200, and those that move the answer most, flip the conclusion or may flip it, in all.
    An intervention (`do` in a claim) is a game of its own for every edit: a claim that asks of one is judged where it
    is the first, or named (`claims`). Interrupted
    (Ctrl-C), it returns those that are solved, with `interrupted` set. Raises ModelError, QuestionError.
    """
    ready = How.of(settings).ready(case)
    for kind in kinds:
        if kind not in KINDS:
            raise QuestionError(f"there is no kind of edit {kind!r}; {nearest(kind, KINDS)}")
    offered = edits(ready.model, ready.engine.perception)
    wanted = [e for e in offered if not kinds or e.kind in kinds]
    judged = _judged(ready.model, claims)
    where = Readings.of_question(ready, [ready.model], "redteam", tuple(sorted(set(kinds))), tuple(judged))
    if (known := where.get(0, ready.draws, RedTeam)) is not None:
        found: RedTeam = known
        return found
    search = _Search(ready, offered, judged)
    found = search.tried(wanted)
    if not found.interrupted:
        where.put(0, ready.draws, found)
        search.drop()
    return found


def _judged(model: Model, names: Sequence[str]) -> list[str]:
    """The claims that are judged, in the order of the file. Raises QuestionError for one that does not exist."""
    for name in names:
        if name not in model.claims:
            raise QuestionError(f"there is no claim {name!r}; {nearest(name, model.claims)}")
    wanted = names or [*list(model.claims)[:1], *of_the_game(model)]
    return [name for name in model.claims if name in wanted]


class _Tried(NamedTuple):
    """What came of an edit, where in the store it is kept on the way, and how many draws were found there, solved and
    kept for it."""

    edited: Edited
    kept: tuple[str, ...]
    counts: tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class _Judge:
    """What comes of edits of a model, compared with the model as it is (`plain`, with the answers `before`)."""

    plain: Arm
    judged: Sequence[str]
    before: Answers

    @cached_property
    def comparison(self) -> Comparison:
        return Comparison(self.plain.variant.model, self.before)

    def edited(self, edit: Edit, kept: list[Readings]) -> Edited:
        """What an edit does, or why it is not possible; `kept`: where what is read is noted."""
        try:
            arm = self.plain.edited(edit)
            if gone := indispensable(self.plain.base, arm.blueprint, edit.gone) if edit.gone else {}:
                raise QuestionError(next(iter(gone.values())))
            if edit.orders and (lost := self._unplayed(arm)):
                raise QuestionError(f"{lost} would never be played: the game always ends before it")
            if not edit.orders and arm.plays_as(self.plain):
                after = self.before
            else:
                bench = arm.bench([name for name in self.judged if name in arm.blueprint.model.claims])
                after = arm.answers(bench)
                kept += bench.kept
            return self.comparison.edited(edit, after, arm.blueprint.tree.n_nodes)
        except ModelError as error:
            return self.comparison.impossible(edit, error.problems[0].message)
        except QuestionError as error:
            return self.comparison.impossible(edit, str(error))

    def _unplayed(self, arm: Arm) -> str:
        """A stage that is played in the model, and never in another order."""
        before, after = (unplayed(b.model, b.plays) for b in (self.plain.base, arm.blueprint))
        return next((name for name in after if name not in before), "")


@dataclass(frozen=True, eq=False)
class _Elsewhere:
    """What judges edits in another process, by their numbers among all that the model offers."""

    base: Blueprint
    engine: Engine
    draws: int
    seed: int
    judged: Sequence[str]
    before: Answers

    @classmethod
    def of(cls, judge: _Judge) -> _Elsewhere:
        ready = judge.plain.ready
        return cls(judge.plain.base, ready.engine.bare, ready.draws, ready.seed, judge.judged, judge.before)

    @cached_property
    def _ready(self) -> tuple[_Judge, list[Edit]]:
        model, perception = self.base.model, self.engine.perception
        ready = Ready(model, self.engine, None, self.draws, self.seed, None)
        plain = Arm(self.base, Variant.of(model, perception), self.base, ready)
        return _Judge(plain, self.judged, self.before), list(edits(model, perception))

    def __call__(self, number: int) -> Edited:
        judge, offered = self._ready
        return judge.edited(offered[number], [])


class _Search:
    """All edits solved, large ones side by side. What is solved is kept on the way, so that a search can be gone on
    with."""

    def __init__(self, ready: Ready, offered: Sequence[Edit], judged: Sequence[str]) -> None:
        self.ready, self.offered, self.judged, self.kept = ready, offered, judged, list[str]()
        self._of(ready.draws)

    def _of(self, draws: int) -> None:
        """Edits are solved in so many draws from now on."""
        plain = Arm.plain(replace(self.ready, draws=draws))
        self.judge = _Judge(plain, self.judged, plain.answers(plain.bench(self.judged)))

    def tried(self, wanted: Sequence[Edit]) -> RedTeam:
        """The edits that are wanted, or as many as are solved before somebody interrupts."""
        draws, screened = self.ready.draws, list[Edited]()
        watching = watched.set(None)  # how large trees are that nobody has written is not told
        found, left = list[Edited](), list(range(len(wanted)))
        try:
            if draws > 2 * SCREEN:
                self._of(SCREEN)
                for edited in self._each(wanted, len(wanted) + MOST_LOOKED_AT):
                    screened.append(edited)
                left = self.judge.comparison.telling(screened, MOST_LOOKED_AT)
                self._of(draws)
            done = len(screened)
            for edited in self._each([wanted[k] for k in left], done + len(left), done):
                found.append(edited)
        except KeyboardInterrupt:
            pass
        finally:
            watched.reset(watching)
        whole = dict(enumerate(screened)) | dict(zip(left, found, strict=False))
        nodes, missing = self.judge.plain.base.tree.n_nodes, len(wanted) - len(whole)
        ranked = self.judge.comparison.ranked(list(whole.values()), nodes, missing)
        some = sum(not e.not_possible and e.answer_before.draws < draws for e in whole.values())
        return replace(ranked, draws=draws, screened=some if screened else 0)

    def _each(self, wanted: Sequence[Edit], of: int, done: int = 0) -> Iterator[Edited]:
        """What comes of each edit, in their order."""
        elsewhere = not isinstance(self.ready.engine.bare.executor, Local)
        for k, edited in enumerate((self._sent if elsewhere else self._here)(wanted), done + 1):
            yield edited
            if self.ready.progress:  # which may stop the search: what is done is told
                self.ready.progress(k, of)

    def _sent(self, wanted: Sequence[Edit]) -> Iterator[Edited]:
        """Edits tried where the engine solves, each as a whole: nothing is forked beside the threads of a cluster."""
        ready, there = self.judge.plain.ready, _Elsewhere.of(self.judge)

        def piece(edit: Edit) -> Piece[Edited]:
            number = self.offered.index(edit)
            where = Readings.of_question(ready, [ready.model], "an edit", number, tuple(self.judged))
            self.kept += [where.address] * bool(where.address)
            own = Piece(partial(self.judge.edited, edit, []), lambda: Trip(there, (number,), partial(cast, Edited)))
            return where.piece(0, ready.draws, Edited, lambda _: True, own)

        return ready.engine.run(piece(edit) for edit in wanted)

    def _here(self, wanted: Sequence[Edit]) -> Iterator[Edited]:
        """Edits tried on this machine."""
        tried = self._executor(len(wanted)).run([partial(self._tried, edit) for edit in wanted])
        for edited, kept, counts in tried:
            self.kept += kept
            if store := self.ready.store:
                store.counts = tuple(map(add, store.counts, counts))
            yield edited

    def _executor(self, edits: int) -> Executor:
        """In processes where that is worth it: most of what is to do uses one thread."""
        workers = self.ready.engine.workers or os.cpu_count() or 1
        if edits * self.judge.plain.base.tree.n_nodes < WORTH_IT:
            return Local()
        processes, plain = min(workers, MOST), self.judge.plain
        ready = replace(plain.ready, engine=plain.ready.engine.on(workers // processes))
        self.judge = replace(self.judge, plain=replace(plain, ready=ready))
        return Processes(processes)

    def _tried(self, edit: Edit) -> _Tried:
        """What comes of an edit; nothing is changed by it here but what is found sooner then."""
        store, kept = self.ready.store, list[Readings]()
        before = store.counts if store else (0, 0, 0)
        edited = self.judge.edited(edit, kept)
        after = store.counts if store else before
        if store:
            store.counts = before
        return _Tried(edited, tuple(where.address for where in kept), tuple(map(sub, after, before)))

    def drop(self) -> None:
        """Remove what was kept of single edits: where the whole is kept, nobody asks for it again."""
        for address in self.kept:
            Readings(self.ready.store, address).drop()
