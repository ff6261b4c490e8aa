"""What can be believed otherwise: the sliders of the answer, in the analyst's words, each with its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from detente.analyse.forecast.rank import likeliest
from detente.draws.sources import SEEN_BY
from detente.model.fields import Citation
from detente.model.schema import Model
from detente.present.web.live import over
from detente.present.web.screens.registry import screen
from detente.present.web.state import Reply, State
from detente.present.web.workspace import Work
from detente.present.wording.names import assumed, counted_in
from detente.present.wording.numbers import readable
from detente.study.supposing import Slider


@dataclass(frozen=True)
class Origin:
    """Where a number comes from. `url` is empty where the source has none."""

    text: str
    url: str


@dataclass(frozen=True)
class Control:
    """A slider, in the analyst's words. `index`: the share of the answer's variance that the quantity explains by
    itself (null: none that could be distinguishable from noise); `low`, `high`: the 1st and 99th percentile."""

    name: str
    label: str
    kind: str
    means: str
    unit: str
    written: str
    because: str
    sources: tuple[Origin, ...]
    low: float
    high: float
    now: float
    values: tuple[float, ...]
    chances: tuple[float, ...]
    index: float | None


@screen("controls", data=list[Control])
def controls(work: Work, state: State, _: Mapping[str, Any]) -> Iterator[Reply]:
    """What can be believed otherwise, what the answer depends on most first."""
    bare = state.model_copy(update={"suppose": {}, "set": {}, "changes": ()})
    supposing = over(work, bare, bare.draws)
    study = work.study(bare)
    asked = study.model.answer
    told = study.ask(asked.asks.text) if asked else likeliest(study.outcomes)
    index = {d.quantity: d.index.value for d in study.drivers(told)}
    found = [_control(study.model, slider, index.get(slider.name)) for slider in supposing.sliders]
    found.sort(key=lambda c: (c.index is None, -(c.index or 0.0)))
    yield Reply(data=found)


def _control(model: Model, slider: Slider, index: float | None) -> Control:
    quantity, _, actor = slider.name.partition(SEEN_BY)
    about = model.quantities[quantity].seen_by[actor] if actor else model.quantities[quantity]
    return Control(
        slider.name, assumed(slider.name), slider.kind, readable(slider.means), counted_in(model, slider.name),
        slider.written, readable(slider.because), tuple(_origin(model, c) for c in about.source), slider.low,
        slider.high, slider.now, tuple(c.value for c in slider.chances), tuple(c.before for c in slider.chances), index,
    )  # fmt: skip


def _origin(model: Model, citation: Citation) -> Origin:
    source = model.sources.get(citation.source)
    place = f", {citation.paragraph}" if citation.paragraph else ""
    url = str(source.url or "") if source else ""
    return Origin(f"{source.title if source else citation.source}{place}", url if url.startswith("http") else "")
