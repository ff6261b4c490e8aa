"""PyYAML with its scanner in C and without: the same data, places and problems."""

from __future__ import annotations

import time

import pytest
import yaml as pyyaml

from detente.model import events, yaml
from detente.model.catalogue import library
from tests.model.regenerate_mistakes import FILES
from tests.model.test_hostile import TEXTS

OTHERS = {
    "a mark in a mapping": "a: {b: who?, c: is it? yes, d: [why?, a?b], e: x ? y}\n? f\n: g\nh: {? i : j}\n",
    "tabs": "a: b\tc\nd:\te\nf: {g:\th,\ti: j}\nk: l\t# m\nn: o\t\np: 'q\tr'\ns: |\n  t\tu\nv: [\tw,\tx ]\n",
    "tabs that indent": "a:\n\tb: c\n",
    "many tabs": "a: b" + "\t" * 100_000 + "c\n",
    "many spaces": "a: {b: c" + " " * 100_000 + "d, e: f?}\n",
    "folds": "a: >-\n  b\n\n  c\nd: |2\n   e\nf: \"g\\\n  h\"\ni: 'j\n\n  k'\nl: m\n  n\n",
    "in the way": "a: b: c\nd: *e\n",
    "two": "a: b\n---\nc: d\n",
    "for private use": "a: {b: \ue000?}\n",
}
SLOW = ("many parts", "open parentheses", "open parentheses in a list", "too long")


def texts() -> dict[str, str]:
    cases = {name: library()[name] for name in ("crisis-signalling", "kuwait-1990", "ukraine-2022")}
    found = {**cases, **{path.name: path.read_text(encoding="utf-8") for path in FILES}, **OTHERS}
    return found | {name: text for name, (text, _) in TEXTS.items() if name not in SLOW}


def read(text: str, name: str, loader: type, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(events, "Loader", loader)
    found = yaml.read(text, name)
    problems = [f"{problem.place} {problem.message}" for problem in found.problems]
    return repr((found.data, {path: (place, place.turns) for path, place in found.places.items()}, problems))


@pytest.mark.skipif(not hasattr(pyyaml, "CSafeLoader"), reason="PyYAML has no scanner in C here")
def test_a_text_means_the_same_with_both(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = pyyaml.CSafeLoader
    found = {name: read(text, name, fast, monkeypatch) for name, text in texts().items() if name != "for private use"}
    pure = {name: read(texts()[name], name, pyyaml.SafeLoader, monkeypatch) for name in found}
    different = [name for name in found if found[name] != pure[name]]
    assert different == []


@pytest.mark.parametrize("name", SLOW)
def test_hostile_texts_end_with_either(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scanner in Python is slow, and still bounded: by the length of a file and the number of its parts."""
    begun = time.thread_time()
    assert TEXTS[name][1] in read(TEXTS[name][0], name, pyyaml.SafeLoader, monkeypatch)
    assert time.thread_time() - begun < 20


def test_there_is_a_place_for_every_mistake(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the scanner in Python says is put into the same words."""
    monkeypatch.setattr(events, "Loader", pyyaml.SafeLoader)
    for text, said in (
        ("a: {b: c", "a mapping that is not closed"),
        ("a: 'b", "a quotation mark"),
        ("a: b: c", "a colon"),
    ):
        (problem,) = yaml.read(text, "x").problems
        assert said in problem.message
