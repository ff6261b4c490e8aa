"""Gambit's .nfg files: a table of payoffs becomes a Game in which all move at the same time, and back.

The format: https://gambitproject.readthedocs.io/en/latest/formats.nfg.html, with payoffs or with outcomes.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from fractions import Fraction
from itertools import product
from math import prod

import numpy as np

from detente.arrays import Floats
from detente.game.files.efg import as_number, quoted, unquoted
from detente.game.tree import DECISION, TERMINAL, Game, GameError, Infoset, Node, Tree

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{},]|[^\s{},"]+', re.DOTALL)


def read_nfg(text: str, precision: float = 1.0, file: str = "<nfg>") -> Game:
    """The game in the text of an .nfg file, with the same precision for every player.

    Players move one after another in the tree, and nobody sees what the others did. Raises GameError where the text is
    not such a file.
    """
    reader = _Reader(_TOKEN.findall(text.removeprefix("\ufeff")), file)
    players, strategies = reader.header()
    payoffs = reader.payoffs(len(players), prod(map(len, strategies)))
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


class _Reader:
    """Tokens, one after another."""

    def __init__(self, tokens: list[str], file: str) -> None:
        self._tokens = tokens
        self._file = file
        self._at = 0

    def header(self) -> tuple[list[str], list[list[str]]]:
        """Players, and their strategies by name (numbers, where only their count is given)."""
        for word in ("NFG", "1"):
            self._expect(word)
        if self._take() not in ("R", "D"):
            raise self._wrong("R or D")
        self._text()
        self._expect("{")
        players = self._texts()
        if not players:
            raise self._wrong("the name of a player, in quotation marks")
        self._expect("{")
        strategies = []
        for _ in players:
            if self._peek() == "{":
                self._take()
                strategies.append(self._texts())
            else:
                strategies.append([str(k + 1) for k in range(self._whole(1, len(self._tokens)))])
            if not strategies[-1]:
                raise self._wrong("the name of a strategy, in quotation marks")
        self._expect("}")
        if self._peek().startswith('"'):
            self._text()  # a comment
        return players, strategies

    def payoffs(self, n_players: int, n_profiles: int) -> Floats:
        """[S, P] the payoffs of all combinations of strategies, those of the first player fastest."""
        if self._peek() != "{":
            numbers = [float(self._number()) for _ in range(n_profiles * n_players)]
            table = np.array(numbers).reshape(n_profiles, n_players)
        else:
            self._take()
            outcomes = [[0.0] * n_players]
            while self._peek() == "{":
                self._take()
                self._text()
                amounts = []
                while self._peek() != "}":
                    amounts.append(float(self._number()))
                    if self._peek() == ",":
                        self._take()
                self._take()
                if len(amounts) != n_players:
                    raise self._wrong(f"{n_players} payoffs for each outcome rather than {len(amounts)}")
                outcomes.append(amounts)
            self._expect("}")
            chosen = [self._whole(0, len(outcomes) - 1) for _ in range(n_profiles)]
            table = np.array(outcomes)[chosen]
        if self._at < len(self._tokens):
            raise self._wrong(f"the end of the file after {n_profiles} combinations of strategies")
        return table

    def _texts(self) -> list[str]:
        found = []
        while self._peek() != "}":
            found.append(self._text())
        self._take()
        return found

    def _text(self) -> str:
        token = self._take()
        if not token.startswith('"'):
            raise self._wrong("a text in quotation marks")
        return unquoted(token)

    def _number(self) -> Fraction:
        number = as_number(self._take())
        if number is None:
            raise self._wrong("a number, such as 2, -0.5 or 1/3")
        return number

    def _whole(self, least: int, most: int) -> int:
        number = self._number()
        if number.denominator != 1 or not least <= number <= most:
            raise self._wrong(f"a whole number between {least} and {most}")
        return int(number)

    def _expect(self, token: str) -> None:
        if self._take() != token:
            raise self._wrong(repr(token))

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        self._at += 1
        return self._tokens[self._at - 1] if self._at <= len(self._tokens) else ""

    def _wrong(self, expected: str) -> GameError:
        found = self._tokens[self._at - 1] if self._at <= len(self._tokens) else "the end of the file"
        return GameError(f"{self._file}: found {found}, expected {expected}")
