"""No more digits than the draws support."""

from __future__ import annotations

import datetime as dt

import pytest

from detente.analyse.finding import Finding
from detente.present.html import numbers as html_numbers
from detente.present.wording import numbers as rounding


@pytest.mark.parametrize(
    ("p", "error", "shown"),
    [
        (0.4108, 0.0057, "41%"),
        (0.4108, 0.0001, "41%"),
        (0.0112, 0.0005, "1.1%"),
        (0.0412, 0.0057, "4%"),
        (0.0004, 0.0057, "<1%"),
        (0.0004, 0.0001, "0.04%"),
        (0.9995, 0.0005, ">99.9%"),
        (0.9999, 0.005, ">99%"),
        (0.0, 0.0, "0%"),
        (1.0, 0.0, "100%"),
        (1 - 1e-15, 0.0, "100%"),
        (float("nan"), 0.0, "not defined"),
    ],
)
def test_percents(p: float, error: float, shown: str) -> None:
    assert rounding.percent(p, error) == shown


@pytest.mark.parametrize(
    ("before", "after", "error", "shown"),
    [
        (0.0466, 0.0424, 0.0005, "4.7% → 4.2%"),
        (0.0466, 0.0424, 0.0002, "4.66% → 4.24%"),
        (0.6541, 0.6499, 0.0003, "65.4% → 65.0%"),  # as fine where it is large: the effect is what must show
        (0.41, 0.31, 0.06, "41% → 31%"),
        (0.0, 0.004, 0.0005, "0% → 0.4%"),
        (0.00002, 0.004, 0.0005, "<0.1% → 0.4%"),
        (1.0, 0.99996, 0.0005, "100% → >99.9%"),
        (0.0466, 0.0424, float("nan"), "4.66% → 4.24%"),
        (0.0466, 0.0424, 0.0, "4.66% → 4.24%"),
        (float("nan"), 0.5, 0.06, "not defined → 50%"),
    ],
)
def test_levels_are_as_fine_as_the_effect_between_them(before: float, after: float, error: float, shown: str) -> None:
    assert " → ".join(rounding.beside_effect(p, error) for p in (before, after)) == shown


@pytest.mark.parametrize(
    ("x", "error", "shown"),
    [
        (0.136, 0.01, "0.14"),
        (1234.5, 0.0, "1,234"),
        (-0.0821, 0.001, "−0.082"),
        (1.1e-10, 0.0, "1.1e−10"),
        (0.0, 0.0, "0"),
        (0.01, 5.0, "0"),
    ],
)
def test_numbers(x: float, error: float, shown: str) -> None:
    assert rounding.number(x, error) == shown


def test_intervals_are_no_finer_than_their_value() -> None:
    f = Finding("x", 0.41, 0.0531, 0.8834, 2000, 0.0057)
    assert rounding.span(f) == "5% to 88%"
    assert rounding.span(f, short=True) == "5–88%"
    assert 'value="0.0531"' in html_numbers.interval(f)


def test_points_that_nobody_would_notice_are_none() -> None:
    assert [rounding.points(x) for x in (6.5e-8, -1e-7, 0.0)] == ["0", "0", "0"]
    assert [rounding.points(x) for x in (8.8e-7, 2e-6, -2e-6)] == ["0", "+0.0002", "−0.0002"]
    assert [rounding.points(x, 0.01) for x in (0.034, -0.034)] == ["+3", "−3"]


def test_dates_and_lists() -> None:
    assert rounding.day(dt.date(2022, 2, 16)) == "16 February 2022"
    assert rounding.day("2022-02") == "2022-02"
    assert html_numbers.listed(["a", "b", "c"]) == "a, b and c"
    assert html_numbers.listed(["<a>"]) == "&lt;a&gt;"
    assert rounding.counted(1, "draw") == "1 draw"
