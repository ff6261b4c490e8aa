"""The examples of the documentation run: commands in `console` blocks, and `python` blocks, page by page."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from detente.present.cli import app

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "docs/tutorial.md"]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES)
def test_examples_run(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    ran = 0
    for kind, block in BLOCK.findall((ROOT / page).read_text()):
        if kind == "console":
            for line in block.splitlines():
                if line.startswith("$ detente "):
                    result = CliRunner().invoke(app, shlex.split(line)[2:])
                    assert result.exit_code == 0, f"{line}\n{result.output}\n{result.exception!r}"
                    ran += 1
        elif kind == "python":
            exec(compile(block, page, "exec"), names)
            ran += 1
    assert ran >= 3


def test_the_variant_of_the_tutorial_is_a_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "docs/tutorial.md").read_text()
    blocks = [block for kind, block in BLOCK.findall(text) if kind == "yaml" and block.startswith("extends:")]
    assert CliRunner().invoke(app, ["new", "demand"]).exit_code == 0
    Path("rosy.yaml").write_text(blocks[0])
    checked = CliRunner().invoke(app, ["check", "rosy.yaml", "--strict"])
    assert checked.exit_code == 0, checked.output


def test_every_option_of_every_command_is_documented() -> None:
    text = (ROOT / "docs/commands.md").read_text() + (ROOT / "README.md").read_text()
    missing = []
    for command in app.registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__
        if f"detente {name}" not in text:
            missing.append(name)
    assert missing == []


def test_links_between_pages_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    links = [(page, target) for page in pages for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())]
    broken = [
        f"{page.relative_to(ROOT)} -> {target}"
        for page, target in links
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []
