"""The uniform numbers behind sources of uncertainty, each in a stream of its own.

A stream can be drawn from any of its numbers on, and gives from there the numbers of the whole: Philox counts (Salmon
et al. 2011, Parallel random numbers: as easy as 1, 2, 3), and the numbers that structures are drawn with are multiples.
"""

from __future__ import annotations

import hashlib

import numpy as np

from detente.arrays import Floats

IN_A_STEP = 4  # numbers that Philox makes each time it counts


def stream(name: str, n: int, seed: int, start: int = 0) -> Floats:
    """[n] uniform numbers strictly between 0 and 1 that depend on the seed and the name alone, from the number `start`
    on."""
    key = hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=16).digest()
    steps, before = divmod(start, IN_A_STEP)
    source = np.random.Philox(key=int.from_bytes(key, "little"))
    generator = np.random.Generator(source.advance(steps) if steps else source)
    return np.clip(generator.random(before + n)[before:], 1e-12, 1 - 1e-12)


def spread(name: str, n: int, seed: int, place: int, many: int, start: int = 0) -> Floats:
    """[n] numbers between 0 and 1 that fill it evenly, whatever n, those of `many` places all of a cube together, from
    the number `start` on.

    An additive recurrence (Roberts 2018, The unreasonable effectiveness of quasirandom sequences), shifted by a number
    that depends on the seed and the name (Cranley & Patterson 1976): so many structures are present as their weights
    say, to a few draws.
    """
    ratio = 2.0
    for _ in range(64):  # the root above 1 of x ** (many + 1) = x + 1
        ratio = (1.0 + ratio) ** (1.0 / (many + 1))
    found: Floats = (stream(name, 1, seed)[0] + ratio ** -(place + 1.0) * np.arange(start + 1, start + n + 1)) % 1.0
    return np.clip(found, 1e-12, 1 - 1e-12)
