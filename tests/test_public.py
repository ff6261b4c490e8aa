"""The public surface, and what opening the doors costs."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import detente
from detente.study.registry import declared, known

HEAVY = ("scipy", "pandas", "xarray", "matplotlib")


def test_the_public_surface_is_this_and_no_more() -> None:
    assert sorted(detente.__all__) == [
        "Change", "Cluster", "DetenteError", "Finding", "How", "Model", "ModelError", "Playing", "QuestionError",
        "Store", "Study",
        "ablate", "base_rates", "breaking", "check", "claims", "compare", "compile_model", "dataset", "define",
        "design", "discover", "dossier", "elicit", "equilibria", "export_efg", "fetch_table", "gradients",
        "import_game", "learn", "library", "load", "loads", "perceptions", "pool", "read_game", "read_table",
        "record", "redteam", "run", "scaffold", "score", "sense", "sensitivity", "solve_game", "statics", "suppose",
        "sweep", "table", "tip", "tip_map", "tree", "update", "variants", "voi", "what_if", "why", "why_change",
        "worth", "write_brief", "write_report",
        "write_results",
    ]  # fmt: skip
    for name in detente.__all__:
        assert getattr(detente, name).__doc__, f"{name} has no docstring"
        assert name in str(detente.__doc__), f"{name} is not in the overview"
    with pytest.raises(AttributeError, match="no attribute 'solve_all'"):
        detente.solve_all  # noqa: B018


def test_every_command_has_its_function_in_python() -> None:
    from typer.main import get_command

    from detente.present.cli.app import app

    assert detente.__doc__
    told = set(re.findall(r"`([a-z-]+)", detente.__doc__[detente.__doc__.index("Questions:") :]))
    commands = set(get_command(app).list_commands(None))  # type: ignore[attr-defined]
    listed = {"cases": "library", "new": "scaffold"}
    assert commands - told - listed.keys() == set()


def test_python_answers_as_the_command_line_does(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    from detente.present.cli.app import app

    def said(*arguments: str) -> Any:
        result = CliRunner().invoke(app, [*arguments, "--json"])
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    small = ["crisis-signalling", "--draws", "100"]
    study = detente.run("crisis-signalling", draws=100)
    assert {name: f["value"] for name, f in said("run", *small)["outcomes"].items()} == {
        name: f.value for name, f in study.outcomes.items()
    }
    told = said("what-if", *small, "--forbid", "demand=keep_quiet", "--shift", "audience_cost=+0.1")
    found = detente.what_if("crisis-signalling", ["forbid demand=keep_quiet", "shift audience_cost=+0.1"], draws=100)
    assert told["whole"]["outcomes"]["war"]["effect"]["value"] == found.whole.outcomes["war"].effect.value
    assert said("check", "crisis-signalling")["size"] == detente.check("crisis-signalling").size
    text, game = detente.export_efg("crisis-signalling", draw=3)
    exported = CliRunner().invoke(app, ["export", "crisis-signalling", "--efg", str(tmp_path / "a.efg"), "--draw", "3"])
    assert exported.exit_code == 0, exported.output
    assert (tmp_path / "a.efg").read_text() == text
    points = said("solve", str(tmp_path / "a.efg"), "--precision", "0.5,2")["points"]
    solved = detente.solve_game(tmp_path / "a.efg", [0.5, 2])
    assert [p["payoffs"] for p in points] == [p.certificate.value[:, 0].tolist() for p in solved]
    assert solved[0].solution.behaviour.shape == (game.tree.n_actions, 1)
    listed = said("solve", str(tmp_path / "a.efg"), "--method", "nash", "--all")["points"]
    assert len(listed) == len(detente.equilibria(tmp_path / "a.efg").found) > 0
    with pytest.raises(detente.QuestionError, match="did you mean 'limit'"):
        detente.solve_game(game, method="limmit")
    with pytest.raises(detente.QuestionError, match="begins with its kind"):
        detente.what_if("crisis-signalling", ["hazard=0.02"])
    broken = detente.check(str(tmp_path / "none.yaml"))
    assert not broken.good


def test_what_is_imported_is_required_and_what_is_required_is_imported() -> None:
    root = Path(__file__).parent.parent
    project = tomllib.loads((root / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"].values()
    lines = [*project["project"]["dependencies"], *(line for extra in extras for line in extra)]
    required = {re.split(r"[<>=]", line)[0].lower() for line in lines}
    imported = set()
    for file in (root / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                imported |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module.partition(".")[0])
    others = imported - sys.stdlib_module_names - {"detente"}
    names = {"yaml": "pyyaml", "pydantic_core": "pydantic", "resvg_py": "resvg-py"}  # as they are installed
    through = {"websockets"}  # what the server of the workbench speaks by, imported by itself
    of_mcp = {"anyio", "jsonschema", "mcp_types"}  # what the SDK of the protocol is made of
    assert {names.get(name, name) for name in others - of_mcp} | through == required


@pytest.mark.parametrize(
    ("arguments", "more"),
    [
        (["--help"], ("numpy",)),
        (["check", "crisis-signalling"], ("detente.engine.engine", "detente.study.study", "detente.solve.quantal")),
        (["run", "ukraine-2022", "--json", "--no-store", "--draws", "20"], ("rich", "detente.present.views")),
    ],
)
def test_light_commands_import_nothing_heavy(arguments: list[str], more: tuple[str, ...]) -> None:
    code = (
        "import sys, json, resource\n"
        f"sys.argv = ['detente', *{arguments!r}]\n"
        "from detente.present.cli.app import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "cpu = resource.getrusage(resource.RUSAGE_SELF)\n"
        f"heavy = [name for name in {(*HEAVY, *more)!r} if name in sys.modules]\n"
        "print(json.dumps(heavy), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stderr.splitlines()[-1]) == []


def test_a_question_is_found_by_its_name_alone() -> None:
    assert {name: known(name) for name in declared()} == declared()
    assert known("nonsense") is None
