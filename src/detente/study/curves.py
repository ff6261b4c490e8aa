"""The long arrays of answers with their labels: a tipping line, a map, a forecast day by day."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from detente.analyse.evidence.updating import Band
from detente.analyse.finding import Finding
from detente.analyse.thresholds.regimes import Regimes
from detente.analyse.thresholds.tipping import Tipping
from detente.errors import QuestionError
from detente.study.labelled import Labelled
from detente.study.questions.update import Updated

STATISTIC = ("mean", "low", "high", "error")
"""Along the axis `statistic`: the mean, the ends of the 90% interval, and the standard error of the mean."""


def curves(answer: object) -> Labelled:
    """The arrays of an answer. Raises QuestionError for one that has none."""
    if type(answer) not in _MADE:
        raise QuestionError(
            f"a {type(answer).__name__} holds no long arrays; a Study does, and what `tip`, `tip_map` and `update` find"
        )
    return _MADE[type(answer)](answer)


def _numbers(found: Sequence[Finding | Band]) -> npt.NDArray[np.float64]:
    """[points, 4] means, intervals and errors."""
    rows = [(f.value if isinstance(f, Finding) else f.mean, f.low, f.high, f.error) for f in found]
    return np.array(rows, float).reshape(len(rows), len(STATISTIC))


def _along(named: Mapping[str, Sequence[Finding | Band]], points: int) -> npt.NDArray[np.float64]:
    """[names, points, 4]"""
    return np.array([_numbers(row) for row in named.values()]).reshape(len(named), points, len(STATISTIC))


def _names(*names: str) -> npt.NDArray[Any]:
    return np.array(names, dtype=str)


def _line(found: Tipping) -> Labelled:
    """Along a quantity, [outcome, quantity, statistic] and the like; the dimension is called as the quantity is."""
    q, n = found.quantity, len(found.grid)
    arrays: dict[str, tuple[tuple[str, ...], npt.NDArray[Any]]] = {
        "outcome_probability": (("outcome", q, "statistic"), _along(found.outcomes, n)),
        "claim_holds": (("claim", q, "statistic"), _along(found.claims, n)),
        "most_likely": ((q,), _names(*found.likeliest)),
    }
    if found.answer:
        arrays["answer"] = ((q, "statistic"), _numbers(found.answer))
    labels = {
        q: found.grid, "outcome": _names(*found.outcomes), "claim": _names(*found.claims),
        "statistic": _names(*STATISTIC),
    }  # fmt: skip
    return Labelled(arrays, labels, {"quantity": q, "median": found.centre, "draws": found.draws})


def _map(found: Regimes) -> Labelled:
    """Over two quantities, [second, first]: what holds at each point, by the name of what is looked at."""
    across, up = found.quantities
    where = (up, across)
    arrays: dict[str, tuple[tuple[str, ...], npt.NDArray[Any]]] = {
        one.what.replace(" ", "_"): (where, np.array(one.legend, dtype=str)[one.labels]) for one in found.maps
    }
    if found.answer is not None:
        arrays["answer"] = (where, found.answer)
    medians = {f"median of {name}": value for name, value in zip(found.quantities, found.here, strict=True)}
    return Labelled(arrays, {across: found.grids[0], up: found.grids[1]}, medians)


def _days(found: Updated) -> Labelled:
    """Day by day, [outcome, date, statistic] and the like."""
    days = found.dates
    outcomes = {name: [day.outcomes[name] for day in days] for name in found.before.outcomes}
    arrays: dict[str, tuple[tuple[str, ...], npt.NDArray[Any]]] = {
        "outcome_probability": (("outcome", "date", "statistic"), _along(outcomes, len(days))),
        "ess": (("date",), np.array([day.ess for day in days], float)),
    }
    answers = [day.answer for day in days if day.answer is not None]
    if len(answers) == len(days):
        arrays["answer"] = (("date", "statistic"), _numbers(answers))
    labels = {
        "date": np.array([day.date.isoformat() for day in days], dtype="datetime64[ns]"),
        "outcome": _names(*outcomes), "statistic": _names(*STATISTIC),
    }  # fmt: skip
    return Labelled(arrays, labels, {"answer": found.says, "draws": found.draws})


_MADE: dict[type, Callable[[Any], Labelled]] = {Tipping: _line, Regimes: _map, Updated: _days}
