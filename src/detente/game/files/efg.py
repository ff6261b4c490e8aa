"""Gambit's .efg files, both ways: an extensive game with numbers becomes a Game of one draw, and back.

The format: https://gambitproject.readthedocs.io/en/latest/formats.efg.html. Outcomes at inner nodes are added up along
the path to each outcome; what a file leaves out after an information set or outcome was first described is looked up.
"""

from __future__ import annotations

from collections.abc import Hashable
from fractions import Fraction

import numpy as np

from detente.errors import Place
from detente.game.default import log_default
from detente.game.files.tokens import Reader, quoted
from detente.game.tree import CHANCE, DECISION, TERMINAL, Game, GameError, Infoset, Node, Tree, forgetful

_CLOSE = Fraction(1, 10**9)  # how far probabilities may be from adding up to one


def read_efg(text: str, precision: float = 1.0, file: str = "<efg>") -> Game:
    """The game in the text of an .efg file, with the same precision for every player.

    Information sets keep their numbers (`Infoset.number`). Raises GameError with a place where the text is not a game,
    and by name where a player forgets what it did or knew.
    """
    reader = _Reader(text, file)
    root = reader.game()
    try:
        tree = Tree.grow(root, reader.players, reader.infosets)
    except GameError as error:
        raise GameError(f"{file}: {error}") from None
    if forgotten := forgetful(tree):
        told = "; ".join(f"{tree.infosets[h].name!r}: its owner has forgotten {what}" for h, what in forgotten)
        raise GameError(f"{file}: imperfect recall at {told}")
    slots = [[float(amount) for amount in amounts] for amounts in reader.slots]
    return Game(
        tree=tree,
        payoffs=np.array(slots, np.float64).reshape(len(slots), len(reader.players), 1),
        chance=np.array([float(p) for p in reader.chance], np.float64).reshape(-1, 1),
        precision=np.full((len(reader.players), 1), precision),
    )


class _Reader(Reader):
    """A recursive reading of the tokens; nodes come in preorder."""

    def __init__(self, source: str, file: str) -> None:
        super().__init__(source, file)
        self.players: list[str] = []
        self.infosets: dict[Hashable, Infoset] = {}
        self.slots: dict[tuple[Fraction, ...], int] = {}
        self.chance: list[Fraction] = []
        self._events: dict[int, tuple[list[str], list[int]]] = {}  # labels and rows of a chance set
        self._outcomes: dict[int, tuple[Fraction, ...]] = {}
        self._named: dict[int, str] = {}  # outcomes
        self._said = ""

    def game(self) -> Node:
        for expected in ("EFG", "2"):
            self.word(expected)
        self.word("R", "D")
        self.text()
        self.mark("{")
        while self.peek().kind == "text":
            self.players.append(self.text())
        if not self.players:
            raise self.wrong("the name of a player, in quotation marks")
        self.mark("}")
        if self.peek().kind == "text":
            self.text()  # a comment
        self._outcomes[0] = (Fraction(0),) * len(self.players)
        root = Node(TERMINAL)
        waiting = [(root, self._outcomes[0])]  # nodes still to be read, with what was paid on the way
        while waiting:
            node, paid = waiting.pop()
            paid = self._node(node, paid)
            waiting.extend((child, paid) for child in reversed(node.children))
        self.finish("the tree is complete")
        return root

    def _node(self, node: Node, paid: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
        """Read one node; what has been paid when it is left."""
        node.place = self.place(self.peek().at)
        kind = self.word("c", "p", "t")
        node.tag = self.text()
        if kind == "c":
            labels, rows = self._chance_set()
            node.kind, node.rows = CHANCE, [(row,) * (len(self.players) + 1) for row in rows]
        elif kind == "p":
            node.kind, node.key = DECISION, self._infoset(node.place)
            labels = list(self.infosets[node.key].actions)
        else:
            labels = []
        node.children = [Node(TERMINAL, label=label) for label in labels]
        paid = tuple(a + b for a, b in zip(paid, self._outcome(), strict=True))
        if kind == "t":
            node.tag = node.tag or self._said
            node.slot = self.slots.setdefault(paid, len(self.slots))
        return paid

    def _chance_set(self) -> tuple[list[str], list[int]]:
        number = self.whole()
        if self.peek().kind == "text":
            self.text()
        if self.peek().value == "{":
            labels, rows = [], []
            self.mark("{")
            while self.peek().kind == "text":
                labels.append(self.text())
                rows.append(len(self.chance))
                self.chance.append(self.number())
            self.mark("}")
            total = sum((self.chance[row] for row in rows), Fraction(0))
            if any(self.chance[row] < 0 for row in rows) or abs(total - 1) > _CLOSE:
                raise self.wrong("probabilities before it that are not negative and add up to one", self.last)
            for row in rows:
                self.chance[row] /= total
            known = self._events.setdefault(number, (labels, rows))
            likely = ([self.chance[row] for row in some] for some in (known[1], rows))
            if known[0] != labels or len({*map(tuple, likely)}) > 1:
                told = f"the same events before it, and the same probabilities, wherever set {number} of chance is met"
                raise self.wrong(told, self.last)
        if number not in self._events:
            raise self.wrong("the number of a set of chance described before, or its events", self.last)
        return self._events[number]

    def _infoset(self, place: Place) -> Hashable:
        player, number = self.whole(), self.whole()
        if not 1 <= player <= len(self.players):
            raise self.wrong(f"a player between 1 and {len(self.players)}", self.before(2))
        key = (player, number)
        name = self.text() if self.peek().kind == "text" else ""
        if self.peek().value == "{":
            self.mark("{")
            actions = []
            while self.peek().kind == "text":
                actions.append(self.text())
            self.mark("}")
            shown = name or f"{self.players[player - 1]}:{number}"
            known = self.infosets.setdefault(
                key, Infoset(player - 1, shown, tuple(actions), number=number, place=place)
            )
            if not actions:
                raise self.wrong("the name of a move, in quotation marks", self.last)
            if known.actions != tuple(actions):
                wanted = " ".join(map(quoted, known.actions))
                told = f"the moves {{ {wanted} }} before it, as where this information set was first described"
                raise self.wrong(told, self.last)
        if key not in self.infosets:
            raise self.wrong(f"the number of a set of player {player} described before, or its moves", self.last)
        return key

    def _outcome(self) -> tuple[Fraction, ...]:
        """What is paid; `_said` is what the outcome is called."""
        number = self.whole()
        if self.peek().kind == "text":
            self._named.setdefault(number, self.text())
        self._said = self._named.get(number, "")
        if self.peek().value == "{":
            self.mark("{")
            amounts = self.payoffs(len(self.players))
            if self._outcomes.setdefault(number, amounts) != amounts:
                told = f"the same payoffs before it wherever outcome {number} is described, or another number"
                raise self.wrong(told, self.last)
        if number not in self._outcomes:
            raise self.wrong("the number of an outcome described before, or its payoffs", self.last)
        return self._outcomes[number]


def write_efg(game: Game, draw: int = 0, title: str = "") -> str:
    """The text of an .efg file with one draw of a game; chance is as it is in truth.

    Moves that are not available in the draw are left out. Raises GameError for what the format cannot say: players who
    see chance differently, and moves of one set that differ in their default, which Gambit's logit response has not.
    """
    tree = game.tree
    probability = game.chance[:, draw]
    seen = probability[tree.chance_row]
    if np.any(seen != seen[:, -1:]):
        raise GameError("an .efg file has one probability for each event, and here the players differ on them")
    if (default := log_default(game, slice(draw, draw + 1))) is not None:
        name = tree.infosets[int(tree.action_infoset[np.flatnonzero(default)[0]])].name
        raise GameError(
            "an .efg file has no default: Gambit's logit response starts from all moves alike, and here some are done "
            f"more readily than others without a reason, first at {name!r}"
        )
    numbers = _set_numbers(tree)
    lines = [f"EFG 2 R {quoted(title)} {{ {' '.join(map(quoted, tree.players))} }}", '""', ""]
    waiting, events = [0], 0
    while waiting:
        x = waiting.pop()
        children = list(range(int(tree.first_child[x]), int(tree.first_child[x] + tree.children[x])))
        if tree.kind[x] == TERMINAL:
            slot = int(tree.slot[x])
            amounts = ", ".join(repr(float(amount)) for amount in game.payoffs[slot, :, draw])
            lines.append(f't "" {slot + 1} "" {{ {amounts} }}')
            continue
        if tree.kind[x] == CHANCE:
            events += 1
            start = int(tree.chance_start[x])
            shares = [Fraction(float(p)) for p in seen[start : start + len(children), -1]]
            shares[shares.index(max(shares))] += 1 - sum(shares, Fraction(0))  # what rounding leaves, where it is least
            listed = " ".join(f"{quoted(tree.labels[y])} {share}" for y, share in zip(children, shares, strict=True))
            lines.append(f'c "" {events} "" {{ {listed} }} 0')
        else:
            h = int(tree.infoset[x])
            kept = list(range(len(children)))
            if game.available is not None:
                open_moves = game.available[tree.action_start[h] : tree.action_start[h + 1], draw]
                kept = np.flatnonzero(open_moves).tolist()
            listed = " ".join(quoted(tree.infosets[h].actions[k]) for k in kept)
            children = [children[k] for k in kept]
            owner, name = int(tree.owner[h]) + 1, quoted(tree.infosets[h].name)
            lines.append(f'p "" {owner} {numbers[h]} {name} {{ {listed} }} 0')
        waiting.extend(reversed(children))
    return "\n".join(lines) + "\n"


def _set_numbers(tree: Tree) -> list[int]:
    """The numbers of information sets if they have any that will do, else in the order of first visit, depth first."""
    given = [(s.player, s.number) for s in tree.infosets]
    if all(s.number > 0 for s in tree.infosets) and len(set(given)) == len(given):
        return [s.number for s in tree.infosets]
    numbers = [0] * tree.n_infosets
    used = [0] * tree.n_players
    waiting = [0]
    while waiting:
        x = waiting.pop()
        h = int(tree.infoset[x])
        if h >= 0 and not numbers[h]:
            used[tree.owner[h]] += 1
            numbers[h] = used[tree.owner[h]]
        waiting.extend(range(int(tree.first_child[x] + tree.children[x]) - 1, int(tree.first_child[x]) - 1, -1))
    return numbers


def decoded(raw: bytes) -> str:
    """The text of a file: UTF-8, or else as Windows wrote files in Western Europe before that."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")
