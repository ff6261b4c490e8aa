"""What a case of the library has to be: facts that can be followed, an argument taken up whole, types that mean what
they say, an answer that does not depend on how time is cut.

`inspect` looks at one case, `detente check --library` at all. Each standard is met, or says in a sentence what is
lacking; what only has to be known is a remark.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Unpack
from urllib.parse import urlsplit

from detente.analyse.evidence.outside import asked_of, deadline_of, evidence_listed
from detente.analyse.finding import Z95
from detente.draws.recut import sharp
from detente.errors import DetenteError
from detente.game.compile import growing
from detente.language.expressions import Expression, Is
from detente.language.scenes import OUTCOME
from detente.model.catalogue import library
from detente.model.coverage import coverage
from detente.model.load import load
from detente.model.provenance import later, twice
from detente.model.record import Source
from detente.model.schema import Model
from detente.study.checking import SOLVED, check
from detente.study.questions.statics import can_be_tried, statics
from detente.study.questions.variants import Row, variants
from detente.study.run import run
from detente.study.settings import Case, How, Settings
from detente.study.study import Study

DRAWS, FEW = 400, 60  # draws of what is solved, and of variants whose trees are large
LARGE = 20_000  # nodes of a tree that is not solved again in more draws
NEAR, LEANING = 0.05, 0.5  # of the uninformed answer: how near to the model's, and how likely by itself
STEADY, LASTING = 0.05, 0.15  # by how much the answer may move with two slices, and with one period more
LEAST_CLAIMS, LEAST_EVIDENCE, LEAST_STATICS = 3, 5, 3
IN_PRINT, ONCE = "ranges rest on what was in print", "nothing is prior and evidence at once"
UNINFORMED = "does not come from counting moves"
CUT, LONGER = "does not depend on how time is cut", "nor much on one period more"
STANDARDS = {
    "reads": "there is no mistake",
    "warnings": "never met nor missed: they are to be answered on the page",
    "types prefer what they say": "each does in most of 100 draws",
    "sources": "each has an address and `retrieved YYYY-MM-DD` in its note, or `no address: why`",
    "quantities say where they come from": "each has a `source`, and `because` or `means`",
    IN_PRINT: "no range rests on a source published after `as_of`, unless the note of it says why (`later: why`), or "
    "the range is that of a file it extends",
    ONCE: "no source on which a prior rests is evidence on the same thing again; what is so is told",
    "dates": "`as_of` is before the deadline and before what happened; a question whose day is over says what happened",
    "open": "told of a question whose day is ahead",
    "evidence": "there are at least five items",
    "mechanisms are cited": "each has a source",
    "mechanisms have a claim or static": "each has one",
    "claims and statics": "there are at least three of each",
    "rival structures": "there is at least one",
    "paragraphs are taken up": "of a source that says how many it has (`paragraphs:`), each is cited by a mechanism, a "
    "claim or another part",
    "statics hold": "in 400 draws none goes the other way",
    UNINFORMED: "with precision 0 (nobody prefers one move to another) the answer is below 50% and not within 5 points "
    "of the model's, in 400 draws; else that is told",
    CUT: "with each period cut in two the answer moves by at most 5 points, whatever is within the 95% interval of the "
    "move in 60 draws (in 400 where that is not clear and the tree is below 20,000 nodes); *unclear* where that is on "
    "both sides of 5 points",
    LONGER: "the same for one period more and 15 points; never missed; where what decides is not asked in the added "
    "period that is told",
    "others are beside it": "there are forecasts or base rates",
    "prior predictive check": "told where most forecasts by the same deadline lie beyond the model's own draws",
}
"""Each standard, in the order in which they are told, and where it is met."""
_NO_ADDRESS = re.compile(r"\bno address\b", re.I)
_RETRIEVED = re.compile(r"\bretrieved (\d{4}-\d{2}-\d{2})\b")
_SAID = 3  # things named in a sentence


@dataclass(frozen=True)
class Standard:
    """One thing that a case has to be. `met`: whether it is; None where it is only to be known, or cannot be judged;
    not `clear`: in so few draws it could be either."""

    name: str
    met: bool | None
    said: str
    clear: bool = True


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
            *_read(model), *_facts(model), *_hindsight(model), *_dates(model), *_argument(model),
            *_tested(model, how), *_uninformed(model, study), *_steady(model, how), *_others(model, study),
        ]  # fmt: skip
    except DetenteError as error:
        return Inspection(name, (), str(error))
    return Inspection(model.name or name, tuple(found))


def _standard(name: str, missing: Sequence[str], good: str) -> Standard:
    """Met where nothing is missing; else what is, the first few by name."""
    if not missing:
        return Standard(name, True, good)
    return Standard(name, False, _some(missing))


def _some(names: Sequence[str]) -> str:
    """The first few of them, and how many more."""
    more = f" and {len(names) - _SAID} more" if len(names) > _SAID else ""
    return f"{', '.join(names[:_SAID])}{more}"


def _read(model: Model) -> Iterator[Standard]:
    """Without mistakes; warnings are to be known."""
    checked = check(model)
    wrong = [str(p) for p in checked.problems if not p.warning]
    yield _standard("reads", wrong, "no mistake")
    if warned := [p.message for p in checked.problems if p.warning]:
        yield Standard("warnings", None, f"{len(warned)}: {'; '.join(warned[:_SAID])}")
    weak = [f"{p.label} of {p.type} in {p.share.value:.0%} of draws" for p in checked.preferences if p.weak]
    silent = ["none says what it prefers"] * (bool(model.private) and not checked.preferences)
    yield _standard(
        "types prefer what they say", [*weak, *silent], f"{len(checked.preferences)} types, in {SOLVED} draws"
    )


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
    left = [f"{c.source} {p.number}" for c in whole for p in c.paragraphs if not (p.taken_up or p.aside)]
    if whole:
        yield _standard("paragraphs are taken up", left, f"all of {', '.join(c.source for c in whole)}")
    else:
        yield Standard("paragraphs are taken up", None, "no source says how many it has (`paragraphs:`)")


def _hindsight(model: Model) -> Iterator[Standard]:
    """Ranges rest on what was in print by the as-of date; what is evidence is not in the prior as well."""
    found = later(model)
    wrong = [
        f"{one.source} ({one.published}: {_some(one.quantities)})" for one in found if one.quantities and not one.why
    ]
    told = [one.source for one in found if one.quantities and one.why]
    good = f"but for {_some(told)}, whose notes say why" if told else "all of them"
    if theirs := dict.fromkeys(name for one in found for name in one.inherited):
        good += f"; {len(theirs)} rest on later ones in the file that is extended, and are argued as of its day"
    yield _standard(IN_PRINT, wrong, good)
    double = [f"{one.source} for {one.quantity} and, of {one.date}, on {one.subject}" for one in twice(model)]
    yield Standard(
        ONCE, None if double else True, _some(double) if double else "no source is prior and evidence at once"
    )


def _tested(model: Model, how: How) -> Iterator[Standard]:
    """Statics hold."""
    if any(can_be_tried(model, name) for name in model.statics):
        failing = [
            f"{r.name} ({r.effect.value:+.3f})" for r in statics(model, how=how)
            if not r.holds and not r.effect.low <= 0 <= r.effect.high
        ]  # fmt: skip
        yield _standard("statics hold", failing, f"in {how.draws} draws none goes the other way")


def _uninformed(model: Model, study: Study) -> Iterator[Standard]:
    """The answer is not what a mere counting of moves gives: nobody preferring one to another (precision 0)."""
    if study.answer is None or not asked_of(model):
        return
    blind = run(sharp(model, 0.0), how=replace(study.how, draws=study.n)).answer
    assert blind is not None
    near, leaning = abs(blind.mean - study.answer.mean) <= NEAR, blind.mean >= LEANING
    why = ["as likely by counting moves alone"] * near + ["likely by counting moves alone"] * (leaning and not near)
    said = f"{blind.mean:.0%} with precision 0, {study.answer.mean:.0%} as it is ({study.n} draws)"
    yield Standard(UNINFORMED, None if why else True, f"{said}{''.join(f': {w}' for w in why)}")


def _steady(model: Model, how: How) -> Iterator[Standard]:
    """The answer does not depend on how time is cut, nor much on how long it is played; in a few paired draws, since
    such trees are large, and again in as many as all else where that is not clear and the tree is not large."""
    yield _moved(CUT, STEADY, model, how, "each period cut in two, to see whether the answer depends on it", slices=[2])
    if model.periods.count > 1:
        of = "one period more, to see whether the answer depends on it"
        yield _longer(_moved(LONGER, LASTING, model, how, of, periods=[model.periods.count + 1]), model)


def _moved(
    name: str, most: float, model: Model, how: How, of: str, slices: Sequence[int] = (), periods: Sequence[int] = ()
) -> Standard:
    """By how much the answer moves, with the 95% interval of the mean: judged where that lies on one side of `most`."""
    for draws in (FEW, DRAWS):
        with growing(of):
            *_, row = variants(run(model, how=replace(how, draws=draws)), slices=slices, periods=periods).variants
        if not isinstance(row, Row):
            return Standard(name, None, f"it cannot be solved so: {row.problem}")
        moved = row.changes["answer"]
        low, high = moved.value - Z95 * moved.error, moved.value + Z95 * moved.error
        between = f"95%: {100 * low:+.1f} to {100 * high:+.1f}; {moved.draws} draws"
        said = f"the answer moves by {100 * moved.value:+.1f} points ({between})"
        if -most <= low and high <= most:
            return Standard(name, True, said)
        if low > most or high < -most:
            return Standard(name, False, said)
        if row.nodes > LARGE:
            break
    return Standard(name, None, f"{said}: not clear against {100 * most:.0f} points", False)


def _longer(found: Standard, model: Model) -> Standard:
    """What one period more does is only to be known; and it says nothing where what decides is not asked in it."""
    deciding = _deciding(model)
    written = [model.stages[stage].periods for stage in deciding]
    if deciding and all(periods and model.periods.count + 1 not in periods for periods in written):
        said = f"nothing is decided in the added period: {_some(deciding)} is not asked in it"
        return Standard(found.name, None, said)
    return replace(found, met=found.met or None)


def _deciding(model: Model) -> list[str]:
    """The stages of which the answer speaks, by themselves or through outcomes."""
    found: dict[str, None] = {}
    todo: list[Expression] = [model.answer.asks.expression] if model.answer else []
    while todo:
        for e in todo.pop().walk():
            if isinstance(e, Is) and e.subject in model.stages:
                found[e.subject] = None
            elif isinstance(e, Is) and e.subject == OUTCOME:
                whens = [model.outcomes[o].when for o in e.labels if o in model.outcomes]
                todo += [when.expression for when in whens if when is not None]
    return list(found)


def _others(model: Model, study: Study) -> Iterator[Standard]:
    """What others said by then falls where it falls; there has to be something to set beside."""
    beside = len(model.forecasts) + len(model.base_rates)
    yield _standard("others are beside it", [] if beside else ["no forecasts, no base rates"], f"{beside}")
    for found in study.checks:
        if found.surprising:
            yield Standard("prior predictive check", None, f"most forecasts of {found.event} lie beyond its draws")


__all__ = ["DRAWS", "STANDARDS", "Inspection", "Standard", "crises", "inspect"]
