"""A game of numbers, as Gambit's files hold it, written as a case: a YAML text of the language to go on from.

Every information set becomes a stage of its owner, played when play comes to one of its members; chance becomes stages
of chance; every payoff becomes a quantity with a name, to which a range can be given. Where there is one move only, or
one event, there is nothing to tell, and no stage. What somebody sees is the least
that the file says: a stage is hidden from those for whom it would tell apart what their information sets do not.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from detente.game.tree import CHANCE, Game, GameError, Tree
from detente.language.expressions import CALLABLE, WORDS

_TAKEN = frozenset(WORDS) | frozenset(CALLABLE) | {"outcome", "outcomes", "forecast", "period", "periods"}
_YAML = frozenset({"yes", "no", "on", "off", "true", "false", "null", "y", "n"})  # words that YAML takes for others
_LONGEST = 40  # of a name that is made from a text


@dataclass(frozen=True)
class _Stage:
    """An information set, or chance nodes below one stage that have the same events."""

    name: str
    owner: int  # -1 for chance
    nodes: tuple[int, ...]
    moves: tuple[str, ...]
    labels: tuple[str, ...]  # as the file has them


def write_case(game: Game, draw: int = 0, title: str = "") -> tuple[str, tuple[str, ...]]:
    """The text of a case, and the stage [H] that each information set has become ("" where there is no choice).

    At the same precision its one draw is the game. Raises GameError where information sets have no order in time, where
    players differ on chance, and where nobody chooses anything.
    """
    tree = game.tree
    if not np.any(np.diff(tree.action_start) > 1):
        raise GameError("nobody chooses anything in this game, so that there is no case to make of it")
    if len(tree.cut):
        sets = sorted({tree.infosets[h].name for h in tree.infoset[tree.cut].tolist()})
        raise GameError(
            f"a case runs through its stages in order, and here histories cross information sets in different orders: "
            f"{', '.join(map(repr, sets))}"
        )
    if np.any(game.chance[tree.chance_row, draw] != game.chance[tree.chance_row[:, -1:], draw]):
        raise GameError("the players see chance differently, which is no matter of a file of numbers")
    return _Writer(game, draw, title).text()


class _Writer:
    """Names for everything, and the sections of the text."""

    def __init__(self, game: Game, draw: int, title: str) -> None:
        self.game, self.tree, self.draw, self.title = game, game.tree, draw, title
        self.used: set[str] = {"rationality"}
        self.actors = [_named(player, f"player_{p + 1}", self.used) for p, player in enumerate(self.tree.players)]
        self.stages = list(self._stages())
        self.stage_of = {x: s for s, stage in enumerate(self.stages) for x in stage.nodes}
        self.endings = self._endings()
        self.paid = [
            {ending: _named(f"{actor}_has_{ending}", "", self.used) for ending in self.endings} for actor in self.actors
        ]

    def text(self) -> tuple[str, tuple[str, ...]]:
        tree = self.tree
        parts = [
            "# Written from a game of numbers by `detente import`. Give ranges to what is not known exactly (such as",
            "# `value: 0.5 to 2`), and names, meanings and sources to everything: docs/language.md.",
            "",
            "detente: 1",
            f"title: {_quoted(self.title or 'A game')}",
            "",
            "actors:",
            *(f"  {_word(name)}: {_quoted(player)}" for name, player in zip(self.actors, tree.players, strict=True)),
            "",
            *self._quantities(),
            "",
            "stages:",
            *(line for s in range(len(self.stages)) for line in self._stage(s)),
            "",
            "outcomes:",
            *(self._outcome(name, ends) for name, ends in self.endings.items()),
            "",
            "payoffs:",
            *(line for p in range(tree.n_players) for line in self._payoffs(p)),
        ]
        where = {int(self.tree.infoset[s.nodes[0]]): s.name for s in self.stages if s.owner >= 0}
        return "\n".join(parts) + "\n", tuple(where.get(h, "") for h in range(tree.n_infosets))

    def _stages(self) -> Iterable[_Stage]:
        """All stages, each before whatever comes after it."""
        tree, chance, told = self.tree, self._chance(), set[int]()
        for item in tree.order.tolist():
            if item < 0:
                nodes = chance[-1 - item]
                if nodes[0] in told:
                    continue
                told.add(nodes[0])
                owner, name, fallback = -1, "", f"chance_{len(told)}"
            else:
                nodes = tuple(tree.members[tree.member_start[item] : tree.member_start[item + 1]].tolist())
                info = tree.infosets[item]
                owner, name = info.player, info.name
                if name == f"{tree.players[owner]}:{info.number}" or name in tree.players:
                    name = ""
                fallback = f"{self.actors[owner]}_moves_{info.number or item + 1}"
            labels, own = _labels(tree, nodes[0]), set[str]()
            if len(labels) == 1:
                continue
            moves = tuple(_named(label, f"move_{k + 1}", own) for k, label in enumerate(labels))
            yield _Stage(_named(name, fallback, self.used), owner, nodes, moves, labels)

    def _chance(self) -> dict[int, tuple[int, ...]]:
        """For every chance node those that are one stage with it: below the same stage, with the same events."""
        tree = self.tree
        groups: dict[Hashable, list[int]] = {}
        for x in np.flatnonzero(tree.kind == CHANCE).tolist():
            above = int(tree.parent[x])
            place = ("set", int(tree.infoset[above])) if above >= 0 and tree.infoset[above] >= 0 else ("node", above)
            edges = slice(int(tree.chance_start[x]), int(tree.chance_start[x] + tree.children[x]))
            key = (place, tuple(tree.chance_row[edges, -1].tolist()), _labels(tree, x))
            groups.setdefault(key, []).append(x)
        return {x: tuple(nodes) for nodes in groups.values() for x in nodes}

    def _endings(self) -> dict[str, list[int]]:
        """Terminal nodes by outcome: those that pay the same, and are called the same if they are called anything."""
        tree, own = self.tree, set[str]()
        groups: dict[tuple[str, int], list[int]] = {}
        for x in tree.terminals.tolist():
            groups.setdefault((str(tree.tags[x] or ""), int(tree.slot[x])), []).append(x)
        return {
            _named(tag or self._after(g), f"ending_{k + 1}", own): g for k, ((tag, _), g) in enumerate(groups.items())
        }

    def _after(self, ends: Sequence[int]) -> str:
        """What an outcome is called that the file has no name for: after the last move, if that is always the same."""
        last = {self.tree.labels[x] for x in ends}
        return f"after {next(iter(last))}" if len(last) == 1 and all(last) else ""

    def _outcome(self, name: str, ends: Sequence[int]) -> str:
        way = [self.tree.labels[x] for x in self.tree.path(ends[0])] if len(ends) == 1 else []
        means = f", means: {_quoted(', '.join(way))}" if len(way) > 1 else ""
        return f"  {_word(name)}: {{when: {self._when(ends)}{means}}}"

    def _quantities(self) -> Iterable[str]:
        yield "quantities:"
        yield "  rationality:"
        yield "    value: 5                     # the precision of all choices, which a file of numbers does not hold"
        yield "    unit: 1/stake"
        yield "    role: precision"
        yield "    means: how reliably everybody makes the better choice"
        for name, ends in self.endings.items():
            for p in range(len(self.actors)):
                value = float(self.game.payoffs[self.tree.slot[ends[0]], p, self.draw])
                means = _quoted(f"what {self.tree.players[p]} has from {name}")
                yield f"  {self.paid[p][name]}: {{value: {_number(value)}, unit: stake, means: {means}}}"

    def _stage(self, s: int) -> Iterable[str]:
        stage, tree = self.stages[s], self.tree
        yield f"  {_word(stage.name)}:"
        if stage.owner < 0:
            edges = int(tree.chance_start[stage.nodes[0]]) + np.arange(len(stage.moves))
            odds = self.game.chance[tree.chance_row[edges, -1], self.draw].tolist()
            shares = [*map(_share, odds[:-1]), "otherwise"]
            listed = ", ".join(f"{_word(m)}: {share}" for m, share in zip(stage.moves, shares, strict=True))
            yield f"    chance: {{{listed}}}"
        else:
            yield f"    actor: {_word(self.actors[stage.owner])}"
            if stage.moves == stage.labels:
                yield f"    moves: [{', '.join(map(_word, stage.moves))}]"
            else:
                named = zip(stage.moves, stage.labels, strict=True)
                yield f"    moves: {{{', '.join(f'{_word(move)}: {_quoted(label)}' for move, label in named)}}}"
        if self._last(stage.nodes[0]):
            yield f"    when: {self._when(stage.nodes)}"
        if blind := [_word(self.actors[p]) for p in range(tree.n_players) if p != stage.owner and not self._sees(p, s)]:
            yield f"    hidden_from: [{', '.join(blind)}]"

    def _payoffs(self, player: int) -> Iterable[str]:
        yield f"  {_word(self.actors[player])}:"
        for name in self.endings:
            yield f"    {_word(name)}: {self.paid[player][name]} * (outcome is {name})"

    def _sees(self, player: int, s: int) -> bool:
        """Whether what happened at a stage tells a player nothing that its information sets do not tell it."""
        tree = self.tree
        for h in np.flatnonzero(tree.owner == player).tolist():
            members = tree.members[tree.member_start[h] : tree.member_start[h + 1]].tolist()
            if len({self._happened(x, s) for x in members}) > 1:
                return False
        return True

    def _last(self, x: int) -> tuple[int, int, int] | None:
        """The last stage on the way to a node, its move, and the node at which it was made; None if there was none."""
        while x > 0:
            above = int(self.tree.parent[x])
            if above in self.stage_of:
                return self.stage_of[above], x - int(self.tree.first_child[above]), above
            x = above
        return None

    def _happened(self, x: int, s: int) -> int:
        """Which move was made at a stage on the way to a node, -1 if it was not played."""
        while last := self._last(x):
            if last[0] == s:
                return last[1]
            x = last[2]
        return -1

    def _when(self, nodes: Sequence[int]) -> str:
        """The condition that holds where play has come to one of some nodes, as a YAML text."""
        came: dict[tuple[int, int], list[int]] = {}
        for x in nodes:
            if last := self._last(x):
                came.setdefault(last[:2], []).append(x)
        whole: dict[int, list[int]] = {}  # by stage the moves that lead here from all its nodes
        terms = []
        for (s, k), some in came.items():
            if len(some) == len(self.stages[s].nodes):
                whole.setdefault(s, []).append(k)
            else:
                terms += [" and ".join(self._way(x)) for x in some]
        sure = [self._made(s, moves) for s, moves in whole.items()]
        several = len(sure) + len(terms) > 1
        return _quoted(" or ".join([*sure, *(f"({term})" if several and " and " in term else term for term in terms)]))

    def _way(self, x: int) -> list[str]:
        """The moves on the way to a node that tell it from other nodes of the same stage."""
        steps: list[str] = []
        while last := self._last(x):
            s, move, x = last
            steps.insert(0, self._made(s, [move]))
            if len(self.stages[s].nodes) == 1:
                break
        return steps

    def _made(self, s: int, moves: Sequence[int]) -> str:
        stage = self.stages[s]
        if len(moves) == 1:
            return f"{stage.name} is {stage.moves[moves[0]]}"
        return f"{stage.name} in [{', '.join(stage.moves[k] for k in sorted(moves))}]"


def _labels(tree: Tree, x: int) -> tuple[str, ...]:
    first = int(tree.first_child[x])
    return tree.labels[first : first + int(tree.children[x])]


def _named(text: str, fallback: str, used: set[str]) -> str:
    """A name of the language that nothing else has, as near to a text as can be."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    word = re.sub(r"\W+", "_", plain, flags=re.ASCII).strip("_")[:_LONGEST].rstrip("_")
    if not re.match(r"[A-Za-z]", word):
        word = f"{fallback}_{word}" if word and not fallback.endswith(word) else fallback
    if word in _TAKEN:
        word = f"{word}_"
    name, k = word, 1
    while name in used:
        k += 1
        name = f"{word}_{k}"
    used.add(name)
    return name


def _word(name: str) -> str:
    """A name as a key or an entry of YAML."""
    return f"'{name}'" if name.lower() in _YAML else name


def _quoted(text: str) -> str:
    """A text as YAML reads it whatever it holds, without quotation marks where they are not needed."""
    plain = re.fullmatch(r"[A-Za-z](?:[\w .()/'-]*[\w.)'])?", text, re.ASCII) and text.lower() not in _YAML
    return text if plain else json.dumps(text, ensure_ascii=False)


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _share(probability: float) -> str:
    """A probability as a fraction, where a simple one is meant, or a decimal."""
    near = Fraction(probability).limit_denominator(10_000)
    exact = float(near) == probability and len(str(near)) < len(repr(probability))
    return str(near) if exact else repr(probability)
