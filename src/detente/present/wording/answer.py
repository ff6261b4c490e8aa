"""The answer to a case's question in words, with what others say of it beside it; the same on every door."""

from __future__ import annotations

from collections.abc import Sequence

from detente.analyse.evidence.outside import Answered, Placed, PriorCheck, evidence_listed
from detente.model.schema import Model
from detente.present.wording.evidence import items
from detente.present.wording.numbers import number, percent, span, words
from detente.study.study import Study

MOST_FORECASTERS = 3


def is_chance(answer: Answered) -> bool:
    """Whether the answer is a probability."""
    return answer.asks.lstrip().startswith("P(")


def amount(answer: Answered) -> str:
    """The answer as a number."""
    f = answer.value
    return percent(f.value, f.error) if is_chance(answer) else number(f.value, f.error)


def spread(answer: Answered) -> str:
    """How far it goes over the draws: `0.1% to 27% in 90% of draws`."""
    f = answer.value
    if f.high - f.low <= 1e-9:
        return "the same in every draw"
    between = span(f) if is_chance(answer) else f"{number(f.low, f.error)} to {number(f.high, f.error)}"
    return f"{between} in 90% of draws"


def basis(study: Study) -> str:
    """What the answer rests on: no evidence, whatever the file lists."""
    listed = items(*evidence_listed(study.model))
    used = f" (this version of detente shows evidence and does not use it: {listed})" if listed else ""
    return f"before any evidence{used}"


def grouped(answer: Answered) -> str:
    """The groups of outcomes: `war 7.3% (0.7% to 25%), peace 93%`."""
    shown = sorted(answer.groups.items(), key=lambda item: -item[1].value)
    return ", ".join(f"{words(name)} {percent(f.value, f.error)} ({span(f)})" for name, f in shown)


def beside(study: Study) -> list[str]:
    """The base rates and the forecasts of others by the as-of date, a sentence for each kind."""
    rates = [_base_rate(study, check, p) for check in study.checks for p in check.said if p.base_rate]
    said = [(check, [p for p in check.said if not p.base_rate]) for check in study.checks]
    forecasts = [_forecasts(study, check, theirs) for check, theirs in said if theirs]
    told = [f"Base rate{'s' if len(rates) > 1 else ''}: {'; '.join(rates)}."] if rates else []
    return [*told, f"Forecasts of others: {'; '.join(forecasts)}."] if forecasts else told


def _base_rate(study: Study, check: PriorCheck, rate: Placed) -> str:
    """`11 of 115 (10%), crises of that kind`."""
    counts = rate.who.partition(": ")[2]
    return f"{counts} ({percent(rate.p, 0.005)}), {rate.event}{_nearest(study, check)}"


def _nearest(study: Study, check: PriorCheck) -> str:
    """The model's own event and probability, where that is not the answer itself."""
    return "" if is_asked(study.model, check.event) else f" (here {_event(study, check)})"


def _forecasts(study: Study, check: PriorCheck, said: Sequence[Placed]) -> str:
    """What they gave one event: `A crowd 60%, A sage 75%`."""
    if len(said) <= MOST_FORECASTERS:
        listed = ", ".join(f"{p.who} {percent(p.p, 0.005)}" for p in said)
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
