"""The functions that stand in for those of scipy.special where quantities are drawn, against them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import special

from detente.arrays import Floats
from detente.language.normal import expit, logit, normal_cdf, normal_quantile

TAILS = 10.0 ** np.linspace(-300, -1, 2001)
SHARES = np.concatenate([TAILS, np.linspace(0.001, 0.999, 5001), 1 - TAILS[TAILS > 1e-16]])
VALUES = np.linspace(-37, 37, 7401)


@pytest.mark.parametrize(
    ("ours", "theirs", "at", "rel"),
    [
        (normal_quantile, special.ndtri, SHARES, 2e-15),
        (normal_cdf, special.ndtr, VALUES, 2e-13),  # where 1e-300 is left, the error of the argument is so large
        (logit, special.logit, SHARES, 2e-15),
        (expit, special.expit, VALUES * 20, 1e-15),
    ],
)
def test_they_agree(ours: Callable[[Floats], Floats], theirs: Callable[..., Floats], at: Floats, rel: float) -> None:
    assert ours(at) == pytest.approx(theirs(at), rel=rel, abs=1e-15 if ours is not normal_cdf else 0)


def test_axes_are_kept() -> None:
    shares = np.array([[0.5, 0.025], [1e-12, 0.975]])
    assert normal_quantile(shares).tolist() == [normal_quantile(row).tolist() for row in shares]
