"""What a case of the library has to be: each standard is missed where it should be, and met by the library's own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import detente
from detente.model.catalogue import library
from detente.model.load import loads
from detente.present.cli.app import app
from detente.study import standards
from detente.study.standards import Standard, crises, inspect

CASE = "kuwait-1990"


def told(text: str) -> dict[str, Standard]:
    """How a text stands with the standards that need nothing solved."""
    model = loads(text, f"{CASE}.yaml", within=[])
    found = [*standards._facts(model), *standards._dates(model), *standards._argument(model)]
    return {s.name: s for s in found}


def changed(*pairs: tuple[str, str]) -> dict[str, Standard]:
    text = library()[CASE]
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new, 1)
    return told(text)


def test_a_case_of_the_library_meets_them() -> None:
    assert [s for s in told(library()[CASE]).values() if s.met is False] == []


def test_what_is_lacking_is_named() -> None:
    model = detente.load(CASE)
    name, source = next((n, s) for n, s in model.sources.items() if s.url)
    found = changed((source.url, "httpx:/nowhere"))["sources"]
    assert found.met is False
    assert found.said == f"{name}: 'httpx:/nowhere' is not an address"
    assert changed(("retrieved 2026", "looked up 2026"))["sources"].met is False
    assert changed(("retrieved 2026-11-30", "retrieved 2026-13-77"))["sources"].said.endswith(
        "2026-13-77 is not a date"
    )


def test_days_stand_in_their_order() -> None:
    model = detente.load(CASE)
    assert model.as_of
    found = changed((f"as_of: {model.as_of}", "as_of: 2019-01-01"))["dates"]
    assert found.met is False
    assert "not before the deadline" in found.said
    assert "after it happened" in found.said


def test_a_mechanism_that_nothing_tests_is_named() -> None:
    text = library()[CASE]
    head = "\nmechanisms:\n"
    assert head in text
    added = text.replace(head, f"{head}  idle_thread: {{says: nothing follows from it}}\n", 1)
    found = told(added)
    assert found["mechanisms are cited"] == Standard("mechanisms are cited", False, "idle_thread")
    assert found["mechanisms have a claim or static"].said == "idle_thread"


def test_textbook_models_are_not_held_to_them() -> None:
    named = crises()
    assert {"ukraine-2022", CASE} <= set(named)
    assert {"crisis-signalling", "take-it-or-leave-it", "ukraine-2022-kremlin"} & set(named) == set()


def test_a_case_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("detente: 1\ntitle: X\n")
    found = inspect(str(broken))
    assert not found.good
    assert found.case == "broken"
    assert "broken.yaml" in found.mistake


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_command_tells_and_ends(form: str) -> None:
    options = ["--json"] if form == "json" else []
    result = CliRunner().invoke(app, ["check", "take-it-or-leave-it", "--library", *options])
    assert result.exit_code == 1
    if form == "json":
        (one,) = json.loads(result.stdout)["cases"]
        assert not one["good"]
        assert {"name": "rival structures", "met": False, "said": "none"} in one["standards"]
    else:
        assert "missed  rival structures: none" in result.output
    assert CliRunner().invoke(app, ["check"]).exit_code == 2
