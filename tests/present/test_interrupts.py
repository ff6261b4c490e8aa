"""Ctrl-C at any moment, a terminal without the characters, a full disk behind the output, a reader that is gone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.present.test_outputs import MODEL

CODE = "from detente.present.cli.start import main; import sys; sys.argv[0] = 'detente'; main()"
BEGUN = CODE.replace("import sys", "open('begun', 'w').close(); import sys")  # Python itself is up
LINE = "interrupted; "
SOON = 4.0  # seconds: two are promised, on a machine that is not busy with all other tests


def begun(*words: str, cwd: Path, **rest: object) -> subprocess.Popen[str]:
    """A command whose Ctrl-C is as in a terminal, in a group of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", BEGUN, *words], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None, **rest,  # type: ignore[call-overload]
    )  # fmt: skip


def pressed(process: subprocess.Popen[str], group: bool = False) -> tuple[str, str]:
    """What a command says after Ctrl-C."""
    (os.killpg if group else os.kill)(process.pid, signal.SIGINT)
    start = time.monotonic()
    out, err = process.communicate(timeout=30)
    assert time.monotonic() - start < SOON
    assert process.returncode == 130, err
    return out, err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "m.yaml").write_text(MODEL)
    return tmp_path


@pytest.mark.parametrize("group", [False, True], ids=["alone", "group"])
@pytest.mark.parametrize("after", [0.0, 0.2, 0.6])
def test_while_a_command_starts(after: float, group: bool, folder: Path) -> None:
    process = begun("run", "ukraine-2022", "-n", "100000", "--no-store", cwd=folder)
    while not (folder / "begun").exists():
        time.sleep(0.01)
    time.sleep(after)
    out, err = pressed(process, group)
    assert out == ""
    assert err.startswith(LINE)
    assert len(err.splitlines()) == 1
    assert sorted(path.name for path in folder.iterdir()) == ["begun", "m.yaml"]


def test_while_draws_are_solved(folder: Path) -> None:
    store = folder / "store"
    environment = {**os.environ, "DETENTE_STORE": str(store)}
    process = begun("run", "m.yaml", "-n", "10000000", "--json", cwd=folder, env=environment)
    while not list(store.rglob("*.batch")):
        assert process.poll() is None
        time.sleep(0.05)
    out, err = pressed(process)
    assert err == f"{LINE}what was solved is kept, and the same command goes on from there\n"
    if out:  # whoever is too slow to show what is solved has it in the store
        assert json.loads(out)["interrupted"]
    assert sorted(path.name for path in folder.iterdir()) == ["begun", "m.yaml", "store"]


PRESSED = """
import os, signal, sys
from detente.present.cli import interrupts, start
import detente.study.dossier, detente.study.memo.rerun
place, name, after = {moment!r}
owner = sys.modules[place] if place in sys.modules else detente.study.memo.rerun.Again
whole = getattr(owner, name)
def pressed(*given, **named):
    made = whole(*given, **named) if after else None
    os.kill(os.getpid(), signal.SIGINT)
    return made if after else whole(*given, **named)
setattr(owner, name, pressed)
interrupts.PATIENCE = 60.0
sys.argv[0] = "detente"
start.main()
"""
MOMENTS = {"all is kept": ("Again", "keep", True), "more is looked for": ("detente.study.dossier", "dossier", False)}


@pytest.mark.parametrize("moment", MOMENTS)
def test_while_more_is_made_of_solved_draws(moment: str, folder: Path) -> None:
    """All draws are solved, and what would flip the claims is looked for: the answers are shown all the same.

    The command presses Ctrl-C itself, at that moment, and is given time to answer, so that it is no matter how busy the
    machine is.
    """
    environment = {**os.environ, "DETENTE_STORE": str(folder / "store")}
    ended = subprocess.run(
        [sys.executable, "-c", PRESSED.format(moment=MOMENTS[moment]), "run", "ukraine-2022", "-n", "200"], cwd=folder,
        env=environment, capture_output=True, text=True, check=False,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,
    )  # fmt: skip
    assert ended.returncode == 130, ended.stderr
    assert ended.stderr == f"{LINE}what was solved is kept, and the same command goes on from there\n"
    assert "Interrupted: 200 of 200 draws are done and shown." in ended.stdout
    assert "how it ends" in ended.stdout
    assert list((folder / "store").rglob("*.read"))
    assert not list(folder.rglob("*.html"))


def done(*words: str, cwd: Path, **rest: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", CODE, *words]
    return subprocess.run(command, cwd=cwd, text=True, errors="replace", check=False, stderr=subprocess.PIPE, **rest)  # type: ignore[call-overload, no-any-return]


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1:strict"])
def test_a_terminal_without_the_characters(encoding: str, folder: Path) -> None:
    """`run` draws bars, and `--help` boxes."""
    (folder / "m.yaml").write_text(MODEL.replace("title: Small", "title: Киев – “×” é"))
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    words = ("run", "m.yaml", "-n", "20", "--no-report")
    shown = done(*words, cwd=folder, env=environment, stdout=subprocess.PIPE)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "how it ends" in shown.stdout
    plain = done(*words, "--json", cwd=folder, env=environment, stdout=subprocess.PIPE)
    assert json.loads(plain.stdout)["draws"] == 20
    named = done("check", "\udcff.yaml", cwd=folder, stdout=subprocess.PIPE)
    assert "?.yaml: there is no such case" in named.stdout + named.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there are no pipes on this system")
@pytest.mark.parametrize(
    "words", [("check", "m.yaml"), ("run", "m.yaml", "-n", "20", "--json"), ("--help",), ("cases",)]
)
def test_output_that_is_full_is_one_sentence(words: tuple[str, ...], folder: Path) -> None:
    with Path("/dev/full").open("w") as full:
        ended = done(*words, cwd=folder, stdout=full)
    assert ended.returncode == 2
    assert ended.stderr == "the output cannot be written: No space left on device\n"


def test_a_reader_that_is_gone_ends_it_quietly(folder: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    ended = done("cases", cwd=folder, stdout=write)
    os.close(write)
    assert ended.returncode == -signal.SIGPIPE
    assert ended.stderr == ""


@pytest.mark.skipif(os.name != "posix", reason="there are no such streams on this system")
@pytest.mark.parametrize("closed", [0, 2, 1])
@pytest.mark.parametrize("words", [("run", "m.yaml", "-n", "20", "--no-report"), ("tip", "m.yaml", "cost", "-n", "20")])
def test_a_stream_that_is_closed(words: tuple[str, ...], closed: int, folder: Path) -> None:
    """Nobody need be there to hear what goes wrong, nor to say anything; without an output there is no answer."""
    ended = done(*words, cwd=folder, stdout=subprocess.PIPE, preexec_fn=lambda: os.close(closed))
    if closed == 1:
        assert (ended.returncode, ended.stdout) == (2, "")
        assert ended.stderr == "standard output is closed, so nothing can be printed\n"
    else:
        assert (ended.returncode, ended.stderr) == (0, "")
        assert "war" in ended.stdout
    if closed == 0:
        empty = done("check", "-", cwd=folder, stdout=subprocess.PIPE, preexec_fn=lambda: os.close(0))
        assert empty.returncode == 2
        assert len(empty.stderr + empty.stdout) < 400
        assert "Traceback" not in empty.stderr
