"""Many plays beside the model: what people chose, and how often equilibrium play would have."""

from __future__ import annotations

import math

from detente.present.figures.playing.bars import bar
from detente.present.html.markup import Content, Html, join, table, tag
from detente.present.html.numbers import data
from detente.present.wording.numbers import counted, fixed, number, percent, prose, words
from detente.study.class_summary import ClassSummary, Situation

FAR = 2.0  # standard deviations of equilibrium play beyond which a share is told as far from it


def class_page(found: ClassSummary) -> Html:
    """All of it: who was played how, then each situation."""
    rows = [
        [words(r.actor), counted(r.plays, "play"), f"{r.decisions:,}", _p(r.likelihood), _p(r.solved), _n(r.regret),
         _n(r.paid), _n(r.expected)]
        for r in found.roles
    ]  # fmt: skip
    caption = (
        "How each was played: the mean probability that equilibrium play gives to the moves made, beside that of "
        "equilibrium play itself; the mean regret of a decision, what was got and what was to be expected, in stakes"
    )
    heads = ("actor", "plays", "decisions", "moves made", "equilibrium play", "regret", "got", "expected")
    said = tag("p", f"{counted(found.plays, 'play')} of {words(found.case)}, {found.over} of them over.")
    return join([said, table(caption, heads, rows, numeric=range(1, 8)), *(_situation(s) for s in found.situations)])


def _situation(situation: Situation) -> Html:
    rows: list[list[Content]] = []
    for chosen in situation.moves:
        share, expected = chosen.times / situation.times, chosen.expected / situation.times
        far = math.isfinite(chosen.z) and abs(chosen.z) > FAR
        z: Content = "" if not math.isfinite(chosen.z) else fixed(chosen.z, 1, sign=True)
        rows.append([
            words(chosen.move), bar(share, expected), f"{chosen.times} ({percent(share)})",
            f"{number(chosen.expected)} ({percent(expected)})", tag("b", z) if far else z,
        ])  # fmt: skip
    head = prose(situation.where)
    caption = [tag("b", head), f", {counted(situation.times, 'time')}; mean regret {number(situation.regret)} stakes"]
    heads = ("move", "", "chosen", "equilibrium play (ring)", "apart, in sd")
    return table(caption, heads, rows, numeric=(2, 3, 4), class_="options")


def _p(value: float) -> Content:
    return "" if math.isnan(value) else data(value, percent(value))


def _n(value: float) -> Content:
    return "" if math.isnan(value) else data(value, number(value))
