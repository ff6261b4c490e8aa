"""Each family against scipy.stats, and intervals at their 5th and 95th percentiles."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special, stats

from detente.language.distributions import POSITIVE, DistributionError, check, interval_family, quantile, slices
from detente.language.expressions import FAMILIES

U = np.linspace(0.001, 0.999, 101)
REFERENCE = {
    "normal": ((1.0, 2.0), stats.norm(1, 2)),
    "lognormal": ((3.0, 0.5), stats.lognorm(0.5, scale=3)),
    "uniform": ((-1.0, 3.0), stats.uniform(-1, 4)),
    "loguniform": ((0.1, 10.0), stats.loguniform(0.1, 10)),
    "triangular": ((1.0, 2.0, 5.0), stats.triang(0.25, 1, 4)),
    "pert": ((1.0, 2.0, 5.0), stats.beta(2, 4, 1, 4)),
    "beta": ((2.0, 3.0), stats.beta(2, 3)),
    "gamma": ((2.0, 3.0), stats.gamma(2, scale=3)),
    "exponential": ((4.0,), stats.expon(scale=4)),
    "student": ((5.0, 1.0, 2.0), stats.t(5, 1, 2)),
    "bernoulli": ((0.3,), stats.bernoulli(0.3)),
}


def test_every_family_is_tried() -> None:
    assert set(REFERENCE) == set(FAMILIES)


@pytest.mark.parametrize("family", REFERENCE)
def test_quantiles(family: str) -> None:
    params, reference = REFERENCE[family]
    check(family, params)
    assert quantile(family, params, U) == pytest.approx(reference.ppf(U), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("family", REFERENCE)
def test_parameters_may_vary_over_draws(family: str) -> None:
    params, _ = REFERENCE[family]
    varying = [np.full(len(U), p) for p in params]
    assert quantile(family, varying, U) == pytest.approx(quantile(family, params, U))


@pytest.mark.parametrize("family", REFERENCE)
def test_quantiles_rise(family: str) -> None:
    params, _ = REFERENCE[family]
    assert (np.diff(quantile(family, params, U)) >= 0).all()


@pytest.mark.parametrize(
    ("low", "high", "unit", "family"),
    [
        (0.5, 2.0, "", "lognormal"),
        (-2.0, -0.5, "", "mirrored lognormal"),
        (-1.0, 2.0, "", "normal"),
        (0.1, 0.6, "probability", "logit-normal"),
        (0.02, 0.04, "share", "logit-normal"),
    ],
)
def test_intervals(low: float, high: float, unit: str, family: str) -> None:
    assert interval_family(low, high, unit) == family
    check("interval", (low, high), unit)
    ends = quantile("interval", (low, high), np.array([0.05, 0.95]), unit)
    assert ends == pytest.approx([low, high])
    x = quantile("interval", (low, high), U, unit)
    assert (np.diff(x) > 0).all()
    middle = float(quantile("interval", (low, high), np.array([0.5]), unit)[0])
    expected = {
        "lognormal": np.sqrt(abs(low * high)),
        "mirrored lognormal": -np.sqrt(abs(low * high)),
        "normal": (low + high) / 2,
        "logit-normal": special.expit((special.logit(low) + special.logit(high)) / 2) if unit else 0,
    }[family]
    assert middle == pytest.approx(expected)
    if unit:
        assert ((x > 0) & (x < 1)).all()


def test_slices_are_equally_likely() -> None:
    cut = slices("uniform", (0.0, 0.4), 4)
    assert cut == pytest.approx([0.05, 0.15, 0.25, 0.35])
    assert stats.norm.cdf(slices("normal", (0.0, 1.0), 5)) == pytest.approx([0.1, 0.3, 0.5, 0.7, 0.9])


@pytest.mark.parametrize(
    ("family", "params", "unit", "message"),
    [
        *(
            (family, tuple(-1.0 if k == bad else 0.5 + k for k in range(len(FAMILIES[family]))), "", "is -1")
            for family, places in POSITIVE.items()
            for bad in places
        ),
        ("interval", (2.0, 1.0), "", "2 to 1 is empty"),
        ("interval", (2.0, 2.0), "", "2 to 2 is a point"),
        ("interval", (0.0, 1.0), "", "an end of the interval .* is zero"),
        ("interval", (-1.0, 0.0), "", "an end of the interval .* is zero"),
        ("interval", (0.0, 0.5), "probability", "strictly between 0 and 1"),
        ("interval", (0.5, 1.0), "share", "strictly between 0 and 1"),
        ("uniform", (1.0, 1.0), "", "is empty"),
        ("triangular", (0.0, 2.0, 1.0), "", "not in order"),
        ("pert", (1.0, 1.0, 1.0), "", "not in order"),
        ("bernoulli", (1.5,), "", "not a probability"),
        ("normal", (np.inf, 1.0), "", "mean of normal is inf"),
        ("normal", (0.0, np.nan), "", "sd of normal is nan"),
    ],
)
def test_impossible_parameters(family: str, params: tuple[float, ...], unit: str, message: str) -> None:
    with pytest.raises(DistributionError, match=message):
        check(family, params, unit)


def test_the_draw_that_is_wrong_is_the_one_that_is_told() -> None:
    with pytest.raises(DistributionError, match="the sd of normal is -3") as caught:
        check("normal", (np.zeros(3), np.array([1.0, -3.0, -4.0])))
    assert caught.value.draw == 1
