"""Help: every option of every command, the groups, the aliases, and what `--report` alone means."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

import detente
from detente.errors import nearest
from detente.present.cli.app import BY_HAND, WHOLE, app, made
from detente.present.cli.helping import Command, Group
from detente.present.cli.pages import UNNAMED, file_for, named_file
from detente.study.registry import GROUPS, TOPICS, declared, group_of

ROOT: Any = get_command(app)


def commands() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command as it is typed, those of questions made from what they declare."""
    for name in ROOT.list_commands(None):
        command = made(name) if name in declared() or name in WHOLE else ROOT.get_command(None, name)
        yield (name,), command
        for inner in getattr(command, "commands", {}):
            yield (name, inner), command.commands[inner]


COMMANDS = dict(commands())


def invoke(*words: str, width: int = 200) -> str:
    result = CliRunner().invoke(app, list(words), env={"COLUMNS": str(width), "TERMINAL_WIDTH": str(width)})
    assert result.exit_code == 0, result.output
    return result.output


def plain(text: str) -> str:
    """A help text without its frames and line breaks."""
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", text).split())


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_help_of_every_option_is_printed_as_it_is_written(words: tuple[str, ...]) -> None:
    shown = re.sub(r"\s", "", plain(invoke(*words, "--help", width=400)))
    for param in COMMANDS[words].params:
        said = " ".join((param.help or "").split())
        assert said, f"{words} {param.name} has no help"
        assert re.sub(r"\s", "", said) in shown, (words, param.name)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_option_that_takes_a_value_shows_its_default(words: tuple[str, ...]) -> None:
    shown = plain(invoke(*words, "--help", width=400))
    for param in COMMANDS[words].params:
        if param.required or param.name == "help" or (getattr(param, "is_flag", False) and not param.secondary_opts):
            continue
        help_, default = param.help or "", param.default
        if param.secondary_opts or (default not in (None, "") and "[default: " not in help_ and not callable(default)):
            assert param.show_default is not False, (words, param.name)
            value = default
            if param.secondary_opts:
                value = (param.opts if default else param.secondary_opts)[0].removeprefix("--")
            value = getattr(value, "value", value)
            assert f"[default: {value}]" in shown, (words, param.name)
        else:
            repeated = getattr(param, "multiple", False) or param.nargs == -1
            assert repeated or "[default: " in help_, (words, param.name, "says nothing of its default")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_texts_are_in_one_style(words: tuple[str, ...]) -> None:
    for param in COMMANDS[words].params:
        said = " ".join(param.help.split())
        assert re.fullmatch(r".*\.( \[default: [^\[\]]+\])?", said), (words, param.name, said)
        assert "May be repeated" not in said
        assert said[0].isupper() or said.startswith(("outcome", "answer")), (words, param.name, said)
    assert isinstance(COMMANDS[words], (Command, Group))


def test_square_brackets_in_help_are_text() -> None:
    assert "HOST[:PORT]" in invoke("open", "--help")
    assert "[default: 5th percentile]" in invoke("tip", "--help")
    assert "[default: reports/CASE-brief.html]" in invoke("brief", "--help")


def test_every_command_is_in_one_group_of_the_help() -> None:
    shown = invoke("--help")
    places = [shown.index(f"─ {title} ─") for title in GROUPS.values()]
    assert places == sorted(places)
    found: dict[str, str] = {}
    title = ""
    for line in shown.splitlines():
        if head := re.match(r"╭─ (.*?) ─", line):
            title = head[1]
        elif title in GROUPS.values() and (name := re.match(r"│ ([a-z][a-z-]+) ", line)):
            assert name[1] not in found
            found[name[1]] = title
    assert found.keys() == {*declared(), *WHOLE, *(name for name, _, _ in BY_HAND), "store"}
    assert {found[name] for name in declared()} == {group_of(topic) for topic in TOPICS}
    assert all(found[name] == group_of(known.topic) for name, known in declared().items())
    assert (found["tip"], found["learn"], found["check"], found["solve"], found["report"]) == (
        "What would change it", "What to find out", "Model", "Games", "Files",
    )  # fmt: skip


def test_the_version_is_told() -> None:
    assert invoke("--version") == f"detente {detente.__version__}\n"


@pytest.mark.parametrize(("alias", "name"), [("sensitivity", "sense"), ("voi", "learn")])
def test_the_words_of_the_field_are_other_names(alias: str, name: str) -> None:
    small = ["crisis-signalling", "--draws", "200", "--json"]
    assert invoke(alias, *small) == invoke(name, *small)
    assert getattr(detente, alias) is getattr(detente, name)
    assert alias in detente.__all__
    assert f"Also called {alias}." in plain(invoke("--help"))


def test_former_flags_are_understood_of_the_other_names_too() -> None:
    small = ["crisis-signalling", "--draws", "200", "--json"]
    assert invoke("sensitivity", "--local", *small) == invoke("gradients", *small)


@pytest.mark.parametrize(
    ("words", "same"),
    [
        (["crisis-signalling", "--report"], ["crisis-signalling", f"--report={UNNAMED}"]),
        (["--report", "crisis-signalling"], [f"--report={UNNAMED}", "crisis-signalling"]),
        (["x", "--report", "--json"], ["x", f"--report={UNNAMED}", "--json"]),
        (["x", "--report", "a.html"], ["x", "--report", "a.html"]),
        (["x", "--report", "out/page"], ["x", "--report", "out/page"]),
        (["x", "--report=page"], ["x", "--report=page"]),
        (["x", "--", "--report"], ["x", "--", "--report"]),
    ],
)
def test_a_report_may_have_no_file(words: list[str], same: list[str]) -> None:
    assert named_file("tip", words) == same


def test_a_report_without_a_file_gets_a_sensible_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert file_for(UNNAMED, "a", "run") == Path("reports/a.html")
    assert file_for(Path("b.html"), "a", "tip") == Path("b.html")
    assert file_for(None, "a", "tip") is None
    told = invoke("claims", "crisis-signalling", "--draws", "50", "--report")
    assert "written: reports/crisis-signalling-claims.html" in told
    assert (tmp_path / "reports" / "crisis-signalling-claims.html").read_text().startswith("<!doctype html>")
    json.loads(CliRunner().invoke(app, ["run", "crisis-signalling", "--draws", "50", "--report", "--json"]).stdout)
    assert {p.name for p in (tmp_path / "reports").iterdir()} >= {"crisis-signalling.html", "crisis-signalling.nc"}


def test_no_list_of_valid_names_is_cut() -> None:
    names = [f"name_{k}" for k in range(80)]
    assert nearest("zzz", names) == f"known here: {', '.join(names)}"
    result = CliRunner().invoke(app, ["tip", "ukraine-2022", "zzzz", "--draws", "10"])
    assert result.exit_code == 2
    assert "more" not in result.stderr
    model = detente.load("ukraine-2022")
    assert all(name in result.stderr for name in model.quantities if "seen by" not in name)
