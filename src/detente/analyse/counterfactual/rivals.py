"""Two arguments about one crisis: what each says, where they differ, and what each difference does to the answer.

Outcomes are lined up by name, groups of outcomes by theirs, or as the reader says. The gap between the two answers is
shared out among blocks of what differs, each taken from the one model into the other (`coalitions`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from detente.analyse.counterfactual.coalitions import Coalition, Design, ranked
from detente.analyse.counterfactual.whatif import Difference, Step, difference, mean_of
from detente.analyse.finding import Finding
from detente.analyse.forecast.readout import Answers
from detente.arrays import Bools, Floats
from detente.display import Displayed
from detente.model.departures import Departure
from detente.model.schema import Model

HALF = 0.5
ROUNDING = 1e-9
THE_ANSWER = "the answer"


@dataclass(frozen=True)
class Row(Displayed):
    """What is lined up under one name: outcomes of the one model, and outcomes of the other."""

    name: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]


@dataclass(frozen=True)
class Lineup(Displayed):
    """The outcomes of two models side by side; `left` are those of either that stand beside none, but in a group."""

    outcomes: tuple[Row, ...]
    groups: tuple[Row, ...]
    left: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())


@dataclass(frozen=True)
class Part(Displayed):
    """What one block of the other model does to the answer, on average over the orders in which blocks are taken in.

    `effect` has the 95% interval of its mean over paired draws; all sum to the gap. `alone`: what the block does taken
    into the one model by itself, where that was solved. `outcomes` and `claims`: what it does to the probability of
    each outcome, and to the share of draws in which a claim holds. `thread`: the one that all of the block belongs to,
    and `says` what it argues; empty where it is of several. `turns`: claims that hold in most draws of the one
    model and not of the other, or the other way, and that turn with this block in at least half of the orders (Shapley
    & Shubik 1954). `because`: why blocks stand together.
    """

    what: str
    effect: float
    low: float
    high: float
    error: float
    alone: float | None
    differs: tuple[Departure, ...]
    sources: tuple[str, ...]
    turns: tuple[str, ...]
    outcomes: Mapping[str, float]
    claims: Mapping[str, float]
    because: tuple[str, ...] = ()
    thread: str = ""
    says: str = ""


@dataclass(frozen=True)
class Rivals(Displayed):
    """Two models side by side. The effects of `parts`, the largest first, sum to that of `gap`.

    `whole`: the answer, outcomes and claims of both, the other less the one. `gap`: what is shared out: the answer,
    else the outcome that moves most; in the draws in which every mixture tells it. `steps`: the parts as a waterfall,
    each added to those before it; the levels between are sums, which no model says and which may pass 0 and 1. `asks`
    and `says`: what answers the question of each, empty where it does not say. `left`: how likely the outcomes of
    either are that stand beside none of the other. `claims`: those of either, as worded by each. `cited`: the titles of
    the sources named. `solved`: how many models were solved, the two included."""

    whole: Step
    gap: Difference
    parts: tuple[Part, ...]
    steps: tuple[Step, ...]
    asks: tuple[str, str]
    says: tuple[str, str]
    lined_up: Lineup
    left: tuple[Mapping[str, Finding], Mapping[str, Finding]]
    claims: tuple[Departure, ...]
    cited: Mapping[str, str]
    method: str
    solved: int
    draws: int
    converged: float
    notes: tuple[str, ...] = ()
    sides: tuple[str, str] = ("the one", "the other")
    titles: tuple[str, str] = ("", "")


@dataclass(frozen=True, eq=False)
class Reading:
    """The answers of one model by the names under which they are lined up, [n] each; `asked` is what is shared out."""

    answer: Floats | None
    outcomes: Mapping[str, Floats]
    groups: Mapping[str, Floats]
    claims: Mapping[str, Floats]
    converged: Bools
    asked: Floats = field(default_factory=lambda: np.zeros(0))

    @classmethod
    def of(cls, found: Answers, lined_up: Lineup, theirs: bool) -> Reading:
        """What was read of a model whose outcomes are `theirs`, or those of the one."""

        def summed(rows: Sequence[Row]) -> dict[str, Floats]:
            sides = {row.name: row.theirs if theirs else row.ours for row in rows}
            none = np.zeros(found.n)  # an outcome that only some structures of the model have
            return {name: np.sum([found.outcomes.get(o, none) for o in of], axis=0) for name, of in sides.items()}

        answer = next(iter(found.answer.values()), None)
        return cls(answer, summed(lined_up.outcomes), summed(lined_up.groups), dict(found.claims), found.converged)

    def asking(self, what: str) -> Reading:
        """The same with what is shared out: the answer, or an outcome."""
        asked = self.answer if what == THE_ANSWER else {**self.groups, **self.outcomes}[what]
        assert asked is not None
        return replace(self, asked=asked)


def line_up(one: Model, other: Model, also: Sequence[Row] = ()) -> Lineup:
    """Outcomes of the same name, groups of the same name, and what the reader lines up beside them.

    `also`: outcomes or groups of the one, by their name, beside outcomes of the other.
    """
    said = {row.name: row for row in also}
    both = {*other.outcomes, *said}
    outcomes = [said.get(name) or Row(name, (name,), (name,)) for name in one.outcomes if name in both]
    groups = [
        said.get(name) or Row(name, of, other.groups[name]) for name, of in one.groups.items()
        if name in {*other.groups, *said} and name not in one.outcomes
    ]  # fmt: skip
    groups = [row for row in groups if row.ours and row.theirs]
    rows = [*outcomes, *(row for row in groups if row.name in said)]
    left = [
        tuple(o for o in model.outcomes if not any(o in (row.theirs if k else row.ours) for row in rows))
        for k, model in enumerate((one, other))
    ]
    return Lineup(tuple(outcomes), tuple(groups), (left[0], left[1]))


def between(change: str, before: Reading, after: Reading) -> Step:
    """The difference of two models, or of one before and after a block is taken in."""
    answer = None
    if before.answer is not None and after.answer is not None:
        answer = difference(THE_ANSWER, before.answer, after.answer)
    return Step(change, _both(before.outcomes, after.outcomes), _both(before.claims, after.claims), answer,
                _both(before.groups, after.groups))  # fmt: skip


def _both(before: Mapping[str, Floats], after: Mapping[str, Floats]) -> dict[str, Difference]:
    return {name: difference(name, before[name], after[name]) for name in before if name in after}


def of_one(found: Answers, names: Sequence[str]) -> dict[str, Finding]:
    """How likely some outcomes of one model are."""
    known = found.computed
    return {name: Finding.of(name, found.outcomes[name][known]) for name in names}


def moved_most(whole: Step) -> str:
    """The outcome that moves most, of those that are lined up."""
    rows = {**whole.groups, **whole.outcomes}
    return max(rows, key=lambda name: abs(rows[name].effect.value))


@dataclass(frozen=True)
class Block:
    """Departures that are taken in together, what they are called, and why they stand together. `thread`: that of the
    argument which they belong to, if it is one, and `says` what it says."""

    what: str
    differs: tuple[Departure, ...]
    because: tuple[str, ...] = ()
    thread: str = ""
    says: str = ""


@dataclass(frozen=True, eq=False)
class Share:
    """What a block contributes to the difference of two models, [n] each; of what no mixture tells there is none.

    `turns`: the claims that turn with it; `alone`: what it does to what is shared out, taken into the one model by
    itself, [n], where that was solved.
    """

    block: Block
    asked: Floats
    answer: Floats | None
    outcomes: Mapping[str, Floats]
    groups: Mapping[str, Floats]
    claims: Mapping[str, Floats]
    turns: tuple[str, ...] = ()
    alone: Floats | None = None


def shared_out(blocks: Sequence[Block], design: Design, found: Mapping[Coalition, Reading]) -> list[Share]:
    """What each block contributes, given what every mixture of two models says."""
    if not blocks:
        return []
    told = _of_each(design, found)
    turned = _turned(design, found, list(told[0].claims))
    first = found[frozenset()].asked
    alone = [found.get(frozenset({k})) for k in range(design.n)]
    return [
        replace(
            share, block=block, turns=turned[k], alone=None if (mine := alone[k]) is None else mine.asked - first
        )
        for k, (block, share) in enumerate(zip(blocks, told, strict=True))
    ]  # fmt: skip


def of_structures(
    blocks: Sequence[Block], design: Design, sides: Sequence[Callable[[Coalition], Reading]], whole: Step
) -> list[Share]:
    """What each rival structure contributes: what it adds to the other model less what it adds to the one.

    `sides`: what the one and the other say with some of the structures and without the rest. `whole`: the difference
    of both with all; a claim that turns in it turns with a structure that makes half of that.
    """
    found = [{some: side(some) for some in design.coalitions} for side in sides]
    ours, theirs = (_of_each(design, told) for told in found)
    shares = []
    for block, here, there in zip(blocks, ours, theirs, strict=True):
        claims = _less(there.claims, here.claims)
        turns = []
        for name, values in claims.items():
            d = whole.claims[name]
            gap = d.after.value - d.before.value
            if (d.before.value > HALF) != (d.after.value > HALF) and _mean(values) * np.sign(gap) >= HALF * abs(gap):
                turns.append(name)
        answer = None if here.answer is None or there.answer is None else there.answer - here.answer
        outcomes, groups = _less(there.outcomes, here.outcomes), _less(there.groups, here.groups)
        shares.append(Share(block, there.asked - here.asked, answer, outcomes, groups, claims, tuple(turns)))
    return shares


def _less(one: Mapping[str, Floats], other: Mapping[str, Floats]) -> dict[str, Floats]:
    return {name: one[name] - other[name] for name in one if name in other}


def _of_each(design: Design, found: Mapping[Coalition, Reading]) -> list[Share]:
    """The share of each of n players in all that is read."""
    first = found[frozenset()]

    def shares(of: Callable[[Reading], Floats | None]) -> list[Floats] | None:
        worth = {some: told for some, reading in found.items() if (told := of(reading)) is not None}
        return design.shares(worth) if len(worth) == len(found) else None

    def each(of: Callable[[Reading], Mapping[str, Floats]]) -> dict[str, list[Floats]]:
        made = {name: shares(partial(_of, of, name)) for name in of(first)}
        return {name: told for name, told in made.items() if told is not None}

    asked = shares(lambda reading: reading.asked)
    assert asked is not None
    answers, outcomes = shares(lambda reading: reading.answer), each(lambda reading: reading.outcomes)
    groups, claims = each(lambda reading: reading.groups), each(lambda reading: reading.claims)

    def of(some: Mapping[str, list[Floats]], k: int) -> dict[str, Floats]:
        return {name: told[k] for name, told in some.items()}

    nobody = Block("", ())
    return [
        Share(
            nobody, asked[k], None if answers is None else answers[k], of(outcomes, k), of(groups, k), of(claims, k)
        )
        for k in range(design.n)
    ]  # fmt: skip


def laid_out(
    first: Reading, last: Reading, shares: Sequence[Share], known: Bools, name: str
) -> tuple[Difference, tuple[Part, ...], tuple[Step, ...]]:
    """The gap between two models, what each block contributes to it (the largest first), and that as a waterfall.

    `known`: [n] the draws in which every mixture tells what is shared out.
    """
    gap = replace(difference(name, first.asked[known], last.asked[known]), unjudged=int((~known).sum()))
    told = [c for c in first.claims if all(c in share.claims for share in shares)]
    steps, parts = [], []
    at = replace(first, claims={c: first.claims[c] for c in told})
    order = ranked([share.asked[known] for share in shares])
    for place, k in enumerate(order):
        share, block = shares[k], shares[k].block
        after = replace(
            at,
            answer=at.answer + share.answer if at.answer is not None and share.answer is not None else None,
            outcomes={o: at.outcomes[o] + added for o, added in share.outcomes.items() if o in at.outcomes},
            groups={g: at.groups[g] + added for g, added in share.groups.items() if g in at.groups},
            claims={c: at.claims[c] + share.claims[c] for c in told},
        )
        if place == len(order) - 1:  # what rounding leaves is no part of anything
            after = replace(last, claims={c: last.claims[c] for c in told})
        steps.append(between(block.what, at, after))
        effect = mean_of(block.what, share.asked[known])
        parts.append(
            Part(
                block.what, effect.value, effect.low, effect.high, effect.error,
                None if share.alone is None else float(share.alone[known].mean()), block.differs,
                tuple(dict.fromkeys(source for d in block.differs for source in d.sources)), share.turns,
                {o: _mean(added) for o, added in share.outcomes.items()}, {c: _mean(share.claims[c]) for c in told},
                block.because, block.thread, block.says,
            )
        )  # fmt: skip
        at = after
    return gap, tuple(parts), tuple(steps)


def _of(rows: Callable[[Reading], Mapping[str, Floats]], name: str, reading: Reading) -> Floats | None:
    return rows(reading).get(name)


def _turned(design: Design, found: Mapping[Coalition, Reading], claims: Sequence[str]) -> list[tuple[str, ...]]:
    """The claims that each block turns: it is with this block that they come to hold, or to fail, in most draws, in at
    least half of the orders (the index of Shapley & Shubik 1954)."""
    turned: list[list[str]] = [[] for _ in range(design.n)]
    for claim in claims:
        shares = {some: _mean(reading.claims[claim]) for some, reading in found.items()}
        holds = {some: np.array([float(share > HALF)]) for some, share in shares.items()}
        way = float(holds[frozenset(range(design.n))][0] - holds[frozenset()][0])
        if way and not any(np.isnan(share) for share in shares.values()):
            for k, part in enumerate(design.shares(holds)):
                if way * float(part[0]) >= HALF - ROUNDING:
                    turned[k].append(claim)
    return [tuple(some) for some in turned]


def _mean(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else float("nan")
