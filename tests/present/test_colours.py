"""No colour means two things: a hue is an outcome's and nothing else's, and hues can be told apart by everybody."""

from __future__ import annotations

import itertools
import re
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from detente.arrays import Floats
from detente.model.load import load, loads
from detente.model.schema import Model
from detente.present.figures.drawing.svg import stylesheet
from detente.present.html.palette import BEYOND, HUES, colours, kind_of
from tests.present.test_pages import CASE

# Machado, Oliveira and Fernandes (2009), A physiologically-based model for simulation of color vision deficiency,
# severity 1: rows of matrices on linear RGB.
SEEN_BY = {
    "all cones": np.eye(3),
    "no M cones": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "no L cones": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "no S cones": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
APART = 14.0  # in CIE 1976 L*a*b*; a difference of 2.3 is just noticeable
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def linear(written: str) -> Floats:
    c = np.array([int(written[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(rgb: Floats) -> Floats:
    scaled = XYZ @ rgb / np.array([0.95047, 1.0, 1.08883])
    f = np.where(scaled > 0.008856, np.cbrt(scaled), 7.787 * scaled + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def schemes() -> list[dict[str, str]]:
    """The colours by their names: in light, in dark, and on paper."""
    return [dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", part)) for part in re.split(r"@media", stylesheet())[:2]] + [
        dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", stylesheet().rpartition("@media print")[2]))
    ]


@pytest.mark.parametrize("eyes", list(SEEN_BY))
@pytest.mark.parametrize("scheme", range(3), ids=["light", "dark", "print"])
def test_hues_can_be_told_apart(scheme: int, eyes: str) -> None:
    hues = [name for kind in HUES.values() for name in kind]
    seen = {name: lab(np.clip(SEEN_BY[eyes] @ linear(schemes()[scheme][name]), 0, 1)) for name in hues}
    for a, b in itertools.combinations(hues, 2):
        assert np.linalg.norm(seen[a] - seen[b]) > APART, f"{a} and {b} look alike with {eyes}"


def test_a_hue_is_used_for_an_outcome_and_for_nothing_else() -> None:
    hue = re.compile(r"""["' ]s?o[0-9]["' ]""")
    room = Path(str(resources.files("detente.present")))
    named = [
        f"{file.name}: {line.strip()}"
        for file in sorted(room.rglob("*.py"))
        if file.name not in ("palette.py",)
        for line in file.read_text("utf-8").splitlines()
        if hue.search(line)
    ]
    assert named == []
    page = (room / "html" / "page.css").read_text("utf-8")
    assert not re.search(r"var\(--o[0-9]\)", page)
    names = "|".join(f"o{k}" for k in range(10))
    for rule in re.findall(r"([^{}]+)\{([^{}]*)\}", stylesheet()):
        if re.search(rf"var\(--({names})\)", rule[1]):
            assert re.fullmatch(rf"\s*\.picture \.s?({names})\s*", rule[0]), rule


@pytest.mark.parametrize("name", ["ukraine-2022", "ukraine-2022-kremlin", "crisis-signalling", "take-it-or-leave-it"])
def test_outcomes_of_the_library_have_colours_of_their_own(name: str) -> None:
    model = load(name)
    found = colours(model)
    assert list(found) == list(model.outcomes)
    own = [hue for hue in found.values() if hue != BEYOND]
    assert len(set(own)) == len(own)
    assert len(found) - len(own) <= 2  # what a kind has no hue left for
    for outcome, hue in found.items():
        assert hue in (*HUES[kind_of(model, outcome)], BEYOND), f"{outcome} has the colour of another kind"


def kinds(model: Model) -> dict[str, str]:
    return {name: kind_of(model, name) for name in model.outcomes}


def test_wars_accidents_and_peace_are_told_apart() -> None:
    found = kinds(load("ukraine-2022"))
    assert {n for n, k in found.items() if k == "war"} == {"quick_victory", "long_war", "republics"}
    assert {n for n, k in found.items() if k == "accident"} == {"accident"}
    assert kinds(loads(CASE, "threat.yaml")) == {"war": "war", "ceded": "peace", "peace": "peace"}
    without = CASE.replace("it is given up", "a peace without war")
    assert kinds(loads(without, "threat.yaml"))["ceded"] == "peace"


def test_what_a_kind_has_no_hue_left_for_is_grey_and_not_of_another_kind() -> None:
    more = "".join(f"  end{k}: {{when: threat is leave and war_cost > {k}}}\n" for k in range(8))
    found = colours(loads(CASE.replace("  peace: otherwise\n", more + "  peace: otherwise\n"), "threat.yaml"))
    assert len(found) == 11
    assert [name for name, hue in found.items() if hue == BEYOND] == ["end4", "end5", "end6", "end7", "peace"]
