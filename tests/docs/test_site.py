"""The documentation as a site: what stands in it, links that hold, nothing from elsewhere, search without network.

What builds it is skipped, and counted, without `uv run --group site`; what opens it without Chromium and Playwright.
"""

from __future__ import annotations

import re
import runpy
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.pages import BLOCK, ROOT, SAVED
from tests.looking import READY, axe

DOCS = ROOT / "docs"
builds = pytest.mark.skipif(not find_spec("zensical"), reason="no Zensical to build the site with")
opens = pytest.mark.skipif(
    not (find_spec("zensical") and READY),
    reason="no Zensical, Chromium, Playwright and axe to read the site with",
)
PAGES = ("index", "tutorial", "gallery", "reference/run", "record")
WIDTHS = (1440, 1024, 390)
LINK = re.compile(r"\]\(([^)\s]+)\)")
LOADED = re.compile(r"""<(?:script|img|iframe|source)[^>]*\ssrc=["']?([^"'\s>]+)|<link[^>]*\shref=["']?([^"'\s>]+)""")


def named(entry: Any, folder: Path) -> Iterator[Path]:
    """The pages that a part of the navigation names; a folder has its own."""
    if isinstance(entry, list):
        for one in entry:
            yield from named(one, folder)
    elif isinstance(entry, dict):
        for one in entry.values():
            yield from named(one, folder)
    elif (folder / entry).is_dir():
        yield from navigation(folder / entry)
    else:
        yield from sorted(folder.glob(entry)) or [folder / entry]


def navigation(folder: Path) -> Iterator[Path]:
    yield from named(yaml.safe_load((folder / ".nav.yml").read_text(encoding="utf-8"))["nav"], folder)


def test_every_page_stands_in_the_navigation_once() -> None:
    there = list(navigation(DOCS))
    assert len(there) == len(set(there))
    assert {p.relative_to(DOCS).as_posix() for p in there} == {
        p.relative_to(DOCS).as_posix() for p in DOCS.rglob("*.md")
    }, "docs/.nav.yml"


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", *(f"docs/{p.name}" for p in DOCS.glob("*.md"))])
def test_links_between_plain_files_hold(page: str) -> None:
    text = BLOCK.sub("", (ROOT / page).read_text(encoding="utf-8"))
    for link in LINK.findall(text):
        if not re.match(r"[a-z]+:|#", link):
            assert (ROOT / page).parent.joinpath(link.partition("#")[0]).exists(), link


def test_the_models_of_the_tutorial_are_the_files_beside_it() -> None:
    text = (DOCS / "tutorial.md").read_text(encoding="utf-8")
    blocks = [(b[2], SAVED.search(text, b.end(), b.end() + 300)) for b in BLOCK.finditer(text) if b[1] == "yaml"]
    shown = {saved[1]: block for block, saved in blocks if saved}
    for file in (DOCS / "examples").glob("*.yaml"):
        assert shown[file.name] == file.read_text(encoding="utf-8"), file.name


def test_the_methods_are_those_of_the_code() -> None:
    make = runpy.run_path(str(DOCS / "make_methods.py"))
    assert len(make["papers"]()) > 30
    assert (DOCS / "methods.md").read_text(encoding="utf-8") == make["page"](), "uv run python docs/make_methods.py"


def built(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "zensical", "build", "--strict"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the site is made from, where a test may write."""
    folder = tmp_path_factory.mktemp("site")
    shutil.copy(ROOT / "zensical.toml", folder)
    for name in ("docs", "docs_site"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def site(source: Path) -> Path:
    done = built(source)
    assert done.returncode == 0, done.stdout + done.stderr
    return source / "build" / "site"


@builds
def test_it_is_built_whole(site: Path) -> None:
    pages = {p.relative_to(DOCS).with_suffix(".html").as_posix() for p in DOCS.rglob("*.md")}
    pages = {re.sub(r"README\.html$", "index.html", page) for page in pages}
    assert {p.relative_to(site).as_posix() for p in site.rglob("*.html")} == {*pages, "404.html"}
    for picture in (DOCS / "pictures").rglob("*.svg"):
        assert (site / picture.relative_to(DOCS)).is_file()
    assert not list(site.rglob("*.py"))


@builds
def test_nothing_is_loaded_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    loaded = {one or other for page in pages for one, other in LOADED.findall(page.read_text(encoding="utf-8"))}
    assert len(loaded) > 20
    assert [address for address in loaded if re.match(r"(https?:)?//", address)] == []
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.search(r"@import|url\(\s*[\"']?(https?:)?//", text), sheet


@builds
@pytest.mark.parametrize("link", ["nowhere.md", "meaning.md#no-such-heading"])
def test_a_broken_link_fails(link: str, source: Path, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    shutil.copytree(source / "docs_site", tmp_path / "docs_site")
    shutil.copy(source / "zensical.toml", tmp_path)
    for page, text in (("README.md", "# Start\n"), ("meaning.md", "# Meaning\n")):
        (tmp_path / "docs" / page).write_text(text, encoding="utf-8")
    assert built(tmp_path).returncode == 0
    (tmp_path / "docs" / "README.md").write_text(f"# Start\n\n[there]({link})\n", encoding="utf-8")
    done = built(tmp_path)
    assert done.returncode != 0
    assert "does not exist" in done.stdout + done.stderr


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def served(site: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@opens
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_read_without_network_at_any_width(scheme: Any, site: Path, browser: Any) -> None:
    base, judged = site.as_uri(), {"light": 390, "dark": 1440}[scheme]
    for width in WIDTHS:
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True)
        page, asked, wrong = context.new_page(), [], []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("pageerror", lambda error, wrong=wrong: wrong.append(str(error)))
        for name in PAGES:
            page.goto(f"{base}/{name}.html")
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, (name, width)
            assert page.evaluate("[...document.images].every(i => i.loading === 'lazy' || i.naturalWidth > 0)"), name
            if width == judged:
                assert axe(page) == [], (name, width)
        ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert (sum(map(int, re.findall(r"\d+", ground)[:3])) < 200) == (scheme == "dark"), ground
        assert [address for address in asked if not address.startswith((base, "data:"))] == []
        assert wrong == []
        context.close()


@opens
@pytest.mark.parametrize("where", ["as a file", "from a server"])
def test_search_finds_and_leads_there(where: str, site: Path, served: str, browser: Any) -> None:
    from playwright.sync_api import expect

    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.goto(f"{site.as_uri() if where == 'as a file' else served}/index.html")
    page.locator(".md-search__button").click()
    box = page.get_by_placeholder("Search")
    expect(box).to_be_visible()
    box.press_sequentially("quantal response")
    found = page.locator("a", has_text=re.compile("quantal response", re.IGNORECASE))
    found.first.click()
    page.wait_for_url(re.compile(r"(?<!index)\.html"))
    expect(page.locator("article")).to_contain_text(re.compile("quantal response", re.IGNORECASE))
    page.context.close()
