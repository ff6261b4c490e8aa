"""The forecast by rival structures."""

from __future__ import annotations

from detente.analyse.finding import Finding
from detente.analyse.forecast.rank import rankable
from detente.analyse.forecast.structures import Combination
from detente.present.figures.drawing.svg import Picture
from detente.present.figures.forecast.bars import OVER, Bar, bars
from detente.present.html.markup import Content, table
from detente.present.html.numbers import chance, interval
from detente.present.html.palette import colour
from detente.present.wording.answer import is_chance
from detente.present.wording.numbers import counted, percent, words
from detente.present.wording.structures import subject, subject_words
from detente.study.study import Study


def structures_picture(study: Study) -> Picture:
    """Bars for what the case asks about, a bar for each combination of structures."""
    model, of = study.model, subject(study)
    if not of and study.answer and not is_chance(study.answer):
        of = max(model.outcomes, key=lambda name: study.outcomes[name].value)  # a bar shows a probability
    what = subject_words(model, of)
    ranked = sorted(study.combinations.items(), key=lambda item: -rankable(item[1].share))
    rows = [_bar(study, name, c, of) for name, c in ranked if _of(c, of) is not None]
    nodes = sum(c.nodes for c in study.combinations.values())
    behind = table(
        f"{what[:1].upper()}{what[1:]} by the structures that are present: mean and {OVER} that have them.",
        ["structures", "share of draws", "nodes of its tree", "probability", "90% interval"],
        [
            [words(name), f"{percent(c.share)}", f"{c.nodes:,}", *_cells(_of(c, of))]
            for name, c in ranked
        ],
        (1, 2, 3, 4),
    )  # fmt: skip
    reading = (
        f"Each of {counted(len(rows), 'combination')} of structures is a game of its own ({nodes:,} nodes in all) "
        "and solved in the draws that have it. A bar is the mean over these, the line where 90% of them lie."
    )
    return bars("structures", f"By structure: {what}", reading, rows, behind)


def _of(c: Combination, of: str) -> Finding | None:
    found = c.outcomes[of] if of else c.answer
    return found if found is not None and found.draws else None


def _bar(study: Study, name: str, c: Combination, of: str) -> Bar:
    finding = _of(c, of)
    assert finding is not None
    shade = colour(study.model, of) if of else "k2"
    return Bar(name, f"{percent(c.share)} of draws, {c.nodes:,} nodes", finding, shade)


def _cells(finding: Finding | None) -> list[Content]:
    return ["no draw", ""] if finding is None else [chance(finding), interval(finding)]
