"""What behaviour depends on, as a digest: the address of solved draws in the store.

It is taken from what the compiler made of a model, not from what was written. So it cannot forget a key of the
language, and nothing that leaves the game alone (titles, sources, comments, claims, the names of moves) changes it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import lru_cache

import numpy as np

from detente.arrays import Floats
from detente.draws.sampler import Draws
from detente.engine.engine import Solving
from detente.engine.inputs import needed, rows
from detente.engine.solved import eyes
from detente.engine.surroundings import digest, surroundings
from detente.game.blueprint import Blueprint
from detente.model.schema import DEFAULT_PRECISION
from detente.solve.registry import is_ours

_STRUCTURE = (
    "kind", "parent", "first_child", "children", "infoset", "slot", "chance_start", "chance_row",
    "owner", "member_start", "members", "action_start", "order",
)  # fmt: skip


def address(engine: Solving, blueprint: Blueprint, head: Draws, forced: Mapping[str, str]) -> str | None:
    """The digest of all that the behaviour in these and the following draws depends on.

    `head`: the first draws; the rest follow from the same streams, and are compared one by one when they are read.
    None for a solver that is not a plain value, whose settings cannot be known, or not ours, whose code cannot be.
    """
    method = engine.method
    if not is_ours(method) or not (method is None or isinstance(method, str) or is_dataclass(method)):
        return None
    parts = [
        meaning(blueprint).encode(), surroundings().encode(), engine.perception.encode(),
        f"{type(method).__qualname__} {method!r}".encode(), repr(_moves(blueprint, forced)).encode(),
        repr([v != "" for v in eyes(blueprint.tree, head)]).encode(), str(engine.batch_size(blueprint)).encode(),
    ]  # fmt: skip
    for name, values in inputs(blueprint, head).items():
        parts += [name.encode(), values.tobytes()]
    return digest(b"".join(len(part).to_bytes(8, "little") + part for part in parts))


def inputs(blueprint: Blueprint, draws: Draws) -> dict[str, Floats]:
    """[n] each: the quantities that the game depends on, in truth and as `x seen by A`, in the order of their names."""
    names = needed(blueprint)
    found = {name: draws.truth[name] for name in names}
    for actor, seen in draws.views.items():
        found |= {f"{name} seen by {actor}": seen[name] for name in names if name in seen}
    return {name: np.asarray(found[name], float) for name in sorted(found)}


@lru_cache(maxsize=16)
def meaning(blueprint: Blueprint) -> str:
    """The digest of a compiled game: its tree, and the formulas of its payoffs, probabilities, moves and precisions.

    Formulas are digested from their leaves upwards, so that the order in which they were entered on the tape is no
    part of it.
    """
    tree, tape = blueprint.tree, blueprint.tape
    known: dict[int, bytes] = {}
    for row in range(max(rows(blueprint), default=-1) + 1):  # arguments stand before what is applied to them
        op, args = tape.rows[row]
        number = tape.numbers[row]
        own = f"{op}|{tape.names[row]}|{'' if number is None else float(number).hex()}|".encode()
        known[row] = hashlib.blake2b(own + b"".join(known[a] for a in args), digest_size=16).digest()
    whole = hashlib.blake2b(str(DEFAULT_PRECISION).encode(), digest_size=16)
    for name in _STRUCTURE:
        array = getattr(tree, name)
        whole.update(f"{name} {array.shape} ".encode() + array.astype(np.int64).tobytes())
    for p, player in enumerate(tree.players):
        whole.update(f"player {p} {blueprint.model.precision_of(player)} ".encode())
        for term in blueprint.payoff_terms[p]:
            whole.update(b"term" + b"".join(known[row] for row in term))
    for row, viewer in blueprint.chance_rows:
        whole.update(f"chance {viewer} ".encode() + known[row])
    whole.update(b"moves" + b"".join(known[row] for row in blueprint.action_there))
    whole.update(b"default" + b"".join(known[row] for row in blueprint.log_default))
    return whole.hexdigest()


def _moves(blueprint: Blueprint, forced: Mapping[str, str]) -> list[tuple[int, int]]:
    """Moves that are forced, as (information set, move), both by number."""
    infosets = blueprint.tree.infosets if forced else ()
    chosen = [(h, info, forced.get(blueprint.stage_of(h))) for h, info in enumerate(infosets)]
    return [(h, info.actions.index(move)) for h, info, move in chosen if move in info.actions]
