"""What is said of base rates beside their numbers: what to be wary of, and how they are written in a case."""

from __future__ import annotations

import yaml

from detente.analyse.evidence.tables import Column, as_number
from detente.present.wording.numbers import counted, number, percent
from detente.study.base_rates import BaseRates, Counted

APART = 0.005  # of two probabilities that are told as different
OVERVIEW = 3  # values of a column that are named in a list of columns


def interval(low: float, high: float) -> str:
    """The two ends of an interval of probabilities."""
    return "" if low != low else f"{percent(low, APART / 5)} to {percent(high, APART / 5)}"


def share(p: float) -> str:
    """A probability with a decimal more where it is small; nothing of what is not defined."""
    return "" if p != p else percent(p, APART / 5)


def remarks(found: BaseRates) -> list[str]:
    """What to be wary of: how far the choice of class moves the answer, what is missing, what is counted twice."""
    return [
        *_spread(found), *(said for c in found.classes for said in _class(c)), *_unplaced(found), *_nearest(found),
        *_case(found),
    ]  # fmt: skip


def _spread(found: BaseRates) -> list[str]:
    known = sorted((c.rate for c in found.classes if c.rate.n), key=lambda r: r.mean)
    said = []
    if len(known) > 1 and known[-1].mean - known[0].mean >= APART:
        ends = [f"{share(r.mean)} ({r.name})" for r in (known[0], known[-1])]
        said.append(f"The choice of class moves the answer from {ends[0]} to {ends[1]}.")
    if found.shared:
        cases = counted(found.shared, "case belongs", "cases belong")
        said.append(f"{cases} to more than one class: the classes are not independent evidence.")
    return said


def _class(c: Counted) -> list[str]:
    r, said = c.rate, []
    if not r.n:
        said.append(f"{r.name}: no case for which it is known belongs to this class.")
    if r.unjudged:
        cases = counted(r.unjudged, "case")
        said.append(f"Left out of {r.name}: {cases} for which the table does not say whether it happened.")
    if c.circular:
        said.append(
            f"{r.name}: the cases are chosen by {_listed(c.circular)}, which also says what happened; nobody knows "
            "that beforehand."
        )
    return said


def _unplaced(found: BaseRates) -> list[str]:
    """Cases of which it is not known whether they belong to a class; classes that lack as many are told together."""
    said = []
    for n in sorted({c.rate.unplaced for c in found.classes} - {0}):
        names = [c.rate.name for c in found.classes if c.rate.unplaced == n]
        which = "each class" if len(names) == len(found.classes) > 1 else "; ".join(names)
        cases, they = counted(n, "case"), "it belongs" if n == 1 else "they belong"
        said.append(f"Left out of {which}: {cases} of which the table does not say whether {they} to it.")
    return said


def _nearest(found: BaseRates) -> list[str]:
    near, said = found.nearest, []
    if near is None:
        return []
    if near.tied:
        cases = counted(near.tied, "case is", "cases are")
        said.append(f"{cases} as near as the last one listed, and counted with them.")
    if near.left_out:
        cases = counted(near.left_out, "case")
        said.append(f"Of {cases} the table has nothing to compare; left out.")
    if near.rate.unjudged:
        cases = counted(near.rate.unjudged, "case")
        said.append(f"Of {cases} among the nearest the table does not say whether it happened; not in the count.")
    if found.circular:
        said.append(
            f"{_listed(found.circular)} also says what happened: cases that are near by it tell nothing about it."
        )
    return said


def _case(found: BaseRates) -> list[str]:
    said = [
        f"{c.rate.name}: the case says {c.written.count:,} of {c.written.of:,}, the table has {c.rate.k:,} of "
        f"{c.rate.n:,}: another version of the table, or another count."
        for c in found.classes if c.agrees is False and c.written
    ]  # fmt: skip
    return said + [f"{r.class_}: the case does not say how it is counted; not counted again." for r in found.unnamed]


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(names)


def holds(column: Column) -> str:
    """What a column holds, in short: `numbers from 1918 to 2021`, or its most frequent values."""
    if column.numbers:
        known = [x for x in column.numbers if x is not None]
        few = len(column.counts) <= OVERVIEW
        if not few:
            return f"{counted(len(column.counts), 'number')} from {_plain(min(known))} to {_plain(max(known))}"
    first = ", ".join(f"{value} ({n:,})" for value, n in [*column.counts.items()][:OVERVIEW])
    more = len(column.counts) - OVERVIEW
    return f"{first} and {more:,} more" if more > 0 else first


def _plain(x: float) -> str:
    return f"{x:.0f}" if x == int(x) else number(x)


def ordered(column: Column) -> list[tuple[str, int]]:
    """The values of a column with their counts: numbers in their order, others the most frequent first."""
    values = list(column.counts.items())
    return sorted(values, key=lambda v: as_number(v[0]) or 0.0) if column.numbers else values


def as_case(found: BaseRates) -> str:
    """The classes as they are written in a case, for whoever goes on from here."""
    entries = [
        {"class": c.rate.name, "where": c.rate.where, "happened": c.rate.happened, "count": c.rate.k, "of": c.rate.n}
        for c in found.classes if c.rate.n and c.rate.where
    ]  # fmt: skip
    written = yaml.safe_dump({"base_rates": entries}, sort_keys=False, allow_unicode=True, width=110)
    return f"# counted in {found.table.file}, {found.table.rows:,} cases, SHA-256 {found.table.sha256}\n{written}"
