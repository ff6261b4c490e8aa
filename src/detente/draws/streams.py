"""The uniform numbers behind sources of uncertainty, each in a stream of its own."""

from __future__ import annotations

import hashlib

import numpy as np

from detente.arrays import Floats


def stream(name: str, n: int, seed: int) -> Floats:
    """[n] uniform numbers strictly between 0 and 1 that depend on the seed and the name alone."""
    key = hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=16).digest()
    generator = np.random.Generator(np.random.Philox(key=int.from_bytes(key, "little")))
    return np.clip(generator.random(n), 1e-12, 1 - 1e-12)


def spread(name: str, n: int, seed: int, place: int, many: int) -> Floats:
    """[n] numbers between 0 and 1 that fill it evenly, whatever n, those of `many` places all of a cube together.

    An additive recurrence (Roberts 2018, The unreasonable effectiveness of quasirandom sequences), shifted by a number
    that depends on the seed and the name (Cranley & Patterson 1976): so many structures are present as their weights
    say, to a few draws.
    """
    ratio = 2.0
    for _ in range(64):  # the root above 1 of x ** (many + 1) = x + 1
        ratio = (1.0 + ratio) ** (1.0 / (many + 1))
    found: Floats = (stream(name, 1, seed)[0] + ratio ** -(place + 1.0) * np.arange(1, n + 1)) % 1.0
    return np.clip(found, 1e-12, 1 - 1e-12)
