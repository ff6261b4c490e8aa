"""What information is worth to an actor, in stakes: the expected value of partial perfect information (Raiffa &
Schlaifer 1961).

Two different games are played with it, and both are offered:

- *private learning*: only the actor learns, and nobody knows that it does. The others behave as in the solved game,
  and the actor chooses its best plan for each thing it may learn. Never below zero.
- *public learning*: what was private is known to all, and everybody plays again. That is another game: what everybody
  knows may help or hurt (Hirshleifer 1971). The conductor solves it; here the difference is taken, draw by draw.

Private learning of another actor's *type* is exact in every draw: the best plan against the solved behaviour with the
type seen, less the best plan without. Private learning of a *quantity* asks about an actor as unsure as the analyst,
who must choose one plan for all draws and sees no more of them than what is played: the best plan for each slice of
the draws against the best for all. A plan is chosen on some draws and valued on others, so that chance is not taken
for skill.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from detente.analyse.finding import Z95, Finding
from detente.analyse.sensitivity.binning import FEWEST, cut
from detente.arrays import Floats, Longs
from detente.display import Displayed
from detente.engine.batch import Batch, edges, layers
from detente.errors import QuestionError
from detente.game.tree import Game, Tree

if TYPE_CHECKING:
    from scipy import sparse

RAIFFA = "Raiffa & Schlaifer (1961), Applied Statistical Decision Theory, Harvard"
HIRSHLEIFER = (
    "Hirshleifer (1971), The private and social value of information and the reward to inventive activity, "
    "American Economic Review 61, 561-574"
)
PRIVATE, PUBLIC = "private learning", "public learning"
FOLDS = 4
SLICES = 30
FEWEST_IN_A_SLICE = 100


@dataclass(frozen=True)
class Worth(Displayed):
    """What knowing one thing is worth to an actor. `kind` is `quantity` or `private type`."""

    name: str
    kind: str
    game: str  # private or public learning
    value: Finding  # stakes

    @property
    def told(self) -> bool:
        return bool(self.value.low > 0 or self.value.high < 0)


@dataclass(frozen=True)
class Worths(Displayed):
    """What an actor would give to know things: `private` learning, and `public`.

    `best` is what the best plan earns in the solved game, as the actor sees the game; `blind` what the best single plan
    for all draws earns, and `everything` what knowing all quantities adds to that.
    """

    actor: str
    private: tuple[Worth, ...]
    public: tuple[Worth, ...]
    best: Finding
    blind: Finding | None
    everything: Worth | None
    draws: int
    public_draws: int
    notes: tuple[str, ...]
    references: tuple[str, ...] = (RAIFFA, HIRSHLEIFER)


@dataclass(frozen=True, eq=False)
class Plans:
    """An actor's own moves in order (von Stengel 1996). Sequence 0 is empty, sequence a + 1 ends with its a-th own
    move.

    `last` [terminals] is the last own sequence on the way to each whole play. `sets` are its information sets, those
    after most of its own moves first: (first sequence, one past the last, the sequence before).
    """

    last: Longs
    sets: tuple[tuple[int, int, int], ...]
    size: int

    @classmethod
    def of(cls, tree: Tree, player: int) -> Plans:
        own = [int(h) for h in np.flatnonzero(tree.owner == player)]
        number, size = {}, 1
        for h in own:
            number[h] = size
            size += int(tree.action_start[h + 1] - tree.action_start[h])
        last = np.zeros(tree.n_nodes, np.int64)
        depth = np.zeros(tree.n_nodes, np.int64)
        for x in range(1, tree.n_nodes):
            above = int(tree.parent[x])
            h = int(tree.infoset[above])
            mine = h in number
            last[x] = number[h] + x - int(tree.first_child[above]) if mine else last[above]
            depth[x] = depth[above] + mine
        first = {h: int(tree.members[tree.member_start[h]]) for h in own}
        order = sorted(own, key=lambda h: -depth[first[h]])
        counts = {h: int(tree.action_start[h + 1] - tree.action_start[h]) for h in own}
        sets = tuple((number[h], number[h] + counts[h], int(last[first[h]])) for h in order)
        return cls(last[tree.terminals], sets, size)

    def gather(self, weighted: Floats) -> Floats:
        """[size, ...] sums over whole plays [terminals, ...] by the last own sequence."""
        return np.asarray(self.by_sequence @ weighted)

    @cached_property
    def by_sequence(self) -> sparse.csr_matrix:
        """[size, terminals] 1 where a whole play ends after a sequence."""
        from scipy import sparse  # here, because it loads slowly

        ones = np.ones(len(self.last))
        return sparse.csr_matrix((ones, (self.last, np.arange(len(self.last)))), (self.size, len(self.last)))

    def best(self, weights: Floats) -> Floats:
        """[...] what the best plan earns, for weights [size, ...]."""
        total = weights.copy()
        for start, stop, before in self.sets:
            total[before] += total[start:stop].max(axis=0)
        return np.asarray(total[0])

    def plan(self, weights: Floats) -> Floats:
        """[size, c] the best plan of each column of weights [size, c]: 1 for every sequence it follows, else 0."""
        total = weights.copy()
        picks = []
        for start, stop, before in self.sets:
            pick = total[start:stop].argmax(axis=0)
            total[before] += np.take_along_axis(total[start:stop], pick[None], axis=0)[0]
            picks.append(pick)
        chosen = np.zeros_like(weights)
        chosen[0] = 1.0
        columns = np.arange(weights.shape[1])
        for (start, _, before), pick in zip(reversed(self.sets), reversed(picks), strict=True):
            chosen[start + pick, columns] = chosen[before]
        return chosen


def weights(game: Game, behaviour: Floats, player: int, view: int) -> Floats:
    """[terminals, n] a player's payoff at each whole play, times the probability of all steps on the way but its own.

    `view`: by whose eyes chance is taken (the number of players: the truth).
    """
    tree = game.tree
    steps = edges(game, behaviour, view)
    mine = tree.edge_action >= 0
    mine[mine] = tree.owner[tree.action_infoset[tree.edge_action[mine]]] == player
    steps[mine] = 1.0
    for layer in layers(tree)[1:]:
        steps[layer] *= steps[tree.parent[layer]]
    return np.asarray(steps[tree.terminals] * game.payoffs[tree.slot[tree.terminals], player])


def refuse_what_depends(batch: Batch, player: int) -> None:
    """Raise QuestionError where what an actor can do differs between draws: that would tell it about the draw."""
    there = batch.game.available
    if there is None:
        return
    tree = batch.tree
    own = there[tree.owner[tree.action_infoset] == player]
    if not own.all():
        raise QuestionError(
            f"what {tree.players[player]} can do depends on quantities, so that its moves tell it about them, and "
            "what it would be worth to know one cannot be told apart from that\n"
            "    make the condition part of the payoffs instead"
        )


def of_types(batch: Batch, player: int, plans: Plans) -> tuple[Floats, dict[str, Floats]]:
    """[n] what the best plan earns as the actor sees the game, and what knowing each type of others adds to it."""
    game, behaviour = batch.views[player]
    paid = weights(game, behaviour, player, player)
    together = plans.gather(paid)
    best = plans.best(together)
    model = batch.blueprint.model
    scenes = [batch.blueprint.scene(int(x)) for x in batch.tree.terminals]
    found = {}
    for name, private in model.private.items():
        if name.partition(".")[0] == batch.tree.players[player] or private.public:
            continue
        known = np.zeros(batch.n)
        for label in private.prior:
            here = np.flatnonzero([scene.types.get(name) == label for scene in scenes])
            known += plans.best(np.asarray(plans.by_sequence[:, here] @ paid[here]))
        found[name] = np.maximum(known - best, 0.0)
    return best, found


def of_quantity(name: str, x: Floats, table: Floats, plans: Plans, alone: Floats) -> Worth:
    """What knowing a quantity x [n] is worth to an actor as unsure as the analyst.

    `table` is [sequences, n], `alone` [n] what the best single plan earns (`blindly`).
    """
    n = len(x)
    labels = cut(x, int(np.clip(n // FEWEST_IN_A_SLICE, 2, SLICES)))
    gained = _valued(table, plans, labels) - alone
    how = f"best strategy for each of {int(labels.max()) + 1} slices"
    return Worth(name, "quantity", PRIVATE, _finding(name, gained, how))


def blindly(table: Floats, plans: Plans) -> Floats:
    """[n] what the best single plan for all draws earns in each."""
    return _valued(table, plans, np.zeros(table.shape[1], np.int64))


def blind(table: Floats, plans: Plans, alone: Floats) -> tuple[Finding, Worth]:
    """What the best single plan for all draws earns on average, and what knowing every quantity would add."""
    gained = plans.best(table) - alone
    return (
        Finding.of("blind", alone, "the best strategy for all draws, chosen on some and valued on others"),
        Worth("everything", "quantity", PRIVATE, _finding("everything", gained, "best strategy for each draw")),
    )


def _valued(table: Floats, plans: Plans, labels: Longs) -> Floats:
    """[n] what the best plan for each slice earns in each draw, chosen on the other folds of that slice."""
    n, count = table.shape[1], int(labels.max()) + 1
    fold = np.arange(n) % FOLDS
    key = fold * count + labels
    order = np.argsort(key, kind="stable")
    starts = np.searchsorted(key[order], np.arange(FOLDS * count))
    sums = np.zeros((len(table), FOLDS * count))
    filled = np.flatnonzero(np.diff(np.append(starts, n)) > 0)
    sums[:, filled] = np.add.reduceat(table[:, order], starts[filled], axis=1)
    cube = sums.reshape(len(table), FOLDS, count)
    others = (cube.sum(axis=1, keepdims=True) - cube).reshape(len(table), -1)
    chosen = plans.plan(others)
    return np.asarray((chosen[:, key] * table).sum(axis=0))


def _finding(name: str, gained: Floats, how: str) -> Finding:
    """The mean of what is gained in each draw; knowing cannot hurt in private, so that it is not below zero."""
    n = len(gained)
    value, error = float(gained.mean()), float(gained.std(ddof=1) / np.sqrt(n))
    low, high = max(0.0, value - Z95 * error), max(0.0, value + Z95 * error)
    return Finding(name, max(0.0, value), low, high, n, error, "95% of the mean", how, RAIFFA)


def private_type(name: str, gained: Floats) -> Worth:
    """What knowing another actor's type is worth, from its worth in each draw [n]."""
    return Worth(name, "private type", PRIVATE, _finding(name, gained, "best strategy for each type, in each draw"))


def public_type(name: str, before: Floats, after: Floats) -> Worth:
    """What an actor gains, or loses, if a type becomes known to all: its payoff [n] in the two solved games."""
    gained = after - before
    n = len(gained)
    value = float(gained.mean())
    error = float(gained.std(ddof=1) / np.sqrt(n)) if n > 1 else 0.0
    return Worth(
        name, "private type", PUBLIC,
        Finding(name, value, value - Z95 * error, value + Z95 * error, n, error, "95% of the mean",
                "paired draws: the game with the type known to all against the game as it is", HIRSHLEIFER),
    )  # fmt: skip


def enough(n: int, varying: Mapping[str, Floats]) -> None:
    """Raise QuestionError where there are quantities to know but too few draws to tell their worth from chance."""
    if varying and n < FEWEST * 2:
        raise QuestionError(
            f"{n} draws are too few to choose strategies on some and value them on others\n"
            f"    ask for {FEWEST * 2} or more (--draws)"
        )
