"""What a word in a text means: what the model says of it, and of a quantity what is believed about it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from detente.arrays import Floats
from detente.draws.sampler import Sampler
from detente.draws.sources import SEEN_BY, Sources
from detente.errors import ModelError
from detente.language.distributions import BOUNDED_UNITS, Z90, DistributionError, interval_family
from detente.language.expressions import FAMILIES, Expression, Name, Number, Uncertain
from detente.model.fields import Citation
from detente.model.schema import Model, Quantity
from detente.present.html.markup import Content, Html, join, link, say, tag
from detente.present.web.editing import names as kinds
from detente.present.web.editing.names import known
from detente.present.web.editing.outline import Context, context
from detente.present.web.editing.words import CALLS, DISTRIBUTIONS, OPERATORS, keys_at
from detente.present.wording.names import amount, outcome_means
from detente.present.wording.numbers import day, sentence

DRAWS, BARS = 4000, 24
WIDE, TALL = 168.0, 36.0
_SUBJECT = re.compile(r"([A-Za-z_][\w.]*)\s+(?:is|in\s+\[[^\]]*)\s*\Z")
_FAMILY = {
    "lognormal": "skewed to the right and above zero (lognormal)",
    "mirrored lognormal": "skewed to the left and below zero (mirrored lognormal)",
    "normal": "a normal distribution",
    "logit-normal": "between 0 and 1 (logit-normal)",
}


def hovered(text: str, offset: int, model: Model | None) -> Html:
    """What the word at a place of a text means; empty where there is nothing to say."""
    at = context(text, offset)
    word = at.whole
    if not word:
        return Html("")
    there = known(text, model)
    if at.key and word in (keys := keys_at(at.path)) and not _is_name(at, word):
        return _card(word, "key", keys[word])
    subject = _SUBJECT.search(at.before)
    if subject and word in (labels := there.labels.get(subject[1], {})):
        if subject[1] == "outcome" and model and word in model.outcomes:
            return _card(word, kinds.OUTCOME, outcome_means(model, word))
        return _card(word, f"what may happen at {subject[1]}", labels[word])
    if model is not None:
        for one in filter(None, (model, model._elsewhere)):
            if word in one.quantities and (at.path[:1] != ("outcomes",) or not at.key):
                return _quantity(one, word)
    found = {name: told for name, told in there.of(*kinds.SECTIONS.values()).items() if name == word}
    if at.key and len(at.path) == 1 and (kind := kinds.SECTIONS.get(str(at.path[0]))):
        found = {word: (kind, there.kinds[kind].get(word, ""))}
    if found:
        kind, means = found[word]
        if kind == kinds.OUTCOME and model and word in model.outcomes:
            means = outcome_means(model, word)
        return _card(word, kind, means, _more(model, kind, word))
    for labels in _moves_here(at, there.labels):
        if word in labels:
            return _card(word, f"what may happen at {at.path[1]}", labels[word])
    for words in (CALLS, DISTRIBUTIONS, OPERATORS):
        if word in words:
            return _card(words[word].form, "the language", words[word].means)
    return Html("")


def _moves_here(at: Context, labels: dict[str, dict[str, str]] | object) -> Iterator[dict[str, str]]:
    """The labels of the stage that a place lies in."""
    if isinstance(labels, dict) and len(at.path) > 1 and at.path[0] in ("stages", "private"):
        yield labels.get(str(at.path[1]), {})


def _is_name(at: Context, word: str) -> bool:
    """Whether a key is a name of one's own, although it is called like a key."""
    return len(at.path) == 1 and str(at.path[0]) in kinds.SECTIONS and word not in keys_at(at.path)


def _card(name: str, kind: str, means: str, more: Content = "") -> Html:
    title = tag("p", tag("b", name), " ", tag("span", kind, class_="kind"))
    return tag("div", title, tag("p", sentence(means)) if means else "", more, class_="word")


def _more(model: Model | None, kind: str, name: str) -> Content:
    if model is None:
        return ""
    if kind == kinds.SOURCE and name in model.sources:
        return tag("p", _source(model, name), class_="small")
    if kind == kinds.STAGE and name in model.stages:
        stage = model.stages[name]
        who = f"{stage.actor} chooses: " if stage.actor else "Chance: "
        return tag("p", who, ", ".join(stage.results[:12]), class_="small")
    if kind == kinds.TYPE and name in model.private:
        prior = model.private[name].prior
        told = [f"{label} {p if p else 'otherwise'}" for label, p in list(prior.items())[:8]]
        return tag("p", "What the others believe: ", ", ".join(told), class_="small")
    return ""


# ------------------------------------------------------------------------------------------------------- quantities


def _quantity(model: Model, name: str) -> Html:
    quantity = model.quantities[name]
    parts: list[Content] = [tag("p", tag("code", str(quantity.value)), f" {quantity.unit}".rstrip())]
    told = in_words(quantity)
    parts += [tag("p", told)] if told else []
    draws = _drawn(model)
    if draws is not None and name in draws[0]:
        parts.append(_numbers(model, name, draws[0][name]))
        for actor, view in quantity.seen_by.items():
            seen = draws[1].get(actor, {}).get(name)
            middle = f": median {amount(model, name, float(np.median(seen)), 3)}" if seen is not None else ""
            parts.append(tag("p", f"{actor} sees it as ", tag("code", str(view.value)), middle, class_="small"))
    if quantity.because:
        parts.append(tag("p", sentence(quantity.because), class_="small"))
    if quantity.source:
        parts.append(tag("p", "Source: ", join([_cited(model, c) for c in quantity.source], "; "), class_="small"))
    return _card(name, kinds.QUANTITY, quantity.means, join(parts))


def in_words(quantity: Quantity) -> str:
    """A distribution in words: `5% to 95%: 0.3 to 1.2, skewed to the right and above zero (lognormal)`."""
    e: Expression = quantity.value.expression
    if isinstance(e, Number):
        return "A number that is taken to be known exactly."
    if not isinstance(e, Uncertain):
        made = sorted({part.name for part in e.walk() if isinstance(part, Name)})
        return f"Made of {', '.join(made)}." if made else ""
    if e.family == "interval" and all(isinstance(a, Number) for a in e.args):
        low, high = (a.value for a in e.args if isinstance(a, Number))
        family = interval_family(low, high, quantity.unit)
        return f"Nine times in ten between {low:g} and {high:g}; {_FAMILY[family]}."
    if e.family in FAMILIES:
        said = DISTRIBUTIONS[e.family]
        return sentence(f"{said.means}: {said.form}")
    return {"mixture": "A mixture of several beliefs.", "choice": "One of a few numbers."}.get(e.family, "")


def _drawn(model: Model) -> tuple[dict[str, Floats], dict[str, dict[str, Floats]]] | None:
    """[DRAWS] of every quantity, and as it is seen; None where they cannot be drawn as they are written."""
    try:
        draws = Sampler(model, lenient=True).draw(DRAWS, 1)
    except (ModelError, DistributionError, KeyError, ValueError, ArithmeticError):
        return None
    return dict(draws.truth), {actor: dict(seen) for actor, seen in draws.views.items()}


def _numbers(model: Model, name: str, values: Floats) -> Content:
    values = values[np.isfinite(values)]
    if not len(values) or np.ptp(values) == 0:
        return ""
    e = model.quantities[name].value.expression
    if isinstance(e, Uncertain) and e.args and all(isinstance(a, Number) for a in e.args):
        exact = Sources(Sampler(model)).value(name, Z90 * np.array([0.0, -1.0, 1.0]))
    else:
        exact = np.quantile(values, [0.5, 0.05, 0.95])
    middle, low, high = (float(x) for x in exact)
    said = say(
        "Median {m}, 90% between {a} and {b}.", m=tag("b", amount(model, name, middle, 3)),
        a=amount(model, name, low, 3), b=amount(model, name, high, 3),
    )  # fmt: skip
    bounded = model.quantities[name.partition(SEEN_BY)[0]].unit in BOUNDED_UNITS
    return [tag("p", said), sparkline(values, bounded)]


def sparkline(values: Floats, bounded: bool = False) -> Html:
    """A small picture of a distribution: how many of its draws fall where, the middle 90% darker."""
    low, high = (0.0, 1.0) if bounded else tuple(float(x) for x in np.quantile(values, [0.005, 0.995]))
    if high <= low:
        return Html("")
    counts, edges = np.histogram(np.clip(values, low, high), BARS, (low, high))
    inner = np.quantile(values, [0.05, 0.95])
    bars = []
    for k, many in enumerate(counts.tolist()):
        tall = TALL * many / max(counts.max(), 1)
        middle = (edges[k] + edges[k + 1]) / 2
        kind = "inner" if inner[0] <= middle <= inner[1] else "tail"
        bars.append(tag("rect", x=k * WIDE / BARS, y=TALL - tall, width=WIDE / BARS - 1, height=tall, class_=kind))
    ground = tag("line", x1=0, x2=WIDE, y1=TALL, y2=TALL, class_="rule")
    box = f"0 0 {WIDE:g} {TALL:g}"
    return tag("svg", *bars, ground, viewBox=box, width=WIDE, height=TALL, class_="spark", aria_hidden="true")


def _cited(model: Model, citation: Citation) -> Content:
    if citation.source not in model.sources:
        return citation.text
    where = f", {citation.paragraph}" if citation.paragraph else ""
    return [_source(model, citation.source), where]


def _source(model: Model, name: str) -> Html:
    """A source with its author and date, linked where it has a web address."""
    source = model.sources[name]
    told = [part for part in (source.author, day(source.published)) if part]
    title = link(source.url, source.title or name)
    return join([title, f" ({', '.join(told)})" if told else ""])
