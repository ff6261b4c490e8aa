"""Every case of the library is loaded, compiled, solved and certified, and its statics are tried."""

from __future__ import annotations

import pytest

import detente
from detente.model.catalogue import library
from detente.model.check.check import check

CASES = sorted(library())


@pytest.mark.parametrize("case", CASES)
def test_case_is_sound(case: str) -> None:
    model = detente.load(case)
    blueprint = detente.compile_model(model)
    assert [p for p in check(model) if "this conditions on what is chosen" not in p.message] == []
    assert blueprint.warnings == ()
    study = detente.run(model, draws=300)
    assert study.converged.mean() >= 0.99
    assert model.title
    assert model.question


@pytest.mark.parametrize("case", [c for c in CASES if detente.load(c).statics])
def test_statics_of_the_case_hold(case: str) -> None:
    failing = {r.name: (r.effect.low, r.effect.high) for r in detente.statics(case, draws=300) if not r.holds}
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
    assert set(model.mechanisms) - set(article) == {"essay"}
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


def test_moscow_of_the_kremlin_variant_expects_more_from_an_invasion() -> None:
    base, rosy = (detente.run(case, draws=300) for case in ("ukraine-2022", "ukraine-2022-kremlin"))
    question = "U(Russia given posture is invade)"
    assert (rosy.ask(question) - base.ask(question)).mean() > 0
