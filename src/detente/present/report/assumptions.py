"""What the model assumes: quantities with their ranges, reasons and sources; types, states and payoffs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from detente.arrays import Floats
from detente.language.expressions import Apply, Name
from detente.language.writing import written
from detente.model.continuation import terms
from detente.model.fields import Formula
from detente.model.periods import PERIOD
from detente.model.schema import PrivateType, Quantity
from detente.model.structural import told
from detente.present.figures.forecast.bars import sparkline
from detente.present.html.cite import assumption, sourced
from detente.present.html.markup import Content, Html, join, say, table, tag
from detente.present.html.numbers import data
from detente.present.wording.numbers import counted, number, sentence, words
from detente.study.study import Study

MOST_TYPES = 8  # types of one kind that are listed one by one
INTRO = (
    "Every number the model uses. The curve is the distribution of its draws; the marks under it, and the three "
    "numbers, are the 5th, 50th and 95th percentile. An interval “a to b” in the file gives the 5th and 95th "
    "percentile of what is believed."
)


def assumptions(study: Study) -> Html:
    """Every assumption, thread by thread."""
    model = study.model
    parts: list[Content] = []
    if model.quantities:
        parts += [tag("p", INTRO), *_quantities(study)]
    if model.correlations:
        rows = [[join([assumption(n) for n in c.between], ", "), number(c.rank)] for c in model.correlations]
        caption = "Rank correlations (Spearman’s) between quantities."
        parts += [tag("h3", "What is correlated"), table(caption, ["quantities", "correlation"], rows, (1,))]
    if model.private:
        rows_ = [_private(study, name, private) for name, private in model.private.items()]
        head = ["type", "what it is", "prior", "signal that all see"]
        parts += [
            tag("h3", "What only its owner knows"),
            table("Private types: the others hold this prior.", head, rows_),
        ]
    if model.state:
        parts += [tag("h3", "What changes from period to period"), _states(study)]
    return join([*parts, tag("h3", "What each actor wants"), [_payoffs(study, actor) for actor in model.payoffs]])


def _quantities(study: Study) -> Iterator[Content]:
    """Thread by thread, what belongs to none first."""
    model = study.model
    threads: dict[str, list[str]] = {"": [], **{m: [] for m in model.mechanisms}}
    shown = told(model)
    for name in shown:
        threads.get(model.quantities[name].mechanism, threads[""]).append(name)
    for thread, names in threads.items():
        if not names:
            continue
        if thread:
            yield tag("h3", "Mechanism: ", tag("a", words(thread), href=f"#mechanism-{thread}"))
        else:
            yield tag("h3", "For the whole game" if len(names) < len(shown) else "Quantities")
        entries = [_quantity(study, name, model.quantities[name]) for name in names]
        said = f"{counted(len(names), 'quantity', 'quantities')}: {', '.join(words(n) for n in names)}"
        yield tag("details", tag("summary", said), entries, class_="printed")


def _quantity(study: Study, name: str, quantity: Quantity) -> Html:
    notes = [tag("h4", words(name))]
    if quantity.means:
        notes.append(tag("p", sentence(quantity.means)))
    if quantity.because or quantity.source:
        because = tag("i", quantity.because) if quantity.because else "no reason given"
        notes.append(tag("p", "Why this range: ", because, sourced(study.model, quantity.source), class_="quiet"))
    else:
        notes.append(tag("p", "No source is given for it.", class_="quiet"))
    if quantity.role:
        whose = words(quantity.role.partition(" of ")[2]) or "everybody"
        notes.append(tag("p", f"This is the precision of {whose}’s choices.", class_="quiet"))
    side: list[Content] = [tag("p", tag("code", quantity.value.text), f" {quantity.unit}", class_="small")]
    side += _drawn(study.draws.truth[name])
    for actor, view in quantity.seen_by.items():
        side.append(tag("p", tag("b", f"as {words(actor)} sees it: "), _view(name, view.value), class_="small"))
        if view.because or view.source:
            why = tag("i", view.because) if view.because else "no reason given"
            side.append(tag("p", why, sourced(study.model, view.source), class_="quiet"))
        side += _drawn(study.draws.views[actor][name])
    return tag("div", tag("div", notes), tag("div", side, class_="side"), class_="entry", id=f"quantity-{name}")


def _drawn(values: Floats) -> list[Content]:
    low, middle, high = (float(q) for q in np.quantile(values, [0.05, 0.5, 0.95]))
    if low == high:
        return [tag("p", "the same in every draw", class_="quiet")]
    return [sparkline(values), tag("p", join([data(q, number(q)) for q in (low, middle, high)], " · "))]


def _private(study: Study, name: str, private: PrivateType) -> list[Content]:
    labels = list(private.prior)
    prior: Content = f"{len(labels)} types, from {labels[0]} to {labels[-1]}"
    if len(labels) <= MOST_TYPES:
        prior = _shares(private.prior, "; ")
    signals = [
        say("{label} shows as {seen}", label=words(label), seen=_shares(seen))
        for label, seen in private.seen_as.items()
    ]
    because = tag("i", f" {private.because}") if private.because else ""
    return [
        tag("b", words(name)),
        [private.means, because, sourced(study.model, private.source)],
        prior,
        join(signals, "; "),
    ]


def _shares(shares: Mapping[str, Formula | None], between: str = ", ") -> Html:
    """Labels with their probabilities."""
    return join(
        [[tag("b", words(label)), " ", _formula(p) if p else "otherwise"] for label, p in shares.items()],
        between,
    )


def _formula(formula: Formula) -> Html:
    """A formula as code; the name of a quantity alone as words."""
    e = formula.expression
    return assumption(e.name) if isinstance(e, Name) else tag("code", formula.text)


def _view(quantity: str, view: Formula) -> Content:
    """How an actor sees a quantity: what it takes for a multiple of the truth is told as such."""
    match view.expression:
        case Apply(op="*", args=(Name(name=name), factor)) | Apply(op="*", args=(factor, Name(name=name))):
            if name == quantity:
                return [tag("code", written(factor)), " times what it is"]
    return _formula(view)


def _states(study: Study) -> Html:
    rows = [
        [
            tag("b", words(n)),
            [s.means, sourced(study.model, s.source)],
            tag("code", s.start.text),
            tag("code", s.next.text),
        ]
        for n, s in study.model.state.items()
    ]
    return table("Public states, their start and their next value.", ["state", "what it is", "start", "next"], rows)


def _payoffs(study: Study, actor: str) -> Html:
    rows: list[list[Content]] = []
    for name, term in terms(study.model, actor).items():
        formula, unit = term.formula, next(iter(term.flows), "")
        when = f" in every {study.model.periods.word if unit == PERIOD else unit}" if unit else ""
        written = [tag("code", formula.text if formula else ""), when]
        rows.append(
            [tag("b", words(name)), written, words(term.mechanism), [term.means, sourced(study.model, term.source)]]
        )
    caption = f"Payoff of {words(actor)}: the sum of these terms, in stakes."
    whole = table(caption, ["term", "formula", "mechanism", "source"], rows)
    return tag("details", tag("summary", f"{words(actor)}: {counted(len(rows), 'term')}"), whole, class_="printed")
