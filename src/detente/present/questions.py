"""The commands that solve again: tip, what-if, compare, ablate. `add` puts them on the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detente.present.options import (
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

if TYPE_CHECKING:
    from detente.model.schema import Model

Many = list[str] | None
KINDS = ("set", "shift", "force", "forbid", "delay", "reveal", "hide", "perception", "drop-mechanism")


def tip(
    case: Case,
    quantity: Annotated[str, typer.Argument(help="A quantity, or a perception: 'sanctions seen by Russia'.")],
    other: Annotated[str | None, typer.Argument(help="A second quantity: a map.", show_default=False)] = None,
    low: Annotated[
        float | None, typer.Option("--from", help="Where the range begins [default: 5th percentile].")
    ] = None,
    high: Annotated[float | None, typer.Option("--to", help="Where it ends [default: 95th percentile].")] = None,
    other_low: Annotated[float | None, typer.Option("--other-from", help="The same for the second quantity.")] = None,
    other_high: Annotated[float | None, typer.Option("--other-to", help="The same for the second quantity.")] = None,
    claim: Annotated[Many, typer.Option(help="Only these claims [default: all; of a map, the first].")] = None,
    points: Annotated[
        int | None, typer.Option(min=3, max=201, help="Points of the grid [default: 21; of a map 25 by 25].")
    ] = None,
    draws: Draws = 300,
    seed: Seed = 1,
    set_: Set = None,
    workers: Workers = 0,
    perception: Perception = None,
    method: Method = None,
    store: Keep = True,
    report: AsPage = None,
    as_json: AsJson = False,
) -> None:
    """How the answer goes along a quantity, and the values at which it turns; over two, a map of regimes."""
    from detente.study.questions import tip as tip_
    from detente.study.questions import tip_map as tip_map_

    how: dict[str, Any] = {
        "set": changes(set_),
        "perception": perception.value if perception else None,
        "method": method,
        "store": kept(store),
    }
    if other is None:
        if other_low is not None or other_high is not None:
            stop("--other-from and --other-to are for a map over two quantities; name the second one")
        with told(), progress("points") as watch:
            line = tip_.tip(
                case, quantity, low=low, high=high, claims=claim or (), draws=draws, seed=seed,
                points=points or 21, workers=workers, progress=watch, **how,
            )  # fmt: skip
        from detente.present import questions_forms, questions_text

        if as_json:
            print_json({"case": case, "seed": seed, **questions_forms.tipping(line)})
        else:
            questions_text.show_tipping(line)
        as_page(report, model_of(case, set_), lambda model: [pages().tipping(model, line)])
        raise _end(line.converged)
    if claim and len(claim) > 1:
        stop("a map shows one claim; name one with --claim")
    with told(), progress("parts of the map") as watch:
        regions = tip_map_.tip_map(
            case, (quantity, other), ranges=((low, high), (other_low, other_high)), claim=claim[0] if claim else None,
            points=points or 25, workers=workers, progress=watch, **how,
        )  # fmt: skip
    from detente.present import questions_forms, questions_text

    if as_json:
        print_json({"case": case, **questions_forms.regimes(regions)})
    else:
        questions_text.show_regimes(regions)
    as_page(report, model_of(case, set_), lambda model: [pages().regimes(model, regions)])
    raise _end(regions.converged)


def _noted(context: typer.Context, param: typer.CallbackParam, value: Many) -> Many:
    """Options are read in the order in which they were first given; their changes are made in this order."""
    context.meta.setdefault("changes", []).extend((str(param.opts[0]).removeprefix("--"), text) for text in value or ())
    return value


def _option(name: str, metavar: str, says: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(f"--{name}", metavar=metavar, help=says, callback=_noted)
    return option


def what_if(
    context: typer.Context,
    case: Case,
    set_: Annotated[Many, _option("set", "NAME=VALUE", "Give a quantity or perception another value.")] = None,
    shift: Annotated[Many, _option("shift", "NAME=+X", "Move it in every draw: +0.1, -0.1 or *1.5.")] = None,
    force: Annotated[Many, _option("force", "STAGE=MOVE", "The move is made wherever it is there.")] = None,
    forbid: Annotated[Many, _option("forbid", "STAGE=MOVE", "The move is never made.")] = None,
    delay: Annotated[Many, _option("delay", "STAGE=MOVE:N", "The move is not there before period N.")] = None,
    reveal: Annotated[Many, _option("reveal", "ACTOR.TYPE", "A private type becomes known to all.")] = None,
    hide: Annotated[Many, _option("hide", "ACTOR.TYPE", "A public type becomes its owner's secret.")] = None,
    perception: Annotated[Many, _option("perception", "READING", "common or private, as a change.")] = None,
    drop: Annotated[Many, _option("drop-mechanism", "NAME", "Switch off a mechanism.")] = None,
    draws: Draws = 1000,
    seed: Seed = 1,
    workers: Workers = 0,
    method: Method = None,
    store: Keep = True,
    report: AsPage = None,
    as_json: AsJson = False,
) -> None:
    """What if: changes made one after another in paired draws, each with its effect and an honest interval.

    Changes are made in the order of the options; those of one kind stay together.
    """
    del set_, shift, force, forbid, delay, reveal, hide, perception, drop  # read in order by `_noted`
    from detente.draws.variants import Change
    from detente.study.questions import what_if as what_if_

    given = context.meta.get("changes", [])
    with told(), progress("changes") as watch:
        wanted = [Change.read(kind.removesuffix("-mechanism"), text) for kind, text in given]
        found = what_if_.what_if(
            case, wanted, draws=draws, seed=seed, workers=workers, method=method, store=kept(store), progress=watch
        )
    from detente.present import questions_forms, questions_text

    if as_json:
        print_json({"case": case, "seed": seed, **questions_forms.what_if(found)})
    else:
        questions_text.show_what_if(found)
    as_page(report, model_of(case), lambda model: [pages().what_if(model, found)])
    raise _end(found.converged)


def compare(
    case: Case,
    other: Annotated[str, typer.Argument(help="The case or file to compare it with.", show_default=False)],
    draws: Draws = 1000,
    seed: Seed = 1,
    workers: Workers = 0,
    perception: Perception = None,
    method: Method = None,
    store: Keep = True,
    report: AsPage = None,
    as_json: AsJson = False,
) -> None:
    """Compare two models on the outcomes and claims that both have, in draws paired by the names of quantities."""
    from detente.study.questions import compare as compare_

    with told(), progress("models") as watch:
        found = compare_.compare(
            case, other, draws=draws, seed=seed, workers=workers, method=method,
            perception=perception.value if perception else None, store=kept(store), progress=watch,
        )  # fmt: skip
    from detente.present import questions_forms, questions_text

    if as_json:
        print_json({"case": case, "other": other, "seed": seed, **questions_forms.what_if(found)})
    else:
        questions_text.show_what_if(found, f"{case} against {other}")
    as_page(report, model_of(case), lambda model: [pages().what_if(model, found, (model.name, model_of(other)().name))])
    raise _end(found.converged)


def ablate(
    case: Case,
    name: Annotated[Many, typer.Argument(help="Only these mechanisms.", show_default=False)] = None,
    draws: Draws = 500,
    seed: Seed = 1,
    set_: Set = None,
    workers: Workers = 0,
    perception: Perception = None,
    method: Method = None,
    store: Keep = True,
    report: AsPage = None,
    as_json: AsJson = False,
) -> None:
    """Switch off each mechanism in turn: which thread of the argument does the work, and which claims hang on it."""
    from detente.study.questions import ablate as ablate_

    with told(), progress("mechanisms") as watch:
        found = ablate_.ablate(
            case, name or (), draws=draws, seed=seed, set=changes(set_), workers=workers, method=method,
            perception=perception.value if perception else None, store=kept(store), progress=watch,
        )  # fmt: skip
    from detente.present import questions_forms, questions_text

    if as_json:
        print_json({"case": case, "seed": seed, **questions_forms.ablations(found)})
    else:
        questions_text.show_ablations(found)
    as_page(report, model_of(case, set_), lambda model: [pages().ablations(model, found)])
    raise _end(found.converged)


def model_of(case: str, set_: Many = None) -> Callable[[], Model]:
    """The model that was asked, read when a page needs its words."""

    def read() -> Model:
        from detente.model.load import changed, load

        model, given = load(case), changes(set_)
        return changed(model, given) if given else model

    return read


def pages() -> Any:
    from detente.present import answers

    return answers


def _end(converged: float) -> typer.Exit:
    """Exit code 0, or 3 where fewer than 99% of the draws converged."""
    return typer.Exit(OK if converged >= 0.99 else UNCONVERGED)


def add(app: typer.Typer) -> None:
    """Put these commands on a command line."""
    app.command()(tip)
    app.command("what-if")(what_if)
    app.command()(compare)
    app.command()(ablate)
