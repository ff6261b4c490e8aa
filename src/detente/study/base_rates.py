"""Base rates of a table of cases: the classes that are asked about and those that a case of the library or a file
names, side by side, and the past cases nearest to one that is described."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from detente.analyse.evidence.base_rates import GOWER, JEFFREYS, WILSON, ClassRate, Nearest, nearest_cases, rate
from detente.analyse.evidence.conditions import Condition, both, judge
from detente.analyse.evidence.tables import Table, read_table
from detente.display import Displayed
from detente.errors import QuestionError
from detente.language.expressions import Apply
from detente.language.parsing import parse
from detente.model.load import load
from detente.model.record import BaseRate
from detente.model.schema import Model
from detente.study.fetched import fetched

EVERY = "every case of the table"


@dataclass(frozen=True)
class Counted(Displayed):
    """A reference class as it is counted now. `written`: the base rate of a case that names it, with its counts.

    `circular`: columns that both choose the cases and say what happened, so that the one is no news of the other.
    """

    rate: ClassRate
    written: BaseRate | None = None
    circular: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool | None:
        """Whether the case's counts are those of the table; None for a class of no case."""
        if self.written is None:
            return None
        return (self.written.count, self.written.of) == (self.rate.k, self.rate.n)


@dataclass(frozen=True)
class BaseRates(Displayed):
    """Reference classes side by side: those of a case first, then in the order in which they were asked about.

    `shared`: cases that belong to more than one class. `unnamed`: base rates of the case that do not say how they are
    counted in a table. `circular`: columns of the nearest cases that also say what happened. `references` are those
    of the methods used.
    """

    table: Table
    case: str
    classes: tuple[Counted, ...]
    shared: int
    unnamed: tuple[BaseRate, ...]
    nearest: Nearest | None
    circular: tuple[str, ...]
    references: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        """Whether all counts of the case are those of the table."""
        return all(counted.agrees is not False for counted in self.classes)


def base_rates(
    table: str | Path | Table | None = None, classes: Mapping[str, str] | Sequence[str] = (), happened: str = "", *,
    since: int | None = None, until: int | None = None, like: str = "", nearest: int = 10, show: Sequence[str] = (),
    case: str | Path | Model | None = None,
) -> BaseRates:  # fmt: skip
    """Count how often something happened in reference classes of past cases.

    `table`: a CSV file, or a table that `detente.read_table` made of one (with codes that stand for what is missing);
    by default the table that `detente.fetch_table` brought. `classes`: conditions on its columns, by name or not; none
    is every case. `happened`: the condition of what is counted. `since` and `until`: first and last year of these
    classes and of the nearest cases. `like`: what the case at hand is like, for the `nearest` so many past cases by
    Gower's distance; `show`: columns to tell of those. `case`: a case whose `base_rates:` name classes, which are
    counted again and compared with what it says; `since` and `until` do not touch them.

    Raises QuestionError with all that is wrong with the question or the table, ModelError for a case that is none.
    """
    model = load(case) if isinstance(case, (str, Path)) else case
    rates = model.base_rates if model else ()
    named = [r for r in rates if r.where and r.happened]
    if isinstance(classes, str):
        raise QuestionError("`classes` is a list of conditions, or conditions by name: [condition, ...]")
    asked = list(classes.items()) if isinstance(classes, Mapping) else [(text, text) for text in classes]
    if not asked and not like and not happened and not named:
        raise QuestionError(_nothing(model))
    if (asked or like) and not happened:
        raise QuestionError("say what is counted as having happened: a condition, such as `violence >= 3`")
    if nearest < 1:
        raise QuestionError(f"{nearest} nearest cases cannot be listed; ask for 1 or more")
    if happened and not asked and not named and not like:
        asked = [("", "")]
    read = table if isinstance(table, Table) else read_table(table if table is not None else fetched())
    span = _span(read, since, until)
    texts = [happened, span, *(text for _, text in asked), *(text for r in named for text in (r.where, r.happened))]
    event, time, *judged = judge(read, texts)
    own, theirs = judged[: len(asked)], judged[len(asked) :]
    found, belong = [], []
    for written, where, what in zip(named, theirs[::2], theirs[1::2], strict=True):
        belong.append(where.judged)
        found.append(Counted(rate(written.class_, where.text, where.judged, what), written, _both_ask(where, what)))
    for (name, alone), where in zip(asked, own, strict=True):
        text = _joined(where.text, span)
        belong.append(both(where.judged, time.judged))
        counted = rate(name if name != alone else text or EVERY, text, belong[-1], event)
        found.append(Counted(counted, None, _both_ask(where, event)))
    near = nearest_cases(read, like, time.judged, event, nearest, show) if like else None
    return BaseRates(
        read, model.name if model else "", tuple(found), sum(row.count(True) > 1 for row in zip(*belong, strict=True)),
        tuple(r for r in rates if r not in named), near,
        tuple(name for name in near.columns if name in event.columns) if near else (),
        (WILSON, JEFFREYS, *([GOWER] if near else [])),
    )  # fmt: skip


def _nothing(model: Model | None) -> str:
    """What to say where nothing is asked."""
    if model is None:
        return "nothing is counted: give the condition of what happened, such as `violence >= 3`, and classes of cases"
    where = f"{model.name} lists no base rates" if not model.base_rates else (
        f"no base rate of {model.name} says how it is counted"
    )  # fmt: skip
    return f"{where}\n    write `where:` and `happened:` beside its counts (docs/base-rates.md), or give classes here"


def _span(table: Table, since: int | None, until: int | None) -> str:
    """The condition that a case began in some years; none where no years are asked for. Raises QuestionError."""
    if since is None and until is None:
        return ""
    if table.years is None:
        raise QuestionError(
            f"{table.file} has no column of years that is known as such; write the years in the condition, "
            f"such as `{next(iter(table.columns))} >= {since or until}`"
        )
    name = re.sub(r"\W+", "_", table.years.name)
    bounds = [f"{name} >= {since}" if since is not None else "", f"{name} <= {until}" if until is not None else ""]
    return " and ".join(filter(None, bounds))


def _joined(where: str, span: str) -> str:
    """Two conditions as one text."""
    if not where or not span:
        return where or span
    loose = isinstance(part := parse(where, quoted=True), Apply) and part.op == "or"
    return f"{f'({where})' if loose else where} and {span}"


def _both_ask(where: Condition, event: Condition) -> tuple[str, ...]:
    return tuple(name for name in where.columns if name in event.columns)
