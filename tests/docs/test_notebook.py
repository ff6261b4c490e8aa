"""The notebook of the documentation runs as a reader would run it, and shows what it says."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

import detente
from detente.present.wording.numbers import percent
from tests.docs.pages import ROOT

FILE = ROOT / "docs" / "notebook.ipynb"
DRAWS = 200


@cache
def written() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text("utf-8"))
    return found


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, dict[str, Any]], Path]:
    """What each cell of code shows, by its id, and where it ran."""
    import nbformat
    from nbclient import NotebookClient

    place = tmp_path_factory.mktemp("notebook")
    notebook = nbformat.reads(FILE.read_text("utf-8"), as_version=4)
    nbformat.validate(notebook)
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(place)}})
    client.execute()
    told: dict[str, dict[str, Any]] = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            kinds = [output.output_type for output in cell.outputs]
            assert "error" not in kinds, cell.outputs
            assert "stream" not in kinds, "nothing is warned of"
            told[cell.id] = next((output.data for output in cell.outputs if "data" in output), {})
    return told, place


def test_it_is_kept_without_what_it_showed() -> None:
    cells = [cell for cell in written()["cells"] if cell["cell_type"] == "code"]
    assert len(cells) > 10
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    assert not re.search(r"/(home|tmp|root|work|Users)/", FILE.read_text("utf-8"))


@pytest.mark.filterwarnings("ignore")  # of sockets and loops, which are Jupyter's
def test_every_cell_shows_what_it_says(shown: tuple[dict[str, dict[str, Any]], Path]) -> None:
    told, place = shown
    silent = [key for key, data in told.items() if not data]
    assert silent == ["report"]
    study = detente.run("kuwait-1990", draws=DRAWS)
    assert study.answer is not None
    value = study.answer.value
    assert percent(value.value, value.error) in told["answer"]["text/html"]
    for name, f in study.outcomes.items():
        assert percent(f.value, f.error) in told["answer"]["text/html"], name
    assert told["answer"]["text/plain"] == repr(study)
    assert told["number"]["text/plain"] == repr(value)
    assert told["claim"]["text/plain"] == repr(study.claims["only_threats"])
    assert "application/vnd.jupyter.widget-view+json" in told["explore"]
    assert told["explore"]["text/html"] == study._repr_html_()  # for whoever has no kernel
    assert told["course"]["image/svg+xml"].startswith("<svg")
    assert (place / "kuwait-course.svg").read_text("utf-8") == study.plot("course").svg
    ElementTree.fromstring((place / "kuwait-course.svg").read_text("utf-8"))
    assert "Kuwait" in (place / "kuwait-1990.html").read_text("utf-8")
    effect = detente.what_if("kuwait-1990", ["shift spoils=*1.5"], draws=100).whole.answer
    assert effect is not None
    assert percent(effect.after.value, effect.after.error) in told["whatif"]["text/html"]
    for key in ("load", "answer", "whatif", "tip", "flip", "evidence", "score"):
        assert told[key]["text/html"].startswith('<div class="detente">'), key
        assert "\n" not in told[key]["text/plain"], key
