"""Tipping lines and maps of the workbench: the pictures of the report, in which one can point at values."""

from __future__ import annotations

import re
from typing import Any

import pytest

import detente
from detente.present.figures.drawing.frame import Axis
from detente.present.figures.thresholds.map import map_picture
from detente.present.figures.thresholds.tipping import tipping_picture
from detente.present.web.screens.maps import COARSE, FEW, LINE
from detente.present.web.workspace import Workspace
from detente.study.registry import find
from tests.study.structures import CRISIS
from tests.workbench.conftest import Replies, Running, Seen, needs_browser

DRAWS = 200
COARSELY: dict[str, Any] = {"fine": False}


@pytest.fixture(scope="module")
def case(space: Workspace) -> str:
    return space.put(CRISIS, "demand")


@pytest.fixture(scope="module")
def model() -> Any:
    from detente.model.load import loads

    return loads(CRISIS, "demand.yaml")


def place(axis: Axis, value: float) -> float:
    assert not axis.log
    return axis.left + (axis.right - axis.left) * (value - axis.low) / (axis.high - axis.low)


def test_quantities_stand_in_the_order_of_what_the_answer_owes_to_them(replies: Replies, case: str, model: Any) -> None:
    first = replies("maps", case, draws=DRAWS, options=COARSELY)[0]
    study = detente.run(model, draws=DRAWS)
    drivers = [d.quantity for d in study.drivers(study.ask("P(outcome is war)"))]
    names = [q.name for q in first.data.quantities]
    assert names[: len(drivers)] == drivers
    assert set(names) == {"cost", "prize", "rationality"}
    assert first.data.across == drivers[0]
    assert not first.data.shots
    assert not first.final


def test_a_line_is_that_of_tip_and_its_axis_that_of_the_picture(replies: Replies, case: str, model: Any) -> None:
    found = replies("maps", case, draws=DRAWS, options={"across": "cost", **COARSELY})[-1]
    tip = detente.tip(model, "cost", points=LINE, draws=FEW)
    assert found.html["picture0"] == tipping_picture(model, tip).inline()
    assert found.final
    (shot,) = found.data.shots
    axis = shot.frame.across
    assert (axis.name, shot.frame.up) == ("cost", None)
    assert list(axis.values) == pytest.approx(tip.grid.tolist())
    assert found.data.here == (tip.centre,)
    median = re.search(r'<line x1="([\d.]+)"[^>]* class="mean">', found.html["picture0"])
    assert median
    assert float(median[1]) == pytest.approx(place(axis, tip.centre), abs=0.006)


def test_a_map_is_that_of_map_and_its_axes_those_of_the_picture(replies: Replies, case: str, model: Any) -> None:
    found = replies("maps", case, draws=DRAWS, options={"across": "cost", "up": "prize", **COARSELY})[-1]
    regimes = find("map").ask(model, "cost", "prize", points=COARSE)
    assert len(found.data.shots) == len(regimes.maps) > 1
    for k, (shot, one) in enumerate(zip(found.data.shots, regimes.maps, strict=True)):
        assert found.html[f"picture{k}"] == map_picture(model, regimes, one).inline()
        up = shot.frame.up
        assert up is not None
        ring = re.search(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="6" class="ring">', found.html[f"picture{k}"])
        assert ring
        assert float(ring[1]) == pytest.approx(place(shot.frame.across, regimes.here[0]), abs=0.006)
        assert float(ring[2]) == pytest.approx(place(up, regimes.here[1]), abs=0.006)
        assert len(shot.regimes) == len(shot.regimes[0]) == COARSE
        assert shot.regimes[2][5] == one.legend[one.labels[2, 5]].replace("_", " ")


def test_first_a_coarse_grid_then_a_fine_one(replies: Replies, case: str) -> None:
    found = replies("maps", case, draws=DRAWS, options={"across": "cost"})
    assert [(r.data.fine, r.final) for r in found] == [(False, False), (False, False), (True, True)]
    coarse, fine = (len(r.data.shots[0].frame.across.values) for r in found[1:])
    assert coarse < fine


def test_a_point_that_was_loaded_leaves_its_picture_as_it_is(replies: Replies, case: str) -> None:
    """What is set of the axes of a map is where one stands in it; what else is set is another map."""
    options = {"across": "cost", **COARSELY}
    plain = replies("maps", case, draws=DRAWS, options=options)[-1].html["picture0"]
    assert replies("maps", case, draws=DRAWS, set={"cost": 0.5}, options=options)[-1].html["picture0"] == plain
    assert replies("maps", case, draws=DRAWS, set={"prize": 0.5}, options=options)[-1].html["picture0"] != plain


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"across": "nothing"}, "there is no uncertain quantity 'nothing' here"),
        ({"across": "cost", "up": "cost"}, "asked for twice"),
    ],
)
def test_what_cannot_be_mapped_is_told(replies: Replies, case: str, options: dict[str, Any], message: str) -> None:
    (mistake,) = replies("maps", case, draws=DRAWS, options=options)[-1].mistakes
    assert message in mistake.message


# ---------------------------------------------------------------------- in a browser


def shown(seen: Seen, up: bool) -> Any:
    """The screen with its coarse picture, over two quantities (`up`) or along one."""
    from playwright.sync_api import expect

    page = seen.page
    page.click("nav a[href^='#/maps']")
    expect(page.locator(".aim")).to_be_visible(timeout=120_000)
    if up:
        page.get_by_label("and over").select_option(index=1)
        expect(page.locator(".aimed")).to_be_visible(timeout=120_000)
    keep = page.get_by_role("button", name="Keep the coarse one")
    if keep.is_visible():
        keep.click()
    expect(page.locator(".pane[aria-busy=true]")).to_have_count(0, timeout=120_000)
    return page


def values_of(page: Any) -> dict[str, float]:
    """What is set in the scenario that is looked at, by its address."""
    page.wait_for_timeout(500)
    script = """() => { const s = new URLSearchParams(location.hash.split('?')[1]).get('s');
        return JSON.parse(atob(s.replaceAll('-', '+').replaceAll('_', '/'))).set ?? {}; }"""
    found: dict[str, float] = page.evaluate(script)
    return found


@needs_browser
def test_a_point_is_loaded_by_keyboard_and_set_in_this_scenario(seen: Seen) -> None:
    from playwright.sync_api import expect

    page = shown(seen, up=False)
    page.locator(".aim").focus()
    page.keyboard.press("Home")
    start = page.inner_text("#point-said")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#point-said")).not_to_have_text(start)
    page.keyboard.press("Shift+Enter")
    expect(page.locator("#point-said")).to_contain_text("Set in this scenario: resolute p")
    (low,) = values_of(page).values()
    assert page.locator(".scenario").count() == 1
    page.locator(".aim").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator(".scenario")).to_have_count(2)
    (high,) = values_of(page).values()
    assert high > low
    page.keyboard.press("Control+z")
    assert values_of(page) != {}


@needs_browser
def test_a_click_loads_the_values_it_points_at(seen: Seen) -> None:
    """The ring of the picture stands at the medians, which are known: 0.275 and 0.45."""
    from playwright.sync_api import expect

    page = shown(seen, up=True)
    ring = page.locator(".pointing .ring").first.bounding_box()
    page.mouse.click(ring["x"] + ring["width"] / 2, ring["y"] + ring["height"] / 2)
    expect(page.locator(".scenario")).to_have_count(2)
    found = values_of(page)
    assert found["resolute_p"] == pytest.approx(0.275, abs=0.001)
    assert found["audience_cost"] == pytest.approx(0.45, abs=0.003)


@needs_browser
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_maps_are_for_everybody(browser: Any, running: Running, scheme: str, width: int) -> None:
    opened = Seen.opened(browser, running, width, color_scheme=scheme)
    page = shown(opened, up=True)
    assert opened.axe() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()
    assert opened.wrong == []


def test_the_axis_stays_when_a_point_of_it_is_known(replies: Replies) -> None:
    first = replies("maps", draws=60, options={"fine": False})[0].data.across
    again = replies("maps", draws=60, set={first: 0.25}, options={"fine": False})[0].data.across
    assert again == first
