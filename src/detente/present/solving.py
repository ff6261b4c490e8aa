"""Two commands about games as such: solve a file of Gambit's, and write a draw of a case as one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from detente.present.options import OK, UNCONVERGED, AsJson, Case, Seed, print_json, stop, told

if TYPE_CHECKING:
    from detente.game.tree import Floats, Game
    from detente.solve.base import Solution, Solver

EQUILIBRIUM = ("nash", "zero-sum", "regret", "limit", "backward")
"""Methods for which the precision plays no part."""


def solve(
    file: Annotated[Path, typer.Argument(help="A game as an .efg or .nfg file.", show_default=False)],
    precision: Annotated[str, typer.Option(help="Precisions, rising, with commas between them.")] = "1,5",
    method: Annotated[
        str | None,
        typer.Option(help="quantal, limit, backward, nash, zero-sum or regret [default: quantal at each precision]."),
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="With nash: list all equilibria.")] = False,
    as_json: AsJson = False,
) -> None:
    """Solve a game in one of Gambit's files. Sets are named by the file's numbers, as player:set."""
    from detente.errors import QuestionError

    with told():
        if all_ and method != "nash":
            raise QuestionError("--all lists equilibria: ask for it with --method nash")
        game = _read(file)
        if method == "nash" and all_:
            points, settled = _equilibria(game), True
        else:
            points, settled = _points(game, method, _precisions(precision))
    if as_json:
        print_json({"points": points})
    else:
        _show(points)
    raise typer.Exit(OK if settled else UNCONVERGED)


def export(
    case: Case,
    efg: Annotated[Path, typer.Option(help="The .efg file to write.", dir_okay=False)],
    draw: Annotated[int, typer.Option(min=0, help="Which draw of the uncertain quantities, counted from 0.")] = 0,
    seed: Seed = 1,
) -> None:
    """Write one draw of a case as an .efg file, which Gambit reads."""
    from detente.game.compile import compile_model
    from detente.game.gambit import write_efg
    from detente.model.load import load

    with told():
        model = load(case)
        blueprint = compile_model(model)
        game = blueprint.game(blueprint.sampler.draw(draw + 1, seed))
        text = write_efg(game, draw, title=f"{model.title}, draw {draw} of seed {seed}")
    try:
        efg.write_text(text, encoding="utf-8")
    except OSError as error:
        stop(f"{efg} cannot be written: {error.strerror}")
    from detente.present.words import counted

    typer.echo(
        f"{efg} is written: {counted(game.tree.n_nodes, 'node')}, {counted(game.tree.n_infosets, 'information set')}"
    )


def _read(file: Path) -> Game:
    """The game in a file, by the ending of its name."""
    from detente.errors import QuestionError
    from detente.game.gambit import read_efg
    from detente.game.normal_form import read_nfg

    readers = {".efg": read_efg, ".nfg": read_nfg}
    if file.suffix not in readers:
        raise QuestionError(f"{file} is neither an .efg nor an .nfg file")
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    return readers[file.suffix](text, file=str(file))


def _precisions(text: str) -> list[float]:
    from detente.errors import QuestionError

    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise QuestionError(f"--precision {text}: write numbers with commas between them, such as 1,5") from None


def _solver(method: str) -> Solver:
    """The solver of that name."""
    from detente.errors import QuestionError, nearest
    from detente.solve.backward import Backward
    from detente.solve.limit import Limit
    from detente.solve.nash import Nash
    from detente.solve.regret import Regret
    from detente.solve.zero_sum import ZeroSum

    known = {"nash": Nash, "zero-sum": ZeroSum, "regret": Regret, "limit": Limit, "backward": Backward}
    if method not in known:
        raise QuestionError(f"there is no method {method!r}; {nearest(method, ['quantal', *known])}")
    solver: Solver = known[method]()
    return solver


def _points(game: Game, method: str | None, precisions: list[float]) -> tuple[list[dict[str, Any]], bool]:
    """A point for each precision, or a single one where precision plays no part; whether all were reached."""
    from dataclasses import replace

    import numpy as np

    from detente.solve.quantal import Quantal

    if method is None or method == "quantal":
        solutions = Quantal().path(game, precisions)
        games = [replace(game, precision=np.full_like(game.precision, precision)) for precision in precisions]
        named: list[float | None] = list(precisions)
    else:
        games = [replace(game, precision=np.full_like(game.precision, np.inf))]
        solutions, named = [_solver(method).solve(games[0])], [None]
    points = [_point(g, s, p) for g, s, p in zip(games, solutions, named, strict=True)]
    return points, all(bool(solution.reached[0] >= 1) for solution in solutions)


def _point(game: Game, solution: Solution, precision: float | None) -> dict[str, Any]:
    point = {"precision": precision, **_described(game, solution.behaviour[:, 0]), "method": solution.method}
    if solution.reached[0] < 1:
        point["reached"] = float(solution.reached[0])
    return point


def _equilibria(game: Game) -> list[dict[str, Any]]:
    """All equilibria, the selected one marked."""
    from dataclasses import replace

    import numpy as np

    from detente.solve.nash import Nash

    game = replace(game, precision=np.full_like(game.precision, np.inf))
    listed = Nash().all(game)
    return [
        {
            "precision": None,
            **_described(game, e.behaviour),
            "kind": str(e.refinement),
            "component": e.component,
            "isolated": e.isolated,
            "selected": k == listed.selected,
        }
        | ({"selection": listed.selection} if k == listed.selected else {})
        | ({} if listed.complete else {"complete": False})
        for k, e in enumerate(listed.found)
    ]


def _described(game: Game, behaviour: Floats) -> dict[str, Any]:
    """Behaviour by player:set, and its certificate."""
    from detente.solve.certify import certify

    tree = game.tree
    keys = [f"{s.player + 1}:{s.number}" for s in tree.infosets]
    order = sorted(range(tree.n_infosets), key=lambda h: (tree.infosets[h].player, tree.infosets[h].number))
    certificate = certify(game, behaviour[:, None])
    return {
        "behavior": {keys[h]: behaviour[tree.action_start[h] : tree.action_start[h + 1]].tolist() for h in order},
        "payoffs": certificate.value[:, 0].tolist(),
        "residual": float(certificate.residual[0]),
        "max_gain": float(certificate.gain[:, 0].max()),
    }


def _show(points: list[dict[str, Any]]) -> None:
    """The points for people."""
    for k, point in enumerate(points):
        if k:
            typer.echo()
        head = f"precision {point['precision']:g}" if point["precision"] is not None else point.get("method", "")
        if "kind" in point:
            head = f"equilibrium {k + 1} of {len(points)}: {point['kind']}, component {point['component']}"
            head += " (one of a family)" if not point["isolated"] else ""
            head += " <- selected" if point["selected"] else ""
        if "reached" in point:
            head += f" (not settled: {point['reached']:.0%} of the way)" if point["precision"] else " (not settled)"
        typer.echo(head)
        for key, probabilities in point["behavior"].items():
            typer.echo(f"  {key:>6}  {'  '.join(f'{p:.6f}' for p in probabilities)}")
        typer.echo(f"  payoffs {'  '.join(f'{value:.6g}' for value in point['payoffs'])}")
        typer.echo(f"  residual {point['residual']:.1e}, most that anybody could gain {point['max_gain']:.1e}")
