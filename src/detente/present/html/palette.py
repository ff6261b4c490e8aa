"""Which colour stands for what. A hue stands for one outcome and for nothing else on a page; all the rest is said in
tones of ink, from `k1` (dark) to `k5` (pale).

Wars are warm, a war that nobody chose is violet, what is settled otherwise is cool. People who see colours differently
can tell the nine hues apart (Machado, Oliveira and Fernandes 2009); what a kind has no hue left for is grey, and told
by its name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from detente.model.schema import Model

VERDICTS = {"holds": "k1", "mostly holds": "k2", "contested": "k3", "mostly fails": "k4", "fails": "k5"}
HUES = {"war": ("o1", "o2", "o3"), "accident": ("o4",), "peace": ("o5", "o6", "o7", "o8", "o9")}
BEYOND = "o0"
_ACCIDENT = re.compile(r"\b(accident\w*|mishap|inadvertent\w*|unintended|nobody chose|no one chose)\b", re.I)
_WAR = re.compile(
    r"(?<!no )(?<!without )(?<!avoid )\b(wars?|war\w*fare|attack\w*|inva\w+|fight\w*|fought|occup\w+|strikes?|struck|"
    r"conflict|victory|defeat\w*|annex\w*|seiz\w+|bomb\w*|escalat\w+)\b",
    re.I,
)


def colour(model: Model, outcome: str) -> str:
    """The class that holds the colour of an outcome."""
    return colours(model)[outcome]


def colours(model: Model) -> Mapping[str, str]:
    """A colour for each outcome: of its kind while there is one left, in the order of the file, then grey.

    A kind never borrows from another: no peace is warm.
    """
    left = {kind: iter(hues) for kind, hues in HUES.items()}
    return {name: next(left[kind_of(model, name)], BEYOND) for name in model.outcomes}


def kind_of(model: Model, outcome: str) -> str:
    """`war`, `accident` or `peace`: as the case groups its outcomes, else by what it calls them."""
    said = f"{outcome.replace('_', ' ')}: {model.outcomes[outcome].means}"
    if _ACCIDENT.search(said):
        return "accident"
    for group, members in model.groups.items():
        if outcome in members:
            return "war" if _WAR.search(group.replace("_", " ")) else "peace"
    return "war" if _WAR.search(said) else "peace"
