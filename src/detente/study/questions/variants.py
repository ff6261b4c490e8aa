"""Variants: how the answer depends on how time is cut, how sharply actors choose, and how long the game lasts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated, Unpack

from detente.analyse.finding import Finding
from detente.display import Displayed
from detente.draws.recut import cut, lasting, sharp
from detente.engine.progress import part
from detente.errors import DetenteError, QuestionError
from detente.game.repeated import asked_more_often
from detente.model.rivals import everywhere
from detente.model.schema import Model
from detente.study.registry import Option, question
from detente.study.run import DRAWS, Asked, run, study_of
from detente.study.settings import How, Settings
from detente.study.study import Study
from detente.study.summary import Summary, summary

Counts = Sequence[int] | str | None
Numbers = Sequence[float] | str | None
SLICES = Option(
    "Cut every period into this many slices, such as 1,2,4. [default: not varied]", metavar="1,2,4", flag="slice"
)
PRECISIONS = Option(
    "Let every actor choose at this precision, such as 1,3,6,12. [default: not varied]",
    metavar="1,3,6",
    flag="precision",
)
PERIODS = Option("Let the game last this many periods, such as 2,3,4,5. [default: not varied]", metavar="2,3,4")


@dataclass(frozen=True)
class Row(Summary):
    """A case as it is (`variant` is empty), or with one thing varied, `{"slices": 2}`: what `run` says of it.

    `changes`: of the answer (under `answer`, where there is one) and of the outcomes, by how much they are above those
    of the case as it is, in paired draws. `nodes`: the size of the tree. `asked_more_often`: stages that are asked in
    every slice, though nothing says how long they take. `notes`: what else is to be known.
    """

    case: str
    seed: int
    variant: Mapping[str, float]
    nodes: int
    changes: Mapping[str, Finding]
    asked_more_often: Sequence[str]
    notes: Sequence[str]


@dataclass(frozen=True)
class Failed(Displayed):
    """A variant that could not be solved, and why."""

    variant: Mapping[str, float]
    problem: str


@dataclass(frozen=True)
class Variants(Displayed):
    """A case, and variants of it, one thing varied at a time; the first is the case as it is."""

    variants: Sequence[Row | Failed]

    @property
    def solved(self) -> list[Row]:
        """Those that were solved."""
        return [row for row in self.variants if isinstance(row, Row)]


@question("variants", topic="forecast", draws=DRAWS, of_study=True, dossier=False)
def variants(
    case: Asked,
    *,
    slices: Annotated[Counts, SLICES] = None,
    precisions: Annotated[Numbers, PRECISIONS] = None,
    periods: Annotated[Counts, PERIODS] = None,
    **settings: Unpack[Settings],
) -> Variants:
    """Check robustness: how the answer depends on time slices, precision and the number of periods.

    One thing is varied at a time: the case as it is, then with each number of `slices` of a period, each of the
    `precisions`, and each number of `periods`, in the same draws. A variant that cannot be solved says why, and the
    others are solved all the same. `run` takes the same options.
    Raises ModelError, and QuestionError where nothing is varied.
    """
    study, progress = study_of(case, settings), How.of(settings).progress
    asked = list(_asked(study.model, slices, precisions, periods))
    if not asked:
        raise QuestionError("nothing is varied: give slices of a period, precisions or numbers of periods")
    how = replace(study.how, draws=study.n)
    found: list[Row | Failed] = [_row(study, study, {})]
    for k, (variant, make) in enumerate(asked):
        try:
            watched = part(progress, k, len(asked)) if progress else None
            found.append(_row(study, run(make(), how=replace(how, progress=watched)), variant))
        except DetenteError as error:
            found.append(Failed(variant, str(error)))
    return Variants(found)


def _asked(
    model: Model, slices: Counts, precisions: Numbers, periods: Counts
) -> Iterator[tuple[dict[str, float], Callable[[], Model]]]:
    """What is varied, and how each model is made; what is so in the case anyway is left out."""
    for k in _whole("slices", slices):
        if k != model.periods.slices:
            yield {"slices": k}, partial(everywhere, model, partial(cut, slices=k))
    for x in numbers("precisions", precisions):
        yield {"precision": x}, partial(everywhere, model, partial(sharp, precision=x))
    for k in _whole("periods", periods):
        if k != model.periods.count:
            yield {"periods": k}, partial(everywhere, model, partial(lasting, count=k))


def numbers(what: str, given: Numbers) -> list[float]:
    """Numbers, as they are or as they are written: `1,3,6`. Raises QuestionError."""
    try:
        items = [x for x in given.split(",") if x.strip()] if isinstance(given, str) else list(given or ())
        found = [float(x) for x in items]
    except (ValueError, TypeError):
        raise QuestionError(f"{what}: write numbers with commas between them, such as 1,2,4, not {given!r}") from None
    if wrong := [x for x in found if not 0 < x < float("inf")]:
        raise QuestionError(f"{what}: {wrong[0]:g} is not above zero, or has no end")
    return list(dict.fromkeys(found))


def _whole(what: str, given: Counts) -> list[int]:
    """The same for whole numbers."""
    found = numbers(what, given)
    if wrong := [x for x in found if x != int(x)]:
        raise QuestionError(f"{what}: {wrong[0]:g} is not a whole number")
    return [int(x) for x in found]


def _row(base: Study, study: Study, variant: Mapping[str, float]) -> Row:
    """What `run` says of a variant, beside the case as it is."""
    n = min(base.n, study.n)
    changes = {}
    if study.answer and base.answer:
        asks = base.answer.asks
        changes["answer"] = Finding.of("answer", study.ask(asks)[:n] - base.ask(asks)[:n])
    for name in base.model.outcomes:
        changes[name] = Finding.of(name, study.outcome_draws(name)[:n] - base.outcome_draws(name)[:n])
    told, model, blueprint = summary(study), study.model, study.blueprint
    return Row(
        **{key: getattr(told, key) for key in Summary.__dataclass_fields__}, case=model.name, seed=study.draws.seed,
        variant=variant, nodes=blueprint.tree.n_nodes, changes=changes if variant else {},
        asked_more_often=asked_more_often(model, blueprint.tree, blueprint.plays), notes=_notes(base.model, variant),
    )  # fmt: skip


def _notes(model: Model, variant: Mapping[str, float]) -> list[str]:
    """What is to be known of a variant with another number of periods: which stages keep to those they name."""
    if "periods" not in variant:
        return []
    count = variant["periods"]
    lost = [name for name, stage in model.stages.items() if stage.periods and min(stage.periods) > count]
    held = [name for name, stage in model.stages.items() if stage.periods and model.periods.count in stage.periods]
    notes = [f"{', '.join(lost)}: not played in so short a game"] if lost else []
    return notes + (
        [f"{', '.join(held)}: only in the periods that are written"] if held and count > model.periods.count else []
    )
