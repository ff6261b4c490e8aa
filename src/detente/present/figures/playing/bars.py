"""Probabilities as bars in a table: what is believed, what was believed before, what is so."""

from __future__ import annotations

from collections.abc import Mapping

from detente.analyse.forecast.rank import rankable
from detente.present.html.markup import Content, Html, join, say, table, tag
from detente.present.html.numbers import data
from detente.present.wording.numbers import counted, percent, words
from detente.present.wording.playing import called

WIDE, HIGH = 120.0, 14.0
SHOWN = 8  # labels of a belief; the least likely of more are told together


def bar(share: float, before: float | None = None) -> Html:
    """A probability as a bar, with a ring where it was before. The number stands beside it."""
    parts = [
        tag("rect", x=0, y=3, width=WIDE, height=HIGH - 6, class_="faint"),
        tag("rect", x=0, y=3, width=round(WIDE * share, 1), height=HIGH - 6, class_="more"),
    ]
    if before is not None:
        parts.append(tag("circle", cx=4 + round((WIDE - 8) * before, 1), cy=HIGH / 2, r=4, class_="ring"))
    box = f"0 0 {WIDE:g} {HIGH:g}"
    return tag("svg", parts, viewBox=box, width=WIDE, height=HIGH, class_="picture bar", aria_hidden="true")


def named(name: str, means: str = "", more: Content = "") -> Html:
    """A name of the model as words, with what it means."""
    return join([tag("b", words(name)), f": {means}" if means else "", more])


def probability(p: float) -> Html:
    """A probability, with the number itself for machines."""
    return data(p, percent(p))


def belief_table(
    caption: Content,
    now: Mapping[str, float],
    before: Mapping[str, float] | None,
    truth: str | None,
    heads: tuple[str, str] = ("now", "before"),
) -> Html:
    """A belief: each label with its probability, what it was before where it was asked before, and whether it is so
    where that is told."""
    moved = before is not None and any(abs(before.get(k, 0.0) - p) > 5e-4 for k, p in now.items())
    order = sorted(now, key=lambda label: -rankable(now[label]))
    shown = order if len(order) <= SHOWN + 1 else order[:SHOWN]
    if truth is not None and truth in order and truth not in shown:
        shown.append(truth)
    rows: list[list[Content]] = []
    for label in shown:
        name: Content = called(label)
        if truth is not None and label == truth:
            name = say("{name} {so}", name=name, so=tag("b", "(true)"))
        was = before.get(label, 0.0) if moved and before else None
        row: list[Content] = [name, bar(now[label], was), probability(now[label])]
        rows.append([*row, probability(was)] if was is not None else row)
    if rest := [label for label in order if label not in shown]:
        share = sum(now[label] for label in rest)
        row = [f"{counted(len(rest), 'other')}, together", bar(share), probability(share)]
        was = sum(before.get(label, 0.0) for label in rest) if moved and before else None
        rows.append([*row, probability(was)] if was is not None else row)
    head: list[Content] = ["it is", "", heads[0], *([heads[1]] if moved else [])]
    return table(caption, head, rows, numeric=(2, 3), class_="belief")
