"""Pools of beliefs agree with closed forms: linear pools of normals, logarithmic pools of each family, percentiles."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats

import detente
from detente.draws.sampler import Sampler
from detente.language.expressions import Expression, Number, Uncertain
from detente.language.parsing import parse
from detente.language.pools import (
    MASSES,
    Unpoolable,
    cdf,
    linear,
    logarithmic,
    of_percentiles,
    quantiles,
    value_of,
)

MEANS, SDS, WEIGHTS = (1.0, 4.0, -2.0), (1.0, 0.5, 2.0), (0.5, 0.3, 0.2)


def normals() -> list[Expression]:
    return [parse(f"normal({m}, {s})") for m, s in zip(MEANS, SDS, strict=True)]


def drawn(belief: Expression, n: int = 40_000, unit: str = "") -> np.ndarray:
    """What a case with this belief draws: it is written, read again and sampled as any other quantity."""
    model = detente.define(
        title="t", actors={"A": ""}, stages={"s": {"actor": "A", "moves": ["m", "n"]}},
        outcomes={"o": {"when": "s is m"}, "p": "otherwise"}, payoffs={"A": {"t": "x * (s is m)"}},
        quantities={"x": {"value": value_of(belief), "unit": unit}},
    )  # fmt: skip
    return np.asarray(Sampler(model).draw(n, 1).truth["x"])


def numbers(belief: Expression) -> list[float]:
    assert isinstance(belief, Uncertain)
    return [arg.value for arg in belief.args if isinstance(arg, Number)]


def test_a_linear_pool_of_normals_has_the_mean_the_variance_and_the_distribution_of_a_mixture() -> None:
    pooled = linear(normals(), WEIGHTS)
    mean = sum(w * m for w, m in zip(WEIGHTS, MEANS, strict=True))
    variance = sum(w * (s**2 + m**2) for w, m, s in zip(WEIGHTS, MEANS, SDS, strict=True)) - mean**2
    x = drawn(pooled)
    assert x.mean() == pytest.approx(mean, abs=4 * math.sqrt(variance / len(x)))
    assert x.var() == pytest.approx(variance, rel=0.03)

    def exact(at: float) -> float:
        return sum(w * stats.norm.cdf(at, m, s) for w, m, s in zip(WEIGHTS, MEANS, SDS, strict=True))

    for at in (-5.0, -1.0, 0.0, 1.5, 3.9, 6.0):
        assert cdf(pooled, at) == pytest.approx(exact(at), abs=2e-6)
    assert stats.kstest(x, np.vectorize(exact)).pvalue > 0.001
    for share, value in zip((0.05, 0.5, 0.95), quantiles(pooled), strict=True):
        assert exact(value) == pytest.approx(share, abs=2e-6)


def test_weights_are_shared_out_to_the_parts_of_mixtures_and_the_same_part_is_written_once() -> None:
    one, other = parse("normal(0, 1)"), linear([parse("normal(0, 1)"), parse("normal(3, 1)")], [0.25, 0.75])
    pooled = linear([one, other], [0.5, 0.5])
    assert value_of(pooled) == {"mixture": {"normal(0, 1)": 0.625, "normal(3, 1)": 0.375}}
    assert value_of(linear([one, one], [0.5, 0.5])) == "normal(0, 1)"
    assert value_of(linear([one, other], [1.0, 0.0])) == "normal(0, 1)"
    sure = linear([parse("2"), parse("bernoulli(0.3)")], [0.5, 0.5])
    assert value_of(sure) == {"mixture": {"2": 0.5, "1": 0.15, "0": 0.35}}
    assert [cdf(sure, x) for x in (-0.1, 0, 1, 2)] == pytest.approx([0, 0.35, 0.5, 1])


def test_a_logarithmic_pool_of_normals_is_normal_with_the_mean_precision() -> None:
    mean, sd = numbers(logarithmic(normals(), WEIGHTS))
    precision = sum(w / s**2 for w, s in zip(WEIGHTS, SDS, strict=True))
    assert sd == pytest.approx(precision**-0.5)
    assert mean == pytest.approx(sum(w * m / s**2 for w, m, s in zip(WEIGHTS, MEANS, SDS, strict=True)) / precision)


def densities(some: Sequence[object], x: np.ndarray, weights: Sequence[float]) -> np.ndarray:
    """The logarithmic pool by its definition, on a grid."""
    logs = sum(w * one.logpdf(x) for one, w in zip(some, weights, strict=True))  # type: ignore[attr-defined]
    density = np.exp(logs - np.max(logs))
    return np.asarray(density / np.trapezoid(density, x))


@pytest.mark.parametrize(
    ("texts", "some", "unit", "grid"),
    [
        (("lognormal(2, 0.5)", "1 to 9"),
         (stats.lognorm(0.5, scale=2), stats.lognorm(math.log(9) / 2 / 1.6448536269514722, scale=3)), "", (1e-6, 60)),
        (("-9 to -1", "-4 to -2"), None, "", (-60, -1e-6)),
        (("0.1 to 0.4", "0.3 to 0.6"), None, "probability", (1e-9, 1 - 1e-9)),
        (("beta(2, 5)", "beta(4, 3)"), (stats.beta(2, 5), stats.beta(4, 3)), "probability", (1e-9, 1 - 1e-9)),
        (("gamma(2, 3)", "gamma(5, 0.5)"), (stats.gamma(2, scale=3), stats.gamma(5, scale=0.5)), "", (1e-9, 60)),
        (("exponential(2)", "exponential(5)"), (stats.expon(scale=2), stats.expon(scale=5)), "", (0, 150)),
        (("uniform(0, 4)", "uniform(1, 9)"), (stats.uniform(0, 4), stats.uniform(1, 8)), "", (1, 4)),
    ],
)  # fmt: skip
def test_a_logarithmic_pool_is_the_product_of_the_densities(
    texts: tuple[str, str], some: tuple[object, ...] | None, unit: str, grid: tuple[float, float]
) -> None:
    weights = (0.3, 0.7)
    beliefs = [parse(text) for text in texts]
    x = np.linspace(*grid, 400_001)
    if some is None:  # the density of an interval, from its distribution function
        both = [np.gradient(np.interp(x, *tabled(b, unit)), x) for b in beliefs]
        density = np.prod([np.maximum(d, 1e-300) ** w for d, w in zip(both, weights, strict=True)], axis=0)
        density = density / np.trapezoid(density, x)
    else:
        density = densities(some, x, weights)
    below = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(x))])
    pooled = logarithmic(beliefs, weights, unit)
    for share, value in zip((0.05, 0.5, 0.95), quantiles(pooled, unit=unit), strict=True):
        assert np.interp(value, x, below) == pytest.approx(share, abs=2e-3)


def tabled(belief: Expression, unit: str) -> tuple[np.ndarray, np.ndarray]:
    shares = stats.norm.cdf(np.linspace(-7, 7, 4001))
    return np.array(quantiles(belief, shares.tolist(), unit)), shares


def test_three_percentiles_are_kept_whatever_their_skew_and_nothing_leaves_the_unit() -> None:
    for low, middle, high, unit in ((0.2, 0.3, 0.9, ""), (-3, -2.9, 5, ""), (0.01, 0.5, 0.6, "probability")):
        belief = of_percentiles(low, middle, high, unit)
        assert quantiles(belief, unit=unit) == pytest.approx([low, middle, high], abs=1e-6)
        x = drawn(belief, unit=unit)
        assert [float((x <= edge).mean()) for edge in (low, middle, high)] == pytest.approx([0.05, 0.5, 0.95], abs=0.01)
        assert x.min() >= (0 if unit or low > 0 else low - 0.1 * (high - low))
    edge = of_percentiles(0.0, 0.1, 0.2, "share")  # nothing is below 0, so that 5% are there
    assert (edge.args[0], edge.weights) == (Number(0, 0.0), pytest.approx(MASSES))
    assert float((drawn(edge, unit="share") == 0).mean()) == pytest.approx(0.05, abs=0.005)


def test_percentiles_pool_logarithmically_piece_by_piece() -> None:
    one, other = of_percentiles(0, 1, 2), of_percentiles(1, 2, 3)
    pooled = logarithmic([one, other], [0.5, 0.5])
    assert numbers_of(pooled)[0] >= 0.8  # the other's lowest value
    assert numbers_of(pooled)[-1] <= 2.2
    assert quantiles(pooled)[1] == pytest.approx(1.5, abs=1e-6)  # by symmetry


def numbers_of(belief: Expression) -> list[float]:
    return sorted(x for part in belief.children() for x in numbers(part))


@pytest.mark.parametrize(
    ("texts", "unit", "told"),
    [
        (("normal(0, 1)", "lognormal(1, 1)"), "", "lognormal and normal"),
        (("uniform(0, 1)", "uniform(2, 3)"), "", "nothing in common"),
        (("normal(0.5, 0.1)", "normal(0.4, 0.1)"), "probability", "no word"),
        (("student(3, 0, 1)", "student(3, 1, 1)"), "", "student"),
        (("2", "normal(0, 1)"), "", "known exactly"),
    ],
)
def test_what_has_no_word_is_refused(texts: tuple[str, str], unit: str, told: str) -> None:
    with pytest.raises(Unpoolable, match=told):
        logarithmic([parse(text) for text in texts], [0.5, 0.5], unit)
    alike = parse(texts[0])
    assert logarithmic([alike, alike, parse(texts[1])], [0.5, 0.5, 0.0], unit) == alike
