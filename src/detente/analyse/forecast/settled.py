"""Whether a claim tests anything: what comes out the same whatever the numbers are was built in.

A claim is *built in* if the tree alone settles it (`structure`), or if it comes out the same in practically all draws,
and still does in nearly all with every range doubled. One that comes out the same with nearly any behaviour drawn at
random restates its inputs: the numbers of the file decide it, and no behaviour that was solved for. From few draws or
tries neither is said.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from detente.analyse.forecast.claims import Question
from detente.analyse.forecast.structure import Structure
from detente.arrays import Floats
from detente.display import Displayed

PRACTICALLY_ALL = 0.999  # of the draws
NEARLY_ALL = 0.95  # of those with every range doubled
ALIKE = 0.98  # of the tries with behaviour drawn at random
DRAWS, TRIES = 100, 400  # so many draws must judge a claim, and so many tries, before it is said to restate inputs
DOUBLED = 2.0  # times the normal score of every source of uncertainty
STRUCTURE, RANGES = "structure", "ranges"


@dataclass(frozen=True)
class Settled(Displayed):
    """What settles a claim beside the equilibrium.

    `built_in`: `structure` or `ranges`, or empty if it is not. `widened`: the share of draws with every range doubled
    in which it comes out as it mostly does (nan where that was not tried). `tries`: draws with behaviour drawn at
    random that could judge it, and `alike`: the share of them in which it comes out as with the solved behaviour (nan
    for none); `restates`: that this is practically always, in enough of them, and it is not built in.
    """

    built_in: str
    widened: float
    alike: float
    restates: bool
    tries: int


def extreme(held: Floats) -> bool:
    """Whether a claim comes out the same in practically all draws that can judge it; `held` [n], 1, 0 or nan."""
    judged = held[~np.isnan(held)]
    return bool(len(judged)) and abs(float(judged.mean()) - 0.5) >= PRACTICALLY_ALL - 0.5


def settle(question: Question, held: Floats, same: Floats, widened: Floats | None) -> Settled:
    """What settles a claim: from its value in n draws, its `likeness`, and its value in draws of a wider prior."""
    if not np.isnan(held).all() and Structure(question).bounds in ((0, 0), (1, 1)):
        return Settled(STRUCTURE, float("nan"), 1.0, False, 0)
    share = float("nan")
    if widened is not None and len(judged := widened[~np.isnan(widened)]):
        share = float((judged == (np.nanmean(held) > 0.5)).mean())
    built_in = extreme(held) and share >= NEARLY_ALL
    alike = float(same.mean()) if len(same) else float("nan")
    enough = int((~np.isnan(held)).sum()) >= DRAWS and len(same) >= TRIES
    restates = not built_in and enough and alike >= ALIKE
    return Settled(RANGES if built_in else "", share, alike, restates, len(same))
