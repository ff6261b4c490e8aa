"""Every case of the library is loaded, compiled, solved and certified, and its statics are tried."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

import detente
from detente.model.catalogue import library
from detente.model.check.check import check
from detente.study.beside import preferred
from tests.cases.editions import LARGE, one_large

CASES = sorted(library())


def draws_for(case: str) -> int:
    return 60 if case in LARGE or detente.load(case).structures else 300


@pytest.mark.parametrize("case", CASES)
def test_case_is_sound(case: str) -> None:
    model = detente.load(case)
    blueprint = detente.compile_model(model)
    told = (
        "this conditions on what is chosen",
        "no deadline, and the answer has",
    )  # answered on the pages of the cases
    assert [p for p in check(model) if not any(what in p.message for what in told)] == []
    assert blueprint.warnings == ()
    study = detente.run(model, draws=draws_for(case))
    assert study.converged.mean() >= 0.99
    assert model.title
    assert model.question


@pytest.mark.parametrize("case", [c for c in sorted(one_large()) if detente.load(c).statics])
def test_statics_of_the_case_hold(case: str) -> None:
    """Of cases with rival structures that none goes the other way in few draws; pages say in how many all hold."""
    failing = {
        r.name: (r.effect.low, r.effect.high) for r in detente.statics(case, draws=draws_for(case)) if not r.holds
    }
    if draws_for(case) < 300:
        failing = {name: (low, high) for name, (low, high) in failing.items() if not low <= 0 <= high}
    assert failing == {}


@pytest.mark.parametrize("case", CASES)
def test_every_quantity_has_a_source(case: str) -> None:
    model = detente.load(case)
    bare = [n for n, q in model.quantities.items() if not q.source and q.role == "" and not q.means]
    assert bare == []


def test_the_flagship_has_what_the_article_argues() -> None:
    model = detente.load("ukraine-2022")
    article = [name for name, m in model.mechanisms.items() if m.source[0].source == "article"]
    assert len(article) == 13
    assert set(model.mechanisms) - set(article) == {"essay", "instruments", "gas_grip"}  # not the article's own
    assert {s.mechanism for s in model.statics.values()} == set(model.mechanisms)
    assert len(model.claims) >= 12
    assert set(model.actors) >= {"Russia", "USA", "Ukraine", "Italy"}
    assert {name.split(".")[0] for name in model.private} >= {"Russia", "USA"}
    assert model.periods.count >= 3
    for name, quantity in model.quantities.items():
        assert quantity.source, f"{name} has no source"
        assert quantity.because, f"{name} has no reasoning"
    for claim in model.claims.values():
        assert claim.says
        assert claim.source
    for name, source in model.sources.items():
        assert source.note, f"{name} does not say when it was looked up"
        assert source.url or "no address" in source.note, f"{name} has no address and does not say why"
        parts = urlsplit(source.url)
        assert not source.url or parts.path.strip("/") or parts.query, (
            f"{name} has the address of a site, not of a page"
        )
        assert "retrieved 20" in source.note or not source.url, f"{name} does not say when it was looked up"
    assert set(structures := model.structures) == {"limited_option", "closing_window"}
    assert all(structure.because and structure.source for structure in structures.values())


def test_every_sentence_of_the_article_has_its_place() -> None:
    model = detente.load("ukraine-2022")
    page = (Path(__file__).parents[2] / "docs" / "ukraine-2022.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (\d+) \| .* \| (`.*`) \|$", page, re.MULTILINE)
    assert [int(sentence) for sentence, _, _ in rows] == list(range(1, 36))
    assert [int(paragraph) for _, paragraph, _ in rows] == sorted(int(paragraph) for _, paragraph, _ in rows)
    known = {*model.quantities, *model.stages, *model.state, *model.outcomes, *model.claims, *model.statics}
    known |= {f"{name}.{result}" for name, stage in model.stages.items() for result in stage.results}
    known |= {f"{actor}.{term}" for actor, terms in model.payoffs.items() for term in terms}
    named = [name for _, _, names in rows for name in re.findall(r"`([^`]*)`", names)]
    assert [name for name in named if name not in known] == []


def test_types_of_the_flagship_mean_what_they_say() -> None:
    assert min(found.share.value for found in preferred(detente.run("ukraine-2022", draws=60))) >= 0.9


def test_the_flagship_does_not_hang_on_how_time_is_cut() -> None:
    how = {"draws": 40, "without": ["limited_option", "closing_window"]}
    (_, halved) = detente.variants("ukraine-2022", slices=[2], **how).solved
    assert max(abs(change.value) for change in halved.changes.values()) < 0.04


def test_moscow_of_the_kremlin_variant_expects_more_from_an_invasion() -> None:
    base, rosy = (detente.run(case, draws=60) for case in ("ukraine-2022", "ukraine-2022-kremlin"))
    question = "U(Russia given posture is invade)"
    assert (rosy.ask(question) - base.ask(question)).mean() > 0
