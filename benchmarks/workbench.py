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


def to_and_fro(there: str, back: str, each: int) -> Callable[[int], str]:
    """So many presses of one key, then as many of another."""
    return lambda k: there if k % (2 * each) < each else back


def pressed(
    page: Any, pid: int, wanted: str, keys: Callable[[int], str], presses: int, pause: float = 120
) -> dict[str, float]:
    """What key presses come to: each is answered before the next, after so many milliseconds."""
    page.evaluate("wanted => { window.__wanted = wanted; window.__told = []; }", wanted)
    for k in range(3):
        page.keyboard.press(keys(k))
        page.wait_for_timeout(pause)
    page.evaluate("() => { window.__told = []; }")
    began = cpu(pid)
    for k in range(presses):
        page.keyboard.press(keys(k + 3))
        page.wait_for_timeout(pause)
    return _told(page, (cpu(pid) - began) / presses)


def _told(page: Any, spent: float) -> dict[str, float]:
    told = page.evaluate("() => window.__told")
    changed, painted = zip(*told, strict=True) if told else ((float("nan"),), (float("nan"),))
    return {
        "answered": len(told), "change p50": statistics.median(changed), "change p95": _p95(changed),
        "paint p50": statistics.median(painted), "paint p95": _p95(painted), "CPU": spent,
    }  # fmt: skip


def opened(page: Any, screen: str, focus: str) -> bool:
    """Go to a screen and put the focus on something in it; whether there is such a thing."""
    page.click(f"nav a[href^='#/{screen}']")
    page.wait_for_selector("main .pane", timeout=300_000)
    settled(page)
    if page.locator(focus).count() == 0:
        return False
    page.locator(focus).first.focus()
    return True


def played(page: Any, pid: int, moves: int) -> dict[str, float]:
    """Moves of a play, each made by the key that stands on its button."""
    page.evaluate("() => { window.__wanted = 'main h1'; window.__told = []; }")
    opened(page, "play", "main h1")
    page.locator(".role input").first.check()
    page.get_by_role("button", name="Sit down").click()
    page.wait_for_selector(".seat", timeout=300_000)
    settled(page)
    page.evaluate("() => { window.__told = []; }")
    spent = 0.0
    for _ in range(moves):
        if not page.locator(".moves button").count():
            page.get_by_role("button", name="in another world").click()
            page.wait_for_selector(".moves button", timeout=300_000)
            settled(page)
        page.locator(".moves button").first.focus()
        began = cpu(pid)
        page.keyboard.press("Enter")
        page.wait_for_timeout(400)
        settled(page)
        spent += cpu(pid) - began
    return _told(page, spent / moves)


def _p95(values: Any) -> float:
    ordered = sorted(values)
    return float(ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))])


def others(page: Any, pid: int, presses: int) -> dict[str, dict[str, float]]:
    """The other screens, each by what one does most in it."""
    rows = {}
    if opened(page, "argument", ".presence button"):
        rows["argument, a rival"] = pressed(page, pid, ".what .lede", lambda _: "Space", presses)
    if opened(page, "tree", "[role=treeitem]"):
        rows["tree, along it"] = pressed(page, pid, "[role=tree]", to_and_fro("ArrowRight", "ArrowLeft", 4), presses)
    if opened(page, "timeline", "#cursor"):
        rows["timeline, cursor"] = pressed(page, pid, ".now", to_and_fro("ArrowLeft", "ArrowRight", 4), presses)
    if opened(page, "maps", "svg.aim"):
        rows["maps, cross-hair"] = pressed(page, pid, "#point-said", to_and_fro("ArrowRight", "ArrowLeft", 4), presses)
    rows["play, a move"] = played(page, pid, min(presses, 20))
    opened(page, "model", "h1")
    page.wait_for_selector(".cm-content")
    settled(page)
    page.focus(".cm-content")
    page.keyboard.press("Control+f")
    page.keyboard.type("means: ")
    for key in (
        "Enter",
        "Escape",
        "ArrowRight",
        "ArrowLeft",
        "ArrowLeft",
    ):  # behind the key of an entry: with another letter there is none such
        page.keyboard.press(key)
    page.wait_for_timeout(1500)
    rows["model, a mistake told"] = pressed(
        page, pid, ".marks", lambda k: "Backspace" if k % 2 else "x", min(presses, 20), 1500
    )
    page.get_by_role("button", name="Discard the draft").click()
    numbers = {x: str(k + 1) for k, x in enumerate(page.locator("nav[aria-label=Screens] a").all_inner_texts())}
    page.locator("main h1").first.click()
    for screen in ("Share", "Answer"):
        other = numbers["Tree" if screen == "Share" else "Share"]
        rows[f"{screen.lower()}, opened"] = pressed(
            page, pid, "main", lambda k, n=numbers[screen], o=other: n if k % 2 else o, min(presses, 20), 600
        )
    return rows


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
            rows[name] = pressed(page, pid, ".lede", to_and_fro("ArrowRight", "ArrowLeft", 10), told.presses)
        rows |= others(page, pid, told.presses)
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
