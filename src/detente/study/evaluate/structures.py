"""The same draws under every combination of rival structures, so that structures are paired."""

from __future__ import annotations

import numpy as np

from detente.analyse.forecast.subject import Reading
from detente.analyse.sensitivity.structures import Table
from detente.draws.structures import chances
from detente.model.blocks import Rivals
from detente.study.study import Study

FEWEST = 100  # draws of each combination; together they are as many as the study has


def under_all(study: Study, asked: Reading) -> Table:
    """An answer in the first draws, solved under each combination of structures."""
    rivals: Rivals = study.model._rivals
    combinations = rivals.combinations
    m = min(study.n, max(FEWEST, study.n // len(combinations)))
    sampler, seed = study.blueprint.sampler, study.draws.seed
    answers = []
    for numbers in combinations:
        fixed = {block.name: float(number) for block, number in zip(rivals.blocks, numbers, strict=True)}
        draws = sampler.draw(m, seed, fixed)
        read = [asked(solved.batch) for solved in study.engine.solve(study.blueprint, draws)]
        answers.append(np.concatenate(read, axis=1))
    plain = sampler.draw(m, seed)
    likely = tuple(chances(plain, block) for block in rivals.blocks)
    return Table(tuple(block.name for block in rivals.blocks), combinations, np.array(answers), likely)
