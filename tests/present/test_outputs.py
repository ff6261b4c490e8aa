"""What commands write, and over what they do not; what they read from a pipe."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from detente.game.files.efg import read_efg
from detente.study.games import solve_game

MODEL = """title: Small
actors: {A: one, B: two}
quantities: {cost: 0.1 to 0.5}
stages:
  move: {actor: A, moves: [press, rest]}
  reply: {actor: B, moves: [fight, give], when: move is press}
outcomes: {quiet: {when: move is rest}, war: {when: reply is fight}, won: {when: reply is give}}
payoffs: {A: {good: 1 * (outcome is won), blood: -cost * (outcome is war)}, B: {calm: 1 * (outcome is quiet)}}
claims: {peace: {says: war is unlikely, holds: P(outcome is war) < 0.5}}
"""
GAME = 'NFG 1 R "" { "A" "B" } { 2 2 } 1 1 0 0 0 0 1 1\n'


def detente(
    *words: str, cwd: Path, text: str = "", full: int = 0, environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own. `full`: bytes that a file can have, as on a disk that is full after that.

    (Python itself writes half of a file of bytecode then, and believes it ever after: it is told to write none.)
    """

    def limit() -> None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (full, full))

    code = "from detente.present.cli.app import main; main()"
    return subprocess.run(
        [sys.executable, "-c", code, *words], cwd=cwd, input=text, capture_output=True, text=True, check=False,
        preexec_fn=limit if full else None,
        env={**os.environ, "COLUMNS": "100", "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})},
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "m.yaml").write_text(MODEL)
    (tmp_path / "over.yaml").write_text("extends: m.yaml\ntitle: Another\n")
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ("run", "m.yaml", "-n", "20", "--report", "m.yaml"),
        ("run", "over.yaml", "-n", "20", "--report", "m.yaml"),
        ("run", "over.yaml", "-n", "20", "--report", "x/../over.yaml"),
        ("run", "m.yaml", "-n", "20", "--report", "mine.nc"),
        ("claims", "over.yaml", "-n", "20", "--report", "./m.yaml"),
        ("compare", "m.yaml", "over.yaml", "-n", "20", "--report", "over.yaml"),
        ("report", "m.yaml", "m.yaml", "-n", "20", "--only", "statics"),
        ("report", "m.yaml", "over.yaml", "-n", "20", "--only", "statics", "--against", "over.yaml"),
        ("export", "over.yaml", "--efg", "m.yaml"),
        ("run", "m.yaml", "-n", "20", "--out", "r.html", "--report", "r.html"),
        ("brief", "m.yaml", "r.html", "-n", "20", "--pdf", "r.html/x.pdf"),
    ],
)
def test_a_model_is_never_written_over(words: tuple[str, ...], folder: Path) -> None:
    (folder / "x").mkdir()
    done = detente(*words, cwd=folder)
    assert done.returncode == 2, done.stdout + done.stderr
    assert "choose another" in done.stderr
    assert done.stdout == ""
    assert (folder / "m.yaml").read_text() == MODEL
    assert (folder / "over.yaml").read_text().startswith("extends")
    assert not list(folder.glob("*.nc"))


def test_a_report_goes_through_a_pipe(folder: Path) -> None:
    done = detente("run", "m.yaml", "-n", "20", "--report", "/dev/stdout", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "<!doctype html>" in done.stdout
    assert sorted(path.name for path in folder.iterdir()) == ["m.yaml", "over.yaml"]


def test_a_full_disk_costs_files_and_not_answers(folder: Path) -> None:
    done = detente("run", "m.yaml", "-n", "200", "--out", "new", cwd=folder, full=2000)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert "how it ends" in done.stdout
    assert "the report cannot be written to new/m.html: File too large" in done.stderr
    assert "the results cannot be written to new/m.nc: File too large" in done.stderr
    assert list((folder / "new").iterdir()) == []
    whole = detente("report", "m.yaml", "w.html", "-n", "200", "--only", "statics", cwd=folder, full=2000)
    assert whole.returncode == 2
    assert "how it ends" in whole.stdout
    assert "the report cannot be written to w.html: File too large" in whole.stderr


def test_models_and_games_are_read_from_standard_input(folder: Path) -> None:
    checked = detente("check", "-", cwd=folder, text=MODEL)
    assert checked.returncode == 0, checked.stderr
    wrong = detente("check", "-", cwd=folder, text=MODEL.replace("move is rest", "mov is rest"))
    assert wrong.returncode == 2
    assert "<stdin>:7:26:" in wrong.stdout + wrong.stderr
    below = detente("run", "-", "-n", "20", "--json", cwd=folder, text="extends: m.yaml\ntitle: Below\n")
    assert json.loads(below.stdout)["case"] == "stdin"
    solved = detente("solve", "-", "--json", cwd=folder, text=GAME)
    assert len(json.loads(solved.stdout)["points"]) == 2
    nothing = detente("solve", "-", cwd=folder)
    assert nothing.returncode == 2
    assert "<stdin>:1:1" in nothing.stderr


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="there are no pipes on this system")
def test_models_and_games_are_read_from_what_another_command_writes(folder: Path) -> None:
    for text, command in ((MODEL, "check"), (GAME, "solve")):
        read, write = os.pipe()
        os.write(write, text.encode())
        os.close(write)
        code = "from detente.present.cli.app import main; main()"
        words = [sys.executable, "-c", code, command, f"/dev/fd/{read}"]
        done = subprocess.run(words, cwd=folder, capture_output=True, text=True, pass_fds=[read], check=False)
        os.close(read)
        assert done.returncode == 0, done.stderr


STEERS = "\x1b[31mred\x9b"


def test_a_file_name_may_be_any_bytes(folder: Path) -> None:
    """It is written with a replacement where text is wanted; the store takes it."""
    (folder / "m.yaml").rename(folder / "b\udcff.yaml")
    environment = {"DETENTE_STORE": str(folder / "kept")}
    for words in (("run", "b\udcff.yaml", "-n", "20"), ("tip", "b\udcff.yaml", "cost", "-n", "20")):
        ended = detente(*words, cwd=folder, environment=environment)
        assert (ended.returncode, ended.stderr) == (0, "")
    assert (folder / "reports" / "b\ufffd.html").exists()
    assert "b\ufffd" in detente("store", cwd=folder, environment=environment).stdout
    assert detente("new", "c\udcff", cwd=folder).returncode == 0


def test_nothing_that_is_printed_steers_the_terminal(folder: Path) -> None:
    environment = {"DETENTE_STORE": str(folder / "kept")}
    (folder / "m.yaml").rename(folder / f"{STEERS}.yaml")
    ended = detente("run", f"{STEERS}.yaml", "-n", "20", cwd=folder, environment=environment)
    assert ended.returncode == 0
    assert "written: reports/\\x1b[31mred\\x9b.nc" in ended.stdout
    for about in (folder / "kept").rglob("about.json"):
        told = {**json.loads(about.read_text("utf-8")), "perception": f"[bold]{STEERS}", "method": STEERS}
        about.write_text(json.dumps(told), "utf-8")
    listed = detente("store", cwd=folder, environment=environment)
    assert listed.stdout.count("\\x1b[31mred\\x9b") >= 3
    assert "[bold]" in listed.stdout
    as_json = detente("store", "--json", cwd=folder, environment=environment)
    assert json.loads(as_json.stdout)["kept"][0]["method"] == STEERS
    wrong = detente("run", "m.yaml", f"--{STEERS}", cwd=folder)
    missing = detente("solve", f"{STEERS}.efg", cwd=folder)
    made = detente("new", STEERS * 2, cwd=folder)
    for one in (ended, listed, as_json, wrong, missing, made):
        assert not re.search("[\x1b\x9b]", one.stdout + one.stderr)


LARGE = 'EFG 2 R "" { "A" "B" } p "" 1 1 "" { "x" "y" } 0 p "" 2 1 "" { "l" "r" } 0 '
LARGE += 't "" 1 "" { 1e300, -1e300 } t "" 2 "" { -1e300, 1e300 } t "" 3 "" { 0, 0 }'


def test_numbers_that_overflow_are_no_warning_of_a_library(folder: Path) -> None:
    ended = detente("solve", "-", "--precision", "1,1e300", cwd=folder, text=LARGE)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.count("1:1  0.000000  1.000000") == 2
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (_, last) = solve_game(read_efg(LARGE), [1.0, 1e300])
    assert last.converged
    assert last.solution.behaviour[:, 0].tolist() == [0, 1, 0, 1]


def test_a_dash_is_standard_output_or_refused(folder: Path) -> None:
    shown = detente("export", "m.yaml", "--efg", "-", cwd=folder)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert read_efg(shown.stdout).tree.players == ("A", "B")
    (folder / "g.nfg").write_text(GAME)
    case = detente("import", "g.nfg", "--as", "-", cwd=folder)
    assert (case.returncode, case.stderr) == (0, "")
    assert detente("check", "-", cwd=folder, text=case.stdout).returncode == 0
    for words in (("run", "--report", "-"), ("claims", "--report", "-"), ("brief", "-"), ("brief", "--pdf", "-")):
        refused = detente(words[0], "m.yaml", *words[1:], "-n", "20", cwd=folder)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert "for standard output write /dev/stdout" in refused.stderr
    assert not (folder / "-").exists()
