"""The flagship's timeline: dated, sourced, of one kind each, and on its page as it is in the case."""

from __future__ import annotations

import datetime as dt

import pytest

import detente
from detente.model.catalogue import library
from detente.model.schema import Model
from tests.cases.timeline import CASE, PAGE, renewed, repeated, told

FIRST, LAST = dt.date(2021, 12, 1), dt.date(2022, 2, 24)
TELLING = 4.0  # no sign is told apart further than this without a reason
FORTNIGHT = dt.timedelta(days=14)


@pytest.fixture(scope="module")
def model() -> Model:
    return detente.load(CASE)


def test_the_items_are_many_dated_and_sourced(model: Model) -> None:
    assert len(model.evidence) >= 30
    assert [e.day for e in model.evidence if not FIRST <= e.day <= LAST] == []
    for item in model.evidence:
        assert item.source, item
        for citation in item.source:
            source = model.sources[citation.source]
            assert source.url.startswith("https://") or "no address" in source.note, citation
            assert source.title
            assert source.published, citation


def test_no_item_cites_what_appeared_long_after_it(model: Model) -> None:
    """A report of the day, or of the days after: what was found out later is no sign of the time."""
    late = [
        (item.day, citation.source)
        for item in model.evidence
        for citation in item.source
        if isinstance(day := model.sources[citation.source].published, dt.date)
        and day - item.day > dt.timedelta(days=7)
    ]
    assert late == []


def test_every_item_is_of_one_kind_and_says_why(model: Model) -> None:
    kinds = {
        word: [e for e in model.evidence if told(e).startswith(word)] for word in ("seen", "not seen", "signal", "fact")
    }
    assert sum(map(len, kinds.values())) == len(model.evidence)
    assert all(kinds.values())
    assert [e.day for e in model.evidence if not e.means] == []
    for item in kinds["signal"]:
        assert item.signal
        assert not item.fact
        assert set(item.likelihood.shares) == {"Russia.aim"}
        assert set(item.likelihood.shares["Russia.aim"]) == {"subjugate", "bargain"}


def test_signs_are_judged_with_moderation(model: Model) -> None:
    shares = [e.likelihood.shares["Russia.aim"] for e in model.evidence if e.likelihood]
    ratios = [s["subjugate"].value / s["bargain"].value for s in shares]
    assert max(*ratios, *(1 / r for r in ratios)) <= TELLING
    assert sum(max(r, 1 / r) < 2 for r in ratios) > len(ratios) / 2  # most signs are weak
    assert min(ratios) < 1 < max(ratios)


def test_what_repeats_an_item_says_so(model: Model) -> None:
    again = repeated(library()[CASE])
    assert len(again) == len(model.evidence)
    shelling = [k for k, e in enumerate(model.evidence) if "explosions" in e.signal]
    assert len(shelling) == 4
    assert shelling == list(range(shelling[0], shelling[0] + 4))  # next to one another
    assert not again[shelling[0]]
    assert all(again[k] for k in shelling[1:])


def test_what_was_seen_is_one_move_at_a_stage_in_its_fortnight(model: Model) -> None:
    seen = [(e.day, str(e.seen)) for e in model.evidence if e.seen is not None]
    assert len(seen) >= 3
    begin = model.periods.from_
    assert begin is not None
    assert {(day - begin) // FORTNIGHT for day, _ in seen} == {0}
    stages = [next(s for s in model.stages if f"{s} is " in event) for _, event in seen]
    assert len(set(stages)) == len(stages)


def test_what_was_seen_can_happen_in_one_play(model: Model) -> None:
    together = " and ".join(f"({e.seen})" for e in model.evidence if e.seen is not None)
    study = detente.run(model, draws=20)
    assert study.ask(f"P({together})").max() > 0


def test_forecasts_have_their_event_and_deadline(model: Model) -> None:
    dated = [f for f in model.forecasts if f.event and f.deadline]
    assert len(dated) >= 8
    for said in model.forecasts:
        assert said.like is not None, said
        assert said.deadline or "no deadline named" in said.event or "soon" in said.event, said
    likes = {str(f.like) for f in dated}
    assert (
        len(likes) >= 3
    )  # an attack on the sixteenth, a march, and new territory by the end of the year are not one event
    assert [str(f.like) for f in dated if f.deadline < dt.date(2022, 3, 1)] == ["posture is invade and period == 1"]


def test_a_share_of_respondents_is_no_forecast(model: Model) -> None:
    assert [f.who for f in model.forecasts for c in f.source if model.sources[c.source].kind == "poll"] == []
    assert [e.fact for e in model.evidence for c in e.source if c.source == "trip"] != []


def test_the_page_says_what_the_case_says() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert renewed(page) == page
