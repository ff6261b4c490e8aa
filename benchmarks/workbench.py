"""How fast the workbench answers, as somebody in front of it feels it.

    uv run --group browser python benchmarks/workbench.py [--case ukraine-2022] [--presses 60] [--visits 100]

Real key presses in Chromium. For each screen: from the key's own time stamp to the first change of the page that it
brings, and to the frame in which that is painted (median and 95th percentile); bytes that came for it; CPU time of the
server for it. Then the server's memory idle and after many visits, and what a page weighs.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import expect, sync_playwright

ASSETS = Path(__file__).parents[1] / "src" / "detente" / "present" / "web" / "assets"
OTHERS = (
    ("timeline", "timeline, cursor", "#cursor", ".now", "ArrowLeft", "ArrowRight"),
    ("tree", "tree, along it", "[role=treeitem]", "[role=tree]", "ArrowRight", "ArrowLeft"),
)
"""Other screens: their name, what is measured, where the focus goes, what has to change, and the keys."""
WATCH = """
  window.__told = [];
  document.addEventListener('keydown', e => { window.__key = {at: e.timeStamp, done: false}; }, true);
  const element = node => node.closest ? node : node.parentElement;
  const look = () => new MutationObserver(changes => {
    const key = window.__key;
    if (!key || key.done || !changes.some(c => element(c.target)?.closest(window.__wanted))) return;
    key.done = true;
    const changed = performance.now() - key.at;
    requestAnimationFrame(() => {  // a message sent in a frame comes after it is painted
      const after = new MessageChannel();
      after.port1.onmessage = () => window.__told.push([changed, performance.now() - key.at]);
      after.port2.postMessage(0);
    });
  }).observe(document.body, {subtree: true, childList: true, characterData: true, attributes: true});
  document.body ? look() : addEventListener('DOMContentLoaded', look);
"""  # fmt: skip


def browser_path() -> str:
    from detente.present.cli.brief import browser

    found = browser()
    if not found:
        sys.exit("there is no Chromium here")
    return str(found)


@contextmanager
def served(case: str) -> Iterator[tuple[int, str]]:
    """A server of its own; its process, and the link that opens it."""
    command = [str(Path(sys.executable).with_name("detente")), "open", case, "--no-browser", "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    text = ""
    while True:
        text += process.stdout.readline()
        try:
            url = json.loads(text)["url"]
            break
        except ValueError:
            continue
    try:
        yield process.pid, url
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def cpu(pid: int) -> float:
    """CPU seconds that a process has used, in milliseconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> float:
    """Resident megabytes of a process."""
    line = next(x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if x.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def settled(page: Any) -> None:
    page.wait_for_selector(".pane")
    expect(page.locator("[aria-busy=true]")).to_have_count(0, timeout=300_000)


def pressed(page: Any, pid: int, wanted: str, keys: Callable[[int], str], presses: int) -> dict[str, float]:
    """What key presses come to: each is answered before the next."""
    page.evaluate("wanted => { window.__wanted = wanted; window.__told = []; }", wanted)
    for k in range(3):
        page.keyboard.press(keys(k))
        page.wait_for_timeout(150)
    page.evaluate("() => { window.__told = []; }")
    began = cpu(pid)
    for k in range(presses):
        page.keyboard.press(keys(k))
        page.wait_for_timeout(120)
    spent = (cpu(pid) - began) / presses
    told = page.evaluate("() => window.__told")
    changed, painted = zip(*told, strict=True) if told else ((float("nan"),), (float("nan"),))
    return {
        "answered": len(told), "change p50": statistics.median(changed), "change p95": _p95(changed),
        "paint p50": statistics.median(painted), "paint p95": _p95(painted), "CPU": spent,
    }  # fmt: skip


def _p95(values: Any) -> float:
    ordered = sorted(values)
    return float(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", default="ukraine-2022")
    parser.add_argument("--presses", type=int, default=60)
    parser.add_argument("--visits", type=int, default=100)
    told = parser.parse_args()
    with served(told.case) as (pid, url), sync_playwright() as play:
        started = play.chromium.launch(executable_path=browser_path(), args=["--no-sandbox", "--disable-gpu"])
        context = started.new_context(viewport={"width": 1440, "height": 900})
        page = context.new_page()
        page.add_init_script(WATCH)
        idle = memory(pid)
        began = time.monotonic()
        page.goto(url)
        page.wait_for_selector(".level", timeout=300_000)
        first = time.monotonic() - began
        page.wait_for_selector(".slider", timeout=300_000)
        settled(page)
        whole = time.monotonic() - began
        print(f"{told.case}: first answer after {first:.2f} s, all draws and sliders after {whole:.2f} s")
        rows = {}
        sliders = page.locator(".slider input[type=range]")
        for k, name in ((0, "slider, re-weighted"), (1, "another slider")):
            sliders.nth(k).focus()
            rows[name] = pressed(
                page, pid, ".lede", lambda i: "ArrowRight" if i % 20 < 10 else "ArrowLeft", told.presses
            )
        for screen, name, focus, wanted, there, back in OTHERS:
            page.click(f"nav a[href^='#/{screen}']")
            page.wait_for_selector(focus, timeout=300_000)
            settled(page)
            page.locator(focus).first.focus()
            rows[name] = pressed(page, pid, wanted, lambda i, a=there, b=back: a if i % 8 < 4 else b, told.presses)
        print(f"{'':24} {'n':>4} {'change p50':>11} {'p95':>7} {'paint p50':>10} {'p95':>7} {'CPU ms':>8}")
        for name, r in rows.items():
            print(
                f"{name:24} {r['answered']:4.0f} {r['change p50']:11.1f} {r['change p95']:7.1f} {r['paint p50']:10.1f} "
                f"{r['paint p95']:7.1f} {r['CPU']:8.1f}"
            )
        solved = memory(pid)
        for _ in range(told.visits):
            page.goto(url.partition("?")[0])
            page.wait_for_selector(".level", timeout=60_000)
        print(
            f"server: {idle:.0f} MB before the first page, {solved:.0f} MB with the case solved, "
            f"{memory(pid):.0f} MB after {told.visits} visits"
        )
        for file in sorted(ASSETS.glob("*.*s*")):
            data = file.read_bytes()
            print(f"{file.name}: {len(data) / 1000:.1f} kB, {len(gzip.compress(data)) / 1000:.1f} gz")
        started.close()


if __name__ == "__main__":
    main()
