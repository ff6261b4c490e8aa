"""A forecast as evidence came, in words: what came, what it did, what it says of types, structures and quantities."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence

from detente.analyse.evidence.pareto import reliable
from detente.analyse.evidence.updating import AsKnown, Band, Pull, Sign, Told
from detente.analyse.finding import Z90, Finding
from detente.analyse.forecast.rank import rankable
from detente.model.schema import Model
from detente.present.wording.answer import converted_from, is_probability, level, of_another_time, rate_by
from detente.present.wording.numbers import counted, day, percent, points, prose, signed, span, words
from detente.study.questions.update import Said, Updated

FEWEST = 3  # effective draws of all that were asked for
MOST_MOVED = 3  # quantities that are named
MOST_OTHERS = 4  # whose last forecasts are the latest
MOVED = 0.15  # prior standard deviations, that are worth a word
KINDS = {"seen": "seen", "not seen": "not seen", "signal": "sign", "fact": "fact", "goes on": "waiting"}


def finding(band: Band, draws: int) -> Finding:
    """A number as it is expected, as a Finding."""
    return Finding("", band.mean, band.low, band.high, draws, band.error)


def main(found: AsKnown, says: str) -> Band:
    """What is told first: the answer, or the outcome that was most likely before any evidence."""
    return found.answer or found.outcomes[says]


def amount(model: Model, band: Band, draws: int) -> str:
    """The answer as a number."""
    return level(model, finding(band, draws)) if model.answer else percent(band.mean, band.error)


def between(model: Model, band: Band, draws: int) -> str:
    """From where to where it goes in 90% of draws."""
    f = finding(band, draws)
    if model.answer and not is_probability(model.answer.asks.text):
        return f"{signed(f.low, f.error).lstrip('+')} to {signed(f.high, f.error).lstrip('+')}"
    return span(f)


def headline(model: Model, found: Updated) -> str:
    """The answer as known on the day: `Moscow marches on Kiev: 17% (0% to 76% in 90% of draws), as known on ...`."""
    last, first = main(found.dates[-1], found.says), main(found.before, found.says)
    said = (
        f"{prose(found.says) if not model.answer else found.says}: {amount(model, last, found.draws)}",
        f" ({between(model, last, found.draws)} in 90% of draws), as known on {day(found.dates[-1].date)}; ",
        f"{amount(model, first, found.draws)} before any evidence.",
    )
    return "".join(said)


def groups(found: Updated) -> str:
    """The groups of outcomes as known on the day: `War 20%, peace 80%.`"""
    last = found.dates[-1]
    shown = sorted(last.groups.items(), key=lambda item: -rankable(item[1].mean))
    return ", ".join(f"{words(name)} {percent(b.mean, b.error)}" for name, b in shown)


def others(model: Model, found: Updated) -> list[str]:
    """What others had said by that day, of each the last, and the base rates; of another event with what this model
    makes of it; and what is of another time, and compared with nothing."""
    said = list({(s.who, s.asked, s.compared or s.deadline): s for s in found.said if not s.base_rate}.values())
    mine, unlike = ([s for s in said if s.compared and s.asked is asked] for asked in (True, False))
    lines = [f"Others by then: {_listed(mine)}."] if mine else []
    lines += [f"Of other events: {_listed(unlike)}."] if unlike else []
    rates = [
        f"{s.who.partition(': ')[2]}: {percent(s.placed, 0.005)}{rate_by(s.deadline, s.compared)}{_converted(s)}, "
        f"{s.event}{_here(s)}"
        for s in found.said if s.base_rate
    ]  # fmt: skip
    lines += [f"Base rate{'s' if len(rates) > 1 else ''}: {'; '.join(rates)}."] if rates else []
    apart = sorted((s for s in said if not s.compared), key=_dated, reverse=True)
    return lines + of_another_time(model, [(s.who, s.p, s.deadline, "" if s.asked else s.event) for s in apart])


def _dated(s: Said) -> dt.date:
    return s.date or dt.date.min


def _listed(said: Sequence[Said]) -> str:
    """Forecasts, the latest first; those that are too many are counted."""
    ranked = sorted(said, key=_dated, reverse=True)
    told = [
        f"{s.who} {percent(s.placed, 0.005)} ({day(s.date)}: {s.event}{_converted(s)}{_here(s)})"
        for s in ranked[:MOST_OTHERS]
    ]  # fmt: skip
    return "; ".join([*told, *([f"{len(said) - MOST_OTHERS} more"] if len(said) > MOST_OTHERS else [])])


def _converted(s: Said) -> str:
    """What it is converted from, where it is."""
    return "" if s.converted is None else f", {converted_from(s.p, s.deadline)}"


def _here(s: Said) -> str:
    """What this model gave the event then, where that is not the answer itself."""
    return "" if s.asked or not s.compared else f"; here {percent(s.ours.mean, s.ours.error)}"


def came(told: Told) -> str:
    """An item: `seen: Washington names the day (expected at 35%)`."""
    said = f"{KINDS[told.kind]}: {told.says}"
    if told.kind in ("seen", "not seen", "goes on") and not math.isnan(told.likely):
        said += f" (expected at {percent(told.likely, 0.005)})"
    if not told.used and told.kind == "fact":
        said += " (no event of the model, so it moves nothing)"
    return said


def sign_said(model: Model, sign: Sign) -> str:
    """A sign in words: the stage, and what is done or comes there."""
    stage = model.stages.get(sign.stage)
    if stage is None:
        return sign.says
    move = stage.moves.get(sign.label)
    return f"{words(sign.stage)}: {(move.means if move else '') or words(sign.label)}"


def passed(told: Told) -> str:
    """Why a forecast moves where time passes without the event: `the crisis is not over: month 2 has begun (the model
    held that 73% likely), which rules out every history in which it would have ended before`."""
    likely = "" if math.isnan(told.likely) else f" (the model had given this {percent(told.likely, 0.005)})"
    return f"{told.says}{likely}, which rules out every history in which it would have ended before"


def learned(model: Model, found: Updated) -> list[str]:
    """What the evidence says of types, structures and quantities: before it, and now."""
    first, last = found.before, found.dates[-1]
    told = []
    for name, now in last.types.items():
        label = max(now, key=lambda value: rankable(abs(now[value] - first.types[name][value])))
        told.append(f"{words(name)} is {words(label)}: {percent(first.types[name][label])} → {percent(now[label])}")
    told += [
        f"{words(name)} is there: {percent(first.structures[name])} → {percent(p)}"
        for name, p in last.structures.items()
    ]
    return told + _moved(model, first.quantities, last.quantities)


def _moved(model: Model, before: Mapping[str, Band], after: Mapping[str, Band]) -> list[str]:
    """The quantities that evidence has moved most, in their own prior standard deviations."""
    moves: dict[str, float] = {}
    for name, band in before.items():
        spread = (band.high - band.low) / (2 * Z90)
        if spread > 0 and name in after and name in model.quantities and name not in model.structures:
            moves[name] = (after[name].mean - band.mean) / spread
    ranked = sorted(moves, key=lambda name: -rankable(abs(moves[name])))[:MOST_MOVED]
    return [
        f"{words(name)}: {signed(before[name].mean).lstrip('+')} → {signed(after[name].mean).lstrip('+')} "
        f"({signed(moves[name], digits=2)} prior sd)"
        for name in ranked if abs(moves[name]) >= MOVED
    ]  # fmt: skip


def pull_said(model: Model, pull: Pull) -> str:
    """By how much an item pulls: `+4.1 pt`, or a number with its sign."""
    if math.isnan(pull.pull):
        return "too few draws"
    if model.answer and not is_probability(model.answer.asks.text):
        return signed(pull.pull, pull.error)
    return f"{points(pull.pull, pull.error)} pt"


def when(model: Model, sign: Sign) -> str:
    """The time that a sign is of: `week 3, to 24 March 2024`; of one that the case lists what it takes to find out."""
    if not sign.stage:
        return "" if sign.cost is None else f"cost {sign.cost:g}"
    period = model.periods.named((sign.period - 1) * model.periods.slices + 1).partition(",")[0]
    if model.periods.count == 1 and sign.by:
        return f"the time to {day(sign.by)}"
    return f"{period}, to {day(sign.by)}" if sign.by else period


def next_signs(signs: Sequence[Sign], most: int) -> list[Sign]:
    """What may be seen next and would tell most: of each stage the result that says most, once."""
    found: dict[str, Sign] = {}
    for sign in signs:
        if not sign.decides:
            found.setdefault(f"{sign.stage} {sign.period}" if sign.stage else sign.says, sign)
    return list(found.values())[:most]


def deciding(signs: Sequence[Sign]) -> list[Sign]:
    """What would settle the answer by itself: the most likely event that makes it sure, and that which rules it out,
    each in every period in which it would, the nearest first."""
    found = []
    for sure in (True, False):
        side = [s for s in signs if s.decides and (s.seen.mean > 0.5) is sure]
        likely = {says: sum(s.p for s in side if s.says == says) for says in dict.fromkeys(s.says for s in side)}
        if likely:
            first = max(likely, key=lambda says: rankable(likely[says]))
            found += sorted((s for s in side if s.says == first), key=lambda s: (s.period, s.by or dt.date.min))
    return found


def certified(found: Updated) -> list[str]:
    """How far the numbers can be trusted."""
    last = found.dates[-1]
    tail = "" if last.pareto_k is None else f", shape of the tail of their weights k = {last.pareto_k:.2f}"
    told = [
        f"{counted(found.draws, 'draw')}, {last.ess:,.0f} of them effective on the last day{tail}; "
        f"{percent(found.converged)} converged."
    ]
    told += [
        f"On {day(one.date)} {one.renewed.before:,.0f} draws were left effective; they were renewed in "
        f"{counted(one.renewed.steps, 'step')} and {counted(one.renewed.sweeps, 'sweep')} "
        f"({percent(one.renewed.accepted)} of moves accepted in the last)."
        for one in found.dates if one.renewed
    ]  # fmt: skip
    if last.pareto_k is not None and last.pareto_k > reliable(found.draws):
        told.append(
            f"The weights have a heavy tail (k above {reliable(found.draws):.2f}): the averages depend on few draws; "
            "ask for more with --draws."
        )
    if found.unheard:
        told.append(
            f"{counted(found.unheard, 'item')} of evidence {'falls' if found.unheard == 1 else 'fall'} after the last "
            "period and moved nothing: look at the year, or write `period:`."
        )
    if any(one.renewed and one.renewed.before < FEWEST for one in found.dates):
        told.append(
            "Hardly any draw agreed with the evidence of that day: what was seen and the ranges contradict each other."
        )
    if found.later:
        told.append(f"{counted(found.later, 'item')} dated later {'was' if found.later == 1 else 'were'} not read.")
    return told
