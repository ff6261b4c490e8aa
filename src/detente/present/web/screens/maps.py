"""Tipping lines and maps: how the answer changes with one quantity or over two, first coarsely, then finely."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from detente.analyse.forecast.rank import likeliest
from detente.analyse.thresholds.regimes import Regimes
from detente.analyse.thresholds.tipping import Tipping
from detente.errors import QuestionError, nearest
from detente.model.blocks import names_of, weight_of
from detente.model.schema import Model
from detente.present.figures.drawing.frame import Frame
from detente.present.figures.drawing.svg import Picture
from detente.present.figures.thresholds.map import map_frame
from detente.present.figures.thresholds.tipping import tipping_frame
from detente.present.html.markup import Html, join, tag
from detente.present.view import Answer, Shown
from detente.present.views import map as maps_shown
from detente.present.views import tip as tip_shown
from detente.present.web.recast import omitted, recast, solved
from detente.present.web.screens.registry import screen
from detente.present.web.state import About, Reply, State
from detente.present.web.workspace import FIRST, Work
from detente.present.wording.names import assumed, means, unit
from detente.present.wording.numbers import words
from detente.study.questions.map import tip_map
from detente.study.questions.tip import tip
from detente.study.registry import find
from detente.study.settings import How
from detente.study.study import Study

COARSE, FINE = 9, 25  # points of a map, each way
LINE, FINER = 7, 21  # points of a line
FEW, DRAWS = 50, 300  # draws at each of them
CLOUD = 200  # draws that are shown as points


@dataclass(frozen=True)
class Pickable:
    """A quantity that can be looked along. `index`: what share of the variance of the answer it explains by itself;
    None where that is not distinguishable from noise."""

    name: str
    words: str
    means: str
    unit: str
    index: float | None = None


@dataclass(frozen=True)
class Shot:
    """A picture in which one can point at values. `slot`: the markup that holds it; `regimes`: of a map what stands at
    each value of the axis up, and of that across."""

    slot: str
    what: str
    frame: Frame
    height: float
    width: float
    regimes: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True)
class MapsData:
    """What can be chosen, and the pictures of what is. `here`: the values at which all else is at its median; `cloud`:
    values of some draws."""

    quantities: tuple[Pickable, ...]
    across: str
    up: str
    shots: tuple[Shot, ...] = ()
    here: tuple[float, ...] = ()
    cloud: tuple[tuple[float, ...], ...] = ()
    fine: bool = False


@screen("maps", data=MapsData)
def maps(work: Work, state: State, options: Mapping[str, Any]) -> Iterator[Reply]:
    """How the answer changes with a quantity, or over two."""
    across, up = (str(options.get(name) or "") for name in ("across", "up"))
    if not across:  # what a page shows stays what it was when a point of it is held to be known
        bare = pickable(solved(work, state.model_copy(update={"set": {}}), min(FIRST, state.draws)))
        across = bare[0].name if bare else ""
    plain = state.model_copy(update={"set": {k: v for k, v in state.set.items() if k not in (across, up)}})
    made = recast(work, plain)
    study = solved(work, plain, min(FIRST, state.draws))
    quantities = pickable(study)
    names = [q.name for q in quantities]
    if not names:
        raise QuestionError("this case has no uncertain quantity")
    for name in (across, *([up] if up else [])):
        if name not in names:
            raise QuestionError(f"there is no uncertain quantity {name!r} here; {nearest(name, names)}")
    if up == across:
        raise QuestionError(f"{across!r} is asked for twice; a map needs two different quantities")
    data = MapsData(quantities, across, up)
    yield Reply(data=data, html={"left": omitted(work, state, "this picture")}, final=False)
    last = bool(options.get("fine", True))
    for fine in sorted({False, last}):
        how = replace(made.how(work.how(plain)), progress=work.progress("steps"))
        key = (work.mark(plain), fine)
        if up:
            yield _map(work, plain, (how, study.model, key), data, study, fine).model_copy(
                update={"final": fine == last}
            )
        else:
            yield _line(work, plain, (how, study.model, key), data, study, fine).model_copy(
                update={"final": fine == last}
            )


def pickable(study: Study) -> tuple[Pickable, ...]:
    """The uncertain quantities, those first that the answer owes most to."""
    model, rivals = study.model, set(names_of(study.model))
    hidden = rivals | {weight_of(name) for name in rivals}
    found = {name for name, x in study.assumptions.items() if name not in hidden and np.ptp(x) > 0}
    values = study.ask(model.answer.asks.text) if model.answer else study.outcome_draws(likeliest(study.outcomes))
    index = {d.quantity: float(d.index.value) for d in study.drivers(values) if d.quantity in found}
    ranked = [*index, *(name for name in study.assumptions if name in found and name not in index)]
    return tuple(Pickable(n, assumed(n), means(model, n), unit(model, n), index.get(n)) for n in ranked)


def _line(work: Work, state: State, of: tuple[How, Model, Any], data: MapsData, study: Study, fine: bool) -> Reply:
    how, model, key = of
    draws, points = (DRAWS, FINER) if fine else (FEW, LINE)

    def make() -> Tipping:
        return tip(model, data.across, points=points, how=replace(how, draws=draws))

    found = work.space.once(("tip", data.across, *key), make)
    shown = tip_shown.page(found, Shown(find("tip"), model))
    shot = Shot("picture0", "", tipping_frame(model, found), shown.pictures[0].height, shown.pictures[0].width)
    about = About(draws=found.draws, asked=DRAWS, how="solved", converged=float(found.converged), seed=state.seed)
    told = replace(data, shots=(shot,), here=(found.centre,), cloud=_cloud(study, (data.across,)), fine=fine)
    return Reply(data=told, html=_html(shown, "tip"), about=about)


def _map(work: Work, state: State, of: tuple[How, Model, Any], data: MapsData, study: Study, fine: bool) -> Reply:
    how, model, key = of

    def make() -> Regimes:
        points = FINE if fine else COARSE
        plain = replace(how, draws=None, seed=How().seed)  # it looks at the central draw
        return tip_map(model, data.across, data.up, points=points, how=plain)

    found = work.space.once(("map", data.across, data.up, *key), make)
    shown = maps_shown.page(found, Shown(find("map"), model))
    shots = tuple(
        Shot(
            f"picture{k}", words(one.what), map_frame(model, found, one), shown.pictures[k].height,
            shown.pictures[k].width, tuple(tuple(words(one.legend[v]) for v in row) for row in one.labels.tolist()),
        )
        for k, one in enumerate(found.maps)
    )  # fmt: skip
    about = About(how="solved", converged=found.converged, seed=state.seed)
    told = replace(data, shots=shots, here=found.here, cloud=_cloud(study, found.quantities), fine=fine)
    return Reply(data=told, html=_html(shown, "map"), about=about)


def _cloud(study: Study, names: Sequence[str]) -> tuple[tuple[float, ...], ...]:
    """The values of some draws, to four digits."""
    columns = [study.assumptions[name][:CLOUD].tolist() for name in names]
    return tuple(tuple(float(f"{x:.4g}") for x in row) for row in zip(*columns, strict=True))


def _html(shown: Answer, kind: str) -> dict[str, Html]:
    """The answer in slots: what is said, and of each picture its drawing, its caption and its table."""
    found = {"said": join([tag("p", s) for s in shown.said]), "after": Html(shown.after) if shown.after else Html("")}
    for k, picture in enumerate(shown.pictures):
        found |= {f"picture{k}": picture.inline(), f"caption{k}": _caption(picture), f"table{k}": _table(picture)}
    command = find(kind).summary
    return {**found, "what": tag("p", command, class_="small")}


def _caption(picture: Picture) -> Html:
    return tag("p", tag("b", picture.title), ". ", tag("span", picture.reading, class_="reading"))


def _table(picture: Picture) -> Html:
    return tag("details", tag("summary", "The table behind this picture"), picture.table)
