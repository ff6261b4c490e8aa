"""The same draws under every combination of rival structures, so that structures are paired."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from detente.analyse.forecast.subject import Reading
from detente.analyse.sensitivity.structures import Table
from detente.arrays import Floats
from detente.draws.structures import chances
from detente.engine.executors.local import Piece
from detente.engine.solved import Solved
from detente.model.blocks import Rivals
from detente.study.study import Study

FEWEST = 100  # draws of each combination; together they are as many as the study has


def under_all(study: Study, asked: Reading) -> Table:
    """An answer in the first draws, solved under each combination of structures."""
    rivals: Rivals = study.model._rivals
    combinations = rivals.combinations
    m = min(study.n, max(FEWEST, study.n // len(combinations)))
    sampler, seed = study.blueprint.sampler, study.draws.seed
    read = partial(_answered, asked)

    def batches() -> Iterator[Piece[Floats]]:
        for numbers in combinations:
            fixed = {block.name: float(number) for block, number in zip(rivals.blocks, numbers, strict=True)}
            for _, _, piece in study.engine.batches(study.blueprint, sampler.draw(m, seed, fixed), read):
                yield piece

    each = np.concatenate(list(study.engine.run(batches())), axis=1)
    answers = np.split(np.ascontiguousarray(each), len(combinations), axis=1)
    plain = sampler.draw(m, seed)
    likely = tuple(chances(plain, block) for block in rivals.blocks)
    return Table(tuple(block.name for block in rivals.blocks), combinations, np.array(answers), likely)


def _answered(asked: Reading, solved: Solved) -> Floats:
    return asked(solved.batch)
