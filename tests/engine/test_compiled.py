"""Compiled models that are kept are those that would be compiled again, and nothing is compiled where one is kept."""

from __future__ import annotations

from typing import NoReturn

import pytest

import detente
from detente.analyse.forecast.claims import Question
from detente.engine.store import compiled
from detente.engine.store.codec import decode, encode
from detente.engine.store.files import COMPILED
from detente.engine.store.fingerprint import meaning
from detente.engine.store.store import Store, StoreWarning, default_folder
from detente.game.compile import compile_model
from detente.game.packed import Packed
from detente.model.catalogue import library
from detente.model.load import load
from detente.study.summary import summary
from tests.cases.editions import FIRST_EDITION

CASE = FIRST_EDITION


@pytest.mark.parametrize("case", [FIRST_EDITION, *(c for c in library() if not load(c).structures)])
def test_what_is_kept_is_the_same_model(case: str) -> None:
    model = load(case)
    grown = compile_model(model)
    claims = [claim.holds.expression for claim in model.claims.values()]
    asked = [[(a.rows, a.given) for a in Question(grown, claim).asked] for claim in claims]
    again = decode(encode(Packed.of(grown)), (Packed,), Packed).unpacked(model)
    assert [[(a.rows, a.given) for a in Question(again, claim).asked] for claim in claims] == asked
    assert again.tape.rows == grown.tape.rows, "nothing was lowered again"
    assert meaning(again) == meaning(grown)
    one, other = again.tree, grown.tree
    assert (one.labels, one.infosets) == (other.labels, other.infosets)
    assert ([*one.places], [*one.tags]) == ([*other.places], [*other.tags])
    assert (again.warnings, again.term_names, again.chance_rows) == (
        grown.warnings,
        grown.term_names,
        grown.chance_rows,
    )


def never(*_: object) -> NoReturn:
    raise AssertionError("compiled again")


def test_a_second_command_compiles_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    detente.run(CASE, draws=20, store=Store())
    plain = summary(detente.run(CASE, draws=20, seed=2))
    monkeypatch.setattr(compiled, "compile_model", never)
    assert summary(detente.run(CASE, draws=20, seed=2, store=Store())) == plain
    with pytest.raises(AssertionError, match="compiled again"):
        detente.run(CASE, draws=20, set={"breach": 0.5}, store=Store())


def test_a_damaged_tree_is_grown_again() -> None:
    first = summary(detente.run(CASE, draws=20))
    detente.run(CASE, draws=20, seed=2, store=Store())
    (file,) = default_folder().rglob(f"*{COMPILED}")
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.warns(StoreWarning, match="damaged"):
        assert summary(detente.run(CASE, draws=20, store=Store())) == first
