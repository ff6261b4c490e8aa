"""Commands about games as such: solve a file of Gambit's, write a draw of a case as one, and a case from one."""

from __future__ import annotations

from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detente.output import keep_apart, write_whole
from detente.present.cli.options import CASE, JSON, OK, SEED, UNCONVERGED, print_json, say, stop, told
from detente.solve.registry import alternatives

if TYPE_CHECKING:
    from detente.arrays import Floats
    from detente.game.tree import Game
    from detente.solve.base import Certificate
    from detente.study.games import Point

STANDARD = Path("-")  # standard input or output
_MOST_SHOWN = 6  # points of a kind, beside the one that is reported


def solve(
    file: Annotated[Path, typer.Argument(help="An .efg or .nfg file, or - for standard input.", show_default=False)],
    precision: Annotated[str, typer.Option(help="Precisions in rising order, separated by commas.")] = "1,5",
    method: Annotated[
        str | None,
        typer.Option(help=f"Solution method: {alternatives()}. [default: quantal at each precision]"),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="With --method nash: list all equilibria.")] = False,
    as_json: JSON = False,
) -> None:
    """Solve a game in a Gambit file (.efg or .nfg). Information sets are numbered as in the file, PLAYER:SET."""
    from detente.errors import QuestionError

    with told():
        if all_ and method != "nash":
            raise QuestionError("--all lists equilibria: ask for it with --method nash")
        from detente.study.games import read_game, solve_game

        precisions = _precisions(precision)
        game = read_game(file)
        found: dict[str, Any] = {}
        if method == "nash":
            found, settled = _listed(game), True
        if not found.get("points"):
            solved = solve_game(game, precisions, method)
            found, settled = {"points": [_point(p) for p in solved]}, all(p.converged for p in solved)
        elif not all_:
            found = {"points": [_selected(found)]}
    if as_json:
        print_json(found)
    else:
        _show(found["points"], found.get("components", []))
    raise typer.Exit(OK if settled else UNCONVERGED)


def export(
    case: CASE,
    efg: Annotated[Path, typer.Option(help="The .efg file to write, or - for standard output.", dir_okay=False)],
    draw: Annotated[int, typer.Option(min=0, help="The draw of the uncertain quantities, counted from 0.")] = 0,
    seed: SEED = 1,
    seen_by: Annotated[
        str | None,
        typer.Option(
            metavar="ACTOR",
            show_default=False,
            help="Write the game as this actor perceives it; `nobody` writes it without perceptions. "
            "[default: as it is, where all actors see the probabilities alike]",
        ),
    ] = None,
) -> None:
    """Write one draw of a case as an .efg file, which Gambit reads."""
    from detente.model.load import load
    from detente.study.games import export_efg

    with told():
        model = load(case)
        if efg != STANDARD:
            keep_apart({"the game": efg}, model.files)
        text, game = export_efg(model, draw, seed, seen_by=seen_by)
    if efg == STANDARD:
        say(text.rstrip("\n"))
        return
    try:
        write_whole(efg, text.encode("utf-8"))
    except OSError as error:
        stop(f"{efg} cannot be written: {error.strerror}")
    from detente.present.wording.numbers import counted

    say(f"{efg} is written: {counted(game.tree.n_nodes, 'node')}, {counted(game.tree.n_infosets, 'information set')}")


def import_(
    file: Annotated[Path, typer.Argument(help="A game as an .efg or .nfg file.", show_default=False)],
    case: Annotated[
        Path, typer.Option("--as", help="The case to write, a .yaml file, or - for standard output.", dir_okay=False)
    ],
    as_json: JSON = False,
) -> None:
    """Turn a Gambit file (.efg or .nfg) into a case, with a quantity for every payoff. Nothing is overwritten."""
    from detente.study.games import import_game

    with told():
        text = import_game(file)
    if case == STANDARD:
        if as_json:
            stop("--as - prints the case, and --json what was written: give one or the other")
        say(text.rstrip("\n"))
        return
    try:
        with case.open("x", encoding="utf-8") as written:
            written.write(text)
    except FileExistsError:
        stop(f"{case} exists already; choose another name")
    except OSError as error:
        stop(f"{case} cannot be written: {error.strerror}")
    if as_json:
        print_json({"written": str(case)})
    else:
        say(f"{case} is written. Next:\n  detente check {case}\n  detente run {case}")


def _precisions(text: str) -> list[float]:
    from detente.errors import QuestionError
    from detente.solve.base import proper_precision

    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        raise QuestionError(f"--precision {text}: write numbers with commas between them, such as 1,5") from None
    try:
        return [proper_precision(precision) for precision in numbers]
    except QuestionError as error:
        raise QuestionError(f"--precision {text}: {error}") from None


def _point(point: Point) -> dict[str, Any]:
    solution = point.solution
    described = _described(point.game, solution.behaviour[:, 0], point.certificate)
    found = {"precision": point.precision, **described, "method": solution.method}
    if not point.converged:
        found["reached"] = float(solution.reached[0])
        found["advice"] = point.advice
    if point.precision is not None:
        found["others"] = [
            {"kind": other.kind, **_described(point.game, other.behaviour, other.certificate)} for other in point.others
        ]
        if point.note:
            found["note"] = point.note
    return found


def _listed(game: Game) -> dict[str, Any]:
    """All equilibria, the selected one marked, and the components that they form."""
    from detente.solve.certificate.certify import certify
    from detente.study.games import at_precision, equilibria

    listed, endless = equilibria(game), at_precision(game, inf)
    points = [
        {
            "precision": None,
            **_described(game, e.behaviour, certify(endless, e.behaviour[:, None])),
            "kind": str(e.refinement),
            "component": e.component,
            "isolated": e.isolated,
            "extreme": e.extreme,
            "selected": k == listed.selected,
        }
        | ({"selection": listed.selection} if k == listed.selected else {})
        | ({} if listed.complete else {"complete": False})
        for k, e in enumerate(listed.found)
    ]
    families = [
        {
            "component": c,
            "isolated": family.isolated,
            "extreme": list(family.extreme),
            "subsets": list(map(list, family.subsets)),
            "inside": list(family.inside),
        }
        for c, family in enumerate(listed.components)
    ]
    return {"points": points, "components": families}


def _selected(listed: dict[str, Any]) -> dict[str, Any]:
    """The equilibrium that a solver takes, without the others."""
    (point,) = (point for point in listed["points"] if point["selected"])
    return {**point, "method": "Nash equilibria", "listed": len(listed["points"])}


def _described(game: Game, behaviour: Floats, certificate: Certificate) -> dict[str, Any]:
    """Behaviour by player:set, and its certificate."""
    tree = game.tree
    keys = [f"{s.player + 1}:{s.number}" for s in tree.infosets]
    order = sorted(range(tree.n_infosets), key=lambda h: (tree.infosets[h].player, tree.infosets[h].number))
    return {
        "behavior": {keys[h]: behaviour[tree.action_start[h] : tree.action_start[h + 1]].tolist() for h in order},
        "payoffs": certificate.value[:, 0].tolist(),
        "residual": float(certificate.residual[0]),
        "max_gain": float(certificate.gain[:, 0].max()),
    }


def _show(points: list[dict[str, Any]], families: list[dict[str, Any]]) -> None:
    """The points for people."""
    from detente.present.wording.numbers import percent

    for k, point in enumerate(points):
        if k:
            say()
        head = f"precision {point['precision']:g}" if point["precision"] is not None else point.get("method", "")
        if "kind" in point:
            head = _head(point, k, len(points))
        if "reached" in point:
            say(f"not converged: {point['advice']}", err=True)
            short = point["precision"] and point["reached"] < 1
            head += f" (not converged: {percent(point['reached'])} of the way)" if short else " (not converged)"
        say(head)
        _show_behaviour(point, precise=point["precision"] is not None)
        _show_others(point)
        if "selection" in point:
            say(f"  taken: {point['selection']}")
    for family in families:
        _show_family(family)
    if points and not points[0].get("complete", True):
        say("\nThere may be more: some equations were not solved completely.")
    for note in dict.fromkeys(point["note"] for point in points if "note" in point):
        say(f"note: {note}", err=True)


def _head(point: dict[str, Any], k: int, n: int) -> str:
    """What is said of a Nash equilibrium before its behaviour."""
    from detente.present.wording.numbers import counted

    if point["isolated"]:
        alone = "isolated"
    elif not point["extreme"]:
        alone = f"inside the family of component {point['component']}"
    elif point["isolated"] is None:
        alone = "not known to be isolated"
    else:
        alone = f"one of a family (component {point['component']})"
    if "listed" in point:
        return f"Nash equilibrium, {point['kind']}, {alone}; of {counted(point['listed'], 'equilibrium', 'equilibria')}"
    return f"equilibrium {k + 1} of {n}: {point['kind']}, {alone}{' <- selected' if point['selected'] else ''}"


def _show_family(family: dict[str, Any]) -> None:
    """What lies between the extreme points of a component."""
    from detente.present.wording.numbers import counted

    if family["isolated"]:
        return
    corners = counted(len(family["extreme"]), "extreme equilibrium", "extreme equilibria")
    say(f"\ncomponent {family['component']} is a family with {corners}.")
    for subset in family["subsets"]:
        say(f"  All mixtures of {_numbers(subset)}, each player's own, are equilibria too.")
    if not family["subsets"]:
        say("  Which mixtures of them are equilibria too is not known.")


def _numbers(places: list[int]) -> str:
    *first, last = [str(k + 1) for k in places]
    return f"{', '.join(first)} and {last}" if first else last


def _show_behaviour(point: dict[str, Any], indent: str = "", precise: bool = True) -> None:
    """Behaviour and its certificate; a residual is that of quantal response, which is asked for if `precise`."""
    from detente.present.wording.numbers import number

    for key, probabilities in point["behavior"].items():
        say(f"{indent}  {key:>6}  {'  '.join(f'{p:.6f}' for p in probabilities)}")
    say(f"{indent}  payoffs {'  '.join(number(value, digits=6) for value in point['payoffs'])}")
    residual = f"residual {number(point['residual'], digits=2)}, " if precise else ""
    say(f"{indent}  {residual}largest regret {number(point['max_gain'], digits=2)}")


SAID = {"fold": "point", "prong": "branch"}
"""Kinds of other points at a precision, in words."""


def _show_others(point: dict[str, Any]) -> None:
    """What else lies at this precision, in words; of many the first few."""
    from detente.present.wording.numbers import counted

    others = point.get("others", [])
    for kind in ("fold", "prong"):
        alike = [other for other in others if other["kind"] == kind]
        if alike and kind == "fold":
            more = counted(len(alike), "point")
            say(f"  The principal branch passes limit points: it turns back, and meets this precision at {more} more.")
        elif alike:
            more = f"{'lies' if len(alike) == 1 else 'lie'} {counted(len(alike), 'point')}"
            say(f"  The principal branch passes a pitchfork bifurcation. On the branches that leave it {more} more.")
        for k, other in enumerate(alike[:_MOST_SHOWN], 1):
            say(f"    {SAID[kind]} {k} of {len(alike)}")
            _show_behaviour(other, "    ")
        if len(alike) > _MOST_SHOWN:
            say(f"    {len(alike) - _MOST_SHOWN} more; --json has them all")
