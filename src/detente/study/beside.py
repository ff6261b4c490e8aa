"""What is shown beside the claims of a solved case: choices forced instead, and what types prefer."""

from __future__ import annotations

from collections.abc import Sequence

from detente.analyse.forecast.conditioning import Conditioned, conditioned
from detente.analyse.forecast.preferences import Preference, preferences
from detente.model.check.conditioning import choices
from detente.study.memo.findings import once
from detente.study.study import Study

MOST = 200  # draws in which choices are forced: it is a comparison of means, and each choice is a game of its own


def forced_instead(study: Study, names: Sequence[str] | None = None) -> dict[str, Conditioned]:
    """The claims (of some, or all) that condition on a choice, with the choice forced, in the first draws."""
    model = study.model
    some = model.claims if names is None else names
    wanted = tuple(name for name in some if choices(model, model.claims[name].holds.expression))
    if not wanted:
        return {}

    def ask() -> dict[str, Conditioned]:
        return conditioned(study.blueprint, wanted, study.batches(MOST))

    return once(study.ready, dict[str, Conditioned], ask, "forced instead", wanted, MOST)


def preferred(study: Study) -> list[Preference]:
    """Every preference that a private type declares, in the draws that are solved."""
    if not any(kind.prefers for kind in study.model.private.values()):
        return []
    return once(study.ready, list[Preference], lambda: preferences(study.blueprint, study.batches()), "preferred")
