"""Two models and those between them: blocks that can be taken from the one into the other, compiled and solved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from detente.analyse.counterfactual.coalitions import Coalition, Design, standing
from detente.analyse.counterfactual.rivals import Block
from detente.analyse.forecast.readout import Answers
from detente.draws.variants import Variant
from detente.errors import ModelError
from detente.game.compile import compile_model
from detente.model.departures import (
    ACTORS,
    CHANCE,
    ORDER,
    OUTCOMES,
    PERIODS,
    PRECISION,
    SEEN,
    STATE,
    VALUES,
    Departure,
    Unit,
    departures,
)  # fmt: skip
from detente.model.hybrids import Hybrids, alike
from detente.study.evaluate.variant import Arm, compiled
from detente.study.settings import Ready

Units = frozenset[Unit]
BUILT, MOVES = (CHANCE, OUTCOMES, STATE, PERIODS, ACTORS, ORDER), "moves of "
NAMED = 4  # of what a block holds, in its name
ENTRIES = 60  # that are tried one by one whether they can stand alone
MEANINGLESS = "in no draw it is a game: probabilities or numbers of the two do not fit together"


@dataclass(eq=False)
class Swaps:
    """Two arms, and the models between them. `perception`: the reading that was asked for, None for the models' own."""

    ends: tuple[Arm, Arm]
    perception: str | None
    found: dict[Units, Answers] = field(default_factory=dict)
    arms: dict[Units, Arm | str] = field(default_factory=dict)
    spoken: dict[Units, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        one, other = (arm.blueprint.model for arm in self.ends)
        self.differs = departures(one, other)
        self.units: Units = frozenset(self.differs)
        self.hybrids = Hybrids(one, other, alike(one.claims, other.claims))
        self.arms |= {self.units: self.ends[1], frozenset(): self.ends[0]}

    def arm(self, taken: Units) -> Arm | str:
        """The model with these units of the other, compiled; or why there is none."""
        if taken not in self.arms:
            try:
                self.arms[taken] = self._compiled(taken)
            except ModelError as error:
                self.arms[taken] = error.problems[0].message
        return self.arms[taken]

    def _compiled(self, taken: Units) -> Arm:
        first = self.ends[0]
        ready: Ready = first.ready
        model = self.hybrids.model(taken)
        variant = Variant.of(model, self.perception)
        same = model.payoffs is first.blueprint.model.payoffs
        blueprint = compiled(first.blueprint, model) if same else compile_model(model, first.blueprint)
        variant.draw(2, ready.seed)  # a value that is none is told now
        return Arm(first.base, variant, blueprint, ready)

    def fails(self, taken: Units) -> str:
        """Why it is no model with these units of the other; "" if it is one."""
        arm = self.arm(taken)
        return arm if isinstance(arm, str) else ""

    def answers(self, taken: Units) -> Answers | None:
        """What a model between the two says; None where it turns out to be none, which is remembered."""
        if taken not in self.found:
            arm = self.arm(taken)
            assert isinstance(arm, Arm)
            try:
                answers = arm.answers() if taken in (frozenset(), self.units) else arm.between()
            except ModelError as error:
                self.arms[taken] = error.problems[0].message
                return None
            if taken not in (frozenset(), self.units) and not answers.computed.any():
                self.arms[taken] = MEANINGLESS
                return None
            self.found[taken] = answers
        return self.found[taken]

    # ------------------------------------------------------------------ blocks

    def blocks(self, most: int) -> tuple[list[Units], list[tuple[str, ...]], Design]:
        """Blocks of which every mixture in use is a model, why some stand together, and the mixtures in use.

        Entries that speak of each other stand together, all others by the mechanism of the argument that they belong
        to, or by the sort of assumption they are; what turns out to be no model by itself is merged, and what is left
        taken apart as far as `most` models, the two included, tell all mixtures."""
        seed, entries = self.ends[0].ready.seed, list(self.differs)
        alone = [frozenset((unit,)) for unit in entries]
        bound, why = alone, [tuple[str, ...]() for _ in alone]
        if len(alone) <= ENTRIES:
            bound, why = self._standing(alone, self._speaks_of, _apiece)
        reasons = dict(zip(bound, why, strict=True))
        kinds: dict[object, list[Unit]] = {}
        for units in bound:
            alike = (self._thread(units) or self._kinds(units)) if len(units) == 1 else units
            kinds.setdefault(alike, []).extend(units)
        sorts = [frozenset(units) for units in kinds.values()]
        blocks, why = self._standing(sorts, self.fails, lambda n: Design.of(n, most, seed).coalitions)
        because = [
            (*(reason for units in bound if units <= block for reason in reasons[units]), *told)
            for block, told in zip(blocks, why, strict=True)
        ]
        blocks, because = self._apart(blocks, because, most)
        return blocks, because, Design.of(len(blocks), most, seed)

    def _standing(
        self, sorts: list[Units], fails: Callable[[Units], str], used: Callable[[int], Sequence[Coalition]]
    ) -> tuple[list[Units], list[tuple[str, ...]]]:
        """Sorts of units merged until those in use are models, and why."""
        merged = standing(len(sorts), lambda some: fails(_joined(sorts, some)), used) if sorts else []
        because = [
            tuple(
                f"{self._told(sorts, least)} cannot be taken without {self._told(sorts, rest)}: {reason}"
                for least, rest, reason in block.because
            )
            for block in merged
        ]
        return [_joined(sorts, block.members) for block in merged], because

    def _speaks_of(self, taken: Units) -> str:
        """Whether a model speaks of what it does not have: what is wrong before anything is compiled."""
        if taken not in self.spoken:
            try:
                self.hybrids.model(taken)
                self.spoken[taken] = ""
            except ModelError as error:
                self.spoken[taken] = error.problems[0].message
        return self.spoken[taken]

    def _kinds(self, units: Units) -> tuple[str, ...]:
        return tuple(dict.fromkeys(d.kind for unit in units for d in self.differs[unit]))

    def _thread(self, units: Units) -> str:
        """The thread that all of some units belong to; "" if there is none."""
        threads = {d.mechanism for unit in units for d in self.differs[unit]}
        return threads.pop() if len(threads) == 1 else ""

    def _apart(
        self, blocks: list[Units], because: list[tuple[str, ...]], most: int
    ) -> tuple[list[Units], list[tuple[str, ...]]]:
        """Blocks taken apart where all mixtures of what comes of it are models, and few enough."""
        for block in sorted(blocks, key=lambda units: (len(units), sorted(units))):
            for finer in self._finer(block):
                k = blocks.index(block)
                tried = [*blocks[:k], *finer, *blocks[k + 1 :]]
                if 2 ** len(tried) <= most and not any(
                    self.fails(_joined(tried, some)) for some in Design(len(tried)).coalitions[1:-1]
                ):
                    because = [*because[:k], *(() for _ in finer), *because[k + 1 :]]
                    blocks = tried
                    break
        return blocks, because

    def _finer(self, block: Units) -> Iterator[list[Units]]:
        """Ways to take a block apart, the finest first: entry by entry, or by the mechanisms of the argument."""
        kinds = {d.kind for unit in block for d in self.differs[unit]}
        if len(kinds) > 1 or len(block) == 1:
            return
        yield self._by(lambda unit: unit, block)
        if kinds <= {VALUES, SEEN}:
            by_thread = self._by(lambda unit: (self.differs[unit][0].mechanism,), block)
            if len(by_thread) > 1:
                yield by_thread

    def _by(self, key: object, units: Iterable[Unit]) -> list[Units]:
        """Units by a key, in the order of a file."""
        assert callable(key)
        found: dict[object, list[Unit]] = {}
        for unit in self.differs:
            if unit in set(units):
                found.setdefault(key(unit), []).append(unit)
        return [frozenset(some) for some in found.values()]

    def _told(self, sorts: Sequence[Units], some: Sequence[int]) -> str:
        return called(self.differs, _joined(sorts, some))

    def block(self, units: Units, because: tuple[str, ...]) -> Block:
        """A block with its name and all that differs in it."""
        differs = tuple(d for unit in self.differs if unit in units for d in self.differs[unit])
        thread, models = self._thread(units), [arm.blueprint.model for arm in reversed(self.ends)]
        says = next((m.mechanisms[thread].says for m in models if thread in m.mechanisms), "")
        return Block(called(self.differs, units), differs, because, thread, says)

    def solve(self, most: int) -> tuple[list[Block], Design, dict[Coalition, tuple[Answers, bool]]]:
        """The blocks, and the answers of every mixture, with whether its outcomes are those of the other."""
        while True:
            units, because, design = self.blocks(most)
            found: dict[Coalition, tuple[Answers, bool]] = {}
            progress = self.ends[0].ready.progress
            for k, some in enumerate(design.coalitions):
                taken = _joined(units, some)
                answers = self.answers(taken)
                if answers is None:
                    break
                found[some] = answers, taken == self.units or ("outcomes",) in taken
                if progress:
                    progress(k + 1, len(design.coalitions))
            else:
                return [self.block(u, why) for u, why in zip(units, because, strict=True)], design, found


def _joined(sorts: Sequence[Units], some: Iterable[int]) -> Units:
    return frozenset[Unit]().union(*(sorts[k] for k in some))


def _apiece(n: int) -> list[Coalition]:
    """Each of n by itself, and all but each."""
    return [*(frozenset({k}) for k in range(n)), *(frozenset(range(n)) - {k} for k in range(n))]


def called(differs: Mapping[Unit, tuple[Departure, ...]], units: Units) -> str:
    """What a block is called: by the sort of assumptions it is, or by what it holds of it."""
    kinds: dict[str, list[str]] = {}
    every = Counter(d.kind for some in differs.values() for d in some)
    for unit in differs:
        for d in differs[unit] if unit in units else ():
            kinds.setdefault(d.kind, []).append(_entry(d))
    built = [kind for kind in kinds if kind in BUILT or kind.startswith(MOVES)]
    names = ["structure"] if len(built) > 1 else []
    for kind, entries in kinds.items():
        if kind in built and len(built) > 1:
            continue
        whole = len(entries) == every[kind] > 1
        names.append(kind if whole else _listed(entries, kind))
    if len(names) > NAMED:
        names = [*names[: NAMED - 1], f"{len(names) - NAMED + 1} more"]
    return ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else "".join(names)


def _listed(entries: Sequence[str], kind: str) -> str:
    """Entries of one kind: `payoffs of Russia: window, order`."""
    if kind.startswith("payoffs of "):
        return f"{kind}: {', '.join(entries)}"
    return ", ".join(entries)


def _entry(d: Departure) -> str:
    """One entry by its name."""
    section, dot, name = d.what.partition(".")
    match section:
        case "quantities":
            return d.kind if d.kind == PRECISION else f"value of {name}"
        case "payoffs":
            return name.partition(".")[2]
        case "private":
            return f"prior of {name}"
        case "stages" if dot:
            return f"stage {name}"
    return d.what if d.kind in (SEEN, VALUES) else d.kind
