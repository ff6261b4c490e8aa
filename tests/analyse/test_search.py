"""Searches that are asked and told by hand, without any game."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from detente.analyse.thresholds.brackets import Bracket, Narrowing, narrow
from detente.analyse.thresholds.design_point import DesignPoint, Firsts
from detente.analyse.thresholds.search import Points, Probe, Search, Staged, Steep
from detente.arrays import Floats


def plane(points: Points) -> Probe:
    """Turned where a + 2 b >= 3: at a distance of 3 / sqrt(5)."""
    at = points.points if isinstance(points, Steep) else points
    margins = 3 - at[0] - 2 * at[1]
    slopes = np.array([[-1.0], [-2.0]]) * np.ones(at.shape[1]) if isinstance(points, Steep) else None
    return Probe((margins <= 0).astype(np.int64), margins, slopes)


def blind(points: Points) -> Probe:
    """The same without margins or derivatives, as where an answer jumps."""
    labels = plane(points).labels
    return Probe(labels, np.full(len(labels), np.nan))


def conducted(search: Search[tuple[Floats, float] | None], probe: Callable[[Points], Probe]) -> int:
    """The number of times that it asked."""
    asked = 0
    while (points := search.ask()) is not None:
        search.tell(probe(points))
        asked += 1
    return asked


def test_a_search_is_stepped_through_and_asks_the_same_until_it_is_told() -> None:
    search = DesignPoint(2, [np.array([0.0, 2.0])], [np.array([2.0, 2.0])])
    first, again = search.ask(), search.ask()
    assert first is again
    with pytest.raises(AttributeError):
        _ = search.found
    assert conducted(search, plane) > 2
    assert search.ask() is None
    assert search.found is not None
    point, low = search.found
    assert np.linalg.norm(point) == pytest.approx(3 / np.sqrt(5), abs=1e-5)
    assert low < np.linalg.norm(point) < low + 1e-4


def test_searches_side_by_side_find_what_each_finds_alone() -> None:
    def made() -> list[DesignPoint]:
        return [DesignPoint(2, [], [np.array([3.0, 0.5])]), DesignPoint(2, [np.array([0.0, 2.0])], [])]

    alone, together = made(), made()
    for search in alone:
        conducted(search, plane)
    while asked := [(search, points) for search in together if (points := search.ask()) is not None]:
        for search, points in asked:
            search.tell(plane(points))
    for one, other in zip(alone, together, strict=True):
        assert one.found is not None
        assert other.found is not None
        np.testing.assert_array_equal(one.found[0], other.found[0])


def test_without_margins_the_way_goes_along_rays() -> None:
    search = DesignPoint(2, [], [np.array([2.0, 2.0])])
    conducted(search, blind)
    assert search.found is not None
    assert np.linalg.norm(search.found[0]) == pytest.approx(np.sqrt(2), abs=1e-3)  # where the way known crosses


def test_a_search_that_has_nowhere_to_go_finds_nothing() -> None:
    search = DesignPoint(2, [], [])
    assert conducted(search, blind) > 0
    assert search.found is None


def test_what_is_told_unasked_is_refused() -> None:
    search: Staged[int] = Staged()
    search.end(1)
    with pytest.raises(AssertionError, match="nothing was asked"):
        search.tell(Probe(np.zeros(0, np.int64), np.zeros(0)))


def test_brackets_are_narrowed_step_by_step() -> None:
    def label(owners: Floats, at: Floats) -> Floats:  # noqa: ARG001
        return (at > 0.3).astype(np.int64)

    wide = [Bracket(0, 0.0, 1.0, 0, 1)]
    search, asked = Narrowing(wide, 3), 0
    while (points := search.ask()) is not None:
        search.tell(label(*points))
        asked += 1
    assert asked == 3
    assert search.found == narrow(wide, label, 3)
    (found,) = search.found
    assert found.low <= 0.3 < found.high
    assert found.high - found.low == pytest.approx(16.0**-3)


def test_the_first_turn_of_each_ray_is_found_the_nearest_ray_first() -> None:
    search = Firsts(np.eye(2), np.linspace(0, 4, 9), 4)
    while (points := search.ask()) is not None:
        search.tell(plane(points))
    assert [b.owner for b in search.found] == [1, 0]
    assert [b.high for b in search.found] == pytest.approx([1.5, 3.0], abs=1e-4)
