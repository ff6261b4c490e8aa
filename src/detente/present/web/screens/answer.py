"""The answer to the case's question, live."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from detente.present.figures.forecast.bars import outcomes_picture
from detente.present.html.markup import tag
from detente.present.web.screens.registry import screen
from detente.present.web.state import About, Reply, State
from detente.present.web.workspace import FIRST, Work


@screen("answer")
def answer(work: Work, state: State, _: Mapping[str, Any]) -> Iterator[Reply]:
    """The answer to the case's question."""
    for draws in sorted({min(FIRST, state.draws), state.draws}):
        study = work.study(state, draws)
        about = About(
            draws=study.n, asked=state.draws, how="solved", converged=float(study.converged.mean()), seed=state.seed
        )
        html = {
            "sentence": tag("p", study.answer.says if study.answer else ""),
            "outcomes": outcomes_picture(study).figure(),
        }
        yield Reply(html=html, about=about, final=draws == state.draws)
