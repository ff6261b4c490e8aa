"""What one text says otherwise than another, laid over the other, is the one again."""

from __future__ import annotations

import pytest

from detente.errors import ModelError
from detente.model.catalogue import library
from detente.model.differing import departures, same
from detente.model.find import Found
from detente.model.load import load, loads
from detente.present.cli.scaffold import scaffold
from detente.present.web.otherwise import extending

DEMAND = scaffold("demand")
SLUGS = ["crisis-signalling", "korea-2017", "kosovo-1998", "cuba-1962", "take-it-or-leave-it", "kuwait-1990"]


def laid_over(of: str, text: str, slug: str) -> str:
    return extending(slug, "as it departed", (), departures(Found(of, "case.yaml"), Found(text, "case.yaml")))


@pytest.mark.parametrize(("of", "text"), list(zip(SLUGS, SLUGS[1:] + SLUGS[:1], strict=True)))
def test_a_crisis_can_be_written_as_another_one_that_was_changed(of: str, text: str) -> None:
    """Everything goes and comes: keys that are taken away, lists that grow or are replaced, stages in their order."""
    cases = library()
    made = loads(laid_over(cases[of], cases[text], of), within=[])
    assert same(made, load(text))
    assert not same(made, load(of))


CHANGED = {
    "a value": ("value: 0.3 to 1.2 ", "value: 0.5 to 2 ", 'quantities:\n  war_cost:\n    value: "0.5 to 2"\n'),
    "nothing": ("", "", ""),
}


@pytest.mark.parametrize("what", CHANGED)
def test_no_more_is_written_than_was_changed(what: str) -> None:
    before, after, written = CHANGED[what]
    assert before in DEMAND
    text = extending(
        "demand.yaml",
        "Otherwise",
        (),
        departures(Found(DEMAND, "a.yaml"), Found(DEMAND.replace(before, after), "a.yaml")),
    )
    assert text == f"extends: demand.yaml\ntitle: Otherwise\n{written}"


def test_a_stage_in_between_is_put_in_between() -> None:
    case = library()["crisis-signalling"]
    first, *_ = load("crisis-signalling").stages
    added = "stages:\n  weather: {chance: {fair: 0.5, foul: 0.5}}\n"
    text = case.replace("stages:\n", added, 1)
    made = loads(laid_over(case, text, "crisis-signalling"))
    assert list(made.stages)[:2] == ["weather", first]
    assert same(made, loads(text))


def test_texts_that_are_no_models_are_told() -> None:
    for text in ("", "- a\n", "title: [", "extends: 3\n"):
        with pytest.raises(ModelError):
            departures(Found(DEMAND, "a.yaml"), Found(text, "a.yaml"))
