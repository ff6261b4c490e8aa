"""What tests that look at pages share: whether there is a browser with all that is needed, and the browser itself."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from detente.present.cli.brief import browser as installed

CHROMIUM = installed()
AXE = find_spec("axe_playwright_python")
READY = bool(CHROMIUM and AXE and AXE.origin and find_spec("playwright"))
WITHOUT = "no Chromium, Playwright and axe to look at pages with"
needs_browser = pytest.mark.skipif(not READY, reason=WITHOUT)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, started once."""
    if not READY:
        pytest.skip(WITHOUT)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


def axe(page: Any) -> list[tuple[str, str]]:
    """What axe finds on a page as it stands: the rule, and the beginning of the first element that breaks it."""
    assert AXE
    assert AXE.origin
    page.evaluate(Path(AXE.origin).with_name("axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [(v["id"], v["nodes"][0]["html"][:300]) for v in found]
