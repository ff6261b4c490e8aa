"""However narrow the terminal, no name is broken and no number is cut: what is there at full width is there at 60."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from detente.present.cli.app import app
from detente.present.terminal.console import console
from detente.present.terminal.tables import Plain
from tests.present.test_pages import CASE, COMMANDS

LONG = {
    "war_cost": "what_a_long_war_would_cost",
    "prize_worth": "what_the_prize_is_worth",
    "ceded": "ceded_without_a_single_shot",
    "seldom": "the_north_will_seldom_attack",
    "North": "The_Northern_League",
    "threat": "threat_of_the_north",
}
FEW = ["--draws", "60", "--no-store"]
ASKED = {
    **COMMANDS,
    "run": ["run", "CASE", *FEW, "--no-report"],
    "tree": ["tree", "CASE", *FEW, "--depth", "8"],
    "score": ["score", "CASE", *FEW],
    "discover": ["discover", "CASE", "not seldom", "--draws", "600", "--no-store"],
}
FIRST = {"change"}  # headings of first columns, which paragraphs need not
WIDTHS = (60, 80, 120)
DRAWN = re.compile(r"[█│├└─…·#o+x%=*~&@]*")


def longer(text: str) -> str:
    text = text.replace("A threat <b>", "A menace <b>").replace("<u>seldom</u>", "<u>rarely</u>")
    for name, long in LONG.items():
        text = re.sub(rf"\b{name}\b", long, text)
    return text


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    room = tmp_path_factory.mktemp("widths")
    forecast = "forecasts:\n  - {who: A crowd, date: 2020-01-05, p: 0.4, event: war, like: outcome is war}\n"
    written = longer(CASE.replace("stages:\n", "periods: {count: 2, unit: month}\nstages:\n", 1)) + forecast
    (room / "threat.yaml").write_text(written, "utf-8")
    (room / "other.yaml").write_text(written.replace("0.2 to 2.0", "0.4 to 3.0"), "utf-8")
    return {"CASE": str(room / "threat.yaml"), "OTHER": str(room / "other.yaml")}


def printed(asked: list[str], files: dict[str, str], width: int, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(console, "_width", width)
    monkeypatch.setenv("COLUMNS", str(width))
    arguments = [files.get(a, longer(a)) for a in asked]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code in (0, 1), done.output
    return done.stdout


def words(text: str) -> set[str]:
    """What stands between spaces, without what is drawn, and without the colon that a heading takes in a paragraph."""
    found = {word.rstrip(":") for word in text.split() if not DRAWN.fullmatch(word)}
    return {word for word in found if not re.fullmatch(r"[\d.]+s?", word)}  # seconds of a run differ


@pytest.mark.parametrize("name", list(ASKED))
def test_nothing_is_broken_or_cut(name: str, files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    wide = printed(ASKED[name], files, 1000, monkeypatch)
    for width in WIDTHS:
        narrow = printed(ASKED[name], files, width, monkeypatch)
        assert words(narrow) - words(wide) == set(), f"broken at {width}"
        assert words(wide) - words(narrow) <= FIRST, f"cut at {width}"
        numbers = re.compile(r"[\d.]*\d%?")
        assert (
            set(numbers.findall(re.sub(r"[\d.]+ s;", "", wide)))
            == set(numbers.findall(re.sub(r"[\d.]+\s+s;", "", narrow)))
            or name == "map"
        ), f"a number is cut at {width}"
        for line in narrow.splitlines():
            assert len(line.rstrip()) <= width or len(line.split()) == 1, f"wider than {width}: {line}"


def test_a_tree_tells_its_periods(files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    shown = printed(ASKED["tree"], files, 120, monkeypatch)
    assert "month 1: The Northern League" in shown
    assert "month 2: The Northern League" in shown
    assert shown.index("month 1") < shown.index("month 2")
    assert "month 1: South’s nerve" not in shown


def test_one_that_is_left_out_is_not_each(files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    shown = printed(["tree", "CASE", *FEW, "--depth", "8"], files, 120, monkeypatch)
    left_out = re.findall(r"… (\d+) more, (each )?in less than 2% of all play", shown)
    assert left_out
    assert shown.count(" more, ") == len(left_out)
    assert all((n != "1") == bool(each) for n, each in left_out)


def test_rows_of_breaking_points_hang_together(files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What a name goes on with stands under it, and not where the claims begin."""
    shown = printed(["breaking", "CASE", *FEW], files, 60, monkeypatch)
    table = shown[shown.index("  assumption") :].partition("  alone")[0].partition("  no single")[0]
    rows = [row for row in table.splitlines() if row.strip()]
    assert len(rows) > 3
    assert all(row.startswith("  ") for row in rows)


def test_paths_stay_whole(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(console, "_width", 60)
    path = Path("a-folder-with-a-long-name") / "another-folder-with-a-longer-name" / "report.html"
    console.print(f"[dim]written:[/dim] {path}")
    assert str(path) in capsys.readouterr().out


@pytest.mark.parametrize(
    "name", ["run", "tree", "sense", "learn", "worth", "gradients", "discover", "breaking", "compare", "map"]
)
def test_things_have_the_names_that_people_give_them(
    name: str, files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No key of the file stands where words should, and the words of the model say what a thing is."""
    shown = printed(ASKED[name], files, 200, monkeypatch)
    keys = [key for key in LONG.values() if key in shown]
    assert keys == []
    assert "South.nerve" not in shown
    told = {
        "run": "ceded without a single shot: it is given up",
        "breaking": "what a long war would cost: what a war costs <the> north & all",
    }
    assert told.get(name, "") in shown


def test_bars_shrink_alike_before_names_give_way(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = Plain()
    table.add_column("outcome")
    table.add_column("")
    for k in (40, 20, 10):
        table.add_row(f"an ending with {k} in its name", f"[blue]{'█' * k}[/blue]")
    lengths = {}
    for width in (90, 60, 34):
        monkeypatch.setattr(console, "_width", width)
        console.print(table)
        shown = capsys.readouterr().out
        assert shown.count("in its name") == 3, "a name was broken over two lines"
        lengths[width] = [line.count("█") for line in shown.splitlines()[1:]]
    assert lengths == {90: [40, 20, 10], 60: [29, 14, 7], 34: [0, 0, 0]}
