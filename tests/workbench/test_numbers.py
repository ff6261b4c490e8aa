"""Numbers are typed with a point or a comma; what is no number is refused in words, and changes nothing."""

from __future__ import annotations

import pytest

from tests.workbench.conftest import Seen, needs_browser

pytestmark = needs_browser


def typed(seen: Seen, text: str) -> None:
    field = seen.page.get_by_label("fear of war, as a number")
    field.fill(text)
    field.press("Tab")


@pytest.mark.parametrize(("text", "value"), [("0,8", "0.8"), ("0.7", "0.7"), (" ,9 ", "0.9"), ("7e-1", "0.7")])
def test_a_comma_is_a_decimal_mark(seen: Seen, text: str, value: str) -> None:
    from playwright.sync_api import expect

    seen.settled()
    typed(seen, text)
    slider = seen.page.locator(".slider", has=seen.page.get_by_label("fear of war, as a number"))
    expect(slider.locator("output")).to_contain_text(f"best guess: {value} stakes")
    expect(seen.page.get_by_label("fear of war, as a number")).to_have_value(value)
    seen.settled()
    expect(seen.page.locator(".lede").first).to_contain_text("As written it is")


@pytest.mark.parametrize("text", ["1,234", "0,8,1", "a lot", "1.2.3", "--1"])
def test_what_is_no_number_is_refused_in_words(seen: Seen, text: str) -> None:
    from playwright.sync_api import expect

    seen.settled()
    typed(seen, text)
    slider = seen.page.locator(".slider", has=seen.page.get_by_label("fear of war, as a number"))
    expect(slider.get_by_role("alert")).to_have_text(
        f"“{text}” is no number; write it as 0.8 or 0,8, and thousands without a mark."
    )
    assert "best guess: 0.85" in slider.inner_text()
    assert seen.page.get_by_label("fear of war, as a number").get_attribute("aria-invalid") == "true"
    assert seen.axe() == []
    typed(seen, "0,6")
    expect(slider.get_by_role("alert")).to_have_count(0)
    expect(slider.locator("output")).to_contain_text("best guess: 0.6 stakes")
    seen.page.get_by_role("button", name="Undo").click()
    expect(seen.page.get_by_label("fear of war, as a number")).to_have_value("0.85")


def test_every_number_of_the_page_is_typed_in_such_a_field(seen: Seen) -> None:
    from playwright.sync_api import expect

    page = seen.go("questions")
    page.click(".offers >> text=/^tip$/")
    page.get_by_label("quantity", exact=True).fill("fear_of_war")
    page.get_by_label("low (optional)").fill("0,6")
    page.get_by_label("points (optional)").fill("4,5")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("4.5 is not a whole number.")
    page.get_by_label("points (optional)").fill("5")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.wait_for_selector(".result table", state="attached", timeout=60_000)
    seen.settled()
    first = page.locator(".result tbody tr").first
    assert "0.6" in (first.text_content() or "")
    assert page.locator("input[type=number]").count() == 0
    seen.go("play")
    assert page.locator("input[type=number]").count() == 0
