"""From derivatives by the numbers of a Game to those by the quantities that its formulas are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from detente.arrays import Bools, Floats
from detente.draws.derivatives import Chain, Seen
from detente.game.blueprint import Blueprint
from detente.language.derivatives import pull
from detente.remembered import remembered


@dataclass(eq=False)
class Slope:
    """Derivatives of m readings of n draws, added up while they are on their way to the quantities.

    `rows[actor]` are those by rows of the tape in an actor's eyes ("" the truth), `quantities` those by quantities as
    they enter the game, [m, n] each.
    """

    blueprint: Blueprint
    chain: Chain
    m: int
    rows: dict[str, dict[int, Floats]] = field(default_factory=dict)
    quantities: dict[Seen, Floats] = field(default_factory=dict)

    def by_row(self, eyes: str | None, row: int, slope: Floats) -> None:
        """Add derivatives [m, n] by a row of the tape in somebody's eyes."""
        if self.blueprint.tape.constant(row) is not None:
            return
        mine = self.rows.setdefault(self._eyes(eyes), {})
        mine[row] = mine[row] + slope if row in mine else slope

    def by_quantity(self, eyes: str | None, name: str, slope: Floats) -> None:
        """Add derivatives [m, n] by a quantity in somebody's eyes."""
        key = self.chain.key(eyes or "", name)
        self.quantities[key] = self.quantities[key] + slope if key in self.quantities else slope

    def by_game(
        self, payoffs: Floats, chance: Floats, precision: Floats, log_default: Floats, eyes: str | None = None
    ) -> None:
        """Add derivatives by the numbers of `Blueprint.game(draws, eyes)`: [m, S, P, n], [m, K, n], [m, P, n], and
        [m, A, n] by the logarithms of the default."""
        blueprint = self.blueprint
        for p, player in enumerate(blueprint.tree.players):
            rows, counts = _payoff_rows(blueprint, p)
            if rows:
                slopes = np.einsum("rs,msn->rmn", counts, payoffs[:, :, p], optimize=True)
                for row, slope in zip(rows, slopes, strict=True):
                    self.by_row(player if eyes is None else eyes, row, slope)
            if name := blueprint.model.precision_of(player):
                self.by_quantity(eyes, name, precision[:, p])
        self.by_chance(chance, eyes)
        for (owner, row), actions in _default_rows(blueprint).items():
            self.by_row(
                blueprint.tree.players[owner] if eyes is None else eyes, row, log_default[:, actions].sum(axis=1)
            )

    def by_chance(self, chance: Floats, eyes: str | None = None) -> None:
        """Add derivatives [m, K, n] by the chance probabilities of `Blueprint.game(draws, eyes)`."""
        for k, (row, viewer) in enumerate(self.blueprint.chance_rows):
            view = eyes if eyes is not None else (None if viewer < 0 else self.blueprint.tree.players[viewer])
            self.by_row(view, row, chance[:, k])

    def through_tape(self) -> tuple[Mapping[Seen, Floats], Bools]:
        """All derivatives by quantities as they enter the game; [n] the draws on a non-differentiable point of a
        formula."""
        draws, kinked = self.chain.draws, np.zeros(self.chain.draws.n, np.bool_)
        for eyes, rows in self.rows.items():
            found, kinks = pull(self.blueprint.tape, list(rows), np.array(list(rows.values())), draws.seen_by(eyes))
            kinked |= kinks
            for name, slope in found.items():
                self.by_quantity(eyes, name, slope)
        self.rows = {}
        return self.quantities, kinked

    def _eyes(self, eyes: str | None) -> str:
        """Whose eyes matter: those of an actor that sees everything as it is are nobody's."""
        return eyes if eyes and self.chain.draws.views.get(eyes) else ""


@remembered
def _default_rows(blueprint: Blueprint) -> dict[tuple[int, int], list[int]]:
    """The rows of the logarithms of weights of moves that draws can change, with who makes these moves, and for each
    the actions that have that weight."""
    tree, found = blueprint.tree, dict[tuple[int, int], list[int]]()
    owners = tree.owner[tree.action_infoset].tolist()
    for action, row in enumerate(blueprint.log_default):
        if blueprint.tape.constant(row) is None:
            found.setdefault((owners[action], row), []).append(action)
    return found


@remembered
def _payoff_rows(blueprint: Blueprint, player: int) -> tuple[list[int], Floats]:
    """The rows of the tape that a player's payoffs are made of and that draws can change, and how often each counts at
    every slot, [rows, S]."""
    terms = blueprint.payoff_terms[player]
    rows = [row for row in dict.fromkeys(r for term in terms for r in term) if blueprint.tape.constant(row) is None]
    where = {row: k for k, row in enumerate(rows)}
    counts = np.zeros((len(rows), blueprint.n_slots))
    for term in terms:
        for slot, row in enumerate(term):
            if row in where:
                counts[where[row], slot] += 1.0
    return rows, counts
