"""The answer to a case's question in words, with what others say of it beside it; the same on every door."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence

from detente.analyse.counterfactual.whatif import Difference
from detente.analyse.evidence.outside import Answered, Apart, Placed, PriorCheck, deadline_of, evidence_listed
from detente.analyse.finding import Finding
from detente.analyse.forecast.rank import rankable
from detente.model.schema import Model
from detente.present.wording.evidence import items, known_when
from detente.present.wording.numbers import beside_effect, counted, day, number, percent, points, signed, span, words
from detente.study.study import Study

MOST_FORECASTERS = 3
MOST_APART = 3  # forecasts of another time that are named
THE_ANSWER = "the answer"


def is_chance(answer: Answered) -> bool:
    """Whether the answer is a probability."""
    return is_probability(answer.asks)


def is_probability(asks: str) -> bool:
    """Whether what is asked for is a probability."""
    return asks.lstrip().startswith("P(")


def amount(answer: Answered) -> str:
    """The answer as a number."""
    return _amount(answer.asks, answer.value)


def _amount(asks: str, f: Finding) -> str:
    return percent(f.value, f.error) if is_probability(asks) else number(f.value, f.error)


def in_words(model: Model) -> str:
    """The event that the case's question asks about, or what is asked for; nothing of a case that does not say."""
    return (model.answer.says or model.answer.asks.text) if model.answer else ""


def level(model: Model, f: Finding) -> str:
    """The answer on one side of a comparison: `15%`."""
    return _amount(model.answer.asks.text if model.answer else "P(", f)


def level_of(model: Model, value: float) -> str:
    """The answer at one point, where no draws stand behind it."""
    return level(model, Finding("", value, value, value, 1))


def moved(model: Model, d: Difference) -> str:
    """By how much the answer moves: `+5.6 pt`, or a number with its sign."""
    return _shift(model, d.effect.value, d.effect.error)


def interval(model: Model, d: Difference) -> str:
    """The 95% interval of that: `+4.1 to +7.0 pt`."""
    low, high = (_shift(model, v, d.effect.error) for v in (d.effect.low, d.effect.high))
    return f"{low.removesuffix(' pt')} to {high}"


def change(model: Model, d: Difference) -> str:
    """The answer before and after: `15% → 21%, +5.6 pt (95%: +4.1 to +7.0 pt)`."""
    if not d.effect.draws:
        return "not defined in any draw"
    before, after = (_beside(model, d, f) for f in (d.before, d.after))
    return f"{before} → {after}, {moved(model, d)} (95%: {interval(model, d)})"


def was(model: Model, d: Difference) -> str:
    """The answer after, and what it was: `21% (was 15%)`."""
    return f"{_beside(model, d, d.after)} (was {_beside(model, d, d.before)})"


def moved_to(model: Model, d: Difference) -> str:
    """Where the answer moves, in short: `21% (+5.6 pt)`."""
    return f"{_beside(model, d, d.after)} ({moved(model, d)})" if d.effect.draws else "not defined"


def _beside(model: Model, d: Difference, f: Finding) -> str:
    """The answer on one side of a difference, as fine as that is."""
    return beside_effect(f.value, d.effect.error / 4) if drawn(model) else level(model, f)


def drawn(model: Model) -> bool:
    """Whether the answer stands on a scale of probabilities."""
    return model.answer is not None and is_probability(model.answer.asks.text)


def _shift(model: Model, x: float, error: float) -> str:
    if math.isnan(x):
        return "not defined"
    return f"{points(x, error / 4)} pt" if drawn(model) else signed(x, error / 4)


def groups_told(model: Model, names: Iterable[str]) -> list[str]:
    """Of the groups of outcomes those that tell more than an outcome by itself, and are there."""
    there = set(names)
    return [name for name, members in model.groups.items() if name in there and len(members) > 1]


def spread(answer: Answered) -> str:
    """How far it goes over the draws: `0.1% to 27% in 90% of draws`."""
    f = answer.value
    if not f.draws:
        return "it is undefined in every draw"
    untold = f"; it is undefined in {answer.unjudged:,} of {f.draws + answer.unjudged:,}" if answer.unjudged else ""
    if f.high - f.low <= 1e-9:
        return f"the same in every draw{' that can tell' if untold else ''}{untold}"
    between = span(f) if is_chance(answer) else f"{number(f.low, f.error)} to {number(f.high, f.error)}"
    return f"{between} in 90% of draws{untold}"


def basis(study: Study) -> str:
    """What the answer rests on: no evidence, with what the same draws say as known on the as-of date; or all that was
    known on a day."""
    if (updated := study.model._updated) is not None:
        return f"as known on {day(updated.day)} ({counted(updated.items, 'item')} of evidence)"
    listed = items(*evidence_listed(study.model))
    used = f" (`detente update` takes it in: {listed})" if listed else ""
    then = then_said(study)
    return f"before any evidence{used}{then and f'; {then}'}"


def briefly(study: Study) -> str:
    """The same without how much evidence there is."""
    then = then_said(study)
    return f"{known_when(study.model)}{then and f'; {then}'}"


def then_said(study: Study) -> str:
    """The answer as known on the as-of date: `59% (18% to 85%) as known on 15 January 2003`; nothing where that is the
    answer before any evidence, or the case has no answer."""
    then, answer = study.then, study.answer
    if then is None or answer is None:
        return ""
    if then.answer is None or not then.enough:
        return (
            f"as known on {day(then.date)} too few of these draws are left to tell (`--as-of {then.date}` renews them)"
        )
    f = Finding("", then.answer.mean, then.answer.low, then.answer.high, study.n, then.answer.error)
    between = span(f) if is_chance(answer) else f"{number(f.low, f.error)} to {number(f.high, f.error)}"
    spread = f" ({between})" if f.high - f.low > 1e-9 else ""
    return f"{_amount(answer.asks, f)}{spread} as known on {day(then.date)}"


def grouped(answer: Answered) -> str:
    """The groups of outcomes: `war 7.3% (0.7% to 25%), peace 93%`."""
    shown = sorted(answer.groups.items(), key=lambda item: -rankable(item[1].value))
    return ", ".join(f"{words(name)} {percent(f.value, f.error)} ({span(f)})" for name, f in shown)


def beside(study: Study) -> list[str]:
    """The base rates and the forecasts of others by the as-of date, a sentence for each kind; forecasts of another time
    than the answer are told with their own day, and compared with nothing."""
    checks = study.checks
    rates = [_base_rate(study, check, p) for check in checks for p in _lowest_first(check) if p.base_rate]
    said = [(check, [p for p in check.said if not p.base_rate]) for check in checks]
    forecasts = [_forecasts(study, check, theirs) for check, theirs in said if theirs]
    told = [f"Base rate{'s' if len(rates) > 1 else ''}: {'; '.join(rates)}."] if rates else []
    told += [f"Forecasts of others: {'; '.join(forecasts)}."] if forecasts else []
    others = [
        (s.who, s.p, s.deadline, "" if is_asked(study.model, check.event) else s.event)
        for check in checks for s in check.apart if not s.base_rate
    ]  # fmt: skip
    return told + of_another_time(study.model, others)


def of_another_time(model: Model, said: Sequence[tuple[str, float, dt.date | None, str]]) -> list[str]:
    """Forecasts of another time than the model's: whose, how much, by when, and of what where that is not asked.

    `Of another time than 30 April 2003, and not compared: Tradesports 30% by 31 March 2003 (Saddam out of office).`
    """
    if not said:
        return []
    told = [
        f"{who} {percent(p, 0.005)} by {day(deadline) if deadline else 'no stated day'}{event and f' ({event})'}"
        for who, p, deadline, event in said[:MOST_APART]
    ]
    told += [f"{len(said) - MOST_APART} more"] if len(said) > MOST_APART else []
    mine = deadline_of(model)
    own = f" than {day(mine)}" if mine else ""
    return [f"Of another time{own}, and not compared: {'; '.join(told)}."]


def rate_by(deadline: dt.date | None, compared: bool) -> str:
    """By when a base rate is, where that is another day than the model's."""
    return "" if compared else f" by {day(deadline)}"


def converted_from(p: float, deadline: dt.date | None) -> str:
    """What a forecast was before it was converted to another deadline."""
    return f"converted from {percent(p, 0.005)} by {day(deadline)}"


def _lowest_first(check: PriorCheck) -> list[Placed | Apart]:
    every: list[Placed | Apart] = [*check.said, *check.apart]
    return sorted(every, key=lambda said: said.p)


def _base_rate(study: Study, check: PriorCheck, rate: Placed | Apart) -> str:
    """`11 of 115, smoothed (Jeffreys): 10%, crises of that kind`; with its own day where that is another."""
    counts = rate.who.partition(": ")[2]
    if isinstance(rate, Apart):
        return f"{counts}: {percent(rate.p, 0.005)}{rate_by(rate.deadline, False)}, {rate.event}"
    return f"{counts}: {percent(rate.p, 0.005)}{_converted(rate)}, {rate.event}{_nearest(study, check)}"


def _nearest(study: Study, check: PriorCheck) -> str:
    """The model's own event and probability, where that is not the answer itself."""
    return "" if is_asked(study.model, check.event) else f" (here {_event(study, check)})"


def _converted(said: Placed) -> str:
    """What it is converted from, where it is."""
    return "" if said.given is None else f", {converted_from(said.given, said.deadline)}"


def _forecasts(study: Study, check: PriorCheck, said: Sequence[Placed]) -> str:
    """What they gave one event: `A crowd 60%, A sage 75%`."""
    if len(said) <= MOST_FORECASTERS:
        each = [f"{p.who} {percent(p.p, 0.005)}" + (f" ({c[2:]})" if (c := _converted(p)) else "") for p in said]
        listed = ", ".join(each)
    else:
        low, high = said[0], said[-1]
        listed = f"{len(said)}, from {percent(low.p, 0.005)} ({low.who}) to {percent(high.p, 0.005)} ({high.who})"
    return f"{listed}{_nearest(study, check)}"


def event_named(model: Model, event: str) -> str:
    """An event of the game: in the words of the answer, by the name of the group it is, or as it is written."""
    if model.answer and is_asked(model, event):
        return model.answer.says or event
    groups = {f"outcome in [{', '.join(members)}]": name for name, members in model.groups.items()}
    return words(groups[event]) if event in groups else event


def _event(study: Study, check: PriorCheck) -> str:
    return f"{event_named(study.model, check.event)} {percent(check.ours.value, check.ours.error)}"


def is_asked(model: Model, event: str) -> bool:
    """Whether the answer to the case's question is the probability of this event."""
    return model.answer is not None and "".join(model.answer.asks.text.split()) == "".join(f"P({event})".split())


def surprises(study: Study) -> list[str]:
    """A warning for each event of which most forecasts lie beyond nearly all draws."""
    return [_surprise(study, check) for check in study.checks if check.surprising]


def _surprise(study: Study, check: PriorCheck) -> str:
    said = [p for p in check.said if not p.base_rate]
    above = sum(p.below > 0.5 for p in said) > len(said) / 2
    beyond = [p for p in said if p.surprising and (p.below > 0.5) == above]
    nearest = min(beyond, key=lambda p: abs(p.below - 0.5))
    share = percent(nearest.below if above else 1 - nearest.below, 0.0005)
    n, all_ = len(said), len(beyond) == len(said)
    which = "the one forecast" if n == 1 else f"all {n} forecasts" if all_ else f"{len(beyond)} of {n} forecasts"
    what = "this event" if is_asked(study.model, check.event) else f"`{event_named(study.model, check.event)}`"
    side = "lies" if n == 1 else "lie"
    return (
        f"Prior predictive check: {which} by others of {what} {side} {'above' if above else 'below'} {share} of this "
        "model's draws. They saw something that is not in it, or its ranges together are too narrow."
    )
