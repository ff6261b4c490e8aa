"""The spring of 2021 is asked of the flagship's model: what differs is written down, and nothing else does."""

from __future__ import annotations

import detente

CHANGED = {"men", "odds", "belarus_in", "climbdown_cost", "alarm_now", "realised"}
GONE = {"alone_share", "leash", "quarrel", "gas_loss", "laurels", "rebuff", "precedence", "disloyalty"}


def test_only_what_differed_in_april_differs() -> None:
    spring, winter = (detente.load(case) for case in ("ukraine-2021", "ukraine-2022"))
    ours, theirs = spring.quantities, winter.quantities
    assert set(theirs) - set(ours) == GONE
    assert set(ours) - set(theirs) == {"summit_price"}
    differing = {name for name in set(ours) & set(theirs) if str(ours[name].value) != str(theirs[name].value)}
    assert differing == CHANGED | {"closing_window", "closing_window.weight"}
    assert set(winter.stages) - set(spring.stages) == {"visit", "leave"}
    assert set(spring.stages) - set(winter.stages) == {"summit"}
    assert spring.answer is not None
    assert winter.answer is not None
    assert str(spring.answer.asks) == str(winter.answer.asks)


def test_nothing_of_its_record_is_the_flagships() -> None:
    spring, winter = (detente.load(case) for case in ("ukraine-2021", "ukraine-2022"))
    for kind in ("evidence", "forecasts", "base_rates"):
        ours, theirs = (list(map(str, getattr(model, kind))) for model in (spring, winter))
        assert ours
        assert not set(ours) & set(theirs)
    assert max(str(e.date or e.by) for e in spring.evidence) < "2021-05-13"
    assert spring.happened is not None
    assert spring.happened.outcome == "climbdown"


def test_an_army_half_as_large_marches_less() -> None:
    spring, winter = (detente.run(case, draws=40).answer for case in ("ukraine-2021", "ukraine-2022"))
    assert spring is not None
    assert winter is not None
    assert spring.mean < 0.7 * winter.mean
