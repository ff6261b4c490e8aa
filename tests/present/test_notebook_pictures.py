"""Pictures of results in a notebook: as SVG and PNG, and what is refused."""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from detente.errors import QuestionError
from detente.present.figures.api import pictures
from detente.present.notebook import plot as plots
from detente.present.notebook.embedding import flat
from tests.present.shown import solved, whole


def test_a_picture_is_had_as_svg_and_png(tmp_path: Path) -> None:
    study = solved()
    assert study.plots == tuple(pictures(study))
    picture = study.plot("outcomes")
    assert study.plot().name == study.plots[0] == "outcomes"
    assert picture.svg == pictures(study)["outcomes"], "as the workbench exports it"
    picture.write(tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_text("utf-8") == picture.svg
    picture.write(str(tmp_path / "a.PNG"))
    content = (tmp_path / "a.PNG").read_bytes()
    root = ElementTree.fromstring(picture.svg)
    width, height = struct.unpack(">II", content[16:24])
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert (width, height) == (round(2 * float(root.get("width") or 0)), round(2 * float(root.get("height") or 0)))
    assert struct.unpack(">II", picture.png(scale=1)[16:24]) == (width // 2, height // 2)
    bundle = picture._repr_mimebundle_()  # type: ignore[attr-defined]
    assert bundle.keys() == {"text/plain", "text/html", "image/svg+xml"}
    whole(bundle["text/html"])
    assert "\n" not in repr(picture)
    ElementTree.fromstring(bundle["image/svg+xml"])


def test_a_png_has_the_colours_and_the_words_of_the_picture() -> None:
    study = solved()
    picture = study.plot("outcomes")
    plain = flat(picture.svg)
    assert "var(" not in plain
    assert ":root" not in plain
    assert "@media" not in plain
    pixels = decoded(picture.png(scale=1))
    ground, ink = (0xFF, 0xFE, 0xFB), (0x1D, 0x21, 0x26)
    assert tuple(pixels[2, 2]) == ground
    near = np.abs(pixels[:60, 16:300].astype(int) - ink).sum(axis=2) < 60
    assert near.sum() > 50, "the title is written"


def decoded(content: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """[rows, columns, 3] the pixels of a PNG file of eight bits."""
    at, data, head = 8, b"", (0, 0, 0)
    while at < len(content):
        size, kind = struct.unpack(">I4s", content[at : at + 8])
        body = content[at + 8 : at + 8 + size]
        if kind == b"IHDR":
            wide, high, depth, colour = struct.unpack(">IIBB", body[:10])
            assert depth == 8
            head = (high, wide, {2: 3, 6: 4}[colour])
        data += body if kind == b"IDAT" else b""
        at += 12 + size
    high, wide, channels = head
    raw = np.frombuffer(zlib.decompress(data), np.uint8).reshape(high, 1 + wide * channels)
    rows = np.zeros((high, wide * channels), np.uint8)
    for k in range(high):
        rows[k] = unfiltered(int(raw[k, 0]), raw[k, 1:].astype(int), rows[k - 1].astype(int) if k else None, channels)
    return rows.reshape(high, wide, channels)[:, :, :3]


def unfiltered(kind: int, row: Any, above: Any, channels: int) -> Any:
    """A row of a PNG file, of which each byte is told by its difference from what is beside and above it (RFC 2083)."""
    above = np.zeros_like(row) if above is None else above
    if kind in (0, 2):
        return (row + (above if kind == 2 else 0)) % 256
    made = row.copy()
    for x in range(len(row)):
        left, corner = (made[x - channels], above[x - channels]) if x >= channels else (0, 0)
        guess = left + above[x] - corner
        nearest = min((left, above[x], corner), key=lambda c: abs(guess - c))
        made[x] = (row[x] + {1: left, 3: (left + above[x]) // 2, 4: nearest}[kind]) % 256
    return made


def test_what_a_picture_cannot_be_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    study = solved()
    with pytest.raises(QuestionError, match="did you mean 'outcomes'"):
        study.plot("outcome")
    with pytest.raises(QuestionError, match="takes no who; it takes `of`"):
        study.plot("drivers", who="A")
    with pytest.raises(QuestionError, match=r"ends in neither of \.svg and \.png"):
        study.plot().write(tmp_path / "a.jpg")
    with pytest.raises(QuestionError, match="a Finding has no picture"):
        study.outcomes["war"].plot()
    with pytest.raises(QuestionError, match=r"choose one from 0\.1 to 10"):
        study.plot().png(scale=1e6)
    plots._writes.cache_clear()
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "resvg_py", None)
        with pytest.raises(QuestionError, match=r"pip install 'detente\[png\]'"):
            study.plot().write(tmp_path / "a.png")
    with monkeypatch.context() as patch:
        patch.setattr(plots, "_writes", lambda: False)
        with pytest.raises(QuestionError, match="no font was found"):
            study.plot().write(tmp_path / "a.png")
    assert list(tmp_path.iterdir()) == []


def test_a_picture_of_a_study_is_told_what_it_is_about() -> None:
    study = solved()
    assert study.plot("why", who="B").svg != study.plot("why", who="A").svg
    assert "B" in study.plot("why", who="B").title
