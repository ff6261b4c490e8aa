"""What CONTRIBUTING says of adding things is true: a question is two files, a case is one, and all is found everywhere.

The files are put where a contributor would put them, in folders that are searched beside those of the package.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import detente
from detente.model import catalogue
from detente.present import form, view, views
from detente.present.cli.app import app
from detente.study import questions, registry
from detente.study.dossier import dossier

HERE = Path(__file__).parent
SMALL = ["crisis-signalling", "--draws", "60", "--no-store"]


@pytest.fixture
def grown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The package with one question more: two files."""
    for package, name in ((questions, "question"), (views, "view")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "gap.py").write_text((HERE / f"{name}.py.txt").read_text())
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
    forget()
    yield tmp_path
    forget()


def forget() -> None:
    """What was found is looked for again."""
    registry.declared.cache_clear()
    registry.find.cache_clear()
    for name in ("detente.study.questions.gap", "detente.present.views.gap"):
        if name in sys.modules:
            view._VIEWS.pop(getattr(sys.modules[name], "Gap", None), None)
            del sys.modules[name]


@pytest.mark.usefixtures("grown")
def test_a_question_is_a_function_of_the_package() -> None:
    study = detente.run("crisis-signalling", draws=60)
    found = detente.gap(study, least=0.2)
    assert found == detente.gap("crisis-signalling", draws=60, least=0.2)
    assert found.gap.draws == 60
    assert detente.gap("crisis-signalling").gap.draws == 50  # as it declares
    assert "gap" in detente.__all__
    assert "gap" in dir(detente)


def test_a_question_is_a_command(grown: Path) -> None:
    def said(*words: str) -> str:
        done = CliRunner().invoke(app, [*words])
        assert done.exit_code == 0, done.output
        return done.stdout

    assert "Measure how far the most likely outcome is ahead" in " ".join(said("--help").split())
    told = said("gap", "--help")
    for word in ("--least", "--draws", "--method", "--report", "--json", "--loud", "clear"):
        assert word in told
    assert "is ahead of" in said("gap", *SMALL)
    assert "IS AHEAD OF" in said("gap", *SMALL, "--loud")
    wrong = CliRunner().invoke(app, ["gap", "crisis-signalling", "--least", "2"])
    assert wrong.exit_code == 2
    page = grown / "page.html"
    answer = json.loads(said("gap", *SMALL, "--least", "0.2", "--json", "--report", str(page)))
    assert {"case", "seed", "draws", "converged", "first", "second", "gap", "above", "references"} <= set(answer)
    assert answer["references"] == ["a reference of its own"]
    assert "How clear the forecast is" in page.read_text("utf-8")
    assert "<svg" in page.read_text("utf-8")


@pytest.mark.usefixtures("grown")
def test_a_question_has_a_schema_and_a_part_of_the_dossier() -> None:
    schema = form.schema(registry.find("gap"))
    assert set(schema["properties"]) >= {"case", "seed", "first", "second", "gap", "above"}
    found = dossier(detente.run("crisis-signalling", draws=60), ["gap"])
    (part,) = found.parts
    assert part.answer.gap.draws == 60


def test_without_its_files_it_is_gone() -> None:
    assert "gap" not in registry.declared()
    with pytest.raises(AttributeError):
        detente.gap  # noqa: B018


def test_a_case_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "toll-2020.yaml").write_text((HERE / "case.yaml").read_text())
    monkeypatch.setattr(catalogue, "CASES", [*catalogue.CASES, tmp_path])
    assert "toll-2020" in detente.library()
    listed = json.loads(CliRunner().invoke(app, ["cases", "--json"]).stdout)["cases"]
    assert "A toll on the strait" in [case["title"] for case in listed]
    for words in (["check", "toll-2020", "--strict"], ["statics", "toll-2020", "--draws", "40", "--no-store"]):
        done = CliRunner().invoke(app, words)
        assert done.exit_code == 0, done.output
    assert detente.run("toll-2020", draws=40).converged.all()
    with pytest.raises(detente.ModelError, match="did you mean 'toll-2020'"):
        detente.load("toll-2019")


def test_a_list_of_commands_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom detente.present.cli.app import main\nsys.argv = ['detente', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('numpy', 'scipy', 'pydantic', 'h5py', 'xarray') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
