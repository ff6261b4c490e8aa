"""The timeline: what a page is sent is what `update` finds, what a day must not know is not sent, and the cursor can be
moved by keyboard."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from html import escape
from typing import Any

import numpy as np
import pytest

import detente
from detente.analyse.evidence import updating
from detente.present.web.dated import Day, Timeline, Without
from detente.present.web.state import Reply
from detente.present.web.workspace import Workspace
from detente.present.wording.updating import sign_said
from detente.study import following
from detente.study.questions.update import Updated, update
from tests.workbench.conftest import Replies, Running, Seen, needs_browser
from tests.workbench.crisis import CRISIS

DRAWS = 300
Ask = Callable[..., list[Reply]]


@pytest.fixture
def ask(space: Workspace, replies: Any) -> Ask:
    """What a screen answers of the crisis at sea."""
    case = space.put(CRISIS, "crisis")

    def asked(screen: str, **given: Any) -> list[Reply]:
        found: list[Reply] = replies(screen, case, draws=DRAWS, **given)
        assert [m.message for r in found for m in r.mistakes] == []
        return found

    return asked


def written(**more: Any) -> Updated:
    return update(detente.loads(CRISIS), draws=DRAWS, store=None, **more)


def data(reply: Reply, kind: type[Any]) -> Any:
    assert isinstance(reply.data, kind)
    return reply.data


def test_the_forecasts_by_day_are_those_of_update(ask: Ask) -> None:
    steps = ask("timeline")
    first, last = data(steps[0], Timeline), data(steps[-1], Timeline)
    assert not steps[0].final
    assert steps[-1].final
    assert first.stops == ()  # what came is there before anything is solved
    assert [item.says for item in first.items] == [item.says for item in last.items]
    whole = written()
    by_day = {stop.date: stop for stop in last.stops[1:]}
    assert {one.date for one in whole.dates} <= by_day.keys()
    for one, stop in [(whole.before, last.stops[0]), *((one, by_day[one.date]) for one in whole.dates)]:
        assert one.answer
        told = (stop.answer.mean, stop.answer.low, stop.answer.high)
        assert told == pytest.approx((one.answer.mean, one.answer.low, one.answer.high), abs=1e-12)
        assert [g.mean for g in stop.groups] == pytest.approx([b.mean for b in one.groups.values()], abs=1e-12)
    assert [g.name for g in last.groups] == ["war", "peace"]
    assert (last.first, last.known, last.last) == (dt.date(2024, 1, 5), dt.date(2024, 2, 10), dt.date(2024, 2, 20))
    rate = next(o for o in last.others if o.base_rate)
    assert rate.asked
    assert rate.who == "Base rate: 1 of 9, smoothed (Jeffreys)"
    assert rate.p == pytest.approx(1.5 / 10)


def test_the_forecast_of_any_day_is_that_of_the_last_stop(ask: Ask) -> None:
    stops = data(ask("timeline")[-1], Timeline).stops
    for day in (dt.date(2024, 1, 8), dt.date(2024, 1, 25), dt.date(2024, 2, 3)):  # the last: a month has begun
        held = [stop for stop in stops[1:] if stop.date <= day][-1]
        known = written(until=day).dates[-1].answer
        assert known
        assert held.answer.mean == pytest.approx(known.mean, abs=1e-12)


QUIET = "".join(line for line in CRISIS.splitlines(True) if "the month passes" not in line)


def test_a_period_that_ends_without_the_event_moves_the_line_in_words(replies: Replies, space: Workspace) -> None:
    """Nothing came on that day: the month is over, and whoever would have struck in it has not."""
    stops = data(replies("timeline", space.put(QUIET, "quiet"), draws=DRAWS)[-1], Timeline).stops
    moved = [k for k, stop in enumerate(stops) if stop.passed]
    assert [stops[k].date for k in moved] == [dt.date(2024, 2, 1)]
    whole = update(detente.loads(QUIET), draws=DRAWS, store=None)
    (waited,) = (told for one in whole.dates for told in one.evidence if told.kind == "goes on")
    assert 0.05 < waited.likely < 0.95
    assert stops[moved[0]].passed == (
        f"the crisis is not over: {waited.says.partition(': ')[2]} (the model had given this "
        f"{waited.likely:.0%}), which rules out every history in which "
        "it would have ended before"
    )
    assert "month 2" in stops[moved[0]].passed
    assert abs(stops[moved[0]].answer.mean - stops[moved[0] - 1].answer.mean) > 0.05


def test_a_period_that_is_known_to_have_been_quiet_moves_nothing_at_its_end(ask: Ask) -> None:
    assert not any(stop.passed for stop in data(ask("timeline")[-1], Timeline).stops)


@pytest.mark.parametrize("day", ["2024-01-05", "2024-01-25", "2024-02-10"])
def test_a_day_asked_again_is_update_until_it(ask: Ask, day: str) -> None:
    reply = ask("day", options={"day": day})[-1]
    whole = written(until=day)
    found = {p.place: p for p in data(reply, Day).pulls}
    places = {"the ships put out": 0, "tankers are filled at night": 2, "the month passes": 3,
              "the pilots are called back late": 4}  # fmt: skip
    assert {places[p.says]: p.pull for p in whole.pulls} == pytest.approx({k: p.value for k, p in found.items()})
    assert f"as known on {dt.date.fromisoformat(day).day}" in reply.html["said"]
    listed = reply.html["signs"].partition("signs of the model")[2]
    assert all(f"{escape(sign_said(detente.loads(CRISIS), s))}</t" in listed for s in whole.signs)
    assert "<code>" not in listed


def test_a_record_holds_no_more_than_it_needs_to_be_asked_again(ask: Ask, space: Workspace) -> None:
    """Between two questions: behaviour and draws, and nothing that is worked out of them; the numbers are the same."""
    (first,) = (data(r, Day) for r in ask("day", options={"day": "2024-01-25"})[-1:])
    ask("timeline")
    records = [
        made for key, made in space._made.items() if key[0] == "followed" and made.updating.model.title in CRISIS
    ]
    assert records
    for record in records:
        clouds = [*record.updating.record.clouds, *(c for stop in record.updating.stops for c in stop.clouds)]
        batches = [batch for cloud in clouds for batch in cloud.batches]
        inner = [inside for batch in batches for _, inside in batch.inner or ()]
        assert inner
        for batch in (*batches, *inner):
            assert not {"game", "reach", "plain", "endings", "_weighed", "coming", "views"} & vars(batch).keys()
        assert not any(cloud._last for cloud in clouds)
    space._made = type(space._made)((k, made) for k, made in space._made.items() if k[0] != "day")
    assert data(ask("day", options={"day": "2024-01-25"})[-1], Day) == first


def without(*places: int) -> detente.Model:
    case = detente.loads(CRISIS)
    kept = tuple(item for k, item in enumerate(case.evidence) if k not in places)
    less: detente.Model = case.model_copy(update={"evidence": kept})
    return less


@pytest.mark.parametrize("out", [(0,), (2,), (2, 3)])
def test_without_an_item_is_update_of_the_case_without_it(ask: Ask, out: tuple[int, ...]) -> None:
    reply = ask("without", options={"out": list(out)})[-1]
    less, whole = update(without(*out), draws=DRAWS, store=None), written()
    found = data(reply, Without)
    by_day = {stop.date: stop for stop in found.stops[1:]}
    assert not found.anew
    for one in less.dates:
        assert one.answer
        assert by_day[one.date].answer.mean == pytest.approx(one.answer.mean, abs=1e-9)
    assert whole.dates[-1].answer
    assert less.dates[-1].answer
    assert found.pull == pytest.approx(whole.dates[-1].answer.mean - less.dates[-1].answer.mean, abs=1e-9)


def test_weights_of_renewed_draws_agree_within_the_error_they_state(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    less = update(without(2), draws=4000, store=None).dates[-1].answer
    monkeypatch.setattr(following, "FEWEST", 1.0)  # draws are renewed on every day
    found = data(ask("without", options={"out": [2]}, seed=7)[-1], Without)
    last = found.stops[-1].answer
    assert less
    assert found.pull is not None
    assert found.error is not None
    assert found.error > 0
    assert abs(last.mean - less.mean) <= 4 * np.hypot(found.error, less.error)


def test_where_weights_leave_too_few_it_is_solved_anew(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updating, "effective", lambda _: 1.0)  # as if one draw were left
    first, last = ask("without", options={"out": [0]}, seed=8)[-2:]
    assert first.stale
    assert not first.final
    assert not data(first, Without).enough
    assert data(last, Without).anew
    less = update(without(0), draws=DRAWS, seed=8, store=None).dates[-1].answer
    assert less
    assert data(last, Without).stops[-1].answer.mean == pytest.approx(less.mean, abs=1e-12)


LATE = ("month passes", "pilots", "burns", "late sage", "a strike on the harbour")


def test_nothing_later_leaves_the_server_where_it_is_asked_as_of_a_day(ask: Ask) -> None:
    plain, sealed = ask("timeline"), ask("timeline", as_of="2024-01-25")
    assert all(
        word in plain[0].model_dump_json() for word in LATE
    )  # hidden by the page, since the cursor moves at once
    sent = "".join(reply.model_dump_json() for reply in sealed)
    sent += "".join(r.model_dump_json() for r in ask("day", as_of="2024-01-25", options={"day": "2024-02-10"}))
    assert not any(word in sent for word in LATE)
    found = data(sealed[-1], Timeline)
    assert (found.sealed, found.last, found.happened) == (True, dt.date(2024, 1, 25), None)
    known = written(until="2024-01-25").dates[-1].answer
    assert known
    assert found.stops[-1].answer.mean == pytest.approx(known.mean, abs=1e-12)


@pytest.mark.parametrize(
    ("screen", "options", "said"),
    [
        ("day", {"day": "soon"}, "is not a day"),
        ("day", {"day": "2023-01-01"}, "lists no evidence by 2023-01-01"),
        ("without", {"out": [99]}, "can be left out"),
        ("without", {"out": "2"}, "can be left out"),
        ("without", {"out": [True]}, "can be left out"),
    ],
)
def test_what_cannot_be_asked_is_told(
    space: Workspace, replies: Any, screen: str, options: dict[str, Any], said: str
) -> None:
    found = replies(screen, space.put(CRISIS, "crisis"), draws=DRAWS, options=options)
    assert said in found[-1].mistakes[0].message


def test_a_case_without_evidence_says_so(replies: Any) -> None:
    assert "lists no evidence" in replies("timeline", "crisis-signalling", draws=60)[-1].mistakes[0].message


# ------------------------------------------------------------------------------------------------- in a browser


@needs_browser
def test_the_cursor_moves_by_keyboard_and_hides_what_came_later(page: Seen) -> None:
    from playwright.sync_api import expect

    seen = page.go("timeline")
    seen.focus("#cursor")
    assert "As known on 10 February 2024" in seen.inner_text(".cursor")
    assert "burns at dawn" not in seen.inner_text("main")
    assert "hidden, too" in seen.inner_text(".now")
    for _ in range(11):
        seen.keyboard.press("ArrowLeft")
    expect(seen.locator(".cursor")).to_contain_text("As known on 30 January 2024")
    assert "pilots" not in seen.inner_text("main")  # at once
    page.settled()
    expect(seen.locator(".known h2").first).to_have_text("As known on 30 January 2024")
    assert not [word for word in ("pilots", "late sage") if word in seen.inner_text("main")]
    seen.keyboard.press("Home")
    expect(seen.locator(".cursor")).to_contain_text("As known on 5 January 2024")
    assert seen.locator(".item").count() == 1
    seen.keyboard.press("End")
    expect(seen.locator(".now")).to_contain_text("a strike on the harbour")
    assert "burns at dawn" in seen.inner_text("main")


@needs_browser
def test_an_item_is_left_out_by_keyboard(page: Seen) -> None:
    from playwright.sync_api import expect

    seen = page.go("timeline")
    box = seen.get_by_role("checkbox", name="sign: tankers are filled at night")
    box.focus()
    seen.keyboard.press("Space")
    expect(seen.locator(".out")).to_contain_text("tankers are filled at night")
    page.settled()
    less = update(without(2), draws=2000, store=None).dates[-1].answer
    assert less
    expect(seen.locator(".line .pane")).to_contain_text(f"{round(100 * less.mean)}%")
    assert seen.locator("path[stroke-dasharray='6 4']").count() == 1
    seen.focus("#cursor")
    seen.keyboard.press("Home")
    expect(seen.locator(".out")).to_contain_text("Left out: 1 dated later.")  # what it is lies in the future
    assert "tankers" not in seen.inner_text("main")
    seen.get_by_role("button", name="Put everything back").press("Enter")
    expect(seen.locator(".out")).to_have_count(0)


@needs_browser
def test_everything_is_asked_as_known_on_a_day(page: Seen) -> None:
    from playwright.sync_api import expect

    seen = page.go("timeline")
    seen.focus("#cursor")
    for _ in range(16):
        seen.keyboard.press("ArrowLeft")
    seen.get_by_role("button", name="Ask everything as known on 25 January 2024").press("Enter")
    expect(seen.get_by_text("Everything on this page, and on the other screens")).to_be_visible()
    page.settled()
    assert seen.get_attribute("#cursor", "max") == "20"
    page.go("answer")
    assert "as known on 2024-01-25" in seen.inner_text("main") or "25 January 2024" in seen.inner_text("main")
    seen.get_by_role("button", name="Undo").press("Enter")
    page.go("timeline")
    assert seen.get_attribute("#cursor", "max") == "46"


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_timeline_can_be_used_by_everybody(browser: Any, at_sea: Running, scheme: str, width: int) -> None:
    opened = Seen.opened(browser, at_sea, width, color_scheme=scheme)
    seen = opened.go("timeline")
    seen.locator(".dated details").evaluate_all("all => all.forEach(d => d.open = true)")
    assert opened.axe() == []
    assert seen.evaluate("document.documentElement.scrollWidth") <= width
    opened.page.context.close()
    assert opened.wrong == []


def test_the_sent_numbers_are_numbers(ask: Ask) -> None:
    told = json.loads(ask("timeline")[-1].model_dump_json())
    assert all(0 <= stop["answer"]["mean"] <= 1 for stop in told["data"]["stops"])
