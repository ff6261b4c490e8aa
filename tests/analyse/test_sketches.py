"""Distributions that are merged: the same numbers however the draws are cut, and percentiles as near as they say."""

from __future__ import annotations

import math
from functools import reduce
from itertools import pairwise
from operator import add
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detente.analyse.forecast.sketches import CELLS, Moments, Sketch, distribution
from detente.arrays import Floats
from detente.engine.store.codec import decode, encode

SHARES = (0.0, 0.01, 0.05, 0.5, 0.777, 0.95, 1.0)
rng = np.random.default_rng(5)
SAMPLES = {
    "beta": (rng.beta(0.3, 2.0, 5000), True),
    "atoms": (np.where(rng.random(3000) < 0.4, np.round(rng.random(3000)), rng.random(3000)), True),
    "rounding": (np.array([1 + 2e-16, 1.0, 0.5, 0.0, -0.0, 1e-300]), True),
    "alike": (np.full(700, 0.3), True),
    "cauchy": (rng.standard_cauchy(5000) * 1e3, False),
    "tiny": (rng.normal(size=400) * 1e-200, False),
    "whole": (rng.integers(-3, 4, 900).astype(float), False),
    "huge": (np.array([-1.5e308, 1.7e308, 0.0, 5e-324]), False),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_percentiles_are_as_near_as_they_say(name: str) -> None:
    values, probability = SAMPLES[name]
    sketch, moments = Sketch.of(values, probability), Moments.of(values)
    with np.errstate(over="ignore"):
        for share in SHARES if name != "huge" else (0.0, 1.0):
            told, within = sketch.quantile(share)
            assert abs(told - np.quantile(values, share)) <= within * (1 + 1e-9) + 1e-15 * abs(told), share
            assert within <= (0.5 / CELLS if probability else 2.0**-13 * np.abs(values).max()) * (1 + 1e-9)
    assert sketch.count == moments.count == len(values)
    if name == "alike":
        found = distribution(moments, sketch)
        assert (found.low, found.median, found.high, found.within) == (0.3, 0.3, 0.3, 0.0)
        assert found.error < 1e-17


@settings(max_examples=50)
@given(st.sampled_from(sorted(SAMPLES)), st.lists(st.integers(0, 5000), max_size=6), st.randoms())
def test_no_number_depends_on_how_draws_are_cut_nor_on_who_merges_what_first(
    name: str, cuts: list[int], chance: Random
) -> None:
    values, probability = SAMPLES[name]
    batches = np.array_split(values, 9)
    ends = sorted({0, 9, *(cut % 10 for cut in cuts)})
    spans = [batches[a:b] for a, b in pairwise(ends)]
    sketches = [Sketch.merged([Sketch.of(batch, probability) for batch in span]) for span in spans]
    moments = [reduce(add, map(Moments.of, span)) for span in spans]
    chance.shuffle(sketches)
    chance.shuffle(moments)
    sketch, whole = Sketch.merged(sketches), Sketch.of(values, probability)
    assert encode(sketch) == encode(whole)
    assert reduce(add, moments) == reduce(add, map(Moments.of, batches))


@pytest.mark.parametrize("values", [SAMPLES["beta"][0], SAMPLES["cauchy"][0], 0.25 + 1e-9 * SAMPLES["beta"][0]])
def test_means_and_errors_are_those_of_all_numbers(values: Floats) -> None:
    found = reduce(add, map(Moments.of, np.array_split(values, 13)))
    assert found.mean == pytest.approx(math.fsum(values) / len(values), rel=1e-15)
    assert found.error == pytest.approx(values.std(ddof=1) / math.sqrt(len(values)), rel=1e-9)


def test_of_nothing_nothing_is_said_and_of_what_is_infinite_no_error() -> None:
    nothing = distribution(Moments.of(np.zeros(0)), Sketch.of(np.zeros(0), True))
    assert math.isnan(nothing.value)
    assert math.isnan(nothing.low)
    assert nothing.draws == 0
    merged = Sketch.merged([Sketch.of(np.zeros(0), True), Sketch.of(np.array([0.5]), True)])
    assert merged.quantile(0.5) == (0.5, 0.0)
    without_end = Moments.of(np.array([1.0, np.inf])) + Moments.of(np.array([2.0]))
    assert without_end.mean == np.inf
    assert math.isnan(without_end.error)
    assert Sketch.of(np.array([np.inf, np.inf, 1.0]), False).quantile(0.9) == (np.inf, 0.0)
    assert math.isnan(Moments.of(np.array([0.5])).error)


def test_sums_are_kept_as_they_are() -> None:
    moments = reduce(add, map(Moments.of, np.array_split(SAMPLES["beta"][0], 7)))
    assert decode(encode(moments), (Moments,), Moments) == moments
    for ratio in (b'"ratio": [1, 0]', b'"ratio": ["a", 2]', b'"ratio": [1.5, 2]'):
        raw = encode(Moments(3))
        header = raw[24:].replace(b'"ratio": [0, 1]', ratio, 1)
        forged = raw[:16] + len(header).to_bytes(8, "little") + header
        with pytest.raises(ValueError, match="does not say what it should"):
            decode(forged, (Moments,), Moments)
