"""The frame of the workbench, in a browser: it opens, goes from screen to screen, and outlives its server."""

from __future__ import annotations

from tests.workbench.conftest import Seen, needs_browser

pytestmark = needs_browser


def test_the_answer_is_there(seen: Seen) -> None:
    seen.settled()
    assert "draws, seed 1" in seen.page.inner_text("main .status")
    assert seen.page.title().startswith("Answer · crisis-signalling")
