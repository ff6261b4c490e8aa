"""The smallest game that takes all that a solver has: what is compiled for it is compiled for every game."""

from __future__ import annotations

from detente.game.files.efg import read_efg
from detente.game.tree import Game

_TEXT = """EFG 2 R "Rehearsal" { "Sender" "Receiver" }
c "" 1 "" { "weak" 1/3 "strong" 2/3 } 0
p "" 1 1 "" { "threat" "silence" } 0
p "" 2 1 "" { "fight" "yield" } 0
t "" 1 "" { 0, 1 }
t "" 2 "" { 2, 0 }
t "" 3 "" { 1, 1 }
p "" 1 2 "" { "threat" "silence" } 0
p "" 2 1 "" { "fight" "yield" } 0
t "" 4 "" { 1, -1 }
t "" 5 "" { 2, 0 }
t "" 6 "" { 0, 1 }
"""


def game() -> Game:
    """A game of one draw: two types of a sender, and a receiver who sees the message and not the type."""
    return read_efg(_TEXT)
