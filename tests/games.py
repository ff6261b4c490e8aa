"""Games for tests: small ones drawn at random (as strategies: strategies.py), two crises of the size that matters in
practice, and games of the textbooks.

All are built with `Node` and `Tree.grow`, so that they also try the numbering.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace
from itertools import product

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from detente.arrays import Floats
from detente.game.tree import CHANCE, DECISION, TERMINAL, Game, Infoset, Node, Tree

NAMES = ("Athens", "Sparta", "Corinth", "Persia", "Thebes", "Argos")


class Drawing:
    """A game being drawn: information sets, payoff slots and chance rows are numbered as they are first named."""

    def __init__(self, n_players: int) -> None:
        self.players = NAMES[:n_players]
        self.sets: dict[Hashable, Infoset] = {}
        self.slots: dict[Hashable, int] = {}
        self.rows: dict[Hashable, int] = {}

    def move(self, player: int, key: Hashable, children: dict[str, Node]) -> Node:
        for label, child in children.items():
            child.label = label
        self.sets.setdefault(key, Infoset(player, str(key), tuple(children)))
        return Node(DECISION, list(children.values()), key=key)

    def chance(self, children: dict[Hashable, Node], views: Callable[[Hashable, int], Hashable] | None = None) -> Node:
        """`views(event, p)` names the row by which player p (len(players): the truth) sees an event."""
        seen = views or (lambda event, _: event)
        rows = [
            tuple(self.rows.setdefault(seen(event, p), len(self.rows)) for p in range(len(self.players) + 1))
            for event in children
        ]
        for event, child in children.items():
            child.label = str(event)
        return Node(CHANCE, list(children.values()), rows=rows)

    def end(self, outcome: Hashable) -> Node:
        return Node(TERMINAL, slot=self.slots.setdefault(outcome, len(self.slots)))

    def grow(self, root: Node) -> Tree:
        return Tree.grow(root, self.players, self.sets)


def random_game(
    seed: int,
    *,
    perfect: bool = False,
    masked: bool = False,
    views: bool = False,
    impossible: bool = False,
    players: int | None = None,
    stages: int | None = None,
    draws: int = 3,
    precision: tuple[float, float] = (0.2, 5.0),
) -> Game:
    """A random game in stages, each of a player or of chance.

    Unless `perfect`, each player sees the outcome of some stages only (for good, so that nobody forgets anything).
    Some moves end the game. With `masked` some moves cannot be made in some draws; with `views` the players differ on
    chance; with `impossible` some events have probability zero.
    """
    rng = np.random.default_rng(seed)
    n_players = players or int(rng.integers(1, 4))
    n_stages = stages or int(rng.integers(2, 5))
    drawing = Drawing(n_players)
    actor = [int(rng.integers(0, n_players)) if rng.random() < 0.8 else -1 for _ in range(n_stages)]
    actor[int(rng.integers(0, n_stages))] = 0
    moves = [int(rng.integers(2, 4)) for _ in range(n_stages)]
    sees = (rng.random((n_players, n_stages)) < 0.45) | perfect
    ends = {(s, k) for s in range(n_stages - 1) for k in range(1, moves[s]) if rng.random() < 0.25}

    def build(history: tuple[int, ...]) -> Node:
        s = len(history)
        if s == n_stages or (s > 0 and (s - 1, history[-1]) in ends):
            return drawing.end(history)
        children = [build((*history, k)) for k in range(moves[s])]
        p = actor[s]
        if p < 0:
            events = {(s, k): child for k, child in enumerate(children)}
            return drawing.chance(events, (lambda event, q: (event, q)) if views else None)
        seen = tuple(k if sees[p, i] or actor[i] == p else -1 for i, k in enumerate(history))
        return drawing.move(p, (s, seen), {f"{s}.{k}": child for k, child in enumerate(children)})

    tree = drawing.grow(build(()))
    chance = np.zeros((len(drawing.rows), draws))
    groups: dict[Hashable, list[int]] = {}
    for name, row in drawing.rows.items():
        event, view = name if views else (name, None)  # type: ignore[misc]
        groups.setdefault((event[0], view), []).append(row)
    for rows in groups.values():
        weights = rng.exponential(size=(len(rows), draws))
        if impossible:
            weights[1:] *= rng.random((len(rows) - 1, draws)) < 0.6
        chance[rows] = weights / weights.sum(axis=0)
    available = None
    if masked:
        available = rng.random((tree.n_actions, draws)) < 0.7
        sure = tree.action_start[:-1] + rng.integers(0, np.diff(tree.action_start))
        available[sure] = True
    return Game(
        tree=tree,
        payoffs=rng.normal(size=(len(drawing.slots), n_players, draws)),
        chance=chance,
        precision=rng.uniform(*precision, (n_players, draws)),
        available=available,
    )


def take(game: Game, draws: slice | list[int]) -> Game:
    """Some draws of a game."""
    return game.only(draws if isinstance(draws, slice) else np.array(draws))


def with_default(game: Game, seed: int = 0, faint: float = 0.05) -> Game:
    """The game with random weights of its moves, the least of them about `faint` times the largest; those of moves that
    cannot be made are no numbers, which nobody may notice."""
    weight = faint ** np.random.default_rng(seed).random((game.tree.n_actions, game.n_draws))
    return replace(game, default=weight if game.available is None else np.where(game.available, weight, np.nan))


def showdown(draws: int, precision: float, seed: int = 0) -> Game:
    """Two-sided incomplete information: a challenger of two types threatens or not, a defender of two types resists or
    yields, and the challenger then fights or backs down at a cost in face (29 nodes; Fearon 1994)."""
    drawing = Drawing(2)

    def world(strong: int, firm: int) -> Node:
        last = drawing.move(
            0,
            ("act", strong),
            {"fight": drawing.end(("war", strong, firm)), "back down": drawing.end(("bluff", strong))},
        )
        reply = drawing.move(1, ("reply", firm), {"resist": last, "yield": drawing.end("yield")})
        return drawing.move(0, ("threat", strong), {"threaten": reply, "wait": drawing.end("peace")})

    tree = drawing.grow(drawing.chance({(s, f): world(s, f) for s in range(2) for f in range(2)}))
    rng = np.random.default_rng(seed)
    payoffs = np.zeros((len(drawing.slots), 2, draws))
    war = np.sort(rng.uniform(-0.9, 0.6, (2, 2, draws)), axis=1)
    face, peace = rng.uniform(0.05, 0.6, draws), rng.uniform(0, 0.4, draws)
    for outcome, slot in drawing.slots.items():
        if outcome == "peace":
            payoffs[slot] = peace, np.ones(draws)
        elif outcome == "yield":
            payoffs[slot, 0] = 1.0
        elif outcome[0] == "bluff":
            payoffs[slot] = -face, np.ones(draws)
        else:
            payoffs[slot] = war[0, outcome[1]], war[1, outcome[2]]
    odds = rng.uniform(0.1, 0.9, (2, draws))
    chance = np.zeros((4, draws))
    for (s, f), row in drawing.rows.items():
        chance[row] = (odds[0] if s else 1 - odds[0]) * (odds[1] if f else 1 - odds[1])
    return Game(tree, payoffs, chance, np.full((2, draws), precision))


def escalation(
    draws: int, precision: float, seed: int = 0, stages: int = 6, typed: tuple[int, ...] = (0,), hidden: bool = True
) -> Game:
    """Three powers in turn raise the stakes, wait or give in, which ends the crisis; late and high stakes can slip into
    war by accident. Powers in `typed` are weak or strong, which only they know; the third power does not see the first
    move if `hidden` (409 nodes with the settings as they are)."""
    drawing = Drawing(3)

    def build(types: tuple[int, ...], history: str) -> Node:
        s, raised = len(history), history.count("r")
        if s == stages:
            return drawing.end(("war", raised, *types) if raised >= (stages + 1) // 2 else ("deal", raised))
        p = s % 3
        higher = build(types, history + "r")
        if s >= 4 and raised >= 4:
            slip = drawing.end(("accident", *types))
            higher = drawing.chance({("slip", s): slip, ("hold", s): higher})
        seen = "?" + history[1:] if hidden and p == 2 and history else history
        key = (p, types[typed.index(p)] if p in typed else -1, seen)
        giving_in = drawing.end(("yield", p, s, raised))
        return drawing.move(p, key, {"raise": higher, "wait": build(types, history + "w"), "give in": giving_in})

    kinds = [tuple((code >> i) & 1 for i in range(len(typed))) for code in range(2 ** len(typed))]
    root = drawing.chance({("types", kind): build(kind, "") for kind in kinds}) if typed else build((), "")
    tree = drawing.grow(root)
    rng = np.random.default_rng(seed)
    stake = rng.uniform(0.4, 1.0, (3, draws))
    cost = np.sort(rng.uniform(0.1, 1.2, (2, 3, draws)), axis=0)[::-1]
    face, strain = rng.uniform(0.02, 0.15, (3, draws)), rng.uniform(0, 0.1, (3, draws))
    win, split = rng.dirichlet([2, 2, 1], draws).T, rng.dirichlet([2, 2, 2], draws).T
    payoffs = np.zeros((len(drawing.slots), 3, draws))
    for (what, *details), slot in drawing.slots.items():  # type: ignore[misc]
        for p in range(3):
            if what == "deal":
                payoffs[slot, p] = stake[p] * split[p] - strain[p] * details[0]
            elif what == "yield":
                loser, s, raised = details
                payoffs[slot, p] = -face[p] * (1 + s + raised) / 2 if p == loser else 0.5 * stake[p]
            else:
                harm = 0.5 + 0.5 * details[0] / stages if what == "war" else 1.1
                kind = details[-len(typed) :][typed.index(p)] if p in typed else 0
                payoffs[slot, p] = stake[p] * win[p] - harm * cost[kind, p]
    weak, slips = rng.uniform(0.1, 0.9, (3, draws)), rng.uniform(0.01, 0.15, (stages, draws))
    chance = np.zeros((len(drawing.rows), draws))
    for (what, which), row in drawing.rows.items():  # type: ignore[misc]
        if what == "types":
            chance[row] = np.prod(
                [weak[p] if kind else 1 - weak[p] for p, kind in zip(typed, which, strict=True)], axis=0
            )
        else:
            chance[row] = slips[which] if what == "slip" else 1 - slips[which]
    return Game(tree, payoffs, chance, np.full((3, draws), precision))


# ---------------------------------------------------------------- textbook games and families with answers on paper


def simultaneous(table: list[list[tuple[float, float]]], precision: tuple[float, float]) -> Game:
    """Two players who move at the same time, with the payoffs table[row][column]."""
    drawing = Drawing(2)
    columns = [{str(c): drawing.end((r, c)) for c in range(len(table[0]))} for r in range(len(table))]
    rows = {str(r): drawing.move(1, "column", column) for r, column in enumerate(columns)}
    tree = drawing.grow(drawing.move(0, "row", rows))
    payoffs = np.array([table[r][c] for r, c in drawing.slots], float)[:, :, None]
    return Game(tree, payoffs, np.zeros((0, 1)), np.array(precision, float)[:, None])


def chicken(players: int, precision: list[float], ahead: float = 0.0) -> Game:
    """Everybody swerves or stays at once. Alone to stay wins 1 (the first player: 1 + ahead), to have swerved before
    one who stayed loses 1, and where several stay, they lose 5. One draw for each precision."""
    drawing = Drawing(players)

    def build(history: tuple[int, ...]) -> Node:
        p = len(history)
        return (
            drawing.end(history) if p == players else drawing.move(p, p, {k: build((*history, int(k))) for k in "01"})
        )

    tree = drawing.grow(build(()))
    payoffs = np.zeros((len(drawing.slots), players, len(precision)))
    for history in product((0, 1), repeat=players):
        for p in range(players):
            staying = sum(history)
            swerved = 0.0 if staying == 0 else -1.0
            stayed = 1.0 + ahead * (p == 0) if staying == 1 else -5.0
            payoffs[drawing.slots[history], p] = stayed if history[p] else swerved
    return Game(tree, payoffs, np.zeros((0, len(precision))), np.tile(precision, (players, 1)))


def alike(players: int, precision: float) -> float:
    """The probability of swerving where all do alike: one equation."""

    def excess(swerve: float) -> float:
        nobody = swerve ** (players - 1)
        return float(expit(precision * (-(1 - nobody) - (nobody - 5 * (1 - nobody)))) - swerve)

    return float(brentq(excess, 0, 1, xtol=1e-15))


def swerving(behaviour: Floats) -> Floats:
    return behaviour[::2]


def zero_sum(seed: int, masked: bool = False) -> Game:
    game = random_game(seed, players=2, masked=masked)
    first = game.payoffs[:, 0]
    return replace(game, payoffs=np.stack([first, 3.0 - first], axis=1))


def kuhn() -> Game:
    """Kuhn's poker with three cards (1950): the value is -1/18 for the first player."""
    drawing = Drawing(2)

    def showdown_of(cards: tuple[int, int], stake: int) -> object:
        return drawing.end(stake if cards[0] > cards[1] else -stake)

    def deal(cards: tuple[int, int]) -> object:
        one, two = cards
        call = {"call": showdown_of(cards, 2), "fold": drawing.end(-1)}
        after_check = {"check": showdown_of(cards, 1), "bet": drawing.move(0, ("reply", one), call)}  # type: ignore[dict-item, arg-type]
        after_bet = {"call": showdown_of(cards, 2), "fold": drawing.end(1)}
        first = {
            "check": drawing.move(1, ("checked", two), after_check),  # type: ignore[arg-type]
            "bet": drawing.move(1, ("bet", two), after_bet),  # type: ignore[arg-type]
        }
        return drawing.move(0, ("first", one), first)

    pairs = [(a, b) for a in range(3) for b in range(3) if a != b]
    tree = drawing.grow(drawing.chance({pair: deal(pair) for pair in pairs}))  # type: ignore[misc]
    payoffs = np.zeros((len(drawing.slots), 2, 1))
    for amount, slot in drawing.slots.items():
        payoffs[slot, :, 0] = amount, -amount  # type: ignore[operator]
    return Game(tree, payoffs, np.full((len(drawing.rows), 1), 1 / 6), np.full((2, 1), np.inf))


def whoever_first(seed: int, *, masked: bool = False, draws: int = 3) -> Game:
    """Chance says in which order two or three players move, unseen by them. Each moves once and, if all have chosen
    their last move, a second time, knowing only what it did itself. Nearly every seed gives sets without an order."""
    rng = np.random.default_rng(seed)
    n_players = int(rng.integers(2, 4))
    moves = rng.integers(2, 4, n_players)
    drawing = Drawing(n_players)
    again = bool(rng.random() < 0.5)
    orders = [tuple(rng.permutation(n_players).tolist()) for _ in range(3)]
    orders[1] = orders[0][::-1]
    stops = {(k, p) for k in range(3) for p in range(n_players) if rng.random() < 0.3}

    def build(k: int, done: tuple[int, ...]) -> Node:
        stage, full = len(done), n_players * (1 + again)
        if stage == full or (stage and stage < n_players and done[-1] == 0 and (k, stage) in stops):
            return drawing.end((k, done))
        if stage == n_players and any(move != moves[p] - 1 for p, move in zip(orders[k], done, strict=True)):
            return drawing.end((k, done))
        p = orders[k][stage % n_players]
        second = stage >= n_players
        return drawing.move(p, (p, second), {f"{second}{m}": build(k, (*done, m)) for m in range(moves[p])})

    worlds: dict[Hashable, Node] = {("order", k): build(k, ()) for k in range(3)}
    tree = drawing.grow(drawing.chance(worlds))
    chance = rng.exponential(size=(3, draws))
    available = None
    if masked:
        available = rng.random((tree.n_actions, draws)) < 0.7
        available[tree.action_start[:-1] + rng.integers(0, np.diff(tree.action_start))] = True
    return Game(
        tree,
        rng.normal(size=(len(drawing.slots), n_players, draws)),
        chance / chance.sum(axis=0),
        rng.uniform(0.2, 4.0, (n_players, draws)),
        available,
    )


HORSE = """EFG 2 R "Selten's horse (1975)" { "1" "2" "3" }
p "" 1 1 "" { "C" "D" } 0
p "" 2 1 "" { "c" "d" } 0
t "" 1 "" { 1, 1, 1 }
p "" 3 1 "" { "L" "R" } 0
t "" 2 "" { 4, 4, 0 }
t "" 3 "" { 0, 0, 1 }
p "" 3 1 "" { "L" "R" } 0
t "" 4 "" { 3, 3, 2 }
t "" 5 "" { 0, 0, 0 }
"""


CHAIN_STORE = """EFG 2 R "" { "entrant" "incumbent" }
p "" 1 1 "" { "in" "out" } 0
p "" 2 1 "" { "fight" "share" } 0
t "" 1 "" { -1, -1 }
t "" 2 "" { 1, 1 }
t "" 3 "" { 0, 2 }
"""


def ladder() -> Game:
    """Two in turn may take more and more of what there is, all of it seen by both: one wins what the other loses."""
    drawing = Drawing(2)

    def step(k: int) -> Node:
        go_on = drawing.end("end") if k == 4 else step(k + 1)
        return drawing.move(k % 2, ("step", k), {"take": drawing.end(("taken", k)), "wait": go_on})

    tree = drawing.grow(step(0))
    payoffs = np.zeros((len(drawing.slots), 2, 3))
    for outcome, slot in drawing.slots.items():
        if outcome != "end":
            worth = (1.0 + outcome[1] * np.array([0.5, 1.0, -0.1])) * (-1) ** outcome[1]  # type: ignore[index]
            payoffs[slot] = worth, -worth
    return Game(tree, payoffs, np.zeros((0, 3)), np.array([[0.5, 2.0, 8.0]] * 2))


def holding(slices: int, precision: float = 6.0, out: float = -0.3, cost: float = 0.05, rate: float = 0.5) -> Game:
    """Three fortnights in so many slices each: whoever holds on pays as time goes by, or stops, once and for all. To
    stop is thought of at a rate, so that what is done without a reason is to hold on (docs/decisions/035)."""
    steps, stay = 3 * slices, float(np.exp(-rate / slices))
    node = Node(TERMINAL, slot=steps)
    for k in reversed(range(steps)):
        node = Node(DECISION, [Node(TERMINAL, label="stop", slot=k), node], key=k)
        node.children[1].label = "hold"
    sets: dict[Hashable, Infoset] = {k: Infoset(0, f"holding {k}", ("stop", "hold")) for k in range(steps)}
    paid = [out - k * cost / slices for k in range(steps)] + [-steps * cost / slices]
    tree = Tree.grow(node, ("A",), sets)
    weights = np.tile([1 - stay, stay], steps)[:, None]
    return Game(tree, np.array(paid)[:, None, None], np.zeros((0, 1)), np.full((1, 1), precision), default=weights)


STANDARD: dict[str, Callable[[], Game]] = {
    "a ladder": ladder,
    "pennies": lambda: simultaneous([[(9.0, 0.0), (0.0, 1.0)], [(0.0, 1.0), (1.0, 0.0)]], (2.0, 0.7)),
    "stag hunt": lambda: simultaneous([[(5.0, 5.0), (0.0, 4.0)], [(4.0, 0.0), (3.0, 3.0)]], (1.0, 1.0)),
    "indifferent": lambda: simultaneous([[(1.0, 0.0), (1.0, 0.0)]], (1.0, 1.0)),
    "chicken of two": lambda: chicken(2, [0.5, 2.0]),
    "chicken of three": lambda: chicken(3, [0.5, 2.0], ahead=0.1),
    "poker": lambda: replace(kuhn(), precision=np.full((2, 1), 3.0)),
    "zero-sum": lambda: zero_sum(4),
    "zero-sum, moves that go": lambda: zero_sum(5, masked=True),
    "whoever is first": lambda: whoever_first(2),
    "showdown": lambda: showdown(4, 5.0),
    "escalation": lambda: escalation(2, 5.0),
    "one decides": lambda: random_game(6, players=1, stages=3),
    "all is seen": lambda: random_game(6, perfect=True, players=2, stages=3, draws=2),
    "all is seen, moves that come and go": lambda: random_game(
        1, perfect=True, masked=True, players=2, stages=3, draws=2
    ),
    "two views of chance": lambda: random_game(3, players=2, stages=3, views=True),
    "what cannot happen": lambda: random_game(8, players=2, stages=3, impossible=True, masked=True, views=True),
    "three players": lambda: random_game(15, players=3, stages=3, draws=1),
    "holding on, in slices": lambda: holding(4),
}
"""The games that every solver is examined on (conformance/test_exam.py), beside those of conformance/games."""
