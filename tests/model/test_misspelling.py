"""One letter that is wrong is one mistake: where it stands, with what was meant, whatever else depends on it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from detente.errors import Problem
from detente.language.remembered import Memory, remembering
from detente.model.check.check import check
from detente.model.load import loads
from detente.model.quick import quick
from detente.present.web.editing.checking import marks
from tests.model.misspelling import Misspelt, library, misspelt, problems

CASES = ("korea-2017", "cuba-1962", "july-1914")
MEMORY = Memory()


@pytest.fixture(autouse=True)
def _remembered() -> Iterator[None]:
    with remembering(MEMORY):
        yield


def tried(case: str) -> list[Misspelt]:
    """One word of each kind: of each section, where it is declared and where it is used, and each key."""
    found: dict[tuple[object, ...], Misspelt] = {}
    for m in misspelt(library(case), 1):
        found.setdefault((m.kind, m.declared, m.word if m.kind == "key" else ""), m)
    return list(found.values())


@pytest.mark.parametrize("case", CASES)
def test_one_mistake_where_it_was_made_and_what_was_meant(case: str) -> None:
    tries = tried(case)
    assert len({m.kind for m in tries}) >= 10
    for m in tries:
        told = problems(m.text)
        said = (m.word, m.written, m.path, [str(p) for p in told])
        assert len(told) == 1, said
        assert m.true(told[0]), said
        assert m.mended(told[0]), said


def test_a_click_in_the_editor_writes_what_was_meant() -> None:
    text = library("korea-2017")
    for m in tried("korea-2017"):
        if m.declared and m.once:
            continue  # one of two words is wrong, and either can be mended
        (mark,) = marks(m.text, "case.yaml", problems(m.text))
        (fix,) = mark.fixes
        assert m.text[: fix.start] + fix.text + m.text[fix.stop :] == text, (m.word, m.written, fix)


def test_at_first_sight_as_well() -> None:
    for m in tried("korea-2017"):
        if "changes" in m.path:
            continue  # what structures change is looked at a moment later
        told = [p for p in quick(m.text, "case.yaml").problems if not p.warning]
        assert [(m.true(p), m.mended(p)) for p in told] == [(True, True)], (m.word, m.written, told)


@pytest.mark.parametrize("section", ["actors", "stages", "outcomes", "payoffs"])
def test_the_weight_of_a_structure_is_judged_without_a_section(section: str) -> None:
    whole = library("korea-2017")
    text = re.sub(rf"^{section}:\n(?:(?:[ #].*)?\n)+", "", whole, flags=re.MULTILINE)
    assert len(text) < len(whole)
    text = text.replace("weight: 0.3 to 0.7", "weight: 1.3")
    missing, weight = problems(text)
    assert missing.message == f"{section!r} is missing in the model"
    assert section == "payoffs" or missing.hint.endswith("what depends on it is not judged until this reads")
    assert weight.message == "1.3 is not a probability"
    assert weight.place.line == text[: text.index("weight: 1.3")].count("\n") + 1


def test_what_cannot_be_read_takes_nothing_else_along() -> None:
    text = library("korea-2017").replace("  slip:\n    chance:", "  slip: [war]\n  spare:\n    chance:")
    lost = [str(p) for p in problems(text)]
    assert len(lost) == 1
    assert lost[0].endswith(
        "found a list; expected a mapping of keys to values\n    what depends on it is not judged until this reads"
    )


def test_a_structure_that_is_right_is_known_where_another_section_is_wrong() -> None:
    text = library("korea-2017").replace("count: 4, unit: 106 days", "count: many, unit: 106 days")
    (wrong,) = problems(text)
    assert "many" in wrong.message
    assert not wrong.hint.endswith("reads")


def test_two_faults_are_two_mistakes() -> None:
    text = library("korea-2017").replace("  war_bill:\n", "  war_bil:\n").replace("weight: 0.3", "weigth: 0.3")
    first, second = problems(text)
    assert first.message.startswith("'war_bil' is declared and used nowhere; 'war_bill' is used")
    assert (second.message, second.hint) == ("there is no key 'weigth' here", "did you mean 'weight'?")


def test_what_a_structure_means_to_change_is_looked_for() -> None:
    text = library("korea-2017").replace(
        "        course:\n          moves: {jab", "        couse:\n          moves: {jab"
    )
    (only,) = problems(text)
    assert only.message == "the model has no 'couse' under `stages` that this could change"
    assert only.hint == "did you mean 'course'?"


def test_a_number_that_a_structure_changes_in_vain_is_told() -> None:
    text = library("cuba-1962").replace("\n        detect:", "\n        detct:")
    found: list[Problem] = check(loads(text, "case.yaml"))
    (unused,) = [p for p in found if "never used" in p.message]
    assert (unused.message, unused.hint) == ("the quantity 'detct' is never used", "did you mean 'detect'?")
