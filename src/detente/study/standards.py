"""What a case of the library has to be: facts that can be followed, an argument taken up whole, types that mean what
they say, an answer that does not depend on how time is cut.

`inspect` looks at one case, `detente check --library` at all. Each standard is met, or says in a sentence what is
lacking; what only has to be known is a remark.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Unpack
from urllib.parse import urlsplit

from detente.analyse.evidence.outside import asked_of, deadline_of, evidence_listed
from detente.errors import DetenteError
from detente.model.catalogue import library
from detente.model.coverage import coverage
from detente.model.load import load
from detente.model.record import Source
from detente.model.schema import Model
from detente.study.checking import check
from detente.study.questions.statics import can_be_tried, statics
from detente.study.questions.variants import Row, variants
from detente.study.run import run
from detente.study.settings import Case, How, Settings
from detente.study.study import Study

DRAWS, FEW = 400, 60
STEADY, LASTING = 0.05, 0.15  # by how much the answer may move with two slices, and with one period more
LEAST_CLAIMS, LEAST_EVIDENCE, LEAST_STATICS = 3, 5, 3
_NO_ADDRESS = re.compile(r"\bno address\b", re.I)
_RETRIEVED = re.compile(r"\bretrieved (\d{4}-\d{2}-\d{2})\b")
_SAID = 3  # things named in a sentence


@dataclass(frozen=True)
class Standard:
    """One thing that a case has to be. `met`: whether it is; None where it is only to be known, or cannot be judged."""

    name: str
    met: bool | None
    said: str


@dataclass(frozen=True)
class Inspection:
    """A case, and how it stands with every standard; `mistake` where it cannot be read or solved."""

    case: str
    standards: tuple[Standard, ...]
    mistake: str = ""

    @property
    def good(self) -> bool:
        """Whether no standard is missed."""
        return not self.mistake and all(s.met is not False for s in self.standards)


def crises() -> list[str]:
    """The cases of the library that are held to these standards: those about a dated crisis, in their own words."""
    found = []
    for slug in library():
        model = load(slug)
        if model.answer is not None and asked_of(model) and deadline_of(model) is not None:
            found.append(slug)
    return found


def inspect(case: Case, **settings: Unpack[Settings]) -> Inspection:
    """How a case stands with the standards of the library. Nothing is raised for a case that misses them, or that
    cannot be read: that is the answer."""
    told = How.of(settings)
    name = case.name if isinstance(case, Model) else Path(str(case)).stem
    try:
        model = told.model(case)
        how = How(draws=told.draws or DRAWS, seed=told.seed, workers=told.workers, store=told.store)
        study = run(model, how=how)
        found = [
            *_read(model), *_facts(model), *_dates(model), *_argument(model), *_tested(model, how),
            *_steady(run(model, how=replace(how, draws=FEW))), *_others(model, study),
        ]  # fmt: skip
    except DetenteError as error:
        return Inspection(name, (), str(error))
    return Inspection(model.name or name, tuple(found))


def _standard(name: str, missing: Sequence[str], good: str) -> Standard:
    """Met where nothing is missing; else what is, the first few by name."""
    if not missing:
        return Standard(name, True, good)
    more = f" and {len(missing) - _SAID} more" if len(missing) > _SAID else ""
    return Standard(name, False, f"{', '.join(missing[:_SAID])}{more}")


def _read(model: Model) -> Iterator[Standard]:
    """Without mistakes; warnings are to be known."""
    checked = check(model)
    wrong = [str(p) for p in checked.problems if not p.warning]
    yield _standard("reads", wrong, "no mistake")
    if warned := [p.message for p in checked.problems if p.warning]:
        yield Standard("warnings", None, f"{len(warned)}: {'; '.join(warned[:_SAID])}")
    weak = [f"{p.label} of {p.type} in {p.share.value:.0%} of draws" for p in checked.preferences if p.weak]
    silent = ["none says what it prefers"] * (bool(model.private) and not checked.preferences)
    yield _standard("types prefer what they say", [*weak, *silent], f"{len(checked.preferences)} types")


def _facts(model: Model) -> Iterator[Standard]:
    """Sources with an address and the day on which it was looked up, or a reason why there is none."""
    wrong = [f"{name}: {why}" for name, source in model.sources.items() if (why := _address(source))]
    addressed = sum(bool(source.url) for source in model.sources.values())
    yield _standard("sources", wrong, f"{addressed} of {len(model.sources)} with an address")
    bare = [n for n, q in model.quantities.items() if not q.role and not (q.source and (q.because or q.means))]
    yield _standard("quantities say where they come from", bare, f"all {len(model.quantities)}")


def _address(source: Source) -> str:
    if not source.url:
        own = source.kind in ("judgement", "")  # of the author, who stands in the file
        return "" if own or _NO_ADDRESS.search(source.note) else "no url, and no note that says why (`no address: ...`)"
    parts = urlsplit(source.url)
    if parts.scheme not in ("http", "https") or "." not in parts.netloc or " " in source.url:
        return f"{source.url!r} is not an address"
    if not (day := _RETRIEVED.search(source.note)):
        return "its note says no `retrieved YYYY-MM-DD`"
    try:
        dt.date.fromisoformat(day[1])
    except ValueError:
        return f"{day[1]} is not a date"
    return ""


def _dates(model: Model) -> Iterator[Standard]:
    """What was known is of a day before what is asked."""
    wrong = []
    deadline = deadline_of(model)
    if model.as_of is None:
        wrong.append("no `as_of`")
    elif deadline is not None and model.as_of >= deadline:
        wrong.append(f"as of {model.as_of}, not before the deadline of {deadline}")
    came = model.happened.date if model.happened else None
    if came is not None and model.as_of is not None and model.as_of > came:
        wrong.append(f"as of {model.as_of}, after it happened on {came}")
    if model.happened is None and deadline is not None and deadline < dt.date.today():
        wrong.append(f"the deadline of {deadline} is over, and `happened:` is not there")
    yield _standard("dates", wrong, f"as of {model.as_of}, judged by {deadline}")
    if model.happened is None:
        yield Standard("open", None, f"nobody knows yet; judged by {deadline}")
    listed, late = evidence_listed(model)
    few = [] if listed >= LEAST_EVIDENCE else [f"{listed} items of evidence; {LEAST_EVIDENCE} are the least"]
    yield _standard("evidence", few, f"{listed} items, {late} of them after the as-of date")


def _argument(model: Model) -> Iterator[Standard]:
    """The argument is taken up whole: every mechanism cited and tested, every paragraph in its place."""
    uncited = [name for name, mechanism in model.mechanisms.items() if not mechanism.source]
    yield _standard("mechanisms are cited", uncited or ["none"] * (not model.mechanisms), f"{len(model.mechanisms)}")
    tried = {s.mechanism for s in model.statics.values()} | {c.mechanism for c in model.claims.values()}
    untested = [name for name in model.mechanisms if name not in tried]
    yield _standard("mechanisms have a claim or static", untested, "all")
    short = [] if len(model.claims) >= LEAST_CLAIMS else [f"{len(model.claims)} claims; {LEAST_CLAIMS} are the least"]
    short += [] if len(model.statics) >= LEAST_STATICS else [f"{len(model.statics)} statics; {LEAST_STATICS} at least"]
    yield _standard("claims and statics", short, f"{len(model.claims)} claims, {len(model.statics)} statics")
    yield _standard("rival structures", [] if model.structures else ["none"], f"{len(model.structures)}")
    whole = [c for c in coverage(model) if c.complete]
    left = [f"{c.source} {p.number}" for c in whole for p in c.paragraphs if not (p.covered or p.others)]
    if whole:
        yield _standard("paragraphs are taken up", left, f"all of {', '.join(c.source for c in whole)}")
    else:
        yield Standard("paragraphs are taken up", None, "no source says how many it has (`paragraphs:`)")


def _tested(model: Model, how: How) -> Iterator[Standard]:
    """Statics hold."""
    if any(can_be_tried(model, name) for name in model.statics):
        failing = [
            f"{r.name} ({r.effect.value:+.3f})" for r in statics(model, how=how)
            if not r.holds and not r.effect.low <= 0 <= r.effect.high
        ]  # fmt: skip
        yield _standard("statics hold", failing, f"in {how.draws} draws none goes the other way")


def _steady(study: Study) -> Iterator[Standard]:
    """The answer does not depend on how time is cut, nor much on how long it is played; in a few paired draws, since
    such trees are large."""
    periods = study.model.periods
    wanted: list[tuple[str, float, Callable[[], Sequence[object]]]] = [
        ("does not depend on how time is cut", STEADY, lambda: variants(study, slices=[2]).variants),
    ]
    if periods.count > 1:
        longer = [periods.count + 1]
        wanted.append(("nor much on one period more", LASTING, lambda: variants(study, periods=longer).variants))
    for name, most, ask in wanted:
        for row in ask()[1:]:
            if not isinstance(row, Row):
                yield Standard(name, None, f"it cannot be solved so: {row}")
                continue
            moved = row.changes["answer"]
            said = f"the answer moves by {100 * moved.value:+.1f} points ({study.n} draws)"
            met: bool | None = abs(moved.value) <= most
            yield Standard(name, met if most == STEADY or met else None, said)


def _others(model: Model, study: Study) -> Iterator[Standard]:
    """What others said by then falls where it falls; there has to be something to set beside."""
    beside = len(model.forecasts) + len(model.base_rates)
    yield _standard("others are beside it", [] if beside else ["no forecasts, no base rates"], f"{beside}")
    for found in study.checks:
        if found.surprising:
            yield Standard("prior predictive check", None, f"most forecasts of {found.event} lie beyond its draws")


__all__ = ["DRAWS", "Inspection", "Standard", "crises", "inspect"]
