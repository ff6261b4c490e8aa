"""The widget where it is used: in JupyterLab and in marimo, in a browser, moved by keyboard.

Skipped, and counted, where these are not installed (`uv run --group browser --group notebooks`).
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

import detente
from detente.present.wording.numbers import percent
from tests.looking import AXE, needs_browser

pytestmark = [
    pytest.mark.browser,
    needs_browser,
    pytest.mark.skipif(
        not (find_spec("jupyterlab") and find_spec("marimo")), reason="no JupyterLab and marimo to look at notebooks in"
    ),
]
CASE, DRAWS = "crisis-signalling", 200
MADE = f"import detente\nstudy = detente.run('{CASE}', draws={DRAWS})\nw = study.explore()\nw"
READ = (
    "import json, os\n"
    "open('told.json', 'w').write(json.dumps({'changes': w.changes, 'value': w.finding.value, 'command': w.command}))"
)
MARIMO = f"""import marimo
app = marimo.App()


@app.cell
def _():
    import detente
    study = detente.run('{CASE}', draws={DRAWS})
    w = study.explore()
    w
    return (w,)


if __name__ == "__main__":
    app.run()
"""
INSIDE = """() => {
  const found = [];
  const walk = root => root.querySelectorAll('*').forEach(e => {
    if (e.dataset.lmSuppressShortcuts) found.push(e);
    if (e.shadowRoot) walk(e.shadowRoot);
  });
  walk(document);
  return found[0];
}"""
CHANGED = f"() => /As written it is/.test(({INSIDE})().shadowRoot.querySelector('.lede').innerText)"
GROUND = f"getComputedStyle(({INSIDE})().shadowRoot.querySelector('.explorer')).backgroundColor"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def served(command: list[str], port: int, folder: Path) -> Iterator[tuple[str, int]]:
    """A notebook's server, with settings of its own, and no browser: its address, and its process."""
    own = {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    xdg = {f"XDG_{name}_HOME": str(folder / name) for name in ("CONFIG", "STATE", "CACHE")}
    with (folder / "log.txt").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=folder, stdout=log, stderr=log, env={**os.environ, **own, **xdg},
            start_new_session=True,
        )  # fmt: skip
    try:
        for _ in range(1200):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None, (folder / "log.txt").read_text()
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", process.pid
    finally:
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(10)


@dataclass(eq=False)
class Notebook:
    """A notebook that is open in a browser, with the widget in it."""

    page: Any
    folder: Path
    theme: Callable[[str], None]

    @property
    def level(self) -> str:
        return str(self.page.locator(".explorer .level").inner_text())

    def moved(self) -> str:
        """Move the first slider by one key, which is one step to be undone; the sentence that follows."""
        before = self.page.locator(".explorer .lede").inner_text()
        self.page.locator(".explorer .slider input[type=range]").first.focus()
        self.page.keyboard.press("PageUp")
        self.page.wait_for_function(
            "([find, was]) => { const e = eval(find)().shadowRoot; return e.querySelector('.lede').innerText !== was "
            "&& !e.querySelector('[aria-busy=true]'); }",
            arg=[INSIDE, before],
        )  # fmt: skip
        return str(self.page.locator(".explorer .lede").inner_text())

    def axe(self) -> list[tuple[str, str]]:
        """What axe finds inside the widget."""
        assert AXE
        assert AXE.origin
        self.page.evaluate(Path(AXE.origin).with_name("axe.min.js").read_text("utf-8"))
        found = self.page.evaluate(f"axe.run(({INSIDE})(), {{resultTypes: ['violations']}})")["violations"]
        return [(v["id"], v["nodes"][0]["html"][:300]) for v in found]


def settled(page: Any) -> None:
    page.wait_for_selector(".explorer .level", timeout=180_000)
    page.wait_for_selector(".explorer .slider input[type=range]", timeout=60_000)


@contextmanager
def opened(browser: Any, folder: Path, cells: list[str]) -> Iterator[tuple[Any, int]]:
    """A page of JupyterLab whose cells are being run, and the process of its server."""
    import nbformat

    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_code_cell(text) for text in cells]
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    nbformat.write(made, folder / "a.ipynb")
    port = free_port()
    told = ["--no-browser", f"--port={port}", "--ServerApp.token=", "--ServerApp.password=", "--allow-root"]
    told += ["--LabApp.news_url=None", f"--ServerApp.root_dir={folder}"]
    with served(["jupyterlab", *told], port, folder) as (origin, process):
        page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
        page.goto(f"{origin}/lab/tree/a.ipynb?reset", timeout=120_000)
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=120_000)
        page.wait_for_selector("text=Python 3 (ipykernel) | Idle", timeout=120_000)
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        yield page, process
        page.context.close()


@pytest.fixture(scope="module")
def lab(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    folder = tmp_path_factory.mktemp("lab")
    with opened(browser, folder, [MADE, READ]) as (page, _):

        def theme(name: str) -> None:
            page.evaluate("name => document.body.setAttribute('data-jp-theme-light', name === 'light')", name)

        settled(page)
        yield Notebook(page, folder, theme)


@pytest.fixture(scope="module")
def marimo(browser: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notebook]:
    folder = tmp_path_factory.mktemp("marimo")
    (folder / "a.py").write_text(MARIMO, "utf-8")
    port = free_port()
    told = ["--headless", "--no-token", f"--port={port}"]
    with served(["marimo", "run", "a.py", *told], port, folder) as (origin, _):
        page = browser.new_context(viewport={"width": 1440, "height": 1000}).new_page()
        page.goto(origin, timeout=120_000)

        def theme(name: str) -> None:
            page.evaluate(
                """name => {
                  document.body.className = document.documentElement.className = name;
                  for (const of of document.querySelectorAll("[data-theme]")) of.setAttribute("data-theme", name);
                }""",
                name,
            )

        settled(page)
        yield Notebook(page, folder, theme)
        page.context.close()


@pytest.fixture(params=["lab", "marimo"])
def notebook(request: pytest.FixtureRequest) -> Notebook:
    found: Notebook = request.getfixturevalue(request.param)
    return found


def believed(notebook: Notebook) -> tuple[str, float]:
    """Of the first slider: what it is of, and where it stands."""
    field = notebook.page.locator(".explorer .slider input[type=range]").first
    return field.get_attribute("id").removeprefix("slider-"), float(f"{float(field.input_value()):.4g}")


@pytest.mark.filterwarnings("ignore")  # of sockets and loops, which are Jupyter's
def test_a_slider_moved_by_keyboard_says_what_suppose_says(notebook: Notebook) -> None:
    study = detente.run(CASE, draws=DRAWS)
    assert study.answer is not None
    assert notebook.level == percent(study.answer.value.value, study.answer.value.error)
    said = notebook.moved()
    name, value = believed(notebook)
    wanted = detente.suppose(study, [f"{name}={value}"]).whole.answer
    assert wanted is not None
    assert notebook.level == percent(wanted.after.value, wanted.after.error)
    assert "As written it is" in said
    notebook.page.keyboard.press("Control+z")
    notebook.page.wait_for_function(CHANGED.replace("=> ", "=> !", 1))
    assert notebook.level == percent(study.answer.value.value, study.answer.value.error)
    notebook.page.keyboard.press("Control+y")
    notebook.page.wait_for_function(CHANGED)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_inside_it(theme: str, notebook: Notebook) -> None:
    notebook.theme(theme)
    for width in (1440, 800):
        notebook.page.set_viewport_size({"width": width, "height": 1000})
        notebook.page.wait_for_timeout(300)
        assert notebook.axe() == []
    ground = notebook.page.evaluate(GROUND)
    assert (min(map(int, re.findall(r"\d+", ground))) > 128) == (theme == "light")
    notebook.page.set_viewport_size({"width": 1440, "height": 1000})
    notebook.theme("light")


def test_python_reads_what_is_looked_at(lab: Notebook) -> None:
    page = lab.page
    lab.moved()
    name, value = believed(lab)
    (lab.folder / "told.json").unlink(missing_ok=True)
    page.locator(".jp-Notebook .jp-CodeCell").nth(1).locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    for _ in range(300):
        with suppress(OSError, ValueError):
            told = json.loads((lab.folder / "told.json").read_text())
            break
        time.sleep(0.1)
    wanted = detente.suppose(detente.run(CASE, draws=DRAWS), told["changes"]["suppose"]).whole.answer
    assert wanted is not None
    assert told["changes"] == {"set": {}, "suppose": [f"{name}={value!r}"]}
    assert told["value"] == pytest.approx(wanted.after.value, abs=1e-12)
    assert lab.level == percent(wanted.after.value, wanted.after.error)
    assert told["command"] == f"detente suppose {CASE} {name}={value!r} --draws {DRAWS} --seed 1"


def test_keys_of_the_notebook_stay_away(lab: Notebook) -> None:
    cells = lab.page.locator(".jp-Notebook .jp-Cell").count()
    lab.page.locator(".explorer .slider input[type=range]").first.focus()
    for key in ("d", "d", "a", "b", "x"):
        lab.page.keyboard.press(key)
    assert lab.page.locator(".jp-Notebook .jp-Cell").count() == cells
