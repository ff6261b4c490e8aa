"""The examples of the documentation run, page by page, and print what the pages show."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from detente.present.cli import former
from detente.present.cli.app import app
from tests.docs.pages import BLOCK, PAGES, ROOT, Example, examples, places, run, tokens, width

RUNNING = [page for page in PAGES if any(isinstance(e, Example) for e in examples(page))]
"""Pages with something to run on them. The others hold reference, measurements or none."""


def test_every_page_of_use_has_examples() -> None:
    silent = {
        "docs/README.md",
        "docs/assistants.md",
        "docs/cluster.md",
        "docs/gallery.md",
        "docs/glossary.md",
        "docs/methods.md",
        "docs/reading-the-report.md",
        "docs/language.md",
        "docs/meaning.md",
        "docs/performance.md",
        "docs/record.md",
        "docs/shapes.md",
    }
    assert set(PAGES) - set(RUNNING) == silent


@pytest.mark.no_cover  # whatever they run has tests of its own, and counting lines takes a third of their time
@pytest.mark.parametrize("page", RUNNING)
def test_examples_run_and_print_what_is_shown(
    page: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All pages have one store, as a reader has."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DETENTE_STORE", str(tmp_path_factory.getbasetemp().parent / "store-of-the-pages"))
    names: dict[str, object] = {}
    with width():
        for example in examples(page):
            if not isinstance(example, Example):
                Path(example[0]).write_text(example[1])
                continue
            real = run(example, names)
            if example.shown.strip():
                told = places(example.shown, real)
                assert not isinstance(told, str), f"{example.text}\n{told}\n{real}"


ELSEWHERE = {"docs/cluster.md", "docs/performance.md"}  # what is shown needs many machines, or much time


def test_no_block_of_a_page_escapes() -> None:
    """A command in a block that is not `console` would not be run."""
    for page in PAGES:
        for kind, block in BLOCK.findall((ROOT / page).read_text()):
            if kind != "console" and page not in ELSEWHERE:
                assert not re.search(r"^(\$ )?(uv run )?detente ", block, re.MULTILINE), f"{page}\n{block}"


def test_the_comparison_of_examples_can_fail() -> None:
    real = "a  12.3%  b\nmiddle\nlast 1,000 in 2.5 s\n"
    for good in (real, "a 12.4% b\n...\n", "...\nlast 1,000 in 9.9 s\n", "a 12.3% b\n...\nlast 1,000 in 2.5 s\n"):
        assert not isinstance(places(good, real), str), good
    for bad in ("a 12.5% b\n...\n", "a 12.3% c\n...\n", "a 12.3% b\n", "...\nlast 1,002 in 2.5 s\n", "middle\n...\n"):
        assert isinstance(places(bad, real), str), bad
    assert tokens("█████ x1.5e-3")[0].skeleton == "x#"


def test_the_variant_of_the_tutorial_is_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs/tutorial.md").read_text()
    blocks = [block for kind, block in BLOCK.findall(text) if kind == "yaml" and block.startswith("extends:")]
    assert CliRunner().invoke(app, ["new", "demand"]).exit_code == 0
    Path("rosy.yaml").write_text(blocks[0])
    checked = CliRunner().invoke(app, ["check", "rosy.yaml", "--strict"])
    assert checked.exit_code == 0, checked.output


def test_every_command_is_documented() -> None:
    commands = set(get_command(app).list_commands(None))  # type: ignore[attr-defined]
    assert {"run", "report", "gradients", "cases"} <= commands
    text = (ROOT / "README.md").read_text()
    assert [name for name in commands if f"`detente {name}" not in text] == []
    listed = (ROOT / "docs/commands.md").read_text()
    assert [name for name in commands if f"`{name}`" not in listed and f"`detente {name}" not in listed] == []


def test_links_between_pages_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    links = [(page, target) for page in pages for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())]
    broken = [
        f"{page.relative_to(ROOT)} -> {target}"
        for page, target in links
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


FORMER = re.findall(
    r"^\| `(detente [^`]*)` \| `(detente [^`]*)` \|$", (ROOT / "docs/commands.md").read_text(), re.MULTILINE
)
ASKED = {
    "CASE": "crisis-signalling -n 220", "EVENT": '"P(outcome is war) > 0.2"', "NAME": "Defender",
    "Q2": "fear_of_war --points 5", "Q": "audience_cost",
}  # fmt: skip


def test_every_former_spelling_is_listed() -> None:
    told = {tuple(line.split()[1:4:2]) for line, _ in FORMER}
    assert told == {*former.FLAGS, ("sense", "--design"), ("tip", "Q")}
    assert len(FORMER) == len(former.FLAGS) + len(former.DESIGNS) + 1


@pytest.mark.parametrize(("before", "now"), FORMER)
def test_a_former_spelling_answers_as_the_new_one(before: str, now: str) -> None:
    def said(line: str) -> tuple[int, Any]:
        for word, asked in ASKED.items():
            line = re.sub(rf"(?<![\w-]){word}(?!\w)", asked, line)
        words = [*shlex.split(line)[1:], "--json"]
        if words[0] == "map":
            del words[words.index("-n") : words.index("-n") + 2]
        done = CliRunner().invoke(app, words)
        return done.exit_code, json.loads(done.stdout)

    assert said(before) == said(now)
    assert said(now)[0] == 0
