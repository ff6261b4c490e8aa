"""Files are written whole or not at all, and never over what is read."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from detente.errors import QuestionError
from detente.output import keep_apart, unfinished, write_whole


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_replaced_whole_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")
    path.chmod(0o640)
    write_whole(path, b"new")
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert names(tmp_path) == ["page.html"]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["full", "ctrl-c"])
def test_what_goes_wrong_leaves_the_old_file_and_nothing_else(
    error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")

    def broken(_: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(type(error)):
        write_whole(path, b"new")
    assert path.read_text() == "old"
    assert names(tmp_path) == ["page.html"]
    assert not unfinished


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "link.html").symlink_to(Path("below") / "page.html")
    for content in (b"first", b"second"):
        write_whole(tmp_path / "link.html", content)
        assert (tmp_path / "below" / "page.html").read_bytes() == content
    assert (tmp_path / "link.html").is_symlink()
    assert names(tmp_path / "below") == ["page.html"]


def test_what_is_no_file_is_written_as_it_is(tmp_path: Path) -> None:
    write_whole("/dev/null", b"x")
    code = "import sys; from detente.output import write_whole; write_whole(sys.argv[1], b'through')"
    piped = subprocess.run([sys.executable, "-c", code, "/dev/stdout"], stdout=subprocess.PIPE, check=True)
    assert piped.stdout == b"through"
    with (tmp_path / "out").open("wb") as file:
        subprocess.run([sys.executable, "-c", code, "/dev/stdout"], stdout=file, check=True)
    assert (tmp_path / "out").read_bytes() == b"through"
    assert names(tmp_path) == ["out"]


def same(path: Path) -> Path:
    return path


def around(path: Path) -> Path:
    return path.parent / "below" / ".." / path.name


def linked(path: Path) -> Path:
    (path.parent / "link").symlink_to(path)
    return path.parent / "link"


def through_a_linked_folder(path: Path) -> Path:
    (path.parent / "elsewhere").symlink_to(path.parent)
    return path.parent / "elsewhere" / path.name


def hard_linked(path: Path) -> Path:
    (path.parent / "hard").hardlink_to(path)
    return path.parent / "hard"


SPELLINGS = (same, around, linked, through_a_linked_folder, hard_linked)


@pytest.mark.parametrize("spelt", SPELLINGS)
def test_nothing_is_written_over_what_is_read(spelt: Callable[[Path], Path], tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    model = tmp_path / "m.yaml"
    model.write_text("a model")
    with pytest.raises(QuestionError, match=r"the page would be written over .*m\.yaml"):
        keep_apart({"the page": spelt(model)}, [tmp_path / "other.yaml", model])
    keep_apart({"the page": tmp_path / "m.html", "nothing": None}, [model])


@pytest.mark.parametrize("name", ["a.nc", "A.NC", "below/../a.nc"])
def test_two_things_do_not_go_to_one_file(name: str, tmp_path: Path) -> None:
    """Capitals may make no difference on the disk that a file is made on."""
    (tmp_path / "below").mkdir()
    with pytest.raises(QuestionError, match="to one file"):
        keep_apart({"the report": tmp_path / "a.nc", "the results": tmp_path / name}, [])
    keep_apart({"the report": Path("/dev/null"), "the results": Path("/dev/null")}, [])
