"""The data of a tree as the page draws it."""

from __future__ import annotations

from dataclasses import dataclass

CHANCE, ENDING, FOLD, GATED = -1, -2, -3, -4  # in place of the number of an actor


@dataclass(frozen=True)
class Column:
    """Where the tree stands at one stage: in which period, who acts, and what it is about."""

    period: str
    who: int
    name: str
    what: str
    means: str = ""


@dataclass(frozen=True)
class TreeNode:
    """A node that is drawn. `parent`: the place of the one above it; `who`: the number of the actor that moves here, or
    CHANCE, ENDING, FOLD or GATED; `column`: where it stands.

    `odds`: how likely the step to it is once play has come so far; `reach`: how likely the whole way, with 90% of the
    draws between `low` and `high`; Where the tree is an actor's, `truth` is the whole way and `truly` the
    step as it is. `set`: the number of its information set, and `kin` how many histories its owner cannot tell apart
    there. `plays`: how many whole plays go through it, `folded`: whether what follows is left out. `ends`: of what is
    left out, how likely each outcome is.
    """

    id: int
    parent: int
    label: str
    means: str
    who: int
    column: int
    odds: float
    reach: float
    low: float | None
    high: float | None
    truth: float | None = None
    truly: float | None = None
    set: int = -1
    kin: int = 1
    outcome: int = -1
    plays: int = 0
    branches: int = 0
    folded: bool = False
    ends: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True)
class End:
    """An outcome: its name, its words, the class of its colour, and how likely it is in this tree."""

    name: str
    words: str
    means: str
    hue: str
    reach: float


@dataclass(frozen=True)
class Eyes:
    """An actor, and whether it sees the tree otherwise than it is."""

    name: str
    words: str
    otherwise: bool


@dataclass(frozen=True)
class Structure:
    """A combination of rival structures: how many draws have it, and what share of the weight."""

    name: str
    words: str
    share: float
    draws: int


@dataclass(frozen=True)
class Otherwise:
    """A step that an actor holds to be more or less likely than it is, over all histories in which it can be made.

    `node`: the one that is drawn to which it leads most often, or -1."""

    event: str
    result: str
    seen: float
    truth: float
    node: int


@dataclass(frozen=True)
class TreeData:
    """A tree, as it is drawn. `structure` and `view`: which one, and as which actor sees it (empty: as it is)."""

    nodes: tuple[TreeNode, ...]
    columns: tuple[Column, ...]
    actors: tuple[Eyes, ...]
    outcomes: tuple[End, ...]
    structures: tuple[Structure, ...]
    structure: int
    view: str
    least: float
    size: int
    plays: int
    most: int
    draws: int
    otherwise: tuple[Otherwise, ...] = ()
