"""Gambit's .nfg files: a table of payoffs becomes a Game in which all move at the same time, and back.

The format: https://gambitproject.readthedocs.io/en/latest/formats.nfg.html, with payoffs or with outcomes.
"""

from __future__ import annotations

from collections.abc import Hashable
from itertools import product
from math import prod

import numpy as np

from detente.arrays import Floats
from detente.game.files.tokens import Reader, quoted
from detente.game.tree import DECISION, TERMINAL, Game, GameError, Infoset, Node, Tree


def read_nfg(text: str, precision: float = 1.0, file: str = "<nfg>") -> Game:
    """The game in the text of an .nfg file, with the same precision for every player.

    Players move one after another in the tree, and nobody sees what the others did. Raises GameError where the text is
    not such a file, with its place.
    """
    reader = _Reader(text, file)
    players, strategies = reader.header()
    payoffs = reader.table(len(players), prod(map(len, strategies)))
    infosets: dict[Hashable, Infoset] = {
        p: Infoset(p, player, tuple(own), number=1)
        for p, (player, own) in enumerate(zip(players, strategies, strict=True))
    }

    def grow(chosen: tuple[int, ...]) -> Node:
        p = len(chosen)
        if p == len(players):
            slot, width = 0, 1
            for k, own in zip(chosen, strategies, strict=True):  # the first player's strategies run fastest
                slot, width = slot + k * width, width * len(own)
            return Node(TERMINAL, slot=slot)
        children = [grow((*chosen, k)) for k in range(len(strategies[p]))]
        for child, label in zip(children, strategies[p], strict=True):
            child.label = label
        return Node(DECISION, children, key=p)

    tree = Tree.grow(grow(()), players, infosets)
    return Game(tree, payoffs[:, :, None], np.zeros((0, 1)), np.full((len(players), 1), precision))


def write_nfg(game: Game, draw: int = 0, title: str = "") -> str:
    """The text of an .nfg file with one draw of a game in which everybody moves once, unseen by the others.

    Raises GameError for any other game; write those as .efg.
    """
    tree = game.tree
    alone = tree.n_infosets == tree.n_players and len(set(tree.owner.tolist())) == tree.n_players
    if not alone or len(tree.chance_row) or len(tree.terminals) != prod(np.diff(tree.action_start).tolist()):
        raise GameError("an .nfg file is for games in which everybody moves once, unseen by the others; use .efg")
    sets = np.argsort(tree.owner)
    names = [tree.infosets[h].actions for h in sets]
    listed = "\n".join(f"{{ {' '.join(map(quoted, own))} }}" for own in names)
    lines = [f"NFG 1 R {quoted(title)} {{ {' '.join(map(quoted, tree.players))} }}", f"{{ {listed} }}", '""', ""]
    for chosen in product(*(range(len(own)) for own in names[::-1])):
        move = dict(zip(sets[::-1].tolist(), chosen, strict=True))
        x = 0
        while tree.kind[x] == DECISION:
            x = int(tree.first_child[x]) + move[int(tree.infoset[x])]
        lines.append(" ".join(repr(float(amount)) for amount in game.payoffs[tree.slot[x], :, draw]))
    return "\n".join(lines) + "\n"


class _Reader(Reader):
    """The parts of a file in order."""

    def header(self) -> tuple[list[str], list[list[str]]]:
        """Players, and their strategies by name (numbers, where only their count is given)."""
        for expected in ("NFG", "1"):
            self.word(expected)
        self.word("R", "D")
        self.text()
        players = self._texts()
        if not players:
            raise self.wrong("the name of a player before it, in quotation marks", self.last)
        self.mark("{")
        strategies = []
        for _ in players:
            if self.peek().value == "{":
                strategies.append(self._texts())
            else:
                strategies.append([str(k + 1) for k in range(self._between(1, max(self.left, 1)))])
            if not strategies[-1]:
                raise self.wrong("the name of a strategy before it, in quotation marks", self.last)
        self.mark("}")
        if self.peek().kind == "text":
            self.text()  # a comment
        return players, strategies

    def table(self, n_players: int, n_profiles: int) -> Floats:
        """[S, P] the payoffs of all combinations of strategies, those of the first player fastest."""
        if self.peek().value != "{":
            numbers = [float(self.number()) for _ in range(n_profiles * n_players)]
            table = np.array(numbers).reshape(n_profiles, n_players)
        else:
            self.mark("{")
            outcomes = [[0.0] * n_players]
            while self.peek().value == "{":
                self.mark("{")
                self.text()
                outcomes.append([float(amount) for amount in self.payoffs(n_players)])
            if self.peek().value != "}":
                raise self.wrong("an outcome in braces, or the end of them")
            self.mark("}")
            chosen = [self._between(0, len(outcomes) - 1) for _ in range(n_profiles)]
            table = np.array(outcomes)[chosen]
        self.finish(f"there are payoffs for all {n_profiles} combinations of strategies")
        return table

    def _texts(self) -> list[str]:
        """Texts in braces."""
        self.mark("{")
        found = []
        while self.peek().value != "}" or self.peek().kind == "text":
            found.append(self.text())
        self.mark("}")
        return found

    def _between(self, least: int, most: int) -> int:
        token = self.peek()
        number = self.number()
        if number.denominator != 1 or not least <= number <= most:
            raise self.wrong(f"a whole number between {least} and {most}", token)
        return int(number)
