"""Games of the textbooks whose solution is mixed at sets above each other, as texts of .efg files.

Nothing of the package is imported, so that other programs can be asked about the same games (see
`tests/solve/make_high_precision.py`).
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence


class Text:
    """An .efg file being written, with information sets numbered as they are first named."""

    def __init__(self, title: str, players: Sequence[str]) -> None:
        self._lines = [f'EFG 2 R "{title}" {{ {" ".join(map(_quoted, players))} }}', '""', ""]
        self._sets: dict[int, dict[Hashable, int]] = {}
        self._outcomes = 0
        self._events = 0

    def chance(self, events: dict[str, str]) -> None:
        self._events += 1
        listed = " ".join(f"{_quoted(event)} {probability}" for event, probability in events.items())
        self._lines.append(f'c "" {self._events} "" {{ {listed} }} 0')

    def move(self, player: int, key: Hashable, moves: Sequence[str]) -> None:
        known = self._sets.setdefault(player, {})
        number = known.setdefault(key, len(known) + 1)
        self._lines.append(f'p "" {player} {number} "" {{ {" ".join(map(_quoted, moves))} }} 0')

    def end(self, payoffs: Sequence[float]) -> None:
        self._outcomes += 1
        self._lines.append(f't "" {self._outcomes} "" {{ {", ".join(map(str, payoffs))} }}')

    def __str__(self) -> str:
        return "\n".join(self._lines) + "\n"


def reputation(targets: int, prior: str = "1/10", rest: str = "9/10", prize: float = 2, bite: float = 0.5) -> str:
    """Entrants come one after another to a monopolist who may be one that likes to fight (Kreps & Wilson 1982)."""
    text = Text("Reputation", ["Monopolist", *(f"Entrant {k + 1}" for k in range(targets))])

    def grow(strong: bool, history: str, kept: float, taken: tuple[float, ...]) -> None:
        k = len(history)
        if k == targets:
            text.end([kept, *taken])
            return
        text.move(k + 2, history, ["in", "out"])
        text.move(1, (strong, history), ["fight", "yield"])
        grow(strong, f"{history}f", kept - (not strong), (*taken, bite - 1))
        grow(strong, f"{history}y", kept - strong, (*taken, bite))
        grow(strong, f"{history}o", kept + prize, (*taken, 0))

    text.chance({"strong": prior, "weak": rest})
    for strong in (True, False):
        grow(strong, "", 0, ())
    return str(text)


def quiche() -> str:
    """Beer or quiche for breakfast, with somebody watching who likes to fight the weak (Cho & Kreps 1987)."""
    text = Text("Beer and quiche", ["Eater", "Bully"])
    text.chance({"strong": "9/10", "weak": "1/10"})
    for strong in (True, False):
        text.move(1, strong, ["beer", "quiche"])
        for meal in ("beer", "quiche"):
            text.move(2, meal, ["fight", "leave"])
            liked = float((meal == "beer") == strong)
            text.end([liked, float(not strong)])
            text.end([liked + 2, float(strong)])
    return str(text)


def centipede(rounds: int, kind: str = "1/20", selfish: str = "19/20") -> str:
    """The centipede with a few who always pass (McKelvey & Palfrey 1992): the other never knows with whom it plays."""
    text = Text("Centipede", ["First", "Second"])
    text.chance({"kind": kind, "selfish": selfish})

    def grow(selfish: bool, done: int) -> None:
        large, small = 4 * 1.5**done, 1.5**done
        payoffs = [large, small] if done % 2 == 0 else [small, large]
        if done == rounds:
            text.end(payoffs)
        elif done % 2 and not selfish:
            grow(selfish, done + 1)
        else:
            text.move(1 + done % 2, done, ["take", "pass"])
            text.end(payoffs)
            grow(selfish, done + 1)

    grow(False, 0)
    grow(True, 0)
    return str(text)


def poker(cards: int) -> str:
    """One card each of so many, an ante, one bet and one raise (Kuhn 1950, with more cards)."""
    text = Text("Poker", ["Dealer", "Caller"])
    deals = [(x, y) for x in range(cards) for y in range(cards) if x != y]
    text.chance({f"{x}{y}": f"1/{len(deals)}" for x, y in deals})

    def show(x: int, y: int, stake: float) -> None:
        won = stake if x > y else -stake
        text.end([won, -won])

    for x, y in deals:
        text.move(1, (x, "open"), ["check", "bet"])
        text.move(2, (y, "checked"), ["check", "bet"])
        show(x, y, 1)
        text.move(1, (x, "answer"), ["fold", "call"])
        text.end([-1, 1])
        show(x, y, 2)
        text.move(2, (y, "bet"), ["fold", "call", "raise"])
        text.end([1, -1])
        show(x, y, 2)
        text.move(1, (x, "raised"), ["fold", "call"])
        text.end([-2, 2])
        show(x, y, 4)
    return str(text)


def _quoted(text: str) -> str:
    return f'"{text}"'


GAMES = {
    "reputation, 2 targets": reputation(2),
    "reputation, 3 targets": reputation(3),
    "reputation, 3 targets and few who fight": reputation(3, "1/50", "49/50", prize=1.5, bite=0.7),
    "reputation, 4 targets": reputation(4),
    "beer and quiche": quiche(),
    "centipede of 6": centipede(6),
    "centipede of 10": centipede(10),
    "poker with 3 cards": poker(3),
    "poker with 5 cards": poker(5),
}
