"""The names and units of a model's things, as people write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from detente.analyse.evidence.outside import over_by
from detente.analyse.finding import Finding
from detente.analyse.forecast.rank import telling as asked_about
from detente.draws.sources import SEEN_BY
from detente.model.schema import Model
from detente.present.wording.numbers import MINUS, counted, day, number, percent, words

if TYPE_CHECKING:
    from detente.study.study import Study

TELLING = 0.01  # the mean of an outcome that is left out of no picture
BARE = ("probability", "share", "ratio")  # units that are no words to print after a number


def assumed(name: str) -> str:
    """A quantity, or a perception of one, as words: `sanctions as Russia sees it`."""
    quantity, _, actor = name.partition("#")[0].partition(SEEN_BY)
    return f"{words(quantity)} as {words(actor)} sees it" if actor else words(quantity)


def asked(text: str) -> str:
    """What is asked about: a name as words, an expression as it is written."""
    return text if "(" in text else words(text)


def key_of(*parts: str) -> str:
    """A name for a place on the page, from texts that may hold anything."""
    return "-".join("".join(c if c.isalnum() or c == "_" else "-" for c in part) for part in parts)


def unit(model: Model, name: str) -> str:
    """The unit a quantity or perception is counted in, in the plural where it is a word; none for shares."""
    quantity = model.quantities.get(name.partition("#")[0].partition(SEEN_BY)[0])
    if quantity is None or quantity.unit in BARE:
        return ""
    return "stakes" if quantity.unit == "stake" else quantity.unit


def counted_in(model: Model, name: str) -> str:
    """The unit of a quantity as an axis tells it, shares included."""
    quantity = model.quantities.get(name.partition("#")[0].partition(SEEN_BY)[0])
    return unit(model, name) or (quantity.unit if quantity else "")


def means(model: Model, name: str) -> str:
    """What a quantity, outcome, claim or mechanism is, in the words of the model."""
    stem = name.partition("#")[0].partition(SEEN_BY)[0]
    if stem in model.quantities:
        return model.quantities[stem].means
    if stem in model.private:
        return model.private[stem].means
    if stem in model.outcomes:
        return outcome_means(model, stem)
    if stem in model.claims:
        return model.claims[stem].says
    return model.mechanisms[stem].says if stem in model.mechanisms else ""


def outcome_means(model: Model, name: str) -> str:
    """What an outcome is; of what is left when the time is over, when that is: `no resolution by 25 March 2022`."""
    outcome, periods = model.outcomes[name], model.periods
    left, over = "", over_by(model)
    if outcome.otherwise and over is not None:
        left = f"no resolution by {day(over)}"
    elif outcome.otherwise and periods.count > 1:
        plain = periods.unit if " " not in periods.unit else ""
        left = f"no resolution in {counted(periods.count, plain) if plain else periods.lasting}"
    if outcome.means and left:
        return f"{outcome.means} (when the time is over{f', {day(over)}' if over else ''})"
    return outcome.means or left


def telling(model: Model, curves: Mapping[str, Sequence[Finding]]) -> list[str]:
    """The outcomes that no table or picture leaves out, in the order of the model: what is likely anywhere along the
    curves (1%), what happened, and what the case's question is about."""
    likely = {name for name, curve in curves.items() if max((f.value for f in curve), default=0.0) >= TELLING}
    return [name for name in curves if name in likely or name in asked_about(model)]


def axis_title(model: Model, name: str) -> str:
    """What an axis shows: the quantity, its unit, and what it is."""
    told, what = counted_in(model, name), means(model, name)
    return assumed(name) + (f" ({told})" if told else "") + (f": {what}" if what else "")


def amount(model: Model, name: str, value: float, digits: int = 2) -> str:
    """A value of a quantity with its unit."""
    return f"{number(value, digits=digits)} {unit(model, name)}".rstrip()


def certified(converged: float) -> str:
    """What the certificate says of the draws behind a picture."""
    return "All draws converged." if converged == 1 else f"{percent(converged)} of all draws converged."


def deviations(x: float) -> str:
    """A number of standard deviations with its sign."""
    return "0" if abs(x) < 5e-3 else f"{x:+.2f}".replace("-", MINUS)


def certified_of(study: Study) -> str:
    """What the certificate says of the draws of a study, as a sentence that follows another."""
    return f" {certified(float(study.converged.mean()))}"


def away(score: float) -> str:
    """A normal score as people say it."""
    if score != score:
        return ""
    return (
        "at its median" if abs(score) < 5e-3 else f"{abs(score):.2f} sd {'above' if score > 0 else 'below'} its median"
    )
