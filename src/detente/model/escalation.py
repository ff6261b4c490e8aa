"""Kinds of events in past crises: how often each came before violence, and where none came.

Counts of ICBe, version 1.1 (`docs/escalation/make.py` makes them of its events): of 284 crises of 1918 to 2017 that did
not begin with violence, 231 became violent. Most kinds of events tell little: the share of all that is reported that is
a mobilization is about the same on both sides.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

ICBE = (
    "Douglass, Scherer, Gannon, Gartzke and others (2024), Introducing ICBe: an event extraction dataset from "
    "narratives about international crises, Political Science Research and Methods (arXiv:2202.07081)"
)


@dataclass(frozen=True)
class Kind:
    """A kind of event: in how many crises it came before violence, and in how many in which none came, each of the sum
    of these counts over all kinds."""

    before: int
    of_before: int
    never: int
    of_never: int

    @property
    def shares(self) -> tuple[float, float]:
        """How likely an event that is reported is of this kind, where violence follows and where it does not: the means
        under Jeffreys' prior."""
        return (self.before + 0.5) / (self.of_before + 1), (self.never + 0.5) / (self.of_never + 1)

    @property
    def ratio(self) -> float:
        """By how much more likely it is where violence follows."""
        violent, calm = self.shares
        return violent / calm


@cache
def kinds() -> Mapping[str, Kind]:
    """All kinds that came in at least ten crises, by name."""
    text = (resources.files("detente.model") / "escalation.csv").read_text("utf-8")
    return {name: Kind(*map(int, counts)) for name, *counts in list(csv.reader(text.splitlines()))[1:]}
