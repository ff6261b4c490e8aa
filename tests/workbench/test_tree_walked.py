"""The tree of the workbench in a browser: walked by keyboard alone, read by a screen reader, and drawn in time."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import pytest

from tests.workbench.conftest import Running, Seen, needs_browser

pytestmark = needs_browser


def focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('aria-label') ?? document.activeElement.id"))


def test_the_tree_is_walked_by_keyboard_alone(seen: Seen) -> None:
    from playwright.sync_api import expect

    page = seen.go("tree")
    page.locator("[role=treeitem][tabindex='0']").focus()
    assert "Challenger’s resolve" in focused(page)
    for key, expected in (
        ("ArrowRight", "resolute, 28%"), ("ArrowDown", "irresolute, 72%"), ("ArrowRight", "resolute, 25%"),
        ("ArrowRight", "threaten, "), ("ArrowLeft", "resolute, 25%"), ("ArrowUp", "irresolute, 75%"),
        ("Home", "Then chance"),
    ):  # fmt: skip
        page.keyboard.press(key)
        assert focused(page).startswith(expected)
    page.keyboard.press("ArrowRight")
    item = page.locator("[role=treeitem]:focus")
    assert item.get_attribute("aria-expanded") == "true"
    before = page.locator("[role=treeitem]").count()
    page.keyboard.press("-")
    expect(item).to_have_attribute("aria-expanded", "false")
    assert page.locator("[role=treeitem]").count() < before
    page.keyboard.press("+")
    expect(item).to_have_attribute("aria-expanded", "true")
    assert page.locator("[role=treeitem]").count() == before
    page.keyboard.press("/")
    assert focused(page) == "find"
    page.keyboard.type("attack")
    expect(page.locator(".find [role=status]")).to_have_text("2 found")
    page.keyboard.press("Enter")
    expect(page.locator("[role=treeitem]:focus")).to_contain_text("attack")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page.locator("#node-title")).to_have_text("Challenger: deed")
    expect(page.locator("#node-title")).to_be_focused()
    seen.settled()
    assert "Who knows what" in page.inner_text(".details")
    page.keyboard.press("Escape")
    expect(page.locator(".details")).to_have_count(0)
    expect(page.locator("[role=treeitem]:focus")).to_have_count(1)


def test_paths_to_an_outcome_are_shown(seen: Seen) -> None:
    page = seen.go("tree")
    button = page.locator(".brush button", has_text="war")
    button.click()
    assert button.get_attribute("aria-pressed") == "true"
    on = page.locator("[data-flow]:has(> .brushed-flow)").evaluate_all(
        "all => all.map(e => document.querySelector(`[data-id='${e.dataset.flow}']`).textContent)"
    )
    labels = [text.strip() for text in on]
    assert all(not text.startswith(("keep quiet", "give way", "back down")) for text in labels)
    assert sum(text.startswith("attack") for text in labels) == 2
    button.click()
    assert page.locator(".brushed-flow").count() == 0


def test_one_is_told_which_structure_is_shown_and_chooses_another_by_keyboard(page: Seen) -> None:
    from playwright.sync_api import expect

    at = page.go("tree")
    said = at.locator(".which")
    expect(said).to_contain_text(
        "one of 2 rival structures of the crisis: as written, with 70% of the weight, the most"
    )
    choice = at.get_by_label("Structure of the crisis")
    choice.focus()
    at.keyboard.press("ArrowDown")
    expect(said).to_contain_text("bold, with 30% of the weight.")
    expect(choice).to_be_focused()
    page.settled()
    expect(choice).to_have_value("1")
    at.keyboard.press("ArrowUp")
    expect(said).to_contain_text("as written, with 70% of the weight")
    expect(at).to_have_url(re.compile(r"#/tree\?structure=0&"))


def test_a_click_opens_what_it_points_at(seen: Seen) -> None:
    """Anywhere on a mark: the node itself; on its knob: nothing opens, what follows is folded; on a flow: what it leads
    to."""
    from playwright.sync_api import expect

    page = seen.go("tree")
    hit = """() => [...document.querySelectorAll("[role=treeitem]")].map(node => {
      node.scrollIntoView({block: "center", inline: "nearest"});
      const id = node.dataset.id, at = (x, y) => document.elementFromPoint(x, y);
      const owner = e => e?.closest("[data-id], [data-flow]")?.dataset.id;
      const box = node.querySelector(".mark").getBoundingClientRect();
      const [x, y, r] = [box.x + box.width / 2, box.y + box.height / 2, Math.min(box.width / 2 - 0.5, 5)];
      const marks = [[0, 0], [r, 0], [-r, 0], [0, r], [0, -r], [0.6 * r, 0.6 * r]]
        .map(([a, b]) => owner(at(x + a, y + b)));
      const knob = node.querySelector(".knob .hit")?.getBoundingClientRect();
      const knobs = knob ? [[2, 2], [knob.width - 2, knob.height / 2], [knob.width / 2, knob.height - 2]]
        .map(([a, b]) => at(knob.x + a, knob.y + b)?.closest(".knob")?.closest("[data-id]")?.dataset.id) : [];
      return [id, [...marks, ...knobs]];
    })"""
    found = page.evaluate(hit)
    assert len(found) == 23
    assert {node: set(owners) for node, owners in found} == {node: {node} for node, _ in found}
    flows = page.evaluate("""() => [...document.querySelectorAll("[data-flow] .edge-flow")].map(e => {
      e.scrollIntoView({block: "center", inline: "nearest"});
      const box = e.getBoundingClientRect(), id = e.parentElement.dataset.flow;
      const end = document.querySelector(`[data-id="${id}"] .mark`).getBoundingClientRect();
      const hit = document.elementFromPoint(box.right - 30, end.y + end.height / 2).closest("[data-id], [data-flow]");
      return [id, hit?.dataset.flow ?? hit?.dataset.id];
    })""")
    assert len(flows) == 22
    assert all(node == to for node, to in flows)
    above = page.locator("[role=treeitem][aria-label*='Challenger decides: demand']").first
    above.locator(".mark").click(position={"x": 10, "y": 6})
    expect(page.locator("#node-title")).to_have_text("Challenger: demand")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)])
def test_the_tree_is_for_everybody(browser: Any, running: Running, scheme: str, width: int) -> None:
    opened = Seen.opened(browser, running, width, color_scheme=scheme)
    page = opened.go("tree")
    page.locator("[role=treeitem]").nth(3).focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#node-title")
    opened.settled()
    assert opened.axe() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.context.close()
    assert opened.wrong == []


def test_a_thousand_nodes_are_drawn_at_once(seen: Seen, running: Running) -> None:
    """Bounded is the time of its processor, since others use this machine too; `-s` prints what was measured."""
    page, found, used = seen.page, [], []
    state = {"case": "take-it-or-leave-it", "set": {"precision": 0.5}, "draws": 60}
    told = base64.urlsafe_b64encode(json.dumps(state).encode()).decode().rstrip("=")
    watch = page.context.new_cdp_session(page)
    watch.send("Performance.enable", {"timeDomain": "threadTicks"})

    def busy() -> float:
        metrics = {m["name"]: m["value"] for m in watch.send("Performance.getMetrics")["metrics"]}
        return 1000 * float(metrics["TaskDuration"])

    for _ in range(3):
        page.goto(f"{running.origin}/#/library?s={told}")
        page.wait_for_timeout(500)
        before = busy()
        page.goto(f"{running.origin}/#/tree?least=0&s={told}")
        page.wait_for_selector(".tree .node")
        seen.settled()
        page.wait_for_timeout(1500)
        used.append(busy() - before)
        found += page.evaluate("performance.getEntriesByName('tree').map(e => [e.duration, e.detail.nodes])")
        page.evaluate("performance.clearMeasures('tree')")
    drawn = [took for took, nodes in found if 900 < nodes <= 1000]
    assert len(drawn) >= 3
    print(f"\n1,000 nodes: drawn in {min(drawn):.0f} ms at best, {min(used):.0f} ms of the processor with all else")
    assert min(used) < 1000
