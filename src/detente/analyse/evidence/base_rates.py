"""Base rates: how often something happened in reference classes of past cases, and in the cases most like one.

A class is a condition on a table (`conditions`), and so is what is counted. Of k in n the share k / n has Wilson's
interval, and the chance of the next case the posterior Beta(k + 1/2, n - k + 1/2) under Jeffreys' prior: its mean,
(k + 1/2) / (n + 1), is what a case's `base_rates:` count as. Cases of which the table does not say whether they belong
to a class, or whether the event happened, are left out and counted.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy.special import betaincinv

from detente.analyse.evidence.conditions import Condition, Judged, conjuncts
from detente.analyse.evidence.tables import Column, Table, told, written
from detente.analyse.finding import Z95
from detente.display import Displayed
from detente.errors import QuestionError, nearest
from detente.language.expressions import Apply, ExpressionError, Is, Name, Number

WILSON = (
    "Wilson (1927), Probable inference, the law of succession, and statistical inference, Journal of the American "
    "Statistical Association 22, 209-212"
)
JEFFREYS = (
    "Brown, Cai & DasGupta (2001), Interval estimation for a binomial proportion, Statistical Science 16, 101-133 "
    "(Wilson's and Jeffreys' intervals)"
)
GOWER = "Gower (1971), A general coefficient of similarity and some of its properties, Biometrics 27, 857-871"
TAIL = 0.025  # on either side of an interval of 95%
ALIKE = 1e-12  # distances that differ by rounding alone


@dataclass(frozen=True)
class ClassRate(Displayed):
    """A reference class: n cases of which the event is known, k in which it happened.

    `share` is k / n with Wilson's interval (95%); `mean`, `low` and `high` are those of the posterior
    Beta(`alpha`, `beta`) under Jeffreys' prior, its middle 95%; nan for a class without cases. `unjudged`: cases of the
    class of which the table does not say whether the event happened; `unplaced`: cases of which it does not say
    whether they belong to the class. Neither are counted in n.
    """

    name: str
    where: str
    happened: str
    n: int
    k: int
    share: float
    wilson_low: float
    wilson_high: float
    mean: float
    low: float
    high: float
    alpha: float
    beta: float
    unjudged: int
    unplaced: int


@dataclass(frozen=True)
class Near(Displayed):
    """A past case, how far it is from the one described (0: alike, 1: different in everything), by how many columns
    that could be told, and whether the event happened; `values` are what the table says of it."""

    name: str
    distance: float
    compared: int
    happened: bool | None
    values: Mapping[str, str | None]


@dataclass(frozen=True)
class Nearest(Displayed):
    """The past cases most like one that is described, nearest first.

    `rate` counts all that are as near as the last one listed, `tied` of which are not listed; `left_out`: cases of
    which the table says nothing that could be compared.
    """

    like: str
    columns: tuple[str, ...]
    cases: tuple[Near, ...]
    tied: int
    left_out: int
    rate: ClassRate


def wilson(k: int, n: int) -> tuple[float, float]:
    """Wilson's score interval (95%) of a share of k in n, n > 0.

    (p + z^2/2n -+ z sqrt(p(1 - p)/n + z^2/4n^2)) / (1 + z^2/n) with p = k / n: Brown, Cai & DasGupta (2001), section 3.
    """
    p, extra = k / n, Z95**2 / n
    middle, half = p + extra / 2, Z95 * math.sqrt(p * (1 - p) / n + extra / (4 * n))
    low, high = (middle - half) / (1 + extra), (middle + half) / (1 + extra)
    return 0.0 if k == 0 else low, 1.0 if k == n else high


def jeffreys(k: int, n: int) -> tuple[float, float, float]:
    """Mean and middle 95% of Beta(k + 1/2, n - k + 1/2), n > 0: Brown, Cai & DasGupta (2001), section 3."""
    a, b = k + 0.5, n - k + 0.5
    return a / (a + b), float(betaincinv(a, b, TAIL)), float(betaincinv(a, b, 1 - TAIL))


def rate(name: str, where: str, belongs: Judged, event: Condition) -> ClassRate:
    """Count a class. `belongs`: [rows] whether a case does."""
    came = [judged for member, judged in zip(belongs, event.judged, strict=True) if member]
    n, k = len(came) - came.count(None), came.count(True)
    nan = math.nan
    share, wilson_ = (k / n, wilson(k, n)) if n else (nan, (nan, nan))
    posterior = jeffreys(k, n) if n else (nan, nan, nan)
    unplaced = belongs.count(None)
    return ClassRate(
        name, where, event.text, n, k, share, *wilson_, *posterior, k + 0.5, n - k + 0.5, came.count(None), unplaced
    )


@dataclass(frozen=True)
class _Trait:
    """What the case at hand is by one column: one of some values (`is`), or a number (`==`)."""

    column: Column
    values: frozenset[str]
    number: float | None

    def similarities(self, rows: Sequence[int]) -> list[float | None]:
        """[rows] Gower's score of each case: 1 or 0 for the same or another value, 1 - |a - b| / range for numbers, and
        None where the table says nothing. The range is that of the cases and the number together."""
        if self.number is None:
            return [None if (c := self.column.cells[r]) is None else float(c in self.values) for r in rows]
        cells = [(self.column.numbers or ())[r] for r in rows]
        known = [self.number, *(x for x in cells if x is not None)]
        extent = max(known) - min(known)
        return [None if x is None else 1 - abs(x - self.number) / extent if extent else 1.0 for x in cells]


def nearest_cases(
    table: Table, like: str, among: Judged, event: Condition, most: int, shown: Sequence[str] = ()
) -> Nearest:
    """The cases nearest to one that is described by `like`, such as `trigger is Political_act and year == 2022`.

    `among`: [rows] the cases that are looked at; `shown`: columns whose values are told beside those compared. The
    distance is one minus Gower's coefficient (1971), the mean score over the columns that can be compared, all
    of one weight. Cases that are as near keep the order of the table. Raises QuestionError.
    """
    traits = _traits(table, like)
    rows = [r for r, member in enumerate(among) if member]
    scores = [trait.similarities(rows) for trait in traits]
    found: list[tuple[float, int, int]] = []
    for k, r in enumerate(rows):
        known = [s for score in scores if (s := score[k]) is not None]
        if known:
            found.append((1 - sum(known) / len(known), r, len(known)))
    found.sort(key=lambda case: (round(case[0] / ALIKE), case[1]))
    listed = found[:most]
    within = [case for case in found if listed and case[0] <= listed[-1][0] + ALIKE]
    columns = tuple(dict.fromkeys(trait.column.name for trait in traits))
    told_ = dict.fromkeys([*columns, *event.columns, *(table.column(name).name for name in shown)])
    cases = tuple(
        Near(
            table.names.cells[r] or f"row {r + 1}", max(distance, 0.0), compared, event.judged[r],
            {name: table.columns[name].cells[r] for name in told_},
        )
        for distance, r, compared in listed
    )  # fmt: skip
    near = {r for _, r, _ in within}
    belongs = tuple(r in near for r in range(table.rows))
    counted = rate(f"the {len(within)} nearest", "", belongs, event)
    return Nearest(like, columns, cases, len(within) - len(listed), len(rows) - len(found), counted)


def _traits(table: Table, like: str) -> list[_Trait]:
    """What a case is like, by column. Raises QuestionError with all that is wrong."""
    traits, problems = [], []
    try:
        parts = conjuncts(like)
    except ExpressionError as error:
        hint = f"\n    {error.hint}" if error.hint else ""
        raise QuestionError(f"`{like}`, character {error.at + 1}: {error.message}{hint}") from None
    for part in parts:
        numeric = isinstance(part, Apply) and part.op == "==" and isinstance(part.args[1], Number)
        subject = part.args[0] if isinstance(part, Apply) and numeric else None
        name = part.subject if isinstance(part, Is) else subject.name if isinstance(subject, Name) else ""
        at = f"`{like}`, character {part.at + 1}: "
        if not name:
            hint = "write `column is value` (the same or not) and `column == number` (a distance), joined by `and`"
            problems.append(f"{at}a case is described by the values it has\n    {hint}")
        elif (column := table.find(name)) is None:
            problems.append(f"{at}{table.file} has no column {name!r}\n    {nearest(name, table.columns)}")
        elif isinstance(part, Is):
            meant = [column.meant(label) for label in part.labels]
            absent = [label for label, values in zip(part.labels, meant, strict=True) if not values]
            has = f"it has {told(column.counts)}"
            problems += [f"{at}no case has {column.name} {written(label)}\n    {has}" for label in absent]
            traits.append(_Trait(column, frozenset().union(*meant), None))
        elif column.numbers is None:
            hint = f"it holds {told(column.counts)}; write `{name} is ...`"
            problems.append(f"{at}{column.name} holds no numbers\n    {hint}")
        elif isinstance(part, Apply) and isinstance(part.args[1], Number):
            traits.append(_Trait(column, frozenset(), part.args[1].value))
    if problems:
        raise QuestionError("\n".join(problems))
    return traits
