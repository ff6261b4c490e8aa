"""How fast the widget answers in JupyterLab, as somebody in front of it feels it.

    uv run --group browser --group notebooks python benchmarks/widget.py [--case CASE] [--draws N] [--presses 60]

Real key presses on the first two sliders in Chromium: from the key's own time stamp to the first change of the sentence
that it brings, and to the frame in which that is painted (median and 95th percentile), as `benchmarks/workbench.py`
measures the page. Beside it what the server said the answer took, and what the script and the style weigh.
"""

from __future__ import annotations

import argparse
import gzip
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from playwright.sync_api import sync_playwright  # noqa: E402
from tests.present.test_notebooks import INSIDE, opened, settled  # noqa: E402

from workbench import ASSETS, WATCH, browser_path, pressed, to_and_fro  # noqa: E402

LOOK = WATCH.replace("document.body ? look() : addEventListener('DOMContentLoaded', look);", "look();").replace(
    "document.body,", f"({INSIDE})().shadowRoot,"
)
"""The same watch, of the shadow tree."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", default="ukraine-2022")
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--presses", type=int, default=60)
    told = parser.parse_args()
    folder = Path(tempfile.mkdtemp())
    made = f"import detente\nw = detente.run({told.case!r}, draws={told.draws}).explore()\nw"
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=browser_path(), args=["--no-sandbox", "--disable-gpu"])
        with opened(started, folder, [made]) as (page, process):
            began = time.monotonic()
            settled(page)
            print(f"{told.case}, {told.draws:,} draws: solved and shown after {time.monotonic() - began:.1f} s")
            page.evaluate(f"() => {{ {LOOK} }}")
            print(f"{'':20} {'n':>4} {'change p50':>11} {'p95':>7} {'paint p50':>10} {'p95':>7}  the kernel's own")
            sliders = page.locator(".explorer .slider input[type=range]")
            for k, name in ((0, "slider, reweighted"), (1, "another slider")):
                sliders.nth(k).focus()
                r = pressed(page, process, ".lede", to_and_fro("ArrowRight", "ArrowLeft", 10), told.presses)
                took = page.locator(".explorer .took").first.inner_text()
                print(
                    f"{name:20} {r['answered']:4.0f} {r['change p50']:11.1f} {r['change p95']:7.1f} "
                    f"{r['paint p50']:10.1f} {r['paint p95']:7.1f}  {took}"
                )
        started.close()
    for file in ("widget.js", "widget.css"):
        data = (ASSETS / file).read_bytes()
        print(f"{file}: {len(data) / 1000:.1f} kB, {len(gzip.compress(data)) / 1000:.1f} gz")


if __name__ == "__main__":
    main()
