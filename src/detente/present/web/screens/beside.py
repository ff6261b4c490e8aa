"""Scenarios beside each other, in paired draws, and what each change of one adds to those before it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from detente.analyse.counterfactual.whatif import Difference
from detente.errors import QuestionError
from detente.model.schema import Model
from detente.present.figures.counterfactual.shifts import moved, waterfall_picture
from detente.present.html.markup import Content, Html, join, table, tag
from detente.present.web.live import Step, prefixes, steps, waterfall
from detente.present.web.screens.registry import screen
from detente.present.web.state import Reply, State
from detente.present.web.workspace import Work
from detente.present.wording import answer as wording
from detente.present.wording.numbers import percent, words

MOST_SCENARIOS = 6


@screen("beside")
def beside(work: Work, state: State, options: Mapping[str, Any]) -> Iterator[Reply]:
    """Scenarios side by side, and what each change of this one adds to those before it."""
    try:
        named = [(str(s["name"])[:60], State.model_validate(s["state"])) for s in options.get("scenarios", [])]
    except (KeyError, TypeError, ValidationError):
        raise QuestionError("the scenarios of this page cannot be read") from None
    if len(named) > MOST_SCENARIOS:
        raise QuestionError(f"at most {MOST_SCENARIOS} scenarios stand side by side")
    model = work.model(state)
    html: dict[str, str] = {}
    if len(named) > 1:
        columns = [(name, _settled(work, other)) for name, other in named if other.case == state.case]
        html["beside"] = _columns(model, columns)
    if len(prefixes(state)) > 1 and state.as_of is None and (found := waterfall(work, state)) is not None:
        html["steps"] = waterfall_picture(model, found).figure()
    yield Reply(html={"beside": "", "steps": "", **html})


def _settled(work: Work, state: State) -> Step:
    """A scenario as it comes out at last."""
    last: Step | None = None
    for step in steps(work, state):
        work.alive()
        last = step
    assert last is not None
    return last


def _columns(model: Model, columns: list[tuple[str, Step]]) -> Html:
    """A row for each outcome, a column for each scenario, with the difference from the case as it is written."""

    def cell(d: Difference) -> Content:
        if not d.after.draws:
            return "not defined"
        by = f" {moved(d)}" if d.effect.value else ""
        return join([tag("b", percent(d.after.value, d.after.error)), tag("span", by, class_="small")])

    rows: list[list[Content]] = []
    if model.answer and wording.drawn(model):
        asked = [s.found.whole.answer for _, s in columns]
        rows.append([tag("b", wording.in_words(model)), *(cell(d) if d else "" for d in asked)])
    first = columns[0][1].found
    told = wording.groups_told(model, first.whole.groups)
    rows += [[words(name), *(cell(s.found.whole.groups[name]) for _, s in columns)] for name in told]
    rows += [[words(name), *(cell(s.found.whole.outcomes[name]) for _, s in columns)] for name in first.whole.outcomes]
    if columns[0][1].found.verdicts:
        name = next(iter(columns[0][1].found.verdicts))
        rows.append([tag("b", "the conclusion"), *(s.found.verdicts[name].words for _, s in columns)])
    caption = "Scenarios side by side, in paired draws; beside each number its difference from the case as written."
    head = ["", *(name for name, _ in columns)]
    return join([tag("h2", "Side by side"), table(caption, head, rows, range(1, len(head)))])
