"""The commands about what is not known: `sense` and `learn`. `add` puts them on the command line."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detente.present.options import (
    INTERRUPTED,
    OK,
    UNCONVERGED,
    AsJson,
    AsPage,
    Case,
    Draws,
    Keep,
    Method,
    Perception,
    Seed,
    Set,
    Workers,
    as_page,
    changes,
    kept,
    print_json,
    progress,
    stop,
    told,
)
from detente.present.questions import model_of as _model
from detente.present.questions import pages as _pages

if TYPE_CHECKING:
    from detente.study.study import Study


class Design(StrEnum):
    given = "given"
    sobol = "sobol"


class Groups(StrEnum):
    quantity = "quantity"
    mechanism = "mechanism"
    source = "source"


Top = Annotated[int, typer.Option(min=1, help="How many rows to show.")]
DRAWS = 2000


def sense(
    case: Case,
    of: Annotated[
        str | None,
        typer.Option(
            metavar="QUESTION",
            help="outcome (the whole forecast), the name of an outcome or claim, 'likeliest is NAME', or a question "
            "such as 'P(posture is invade)' [default: outcome].",
        ),
    ] = None,
    design: Annotated[
        Design, typer.Option(help="given: from the draws that are solved. sobol: solve points made for the purpose.")
    ] = Design.given,
    where: Annotated[
        str | None, typer.Option(metavar="CONDITION", help="Only draws in which this holds: 'P(outcome is war) > 0.5'.")
    ] = None,
    groups: Annotated[
        Groups, typer.Option(help="One effect for each quantity, mechanism or source paragraph.")
    ] = Groups.quantity,
    local: Annotated[
        bool,
        typer.Option("--local", help="Exact slopes instead: what a small change of each assumption does. Of claims, "
                     "the margin; --of claims takes them all."),
    ] = False,
    discover: Annotated[
        str | None,
        typer.Option(metavar="EVENT", help="Where the quantities stand when this is so: a claim, 'not CLAIM', ..."),
    ] = None,
    boxes: Annotated[int, typer.Option(min=1, max=5, help="Of --discover: how many corners at most.")] = 1,
    point: Annotated[
        int | None, typer.Option(min=0, help="Of --discover: the point of the trajectory to take.", show_default=False)
    ] = None,
    top: Top = 12,
    draws: Annotated[
        int | None,
        typer.Option("--draws", "-n", min=1, max=10_000_000,
                     help="Draws; of a design, solutions in all [default: 2000; of a design 20000]."),
    ] = None,
    seed: Seed = 1,
    set_: Set = None,
    workers: Workers = 0,
    perception: Perception = None,
    method: Method = None,
    store: Keep = True,
    report: AsPage = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """What moves an answer: the share of its variance that each assumption explains, and where an event is at home."""
    from detente.study.questions import design as design_
    from detente.study.questions import discover as discover_
    from detente.study.questions import sense as sense_

    if local:
        if design is Design.sobol or groups is not Groups.quantity or where or discover is not None:
            stop("--local asks for slopes; it goes with --of and --top, and nothing else")
        study = _study(case, draws or DRAWS, seed, set_, workers, perception, method, store)
        from detente.study.questions.gradients import local as slopes

        with told(), progress("slopes") as watch:
            pulls = slopes(study, of or "outcome", progress=watch)
        from detente.present import uncertainty_forms, uncertainty_text

        if as_json:
            print_json({**_head(study), **uncertainty_forms.local(pulls)})
        else:
            uncertainty_text.show_local(pulls, top)
        as_page(report, lambda: study.model, lambda model: [_pages().local(model, pulls)])
        _end(study)
    if discover is not None:
        if of is not None or design is Design.sobol or groups is not Groups.quantity:
            stop("--discover asks where an event is; it goes with --where, --boxes and --point, and nothing else")
        study = _study(case, draws or DRAWS, seed, set_, workers, perception, method, store)
        with told(), progress("resamples") as watch:
            corner = discover_.discover(study, discover, where=where or "", boxes=boxes, at=point, progress=watch)
        from detente.present import uncertainty_forms, uncertainty_text

        if as_json:
            print_json({**_head(study), **uncertainty_forms.discover(corner)})
        else:
            uncertainty_text.show_discover(corner, boxes == 1)
        as_page(report, lambda: study.model, lambda _: [_pages().discovery(study, corner)])
        _end(study)
    if design is Design.sobol:
        shelf = kept(store)
        with told(), progress("solutions", shelf) as watch:
            found = design_.design(
                case, of or "outcome", draws or design_.SOLVES, seed, by=groups.value, where=where or "",
                set=changes(set_), perception=perception.value if perception else None, method=method,
                workers=workers, store=shelf, progress=watch,
            )  # fmt: skip
        head: dict[str, Any] = {"case": case, "seed": seed}
    else:
        study = _study(case, draws or DRAWS, seed, set_, workers, perception, method, store)
        with told():
            found = sense_.sense(study, of or "outcome", where=where or "", by=groups.value)
        head = _head(study)
    from detente.present import uncertainty_forms, uncertainty_text

    if as_json:
        print_json({**head, **uncertainty_forms.sense(found)})
    else:
        uncertainty_text.show_sense(found, top)
    as_page(report, _model(case, set_), lambda model: [_pages().sense(model, found)])
    if design is Design.given:
        _end(study)
    raise typer.Exit(OK if found.converged >= 0.99 else UNCONVERGED)


def learn(
    case: Case,
    of: Annotated[
        str | None,
        typer.Option(
            metavar="QUESTION",
            help="What is forecast: outcome, the name of an outcome or claim, or 'P(event)' [default: outcome].",
        ),
    ] = None,
    actor: Annotated[
        str | None, typer.Option(metavar="NAME", help="What knowing would be worth to this actor, in stakes.")
    ] = None,
    public_draws: Annotated[
        int, typer.Option(min=0, help="Of --actor: draws that are solved again with a type public (0: none).")
    ] = 500,
    top: Top = 12,
    draws: Draws = DRAWS,
    seed: Seed = 1,
    set_: Set = None,
    workers: Workers = 0,
    perception: Perception = None,
    method: Method = None,
    store: Keep = True,
    report: AsPage = None,
    as_json: AsJson = False,
) -> None:
    """What to find out: which unknown, once known, would improve the forecast most, or what it is worth to an actor."""
    if actor is not None and of is not None:
        stop("--of names a forecast, and --actor asks what knowledge is worth to an actor: ask one at a time")
    study = _study(case, draws, seed, set_, workers, perception, method, store)
    from detente.study.questions import learn as learn_
    from detente.study.questions import worth as worth_

    if actor is None:
        with told():
            found = learn_.learn(study, of or "outcome")
        from detente.present import uncertainty_forms, uncertainty_text

        if as_json:
            print_json({**_head(study), **uncertainty_forms.learn(found)})
        else:
            uncertainty_text.show_learn(found, top)
        as_page(report, lambda: study.model, lambda _: [_pages().learning(study, found)])
        _end(study)
    with told(), progress("types made public") as watch:
        worths = worth_.worth(study, str(actor), public_draws=public_draws, progress=watch)
    from detente.present import uncertainty_forms, uncertainty_text

    if as_json:
        print_json({**_head(study), **uncertainty_forms.worths(worths)})
    else:
        uncertainty_text.show_worths(worths, top)
    as_page(report, lambda: study.model, lambda _: [_pages().worths(study, worths)])
    _end(study)


def add(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (sense, learn):
        app.command()(command)


def _study(
    case: str, draws: int, seed: int, set_: list[str] | None, workers: int, perception: Any, method: str | None,
    store: bool,
) -> Study:  # fmt: skip
    from detente.study.run import run

    shelf = kept(store)
    with told(), progress("draws", shelf) as watch:
        return run(
            case, draws, seed, set=changes(set_), workers=workers, method=method, store=shelf,
            perception=perception.value if perception else None, progress=watch,
        )  # fmt: skip


def _head(study: Study) -> dict[str, Any]:
    return {"case": study.model.name, "seed": study.draws.seed}


def _end(study: Study) -> None:
    if study.interrupted:
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(OK if study.converged.mean() >= 0.99 else UNCONVERGED)
